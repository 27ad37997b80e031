"""What indexing, searching and keeping paragraphs costs, beside txtai's hybrid index over the same vectors.

    python benchmarks/speed.py DATA_FOLDER [--paragraphs 10000] [--questions 300] [--txtai PYTHON]

Paragraphs of the question sets, recombined where there are not enough. CPU time of one thread; the machine's own
floor is tokenising and embedding the paragraphs. `--txtai` is the python of an environment that has txtai.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ |= dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "RAYON_NUM_THREADS"), "1")
os.environ["TOKENIZERS_PARALLELISM"] = "false"

import devsets

from index.library import Library
from index.static_model import StaticEmbedder

SETS = ("cmrc2018-dev.zh", "drcd-dev.zh-Hant", "squad11-part.en", "jsquad-valid.ja")
A_FILE = 50

TXTAI = """
import json, sys, time
from txtai.embeddings import Embeddings
from index.static_model import StaticEmbedder
texts, questions, folder = json.load(open(sys.argv[1])), json.load(open(sys.argv[2])), sys.argv[3]
table = StaticEmbedder()
table.embed_passages(texts[:100])
embeddings = Embeddings(method="external", transform=lambda t: table.embed_passages(list(t)), hybrid=True, content=True)
began = time.process_time()
embeddings.index(texts)
embeddings.save(folder)
indexed = time.process_time() - began
for question in questions[:20]:
    embeddings.search(question, 5)
began = time.process_time()
for question in questions:
    embeddings.search(question, 5)
print(json.dumps([indexed, (time.process_time() - began) / len(questions)]))
"""


def corpus(folder: Path, n: int) -> tuple[list[str], list[str]]:
    """Paragraphs, each once, and questions about some of them."""
    loaded = [devsets.load(folder, name) for name in SETS]
    texts = list(dict.fromkeys(text for one in loaded for text in one.paragraphs))
    questions = [question for one in loaded for question in one.questions]
    pick = random.Random(0)
    pick.shuffle(questions)
    pieces = [
        piece for text in texts for piece in text.replace("。", "。\n").replace(". ", ".\n").splitlines() if piece
    ]
    while len(texts) < n:
        texts.append(" ".join(pick.sample(pieces, 5)))
    pick.shuffle(texts)
    return [" ".join(text.split()) for text in texts[:n]], questions


def size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def ours(texts: list[str], questions: list[str], folder: Path) -> tuple[float, float, int]:
    """CPU seconds of indexing, of a search, and bytes on disk."""
    documents = folder / "documents"
    documents.mkdir()
    for first in range(0, len(texts), A_FILE):
        (documents / f"{first}.txt").write_text("\n\n".join(texts[first : first + A_FILE]), encoding="utf-8")
    with Library.open(folder / "library", create=True) as library:
        library.embedder.embed_passages(texts[:100])
        began = time.process_time()
        library.add([documents])
        indexed = time.process_time() - began
        for question in questions[:20]:
            library.search(question, 5)
        began = time.process_time()
        for question in questions:
            library.search(question, 5)
        spent = (time.process_time() - began) / len(questions)
    return indexed, spent, size(folder / "library")


def theirs(python: str, texts: list[str], questions: list[str], folder: Path) -> tuple[float, float, int]:
    (folder / "texts").write_text(json.dumps(texts))
    (folder / "questions").write_text(json.dumps(questions))
    arguments = [python, "-c", TXTAI, str(folder / "texts"), str(folder / "questions"), str(folder / "txtai")]
    root = Path(__file__).resolve().parent.parent
    done = subprocess.run(
        arguments, stdout=subprocess.PIPE, text=True, check=True, env={**os.environ, "PYTHONPATH": str(root)}
    )
    indexed, spent = json.loads(done.stdout.splitlines()[-1])
    return indexed, spent, size(folder / "txtai")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--paragraphs", type=int, default=10_000)
    parser.add_argument("--questions", type=int, default=300)
    parser.add_argument("--txtai", metavar="PYTHON")
    arguments = parser.parse_args()
    texts, questions = corpus(arguments.folder, arguments.paragraphs)
    questions, written = questions[: arguments.questions], sum(len(text.encode()) for text in texts)
    table = StaticEmbedder()
    table.embed_passages(texts[:100])
    began = time.process_time()
    table.embed_passages(texts)
    floor = time.process_time() - began
    print(
        f"{len(texts)} paragraphs of {written / len(texts):.0f} bytes; the floor: {len(texts) / floor:.0f} a CPU second"
    )
    print("| | paragraphs/CPU-s | of the floor | search CPU ms | bytes beside its text |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        rows = {"Footnote": ours(texts, questions, Path(name))}
        if arguments.txtai:
            rows["txtai hybrid"] = theirs(arguments.txtai, texts, questions, Path(name))
    for row, (indexed, spent, held) in rows.items():
        rate, beside = len(texts) / indexed, (held - written) / len(texts)
        print(f"| {row} | {rate:.0f} | {floor / indexed:.2f} | {spent * 1000:.1f} | {beside:.0f} |")
    if arguments.txtai:
        print(f"\nA search costs {rows['Footnote'][1] / rows['txtai hybrid'][1]:.2f} times txtai's.")


if __name__ == "__main__":
    sys.exit(main())
