"""What is wrong with an eval set, each with file and line: before anything is run, and before a figure misleads."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.anchors import Anchors, shorten
from eval.cases import Case, EvalSet, Problem, Quote, read_set
from eval.equivalence import normalise, same
from eval.metrics.answers import states
from index.library import Library
from rag.checking.quantities import quantities

NEAR = 0.9
"""Share of two questions' neighbouring token pairs (Jaccard) from which they ask the same."""


def validate(path: Path | str, library: Library | None = None) -> tuple[EvalSet, list[Problem]]:
    """The set, and every problem by line. With a library also whether each quote stands in it.

    Raises InputError when the file itself cannot be read.
    """
    eval_set, problems = read_set(path)
    found = [*_problems(eval_set), *(_anchored(eval_set, library) if library else ())]
    problems += [Problem(eval_set.path, eval_set.lines[name], message) for name, message in found]
    return eval_set, sorted(problems, key=lambda problem: problem.line)


def _problems(eval_set: EvalSet) -> Iterator[tuple[str, str]]:
    """(case id, message) of what the set alone shows."""
    for case in eval_set.cases:
        for message in (*_vacuous(case), *_contradictory(case), *_unsupported(case)):
            yield case.id, f"{case.id}: {message}"
        for field in ("paraphrase_of", "translation_of"):
            other = getattr(case, field)
            if other is not None and (other not in eval_set.lines or other == case.id):
                yield case.id, f"{case.id}: {field} names {other!r}, which is no other case of this set; correct it."
    yield from _repeated(eval_set)


def _vacuous(case: Case) -> Iterator[str]:
    """A case that no answer, or every answer, can pass."""
    if case.answerable:
        if not any(fact.required for fact in case.facts):
            yield "it is answerable but requires no fact, so that nothing shows a right answer; add one to facts."
        if not case.evidence:
            yield "it is answerable but has no evidence, so that no citation can be checked; add the source's words."
        if case.type == "unanswerable":
            yield 'its type is "unanswerable" but answerable is true; change one of them.'
        return
    if case.type not in ("unanswerable", "false_premise", "ambiguous"):
        yield f'it is not answerable but its type is "{case.type}"; make that "unanswerable" or "false_premise".'
    if case.facts or case.evidence:
        yield "it is not answerable but has facts or evidence, which nothing would look at; remove them."


def _contradictory(case: Case) -> Iterator[str]:
    wordings = [wording for fact in case.facts for wording in fact.any_of]
    for forbidden in case.forbidden:
        if any(same(forbidden, wording) for wording in wordings):
            yield f"{forbidden!r} is both a fact and forbidden; remove one."


def _unsupported(case: Case) -> Iterator[str]:
    """Required facts that the evidence does not state: no honest answer could cite it for them."""
    quotes = "\n".join(quote.quote for evidence in case.evidence for quote in evidence.any_of)
    derived = case.type in ("compare", "boolean")  # which is larger, yes or no: concluded, not quoted
    for fact in case.facts:
        if quotes and fact.required and not derived and not states(quotes, fact):
            yield f"the evidence does not say {shorten(fact.any_of[0])!r}; quote words that do, or correct the fact."
    for fact in case.facts:
        if all(not normalise(wording) for wording in fact.any_of):
            yield f"the fact {fact.any_of[0]!r} holds no word and no figure; correct it."


def _repeated(eval_set: EvalSet) -> Iterator[tuple[str, str]]:
    """Questions asked before. A declared paraphrase or translation may be near; the same again only in translation."""
    asked = [_Asked.of(case) for case in eval_set.cases]
    for later, earlier in _near_pairs(asked):
        case, other = asked[later].case, asked[earlier].case
        place = f"line {eval_set.lines[other.id]} ({other.id})"
        if asked[later].tokens == asked[earlier].tokens:
            if not (_related(case, other) and case.language != other.language):
                yield case.id, f"{case.id}: the same question is asked on {place}; remove one."
        elif not _related(case, other) and not _other_figures(case, other):
            yield case.id, f"{case.id}: nearly the same question is asked on {place}; reword it or remove one."


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question prepared for comparison."""

    case: Case
    tokens: list[str]
    pairs: frozenset[tuple[str, str]]
    """Neighbouring tokens, the ends included."""

    @classmethod
    def of(cls, case: Case) -> _Asked:
        tokens = normalise(case.question)
        return cls(case, tokens, frozenset(zip(["", *tokens], [*tokens, ""], strict=True)))


def _near_pairs(asked: Sequence[_Asked]) -> Iterator[tuple[int, int]]:
    """(later, earlier) for each question and the first one before it that is near.

    Near sets share one of their rarest members (prefix filtering, Chaudhuri et al. 2006): no need to compare all pairs.
    """
    count = Counter(pair for one in asked for pair in one.pairs)
    seen: dict[tuple[str, str], list[int]] = {}
    for i, one in enumerate(asked):
        rarest = sorted(one.pairs, key=lambda pair: (count[pair], pair))
        rarest = rarest[: len(rarest) - math.ceil(NEAR * len(rarest)) + 1]
        candidates = sorted({j for pair in rarest for j in seen.get(pair, ())})
        near = next((j for j in candidates if _near(one.pairs, asked[j].pairs)), None)
        if near is not None:
            yield i, near
        for pair in rarest:
            seen.setdefault(pair, []).append(i)


def _near(first: frozenset[tuple[str, str]], second: frozenset[tuple[str, str]]) -> bool:
    return len(first & second) >= NEAR * len(first | second)


def _related(case: Case, other: Case) -> bool:
    """Whether one is declared to ask the same as the other, or both as a third."""
    names = {case.id, case.paraphrase_of, case.translation_of} - {None}
    return bool(names & ({other.id, other.paraphrase_of, other.translation_of} - {None}))


def _other_figures(case: Case, other: Case) -> bool:
    """Whether the questions differ in a figure: the revenue of 2023 and of 2024 are two questions."""

    def values(question: str) -> set[tuple[str, object]]:
        return {(quantity.kind, quantity.value) for quantity in quantities(question)}

    return values(case.question) != values(other.question)


def _anchored(eval_set: EvalSet, library: Library) -> Iterator[tuple[str, str]]:
    """Quotes that the library does not hold, or holds in several paragraphs."""
    anchors = Anchors(library)
    for case in eval_set.cases:
        for quote in (quote for evidence in case.evidence for quote in evidence.any_of):
            if message := _misplaced(quote, anchors):
                yield case.id, f"{case.id}: {message}"


def _misplaced(quote: Quote, anchors: Anchors) -> str | None:
    found = anchors.find(quote)
    if not found:
        return anchors.why_dead(quote)
    said = f"{shorten(quote.quote)!r}"
    paragraphs = {anchor.paragraph_id for anchor in found}
    if len(paragraphs) > 1:
        return f"{said} stands in {len(paragraphs)} paragraphs; quote more words, or add start or heading."
    if found[0].how == "fuzzy":
        return f"{said} is not verbatim; the source has other characters there, copy its words."
    return None
