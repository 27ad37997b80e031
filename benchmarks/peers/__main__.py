"""Speed, size and quality beside other search libraries: same paragraphs, questions and vectors, in one run.

    python -m venv PEERS
    PEERS/bin/pip install bm25s chromadb faiss-cpu haystack-ai lancedb langchain-community llama-index-core txtai
    python benchmarks/peers DATA_FOLDER --python PEERS/bin/python

Each peer indexes, saves and searches in a process of its own with one thread; times are that process's CPU times.
Peers are used as their users get them, with their own splitting of text into words; those that take vectors get the
packaged table's. The floor is what is written by hand: vectors in a file, a question compared with all of them.
Last, the share of questions whose paragraph comes first / is among the first five, in all and by language.
A peer that is not installed, or fails, is named and left out.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from peers.drawing import draw
from peers.measure import ASKED, Measured
from peers.table import FLOOR, OURS, table

ROOT = Path(__file__).resolve().parents[2]
PEERS = (OURS, "txtai", "lancedb", "chroma", "langchain", "llamaindex", "haystack", "bm25s", "bm25s_characters", FLOOR)
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"), "1")
QUIET = {"TOKENIZERS_PARALLELISM": "false", "HAYSTACK_TELEMETRY_ENABLED": "false"}


def measured(name: str, python: str, folder: Path) -> Measured | str:
    """What `peers.measure` prints of a peer, or, in a line, why there is nothing."""
    done = subprocess.run(
        [python, "-m", "peers.measure", name, str(folder)],
        env={**os.environ, **ONE_THREAD, **QUIET, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'benchmarks'}"},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        return (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
    held = sum(file.stat().st_size for file in (folder / name).rglob("*") if file.is_file())
    return Measured(**{**json.loads(done.stdout.splitlines()[-1]), "held": held})


def main() -> None:
    parser = argparse.ArgumentParser(
        "benchmarks/peers", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--paragraphs", type=int, default=10_000)
    parser.add_argument("--questions", type=int, default=1000, help="an equal number in each language")
    parser.add_argument("--peers", default=",".join(PEERS), help="names, separated by commas: %(default)s")
    parser.add_argument("--python", default=sys.executable, help="of the environment that has the peers")
    arguments = parser.parse_args()
    names = arguments.peers.split(",")
    if unknown := set(names) - set(PEERS):
        parser.error(f"no peer is called {', '.join(sorted(unknown))}; there are {', '.join(PEERS)}")
    asked = draw(arguments.folder, arguments.paragraphs, arguments.questions)
    results: dict[str, Measured] = {}
    with tempfile.TemporaryDirectory() as work:
        (Path(work) / ASKED).write_text(json.dumps(asdict(asked)), encoding="utf-8")
        for name in names:
            one = measured(name, sys.executable if name in (OURS, FLOOR) else arguments.python, Path(work))
            if isinstance(one, str):
                print(f"{name} is left out: {one}", file=sys.stderr)
            else:
                results[name] = one
    print("\n".join(table(results, asked)))
    print(f"\n{len(asked.texts)} paragraphs, {len(asked.questions)} questions; ", end="")
    print(", ".join(sorted({one.version for one in results.values() if one.version})))


if __name__ == "__main__":
    main()
