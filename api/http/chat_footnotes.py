"""Footnotes for chat clients: readable below the answer, and as OpenAI's annotations."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from index.records import Paragraph
from prompts.citations import render
from rag.types import Citation

LIST = "\n\n---\n"
"""Between the answer and what its marks stand for."""


def footnotes(citations: Sequence[Citation]) -> str:
    """What the marks stand for, a line each; empty without citations."""
    lines = []
    for citation in citations:
        weak = "" if citation.verdict in ("quoted", "supported") else f" ({citation.verdict.replace('_', ' ')})"
        lines.append(f"{render(citation.mark)} {_place(citation.paragraph)}{weak}")
    return LIST + "  \n".join(lines) if lines else ""


def url_citations(content: str, citations: Sequence[Citation], base: str) -> list[dict[str, Any]]:
    """OpenAI's `url_citation` for every mark in the answer; offsets are characters of the content."""
    found = []
    answer = content.partition(LIST)[0]
    for citation in citations:
        paragraph, mark = citation.paragraph, render(citation.mark)
        url = f"{base}#/source/{quote(paragraph.source, safe='')}?p={paragraph.id}"
        for start in (match.start() for match in re.finditer(re.escape(mark), answer)):
            place = {"start_index": start, "end_index": start + len(mark), "url": url, "title": _place(paragraph)}
            found.append({"type": "url_citation", "url_citation": place})
    return found


def _place(paragraph: Paragraph) -> str:
    page = f", p. {paragraph.page}" if paragraph.page else ""
    return " › ".join([paragraph.source + page, *paragraph.heading]).replace("\n", " ")
