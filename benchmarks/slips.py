"""What a slip of the keyboard costs, and how much of it is won back (`index.spelling`).

    python benchmarks/slips.py DATA_FOLDER [--questions N]

Each set's paragraphs are one library. A question gets one slip, at random: inside a word of five letters or more a
letter left out, one too many, a wrong one, or two exchanged; in Chinese one of the eight commonest characters that are
read like the right one. Printed is the share of answers that contain the expected one / refusals: of questions as they
are, with the slip but nothing put right, and with the slip. Then how many slips became the word that was meant / some
other, and how many of the questions as they are were changed.
"""

from __future__ import annotations

import argparse
import random
import re
import string
import tempfile
from collections import Counter
from pathlib import Path

import devsets

from index.pinyin import homophones
from index.text import fold, is_cjk, simplify
from rag import Assistant
from rag.settings import Settings

SETS = ("cmrc2018-dev.zh", "drcd-dev.zh-Hant", "xquad-half.zh", "squad11-part.en", "xquad-half.en", "xquad-half.de")
_WORD = re.compile(r"[^\W\d_]{5,}")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_COMMON = 8


def slipped(question: str, chance: random.Random) -> str:
    """The question with one slip; itself where no word is long enough, or the slip changes nothing."""
    if is_cjk(question):
        place = chance.choice(list(_HAN.finditer(question)))
        alike = homophones(simplify(place.group()))[:_COMMON] or [place.group()]
        return question[: place.start()] + chance.choice(alike) + question[place.end() :]
    words = list(_WORD.finditer(question))
    if not words:
        return question
    word, letter, kind = chance.choice(words), chance.choice(string.ascii_lowercase), chance.randrange(4)
    at = word.start() + chance.randrange(1, len(word.group()) - 1)
    kept = question[at + (0, 1, 1, 2)[kind] :]
    return question[:at] + (letter, letter, "", question[at + 1] + question[at])[kind] + kept


def measured(loaded: devsets.QuestionSet, most: int) -> str:
    chance, seen = random.Random(1), Counter[str]()
    rows = range(0, len(loaded.questions), max(1, len(loaded.questions) // most))
    with tempfile.TemporaryDirectory() as folder:
        text = "\n\n".join(" ".join(paragraph.split()) for paragraph in loaded.paragraphs)
        (Path(folder) / "paragraphs.md").write_text(text, encoding="utf-8")
        library = Path(folder) / "library"
        with Assistant.open(library) as right, Assistant.open(library, settings=Settings(rewrite="off")) as off:
            right.add([Path(folder) / "paragraphs.md"])
            for row in rows:
                question = loaded.questions[row]
                seen["changed"] += "rewrite" in right.ask(question).model
                slip = slipped(question, chance)
                if slip == question:
                    continue
                seen["slips"] += 1
                for name, assistant, asked in (
                    ("as is", off, question),
                    ("left", off, slip),
                    ("put right", right, slip),
                ):
                    answer = assistant.ask(asked)
                    held = any(fold(one) in fold(answer.text) for one in loaded.answers[row])
                    seen[f"{name}, right"] += held and not answer.refused
                    seen[f"{name}, refused"] += bool(answer.refused)
                meant = answer.model.get("rewrite", {"question": slip})["question"]
                seen["meant"] += fold(meant) == fold(question)
                seen["other"] += meant != slip and fold(meant) != fold(question)
    shares = {
        name: f"{count / (len(rows) if name == 'changed' else seen['slips']):.3f}" for name, count in seen.items()
    }
    ways = (f"{shares[f'{way}, right']} / {shares[f'{way}, refused']}" for way in ("as is", "left", "put right"))
    last = f"{shares.get('meant', '0')} / {shares.get('other', '0')} | {shares.get('changed', '0')}"
    return f"| {loaded.name} | {seen['slips']} | {' | '.join(ways)} | {last} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="with the question sets")
    parser.add_argument("--questions", type=int, default=200, help="about so many of each set")
    given = parser.parse_args()
    print("| set | slips | as it is | left | put right | meant / another | changed without a slip |")
    print("|---|---|---|---|---|---|---|")
    for name in SETS:
        print(measured(devsets.load(given.folder, name), given.questions), flush=True)


if __name__ == "__main__":
    main()
