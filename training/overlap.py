"""Is any paragraph or question of the dev sets in the training files?

    python training/overlap.py --data DIR --dev DIR

Compared are letters and digits only, NFKC, lower case, traditional folded to simplified. A hit is a text that equals a
dev paragraph or question of ten letters or more, or shares a stretch of 60 to 80 characters with a paragraph. Exit
code 1 when there is one.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from sources import Source, sources

from index.text import fold

STRETCH = 40
STRIDE = 20
"""Training texts are looked at every 20 characters, dev paragraphs at every one. Two looks in a row make a hit: a
stretch of 80 is always found, the name of an organisation is none."""
_SHORTEST = 10


def plain(text: str) -> str:
    """Letters and digits, folded: "國際-1" -> "国际1"."""
    return "".join(filter(str.isalnum, fold(text)))


def dev_texts(folder: Path) -> tuple[set[str], set[int]]:
    """Whole questions and paragraphs; hashes of every stretch of a paragraph."""
    whole: set[str] = set()
    stretches: set[int] = set()
    for file in sorted(folder.glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            case = json.loads(line)
            text = plain(case.get("text") or case["question"])
            if len(text) >= _SHORTEST:
                whole.add(text)
            if "text" in case:
                stretches.update(hash(text[i : i + STRETCH]) for i in range(len(text) - STRETCH + 1))
    return whole, stretches


def hits(source: Source, whole: set[str], stretches: set[int]) -> Iterator[str]:
    """Every text of the source that was found in the dev sets."""
    for pair in source.pairs():
        for text in pair:
            bare = plain(text)
            known = [hash(bare[i : i + STRETCH]) in stretches for i in range(0, len(bare) - STRETCH + 1, STRIDE)]
            if bare in whole or any(a and b for a, b in zip(known, known[1:], strict=False)):
                yield text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--dev", type=Path, required=True)
    arguments = parser.parse_args()
    whole, stretches = dev_texts(arguments.dev)
    print(f"{len(whole)} questions and paragraphs, {len(stretches)} stretches of {STRETCH} characters", flush=True)
    total = 0
    for source in sources(arguments.data):
        found = list(hits(source, whole, stretches))
        total += len(found)
        for text in found[:3]:
            print(f"{source.file.name}: {text[:100]}", flush=True)
    print(f"{total} hits")
    sys.exit(1 if total else 0)


if __name__ == "__main__":
    main()
