"""Question sets of other formats to an eval set, each answer's sentence found in the library.

- JSON in SQuAD's format (SQuAD 1.1 and 2.0, XQuAD, MLQA, DRCD, CMRC 2018 in both of its formats).
- Tables with a header, as spreadsheets write them: .xlsx, and CSV with commas, semicolons or tabs in any encoding that
  documents are read in.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eval.anchors import Anchors, shorten
from eval.authoring.locating import Locator, Place
from eval.cases import SCHEMA, Case, Evidence, Fact, FactKind, Quote, dump_case, language_of
from eval.equivalence import tokens
from eval.record import write_text
from index.errors import InputError
from index.library import Library
from index.reading.decoding import decode
from rag.checking.quantities import Quantity

COLUMNS = {
    "question": ("question", "问题", "問題", "提问", "题目"),
    "answer": ("answer", "answers", "答案", "回答"),
    "source": ("source", "document", "file", "来源", "來源", "出处", "文档", "文件"),
}
"""Column to the headers that name it, in any order and case; the source may be left out."""
_GIVE = "give SQuAD-format JSON, or a table (.csv, .xlsx) with the header question,answer,source (问题,答案,来源)"


@dataclass(slots=True)
class Imported:
    """What became of a file."""

    cases: list[Case] = field(default_factory=list)
    """The new cases, in order."""
    left_out: list[str] = field(default_factory=list)
    """Questions whose answer the library does not say, one sentence each."""


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


def import_file(path: Path, out: Path, library: Library, language: str | None = None) -> Imported:
    """Write the questions of `path` to the eval set `out`; those it cannot answer are left out and named.

    Raises InputError when the file cannot be read, holds nothing, or nothing of it is in the library.
    """
    asked = list(_read(path))
    if not asked:
        raise InputError(f"{path} holds no question; {_GIVE}.")
    locator = Locator(library, Anchors(library))
    spoken = {context: language_of(context) for context in {one.context for one in asked} if context}
    imported, names = Imported(), set[str]()
    for one in asked:
        place = locator.find(one.question, one.answers, one.context, one.start, one.source) if one.answers else None
        if one.answers and place is None:
            imported.left_out.append(f"{one.place or one.id}: the library does not say {shorten(one.answers[0])!r}.")
        else:
            imported.cases.append(_case(one, place, language or spoken.get(one.context), _unique(one.id, names)))
    if not imported.cases:
        raise InputError(f"None of the {len(asked)} answers in {path} is in the library; index its documents first.")
    meta = json.dumps({"_meta": {"schema": SCHEMA, "name": out.stem}}, ensure_ascii=False)
    write_text(out, "\n".join([meta, *map(dump_case, imported.cases)]) + "\n")
    return imported


def _case(one: Foreign, place: Place | None, language: str | None, name: str) -> Case:
    quotes = (Quote(source=place.source, quote=place.quote, start=place.start),) if place else ()
    return Case(
        id=name,
        question=one.question,
        language=language or language_of(one.question),
        type="single" if one.answers else "unanswerable",
        answerable=bool(one.answers),
        facts=(Fact(any_of=one.answers, kind=_kind(one.answers)),) if one.answers else (),
        evidence=tuple(Evidence(any_of=(quote,)) for quote in quotes),
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
    unique, count = base, 1
    while unique in names:
        count += 1
        unique = f"{base}-{count}"
    names.add(unique)
    return unique


def _read(path: Path) -> Iterator[Foreign]:
    readers = {".csv": _csv, ".json": _squad, ".xlsx": _xlsx}
    if path.suffix.lower() not in readers:
        raise InputError(f"{path} is neither .json nor .csv nor .xlsx; {_GIVE}.")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); {_GIVE}.") from None
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
        from openpyxl import load_workbook
    except ImportError:
        raise InputError(f"{path} needs openpyxl (pip install openpyxl); or save the sheet as CSV.") from None
    try:
        sheet = load_workbook(io.BytesIO(data), read_only=True, data_only=True).worksheets[0]
        values = [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    except Exception as error:  # openpyxl lets errors of zipfile and of its XML parsers through
        raise InputError(f"{path} is no .xlsx workbook ({error}); save it again, or as CSV.") from None
    return _table(path, ((f"line {number}", row) for number, row in enumerate(values, 1)))


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
        yield from (_flat_cmrc(content) if isinstance(content, list) else _articles(content["data"]))
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise InputError(f"{path} is not in SQuAD's format ({type(error).__name__}: {error}).") from None


def _articles(articles: list[dict[str, Any]]) -> Iterator[Foreign]:
    for row, article in enumerate(articles):
        for number, paragraph in enumerate(article["paragraphs"]):
            for qa in paragraph["qas"]:
                answers = [] if qa.get("is_impossible") else qa.get("answers", [])
                start = answers[0].get("answer_start") if answers else None
                yield Foreign(
                    id=str(qa["id"]),
                    question=qa["question"].strip(),
                    answers=_distinct(answer["text"] for answer in answers),
                    context=paragraph["context"],
                    start=start if isinstance(start, int) and start >= 0 else None,
                    group=f"{article.get('title') or f'article-{row}'}/{number}",
                )


def _flat_cmrc(paragraphs: list[dict[str, Any]]) -> Iterator[Foreign]:
    for paragraph in paragraphs:
        for qa in paragraph["qas"]:
            answers, context = _distinct(qa["answers"]), paragraph["context_text"]
            name, question, group = str(qa["query_id"]), qa["query_text"].strip(), str(paragraph["context_id"])
            yield Foreign(name, question, answers, context, group=group)


def _decoded(path: Path, data: bytes) -> str:
    """As the reader decodes documents: Excel writes GB18030 or UTF-16 on a Chinese Windows."""
    try:
        return decode(data)[0].removeprefix("\ufeff")
    except InputError as error:
        raise InputError(f"{path}: {error}.") from None


def _distinct(answers: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(answer.strip() for answer in answers if answer.strip()))
