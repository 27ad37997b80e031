"""Do the footnotes hold? Against the gold evidence, and statement by statement against what they cite."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from index.records import Paragraph
from index.text import aligned
from prompts.citations import find_marks
from rag.checking.claims import check
from rag.types import HOLDING, Answer, Sentence

_QUOTED = re.compile(r"“([^“”]+)”|「([^「」]+)」|『([^『』]+)』|\"([^\"\n]+)\"")
MIN_QUOTED = 6
"""Characters from which words between quotation marks claim to be a source's own."""


Supports = Callable[[str, Sequence[Paragraph]], bool]
"""(statement without marks, cited paragraphs) -> whether they, taken together, support it."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence that makes a claim, and the paragraphs that it cites."""

    text: str
    """Without marks."""
    cited: tuple[Paragraph, ...]
    """In the order of its marks."""


def lex_2(statement: str, cited: Sequence[Paragraph]) -> bool:
    """The verifier: the product's own check, second version (quoted, supported and consistent count).

    Scores by different verifiers cannot be compared, so each has a name.
    """
    return bool(cited) and check(statement, cited).verdict in HOLDING


def remembered(supports: Supports) -> Supports:
    """The verifier, called once for each statement and what it cites: recall and precision ask the same again."""
    known: dict[tuple[str, tuple[str, ...]], bool] = {}

    def ask(statement: str, cited: Sequence[Paragraph]) -> bool:
        key = (statement, tuple(paragraph.id for paragraph in cited))
        if key not in known:
            known[key] = supports(statement, cited)
        return known[key]

    return ask


def statements(answer: Answer) -> list[Statement]:
    """The sentences that claim something; lead-ins and the like, where there is nothing to check, do not."""
    known = _cited(answer)
    return [
        Statement(sentence.text, tuple(known[mark] for mark in sentence.marks if mark in known))
        for sentence in answer.sentences
        if sentence.verdict != "nothing_to_check"
    ]


def gold_cite(cited: Collection[str], groups: Sequence[Collection[str]]) -> tuple[float | None, float | None]:
    """(precision, recall) of the cited paragraph ids: share that is gold, share of the evidence that is cited.

    Precision is None when nothing is cited, both are None without gold evidence.
    """
    if not groups:
        return None, None
    names = set(cited)
    gold = {name for group in groups for name in group}
    precision = len(names & gold) / len(names) if names else None
    return precision, sum(bool(names & set(group)) for group in groups) / len(groups)


def f1(precision: float | None, recall: float | None) -> float | None:
    """Harmonic mean; None without recall, 0 when nothing was there to be precise about."""
    if recall is None:
        return None
    return 2 * precision * recall / (precision + recall) if precision and recall else 0.0


def valid(answer: Answer) -> float | None:
    """Share of the marks in the text that resolve to a footnote whose paragraph was found; None without marks."""
    found = {identity for hit in answer.hits for identity in hit.paragraph_ids}
    good = {citation.mark for citation in answer.citations if citation.paragraph.id in found}
    numbers = [number for mark in find_marks(answer.text) for number in mark.numbers]
    return sum(number in good for number in numbers) / len(numbers) if numbers else None


def coverage(claims: Sequence[Statement]) -> float | None:
    """Share of the statements that cite anything; None without statements."""
    return sum(bool(claim.cited) for claim in claims) / len(claims) if claims else None


def recall(claims: Sequence[Statement], supports: Supports) -> float | None:
    """Citation recall of ALCE (Gao et al. 2023): share of the statements supported by all that they cite."""
    return sum(supports(claim.text, claim.cited) for claim in claims) / len(claims) if claims else None


def precision(claims: Sequence[Statement], supports: Supports) -> float | None:
    """Citation precision of ALCE: share of the citations that their statement needs; None when nothing is cited.

    One is needed when the statement is supported and this citation supports it alone, or the others do not without it.
    """
    needed = [_needed(claim, i, supports) for claim in claims for i in range(len(claim.cited))]
    return sum(needed) / len(needed) if needed else None


def quote_fidelity(answer: Answer) -> float | None:
    """Share of the quotations that are verbatim: the footnotes' quotes, and long words in quotation marks.

    A footnote's quote must be what stands at its offsets; words in quotation marks must stand in a cited paragraph,
    width, case and script aside. None when nothing is quoted.
    """
    known = _cited(answer)
    kept = [
        quote.text == citation.paragraph.text[quote.start - citation.paragraph.start :][: quote.end - quote.start]
        for citation in answer.citations
        if (quote := citation.quote)
    ]
    kept += [_verbatim(words, sentence, known) for sentence in answer.sentences for words in _quoted(sentence.text)]
    return sum(kept) / len(kept) if kept else None


def _needed(claim: Statement, i: int, supports: Supports) -> bool:
    if not supports(claim.text, claim.cited):
        return False
    others = claim.cited[:i] + claim.cited[i + 1 :]
    return supports(claim.text, claim.cited[i : i + 1]) or not supports(claim.text, others)


def _cited(answer: Answer) -> dict[int, Paragraph]:
    return {citation.mark: citation.paragraph for citation in answer.citations}


def _quoted(text: str) -> list[str]:
    words = (next(group for group in match.groups() if group) for match in _QUOTED.finditer(text))
    return [quoted for quoted in words if len(quoted) >= MIN_QUOTED]


def _verbatim(words: str, sentence: Sentence, known: Mapping[int, Paragraph]) -> bool:
    plain, _ = aligned(words)
    return any(plain in aligned(known[mark].text)[0] for mark in sentence.marks if mark in known)
