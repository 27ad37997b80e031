"""Questions for an eval set made from the library itself, without a model; all drafts, until somebody accepts them.

What a question asks for (`mining`) is replaced in its place by a question word: "建成中试车间23间" gives
"望江区建成中试车间多少间？", "opened on 23 April 2024" gives "opened on which date?". A fact that several
paragraphs state has them all as evidence; a question with several answers is dropped. The same library gives the same
drafts.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from eval.authoring.mining import COMMA, Kind, Mined, mine
from eval.cases import Case, Evidence, Fact, FactKind, Quote, language_of
from index.records import Paragraph
from index.text import fold, is_cjk, squeeze
from index.words import query_words, words

_NUMERAL = re.compile(r"(?:minus\s|-)?[\d.,]+\s?(?:[十百千万亿萬億]+|(?:thousand|million|billion|trillion)(?!\w))?")
_LEANING = re.compile(r"其中|并|並|均|其|同比|比上年|较上年|較上年|较前|較前|首期|每|占|设|設|于|於|供")
"""How a Chinese clause begins that says nothing without the one before it."""
_NO_ENTITY = re.compile(r"[\d、，]|^第|[\u3400-\u9fff]\s|\s[\u3400-\u9fff]")
"""Numbered titles are no entities."""
_ASKED: Mapping[Kind, tuple[FactKind, str, str, str]] = {
    "figure": ("number", "how many", "多少", "多少"),
    "share": ("number", "what percentage", "百分之多少", "百分之多少"),
    "date": ("date", "which date", "什么时候", "什麼時候"),
    "title": ("entity", "which one", "哪一部", "哪一部"),
    "list": ("text", "which things", "哪", "哪"),
}
"""Kind of the fact, and the question word in English, simplified and traditional Chinese."""
_SHORTEST, _SHORTEST_ALONE = 6, 10
"""Characters of a clause, its question word included, up to which it says too little to ask for a title: when the
question names an entity, and when it does not."""
_HOLDS = 0.5
"""Share of an attribute's words from which a paragraph may speak of it."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A question with the place that answers it."""

    question: str
    """As drafted."""
    mined: Mined
    """What it asks for."""
    paragraph: Paragraph
    """Where that stands."""
    attribute: str
    """The question's clause without the entity it is asked about."""
    entity: str
    """The heading that the question names, one of several of its kind; empty when there is none."""


def draft_cases(paragraphs: Sequence[Paragraph], per_paragraph: int = 3) -> list[Case]:
    """At most so many questions about each paragraph, of different kinds where it can be, and one false premise."""
    siblings = _siblings(paragraphs)
    drafts = _unambiguous([draft for paragraph in paragraphs for draft in _drafts(paragraph, siblings)])
    cases: list[Case] = []
    for paragraph in paragraphs:
        own = [same for same in drafts if same[0].paragraph is paragraph]
        cases += [_answerable(same) for same in _varied(own)[:per_paragraph]]
        premises = (_false_premise(same[0], siblings, paragraphs) for same in own)
        cases += [case for case in premises if case][:1]
    return cases


def unanswerable_cases(left_out: Sequence[Paragraph], kept: Sequence[Paragraph], per_paragraph: int = 3) -> list[Case]:
    """The questions about paragraphs that a library lacks: the right answer is to refuse.

    What the paragraphs that it keeps state as well is not asked.
    """
    siblings = _siblings([*left_out, *kept])
    known = {fold(draft.question) for paragraph in kept for draft in _drafts(paragraph, siblings)}
    cases: list[Case] = []
    for paragraph in left_out:
        own = [[draft] for draft in _drafts(paragraph, siblings) if fold(draft.question) not in known]
        cases += [
            _unanswerable(draft, "unanswerable", "Its paragraph was left out.")
            for [draft] in _varied(own)[:per_paragraph]
        ]
    return cases


def _drafts(paragraph: Paragraph, siblings: Mapping[str, Sequence[str]]) -> list[Draft]:
    """Every question that the paragraph's own words give."""
    label = paragraph.heading[-1] if paragraph.heading else ""
    entity = label if label in siblings else ""
    found = []
    for mined in mine(paragraph.text):
        clause = _ask(paragraph.text, mined, mined.clause)
        question = _completed(clause, paragraph.text, mined, entity)
        if _says_enough(clause, question, mined, entity):
            found.append(Draft(_punctuated(question), mined, paragraph, clause, entity))
    return found


def _says_enough(clause: str, question: str, mined: Mined, entity: str) -> bool:
    """Whether the question neither gives the answer away nor is left with a bare verb: 开通什么？"""
    given = mined.kind in ("title", "list") and any(fold(answer) in fold(question) for answer in mined.answers)
    told = question if not entity else clause
    return not given and (mined.kind != "title" or len(told) > (_SHORTEST if entity else _SHORTEST_ALONE))


def _ask(text: str, mined: Mined, clause: tuple[int, int]) -> str:
    """The clause with a question word in the place of what is asked for."""
    wording = _question_word(text, mined)
    start, end = clause
    return squeeze(text[start : mined.start] + wording + text[_after(text, mined) : end]).strip("。.;；,， ")


def _after(text: str, mined: Mined) -> int:
    """Where the words after what is asked for begin; the 等 that ends an enumeration belongs to it."""
    return mined.end + (mined.kind == "list" and text.startswith("等", mined.end))


def _question_word(text: str, mined: Mined) -> str:
    asked, language = text[mined.start : mined.end], language_of(text)
    word = _ASKED[mined.kind][("en", "zh", "zh-Hant").index(language) + 1]
    if mined.kind == "figure":
        unit = _NUMERAL.sub("", asked, count=1).strip()
        return f"{word} {unit}".strip() if language == "en" else word + unit
    if mined.kind == "list" and language != "en" and not _counted(text, _after(text, mined)):
        return word + "些"
    if mined.kind == "title" and asked[0] != "《" and language != "en":
        return "什麼" if language == "zh-Hant" else "什么"
    return word


