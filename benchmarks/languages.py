"""Japanese, Korean and traditional Chinese questions over simplified Chinese text: is the paragraph in the first three?

    python benchmarks/languages.py [--model FOLDER]

The paragraphs are those of the example reports in simplified Chinese; the questions, `languages.tsv`, are our own.
Mean vector plus late interaction, no words.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from pathlib import Path

from exact import ExactIndex

from index.static_model import PACKAGED, StaticEmbedder

HERE = Path(__file__).resolve().parent
REPORTS = HERE.parent / "examples" / "reports"
FIRST = 3


def paragraphs() -> list[str]:
    """Every line of the simplified reports that is longer than a heading."""
    texts = [file.read_text(encoding="utf-8") for file in sorted(REPORTS.glob("云川*.txt"))]
    return [line.strip() for text in texts for line in text.splitlines() if len(line.strip()) > 20]


def cases() -> list[tuple[str, str, str]]:
    """(language, question, words that only its paragraph has)."""
    lines = (HERE / "languages.tsv").read_text(encoding="utf-8").splitlines()[1:]
    return [(language, question, words) for language, question, words in (line.split("\t") for line in lines)]


def ranks(table: StaticEmbedder) -> dict[str, list[int]]:
    """Language to the places, from 1, of the right paragraphs."""
    texts = paragraphs()
    index = ExactIndex(texts, table)
    found: dict[str, list[int]] = defaultdict(list)
    for language, question, words in cases():
        [gold] = [i for i, text in enumerate(texts) if words in text]
        scores = index.dense(question)
        found[language].append(1 + int((scores > scores[gold]).sum()))
    return dict(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=PACKAGED)
    arguments = parser.parse_args()
    print(f"{len(paragraphs())} paragraphs\n\n| questions in | first | first {FIRST} | of | places |\n|{'---|' * 5}")
    for language, places in ranks(StaticEmbedder(arguments.model)).items():
        first, among = places.count(1), sum(place <= FIRST for place in places)
        print(f"| {language} | {first} | {among} | {len(places)} | {' '.join(map(str, places))} |")


if __name__ == "__main__":
    main()
