"""Questions that a library answers, as a beginning for whoever does not know it yet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice, zip_longest
from typing import TypeVar

from eval.authoring.drafting import draft_cases
from index.engine import Records
from index.records import Hit, Paragraph

T = TypeVar("T")
_DOCUMENTS, _PARAGRAPHS = 12, 6
"""Documents that are looked into, and paragraphs of each: those at equal distances, so that all parts come up."""
_LONGEST = 80
"""Characters of a question that is worth reading."""


def suggestions(search: Callable[[str, int], list[Hit]], questions: Sequence[tuple[str, str]], most: int) -> list[str]:
    """The first so many of the drafted questions whose own paragraph a search finds first."""

    def found(question: str, paragraph: str) -> bool:
        return any(paragraph in hit.paragraph_ids for hit in search(question, 1))

    return list(islice((question for question, paragraph in questions if found(question, paragraph)), most))


def drafted(store: Records) -> list[tuple[str, str]]:
    """Questions with the id of the paragraph that answers: one of each document, then another of each."""
    documents = [str(row["source"]) for row in store.documents()]
    sampled = [_paragraphs(store, source) for source in _spread(documents, _DOCUMENTS)]
    cases = draft_cases([paragraph for paragraphs in sampled for paragraph in paragraphs], 1)
    usable = [case for case in cases if case.answerable and len(case.question) <= _LONGEST]
    by_document = [
        [(case.question, case.group) for case in usable if case.group in {one.id for one in paragraphs}]
        for paragraphs in sampled
    ]
    return [draft for drafts in zip_longest(*by_document) for draft in drafts if draft]


def _paragraphs(store: Records, source: str) -> list[Paragraph]:
    keys = _spread(store.document_paragraphs(source), _PARAGRAPHS)
    found = store.paragraphs(keys)
    return [found[key] for key in keys if key in found]


def _spread(items: Sequence[T], most: int) -> list[T]:
    """At most so many of them, at equal distances."""
    return [items[i * len(items) // min(most, len(items))] for i in range(min(most, len(items)))]
