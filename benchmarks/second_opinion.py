"""Does a model know which sentences are false, of those that the check leaves in doubt?

    python benchmarks/second_opinion.py DATA CACHE [--model 1.5b|0.5b] [--paragraphs N] [--statements FILE]

DATA and the sentences are those of `verdicts.py`, CACHE and the models those of `real_llm.py`. Printed, for each
verdict in doubt: how many true and how many false sentences have it, what share of either the model doubts, and seconds
a sentence.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import defaultdict
from pathlib import Path

import real_llm
import verdicts

from index.records import Paragraph
from rag.checking.claims import Evidence, check
from rag.llm.endpoint import Endpoint, EndpointModel
from rag.second_opinion import DOUBTFUL, says_so
from rag.types import Citation


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("cache", type=Path)
    parser.add_argument("--model", choices=sorted(real_llm.MODELS), default="1.5b")
    parser.add_argument("--paragraphs", type=int, default=6, help="of each set")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--statements", type=Path)
    given = parser.parse_args()
    rng = random.Random(given.seed)
    sets = {"one language" if not pair[1] else "between languages": list[verdicts.Case]() for pair in verdicts.SETS}
    for pair in verdicts.SETS:
        cases = list(verdicts.made(given.folder, *pair, given.paragraphs, rng))
        sets["between languages" if pair[1] else "one language"] += cases
    if given.statements:
        sets["by hand"] = list(verdicts.by_hand(given.statements))
    print("| sentences | verdict | true | doubted | false | doubted | s |\n|---|---|---|---|---|---|---|")
    with real_llm.served(given.cache, given.model) as url:
        model = EndpointModel(Endpoint(url, "small", None))
        for name, cases in sets.items():
            told: dict[tuple[str, bool], list[bool]] = defaultdict(list)
            began = time.perf_counter()
            for case in cases:
                verdict = check(case.sentence, [Evidence(case.paragraph, ())]).verdict
                if verdict in DOUBTFUL:
                    paragraph = Paragraph("p", case.paragraph, (), "a.txt", 0, len(case.paragraph))
                    said = says_so(case.sentence, [Citation(1, paragraph, None, verdict)], model)
                    told[verdict, case.true].append(said is False)
            seconds = (time.perf_counter() - began) / max(1, sum(map(len, told.values())))
            for verdict in DOUBTFUL:
                cells = []
                for true in (True, False):
                    doubted = told[verdict, true]
                    cells.append(f"{len(doubted)} | {sum(doubted) / max(len(doubted), 1):.2f}")
                print(f"| {name} | {verdict} | {' | '.join(cells)} | {seconds:.1f} |", flush=True)


if __name__ == "__main__":
    main()
