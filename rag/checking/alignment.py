"""Which words of a text say the words of a sentence: the same ones, or near ones in the packaged table of tokens.

The table sees synonyms and translations (启动 is near "launched", "hospitals" is near nothing in a text on incubators);
it does not see who did what to whom. A token's squared norm says how much it means: training leaves frequent,
meaningless tokens short.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from index.embedders import open_embedder, table_of
from index.late_interaction import unit_rows
from index.sentences import sentences
from rag.checking.numerals import plain
from rag.checking.quantities import quantities

FUNCTION = 1.25
"""Squared norm up to which a word is grammar: 的, 了, "the", "was"; 被 and "not" are above it."""
CONTENT = 4.0
"""Squared norm from which a word carries meaning of its own."""
FIGURE = 12.0
"""What a figure counts among words."""
NEAR = 0.3
"""Cosine from which one word may replace another."""

_LONGEST = 300
"""Characters of a clause; a text without punctuation is cut there, so that no clause makes the work quadratic."""
CLAUSE_END = re.compile(r"[，,；;：:。！？!?](?!\d)|\.(?=\s|$)|\n")
_CJK = re.compile(r"[\u3005\u3007\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_LOSS = 0.02
"""Share of the sentence that a clause must add to belong to the stretch that says it."""


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """The words of a text in order, without its figures."""

    spans: tuple[tuple[int, int], ...]
    """Start and end of each in the text."""
    forms: tuple[str, ...]
    """Each in lower case, width and script folded."""
    weights: NDArray[np.float32]
    """How much each means: the squared norm of its row, shape (n,)."""
    rows: NDArray[np.int32]
    """Row of each in `table`: alone, and joined with the next where no space parts the two, shape (n, 2)."""
    table: NDArray[np.float32]
    """Unit vectors of the distinct words and joined pairs, shape (distinct, dim)."""
    known: float
    """Share of its letters in pieces that the packaged table has, in [0, 1]."""


@lru_cache(maxsize=256)
def words(text: str) -> Words:
    """The words of a text: pieces of the table in Chinese, Japanese and Korean, whole words elsewhere. Linear time."""
    table = table_of(open_embedder())
    bare = _without_figures(text)
    ids, places = table.pieces(bare)
    spans: list[tuple[int, int]] = []
    vectors: list[NDArray[np.float32]] = []
    weights: list[float] = []
    for (start, end), vector in zip(places, table.rows(ids), strict=True):
        if not any(map(str.isalnum, bare[start:end])):
            continue
        weight = float(vector @ vector)
        if spans and spans[-1][1] == start and not _CJK.search(bare, start - 1, end):
            spans[-1] = (spans[-1][0], end)
            vectors[-1], weights[-1] = vectors[-1] + vector, max(weights[-1], weight)
        else:
            spans.append((start, end))
            vectors.append(vector)
            weights.append(weight)
    forms = tuple(bare[start:end].lower() for start, end in spans)
    rows, distinct = _distinct(spans, forms, vectors, table.dim)
    long = [i for i, (start, end) in enumerate(places) if _is_word(bare, start, end)]
    return Words(tuple(spans), forms, np.array(weights, np.float32), rows, distinct, table.known(ids[long]))


def _is_word(text: str, start: int, end: int) -> bool:
    """Whether a piece belongs to a word that says something of its language: R in R-S-R does not."""
    if _CJK.match(text, start):
        return True
    joined = text[start - 1 : start].isalpha() or text[end : end + 1].isalpha() or end - start > 2
    return joined and any(map(str.isalpha, text[start:end]))


def _distinct(
    spans: Sequence[tuple[int, int]], forms: Sequence[str], vectors: Sequence[NDArray[np.float32]], dim: int
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Each distinct word's and joined pair's row, and the table of their unit vectors."""
    row: dict[str, int] = {}
    kept: list[NDArray[np.float32]] = []

    def put(form: str, vector: NDArray[np.float32]) -> int:
        if form not in row:
            row[form] = len(kept)
            kept.append(vector)
        return row[form]

    found = np.zeros((len(forms), 2), np.int32)
    for i, form in enumerate(forms):
        found[i] = put(form, vectors[i])
        if i + 1 < len(forms) and spans[i][1] == spans[i + 1][0]:
            found[i, 1] = put(f"{form}\0{forms[i + 1]}", vectors[i] + vectors[i + 1])
    return found, unit_rows(np.stack(kept)) if kept else np.zeros((0, dim), np.float32)


