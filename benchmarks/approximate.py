"""What FAISS's approximate kinds of index would lose and gain: recall@10 against the exact search that libraries use.

    python benchmarks/approximate.py ../shared/data/documents/zh_laws [--rows 200000]

Rows are paragraphs of `corpus.py`, embedded by the packaged table; the questions are the generator's. One thread, CPU
milliseconds a question; a question's neighbours beyond the tenth that tie with it count as right.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import corpus
import faiss
import numpy as np

from index.static_model import StaticEmbedder

_K, _QUESTIONS, _AT_A_TIME = 10, 500, 1000
_PRODUCT = faiss.METRIC_INNER_PRODUCT
KINDS = {
    "SQfp16": [""],
    "IVF1024,SQfp16": ["nprobe=8", "nprobe=32", "nprobe=128"],
    "IVF1024,SQ8": ["nprobe=8", "nprobe=32", "nprobe=128"],
    "HNSW32,SQfp16": ["efSearch=32", "efSearch=64", "efSearch=128"],
}
"""What each kind is searched with; the first is what a library has."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("statutes", type=Path)
    parser.add_argument("--rows", type=int, default=200_000)
    given = parser.parse_args()
    faiss.omp_set_num_threads(1)
    rows, asked = embedded(given.statutes, given.rows)
    cosines, _ = _search(rows, asked)
    print("| index | searched with | recall@10 | CPU ms a question | build, CPU s | MB |\n|---|---|---|---|---|---|")
    for kind, ways in KINDS.items():
        start = time.process_time()
        index = faiss.index_factory(rows.shape[1], kind, _PRODUCT)
        index.train(rows[:: max(1, len(rows) // 60_000)])
        index.add(rows)
        built, size = time.process_time() - start, len(faiss.serialize_index(index)) / 1e6
        for way in ways:
            if way:
                faiss.ParameterSpace().set_index_parameters(index, way)
            start = time.process_time()
            _, found = index.search(asked, _K)
            cost = 1000 * (time.process_time() - start) / len(asked)
            right = (rows[found] * asked[:, None, :]).sum(axis=2) >= cosines[:, -1:] - 1e-3  # half precision
            print(f"| {kind} | {way} | {right.mean():.3f} | {cost:.2f} | {built:.0f} | {size:.0f} |", flush=True)


def embedded(statutes: Path, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Vectors of paragraphs and of questions, float32, shapes (rows, dim) and (questions, dim)."""
    table = StaticEmbedder()
    with tempfile.TemporaryDirectory() as folder:
        questions = [question for question, _ in corpus.write(statutes, Path(folder), most)]
        files = sorted((Path(folder) / "texts").rglob("*.md"))
        lines = [line for file in files for line in file.read_text(encoding="utf-8").split("\n\n")]
    texts = [line for line in lines if line.strip() and not line.startswith("#")][:most]
    parts = [table.embed_passages(texts[i : i + _AT_A_TIME]) for i in range(0, len(texts), _AT_A_TIME)]
    return np.concatenate(parts), table.embed_passages(questions[:: max(1, len(questions) // _QUESTIONS)])


def _search(rows: np.ndarray, asked: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    index = faiss.IndexFlatIP(rows.shape[1])
    index.add(rows)
    return index.search(asked, _K)


if __name__ == "__main__":
    main()
