"""Paragraphs without end for measuring size: articles recombined from statutes, and reports that are invented.

    python benchmarks/corpus.py FOLDER_OF_STATUTES OUT --paragraphs 200000

Each file is a document of about two hundred paragraphs under headings. An article takes its sentences from articles of
the statutes; a paragraph of a report states figures of an invented office in an invented district and year. Every tenth
paragraph of a report holds a code of its own, which a question can ask for (`OUT/questions.tsv`). The same call makes
the same files. It tells nothing about quality: nobody's documents look like this.
"""

from __future__ import annotations

import argparse
import random
import re
from collections.abc import Iterator
from pathlib import Path

_A_FILE = 200
_SENTENCE = re.compile(r"[^。；]+[。；]")
_NAMES = "云望松岭芦洲江岸东西南北泉湖港渡桥林山石沙柳梅兰竹青白赤金银玉龙凤鹤鹿"
_UNITS = ("间", "座", "家", "公里", "亿元", "万人次", "项", "所", "台", "平方米")
_THINGS = "中试车间 社区食堂 候鸟监测站 充电桩 公交专用道 托育机构 口袋公园 污水处理厂 图书馆 养老床位".split()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("statutes", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--paragraphs", type=int, default=10_000)
    given = parser.parse_args()
    write(given.statutes, given.out, given.paragraphs)


def write(statutes: Path, out: Path, paragraphs: int) -> list[tuple[str, str]]:
    """The files, and the questions with the text that answers each."""
    rng, asked = random.Random(11), list[tuple[str, str]]()
    texts = [file.read_text(encoding="utf-8") for file in sorted(statutes.rglob("*.md"))]
    sentences = [s.strip() for text in texts for s in _SENTENCE.findall(text) if 12 < len(s) < 200 and "#" not in s]
    if not sentences:
        raise SystemExit(f"{statutes} contains no statutes (.md); nothing to recombine.")
    (out / "texts").mkdir(parents=True, exist_ok=True)
    for number in range(-(-paragraphs // _A_FILE)):
        size = min(_A_FILE, paragraphs - number * _A_FILE)
        made = _articles(rng, sentences, size) if number % 2 else _report(rng, number, size, asked)
        (out / "texts" / f"{number:06}.md").write_text("\n\n".join(made) + "\n", encoding="utf-8")
    (out / "questions.tsv").write_text("".join(f"{q}\t{a}\n" for q, a in asked), encoding="utf-8")
    return asked


def _articles(rng: random.Random, sentences: list[str], size: int) -> Iterator[str]:
    yield f"# {_name(rng)}市{_name(rng)}条例"
    for i in range(size):
        if i % 20 == 0:
            yield f"## 第{i // 20 + 1}章 {_name(rng)}{rng.choice(_THINGS)}"
        yield f"第{i + 1}条 " + "".join(rng.choices(sentences, k=rng.randint(1, 4)))


def _report(rng: random.Random, number: int, size: int, asked: list[tuple[str, str]]) -> Iterator[str]:
    city, year = f"{_name(rng)}市", rng.randint(2000, 2025)
    yield f"# {city}{year}年{rng.choice(_THINGS)}年报"
    for i in range(size):
        district, thing, unit = f"{_name(rng)}区", rng.choice(_THINGS), rng.choice(_UNITS)
        if i % 20 == 0:
            yield f"## {district}"
        figure, code = rng.randint(2, 9999), f"{chr(65 + number % 26)}{chr(65 + i % 26)}-{number * _A_FILE + i:07}"
        text = f"{district}{year}年建成{thing}{figure}{unit}，比上年增加{rng.randint(1, 90)}%，"
        text += f"覆盖{rng.randint(2, 40)}个街镇。"
        if i % 10 == 0:
            text += f"项目编号为{code}。"
        if i % 10 == 0 and i:  # the first one is in the document's head, by which all of its passages are found
            asked.append((f"项目编号{code}属于哪个区？", text))
        yield text


def _name(rng: random.Random) -> str:
    return "".join(rng.sample(_NAMES, 2))


if __name__ == "__main__":
    main()
