"""The piece list: whole words by how common they are, then what is needed to write any other word.

Word frequencies come from the package wordfreq (data CC BY-SA 4.0), dictionary words from the training files. A piece
costs 260 bytes in the packaged folder, so each language has a share.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

from folding import character_map, folded
from sources import sources
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

SHARES = {"zh": 20500, "en": 18500, "de": 5500, "fr": 3500, "es": 5000, "ru": 8500, "ja": 5500, "ko": 3500}
"""Whole words per language, by rank."""

_WEIGHTS = {"zh": 0.35, "en": 0.3}
_OTHER_WEIGHT = 0.06
_DICTIONARY_BONUS = 4.0
"""A word of a dictionary ranks as if it were so much more frequent: it can be learned from its translation."""

_SUBSTRINGS = {"en": 1500, "de": 700, "fr": 400, "es": 400, "ru": 1200, "ko": 1800, "ja": 300}
_SUBSTRING_LENGTH = 4
_HAN = re.compile(r"[\u3400-\u9fff]+")
_WORD = re.compile(r"[^\W\d_]+")
_NUMBERS = [str(n) for n in (*range(1000), *range(1500, 2031))]
_FLOOR = -17.0
_SIGNS = set("%‰$€£¥°+#&")
"""Kept beside letters and digits; other punctuation has no piece, and the unknown piece's row is zero."""


def build(folder: Path) -> Tokenizer:
    """The tokenizer over the pieces chosen, with its normaliser; no row belongs to it yet."""
    table = folded()
    scores = _scores(folder, str.maketrans(table))
    vocabulary = [("[PAD]", 0.0), ("[UNK]", -30.0)]
    vocabulary += sorted(scores.items(), key=lambda item: (-item[1], item[0]))
    tokenizer = Tokenizer(models.Unigram(vocabulary, 1, False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Lowercase(), normalizers.Precompiled(character_map(table))]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Whitespace(), pre_tokenizers.Digits(individual_digits=False)]
    )
    return tokenizer


def _scores(folder: Path, table: dict[int, str]) -> dict[str, float]:
    """Piece to log of its relative frequency over all languages, two decimals."""
    characters, words = _texts(folder, table)
    scores: dict[str, float] = {}
    for language, share in SHARES.items():
        counts = _frequencies(language, table)
        weight = _WEIGHTS.get(language, _OTHER_WEIGHT)
        ranked = sorted(counts, key=lambda w: -counts[w] * (_DICTIONARY_BONUS if w in words[language] else 1))
        chosen = [w for w in ranked if _worth_a_piece(w, language)][:share]
        _raise(scores, {w: math.log(weight * counts[w]) for w in chosen})
        if language in _SUBSTRINGS:
            _raise(scores, _substrings(counts, set(chosen), _SUBSTRINGS[language]))
        if language == "zh":
            _raise(scores, {c: math.log(weight * counts[c]) for c in counts if len(c) == 1})
    _raise(scores, {n: -9.0 - 0.5 * len(n) for n in _NUMBERS})
    _raise(scores, {c: _FLOOR for c, n in characters.items() if n >= 3 or _HAN.fullmatch(c)})
    return {piece: round(max(score, _FLOOR), 2) for piece, score in scores.items()}


def _raise(scores: dict[str, float], new: dict[str, float]) -> None:
    for piece, score in new.items():
        scores[piece] = max(score, scores.get(piece, -math.inf))


def _worth_a_piece(word: str, language: str) -> bool:
    if language == "zh":
        return bool(_HAN.fullmatch(word)) and 2 <= len(word) <= 4
    if language == "ja":
        return len(word) <= 6 and not word.isascii()
    if language in ("de", "fr", "es", "en"):
        return len(word) <= 18 and unicodedata.name(word[0], "").startswith("LATIN")
    return not word.isascii()


def _frequencies(language: str, table: dict[int, str]) -> Counter[str]:
    """Folded word to its share of all words."""
    from wordfreq import get_frequency_dict

    counts: Counter[str] = Counter()
    for word, share in get_frequency_dict(language, wordlist="best").items():
        plain = unicodedata.normalize("NFKC", word).lower().translate(table)
        if _WORD.fullmatch(plain):
            counts[plain] += share
    return counts


def _texts(folder: Path, table: dict[int, str]) -> tuple[Counter[str], dict[str, set[str]]]:
    """Characters of the training texts with their counts; per language the words of its dictionaries."""
    characters: Counter[str] = Counter()
    words: dict[str, set[str]] = defaultdict(set)
    for source in sources(folder):
        for number, pair in enumerate(source.pairs()):
            if source.kind != "dict" and number % 5:
                continue
            for language, text in zip(source.languages, pair, strict=True):
                plain = unicodedata.normalize("NFKC", text).lower().translate(table)
                characters.update(c for c in plain if c.isalnum() or c in _SIGNS)
                if source.kind == "dict":
                    words[language.removesuffix("-Hant")].update(_WORD.findall(plain))
    return characters, words


def _substrings(counts: Counter[str], chosen: Iterable[str], share: int) -> dict[str, float]:
    """The commonest beginnings, middles and ends of the words that got no piece; scored below any whole word."""
    taken = set(chosen)
    found: Counter[str] = Counter()
    for word, frequency in counts.items():
        if word in taken or len(word) < 2:
            continue
        weight = math.sqrt(frequency)
        for start in range(len(word)):
            for end in range(start + 1, min(start + _SUBSTRING_LENGTH, len(word)) + 1):
                found[word[start:end]] += weight * (end - start)
    total = sum(found.values())
    best = [(s, n) for s, n in found.most_common(share * 3) if s not in taken][:share]
    return {s: math.log(n / total) - 5 for s, n in best}
