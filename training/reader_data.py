"""Questions and paragraphs that the reader is trained on, and the dictionaries that change a word's language."""

from __future__ import annotations

import gzip
import json
import random
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from index.sentences import sentences
from index.text import fold

HELD_OUT = 5
"""Every so many-th paragraph of the development sets is for measuring."""

DEV = ("cmrc2018-dev.zh", "drcd-dev.zh-Hant", "squad11-part.en", "jsquad-valid.ja")
ACROSS = ("en", "zh", "de", "es", "ru", "tr", "ro", "vi")
CAPS = {"qa2.ja.jaquad-train": 9000, "qa2.zh.nomiracl-neg": 1800}


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph and what its context would be."""

    text: str
    title: str
    source: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, its paragraph, and the accepted answers; None without any."""

    question: str
    passage: int
    answers: tuple[str, ...]
    start: int = -1


def subject(title: str) -> str:
    """A title without what tells it from others of its name: "Mercury (planet)"."""
    return re.sub(r"\s*\(.*", "", title)


def plain(text: str) -> str:
    return "".join(c for c in fold(text) if c.isalnum())


class Data:
    """Every question, and the passages that it could be asked over."""

    def __init__(self, folder: Path, draw: random.Random) -> None:
        self.passages: list[Passage] = []
        self.asked: list[Asked] = []
        self._row: dict[tuple[str, str], int] = {}
        self.draw = draw
        self.held = held_out(folder)
        for name in DEV:
            self._dev(folder, name, name)
        self._across(folder)
        for file in sorted((folder / "train").glob("qa2.*.jsonl.gz")):
            self._train(file)

    def _passage(self, text: str, title: str, source: str) -> int:
        key = (text, source)
        if key not in self._row:
            self._row[key] = len(self.passages)
            self.passages.append(Passage(text, title, source))
        return self._row[key]

    def _dev(self, folder: Path, questions: str, paragraphs: str, most: int = 10**9) -> None:
        contexts = lines(folder / "dev" / f"{paragraphs}.contexts.jsonl")
        own = {c["id"]: c for i, c in enumerate(contexts) if i % HELD_OUT != HELD_OUT - 1}
        answers = {q["id"]: q["answers"] for q in lines(folder / "dev" / f"{paragraphs}.jsonl")}
        found = [
            q for q in lines(folder / "dev" / f"{questions}.jsonl") if q["context_id"] in own and q["id"] in answers
        ]
        for q in self.draw.sample(found, min(most, len(found))):
            context = own[q["context_id"]]
            if plain(context["text"])[:80] in self.held:
                continue
            row = self._passage(context["text"], context["title"].replace("_", " "), paragraphs)
            self.asked.append(Asked(q["question"], row, tuple(answers[q["id"]])))

    def _across(self, folder: Path) -> None:
        """The same questions and paragraphs in several languages, each over each where one is English or Chinese."""
        for one in ACROSS:
            for other in ACROSS:
                most = 480 if {one, other} <= {"en", "zh"} or one == other else 240
                if {one, other} & {"en", "zh"} or one == other:
                    self._dev(folder, f"xquad-half.{one}", f"xquad-half.{other}", most)

    def _train(self, file: Path) -> None:
        name = file.name.removesuffix(".jsonl.gz")
        with gzip.open(file, "rt", encoding="utf-8") as opened:
            rows = [json.loads(line) for line in opened]
        rows = [r for r in rows if plain(r["paragraph"])[:80] not in self.held and len(r["paragraph"]) < 2500]
        rows = [r for r in rows if not r["answerable"] or (r["answers"] and r["answers"][0]["start"] >= 0)]
        self.draw.shuffle(rows)
        for r in rows[: CAPS.get(name, 500 if "nomiracl" in name else 10**9)]:
            row = self._passage(r["paragraph"], "", name)
            start = r["answers"][0]["start"] if r["answerable"] else -1
            self.asked.append(Asked(r["question"], row, tuple(a["text"] for a in r["answers"]), start))


def marked(text: str, answers: tuple[str, ...], start: int) -> tuple[list[str], list[list[tuple[int, int]]]]:
    """The sentences of a text, and where in each an answer stands: the first one at `start`, or every one of them."""
    spans = sentences(text)
    pieces = [text[a:b] for a, b in spans]
    if answers and start >= 0:
        end = start + len(answers[0])
        return pieces, [[(max(0, start - a), min(b, end) - a)] if a < end and start < b else [] for a, b in spans]
    every = [re.compile(re.escape(answer)) for answer in answers]
    return pieces, [[m.span() for answer in every for m in answer.finditer(piece)] for piece in pieces]


def held_out(folder: Path) -> set[str]:
    found = set()
    for file in (folder / "dev").glob("*.contexts.jsonl"):
        for i, context in enumerate(lines(file)):
            if i % HELD_OUT == HELD_OUT - 1:
                found.add(plain(context["text"])[:80])
    return found


def lines(file: Path) -> list[dict]:
    with file.open(encoding="utf-8") as opened:
        return [json.loads(line) for line in opened]


def dictionaries(folder: Path) -> dict[str, dict[str, list[str]]]:
    """Chinese pieces to English words, and English words to Chinese ones."""
    found: dict[str, dict[str, list[str]]] = {"zh": defaultdict(list), "en": defaultdict(list)}
    for name in ("dict.zh-en.cedict", "dict.zh-en.omw"):
        with gzip.open(folder / "train" / f"{name}.tsv.gz", "rt", encoding="utf-8") as opened:
            for row in opened:
                chinese, english = [*row.rstrip("\n").split("\t"), ""][:2]
                english = re.sub(r"\(.*?\)|^to ", "", english).strip()
                if chinese and english and len(english.split()) <= 2 and len(chinese) <= 4:
                    if len(found["zh"][fold(chinese)]) < 4:
                        found["zh"][fold(chinese)].append(english)
                    if len(found["en"][fold(english)]) < 4:
                        found["en"][fold(english)].append(chinese)
    return found
