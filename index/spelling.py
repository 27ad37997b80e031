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
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice

import numpy as np

from index.pinyin import homophones
from index.static_model import StaticEmbedder
from index.text import fold, is_cjk, simplify

_WORD = re.compile(r"(?<![^\W\d_])[^\W\d_]{5,24}(?![^\W\d_])")
"""Shorter words are one slip away from too many others; longer ones the table has not."""
_MOST = 8
"""Words, and Chinese characters, of a question that are looked at closely: it may have hundreds that no passage has."""
_HAN = re.compile(r"[\u3400-\u9fff]{2,}")
_KANA = re.compile(r"[\u3041-\u30ff]")
_CHARACTERS = 4
"""Those of a Chinese word, at most."""
_MEANS = 6.5
"""Squared norm from which a character means something by itself; 是 has .6 and 哪 6, and both stand beside anything.
Chosen on the Chinese sets of `benchmarks/slips.py`."""
_BLOCK = 0x180
"""Code points that hold one alphabet or two: Latin with its accents, Greek and Cyrillic."""

Held = Callable[[Sequence[str]], list[int]]
"""Of each term, how many passages hold it (`index.library.Library.held`)."""


def corrected(question: str, held: Held, table: StaticEmbedder) -> str:
    """The question with its slips put right."""
    found = [word for word in _WORD.finditer(question) if not is_cjk(word.group())]
    passages = held([fold(word.group()) for word in found])
    unknown = [word for word, times in zip(found, passages, strict=True) if not times]
    for word in reversed(unknown[:_MOST]):
        question = question[: word.start()] + _word(word.group(), held, table) + question[word.end() :]
    for place, character in _characters(simplify(question), held, table):  # places stay: it is as long
        question = question[:place] + character + question[place + 1 :]
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
    """What one slip makes of a word: the first letter stays, the last unless it is exchanged with the one before."""
    starts = {ord(letter) // _BLOCK * _BLOCK for letter in word}
    letters = [letter for start in starts for letter in map(chr, range(start, start + _BLOCK)) if letter.islower()]
    for i in range(1, len(word)):
        before, after = word[:i], word[i:]
        yield from (before + letter + after for letter in letters)
        if len(after) > 1:
            yield from (before + after[1:], before + after[1] + after[0] + after[2:])
            yield from (before + letter + after[1:] for letter in letters)


def _characters(text: str, held: Held, table: StaticEmbedder) -> Iterator[tuple[int, str]]:
    """Places in a text, and the character that was most likely meant there: that of the longest, commonest word."""
    runs = [] if _KANA.search(text) else list(_HAN.finditer(text))
    passages = _passages([run.group() for run in runs], held)
    odd = ((run, i) for run in runs for i in range(len(run.group())) if _odd(run.group(), i, passages, table))
    last = -2
    for run, i in islice(odd, _MOST):
        place = run.start() + i
        alike = homophones(text[place])
        words = {word: one for one in alike for word in _words_around(run.group(), i, one) if table.has(word)}
        times = _passages(words, held)
        there = {word: least for word in words if (least := min(times[pair] for pair in _pairs(word)))}
        if there and place > last + 1:
            yield place, words[max(there, key=lambda word: (len(word), there[word], word))]
            last = place


def _odd(run: str, i: int, passages: Mapping[str, int], table: StaticEmbedder) -> bool:
    """Whether a character means something, but no passage has it beside either neighbour, and no word has it so."""
    return (
        not any(passages[pair] for pair in _pairs(run[max(0, i - 1) : i + 2]))
        and not any(map(table.has, _words_around(run, i, run[i])))
        and bool(np.square(table.rows(table.tokens([run[i]])[0])).sum() >= _MEANS)
    )


def _passages(words: Iterable[str], held: Held) -> dict[str, int]:
    """How many passages hold each pair of characters of these words."""
    pairs = sorted({pair for word in words for pair in _pairs(word)})
    return dict(zip(pairs, held(pairs), strict=True))


def _words_around(run: str, place: int, character: str) -> Iterator[str]:
    """Every stretch of two to four characters with this one in its place."""
    for start in range(max(0, place - _CHARACTERS + 1), place + 1):
        for end in range(max(place + 1, start + 2), min(len(run), start + _CHARACTERS) + 1):
            yield run[start:place] + character + run[place + 1 : end]


def _pairs(run: str) -> list[str]:
    return [run[i : i + 2] for i in range(len(run) - 1)]
