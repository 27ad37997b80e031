"""Names in Latin letters over Chinese text: "Putuo" in a question is 普陀 in a paragraph.

Static embeddings know few names and words cannot cross scripts, but the romanisation of a name (Hanyu Pinyin, ISO 7098,
without tones) says which characters it may stand for. `pinyin.tsv` is made by `training/pinyin_table.py`. Places whose
English name is not their romanisation (the Bund, Hong Kong) stand in `exonyms.tsv`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from importlib.resources import files
from itertools import product

Name = tuple[tuple[str, ...], ...]
"""The ways to cut one name into syllables: "Xian" -> (("xian",), ("xi", "an"))."""

_ONE = r"[A-Z][a-zü]+(?:['’](?!s\b)[a-zü]+)*"
_SINGLE = re.compile(_ONE)
_WORD = re.compile(r"[A-Z][a-zü]+(?:['’][a-zü]+)*(?:[ -][A-Z][a-zü]+(?:['’][a-zü]+)*)*")
_LONGEST, _LONGEST_SYLLABLE = 24, 6
_MOST_PAIRS = 20_000
"""Pairs of characters that are looked up for one pair of syllables."""


def names(text: str) -> list[Name]:
    """Capitalised words of two syllables or more that can be read as pinyin, neighbours together.

    "How many PhDs did Putuo attract?" -> [(("pu", "tuo"),)]. English words may be among them (China: chi na); they
    stand for characters that hardly ever meet.
    """
    found: list[Name] = []
    for phrase in _WORD.finditer(unicodedata.normalize("NFC", text)):
        run: Name = ((),)
        # A genitive ends a name: Putuo's Wuning Road is two.
        for word in (*re.split("[ -]", re.sub(r"['’]s\b", " .", phrase.group())), ""):
            cuts = _cuts(word.lower().replace("ü", "v"))
            if cuts:
                run = tuple(before + after for before, after in product(run, cuts))[:8]
            else:
                found += [kept] if (kept := tuple(cut for cut in run if len(cut) > 1)) else []
                run = ((),)
    return found


def exonyms(text: str) -> list[str]:
    """Chinese names of the places that the text calls by an English name of their own: "the Bund" -> 外滩."""
    return [chinese for pattern, chinese in _exonyms() if pattern.search(text)]


def respelled(question: str, text: str) -> str:
    """The question with its names as the text, folded, writes them: "Putuo" is 普陀 where the text holds 普陀."""

    def written(word: re.Match[str]) -> str:
        name = tuple(cut for cut in _cuts(word.group().lower().replace("ü", "v")) if len(cut) > 1)
        found = _pattern(name).search(text) if name else None
        return (found or word).group()

    for pattern, chinese in _exonyms():
        if chinese in text:
            question = pattern.sub(chinese, question)
    return _SINGLE.sub(written, unicodedata.normalize("NFC", question))


def homophones(character: str) -> list[str]:
    """Characters that are read like this one, tones aside, common ones first: 路 -> 卢, 炉, 录, ..."""
    return [one for read in _characters().values() if character in read for one in read if one != character]


def pairs(name: Name, exists: Callable[[str], bool]) -> list[str]:
    """Pairs of characters that the name may be written with, among those that exist as terms of an index."""
    found: dict[str, None] = {}
    for cut in name:
        for first, second in zip(cut, cut[1:], strict=False):
            ones, twos = ([c for c in _characters()[s] if exists(c)] for s in (first, second))
            for one, two in list(product(ones, twos))[:_MOST_PAIRS]:
                if exists(one + two):
                    found[one + two] = None
    return list(found)


@cache
def _exonyms() -> tuple[tuple[re.Pattern[str], str], ...]:
    lines = files("index").joinpath("exonyms.tsv").read_text(encoding="utf-8").splitlines()
    pairs = (line.split("\t") for line in lines)
    return tuple((re.compile(rf"\b{re.escape(english)}\b"), chinese) for english, chinese in pairs)


@cache
def _characters() -> dict[str, str]:
    """Syllable to the characters read so, common ones first."""
    lines = files("index").joinpath("pinyin.tsv").read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t") for line in lines)


def _cuts(word: str) -> tuple[tuple[str, ...], ...]:
    """The ways to cut a word into the fewest syllables, but at least two, and the word as a single one.

    An apostrophe cuts: xi'an. Empty when the word is no pinyin.
    """
    if not word or len(word) > _LONGEST:
        return ()
    whole: tuple[tuple[str, ...], ...] = ((),)
    for part in re.split("['’]", word):
        whole = tuple(before + after for before, after in product(whole, _syllables(part)))
    fewest = min((len(cut) for cut in whole if len(cut) > 1), default=1)
    return tuple(cut for cut in whole if len(cut) in (1, fewest))


def _syllables(part: str) -> Iterator[tuple[str, ...]]:
    if not part:
        yield ()
    for end in range(1, min(len(part), _LONGEST_SYLLABLE) + 1):
        if part[:end] in _characters():
            yield from ((part[:end], *rest) for rest in _syllables(part[end:]))


@cache
def _pattern(name: Name) -> re.Pattern[str]:
    return re.compile("|".join("".join(f"[{_characters()[syllable]}]" for syllable in cut) for cut in name))
