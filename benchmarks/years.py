"""Of two years in one document, is the figure of the right one quoted?

    python benchmarks/years.py DATA_FOLDER [--questions N]

Paragraphs of public sets without a year in them make reports of eight paragraphs whose title names 2024: first they
stand under a heading of 2024, then again under one of 2025, each figure that a question asks for being another one. The
questions are asked with each of these years before them, and with 2026, of which nothing is said. Printed is the share
answered with the figure of the right year / with that of the other year / refused.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from collections import Counter
from pathlib import Path

import devsets

from index.text import is_cjk
from rag import Assistant

SETS = ("cmrc2018-dev.zh", "drcd-dev.zh-Hant", "xquad-half.zh", "squad11-part.en", "xquad-half.en")
A_DOCUMENT = 8
_YEAR = re.compile(r"(?<!\d)[12]\d{3}(?!\d)")
_WORDS = {
    True: ("{}年工作报告（{}）", "一、{}年工作回顾", "二、{}年工作安排", "{}年，"),
    False: ("Annual report {}, part {}", "1. Review of {}", "2. Plans for {}", "In {}, "),
}


def other(figure: str) -> str:
    """The same with other digits: "35%" -> "68%"."""
    return re.sub(r"\d", lambda digit: str((int(digit[0]) + 2) % 9 + 1), figure)


def cases(loaded: devsets.QuestionSet, most: int) -> list[tuple[str, str, str]]:
    """A question, its paragraph and the figure that answers: one for each paragraph that has one and names no year."""
    found: dict[int, tuple[str, str, str]] = {}
    for question, answers, row in zip(loaded.questions, loaded.answers, loaded.gold, strict=True):
        text = " ".join(loaded.paragraphs[row].split())
        figures = [one for answer in answers for one in re.findall(r"\d[\d,.]*", answer)]
        if row not in found and figures and not _YEAR.search(text + question) and text.count(figures[0]) == 1:
            found[row] = question, text, figures[0]
    return list(found.values())[:most]


def measured(loaded: devsets.QuestionSet, most: int) -> str:
    asked = cases(loaded, most)
    title, review, plans, before = _WORDS[is_cjk(asked[0][0])]
    seen: dict[int, Counter[str]] = {2024: Counter(), 2025: Counter(), 2026: Counter()}
    with tempfile.TemporaryDirectory() as folder:
        for part in range(0, len(asked), A_DOCUMENT):
            some = asked[part : part + A_DOCUMENT]
            own = [text for _, text, _ in some]
            others = [text.replace(figure, other(figure)) for _, text, figure in some]
            name = title.format(2024, part // A_DOCUMENT + 1)
            lines = [f"# {name}", f"## {review.format(2024)}", *own, f"## {plans.format(2025)}", *others]
            (Path(folder) / f"{part}.md").write_text("\n\n".join(lines), encoding="utf-8")
        with Assistant.open(Path(folder) / "library") as assistant:
            assistant.add(sorted(Path(folder).glob("*.md")))
            for year, counts in seen.items():
                for question, _, figure in asked:
                    answer = assistant.ask(before.format(year) + question)
                    right, wrong = (other(figure), figure) if year == 2025 else (figure, other(figure))
                    counts["right"] += not answer.refused and right in answer.text
                    counts["other"] += not answer.refused and wrong in answer.text
                    counts["refused"] += bool(answer.refused)
    cells = [
        " / ".join(f"{counts[kind] / len(asked):.3f}" for kind in ("right", "other", "refused"))
        for counts in (seen[2024], seen[2025])
    ]
    return f"| {loaded.name} | {len(asked)} | {' | '.join(cells)} | {seen[2026]['refused'] / len(asked):.3f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="with the question sets")
    parser.add_argument("--questions", type=int, default=80, help="at most so many of each set")
    given = parser.parse_args()
    print("| set | questions | 2024: right / other year's / refused | 2025 | 2026: refused |\n|---|---|---|---|---|")
    for name in SETS:
        print(measured(devsets.load(given.folder, name), given.questions), flush=True)


if __name__ == "__main__":
    main()
