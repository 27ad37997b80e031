"""The JSON that clients send to the native API, checked on arrival."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from rag.assistant import MAX_QUESTION

_QUESTION, _TEXT = "望江区建成了多少间中试车间？", "望江区建成中试车间23间，为61家企业完成验证147项。"
"""What the OpenAPI document shows as examples."""


class Input(BaseModel):
    """What a client sends: unknown fields and other types are refused."""

    model_config = ConfigDict(extra="forbid", strict=True)


QuestionText = Annotated[str, Field(min_length=1, max_length=MAX_QUESTION, description="In any language")]


def whole(value: object) -> object:
    """JSON knows one kind of number: 5.0 is an integer there."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Count = Annotated[int, Field(ge=1), BeforeValidator(whole)]
Few = Annotated[int, Field(ge=1, le=50), BeforeValidator(whole)]
K = Annotated[Few | None, Field(description="Paragraphs to look at; as the server is set when left out")]
Pattern = Annotated[str, Field(max_length=200, pattern=r"^[^*]*(\*[^*]*){0,4}$")]
SourcePattern = Annotated[
    Pattern | Annotated[list[Pattern], Field(min_length=1, max_length=200)] | None,
    Field(
        description="Only documents whose name matches this pattern, `reports/*.txt`, or one of several; "
        "four `*` at most in each"
    ),
]


class TurnIn(Input):
    """An earlier question and its answer."""

    question: QuestionText
    answer: Annotated[str, Field(max_length=20_000)] = ""
    cited: Annotated[
        list[Annotated[str, Field(max_length=100)]],
        Field(max_length=50, description="Ids of the paragraphs that the answer cites"),
    ] = []


class AskIn(Input):
    """A question."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"question": _QUESTION}]})
    question: QuestionText
    k: K = None
    source: SourcePattern = None
    history: Annotated[
        list[TurnIn], Field(max_length=50, description="Oldest first; the question may follow up on it")
    ] = []
    strict: Annotated[bool, Field(description="Leave out sentences that their sources do not support")] = False
    stream: Annotated[bool, Field(description="Tell it as server-sent events while it happens")] = False


class SearchIn(Input):
    """A question whose paragraphs are wanted."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"question": _QUESTION, "k": 3}]})
    question: QuestionText
    k: K = None
    source: SourcePattern = None


class SourceIn(Input):
    """A text to check an answer against."""

    text: Annotated[str, Field(min_length=1)]
    name: Annotated[str | None, Field(max_length=200)] = None


class VerifyIn(Input):
    """An answer with marks [1], [2], ...; [n] is the n-th source."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"answer": f"{_TEXT}[1]", "sources": [{"text": _TEXT}]}]})
    answer: Annotated[str, Field(min_length=1, max_length=50_000)]
    sources: Annotated[list[SourceIn], Field(min_length=1, max_length=100)]


def named_sources(sources: Sequence[SourceIn]) -> list[tuple[str, str]]:
    """(name, text) of each; one without a name is called by its number."""
    return [(source.name or f"source {n}", source.text) for n, source in enumerate(sources, start=1)]
