"""What the checker says of sentences whose truth is known by how they were made.

    python benchmarks/verdicts.py DATA_FOLDER [--paragraphs N] [--seed N] [--statements FILE]

Sentences are made from the paragraphs and questions of the public sets by script: true ones are a clause, a figure in
other digits, a question with its answer in it, and, over the paragraph's translation, a question with its answer and a
whole sentence; false ones are another answer, a digit, two figures or two names exchanged, a negation put in, a word of
another paragraph put in, another paragraph. Printed: how often each kind gets each verdict, and for each verdict how
many of the true and of the false sentences get it. FILE holds statements by hand, {paragraph, statement, true} a line.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, get_args

import devsets
from attribution import Source, statement

from index.sentences import sentences
from index.text import fold, is_cjk, simplify
from rag.checking.alignment import words
from rag.checking.claims import check
from rag.checking.quantities import quantities
from rag.types import VerdictName

SETS = (
    ("cmrc2018-dev.zh", None),
    ("drcd-dev.zh-Hant", None),
    ("squad11-part.en", None),
    ("xquad-half.en", "xquad-half.zh"),
    ("xquad-half.zh", "xquad-half.en"),
)
_HAN = "〇一二三四五六七八九"
_ENGLISH = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty"
).split()
_VERB = re.compile(
    "建成|成立|获得|取得|开始|发表|举行|担任|出版|完成|参加|包括|发现|提出|进入|成为|加入|得到|使用|设立|建立"
)
_JOINED = re.compile(r"[、和與与及，, ]+|\s*(?:and|or|,)\s*")


class Case(NamedTuple):
    """One sentence, the paragraph it is held against, and whether that says it."""

    kind: str
    true: bool
    sentence: str
    paragraph: str


def in_words(sentence: str) -> str | None:
    """The sentence with its first small figure in words: 23间 -> 二十三间."""
    for q in quantities(sentence):
        digits = re.match(r"\d+", q.text)
        if q.kind != "number" or not digits or q.value != int(digits.group()):
            continue
        number, chinese = int(digits.group()), is_cjk(sentence)
        if number > (99 if chinese else 20) or (chinese and not q.unit):
            continue
        tens, ones = divmod(number, 10)
        written = _ENGLISH[number] if not chinese else (_HAN[tens] if tens > 1 else "") + ("十" if tens else "")
        written += (_HAN[ones] if ones or not tens else "") if chinese else ""
        return sentence[: q.start] + written + sentence[q.start + digits.end() :]
    return None


def exchange(text: str, first: tuple[int, int], second: tuple[int, int]) -> str:
    (a, b), (c, d) = sorted((first, second))
    return text[:a] + text[c:d] + text[b:c] + text[a:b] + text[d:]


def names_exchanged(pieces: list[str], answers: list[str]) -> str | None:
    """Two answers that one sentence holds, parted by more than a comma or an "and", in each other's place."""
    for piece in pieces:
        places = [(piece.find(a), a) for a in answers if len(a) < 40 and piece.count(a) == 1 and not quantities(a)]
        for i, a in places:
            for j, b in places:
                between = piece[i + len(a) : j]
                if i + len(a) < j and between.strip() and not _JOINED.fullmatch(between):
                    return exchange(piece, (i, i + len(a)), (j, j + len(b)))
    return None


def falsified(sentence: str, foreign: str, rng: random.Random) -> Iterator[tuple[str, str]]:
    """What the sentence's own paragraph does not say; `foreign` is another paragraph."""
    if digit := re.search(r"\d", sentence):
        other = str((int(digit.group()) + 3) % 9 + 1)
        yield "digit changed", sentence[: digit.start()] + other + sentence[digit.end() :]
    if len(figures := quantities(sentence)) > 1 and figures[0].value != figures[1].value:
        a, b = figures[:2]
        yield "figures exchanged", exchange(sentence, (a.start, a.end), (b.start, b.end))
    if is_cjk(sentence) and (verb := _VERB.search(simplify(sentence))):
        yield "negated", f"{sentence[: verb.start()]}未{sentence[verb.start() :]}"
    elif not is_cjk(sentence) and (verb := re.search(r"\b(?:is|was|were|are|has|had)\b", sentence)):
        yield "negated", f"{sentence[: verb.end()]} not{sentence[verb.end() :]}"
    own, others = content(sentence), [text for text in content(foreign) if fold(text) not in fold(sentence)]
    if own and others:
        yield "word replaced", sentence.replace(rng.choice(own), rng.choice(others), 1)


