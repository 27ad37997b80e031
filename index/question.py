"""A question, parsed once: whoever needs its words or tokens finds them here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.embedders import Embedder, table_of
from index.late_interaction import late_interaction, unit_rows
from index.pinyin import Name, exonyms, names
from index.sentences import sentences
from index.static_model import StaticEmbedder, Tokens
from index.text import fold, is_cjk
from index.translation import translations
from index.words import query_words

ASKS = ("?", "？", "؟")
_COMMA = re.compile(r"[，；،]|[,;]\s")
_LEAST = 3
"""Words of a clause that can be asked alone."""
_MOST = 8
"""Sentences, and clauses, of a question that are looked at by themselves: each reads the passages once more."""

_EXAMPLES = {
    "mention": (
        *("Which documents mention it?", "Which files mention it?", "In which reports is it mentioned?"),
        *("哪些文件提到了它？", "哪些报告中提到它？"),
    ),
    "author": (
        *("Who wrote it?", "Who is the author of it?", "By whom was it drafted?"),
        *("它是谁写的？", "谁撰写了它？", "它的作者是谁？"),
    ),
    "date": ("When was it written?", "它是什么时候写的？"),
    "works": (
        *("What did she write?", "Which documents did she write?", "Which reports did she write?"),
        *("他写了什么？", "他写了哪些文件？", "他写过哪些报告？"),
    ),
}
"""Questions about documents themselves, by kind; the table finds other wordings."""

_SURE = 0.75
"""Least late interaction of one of these with the question. No question of the packaged set reaches it
(`tests/index/test_question.py`)."""
_FRAME = 0.65
"""Cosine from which a token of the question is one of theirs, and none of what it asks about."""
_LIGHT = 0.6
"""Squared norm up to which a token means little: "the"."""


_SUMMARY = ("总结", "概述", "介绍")
_NEAR = 0.35
"""Cosine from which a word asks for a summary as these do: "overview" .96, "summarize" .58; "report" .27."""


class AboutDocuments(NamedTuple):
    """A question about documents themselves."""

    kind: str
    """"mention": which documents mention it; "author", "date": who wrote it, and when; "works": what they wrote."""
    about: str
    """What or whom the question names."""


class Clause(NamedTuple):
    """Part of a question between commas."""

    own: Question
    rest: Question
    """It and what follows in its sentence."""


@dataclass(frozen=True)
class Question:
    """What is asked, with the forms that search, matching and answering compare; each is made when first read."""

    text: str
    """As the user wrote it, white space trimmed."""
    table: StaticEmbedder | None = field(default=None, repr=False, compare=False)
    """The static table that cuts it into tokens; None before a library is known."""

    @classmethod
    def of(cls, question: Question | str, embedder: Embedder | None = None) -> Question:
        """The question for this embedder; one that has a table already is returned as it is."""
        table = table_of(embedder) if embedder else None
        if isinstance(question, Question):
            return question if question.table or not table else cls(question.text, table)
        return cls(question.strip(), table)

    @cached_property
    def folded(self) -> str:
        """Width, case and traditional characters folded away (`index.text.fold`)."""
        return fold(self.text)

    @cached_property
    def cjk(self) -> bool:
        """Whether it is written in Chinese, Japanese or Korean."""
        return is_cjk(self.text)

    @cached_property
    def wordings(self) -> tuple[Question, ...]:
        """Each sentence that asks, where others greet, thank or explain, and the whole; of one sentence, itself."""
        pieces = [self.text[start:end] for start, end in sentences(self.text)]
        if len(pieces) < 2:
            return (self,)
        asking = [piece for piece in pieces if piece.endswith(ASKS)][:_MOST]
        return (*(Question(piece, self.table) for piece in asking), self)

    @cached_property
    def foreign_names(self) -> tuple[list[Name], list[str]]:
        """Its names in Latin letters, as syllables of pinyin (Putuo), and in Chinese (外滩 for "the Bund")."""
        return names(self.text), exonyms(self.text)

    @cached_property
    def translations(self) -> dict[str, float]:
        """What its words may be in another script, and what each counts (`index.translation`); none without a table."""
        return translations(self.text, self.table) if self.table else {}

    @cached_property
    def clauses(self) -> tuple[Clause, ...]:
        """Clauses of the sentences that ask, which may each ask something; none where there is only one.

        A word or two are none: "How much did InnovateTech, Inc. raise?"
        """
        asking = [(start, end) for start, end in sentences(self.text) if self.text[start:end].endswith(ASKS)]
        found = []
        for start, end in asking or [(0, len(self.text))]:
            for first, last in clause_spans(self.text, start, end):
                own, rest = (Question(self.text[first:until].strip(), self.table) for until in (last, end))
                if len(own.words) >= _LEAST:
                    found.append(Clause(own, rest))
        return tuple(found[:_MOST]) if len(found) > 1 else ()

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Terms of the lexical index, without repeats (`index.words.query_words`)."""
        return tuple(query_words(self.text))

    @cached_property
    def tokens(self) -> Tokens | None:
        """Token ids of the table, int32, shape (n,); None without a table."""
        return None if self.table is None else self.table.tokens([self.text])[0]

    @cached_property
    def topic(self) -> Question | None:
        """It without the words that would ask for a summary; None without any, without others, or without a table.

        "结合2019年的报告，总结其未来展望。" -> "结合2019年的报告，其未来展望。"
        """
        if self.table is None:
            return None
        ids, places = self.table.pieces(self.text)
        near = self.table.cosines(ids, _summary(self.table)).max(axis=1, initial=-1) >= _NEAR
        taken = [_word(self.text, *place) for place, one in zip(places, near, strict=True) if one]
        kept = zip([0, *(end for _, end in taken)], [*(start for start, _ in taken), len(self.text)], strict=True)
        rest = Question(" ".join("".join(self.text[start:end] for start, end in kept).split()), self.table)
        return rest if taken and rest.words else None

    @cached_property
    def about_documents(self) -> AboutDocuments | None:
        """What is asked about documents themselves; None where the question is about what is in them.

        "哪些文件提到了武宁路？" -> mention, 武宁路; "Who wrote the pump manual?" -> author, pump manual.
        """
        if self.table is None or self.tokens is None:
            return None
        examples = _examples(self.table)
        near = {
            kind: max(float(late_interaction(self.table, one, [self.tokens])[0]) for one in asking)
            for kind, asking in examples.items()
        }
        kind = max(near, key=near.__getitem__)
        if near[kind] < _SURE:
            return None
        ids, places = self.table.pieces(self.text)
        frame = unit_rows(self.table.rows(np.unique(np.concatenate(examples[kind]))))
        alike, weights = self.table.cosines(ids, frame).max(axis=1), np.square(self.table.rows(ids)).sum(axis=1)
        own = np.flatnonzero((alike < _FRAME) & (weights > _LIGHT))
        if not len(own):
            return None
        start, end = _word(self.text, places[own[0]][0], places[own[-1]][1])
        return AboutDocuments(kind, self.text[start:end])


def clause_spans(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where the clauses begin and end between these characters: at commas and semicolons, which are left out."""
    for comma in _COMMA.finditer(text, start, end):
        yield start, comma.start()
        start = comma.end()
    yield start, end


@lru_cache(2)
def _examples(table: StaticEmbedder) -> dict[str, list[Tokens]]:
    return {kind: table.tokens(texts) for kind, texts in _EXAMPLES.items()}


@lru_cache(2)
def _summary(table: StaticEmbedder) -> NDArray[np.float32]:
    return unit_rows(table.rows(np.concatenate(table.tokens(_SUMMARY))))


def _word(text: str, start: int, end: int) -> tuple[int, int]:
    """The stretch with the whole of its first and last word, where words are written apart: a token may be a piece."""
    if not is_cjk(text[start:end]):
        start = next((i for i in range(start, 0, -1) if not text[i - 1].isalnum()), 0)
        end = next((i for i in range(end, len(text)) if not text[i].isalnum()), len(text))
    return start, end
