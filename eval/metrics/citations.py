"""Do the footnotes hold? Against the gold evidence, and statement by statement against what they cite."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

from eval.stats import f1, mean
from index.records import Paragraph
from index.text import aligned
from prompts.citations import find_marks
from rag.checking.claims import check
from rag.types import HOLDING, Answer

_QUOTED = re.compile(r"“([^“”]+)”|「([^「」]+)」|『([^『』]+)』|\"([^\"\n]+)\"")
MIN_QUOTED = 6
"""Characters from which words between quotation marks claim to be a source's own."""

Supports = Callable[[str, tuple[Paragraph, ...]], bool]
"""(statement without marks, cited paragraphs) -> whether they, taken together, support it."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence that makes a claim, and the paragraphs that it cites."""

    text: str
    """Without marks."""
    cited: tuple[Paragraph, ...]
    """In the order of its marks."""


@lru_cache(maxsize=256)  # recall and precision ask the same again
def lex_2(statement: str, cited: tuple[Paragraph, ...]) -> bool:
    """The verifier: the product's own check, second version (quoted, supported and consistent count).

    Scores by different verifiers cannot be compared, so each has a name.
    """
    return bool(cited) and check(statement, cited).verdict in HOLDING


def citation_scores(answer: Answer, claims: Sequence[Statement], supports: Supports = lex_2) -> dict[str, float | None]:
    """Each measure's share; None where there is nothing to take it of.

    citation_valid of the marks that resolve to a footnote whose paragraph was found, citation_coverage of the
    statements that cite anything; citation_recall and citation_precision are those of ALCE (Gao et al. 2023): of the
    statements supported by all that they cite, and of the citations that their statement needs.
    """
    found = {identity for hit in answer.hits for identity in hit.paragraph_ids}
    good = {citation.mark for citation in answer.citations if citation.paragraph.id in found}
    return {
        "citation_valid": mean(number in good for mark in find_marks(answer.text) for number in mark.numbers),
        "citation_coverage": mean(bool(claim.cited) for claim in claims),
        "citation_recall": mean(supports(claim.text, claim.cited) for claim in claims),
        "citation_precision": mean(_needed(claim, i, supports) for claim in claims for i in range(len(claim.cited))),
        "quote_fidelity": quote_fidelity(answer),
    }


def statements(answer: Answer) -> list[Statement]:
    """The sentences that claim something; lead-ins and the like, where there is nothing to check, do not."""
    known = {citation.mark: citation.paragraph for citation in answer.citations}
    return [
        Statement(sentence.text, tuple(known[mark] for mark in sentence.marks if mark in known))
        for sentence in answer.sentences
        if sentence.verdict != "nothing_to_check"
    ]


def gold_scores(cited: Collection[str], groups: Sequence[Collection[str]]) -> dict[str, float | None]:
    """gold_cite_precision, _recall and _f1 of the cited ids: share that is gold, share of the evidence that is cited.

    Precision is None when nothing is cited, and F1 is 0 then; all are None without gold evidence.
    """
    names, gold = set(cited), {name for group in groups for name in group}
    precision = mean(name in gold for name in names) if groups else None
    recall = mean(bool(names & set(group)) for group in groups)
    return {
        "gold_cite_precision": precision,
        "gold_cite_recall": recall,
        "gold_cite_f1": None if recall is None else f1(precision or 0.0, recall),
    }


def quote_fidelity(answer: Answer) -> float | None:
    """Share of the quotations that are verbatim: the footnotes' quotes, and long words in quotation marks.

    A footnote's quote must be what is at its offsets; words in quotation marks must be in a cited paragraph, width,
    case and script aside. None when nothing is quoted.
    """
    known = {citation.mark: citation.paragraph for citation in answer.citations}
    kept = [
        quote.text == citation.paragraph.text[quote.start - citation.paragraph.start :][: quote.end - quote.start]
        for citation in answer.citations
        if (quote := citation.quote)
    ]
    for sentence in answer.sentences:
        cited = [aligned(known[mark].text)[0] for mark in sentence.marks if mark in known]
        quoted = (next(filter(None, match.groups())) for match in _QUOTED.finditer(sentence.text))
        kept += [any(aligned(words)[0] in text for text in cited) for words in quoted if len(words) >= MIN_QUOTED]
    return mean(kept)


def _needed(claim: Statement, i: int, supports: Supports) -> bool:
    """Whether the statement is supported and this citation supports it alone, or the others do not without it."""
    if not supports(claim.text, claim.cited):
        return False
    others = claim.cited[:i] + claim.cited[i + 1 :]
    return supports(claim.text, claim.cited[i : i + 1]) or not supports(claim.text, others)
