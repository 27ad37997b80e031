"""How much more of what a question asks for is shown to a model that proposes searches itself?

    python benchmarks/searches.py CACHE_FOLDER [--model 1.5b|0.5b] [--every N]

The models are those of `real_llm.py`, which keeps them in CACHE_FOLDER; the questions are the broad ones and those of
the packaged set. Printed for each: the points that are in the sources with the question as the only search and with the
model's, tokens of either prompt, how many searches it proposes, and seconds for that.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

import real_llm

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from rag import Assistant, Settings
from rag.llm.endpoint import Endpoint, EndpointModel
from rag.searches import proposed, with_searches
from tests.support.packaged import index_reports
from tests.support.replies import BROAD, CASES, points


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cache", type=Path)
    parser.add_argument("--model", choices=sorted(real_llm.MODELS), default="1.5b")
    parser.add_argument("--every", type=int, default=1, help="ask every N-th question of each kind")
    given = parser.parse_args()
    asked = {
        name: [one for one in CASES.values() if "facts" in one and (one["id"] in BROAD) is broad][:: given.every]
        for name, broad in (("broad", True), ("packaged set", False))
    }
    print(
        "| questions | n | points | alone | with searches | tokens | tokens | searches | s |\n|---" + "|---" * 8 + "|"
    )
    with (
        tempfile.TemporaryDirectory() as folder,
        Assistant.open(settings=Settings(library=index_reports(Path(folder)))) as assistant,
        real_llm.served(given.cache, given.model) as url,
    ):
        model = EndpointModel(Endpoint(url, "small", None))
        for name, cases in asked.items():
            held, tokens, searches, seconds = [0.0, 0.0], [0, 0], 0, 0.0
            for case in cases:
                hits, began = assistant.search(case["question"]), time.perf_counter()
                further = proposed(case["question"], model)
                seconds += time.perf_counter() - began
                searches += len(further)
                for way, found in enumerate((hits, with_searches(hits, further, assistant.search))):
                    prompt = assistant.prompt(case["question"], found)
                    text = "\n".join(one.paragraph.text for one in prompt.sources)
                    held[way] += len(case["facts"]) * points(case, SimpleNamespace(text=text, refused=None))
                    tokens[way] += assistant._count(prompt.messages("")[0]["content"])
            n = len(cases)
            cells = [n, sum(len(case["facts"]) for case in cases), *(f"{value:.0f}" for value in held)]
            cells += [*(round(value / n) for value in tokens), f"{searches / n:.1f}", f"{seconds / n:.1f}"]
            print(f"| {name} | {' | '.join(map(str, cells))} |", flush=True)


if __name__ == "__main__":
    main()
