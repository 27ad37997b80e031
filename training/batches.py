"""Pairs as token ids, and batches of one source at a time.

Sentences of parallel text are asked as questions are: a few of a sentence's tokens, over a passage of several
sentences of which one is its translation.
"""

from __future__ import annotations

import pickle
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sources import Source
from tokenizers import Tokenizer

Ids = NDArray[np.int32]

QUESTION, PASSAGE = 24, 64
"""Tokens of a question and of a passage at most."""

_TECHNICAL = ("msdocs", "pydocs", "iot-beginners", "tldr")
_TECHNICAL_CAP, _CAP = 10_000, 60_000
"""Pairs of one source at most, drawn at random."""
_TECHNICAL_SHARE = 0.4
"""What a pair of software documentation counts beside one of everyday or legal text."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Token ids of one source: pair i is left[i], right[i]."""

    name: str
    group: str
    """Which share of the batches it belongs to, a key of `SHARES`."""
    left: list[Ids]
    right: list[Ids]


SHARES = {"zh-en": 0.34, "zh-en technical": 0.04, "zh-other": 0.14, "other-en": 0.08,
          "dict zh": 0.20, "dict other": 0.09, "gloss": 0.02, "qa": 0.09}  # fmt: skip
"""Share of each group in the batches; inside a group sources count by size^0.7."""

SIZES = {"dict zh": 512, "dict other": 512, "gloss": 384}
_SIZE = 160


def prepare(found: list[Source], tokenizer: Tokenizer, seed: int) -> list[Pairs]:
    """Every source tokenised, technical ones capped, and further pairs of Chinese with what shares its English."""
    generator = np.random.default_rng(seed)
    texts: dict[str, tuple[str, list[tuple[str, str]]]] = {}
    for source in found:
        name = f"{source.kind}.{'-'.join(source.languages)}.{source.name}"
        texts[name] = (_group(source), list(dict.fromkeys(source.pairs())))
    texts.update(_through_english(found))
    for name, (group, pairs) in texts.items():
        cap = _TECHNICAL_CAP if _technical(name) else _CAP
        if len(pairs) > cap and not name.startswith("dict."):
            chosen = np.sort(generator.choice(len(pairs), cap, replace=False))
            texts[name] = (group, [pairs[i] for i in chosen])
    return [_tokenised(name, group, pairs, tokenizer) for name, (group, pairs) in texts.items() if len(pairs) >= 200]


def prepared(file: Path | None, found: list[Source], tokenizer: Tokenizer, seed: int) -> list[Pairs]:
    """The pairs as `prepare` makes them; tokenising them takes minutes, so that they can be kept in a file."""
    if file and file.is_file():
        every: list[Pairs] = pickle.loads(file.read_bytes())
        return every
    every = prepare(found, tokenizer, seed)
    if file:
        file.write_bytes(pickle.dumps(every))
    return every


def _technical(name: str) -> bool:
    """Whether the last part of a name is that of a source of software documentation."""
    return name.split(".")[-1].startswith(_TECHNICAL)


def _group(source: Source) -> str:
    left, right = (language.removesuffix("-Hant") for language in source.languages)
    if source.kind == "qa":
        return "qa"
    if source.kind == "dict":
        return "gloss" if left == right else "dict zh" if left == "zh" else "dict other"
    if left != "zh":
        return "other-en"
    if right != "en":
        return "zh-other"
    return "zh-en technical" if _technical(source.name) else "zh-en"


def _through_english(found: Iterable[Source]) -> dict[str, tuple[str, list[tuple[str, str]]]]:
    """Chinese beside German, French...: pairs of parallel sources of one name whose English side is the same."""
    chinese: dict[str, dict[str, str]] = defaultdict(dict)
    others = []
    for source in found:
        if source.kind == "parallel" and source.languages[1] == "en":
            if source.languages[0].startswith("zh"):
                chinese[source.name].update((english, text) for text, english in source.pairs())
            else:
                others.append(source)
    joined = {}
    for source in others:
        known = chinese[source.name]
        pairs = [(known[english], text) for text, english in source.pairs() if english in known]
        joined[f"joined.zh-{source.languages[0]}.{source.name}"] = ("zh-other", pairs)
    return joined


def _tokenised(name: str, group: str, pairs: list[tuple[str, str]], tokenizer: Tokenizer) -> Pairs:
    longest = 2 * PASSAGE if group == "qa" else PASSAGE
    sides = []
    for side in (0, 1):
        encoded = tokenizer.encode_batch_fast([p[side][: 5 * longest] for p in pairs], add_special_tokens=False)
        sides.append([np.array([i for i in e.ids if i > 1][:longest], dtype=np.int32) for e in encoded])
    kept = [i for i in range(len(pairs)) if len(sides[0][i]) and len(sides[1][i])]
    return Pairs(name, group, [sides[0][i] for i in kept], [sides[1][i] for i in kept])


class Batches:
    """An endless, seeded stream of (group, question ids, passage ids), padded with 0."""

    def __init__(self, every: list[Pairs], seed: int) -> None:
        self.every = every
        self.generator = np.random.default_rng(seed)
        groups: dict[str, float] = defaultdict(float)
        sizes = [len(pairs.left) ** 0.7 * (_TECHNICAL_SHARE if _technical(pairs.name) else 1) for pairs in every]
        for pairs, size in zip(every, sizes, strict=True):
            groups[pairs.group] += size
        chances = np.array([SHARES[p.group] * s / groups[p.group] for p, s in zip(every, sizes, strict=True)])
        self.chances = chances / chances.sum()

    def next(self) -> tuple[str, Ids, Ids]:
        pairs = self.every[self.generator.choice(len(self.every), p=self.chances)]
        size = min(SIZES.get(pairs.group, _SIZE), len(pairs.left) // 2)
        order = self.generator.choice(len(pairs.left), 2 * size, replace=False)
        chosen, spare = order[:size], order[size:]
        sides = (pairs.left, pairs.right)
        asked, offered = sides if pairs.group == "qa" or self.generator.random() < 0.5 else sides[::-1]
        left, right = [asked[i] for i in chosen], [offered[i] for i in chosen]
        if pairs.group not in (*SIZES, "qa"):
            left = [self._some(ids) for ids in left]
            right = self._passages(right, [offered[i] for i in spare])
        return pairs.group, _padded(left, QUESTION), _padded(right, 2 * PASSAGE if pairs.group == "qa" else PASSAGE)

    def _some(self, ids: Ids) -> Ids:
        """A random part of the tokens, two fifths at least, in order."""
        kept = self.generator.random(len(ids)) < self.generator.uniform(0.4, 1.0)
        return ids[kept] if kept.any() else ids

    def _passages(self, sentences: list[Ids], spare: list[Ids]) -> list[Ids]:
        """Each sentence among up to three that are asked for nowhere in the batch."""
        passages = []
        for ids in sentences:
            others = self.generator.integers(len(spare), size=self.generator.integers(4))
            passages.append(np.concatenate([ids, *(spare[i] for i in others)]))
        return passages


def _padded(rows: list[Ids], longest: int) -> Ids:
    """Shape (len(rows), at most `longest`)."""
    width = min(longest, max(len(ids) for ids in rows))
    padded = np.zeros((len(rows), width), dtype=np.int32)
    for i, ids in enumerate(rows):
        padded[i, : len(ids)] = ids[:width]
    return padded
