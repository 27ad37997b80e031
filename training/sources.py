"""The training files of a folder: which there are, what language each side is in, what their lines hold."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LANGUAGES = ("zh", "zh-Hant", "en", "ja", "de", "fr", "es", "ru", "ko")


@dataclass(frozen=True, slots=True)
class Source:
    """One file: `parallel.de-en.tldr.tsv.gz` is kind parallel, languages (de, en), name tldr."""

    file: Path
    kind: str
    """`parallel`, `dict` or `qa`."""
    languages: tuple[str, str]
    """Of the left and the right text; for `qa`, of question and paragraph."""
    name: str

    def pairs(self) -> Iterator[tuple[str, str]]:
        """(left, right) of every line that has both."""
        with gzip.open(self.file, "rt", encoding="utf-8") as lines:
            for line in lines:
                if self.kind == "qa":
                    case = json.loads(line)
                    yield case["question"], case["paragraph"]
                else:
                    left, _, right = line.rstrip("\n").partition("\t")
                    if left and right:
                        yield left, right

    def sha256(self) -> str:
        return hashlib.sha256(self.file.read_bytes()).hexdigest()


def sources(folder: Path) -> list[Source]:
    """Every file of the folder whose languages the model is for, sorted by name."""
    found = []
    for file in sorted([*folder.glob("*.tsv.gz"), *folder.glob("*.jsonl.gz")]):
        kind, languages, name = file.name.split(".")[:3]
        pair = (languages, languages) if kind == "qa" else _pair(languages)
        if set(pair) <= set(LANGUAGES):
            found.append(Source(file, kind, pair, name))
    return found


def _pair(languages: str) -> tuple[str, str]:
    """Cut at the last hyphen: "zh-Hant-en" -> ("zh-Hant", "en")."""
    left, _, right = languages.rpartition("-")
    return left, right
