"""What a sentence says, as documents of labels, rows, items and short lines have it.

Question sets are made over running text. A record is what a question asks of its sentence: the words that both share,
the rarest of them as the subject and the others as the label, and the answer as the value.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np

from index.sentences import sentences
from index.static_model import StaticEmbedder
from index.text import is_cjk

LONGEST = 60
"""Characters of a value."""
_RARE = 0.8
"""A word of the question is rare enough for a label from this share of the median of their lengths on."""
_CLAUSE = "，,；;"


@dataclass(frozen=True, slots=True)
class Record:
    """Subject (empty where one word is shared), label, value, and the clause of the sentence that holds the value."""

    subject: str
    label: str
    value: str
    clause: str

    @property
    def cjk(self) -> bool:
        """Whether it is in Chinese, Japanese or Korean."""
        return is_cjk(self.value + self.label)

    def line(self, kind: str, draw: random.Random) -> str:
        """As a `clause`, an `item` of a list, or a label before its value."""
        if kind == "clause":
            return self.clause
        if kind == "item":
            return f"{draw.choice(('- ', '* ', '1. ', '2. ', '三、', '（四）', '3) '))}{self.clause}"
        named = self.subject and draw.random() < 0.4
        label = f"{self.subject}{'' if self.cjk else ' '}{self.label}" if named else self.label
        colon = draw.choice(("：", ":", "：") if self.cjk else (": ", ": ", " - "))
        return f"{label}{colon}{self.value}{draw.choice(('', '', '。' if self.cjk else '.'))}"


def record(table: StaticEmbedder, question: str, text: str, answers: tuple[str, ...], start: int = -1) -> Record | None:
    """None where the sentence and the question share no word, or the value is long or spread over sentences.

    `start` is the place of the first answer in the text, -1 when it is not known.
    """
    answer = answers[0] if start >= 0 else min(answers, key=len)
    at = start if start >= 0 else text.find(answer)
    if at < 0 or len(answer) > LONGEST:
        return None
    span = next(((a, b) for a, b in sentences(text) if a <= at < b), None)
    if span is None or at + len(answer) > span[1]:
        return None
    sentence, at = text[slice(*span)], at - span[0]
    names = _shared(table, question, sentence, (at, at + len(answer)))
    if not names:
        return None
    clause = _clause(sentence, at, at + len(answer))
    if not any(name in clause for name in names):
        clause = f"{names[0]}{'，' if is_cjk(sentence) else ', '}{clause}"
    subject, labels = (names[0], names[1:3]) if len(names) > 1 else ("", names)
    return Record(subject, " ".join(dict.fromkeys(labels)), answer, clause)


def _shared(table: StaticEmbedder, question: str, sentence: str, but: tuple[int, int]) -> list[str]:
    """Runs of rare words that the question and the sentence share, the one with the rarest first."""
    asked, held = table.tokenizer.encode_batch([question, sentence], add_special_tokens=False)
    lengths = np.linalg.norm(table.rows(np.asarray(asked.ids, dtype=np.int32)), axis=1)
    bar = float(np.median(lengths)) * _RARE if len(lengths) else 0.0
    rare = {i: float(length) for i, length in zip(asked.ids, lengths, strict=True) if length >= bar}
    runs: list[tuple[int, int, float]] = []
    for i, (a, b) in zip(held.ids, held.offsets, strict=True):
        if i not in rare or (a < but[1] and but[0] < b) or not sentence[a:b].strip():
            continue
        if runs and a - runs[-1][1] <= (not is_cjk(sentence)):
            runs[-1] = (runs[-1][0], b, max(runs[-1][2], rare[i]))
        else:
            runs.append((a, b, rare[i]))
    return [sentence[a:b].strip() for a, b, _ in sorted(runs, key=lambda run: -run[2])]


def _clause(sentence: str, start: int, end: int) -> str:
    left = max(sentence.rfind(mark, 0, start) for mark in f"{_CLAUSE}：:") + 1
    ends = [at for mark in _CLAUSE if (at := sentence.find(mark, end)) >= 0]
    return sentence[left : min(ends, default=len(sentence))].strip()
