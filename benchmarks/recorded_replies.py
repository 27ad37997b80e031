"""What a small model adds to quoting, from its recorded replies: no model is needed.

    python benchmarks/recorded_replies.py

Prints for each model, over the broad questions and those of the packaged set, how many of the points an answer holds
in the documents' own words and with the model's reply, how many are refused, how many the model itself declines and how
many of its other replies hold every point, and the verdicts of the sentences. Then, for all questions of both sets, how
many of the points are in the sources that a model is shown: what further searches could add is among the others.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path
from types import SimpleNamespace

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from rag import Assistant, Settings
from rag.readings import Readings
from rag.refusals import declines
from tests.support.packaged import index_reports
from tests.support.replies import BROAD, CASES, answered, points


def shown() -> dict[str, tuple[float, int]]:
    """Points that a model finds in its sources, and how many there are, of each set of questions."""
    found: dict[str, list[float]] = defaultdict(list)
    with (
        tempfile.TemporaryDirectory() as folder,
        Assistant.open(settings=Settings(library=index_reports(Path(folder)))) as assistant,
    ):
        for case in CASES.values():
            for fact in case.get("facts", ()):
                sources = assistant.prompt(case["question"], assistant.search(case["question"])).sources
                text = SimpleNamespace(text="\n".join(one.paragraph.text for one in sources), refused=None)
                name = "broad" if case["id"] in BROAD else "packaged set"
                found[name].append(points({"facts": [fact]}, text))
    return {name: (sum(values), len(values)) for name, values in found.items()}


def main() -> None:
    groups, table = defaultdict(list), Readings().table
    with tempfile.TemporaryDirectory() as folder:
        for recorded, case, quoted, written in answered(Path(folder)):
            if "facts" in case:
                name = f"{recorded['model']}, {'broad' if case['id'] in BROAD else 'packaged set'}"
                declined = declines(recorded["reply"], case["question"], table)
                own = SimpleNamespace(text=recorded["reply"], refused=declined)
                groups[name].append((case, quoted, written, own))
    columns = ("questions", "n", "quoted: points", "refused", "with the model: points", "refused")
    print(f"| {' | '.join((*columns, 'model declines', 'right else', 'verdicts'))} |")
    print("|---" * 9 + "|")
    for name, found in groups.items():
        cells = [name, str(len(found))]
        for way in (1, 2):
            cells.append(f"{sum(points(row[0], row[way]) for row in found) / len(found):.2f}")
            cells.append(str(sum(bool(row[way].refused) for row in found)))
        held = [points(case, own) for case, *_, own in found if not own.refused]
        cells += [str(len(found) - len(held)), f"{sum(share == 1 for share in held) / max(len(held), 1):.2f}"]
        verdicts = Counter(sentence.verdict for row in found for sentence in row[2].sentences)
        print(f"| {' | '.join(cells)} | {', '.join(f'{n} {verdict}' for verdict, n in verdicts.most_common())} |")
    for name, (held, count) in shown().items():
        print(f"\nShown to a model, of the points of {name}: {held:.0f} of {count}.")


if __name__ == "__main__":
    main()
