"""An eval set: one JSON object a line, each a question with what a right answer must contain and where that is.

    {"_meta": {"schema": "footnote-eval/1", "name": "reports"}}
    {"id": "q1", "question": "望江区建成多少间中试车间？", "facts": [{"any_of": ["23间"], "kind": "number"}],
     "evidence": [{"any_of": [{"source": "report.txt", "quote": "建成中试车间23间"}]}]}

The gold evidence is the source's own words, never the id of a passage, so that it outlives any change of the index.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from index.errors import InputError
from index.text import is_cjk, simplify

SCHEMA = "footnote-eval/1"
"""Version of the lines below; a first line may give it: {"_meta": {"schema": ...}}."""

FactKind = Literal["number", "date", "entity", "text"]
CaseType = Literal[
    "single", "multi", "list", "compare", "boolean", "unanswerable", "false_premise", "ambiguous", "heading_only"
]
_REFUSED_TYPES = ("unanswerable", "false_premise")
_DESCRIPTIVE = {"note", "origin", "status", "tags"}
_Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
_Name = Annotated[str, StringConstraints(pattern=r"^\S{1,200}$")]


class Record(BaseModel):
    """What a file of an evaluation holds: no other fields, and nothing changes once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Fact(Record):
    """One thing that a right answer contains, in any of several wordings."""

    any_of: tuple[_Words, ...] = Field(min_length=1)
    """Wordings of it; one is enough. Numbers match by value: "12.3万人" is also found in 123000人."""
    kind: FactKind = "text"
    """What it is; a number or date is found wherever its value is, a text or name word by word."""
    required: bool = True
    """Whether an answer without it is wrong."""


class Quote(Record):
    """Words of a source, verbatim."""

    source: _Words
    """The document's name in the library, or the end of it: "report.txt"."""
    quote: _Words
    """The words there."""
    start: int | None = Field(default=None, ge=0)
    """First character in the document; tells apart places with the same words."""
    heading: tuple[str, ...] = ()
    """The last headings above it; tells apart places with the same words."""


class Evidence(Record):
    """Places with the same content; an answer needs one of them. A case needs all its evidence."""

    any_of: tuple[Quote, ...] = Field(min_length=1)
    """The places."""


class Case(Record):
    """A question with its known answer."""

    id: _Name
    """Its name in reports and baselines."""
    question: _Words
    """As a user would ask it."""
    language: str = ""
    """Of the question: "zh", "zh-Hant", "en", ...; guessed from its characters when left out."""
    type: CaseType = "single"
    """What kind of question; reports show each kind on its own."""
    answerable: bool = True
    """Whether the library contains the answer; when not, the right answer is to refuse."""
    facts: tuple[Fact, ...] = ()
    """What a right answer contains: all required ones."""
    forbidden: tuple[_Words, ...] = ()
    """What only a wrong answer contains."""
    evidence: tuple[Evidence, ...] = ()
    """Where the library contains it: every entry is needed."""
    reference: str = ""
    """A whole right answer, for the metrics that compare wordings."""
    group: str = ""
    """Cases that share a paragraph or document and so pass or fail together; the id when left out."""
    paraphrase_of: str | None = None
    """Id of a case that asks the same in other words."""
    translation_of: str | None = None
    """Id of a case that asks the same in another language."""
    tags: tuple[str, ...] = ()
    """Free labels."""
    must_pass: bool = False
    """Whether the gate fails when this case alone gets worse."""
    status: Literal["accepted", "draft"] = "accepted"
    """Drafts are never gated."""
    origin: Literal["human", "draft", "imported"] = "human"
    """Where the case came from."""
    note: str = ""
    """For readers."""

    @model_validator(mode="before")
    @classmethod
    def _fill(cls, data: Any) -> Any:  # noqa: ANN401 (pydantic hands over whatever was given)
        """What follows from the rest when left out."""
        if not isinstance(data, dict):
            return data
        filled = {"answerable": data.get("type") not in _REFUSED_TYPES, **data}
        if filled["answerable"] is False:
            filled.setdefault("type", "unanswerable")
        if isinstance(data.get("question"), str) and not data.get("language"):
            filled["language"] = language_of(data["question"])
        if not data.get("group"):
            filled["group"] = data.get("id", "")
        return filled

    @property
    def fingerprint(self) -> str:
        """Hash of everything that can change a score; notes, tags and status cannot."""
        content = self.model_dump(mode="json", exclude=_DESCRIPTIVE, exclude_defaults=True)
        return _sha256(json.dumps(content, ensure_ascii=False, sort_keys=True))


@dataclass(frozen=True)
class Problem:
    """Something wrong in an eval set."""

    path: Path
    """The file."""
    line: int
    """From 1."""
    message: str
    """What is wrong and what to do, one sentence."""

    def __str__(self) -> str:
        """As editors and CI understand it: file:line: message."""
        return f"{self.path}:{self.line}: {self.message}"


