"""What a small model adds to quoting, from its recorded replies: no model is needed.

    python benchmarks/recorded_replies.py

Prints for each model, over the broad questions and those of the packaged set, how many of the points an answer holds
in the documents' own words and with the model's reply, how many are refused, and the verdicts of its sentences.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.support.replies import BROAD, answered, points


def main() -> None:
    groups = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        for recorded, case, quoted, written in answered(Path(folder)):
            if "facts" in case:
                name = f"{recorded['model']}, {'broad' if case['id'] in BROAD else 'packaged set'}"
                groups[name].append((case, quoted, written))
    print("| questions | n | quoted: points | refused | with the model: points | refused | verdicts |")
    print("|---" * 7 + "|")
    for name, found in groups.items():
        cells = [name, str(len(found))]
        for way in (1, 2):
            cells.append(f"{sum(points(row[0], row[way]) for row in found) / len(found):.2f}")
            cells.append(str(sum(bool(row[way].refused) for row in found)))
        verdicts = Counter(sentence.verdict for *_, written in found for sentence in written.sentences)
        print(f"| {' | '.join(cells)} | {', '.join(f'{n} {verdict}' for verdict, n in verdicts.most_common())} |")


if __name__ == "__main__":
    main()
