"""A question, parsed once: whoever needs its words or tokens finds them here."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from index.embedders import Embedder
from index.static_model import StaticEmbedder, Tokens
from index.text import fold
from index.words import query_words


@dataclass(frozen=True)
class Question:
    """What is asked, with the forms that search, matching and answering compare; each is made when first read."""

    text: str
    """As the user wrote it."""
    table: StaticEmbedder | None = field(default=None, repr=False, compare=False)
    """The static table that cuts it into tokens; None when the library was embedded by another model."""

    @classmethod
    def of(cls, question: Question | str, embedder: Embedder) -> Question:
        """The question for this embedder; one that has a table already is returned as it is."""
        if isinstance(question, Question) and question.table is not None:
            return question
        text = question if isinstance(question, str) else question.text
        return cls(text, embedder if isinstance(embedder, StaticEmbedder) else None)

    @cached_property
    def folded(self) -> str:
        """Width, case and traditional characters folded away (`index.text.fold`)."""
        return fold(self.text)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Terms of the lexical index, without repeats (`index.words.query_words`)."""
        return tuple(query_words(self.text))

    @cached_property
    def tokens(self) -> Tokens | None:
        """Token ids of the table, int32, shape (n,); None without a table."""
        return None if self.table is None else self.table.tokens([self.text])[0]