@dataclass(frozen=True)
class EvalSet:
    """The cases of one file."""

    name: str
    """From the first line's "_meta", else the file's name."""
    cases: tuple[Case, ...]
    """In the file's order, drafts included."""
    path: Path
    """The file."""
    lines: dict[str, int] = field(default_factory=dict)
    """Case id to line, from 1."""

    @property
    def accepted(self) -> tuple[Case, ...]:
        """The cases that count; drafts do not."""
        return tuple(case for case in self.cases if case.status == "accepted")

    @property
    def sha256(self) -> str:
        """Hash of the accepted cases, in whatever order and layout of the file."""
        return _sha256("\n".join(sorted(f"{case.id} {case.fingerprint}" for case in self.accepted)))


def load_set(path: Path | str) -> EvalSet:
    """The eval set in a JSONL file. Raises InputError that names the first bad line and counts the others."""
    eval_set, problems = read_set(path)
    if problems:
        more = f" ({len(problems) - 1} more; see: footnote eval validate {path})" if len(problems) > 1 else ""
        raise InputError(f"{problems[0]}{more}")
    return eval_set


def read_set(path: Path | str) -> tuple[EvalSet, list[Problem]]:
    """The cases that can be read, and every line that cannot. Raises InputError when the file itself cannot."""
    path = Path(path)
    cases: list[Case] = []
    lines: dict[str, int] = {}
    problems: list[Problem] = []
    name = path.stem
    for number, line in read_lines(path, "eval set"):
        try:
            data = json.loads(line, object_pairs_hook=_no_repeats)
            if isinstance(data, dict) and "_meta" in data:
                name = _meta(data, number) or name
                continue
            case = Case.model_validate(data)
            if case.id in lines:
                raise ValueError(f"the id {case.id!r} is on line {lines[case.id]} already; give this case another one.")
            cases.append(case)
            lines[case.id] = number
        except (ValueError, RecursionError) as error:
            problems.append(Problem(path, number, _explain(error)))
    if not cases and not problems:
        raise InputError(
            f"{path} contains no case; write one JSON object a line, or make drafts with: footnote eval draft"
        )
    return EvalSet(name, tuple(cases), path, lines), problems


def dump_case(case: Case) -> str:
    """The case as one line of an eval set, without what it leaves at its default; no line end."""
    data = case.model_dump(mode="json", exclude_defaults=True)
    if data.get("group") == case.id:
        del data["group"]
    return json.dumps(data, ensure_ascii=False)


def language_of(text: str) -> str:
    """Chinese text is "zh-Hant" when a tenth of its characters are traditional, else "zh"; any other text is "en".

    A few characters (著, 乾, 於) are also in simplified text, a third differ in traditional text.
    """
    if not is_cjk(text):
        return "en"
    traditional = sum(a != b for a, b in zip(text, simplify(text), strict=True))
    return "zh-Hant" if 10 * traditional >= len(text) else "zh"


def read_lines(path: Path, kind: str) -> Iterator[tuple[int, str]]:
    """Line numbers from 1 and the lines that are not empty. Raises InputError, which calls the file by its kind."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"The {kind} {path} cannot be read ({error.strerror}); name a JSONL file.") from None
    except UnicodeDecodeError as error:
        raise InputError(f"The {kind} {path} is not UTF-8 (byte {error.start}); save it as UTF-8.") from None
    return ((number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip())


def _meta(data: dict[str, Any], line: int) -> str | None:
    """The set's name from its "_meta" line."""
    meta = data["_meta"]
    if line != 1 or not isinstance(meta, dict):
        raise ValueError('"_meta" is an object on the first line; move it there.')
    if meta.get("schema", SCHEMA) != SCHEMA:
        raise ValueError(f"the schema {meta['schema']!r} is not known; this version reads {SCHEMA!r}.")
    return str(meta["name"]) if meta.get("name") else None


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if repeated := [name for name, n in Counter(name for name, _ in pairs).items() if n > 1]:
        raise ValueError(f"the field {repeated[0]!r} is there twice; remove one.")
    return dict(pairs)


def _explain(error: ValueError | RecursionError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"it is not valid JSON ({error.msg}, column {error.colno}); write one JSON object a line."
    if isinstance(error, ValidationError):
        return _explain_field(error)
    return str(error)


def _explain_field(error: ValidationError) -> str:
    """The first field that is not known, else the first that cannot be used: "facts.0.kind: ..."."""
    first = min(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
    place = ".".join(str(part) for part in first["loc"]) or "the line"
    if first["type"] != "extra_forbidden":
        return f"{place}: {first['msg'][0].lower()}{first['msg'][1:]}; correct it."
    name = str(first["loc"][-1])
    known = [field for model in (Case, Fact, Evidence, Quote) for field in model.model_fields]
    near = get_close_matches(name, known, 1)
    return f"the field {place!r} is not known" + (f"; did you mean {near[0]!r}?" if near else "; remove it.")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
