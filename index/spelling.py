"""Slips of the keyboard in a question: "prental leave" for parental leave, 铁掳 for 铁路.

A word that no passage has, and that the table does not know as a whole, is taken for one that it knows, that some
passage has, and that a single slip makes of it. In alphabets that is a letter too many, one missing, a wrong one, or
two exchanged (Damerau 1964, https://doi.org/10.1145/363958.363994). Few errors are in the first letter (Yannakoudakis
and Fawthrop 1983, "The rules of spelling errors"), and a word that differs in its last one is most often another form
of the same. In Chinese it is a character that is read like the right one, for most people type by sound.
`benchmarks/slips.py` measures what is won, and what is changed without need.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from index.pinyin import homophones
from index.static_model import StaticEmbedder
from index.text import fold, is_cjk, simplify

_WORD = re.compile(r"[^\W\d_]{5,}")
"""Shorter words are one slip away from too many others."""
_HAN = re.compile(r"[\u3400-\u9fff]{2,}")
_KANA = re.compile(r"[\u3041-\u30ff]")
_LONGEST = 4
"""Characters of a Chinese word."""
_MEANS = 6.5
"""Squared norm from which a character means something by itself; 是 has .6 and 哪 6, and both stand beside anything.
Chosen with `benchmarks/slips.py`."""
_BLOCK = 0x180
"""Code points that hold one alphabet or two: Latin with its accents, Greek and Cyrillic."""

Held = Callable[[Sequence[str]], list[int]]
"""Of each term, how many passages hold it (`index.library.Library.held`)."""


def corrected(question: str, held: Held, table: StaticEmbedder) -> str:
    """The question with its slips put right."""
    found = [word for word in _WORD.finditer(question) if not is_cjk(word.group())]
    passages = held([fold(word.group()) for word in found])
    for word in reversed([word for word, times in zip(found, passages, strict=True) if not times]):
        question = question[: word.start()] + _word(word.group(), held, table) + question[word.end() :]
    plain = simplify(question)  # as long as the question
    for run in () if _KANA.search(plain) else _HAN.finditer(plain):
        for place, character in _characters(run.group(), held, table):
            at = run.start() + place
            question = question[:at] + character + question[at + 1 :]
    return question


def _word(word: str, held: Held, table: StaticEmbedder) -> str:
    """The word that was most likely meant: of several, the one that most passages have; itself when there is none."""
    plain = fold(word)
    if table.has(word) or _whole(plain, table):
        return word
    near = sorted({one for one in _one_slip(plain) if _whole(one, table)})
    passages = held(near)
    if not any(passages):
        return word
    meant = near[passages.index(max(passages))]
    return meant.capitalize() if word[0].isupper() else meant


def _whole(word: str, table: StaticEmbedder) -> bool:
    return table.has(word) or table.has(word.capitalize())


def _one_slip(word: str) -> Iterator[str]:
    """What one slip makes of a word, or of which it makes this one; the first letter stays, and the last if alone."""
    starts = {ord(letter) // _BLOCK * _BLOCK for letter in word}
    letters = [letter for start in starts for letter in map(chr, range(start, start + _BLOCK)) if letter.islower()]
    for i in range(1, len(word)):
        before, after = word[:i], word[i:]
        yield from (before + letter + after for letter in letters)
        if len(after) > 1:
            yield from (before + after[1:], before + after[1] + after[0] + after[2:])
            yield from (before + letter + after[1:] for letter in letters)


def _characters(run: str, held: Held, table: StaticEmbedder) -> Iterator[tuple[int, str]]:
    """Places in a run of Chinese, and the character that was most likely meant: that of the longest, commonest word."""
    passages, last = held(_pairs(run)), -2
    for i, character in enumerate(run):
        around = passages[max(0, i - 1) : i + 1]
        if any(around) or i == last + 1 or any(map(table.has, _words_around(run, i, character))):
            continue
        if np.square(table.rows(table.tokens([character])[0])).sum() < _MEANS:
            continue
        words = {word: one for one in homophones(character) for word in _words_around(run, i, one) if table.has(word)}
        pairs = sorted({pair for word in words for pair in _pairs(word)})
        times = dict(zip(pairs, held(pairs), strict=True))
        there = {word: least for word in words if (least := min(times[pair] for pair in _pairs(word)))}
        if there:
            yield i, words[max(there, key=lambda word: (len(word), there[word], word))]
            last = i


def _words_around(run: str, place: int, character: str) -> Iterator[str]:
    """Every stretch of two to four characters with this one in its place."""
    for start in range(max(0, place - _LONGEST + 1), place + 1):
        for end in range(max(place + 1, start + 2), min(len(run), start + _LONGEST) + 1):
            yield run[start:place] + character + run[place + 1 : end]


def _pairs(run: str) -> list[str]:
    return [run[i : i + 2] for i in range(len(run) - 1)]
