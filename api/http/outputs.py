"""The JSON that the native API sends, as the OpenAPI document describes it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.http.errors import TYPES
from index.records import Kind
from rag.types import Quote, Refusal, Sentence, VerdictName


class Output(BaseModel):
    """What the server sends."""

    model_config = ConfigDict(extra="forbid")


class ParagraphOut(Output):
    """A paragraph and its place; `start` and `end` count characters of the document."""

    paragraph_id: str
    source: str
    heading: list[str]
    page: int | None
    start: int
    end: int
    text: str
    kind: Annotated[Kind, Field(description="What it is in its document; an `faq` is a question with its answer")]
    context: Annotated[str, Field(description="Caption and names of the columns of a row, what introduces an item")]
    superseded: Annotated[bool, Field(description="Whether the document declares itself no longer in force")]
    newer_version: Annotated[str | None, Field(description="Source of a newer version of the document, found as well")]


class HitOut(Output):
    """A passage that was found: its best paragraph, and all of them."""

    paragraph_id: str
    paragraph_ids: list[str]
    source: str
    heading: list[str]
    page: int | None
    text: str
    context: Annotated[str, Field(description="Of the best paragraph")]
    superseded: bool
    newer_version: str | None
    score: float
    rank: int
    lexical_rank: int | None
    dense_rank: int | None


class CitationOut(ParagraphOut):
    """A footnote: the paragraph that is cited, the stretch that supports, the weakest verdict that cites it."""

    mark: int
    quote: Quote | None
    verdict: VerdictName


class AnswerOut(Output):
    """A checked answer, or a refusal."""

    question: str
    answer: str
    refused: Refusal | None
    citations: list[CitationOut]
    sentences: list[Sentence]
    hits: list[HitOut]
    model: dict[str, Any]
    timings_ms: dict[str, float]
    confidence: float | None


class HitsOut(Output):
    """What was found, best first."""

    hits: list[HitOut]


class CheckedOut(Output):
    """An answer after its citations were checked."""

    answer: str
    sentences: list[Sentence]
    citations: list[CitationOut]
    unknown_marks: int


class DocumentOut(Output):
    """A document in the library."""

    source: str
    paragraphs: int
    characters: int
    encoding: str
    title: str | None
    author: str | None
    date: Annotated[str | None, Field(description="As the file gives it")]
    superseded: Annotated[bool, Field(description="Whether it declares itself no longer in force")]
    uploaded: Annotated[bool, Field(description="Whether it came through this server")]


class Documents(Output):
    """All documents, by name."""

    documents: list[DocumentOut]


class DocumentParagraphs(Output):
    """A document's paragraphs in order."""

    source: str
    total: Annotated[int, Field(description="Paragraphs of the document; ask for more with `offset`")]
    paragraphs: list[ParagraphOut]


class InContext(ParagraphOut):
    """A paragraph with those around it."""

    before: ParagraphOut | None
    after: ParagraphOut | None


class SkippedOut(Output):
    """A file that was not indexed."""

    path: str
    reason: str
    fault: bool


class ReportOut(Output):
    """What an indexing job did."""

    indexed: list[str]
    unchanged: list[str]
    skipped: list[SkippedOut]
    notes: Annotated[dict[str, list[str]], Field(description="What was lost in reading a document, if anything")]
    new_paragraphs: int


class JobOut(Output):
    """An indexing job."""

    id: str
    files: Annotated[list[str], Field(description="Its documents by name, in the order in which they are read")]
    state: Literal["queued", "running", "done", "failed"]
    done: Annotated[int, Field(description="Files read so far")]
    total: Annotated[int, Field(description="Files in all")]
    document: Annotated[str, Field(description="The file at hand")]
    report: ReportOut | None
    error: str | None


class JobEnvelope(Output):
    """A job."""

    job: JobOut


class ModelOut(Output):
    """Who writes the answers."""

    name: str
    kind: Literal["extractive", "endpoint"]


class Status(Output):
    """What is in the library, and who answers."""

    documents: int
    paragraphs: int
    embedder: str
    model: ModelOut
    generation: Annotated[int, Field(description="Counts the commits")]
    version: str
    auth: Annotated[bool, Field(description="Whether a key is needed")]
    write: Annotated[bool, Field(description="Whether this key may change the library")]
    keep: Annotated[bool, Field(description="Whether conversations of this key are kept here")]
    types: Annotated[list[str], Field(description="Endings of the files that are read")]


class Conversations(Output):
    """The own records of all conversations of a key."""

    conversations: list[dict[str, Any]]


class ConversationOut(Output):
    """A conversation."""

    conversation: dict[str, Any]
    turns: Annotated[list[dict[str, Any]], Field(description="Oldest first")]


class Health(Output):
    """Alive, or ready."""

    status: Literal["ok"]


class ErrorBody(Output):
    """What went wrong."""

    type: Annotated[str, Field(json_schema_extra={"enum": [*dict.fromkeys(TYPES.values())]})]
    message: Annotated[str, Field(description="One sentence")]


class ErrorOut(Output):
    """The one shape of every error."""

    error: ErrorBody
