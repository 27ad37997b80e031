"""Examples for the cross-encoder: the reader's, as tokens of one sequence, at times under the head of a document."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from reader_data import Data, marked, subject
from reader_examples import Maker
from tokenizers import Tokenizer
from torch import Tensor

from index.static_model import StaticEmbedder
from index.text import fold, is_cjk
from rag.cross_encoder import END, PAD, WHOLE, beginning

_PARAGRAPH = 150
"""About as many tokens of a long paragraph are read, the answer among them."""
_FRAMED, _WRONG = 0.22, 0.3
"""Share of the examples under a head that the question names, and of these, under another's than it names."""

Spans = list[list[tuple[int, int]]]
Batch = tuple[Tensor, Tensor, Tensor, Tensor, Tensor]
"""Ids, kinds, sentences, gold, each of shape (B, L), and whether there is an answer, (B,)."""


@dataclass(frozen=True, slots=True)
class Sequenced:
    """`<s> question </s> context </s> sentence </s> sentence </s>`, and which tokens are of the answer."""

    ids: list[int]
    kinds: list[int]
    """0 in the question, 1 in the context, 2 in the paragraph."""
    sentences: list[int]
    """Which sentence each token belongs to, its end included; -1 outside of the paragraph."""
    gold: list[int]


def sequence(
    tokenizer: Tokenizer, question: str, context: str, pieces: Sequence[str], gold: Sequence[Sequence[tuple[int, int]]]
) -> Sequenced:
    """As many of the sentences as fit; of the first one at least its beginning."""
    asked, above, *rest = tokenizer.encode_batch([question, context, *pieces])
    ids, kinds = beginning(asked.ids, above.ids)
    sentences, marks = [-1] * len(ids), []
    for place, (encoding, spans) in enumerate(zip(rest, gold, strict=True)):
        if place and len(ids) + len(encoding.ids) + 1 > WHOLE:
            break
        room = WHOLE - 1 - len(ids)
        for token, (start, end) in zip(encoding.ids[:room], encoding.offsets[:room], strict=True):
            if any(start < b and a < end for a, b in spans):
                marks.append(len(ids))
            ids.append(token)
        ids.append(END)
        sentences += [place] * (len(ids) - len(sentences))
    return Sequenced(ids, kinds + [2] * (len(ids) - len(kinds)), sentences, marks)


def collate(batch: Sequence[Sequenced]) -> Batch:
    """Sequences side by side, padded."""
    shape = len(batch), max(len(one.ids) for one in batch)
    ids, kinds = np.full(shape, PAD), np.full(shape, 2)
    sentences, gold = np.full(shape, -1), np.zeros(shape, dtype=bool)
    for row, one in enumerate(batch):
        length = len(one.ids)
        ids[row, :length], kinds[row, :length], sentences[row, :length] = one.ids, one.kinds, one.sentences
        gold[row, one.gold] = True
    arrays = (ids, kinds, sentences, gold, gold.any(axis=1))
    return tuple(map(torch.from_numpy, arrays))


class CrossMaker(Maker):
    """The reader's examples; a fifth of the titled ones under a head that the question names, right or wrong."""

    def __init__(
        self,
        data: Data,
        table: StaticEmbedder,
        words: dict[str, dict[str, list[str]]],
        draw: random.Random,
        tokenizer: Tokenizer,
    ) -> None:
        super().__init__(data, table, words, draw)
        self.tokenizer = tokenizer

    def _example(
        self, question: str, text: str, title: str, answers: tuple[str, ...], start: int, *, shown: bool = False
    ) -> Sequenced | None:
        pieces, gold = marked(text, answers, start)
        if len(question) < 2 or not pieces or (answers and not any(gold)):
            return None
        context = title if shown or self.draw.random() < 0.6 else ""
        if not shown:
            pieces, gold = self._distracted(question, title, pieces, gold)
            if title and self.draw.random() < _FRAMED:
                question, context, right = self._framed(question, title)
                if not right:
                    answers, gold = (), [[] for _ in gold]
        first = self._first(pieces, gold)
        made = sequence(self.tokenizer, question, context, pieces[first:], gold[first:])
        return None if answers and not made.gold else made

    def _first(self, pieces: list[str], gold: Spans) -> int:
        """The sentence that a long paragraph is read from."""
        lengths = [len(piece) * (0.75 if is_cjk(piece) else 0.3) for piece in pieces]
        if sum(lengths) <= _PARAGRAPH:
            return 0
        at = next((i for i, spans in enumerate(gold) if spans), self.draw.randrange(len(pieces)))
        room, first = _PARAGRAPH * self.draw.random(), at
        while first and sum(lengths[first - 1 : at]) < room:
            first -= 1
        return first

    def _framed(self, question: str, title: str) -> tuple[str, str, bool]:
        """A question that names its document, a document's head, and whether it is that document's."""
        draw, cjk = self.draw, is_cjk(question)
        name, year = subject(title), draw.choice(("", "", str(draw.randint(1995, 2024))))
        other, another = name, year
        if draw.random() < _WRONG:
            if year and draw.random() < 0.5:
                another = str(int(year) + draw.choice((-3, -2, -1, 1, 2)))
            else:
                alike = [titles for titles in self.titles.values() if is_cjk(titles[0]) == is_cjk(title)]
                other = subject(draw.choice(draw.choice(alike)))
        right = fold(other) in fold(title) and another == year
        ends = (
            ("", "报告", "年报", "介绍", "\n报告")
            if cjk
            else ("", " report", " annual report", "\nreport", ": overview")
        )
        end, own = draw.choice(ends), _dated(name, year, cjk=cjk)
        if cjk:
            forms = (
                f"{own}：{question}",
                f"在{own}中，{question}",
                f"根据{own}{end.strip()}，{question}",
                f"{question}（{own}）",
            )
        else:
            forms = (f"In {own}, {question}", f"According to the {own}, {question}", f"{own}: {question}")
        return draw.choice(forms), f"{_dated(other, another, cjk=cjk)}{end}", right


def _dated(name: str, year: str, *, cjk: bool) -> str:
    if not year:
        return name
    return f"{name}{year}年" if cjk else f"{name} {year}"
