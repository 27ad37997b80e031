"""Whether the paragraphs found are likely to answer the question, before anybody is asked to write.

A logistic score over a few features that mean the same in a library of ten paragraphs and of fifty thousand: shares
and cosines, never sums. `benchmarks/refusal.py` measures it: half of the paragraphs indexed, all questions asked.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from index.records import Hit
from index.text import is_cjk
from index.words import query_words, words
from rag.similarity import Similarity

THRESHOLD = 0.2
"""Below this evidence the answer is refused. On CMRC 2018, DRCD and XQuAD (Chinese, English) it refuses about 5 % of
the answerable questions and three quarters of those whose paragraph is not there."""
THRESHOLD_OTHER_SCRIPT = 0.2
"""The same for a question in another script than the paragraphs, where words cannot match and the score is weaker."""

# Fitted coefficients: (bias, weights).
_SAME_SCRIPT = (-6.68, {"best coverage": 2.83, "coverage": -0.68, "lead": 4.97, "late": 6.08, "late lead": 4.16})
_OTHER_SCRIPT = (-3.3, {"late": 7.0, "late lead": 6.0})


def evidence(question: str, hits: Sequence[Hit], frequency: Callable[[str], int], size: int, near: Similarity) -> float:
    """Probability-like score in [0, 1] that the hits answer the question; 0 without hits.

    `frequency` gives the number of paragraphs with a word, `size` the number of paragraphs in the library.
    """
    if not hits:
        return 0.0
    texts = ["\n".join((*hit.paragraph.heading, hit.paragraph.text)) for hit in hits[:5]]
    late = [float(score) for score in near(question, texts)]
    features = {"late": late[0], "late lead": late[0] - _mean(late[1:], late[0])}
    bias, weights = _OTHER_SCRIPT
    if is_cjk(question) == is_cjk(texts[0]):
        bias, weights = _SAME_SCRIPT
        features |= _coverage(question, texts, frequency, size)
    return 1 / (1 + math.exp(-bias - sum(weight * features[name] for name, weight in weights.items())))


def answerable(
    question: str, hits: Sequence[Hit], frequency: Callable[[str], int], size: int, near: Similarity
) -> bool:
    """Whether the evidence reaches the threshold."""
    if not hits:
        return False
    same = is_cjk(question) == is_cjk(hits[0].paragraph.text)
    return evidence(question, hits, frequency, size, near) >= (THRESHOLD if same else THRESHOLD_OTHER_SCRIPT)


def _coverage(question: str, texts: Sequence[str], frequency: Callable[[str], int], size: int) -> dict[str, float]:
    """Share of the question's words, weighted by rarity, that the paragraphs hold."""
    asked = query_words(question)
    rarity = {w: math.log(1 + (size - min(df, size) + 0.5) / (df + 0.5)) for w in asked for df in [frequency(w)]}
    total = sum(rarity.values()) or 1.0
    held = [set(words(text)) for text in texts]
    covered = [sum(rarity[w] for w in asked if w in terms) / total for terms in held]
    return {
        "best coverage": max(covered[:3]),
        "coverage": sum(w in held[0] for w in asked) / max(len(asked), 1),
        "lead": covered[0] - _mean(covered[1:], covered[0]),
    }


def _mean(values: Sequence[float], default: float) -> float:
    return sum(values) / len(values) if values else default
