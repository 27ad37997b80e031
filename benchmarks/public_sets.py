"""Public question sets through the product's own commands: index, eval import, eval run.

    python benchmarks/public_sets.py DATA_FOLDER [--questions N] [--work DIR] [SET...]

Each set is written as a text file and as SQuAD-format JSON, with every so many-th question so that about N are left
(the library holds all paragraphs). Then, once more, only every second paragraph is indexed, so that the questions about
the others have no answer. Beside each figure stands the floor: plain BM25 over Chinese characters and pairs of them,
its best sentence, and the share of its words that a paragraph covers; all measured on whole sets, XQuAD with twice as
many paragraphs as here.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import devsets

Record = dict[str, Any]

COLUMNS = ("recall@1", "recall@5", "mrr@10", "ndcg@10", "fact_recall", "trusted")
FLOORS = {
    "cmrc2018-dev.zh": (0.962, 0.997, 0.978, 0.983, 0.654, None),
    "drcd-dev.zh-Hant": (0.944, 0.993, 0.966, 0.974, 0.812, None),
    "squad11-part.en": (0.757, 0.912, 0.824, None, None, None),
    "xquad-half.zh": (0.932, 0.990, 0.957, 0.966, 0.748, None),
    "xquad-half.en": (0.920, 0.984, 0.949, 0.960, 0.736, None),
}
"""Of COLUMNS."""
REFUSED = {
    "cmrc2018-dev.zh": ("0.93-0.965", "0.82-0.89"),
    "drcd-dev.zh-Hant": ("0.93-0.965", "0.76"),
    "xquad-half.zh": ("0.93-0.965", "0.67-0.70"),
    "xquad-half.en": ("0.93-0.965", "0.65-0.70"),
}
"""AUROC, and the share of unanswerable questions refused when 5 % of the others are."""


def footnote(*arguments: str | Path) -> str:
    """What the command prints; stops when it fails."""
    command = [str(Path(sys.executable).with_name("footnote")), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    if done.returncode:
        sys.exit(f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def prepare(loaded: devsets.QuestionSet, folder: Path, every: int, kept: set[int]) -> tuple[Path, Path]:
    """A text file with the paragraphs of the rows in `kept`, and the questions; those about others are impossible."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = [" ".join(text.split()) for text in loaded.paragraphs]
    corpus, questions = folder / "paragraphs.txt", folder / "questions.json"
    corpus.write_text("\n\n".join(text for row, text in enumerate(texts) if row in kept) + "\n", encoding="utf-8")
    asked: dict[int, list[Record]] = {}
    for i in range(0, len(loaded.questions), every):
        row = loaded.gold[i]
        answers = [{"text": " ".join(a.split()), "answer_start": -1} for a in loaded.answers[i]]
        one = {
            "id": loaded.ids[i],
            "question": loaded.questions[i],
            "answers": answers,
            "is_impossible": row not in kept,
        }
        asked.setdefault(row, []).append(one)
    paragraphs = [{"context": texts[row], "qas": qas} for row, qas in asked.items()]
    data = {"version": "2.0", "data": [{"title": loaded.name, "paragraphs": paragraphs}]}
    questions.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    return corpus, questions


def measure(loaded: devsets.QuestionSet, folder: Path, every: int, kept: set[int]) -> Record:
    """The summary that `footnote eval run --json` prints, and how many questions were imported and left out."""
    corpus, questions = prepare(loaded, folder, every, kept)
    library, eval_set = folder / "library", folder / "set.jsonl"
    footnote("index", corpus, "--library", library)
    imported = json.loads(
        footnote("eval", "import", questions, "--out", eval_set, "--library", library, "--force", "--json")
    )
    record: Record = json.loads(
        footnote("eval", "run", eval_set, "--library", library, "--save", folder / "run.json", "--json")
    )
    return record | {"imported": imported["cases"], "left_out": len(imported["left_out"])}


def row(name: str, whole: Record, half: Record) -> str:
    figures = [whole["metrics"][column] for column in COLUMNS]
    cells = [_beside(value, floor) for value, floor in zip(figures, FLOORS.get(name, (None,) * 6), strict=True)]
    area, refused = REFUSED.get(name, ("-", "-"))
    metrics = half["metrics"]
    cells.append(f"{half['of_the_set']['auroc']:.3f} ({area})")
    cells.append(f"{metrics['over_refusal']:.3f} / {metrics['refusal_recall']:.3f} (0.05 / {refused})")
    latency = f"{whole['latency_ms']['p50']:.0f}"
    return f"| {name} | {whole['imported']} ({whole['left_out']}) | {' | '.join(cells)} | {latency} |"


def _beside(value: float, floor: float | None) -> str:
    return f"{value:.3f}" + (f" ({floor:.3f})" if floor is not None else "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("sets", nargs="*", default=list(FLOORS))
    parser.add_argument("--questions", type=int, default=300)
    parser.add_argument("--work", type=Path, help="keep libraries, sets and runs there")
    given = parser.parse_args()
    head = ["set", "questions (left out)", *COLUMNS, "AUROC", "answerable / unanswerable refused", "p50 ms"]
    print("In brackets the floor. No endpoint. AUROC and what is refused: with every second paragraph indexed.")
    print(f"| {' | '.join(head)} |\n|{'---|' * len(head)}")
    with tempfile.TemporaryDirectory() as temporary:
        work = given.work or Path(temporary)
        for name in given.sets:
            loaded = devsets.load(given.folder, name)
            every = max(1, len(loaded.questions) // given.questions)
            rows = range(len(loaded.paragraphs))
            whole = measure(loaded, work / name, every, set(rows))
            half = measure(loaded, work / f"{name}.half", every, set(rows[::2]))
            print(row(name, whole, half), flush=True)


if __name__ == "__main__":
    main()