def _without_figures(text: str) -> str:
    """Figures are checked by value; a space takes the place of each of their characters."""
    kept, at = [], 0
    folded = plain(text)
    for quantity in quantities(text):
        kept += [folded[at : quantity.start], " " * (quantity.end - quantity.start)]
        at = quantity.end
    return "".join([*kept, folded[at:]])


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of a text between two marks of punctuation."""

    start: int
    end: int
    sentence: int
    """Which sentence of the text it belongs to."""


@lru_cache(maxsize=256)
def clauses(text: str) -> tuple[Clause, ...]:
    """Every clause in order: "甲，乙。丙" -> 甲， and 乙。 of sentence 0, 丙 of sentence 1."""
    found = []
    for number, (start, end) in enumerate(sentences(text)):
        at = start
        cuts = [match.end() for match in CLAUSE_END.finditer(text, start, end)]
        for cut in (*cuts, end):
            while at < cut:
                found.append(Clause(at, min(cut, at + _LONGEST), number))
                at = found[-1].end
    return tuple(found)


class Alignment:
    """A sentence held against a text, word by word. Time and memory linear in the text."""

    def __init__(self, sentence: str, text: str) -> None:
        self.sentence, self.text = sentence, text
        self.words, self.of, self.clauses = words(sentence), words(text), clauses(text)
        self.near = self._similarities()
        """Similarity of each word of the sentence to each row of `of.table`, in [0, 1]."""
        starts = [clause.start for clause in self.clauses]
        self.by_clause = np.zeros((len(self.words.forms), len(starts)), np.float32)
        """Similarity of each word of the sentence to the nearest one of each clause, in [0, 1]."""
        bounds = np.searchsorted([start for start, _ in self.of.spans], [*starts, len(text)])
        for i, (a, b) in enumerate(pairwise(bounds.tolist())):
            if a < b:
                self.by_clause[:, i] = self.near[:, self.of.rows[a:b].ravel()].max(axis=1)
        self.best = np.max(self.by_clause, axis=1, initial=0.0)
        """Similarity of each word of the sentence to the nearest one of the text, shape (n,), in [0, 1]."""

    def _similarities(self) -> NDArray[np.float32]:
        """Of each word of the sentence to each distinct one of the text; 1 where the text has it letter by letter."""
        near: NDArray[np.float32] = np.clip(self.words.table[self.words.rows[:, 0]] @ self.of.table.T, 0.0, 1.0)
        known = dict(zip(self.of.forms, self.of.rows[:, 0].tolist(), strict=True))
        for i, form in enumerate(self.words.forms):
            if form in known:
                near[i, known[form]] = 1.0
        return near

    def clause_at(self, place: int) -> int:
        """Index of the clause of a character of the text."""
        return max(0, bisect_right(self.clauses, place, key=lambda clause: clause.start) - 1)

    def share_of(self, best: NDArray[np.float32], figures: Sequence[bool] = ()) -> float:
        """Share of the sentence's meaning that is found, in [0, 1], by the similarity of each word's nearest one.

        `figures` is whether each of its figures is found; one counts as much as a word of much meaning. 1 for a
        sentence without either.
        """
        weights = np.where(self.words.weights > FUNCTION, self.words.weights, 0.0)
        whole = float(weights.sum()) + FIGURE * len(figures)
        held = float(weights @ np.where(best >= NEAR, best, 0.0)) + FIGURE * sum(figures)
        return held / whole if whole else 1.0

    def anchor(self, figures: Sequence[Sequence[int]] = ()) -> tuple[int, int]:
        """The stretch of the text that says the most of the sentence: a run of clauses of one of its sentences.

        `figures`: for each figure of the sentence the clauses that state it. (0, 0) in an empty text.
        """
        numbers = [clause.sentence for clause in self.clauses]
        bounds = [i for i, number in enumerate(numbers) if i == 0 or number != numbers[i - 1]]

        def says(first: int, last: int) -> float:
            best = np.max(self.by_clause[:, first:last], axis=1, initial=0.0)
            return self.share_of(best, [any(first <= clause < last for clause in stating) for stating in figures])

        runs = pairwise([*bounds, len(numbers)])
        first, last = max(runs, key=lambda run: (says(*run), -run[0]), default=(0, 0))
        if first == last:
            return 0, 0
        whole = says(first, last)
        while last - first > 1 and says(first + 1, last) >= whole - _LOSS:
            first += 1
        while last - first > 1 and says(first, last - 1) >= whole - _LOSS:
            last -= 1
        return self.clauses[first].start, self.clauses[last - 1].end
