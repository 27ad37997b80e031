"""Question sets of other formats, read into one record each.

- JSON in SQuAD's format (SQuAD 1.1 and 2.0, XQuAD, MLQA, DRCD, CMRC 2018 in both of its formats).
- Tables with a header, as spreadsheets write them: .xlsx, and CSV with commas, semicolons or tabs in any encoding that
  documents are read in.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.errors import InputError
from index.reading.decoding import decode
from index.reading.xlsx import first_sheet

COLUMNS = {
    "question": ("question", "问题", "問題", "提问", "题目"),
    "answer": ("answer", "answers", "答案", "回答"),
    "source": ("source", "document", "file", "来源", "來源", "出处", "文档", "文件"),
}
"""Column to the headers that name it, in any order and case; the source may be left out."""
GIVE = "give SQuAD-format JSON, or a table (.csv, .xlsx) with the header question,answer,source (问题,答案,来源)"
"""The next step when a file cannot be used."""


@dataclass(frozen=True, slots=True)
class Foreign:
    """One question of a foreign set."""

    id: str
    """Its id there, or made from its number."""
    question: str
    answers: tuple[str, ...]
    """Writings of the answer; empty when there is none."""
    context: str = ""
    """The paragraph that it was written for, where the format has one."""
    start: int | None = None
    """Where the first answer begins in the context, where the format gives it."""
    source: str = ""
    """The document with the answer; empty when not given."""
    group: str = ""
    """Questions about one paragraph share it."""
    place: str = ""
    """How messages name it."""


def read_foreign(path: Path) -> Iterator[Foreign]:
    """The questions of a file, in order. Raises InputError when it cannot be read."""
    readers = {".csv": _csv, ".json": _squad, ".xlsx": _xlsx}
    if path.suffix.lower() not in readers:
        raise InputError(f"{path} is neither .json nor .csv nor .xlsx; {GIVE}.")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); {GIVE}.") from None
    return readers[path.suffix.lower()](path, data)


def _csv(path: Path, data: bytes) -> Iterator[Foreign]:
    text = _decoded(path, data)
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)  # Excel writes semicolons where the comma is the decimal mark
    rows = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=delimiter)
    try:
        yield from _table(path, ((f"line {rows.line_num}", row) for row in rows))
    except csv.Error as error:
        raise InputError(f"{path}:{rows.line_num}: it is not valid CSV ({error}); close its quotation marks.") from None


def _xlsx(path: Path, data: bytes) -> Iterator[Foreign]:
    try:
        rows = [(f"line {number}", cells) for number, cells in first_sheet(data)]
    except (InputError, ValueError) as error:
        raise InputError(f"{path}: {error}.") from None
    return _table(path, rows)


def _table(path: Path, rows: Iterable[tuple[str, list[str]]]) -> Iterator[Foreign]:
    """Rows under a header; several writings of an answer are separated by "|", no answer means unanswerable."""
    filled = ((place, row) for place, row in rows if any(cell.strip() for cell in row))
    _, header = next(filled, ("", []))
    names = [cell.strip().lower() for cell in header]
    at = {column: next((names.index(name) for name in known if name in names), -1) for column, known in COLUMNS.items()}
    if at["question"] < 0 or at["answer"] < 0:
        raise InputError(f"{path}:1: the header is {','.join(names) or 'empty'}; it must be question,answer,source.")
    for number, (place, row) in enumerate(filled, 1):
        if len(row) > len(names):
            raise InputError(f"{path}, {place}: the row has more columns than the header; quote its separators.")
        cell = {column: row[i].strip() if 0 <= i < len(row) else "" for column, i in at.items()}
        if not cell["question"]:
            raise InputError(f"{path}, {place}: the question is empty; write one or remove the row.")
        answers = _distinct(cell["answer"].split("|"))
        yield Foreign(f"q{number}", cell["question"], answers, source=cell["source"], place=place)


def _squad(path: Path, data: bytes) -> Iterator[Foreign]:
    try:
        content = json.loads(_decoded(path, data))
    except (json.JSONDecodeError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        raise InputError(f"{path}:{line}: it is not valid JSON ({error}); give SQuAD-format JSON.") from None
    try:
        # CMRC 2018 comes as a bare list of paragraphs too, with other names for the same fields.
        articles = [{"paragraphs": content}] if isinstance(content, list) else content["data"]
        yield from (one for row, article in enumerate(articles) for one in _article(article, row))
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise InputError(f"{path} is not in SQuAD's format ({type(error).__name__}: {error}).") from None


def _article(article: dict[str, Any], row: int) -> Iterator[Foreign]:
    title = article.get("title") or f"article-{row}"
    for number, paragraph in enumerate(article["paragraphs"]):
        for qa in paragraph["qas"]:
            answers = [] if qa.get("is_impossible") else qa.get("answers", [])
            start = answers[0].get("answer_start") if answers and isinstance(answers[0], dict) else None
            yield Foreign(
                id=str(qa["query_id"] if "query_id" in qa else qa["id"]),
                question=(qa["query_text"] if "query_text" in qa else qa["question"]).strip(),
                answers=_distinct(answer["text"] if isinstance(answer, dict) else answer for answer in answers),
                context=paragraph["context_text"] if "context_text" in paragraph else paragraph["context"],
                start=start if isinstance(start, int) and start >= 0 else None,
                group=str(paragraph.get("context_id") or f"{title}/{number}"),
            )


def _decoded(path: Path, data: bytes) -> str:
    """As the reader decodes documents: Excel writes GB18030 or UTF-16 on a Chinese Windows."""
    try:
        return decode(data)[0].removeprefix("\ufeff")
    except InputError as error:
        raise InputError(f"{path}: {error}.") from None


def _distinct(answers: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(answer.strip() for answer in answers if answer.strip()))
