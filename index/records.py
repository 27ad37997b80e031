"""What moves through `index`: frozen records, and the offsets that hold them to their source.

For every paragraph `p` of a document `d`, in characters (code points):

    d.text[p.start:p.end] == p.text
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Kind = Literal["paragraph", "list_item", "table_row", "faq", "code"]
"""What a block is in its document. An "faq" is a question with its answer."""


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of a document that its format shows as one paragraph."""

    start: int
    """First character, in the document's text."""
    end: int
    """One past the last character."""
    heading: tuple[str, ...] = ()
    """The headings that govern it, outermost first; empty when none does."""
    page: int | None = None
    """Page, from 1, where the format has pages."""
    kind: Kind = "paragraph"
    """What it is in its document."""
    context: str = ""
    """What lies outside its own text and makes it understandable: a table's caption and header, the line that
    introduces a list. Shown and searched; never part of the text, and no evidence for a figure."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a document records of itself, in its properties or its first lines."""

    title: str | None = None
    """Its title."""
    author: str | None = None
    """Who wrote it."""
    date: str | None = None
    """Its date, as the file gives it."""
    superseded: bool = False
    """Whether the document declares itself no longer in force."""


class Recognised(NamedTuple):
    """A line that was recognised on a picture of text; its place in points from the page's lower left corner."""

    page: int
    """From 1."""
    text: str
    left: float
    bottom: float
    right: float
    top: float


@dataclass(frozen=True, slots=True)
class Parsed:
    """What the reader of a format makes of a file's bytes: `text[block.start:block.end]` is each block's text."""

    text: str
    """The whole text, lines ended by "\\n"; of a format that is not text, what its reader makes of it, headings too."""
    blocks: tuple[Block, ...]
    """Its paragraphs, in order, without overlap."""
    metadata: Metadata = Metadata()
    """What the file's own properties give; `files.read` adds a title where they give none."""
    encoding: str = ""
    """How text was decoded, e.g. "utf-8", "gb18030"; empty for other formats."""
    notes: tuple[str, ...] = ()
    """What the user should know of the reading, one sentence each: "2 bytes that are not valid utf-8 were replaced"."""
    recognised: tuple[Recognised, ...] = ()
    """Lines of pages that are pictures, so that a quotation can be marked on them later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document(Parsed):
    """One source of a library; its metadata have a title always."""

    source: str
    """Its name in the library: a path, relative to the library's own folder where it lies below that."""
    sha256: str
    """Hash of its bytes: the same hash is the same content."""


@dataclass(frozen=True, slots=True)
class Location:
    """One more place where a paragraph stands."""

    source: str
    start: int
    end: int
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """The unit that is found and cited."""

    id: str
    """From its content: the same paragraph keeps it through renames, re-indexing and edits elsewhere."""
    text: str
    """The source's own words; never contains the heading."""
    heading: tuple[str, ...]
    """The headings that govern it, outermost first."""
    source: str
    """The document that it is cited from (its first location)."""
    start: int
    """First character in the document's text."""
    end: int
    """One past the last character."""
    page: int | None = None
    """Page, from 1, where the format has pages."""
    also: tuple[Location, ...] = field(default=())
    """Other places with the same text under the same headings."""
    kind: Kind = "paragraph"
    """What its format makes of it."""
    context: str = ""
    """What stands outside its own text and makes it understandable (see `Block.context`)."""
    title: str | None = None
    """Title of the document that it is cited from."""
    superseded: bool = False
    """Whether that document declares itself no longer in force."""
    head: str = ""
    """Beginning of that document, where it has more passages than one: who, when, which case. No evidence."""
    newer: str = ""
    """Source of a newer version of that document, found for the same question and much alike; empty for none."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found for a question, and the paragraph in it that fits best."""

    paragraph: Paragraph
    score: float
    """Fused score, higher is better; comparable within one list only."""
    rank: int
    """Place in the list, from 1."""
    lexical_rank: int | None = None
    """Place in the list by words alone, from 1; None when words did not find it."""
    dense_rank: int | None = None
    """Place in the list by vectors alone, from 1; None when vectors did not find it."""
    passage: tuple[Paragraph, ...] = ()
    """The paragraphs that were found together, in order; empty when `paragraph` was found alone."""

    @property
    def paragraphs(self) -> tuple[Paragraph, ...]:
        """The passage's paragraphs, the one that fits the question best first, then in order."""
        return (self.paragraph, *(other for other in self.passage if other.id != self.paragraph.id))

    @property
    def text(self) -> str:
        """The passage that was found: its paragraphs' texts, in order, a line each."""
        return "\n".join(paragraph.text for paragraph in self.passage or (self.paragraph,))

    @property
    def paragraph_ids(self) -> tuple[str, ...]:
        """Ids of the passage's paragraphs, in order."""
        return tuple(paragraph.id for paragraph in self.passage or (self.paragraph,))
