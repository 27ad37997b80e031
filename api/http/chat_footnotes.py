"""Footnotes for chat clients: readable below the answer, and as OpenAI's annotations."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from prompts.citations import render
from rag.types import Citation, paragraph_dict

LIST = "\n\n---\n"
"""Between the answer and what its marks stand for."""


def footnotes(citations: Sequence[Citation]) -> str:
    """What the marks stand for, a line each; empty without citations."""
    lines = []
    for citation in citations:
        weak = "" if citation.verdict in ("quoted", "supported") else f" ({citation.verdict.replace('_', ' ')})"
        lines.append(f"{render(citation.mark)} {place(paragraph_dict(citation.paragraph))}{weak}")
    return LIST + "  \n".join(lines) if lines else ""


def url_citations(content: str, citations: Sequence[Citation], base: str) -> list[dict[str, Any]]:
    """OpenAI's `url_citation` for every mark in the answer; offsets are characters of the content."""
    found = []
    answer = content.partition(LIST)[0]
    for citation in citations:
        paragraph, mark = citation.paragraph, render(citation.mark)
        title = place(paragraph_dict(paragraph))
        url = f"{base}#/source/{quote(paragraph.source, safe='')}?p={paragraph.id}"
        for start in (match.start() for match in re.finditer(re.escape(mark), answer)):
            cited = {"start_index": start, "end_index": start + len(mark), "url": url, "title": title}
            found.append({"type": "url_citation", "url_citation": cited})
    return found


def place(paragraph: Mapping[str, Any]) -> str:
    """Where a paragraph is, from its record: "report.pdf, p. 3 › 3.2 Districts"."""
    page = f", p. {paragraph['page']}" if paragraph["page"] else ""
    return " › ".join([paragraph["source"] + page, *paragraph["heading"]]).replace("\n", " ")
