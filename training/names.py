"""Trains the network that tells which tokens of a question belong to a name (`rag.names`).

    python training/names.py --data DIR --out FOLDER [--epochs N] [--seed S]

DIR holds `train/` and `dev/` as for `reader.py`. Nobody marked the names. In any language the title of the article that
a question is about is one; in languages that write names alone with a capital, what has one and does not begin the
question; in Chinese a word whose every translation in CC-CEDICT begins with a capital. Questions in Chinese and
Japanese in which none of these is found are left out: what they name may be unknown. In most of the others a name is
exchanged for any other, because there are more names than questions. One question in eight is kept back; printed is, by
language, how often a token of a name scores above another one (AUROC).
"""

from __future__ import annotations

import gzip
import random
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from answer_type import WIDE, options
from reader_data import Data, subject
from torch import Tensor, nn
from torch.nn import functional

from index.late_interaction import unit_rows
from index.static_model import StaticEmbedder
from index.text import fold, is_cjk, simplify
from rag.names import FILE, NORM, QUESTION

LANGUAGES = ("zh", "ja", "other")
_KANA = re.compile("[\u3041-\u30ff]")
_NOUNS = "xquad-half.de"
"""Its language writes every noun with a capital."""

KEPT = 0.4
"""Share of the questions that keep their names."""


class Marked(NamedTuple):
    """A question and where its names are."""

    question: str
    spans: list[tuple[int, int]]
    language: str


class Tagger(nn.Module):
    """`rag.names.Names` for many questions at once."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.meaning, self.around, self.told = nn.Linear(dim + 1, WIDE), nn.Linear(3 * WIDE, WIDE), nn.Linear(WIDE, 1)

    def forward(self, rows: Tensor, there: Tensor) -> Tensor:
        encoded = torch.relu(self.meaning(functional.dropout(rows, 0.2, self.training))) * there
        padded = functional.pad(encoded, (0, 0, 1, 1))
        beside = torch.cat([padded[:, :-2], encoded, padded[:, 2:]], 2)
        return self.told(encoded + torch.relu(self.around(beside)) * there)[:, :, 0]


def proper_nouns(folder: Path) -> tuple[set[str], set[str]]:
    """The words of CC-CEDICT, and those of two characters and more that are names."""
    names, words = set[str](), dict[str, bool]()
    with gzip.open(folder / "train" / "dict.zh-en.cedict.tsv.gz", "rt", encoding="utf-8") as rows:
        for row in rows:
            word, english = [*row.rstrip("\n").split("\t"), ""][:2]
            english = re.sub(r"\(.*?\)", "", english).strip()
            words[fold(word)] = words.get(fold(word), True) and (not english or english[0].isupper())
    names = {word for word, capital in words.items() if capital and len(word) > 1 and is_cjk(word)}
    return set(words), names


def marked(folder: Path, draw: random.Random) -> tuple[list[Marked], dict[str, list[str]]]:
    """The questions, shuffled, and the names of each language."""
    data, (words, names) = Data(folder, draw), proper_nouns(folder)
    longest = max(map(len, names))
    found = dict[str, Marked]()
    for one in data.asked:
        passage, question = data.passages[one.passage], one.question
        folded = fold(simplify(question))
        if len(folded) != len(question):
            continue
        title = fold(simplify(subject(passage.title)))
        spans = [match.span() for match in re.finditer(re.escape(title), folded)] if len(title) > 1 else []
        language = "ja" if _KANA.search(question) else "zh" if is_cjk(question) else "other"
        if language == "zh":
            spans += _in_dictionary(folded, words, names, longest)
        elif language == "other" and passage.source != _NOUNS:
            capitals = re.finditer(r"\b[^\W\d_]\w+", question)
            spans += [match.span() for match in capitals if match.start() > 1 and match[0][0].isupper()]
        if spans or language == "other":
            found[question] = Marked(question, spans, language)
    every = list(found.values())
    draw.shuffle(every)
    pools = {
        language: {one.question[a:b] for one in every if one.language == language for a, b in one.spans}
        for language in LANGUAGES
    }
    pools["zh"] |= names
    return every, {language: sorted(pool) for language, pool in pools.items()}


def renamed(one: Marked, pools: dict[str, list[str]], draw: random.Random) -> Marked:
    """The question with one of its names exchanged for any other, or as it is."""
    if not one.spans or draw.random() < KEPT:
        return one
    start, end = draw.choice(one.spans)
    name = draw.choice(pools[one.language])
    text, longer = one.question[:start] + name + one.question[end:], len(name) - (end - start)
    spans = [(a, b) if b <= start else (a + longer, b + longer) for a, b in one.spans if b <= start or a >= end]
    return Marked(text, [*spans, (start, start + len(name))], one.language)


def _in_dictionary(text: str, words: set[str], names: set[str], longest: int) -> list[tuple[int, int]]:
    """The names among the longest words of the dictionary, from the left."""
    spans, at = [], 0
    while at < len(text):
        lengths = range(min(longest, len(text) - at), 1, -1)
        length = next((length for length in lengths if text[at : at + length] in words), 1)
        if text[at : at + length] in names:
            spans.append((at, at + length))
        at += length
    return spans


def tensors(table: StaticEmbedder, some: list[Marked]) -> tuple[Tensor, Tensor, Tensor]:
    """Of each question's tokens the rows and their norms, 1 where there is a token, and 1 where it is of a name."""
    shape = len(some), QUESTION
    rows, there, name = (np.zeros((*shape, n), dtype=np.float32) for n in (table.dim + 1, 1, 1))
    encoded = table.tokenizer.encode_batch([one.question for one in some], add_special_tokens=False)
    for i, (one, encoding) in enumerate(zip(some, encoded, strict=True)):
        own = table.rows(np.array(encoding.ids[:QUESTION], dtype=np.int32))
        rows[i, : len(own), :-1], rows[i, : len(own), -1] = unit_rows(own), np.linalg.norm(own, axis=1) * NORM
        there[i, : len(own), 0] = rows[i, : len(own), -1] > 0  # not what the table does not know
        for place, (start, end) in enumerate(encoding.offsets[:QUESTION]):
            name[i, place] = any(start < b and a < end for a, b in one.spans)
    return torch.from_numpy(rows), torch.from_numpy(there), torch.from_numpy(name)[:, :, 0]


