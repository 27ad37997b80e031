"""What the peers are asked: questions in four languages, their paragraphs, and others beside them."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

import devsets

LANGUAGES = {"zh": "cmrc2018-dev.zh", "zh-Hant": "drcd-dev.zh-Hant", "en": "squad11-part.en", "ja": "jsquad-valid.ja"}
"""The question set of each language."""

SENTENCES = 5
"""Sentences of a recombined paragraph."""


@dataclass(frozen=True)
class Asked:
    """Questions about some of the texts; `gold[i]` is the row of question i's paragraph."""

    texts: list[str]
    questions: list[str]
    gold: list[int]
    languages: list[str]
    """Of each question."""


def draw(folder: Path, paragraphs: int, questions: int) -> Asked:
    """As many questions a language, their paragraphs, then other paragraphs of the sets, then recombined ones.

    A recombined paragraph has sentences of one language, from paragraphs that no question is about: it resembles the
    right one and does not contain what it says. Raises SystemExit when the numbers do not fit together.
    """
    pick = random.Random(0)
    drawn: list[tuple[str, str, str]] = []  # question, its paragraph, language
    others: list[str] = []
    pools: list[list[str]] = []  # sentences of the others, language by language
    for language, name in LANGUAGES.items():
        one = devsets.load(folder, name)
        texts = [" ".join(text.split()) for text in one.paragraphs]
        some = pick.sample(range(len(one.questions)), min(questions // len(LANGUAGES), len(one.questions)))
        drawn += [(one.questions[i], texts[one.gold[i]], language) for i in some]
        rest = sorted(set(texts) - {texts[one.gold[i]] for i in some})
        others += rest
        pools.append([sentence for text in rest for sentence in _sentences(text)])
    texts = list(dict.fromkeys(text for _, text, _ in drawn))
    if len(texts) > paragraphs or min(map(len, pools)) < SENTENCES:
        raise SystemExit(f"The questions are about {len(texts)} paragraphs: ask fewer, or take more paragraphs.")
    texts += pick.sample(others, min(paragraphs - len(texts), len(others)))
    while len(texts) < paragraphs:
        texts.append(" ".join(pick.sample(pick.choice(pools), SENTENCES)))
    pick.shuffle(texts)
    row = {text: i for i, text in enumerate(texts)}
    asked, about, languages = zip(*drawn, strict=True)
    return Asked(texts, list(asked), [row[text] for text in about], list(languages))


def _sentences(text: str) -> list[str]:
    return [sentence for sentence in text.replace("。", "。\n").replace(". ", ".\n").splitlines() if sentence]
