"""Question sets of other formats to an eval set, each answer's sentence found in the library."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from itertools import chain, count
from pathlib import Path

from eval.anchors import Anchors, Span, folded_spans, shorten
from eval.authoring.foreign import GIVE, Foreign, read_foreign
from eval.cases import SCHEMA, Case, Evidence, Fact, FactKind, Quote, dump_case, language_of
from eval.equivalence import tokens
from eval.metrics.answers import states
from eval.record import write_text
from index.errors import InputError
from index.library import Library
from index.records import Paragraph
from index.sentences import sentences
from index.words import query_words, words
from rag.checking.quantities import Quantity
from rag.checking.verbatim import widened

LOOKED_AT = 20
"""Results of the search that are looked through for an answer whose document is not named."""


def import_file(path: Path, out: Path, library: Library, language: str | None = None) -> tuple[list[Case], list[str]]:
    """Write the questions of a file to an eval set.

    Returns the cases, and a sentence for each question whose answer is not in the library, which is left out. Raises
    InputError when the file cannot be read, has no question, or nothing of it is in the library.
    """
    asked = list(read_foreign(path))
    if not asked:
        raise InputError(f"{path} has no question; {GIVE}.")
    anchors, names = Anchors(library), set[str]()
    cases, left_out = list[Case](), list[str]()
    for one in asked:
        quote = _locate(one, library, anchors) if one.answers else None
        if one.answers and quote is None:
            left_out.append(f"{one.place or one.id}: the library does not contain {shorten(one.answers[0])!r}.")
        else:
            cases.append(_case(one, quote, language, _unique(one.id, names)))
    if not cases:
        raise InputError(f"None of the {len(asked)} answers in {path} is in the library; index its documents first.")
    meta = json.dumps({"_meta": {"schema": SCHEMA, "name": out.stem}}, ensure_ascii=False)
    write_text(out, "\n".join([meta, *map(dump_case, cases)]) + "\n")
    return cases, left_out


def _case(one: Foreign, quote: Quote | None, language: str | None, name: str) -> Case:
    return Case(
        id=name,
        question=one.question,
        language=language or language_of(one.context or one.question),
        type="single" if one.answers else "unanswerable",
        answerable=bool(one.answers),
        facts=(Fact(any_of=one.answers, kind=_kind(one.answers)),) if one.answers else (),
        evidence=(Evidence(any_of=(quote,)),) if quote else (),
        group=one.group or name,
        origin="imported",
    )


def _kind(answers: Sequence[str]) -> FactKind:
    """A number or a date when every writing is nothing else."""
    read = [tokens(answer) for answer in answers]
    kinds = {token.kind if isinstance(token, Quantity) else "text" for found in read for token in found}
    if kinds == {"date"}:
        return "date"
    return "number" if kinds and kinds <= {"number", "percent"} and all(len(found) == 1 for found in read) else "text"


def _unique(name: str, names: set[str]) -> str:
    """The name without white space, with a number when it was given before."""
    base = re.sub(r"\s+", "-", name.strip())[:180] or "q"
    unique = next(one for one in chain([base], (f"{base}-{n}" for n in count(2))) if one not in names)
    names.add(unique)
    return unique


def _locate(one: Foreign, library: Library, anchors: Anchors) -> Quote | None:
    """The sentence with the answer: that of the context, or the best one of the named document or of any."""
    wanted = _sentence(one, one.context, one.start) if one.context else None
    if one.context and not wanted:
        return None
    quote = one.context[slice(*wanted)] if wanted else ""
    if one.source:
        candidates = [p for name in anchors.sources(one.source) for p in anchors.paragraphs(name)]
    else:
        hits = library.search(quote or f"{one.question} {one.answers[0]}", LOOKED_AT)
        candidates = [paragraph for hit in hits for paragraph in hit.paragraphs]
    if quote:
        found = [(p, span) for p in candidates for span in folded_spans(quote, p.text)][:1]
    else:
        found = [(p, span) for p in candidates if (span := _sentence(one, p.text))]
    best = max(found, key=lambda place: _shared(one.question, place[0].text[slice(*place[1])]), default=None)
    return _quote(*best, anchors) if best else None


def _sentence(one: Foreign, text: str, start: int | None = None) -> Span | None:
    """The sentences that the answer is in at its place; else the one stating it that is most like the question."""
    answer = one.answers[0]
    if start is not None and text.startswith(answer, start):
        touched = [span for span in sentences(text) if span[0] < start + len(answer) and start < span[1]]
        return (touched[0][0], touched[-1][1]) if touched else None
    fact = Fact(any_of=one.answers, kind="number")
    found = [(a, b) for a, b in sentences(text) if states(text[a:b], fact)]
    return max(found, key=lambda span: _shared(one.question, text[slice(*span)]), default=None)


def _quote(paragraph: Paragraph, span: Span, anchors: Anchors) -> Quote:
    """By the file's name, or as much of its path as tells it from others; with its place where words repeat."""
    start, end = widened(paragraph.text, *span)
    name = paragraph.source.rsplit("/", 1)[-1]
    source = name if len(anchors.sources(name)) == 1 else paragraph.source
    quote = Quote(source=source, quote=paragraph.text[start:end])
    alone = len(anchors.find(quote)) == 1
    return quote if alone else quote.model_copy(update={"start": paragraph.start + start})


def _shared(question: str, text: str) -> float:
    """Share of the question's words in the text."""
    asked, held = query_words(question), set(words(text))
    return sum(word in held for word in asked) / len(asked) if asked else 0.0
