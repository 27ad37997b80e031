"""What is wrong with an eval set, each with file and line: before anything is run, and before a figure misleads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
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
    """The set, and every problem by line. With a library also whether each quote is in it.

    Raises InputError when the file itself cannot be read.
    """
    eval_set, problems = read_set(path)
    anchors = Anchors(library) if library else None
    for case in eval_set.cases:
        quotes = [quote for evidence in case.evidence for quote in evidence.any_of] if anchors else []
        found = [*_vacuous(case), *_contradictory(case), *_unsupported(case), *_unlinked(case, eval_set)]
        found += [message for quote in quotes if anchors and (message := _misplaced(quote, anchors))]
        problems += [Problem(eval_set.path, eval_set.lines[case.id], f"{case.id}: {message}") for message in found]
    problems += _repeated(eval_set)
    return eval_set, sorted(problems, key=lambda problem: problem.line)


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
        if not any(map(normalise, fact.any_of)):
            yield f"the fact {fact.any_of[0]!r} contains no word and no figure; correct it."


def _unlinked(case: Case, eval_set: EvalSet) -> Iterator[str]:
    for field, other in (("paraphrase_of", case.paraphrase_of), ("translation_of", case.translation_of)):
        if other is not None and (other not in eval_set.lines or other == case.id):
            yield f"{field} names {other!r}, which is no other case of this set; correct it."


def _misplaced(quote: Quote, anchors: Anchors) -> str:
    """Why a quote is not in exactly one place, verbatim; empty when it is."""
    found, said = anchors.find(quote), f"{shorten(quote.quote)!r}"
    paragraphs = {anchor.paragraph_id for anchor in found}
    if not anchors.sources(quote.source):
        return f"the library has no document {quote.source!r}; index it, or correct the name."
    if not found:
        return f"{quote.source} does not contain {said} in any paragraph; correct the quote."
    if len(paragraphs) > 1:
        return f"{said} is in {len(paragraphs)} paragraphs; quote more words, or add start or heading."
    return f"{said} is not verbatim; the source has other characters there, copy its words." * (found[0].how == "fuzzy")


def _repeated(eval_set: EvalSet) -> Iterator[Problem]:
    """Questions asked before. A declared paraphrase or translation may be near; the same again only in translation."""
    seen: dict[object, list[int]] = {}
    asked = [normalise(case.question) for case in eval_set.cases]
    pairs: list[set[object]] = [set(zip(["", *tokens], [*tokens, ""], strict=True)) for tokens in asked]
    for i, case in enumerate(eval_set.cases):
        shared = Counter(j for pair in pairs[i] for j in seen.get(pair, ()))
        near = min((j for j, n in shared.items() if n >= NEAR * (len(pairs[i]) + len(pairs[j]) - n)), default=None)
        for pair in pairs[i]:
            seen.setdefault(pair, []).append(i)
        if near is None:
            continue
        other, related = eval_set.cases[near], _related(case, eval_set.cases[near])
        place = f"line {eval_set.lines[other.id]} ({other.id})"
        line = eval_set.lines[case.id]
        if asked[i] == asked[near] and not (related and case.language != other.language):
            yield Problem(eval_set.path, line, f"{case.id}: the same question is asked on {place}; remove one.")
        elif asked[i] != asked[near] and not related and _figures(case) == _figures(other):
            said = f"{case.id}: nearly the same question is asked on {place}; reword it or remove one."
            yield Problem(eval_set.path, line, said)


def _related(case: Case, other: Case) -> bool:
    """Whether one is declared to ask the same as the other, or both as a third."""
    names = {case.id, case.paraphrase_of, case.translation_of} - {None}
    return bool(names & ({other.id, other.paraphrase_of, other.translation_of} - {None}))


def _figures(case: Case) -> set[tuple[str, object]]:
    """What tells near questions apart: the revenue of 2023 and of 2024 are two."""
    return {(quantity.kind, quantity.value) for quantity in quantities(case.question)}