def auroc(scores: Tensor, truth: Tensor) -> float:
    order = scores.argsort().argsort().double() + 1
    positive = truth.sum()
    return float((order[truth > 0].sum() - positive * (positive + 1) / 2) / (positive * (len(truth) - positive)))


def main() -> None:
    given = options(__doc__, 6)
    draw = random.Random(given.seed)
    every, pools = marked(given.data, draw)
    torch.manual_seed(given.seed)
    table = StaticEmbedder()
    held, learned = every[: len(every) // 8], every[len(every) // 8 :]
    net = Tagger(table.dim)
    optimiser = torch.optim.AdamW(net.parameters(), 2e-3, weight_decay=1e-2)
    for epoch in range(given.epochs):
        net.train()
        for batch in torch.randperm(len(learned)).split(64):
            rows, there, name = tensors(table, [renamed(learned[i], pools, draw) for i in batch])
            each = functional.binary_cross_entropy_with_logits(net(rows, there), name, reduction="none")
            loss = (each * there[:, :, 0]).sum() / there.sum()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        net.eval()
        told = {}
        for language in LANGUAGES:
            with torch.no_grad():
                rows, there, name = tensors(table, [one for one in held if one.language == language])
                kept = there[:, :, 0] > 0
                told[language] = round(auroc(net(rows, there)[kept], name[kept]), 3)
        print(f"epoch {epoch + 1}:", told, flush=True)
    given.out.mkdir(parents=True, exist_ok=True)
    np.savez(given.out / FILE, **{name: value.numpy().astype(np.float16) for name, value in net.state_dict().items()})


if __name__ == "__main__":
    main()
