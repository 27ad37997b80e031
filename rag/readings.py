"""Paragraphs read for a question, once: where the answer may lie, and how well question and paragraph match."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.embedders import Embedder
from index.fusion import KNOWN
from index.late_interaction import Interaction
from index.matching import FILE, Matcher
from index.network import Floats
from index.pinyin import respelled
from index.question import Clause, Question
from index.records import Paragraph
from index.sentences import sentences
from index.static_model import StaticEmbedder, Tokens
from index.text import fold
from rag.answer_type import ASKING, Classifier
from rag.answer_type import FILE as ANSWER_TYPE
from rag.cross_encoder import Part, cross_encoder
from rag.names import Names
from rag.reader import PARAGRAPH, Reader, shapes, view

_KEPT = 12
"""Questions whose readings are kept: one, and its sentences and clauses that are asked by themselves."""
_CLOSE = 48
"""Paragraphs of which it is kept what the second reader made of them: those of about as many questions."""
_ASKS = 0.5
"""Probability above which a clause asks something."""
_NOTHING = np.zeros(0, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Reading:
    """What one paragraph is to one question."""

    spans: tuple[tuple[int, int], ...]
    """Its sentences, start and end in its text, in characters."""
    scores: NDArray[np.float32]
    """Log-odds that the answer lies in the sentence against lying nowhere in the paragraph, shape (len(spans),)."""
    late: float
    """Late interaction with the paragraph and its context, in [-1, 1]; 0 in a language that the table lacks."""
    match: float
    """Log-odds that the paragraph is the one asked about (`index.matching`)."""

    @property
    def answer(self) -> float:
        """Log-odds that the paragraph contains the answer; very low without sentences."""
        return float(np.logaddexp.reduce(self.scores)) if len(self.scores) else -20.0


class Readings:
    """Reads paragraphs over a static table, names as the paragraphs write them. The last questions' are kept."""

    @classmethod
    def of(cls, embedder: Embedder) -> Readings:
        """By the library's own table where weights lie beside it, else by the packaged one."""
        if isinstance(embedder, StaticEmbedder) and (embedder.folder / FILE).is_file():
            return cls(embedder)
        return cls()

    def __init__(self, table: StaticEmbedder | None = None) -> None:
        self.table = table or StaticEmbedder()
        self._matcher = Matcher(self.table, self.table.folder)
        self._reader = Reader(self.table, self.table.folder)
        self._answer_type = Classifier(self.table, self.table.folder / ANSWER_TYPE)
        self._asking = Classifier(self.table, self.table.folder / ASKING)
        self._names = Names(self.table, self.table.folder)
        self._kept: dict[str, dict[Paragraph, Reading]] = {}
        self._close: dict[tuple[str, Paragraph, int], dict[int, float]] = {}

    def __call__(self, question: Question, paragraphs: Sequence[Paragraph]) -> list[Reading]:
        """One reading for each paragraph."""
        if question.text not in self._kept and len(self._kept) == _KEPT:
            self._kept = {}
        kept = self._kept.setdefault(question.text, {})
        new = [paragraph for paragraph in dict.fromkeys(paragraphs) if paragraph not in kept]
        kept.update(zip(new, self._read(question, new), strict=True))
        return [kept[paragraph] for paragraph in paragraphs]

    def closely(self, question: Question, likely: Sequence[tuple[Paragraph, int]]) -> list[Mapping[int, float]]:
        """The second reader's log-odds that the answer lies in a sentence, by where that starts, for each paragraph.

        As many sentences are read as it takes in, around the one that begins at the number beside it.
        """
        keys = [(question.text, *one) for one in likely]
        if len(self._close) > _CLOSE:
            self._close = {}
        kept = self._close
        new = [key for key in keys if key not in kept]
        read = cross_encoder()([_part(question, paragraph, start) for _, paragraph, start in new]) if new else []
        for key, (skipped, scores) in zip(new, read, strict=True):
            starts = [start for start, _ in _parts(key[1])[0]]
            kept[key] = dict(zip(starts[skipped:], scores.tolist(), strict=False))
        return [kept[key] for key in keys]

    def knows(self, question: Question) -> bool:
        """Whether the table has the question's language, so that the reader can tell more than its words do."""
        return self._known(*self.table.tokens([question.text]))

    def _known(self, asked: Tokens) -> bool:
        return self.table.known(asked) > KNOWN[0]

    def expected(self, question: Question) -> Floats:
        """Probabilities of the types of answer that it may ask for (`rag.answer_type`), shape (4,)."""
        return self._answer_type(*self.table.tokens([question.text if self.knows(question) else ""]))

    def asking(self, question: Question) -> list[Clause]:
        """Its clauses that ask; none where there is only one clause, or in a language that the table lacks."""
        if not self.knows(question):
            return []
        return [clause for clause in question.clauses if self._asks(clause.own)]

    def _asks(self, clause: Question) -> bool:
        text = clause.text.rstrip("。")  # questions in Japanese end so too: it tells nothing
        return bool(self._asking(*self.table.tokens([text]))[1] > _ASKS)

    def asked(self, question: Question) -> Question | None:
        """From the first clause that asks on, the last clause without any; None when that is the whole question.

        "根据2019年的公司治理报告，总资产是多少？" names first where to look: a sentence that answers need not.
        """
        if not question.clauses:
            return None
        rest = next(iter(self.asking(question)), question.clauses[-1]).rest
        return None if rest.text == question.text else rest

    def topic(self, question: Question) -> Question | None:
        """What a request for a summary is about (`index.question.Question.topic`); None for a question."""
        topic = Question.of(question, self.table).topic
        return None if topic and (self.asking(question) or self._asks(question)) else topic

    def held(self, topic: Question, texts: Sequence[str]) -> list[float]:
        """Share of the topic's tokens that each text has literally, in [0, 1]; rare ones count more."""
        [asked, *own] = self.table.tokens([topic.text, *texts])
        weights = np.square(self.table.rows(asked)).sum(axis=1)
        return [float(weights[np.isin(asked, ids)].sum() / max(weights.sum(), 1e-9)) for ids in own]

    def lacking(self, question: Question, text: str) -> float:
        """How far a text that has what is asked for lacks the names of the question, in [0, 1] (`rag.names`)."""
        return self._names.lacking(*self.table.tokens([respelled(question.text, fold(text)), text]))

    def naming(self, question: Question, terms: Sequence[str]) -> list[float]:
        """Probability that each term of the question belongs to a name (`rag.names`): that of its likeliest token."""
        [asked, *own] = self.table.tokens([question.text, *terms])
        probabilities = dict.fromkeys(asked.tolist(), 0.0)
        for token, probability in zip(asked.tolist(), self._names(asked).tolist(), strict=False):  # the first ones
            probabilities[token] = max(probabilities[token], probability)
        return [max((probabilities.get(token, 0.0) for token in ids.tolist()), default=0.0) for ids in own]

    def _read(self, question: Question, paragraphs: Sequence[Paragraph]) -> list[Reading]:
        texts: list[str] = []
        parts = [_parts(paragraph) for paragraph in paragraphs]
        for paragraph, (own, around) in zip(paragraphs, parts, strict=True):
            texts += [
                respelled(question.text, fold(f"{paragraph.head}\n{around}\n{paragraph.text}")),
                paragraph.head,
                around,
            ]
            texts += [paragraph.text[start:end] for start, end in own]
        tokens = iter(self.table.tokens(texts))
        read = []
        for paragraph, (own, _) in zip(paragraphs, parts, strict=True):
            asked, head, above = next(tokens), next(tokens), next(tokens)
            read.append(self._reading(paragraph, own, asked, head, above, [next(tokens) for _ in own]))
        return read

    def _reading(
        self,
        paragraph: Paragraph,
        spans: tuple[tuple[int, int], ...],
        asked: Tokens,
        head: Tokens,
        around: Tokens,
        pieces: list[Tokens],
    ) -> Reading:
        whole = np.concatenate([head, around, *pieces])
        shape = shapes([paragraph.text[a:b] for a, b in spans])
        scores = [
            self._reader(view(self.table, asked, pieces[first:last], around, shape[first:last]))
            for first, last in _windows(pieces)
        ]
        interaction = Interaction(self.table, asked, [whole])
        late = float(interaction.scores()[0]) if self._known(asked) else 0.0
        match = float(self._matcher(asked, [interaction.cosines(0)])[0])
        return Reading(spans, np.concatenate([*scores, _NOTHING]), late, match)