def _counted(text: str, end: int) -> bool:
    """Whether a count follows the enumeration: 三个专业方向."""
    return end < len(text) and not text.startswith(("，", "。", "；"), end)


def _completed(clause: str, text: str, mined: Mined, entity: str) -> str:
    """A clause gets back what it leans on: the clause before it or the sentence's first one, and the entity."""
    if is_cjk(text) and not (entity and _names(clause, entity)):
        before = squeeze(text[mined.sentence[0] : mined.clause[0]]).rstrip("，；：,;:")
        if before and (not entity or _LEANING.match(clause)):
            clauses = COMMA.split(before)
            clause = f"{clauses[-1 if _LEANING.match(clause) else 0]}，{clause}"
    if not entity or _names(clause, entity):
        return clause
    return f"{entity}{clause}" if is_cjk(text) else f"{entity}: {clause}"


def _punctuated(question: str) -> str:
    return question + "？" if is_cjk(question) else question[0].upper() + question[1:].rstrip("?") + "?"


def _unambiguous(drafts: Iterable[Draft]) -> list[list[Draft]]:
    """Drafts with the same question together; without those questions that have several answers."""
    by_question: dict[str, list[Draft]] = {}
    for draft in drafts:
        by_question.setdefault(fold(draft.question), []).append(draft)
    return [same for same in by_question.values() if len({tuple(map(fold, one.mined.answers)) for one in same}) == 1]


def _varied(drafts: Sequence[list[Draft]]) -> list[list[Draft]]:
    """One of each kind, then the second of each, and so on."""
    by_kind: dict[Kind, list[list[Draft]]] = {}
    for same in drafts:
        by_kind.setdefault(same[0].mined.kind, []).append(same)
    return [same for row in zip_longest(*by_kind.values()) for same in row if same]


def _answerable(same: Sequence[Draft]) -> Case:
    draft, mined = same[0], same[0].mined
    return Case(
        id=_id(draft, draft.question),
        question=draft.question,
        language=language_of(draft.question),
        type="list" if mined.kind == "list" else "single",
        facts=tuple(Fact(any_of=(squeeze(answer),), kind=_ASKED[mined.kind][0]) for answer in mined.answers),
        evidence=(Evidence(any_of=tuple(map(_quote, same))),),
        group=draft.paragraph.id,
        tags=(mined.kind,),
        status="draft",
        origin="draft",
    )


def _quote(draft: Draft) -> Quote:
    start, end = draft.mined.sentence
    paragraph = draft.paragraph
    return Quote(source=paragraph.source, quote=paragraph.text[start:end], start=paragraph.start + start)


def _false_premise(draft: Draft, siblings: Mapping[str, Sequence[str]], paragraphs: Sequence[Paragraph]) -> Case | None:
    """The figure of one entity asked of another of which no paragraph says such a thing; None when there is none."""
    if not draft.entity or draft.mined.kind not in ("figure", "share"):
        return None
    wanted = set(query_words(draft.attribute.replace(draft.entity, "")))
    for other in siblings[draft.entity]:
        about = [p for p in paragraphs if _names(" ".join((p.text, *p.heading)), other)]
        spoken = any(len(wanted & set(words(p.text))) >= _HOLDS * len(wanted) for p in about)
        question = _swapped(draft.question, draft.entity, other)
        if about and not spoken and not _names(question, draft.entity):
            note = f"Asked of {other}; it is {draft.entity} that the library says it of."
            return _unanswerable(draft, "false_premise", note, question)
    return None


def _unanswerable(draft: Draft, kind: str, note: str, question: str = "") -> Case:
    """The answer that would be right elsewhere is what only a wrong answer says."""
    question = question or draft.question
    content: dict[str, object] = {"id": _id(draft, kind + question), "question": question, "type": kind, "note": note}
    content |= {"forbidden": [squeeze(answer) for answer in draft.mined.answers], "group": draft.paragraph.id}
    return Case.model_validate(content | {"tags": [draft.mined.kind], "status": "draft", "origin": "draft"})


def _siblings(paragraphs: Sequence[Paragraph]) -> dict[str, list[str]]:
    """Each label with the others of its kind, next ones first: last headings that end alike, 望江区 and 松岭区."""
    last = (p.heading[-1] for p in paragraphs if p.heading)
    labels = list(dict.fromkeys(label for label in last if not _NO_ENTITY.search(label)))
    kinds: dict[str, list[str]] = {}
    for label in labels:
        kinds.setdefault(_ending(label), []).append(label)
    return {
        label: [*alike[i + 1 :], *alike[:i]]
        for alike in kinds.values()
        if len(alike) > 1
        for i, label in enumerate(alike)
    }


def _ending(label: str) -> str:
    """What labels of one kind share: the last word, or the last character and whether the label is short."""
    return label[-1] + str(len(label) <= 5) if is_cjk(label) else label.split()[-1]


def _stem(entity: str) -> str:
    """As texts call it: "Wangjiang" for "Wangjiang District"."""
    return entity if is_cjk(entity) else entity.rsplit(" ", 1)[0]


def _names(text: str, entity: str) -> bool:
    return fold(_stem(entity)) in fold(text)


def _swapped(question: str, entity: str, other: str) -> str:
    return question.replace(entity, other).replace(_stem(entity), _stem(other))


def _id(draft: Draft, key: str) -> str:
    """From what is asked and where it stands: the same draft has the same id in every run."""
    text = "\n".join((draft.paragraph.source, key))
    return "draft-" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:10]
