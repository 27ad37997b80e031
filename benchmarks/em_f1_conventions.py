"""Exact match and F1 as public data sets count them, by name, so that figures can stand beside published ones.

- `squad` (Rajpurkar et al. 2016; 2018 for the empty answer): lower case; ASCII punctuation and English articles
  dropped; words cut at white space; F1 over bags of words.
- `mlqa` (Lewis et al. 2020): Unicode punctuation and the language's articles dropped, Chinese characters one by one.
- `cmrc` (Cui et al. 2019; DRCD is scored with it too): Chinese characters one by one, a fixed list of punctuation
  dropped, F1 over the longest run that both answers share. Where the original asks NLTK for the words of other scripts,
  which must be downloaded, words, figures and signs are cut here by a pattern.

They delete "." or "%", so that "12.3" is "123" and "5%" is "5": for comparing with papers, not for judging figures,
which the product's own `em` and `f1` (`eval.metrics.answers`) compare by value. Every function takes the gold
answers and is None without any; the best one counts.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

_ASCII = frozenset(string.punctuation)
_ARTICLES = {
    "en": r"\b(?:a|an|the)\b",
    "es": r"\b(?:un|una|unos|unas|el|la|los|las)\b",
    "vi": r"\b(?:của|là|cái|chiếc|những)\b",
    "de": r"\b(?:ein|eine|einen|einem|eines|einer|der|die|das|den|dem|des)\b",
    "ar": r"ال",
}
_MIXED = re.compile(r"[\u4e00-\u9fa5]|[^\s\u4e00-\u9fa5]+")
_CMRC_DROPPED = frozenset("-:_*^/\\~`+=，。：？！“”；’《》·、「」（）－～『』")
_CMRC_TOKEN = re.compile(r"[\u4e00-\u9fa5]|(?:(?![\u4e00-\u9fa5])\w)+(?:[.,]\d+)*|[^\w\s]")

Tokens = list[str]


def squad_tokens(text: str) -> Tokens:
    """SQuAD's words: "The 12.3%!" -> ["123"]."""
    kept = "".join(c for c in text.lower() if c not in _ASCII)
    return re.sub(_ARTICLES["en"], " ", kept).split()


def mlqa_tokens(text: str, language: str) -> Tokens:
    """MLQA's words for a language code: ("共12.3万", "zh") -> ["共", "123", "万"]."""
    kept = "".join(c for c in text.lower() if c not in _ASCII and not unicodedata.category(c).startswith("P"))
    articles = _ARTICLES.get(language[:2])
    kept = re.sub(articles, " ", kept) if articles else kept
    return _MIXED.findall(kept) if language.startswith("zh") else kept.split()


def cmrc_tokens(text: str) -> Tokens:
    """CMRC 2018's words: "共12.3%，GDP" -> ["共", "12.3", "%", "gdp"]."""
    return _CMRC_TOKEN.findall(_cmrc_plain(text))


def squad_em(answer: str, golds: Sequence[str]) -> float | None:
    """1 when SQuAD's words are those of a gold answer."""
    return _best(squad_tokens(answer) == squad_tokens(gold) for gold in golds)


def squad_f1(answer: str, golds: Sequence[str]) -> float | None:
    """F1 over bags of SQuAD's words; two answers without any agree, as in SQuAD 2.0."""
    return _best(_bag_f1(squad_tokens(answer), squad_tokens(gold), empty=1.0) for gold in golds)


def mlqa_em(answer: str, golds: Sequence[str], language: str) -> float | None:
    """1 when MLQA's words are those of a gold answer."""
    return _best(mlqa_tokens(answer, language) == mlqa_tokens(gold, language) for gold in golds)


def mlqa_f1(answer: str, golds: Sequence[str], language: str) -> float | None:
    """F1 over bags of MLQA's words."""
    return _best(_bag_f1(mlqa_tokens(answer, language), mlqa_tokens(gold, language)) for gold in golds)


def cmrc_em(answer: str, golds: Sequence[str]) -> float | None:
    """1 when the answer is a gold one, the listed punctuation aside."""
    return _best(_cmrc_plain(answer) == _cmrc_plain(gold) for gold in golds)


def cmrc_f1(answer: str, golds: Sequence[str]) -> float | None:
    """Harmonic mean of the shares of both answers that their longest common run makes up."""
    return _best(_run_f1(cmrc_tokens(answer), cmrc_tokens(gold)) for gold in golds)


def _best(scores: Iterable[float]) -> float | None:
    return max(map(float, scores), default=None)


def _bag_f1(answer: Tokens, gold: Tokens, empty: float = 0.0) -> float:
    if not answer and not gold:
        return empty
    return _harmonic((Counter(answer) & Counter(gold)).total(), answer, gold)


def _run_f1(answer: Tokens, gold: Tokens) -> float:
    return _harmonic(_longest_run(answer, gold), answer, gold)


def _harmonic(common: int, answer: Tokens, gold: Tokens) -> float:
    """2PR / (P + R) with P = common / len(answer) and R = common / len(gold)."""
    return 2 * common / (len(answer) + len(gold)) if common else 0.0


def _longest_run(first: Tokens, second: Tokens) -> int:
    best, row = 0, [0] * (len(second) + 1)
    for token in first:
        row = [0, *(row[j] + 1 if token == other else 0 for j, other in enumerate(second))]
        best = max(best, *row)
    return best


def _cmrc_plain(text: str) -> str:
    return "".join(c for c in text.lower().strip() if c not in _CMRC_DROPPED)
