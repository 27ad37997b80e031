"""Question sets of other formats to an eval set, each answer's sentence found in the library.

- JSON in SQuAD's format (SQuAD 1.1 and 2.0, XQuAD, MLQA, DRCD, CMRC 2018 in both of its formats).
- CSV with the header question,answer,source: several writings of the answer are separated by "|", an empty answer means
  that the library does not say, an empty source that any document may.
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
from eval.cases import SCHEMA, Case, Evidence, Fact, FactKind, Quote, dump_case, language_of
from eval.equivalence import tokens
from eval.locating import Locator, Place
from eval.record import write_text
from index.errors import InputError
from index.library import Library
from rag.checking.quantities import Quantity

COLUMNS = ("question", "answer", "source")
"""Header of a CSV file, in any order."""


@dataclass(slots=True)
class Imported:
    """What became of a file."""

    cases: list[Case] = field(default_factory=list)
    """The new cases, in order."""
    left_out: list[str] = field(default_factory=list)
    """Questions whose answer the library does not say, one sentence each."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of a foreign set."""

    id: str
    """Its id there, or made from its number."""
    question: str
    answers: tuple[str, ...]
    """Writings of the answer; empty when there is none."""
    context: str = ""
    """The paragraph that it was written for, where the format has one."""
    start: int | None = None
    """Where the first answer begins in the context, where the format says so."""
    source: str = ""
    """The document that says it; empty when not given."""
    group: str = ""
    """Questions about one paragraph share it."""
    line: int = 0
    """Where it stands in its file, where lines mean something."""


def import_file(path: Path, out: Path, library: Library, language: str | None = None) -> Imported:
    """Write the questions of `path` to the eval set `out`; those it cannot answer are left out and named.

    Raises InputError when the file cannot be read, holds nothing, or nothing of it stands in the library.
    """
    asked = list(_read(path))
    if not asked:
        raise InputError(f"{path} holds no question; give SQuAD-format JSON, or CSV with {','.join(COLUMNS)}.")
    locator = Locator(library, Anchors(library))
    spoken = {one.context: language_of(one.context) for one in asked if one.context}
    imported = Imported()
    names: set[str] = set()
    for one in asked:
        place = locator.find(one.question, one.answers, one.context, one.start, one.source) if one.answers else None
        if one.answers and place is None:
            where = f"line {one.line}" if one.line else one.id
            imported.left_out.append(f"{where}: the library does not say {shorten(one.answers[0])!r}.")
            continue
        imported.cases.append(_case(one, place, language or spoken.get(one.context), _unique(one.id, names)))
    if not imported.cases:
        raise InputError(
            f"None of the {len(asked)} answers in {path} stands in the library; index its documents first."
        )
    meta = json.dumps({"_meta": {"schema": SCHEMA, "name": out.stem}}, ensure_ascii=False)
    write_text(out, "\n".join([meta, *map(dump_case, imported.cases)]) + "\n")
    return imported


def _case(one: Asked, place: Place | None, language: str | None, name: str) -> Case:
    facts = (Fact(any_of=one.answers, kind=_kind(one.answers)),) if one.answers else ()
    quotes = [Quote(source=place.source, quote=place.quote, start=place.start)] if place else []
    return Case(
        id=name,
        question=one.question,
        language=language or language_of(one.question),
        type="single" if one.answers else "unanswerable",
        answerable=bool(one.answers),
        facts=facts,
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


def _read(path: Path) -> Iterator[Asked]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); name a JSON or CSV file.") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 (byte {error.start}); save it as UTF-8.") from None
    if path.suffix.lower() == ".csv":
        return _csv(path, text)
    if path.suffix.lower() == ".json":
        return _squad(path, text)
    raise InputError(f"{path} is neither .json nor .csv; give SQuAD-format JSON, or CSV with {','.join(COLUMNS)}.")


def _csv(path: Path, text: str) -> Iterator[Asked]:
    rows = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    header = [(name or "").strip().lower() for name in rows.fieldnames or ()]
    if sorted(header) != sorted(COLUMNS):
        raise InputError(f"{path}:1: the header is {','.join(header) or 'empty'}; it must be {','.join(COLUMNS)}.")
    rows.fieldnames = header
    try:
        for number, row in enumerate(rows, 1):
            if None in row or None in row.values():
                raise InputError(f"{path}:{rows.line_num}: the row has not {len(COLUMNS)} columns; quote its commas.")
            question = row["question"].strip()
            if not question:
                raise InputError(f"{path}:{rows.line_num}: the question is empty; write one or remove the row.")
            yield Asked(
                id=f"q{number}",
                question=question,
                answers=_distinct(row["answer"].split("|")),
                source=row["source"].strip(),
                line=rows.line_num,
            )
    except csv.Error as error:
        raise InputError(f"{path}:{rows.line_num}: it is not valid CSV ({error}); close its quotation marks.") from None


def _squad(path: Path, text: str) -> Iterator[Asked]:
    try:
        data = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        raise InputError(f"{path}:{line}: it is not valid JSON ({error}); give SQuAD-format JSON.") from None
    try:
        yield from (_flat_cmrc(data) if isinstance(data, list) else _articles(data["data"]))
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise InputError(f"{path} is not in SQuAD's format ({type(error).__name__}: {error}).") from None


def _articles(articles: list[dict[str, Any]]) -> Iterator[Asked]:
    for row, article in enumerate(articles):
        title = str(article.get("title") or f"article-{row}")
        for number, paragraph in enumerate(article["paragraphs"]):
            for qa in paragraph["qas"]:
                answers = [] if qa.get("is_impossible") else qa.get("answers", [])
                starts = [
                    answer["answer_start"] for answer in answers[:1] if isinstance(answer.get("answer_start"), int)
                ]
                yield Asked(
                    id=str(qa["id"]),
                    question=qa["question"].strip(),
                    answers=_distinct(answer["text"] for answer in answers),
                    context=paragraph["context"],
                    start=starts[0] if starts and starts[0] >= 0 else None,
                    group=f"{title}/{number}",
                )


def _flat_cmrc(paragraphs: list[dict[str, Any]]) -> Iterator[Asked]:
    for paragraph in paragraphs:
        for qa in paragraph["qas"]:
            yield Asked(
                id=str(qa["query_id"]),
                question=qa["query_text"].strip(),
                answers=_distinct(qa["answers"]),
                context=paragraph["context_text"],
                group=str(paragraph["context_id"]),
            )


def _distinct(answers: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(answer.strip() for answer in answers if answer.strip()))
