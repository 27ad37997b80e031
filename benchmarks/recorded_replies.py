"""What a small model adds to quoting, from its recorded replies: no model is needed.

    python benchmarks/recorded_replies.py [REPLIES --questions FILE --documents FOLDER]

Prints for each model, over the broad questions and those of the packaged set, how many of the points an answer holds
in the documents' own words and with the model's reply, how many are refused, how many answers hold fewer points than
the documents' own words do, how many the model itself declines and how many of its other replies hold every point, and
the verdicts of the sentences. Then, for all questions of both sets, how many of the points are in the sources that a
model is shown: what further searches could add is among the others. With REPLIES, what `real_llm.py --record` kept of
the questions of FILE about the documents of FOLDER, the first only.
"""

from __future__ import annotations

import argparse
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
from tests.support.replies import BROAD, CASES, answered, lines, points


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


def taken_through(given: argparse.Namespace, folder: Path) -> list[tuple]:
    """As `tests.support.replies.answered`, of the questions that are given or else of ours."""
    if not given.replies:
        return answered(index_reports(folder))
    with Assistant.open(settings=Settings(library=folder / "library")) as assistant:
        assistant.add([given.documents])
    return answered(folder / "library", given.replies, {case["id"]: case for case in lines(given.questions)})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("replies", type=Path, nargs="?")
    parser.add_argument("--questions", type=Path)
    parser.add_argument("--documents", type=Path)
    given = parser.parse_args()
    if given.replies and not (given.questions and given.documents):
        parser.error("with REPLIES give --questions and --documents")
    groups, table = defaultdict(list), Readings().table
    with tempfile.TemporaryDirectory() as folder:
        for recorded, case, quoted, written in taken_through(given, Path(folder)):
            if "facts" in case:
                ours = "broad" if case["id"] in BROAD else "packaged set"
                name = given.replies.name if given.replies else f"{recorded['model']}, {ours}"
                declined = declines(recorded["reply"], case["question"], table)
                own = SimpleNamespace(text=recorded["reply"], refused=declined)
                groups[name].append((case, quoted, written, own))
    columns = ("questions", "n", "quoted: points", "refused", "with the model: points", "refused", "fewer")
    print(f"| {' | '.join((*columns, 'model declines', 'right else', 'verdicts'))} |")
    print("|---" * 10 + "|")
    for name, found in groups.items():
        cells = [name, str(len(found))]
        for way in (1, 2):
            cells.append(f"{sum(points(row[0], row[way]) for row in found) / len(found):.2f}")
            cells.append(str(sum(bool(row[way].refused) for row in found)))
        cells.append(str(sum(points(case, written) < points(case, quoted) for case, quoted, written, _ in found)))
        held = [points(case, own) for case, *_, own in found if not own.refused]
        cells += [str(len(found) - len(held)), f"{sum(share == 1 for share in held) / max(len(held), 1):.2f}"]
        verdicts = Counter(sentence.verdict for row in found for sentence in row[2].sentences)
        print(f"| {' | '.join(cells)} | {', '.join(f'{n} {verdict}' for verdict, n in verdicts.most_common())} |")
    for name, (held, count) in ({} if given.replies else shown()).items():
        print(f"\nShown to a model, of the points of {name}: {held:.0f} of {count}.")


if __name__ == "__main__":
    main()
