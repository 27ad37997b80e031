"""The same library in a folder and in Milvus: are first ten hits and answers the same, and what does a search cost?

    milvus-lite server --data-dir DIR --host 127.0.0.1 --port 19530 &
    python benchmarks/engines.py ../shared/data/dev --set cmrc2018-dev.zh --set xquad-half.en [--every 4]
        [--engine milvus://127.0.0.1:19530]

The paragraphs of a set are written to files of forty each, and indexed into both. Two lists are the same when they name
the same passages in the same order, but for those whose scores differ by less than 1e-4.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from pathlib import Path

import devsets

from index.records import Hit
from rag import Assistant, Settings

_A_FILE = 40


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--set", action="append", dest="sets", required=True)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--engine", default="milvus://127.0.0.1:19530")
    given = parser.parse_args()
    print("set | paragraphs | questions | same first ten | same answers | ms in a folder | ms in Milvus")
    for name in given.sets:
        compare(devsets.load(given.folder, name), given.every, given.engine)


def compare(questions: devsets.QuestionSet, every: int, engine: str) -> None:
    folder = Path(tempfile.mkdtemp())
    texts = folder / "texts"
    texts.mkdir()
    for first in range(0, len(questions.paragraphs), _A_FILE):
        some = "\n\n".join(" ".join(text.split()) for text in questions.paragraphs[first : first + _A_FILE])
        (texts / f"{first:06}.txt").write_text(some, encoding="utf-8")
    address = f"{engine}/{''.join(c if c.isalnum() else '_' for c in questions.name)}_{int(time.time())}"
    asked = questions.questions[::every]
    settings = Settings(library=folder / "a"), Settings(library=folder / "b", engine=address)
    with Assistant.open(settings=settings[0]) as local, Assistant.open(settings=settings[1]) as far:
        for assistant in (local, far):
            assistant.add([texts])
        found, milliseconds = [], []
        for assistant in (local, far):
            start = time.perf_counter()
            found.append([assistant.search(question, 10) for question in asked])
            milliseconds.append(1000 * (time.perf_counter() - start) / len(asked))
        same = sum(map(alike, *found))
        answers = [[assistant.ask(question) for question in asked] for assistant in (local, far)]
        said = sum((a.text, a.citations) == (b.text, b.citations) for a, b in zip(*answers, strict=True))
        held = local.library.store.count("paragraphs")
    shutil.rmtree(folder)
    times = " | ".join(f"{value:.0f}" for value in milliseconds)
    print(f"{questions.name} | {held} | {len(asked)} | {same} | {said} | {times}", flush=True)


def alike(ours: list[Hit], theirs: list[Hit]) -> bool:
    """Whether two lists are the same, ties aside."""
    scores = [abs(a.score - b.score) < 1e-4 for a, b in zip(ours, theirs, strict=False)]
    by_id = {hit.paragraph_ids: hit.score for hit in theirs}
    placed = all(
        a.paragraph_ids == b.paragraph_ids or abs(by_id.get(a.paragraph_ids, b.score) - a.score) < 1e-4
        for a, b in zip(ours, theirs, strict=False)
    )
    return len(ours) == len(theirs) and all(scores) and placed


if __name__ == "__main__":
    main()