def _parts(paragraph: Paragraph) -> tuple[tuple[tuple[int, int], ...], str]:
    """Its sentences and what surrounds them; an FAQ's question is what its answer is about."""
    own, around = tuple(sentences(paragraph.text)), context(paragraph)
    if paragraph.kind == "faq" and len(own) > 1:
        return own[1:], f"{around}\n{paragraph.text[slice(*own[0])]}"
    return own, around


def _part(question: Question, paragraph: Paragraph, likely: int) -> Part:
    """What the second reader reads: behind the context the head of the document, as far as there is room for it."""
    own, around = _parts(paragraph)
    asked = respelled(question.text, fold(f"{paragraph.head}\n{around}\n{paragraph.text}"))
    texts = [paragraph.text[start:end] for start, end in own]
    return Part(asked, f"{around}\n{paragraph.head}", texts, [start for start, _ in own].index(likely))


def _windows(pieces: Sequence[Tokens]) -> Iterator[tuple[int, int]]:
    """Ranges of sentences that the reader can take in at once."""
    first = size = 0
    for i, ids in enumerate(pieces):
        if size and size + len(ids) > PARAGRAPH:
            yield first, i
            first, size = i, 0
        size += len(ids)
    if pieces:
        yield first, len(pieces)


def context(paragraph: Paragraph) -> str:
    """What is outside of a paragraph and makes it understandable."""
    return "\n".join(filter(None, (paragraph.title, *paragraph.heading, paragraph.context)))


def whole(paragraph: Paragraph) -> str:
    """A paragraph with what is outside of it, the head of its document too."""
    return f"{paragraph.head}\n{context(paragraph)}\n{paragraph.text}"
