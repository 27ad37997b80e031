"""What the checker says of sentences whose truth is known by how they were made.

    python benchmarks/verdicts.py DATA_FOLDER [--every N]

Every N-th paragraph's first sentence with a figure, or first sentence, is held against its paragraph and two others:
as it is, in the other Chinese script, cut to its longest clause (all three are said); with one digit changed, with a
negation put in, against another paragraph (none is said); and, where a set is parallel, its English paragraph's
sentence against the Chinese paragraph and against another one. Printed: the share found supported. A true sentence
that is not found is a nuisance; a false one that is found is what the product must not do.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

import devsets
from opencc import OpenCC

from index.sentences import sentences
from index.text import is_cjk, simplify
from rag.checking.claims import check
from rag.checking.quantities import quantities

SAID = ("as it is", "other script", "longest clause", "other language")
UNSAID = ("digit changed", "negated", "another paragraph", "other language, another paragraph")

_VERB = re.compile(
    "建成|成立|获得|取得|开始|发表|举行|担任|出版|完成|参加|包括|发现|提出|进入|成为|加入|得到|使用|设立|建立"
)


class Source:
    """A paragraph without headings."""

    heading: tuple[str, ...] = ()

    def __init__(self, text: str) -> None:
        self.text = text


def pick(text: str) -> str | None:
    """The first sentence with a figure, else the first one of at least ten characters."""
    found = [text[start:end] for start, end in sentences(text) if end - start >= 10]
    return next((s for s in found if quantities(s)), found[0] if found else None)


def variants(sentence: str) -> Iterator[tuple[str, str]]:
    """Kind and sentence, for those that apply."""
    yield "as it is", sentence
    if is_cjk(sentence):
        for way in ("s2t", "t2s"):
            if (other := OpenCC(way).convert(sentence)) != sentence:
                yield "other script", other
        clause = max(re.split("[，,；;]", sentence), key=len).rstrip("。")
        if 8 <= len(clause) < len(sentence) - 4:
            yield "longest clause", clause + "。"
        if match := _VERB.search(simplify(sentence)):
            yield "negated", sentence[: match.start()] + "未" + sentence[match.start() :]
    elif match := re.search(r"\b(?:is|was|were|are|has|had)\b", sentence):
        yield "negated", f"{sentence[: match.end()]} not{sentence[match.end() :]}"
    if match := re.search(r"\d", sentence):
        digit = str((int(match.group()) + 3) % 9 + 1)
        yield "digit changed", sentence[: match.start()] + digit + sentence[match.end() :]


def measure(texts: list[str], foreign: dict[str, str], every: int) -> dict[str, list[bool]]:
    """Kind to whether each of its sentences was found supported. `foreign`: paragraph to the same in English."""
    found: dict[str, list[bool]] = {kind: [] for kind in (*SAID, *UNSAID)}
    for i in range(0, len(texts), every):
        own, others = Source(texts[i]), [Source(texts[(i + step) % len(texts)]) for step in (1, 7)]
        sentence = pick(texts[i])
        if sentence is None:
            continue
        for kind, variant in variants(sentence):
            found[kind].append(check(variant, [own], others).verdict == "supported")
        found["another paragraph"].append(check(sentence, others[:1]).verdict == "supported")
        if (english := pick(foreign.get(texts[i], ""))) and quantities(english):
            found["other language"].append(check(english, [own]).verdict == "supported")
            found["other language, another paragraph"].append(check(english, others[:1]).verdict == "supported")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--every", type=int, default=4)
    arguments = parser.parse_args()
    print("| paragraphs | " + " | ".join((*SAID, *UNSAID)) + " |")
    print("|---" * (len(SAID) + len(UNSAID) + 1) + "|")
    for name in ("cmrc2018-dev.zh", "drcd-dev.zh-Hant", "squad11-part.en", "xquad-half.zh"):
        texts = devsets.load(arguments.folder, name).paragraphs
        parallel = "xquad-half.en" if name == "xquad-half.zh" else None
        english = devsets.load(arguments.folder, parallel).paragraphs if parallel else []
        every = 1 if parallel else arguments.every
        found = measure(texts, dict(zip(texts, english, strict=False)), every)
        cells = [f"{sum(f) / len(f):.3f} of {len(f)}" if f else "-" for f in found.values()]
        print(f"| {name} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