def content(text: str) -> list[str]:
    held = words(text)
    return [text[a:b] for (a, b), weight in zip(held.spans, held.weights, strict=True) if weight > 7 and b - a > 1]


def made(folder: Path, name: str, translation: str | None, count: int, rng: random.Random) -> Iterator[Case]:
    """Sentences of one set, over its own paragraphs or over their translations."""
    loaded = devsets.load(folder, name, translation)
    own = devsets.load(folder, name).paragraphs
    asked: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for question, answers, gold in zip(loaded.questions, loaded.answers, loaded.gold, strict=True):
        asked[gold].append((question, answers[0]))
    mark = f"{name[-2:]}>{translation[-2:]} " if translation else ""
    for row in rng.sample(sorted(asked), min(count, len(asked))):
        stranger = rng.choice([other for other in asked if other != row])
        for case in about(
            own[row], loaded.paragraphs[row], asked[row], own[stranger], rng, translated=translation is not None
        ):
            yield case._replace(kind=mark + case.kind)
        answer = rng.choice(asked[stranger])[1]
        if fold(answer) not in fold(own[row]):
            sentence = statement(rng.choice(asked[row])[0], answer)
            yield Case(f"{mark}another paragraph's answer", False, sentence, loaded.paragraphs[row])
        if pieces := [own[row][a:b] for a, b in sentences(own[row])]:
            yield Case(f"{mark}another paragraph", False, rng.choice(pieces), loaded.paragraphs[stranger])


def about(
    own: str, text: str, asked: list[tuple[str, str]], foreign: str, rng: random.Random, *, translated: bool
) -> Iterator[Case]:
    """True and false sentences on the paragraph `own`, to be held against `text`, its translation or itself."""
    question, answer = rng.choice(asked)
    yield Case("question with its answer", True, statement(question, answer), text)
    if others := [a for _, a in asked if a not in answer and answer not in a]:
        yield Case("another answer of the paragraph", False, statement(question, rng.choice(others)), text)
    pieces = [own[a:b] for a, b in sentences(own) if 10 <= b - a <= 220]
    if not pieces:
        return
    sentence = rng.choice([piece for piece in pieces if quantities(piece)] or pieces)
    if translated:
        yield Case("translated sentence", True, sentence, text)
    else:
        clause = max(re.split("[，,；;]", sentence), key=len).rstrip("。. ")
        if 8 <= len(clause) < len(sentence) - 4:
            yield Case("longest clause", True, clause, text)
        if rewritten := in_words(sentence):
            yield Case("figure in words", True, rewritten, text)
    for kind, false in falsified(sentence, foreign, rng):
        yield Case(kind, False, false, text)
    if exchanged := names_exchanged(pieces, [a for _, a in asked]):
        yield Case("names exchanged", False, exchanged, text)


def by_hand(file: Path) -> Iterator[Case]:
    for line in file.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        yield Case("by hand", case["true"], case["statement"], case["paragraph"])


def table(cases: list[Case]) -> None:
    """Rows: kinds, then all true and all false ones; columns: verdicts, as shares of the row."""
    found: dict[tuple[bool, str], Counter[str]] = defaultdict(Counter)
    for case in cases:
        verdict = check(case.sentence, [Source(case.paragraph)]).verdict
        found[not case.true, case.kind][verdict] += 1
        found[not case.true, "all"][verdict] += 1
    shown = [name for name in get_args(VerdictName) if any(counts[name] for counts in found.values())]
    print(f"| | sentences | {' | '.join(shown)} |\n|---|---|{'---|' * len(shown)}")
    for (false, kind), counts in sorted(found.items()):
        shares = " | ".join(f"{counts[name] / counts.total():.3f}".lstrip("0") for name in shown)
        print(f"| {'false' if false else 'true'}: {kind} | {counts.total()} | {shares} |")
    print()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--paragraphs", type=int, default=60, help="of each set")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--statements", type=Path)
    given = parser.parse_args()
    rng = random.Random(given.seed)
    every = [list(made(given.folder, *pair, given.paragraphs, rng)) for pair in SETS]
    print("One language:\n")
    table([case for cases in every[:3] for case in cases])
    print("Across languages:\n")
    table([case for cases in every[3:] for case in cases])
    if given.statements:
        table(list(by_hand(given.statements)))


if __name__ == "__main__":
    main()
