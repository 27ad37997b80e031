"""Questions that no single sentence answers, with what answers them in the library and without it."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

from asked import Asked, ask, file_of, rows

from index.text import is_cjk

SECTION = 200
"""Characters from which a section of a manual is asked for."""
REQUESTS = {
    "zh": (
        "总结一下{page}：{heading}",
        "结合{page}，总结其{heading}。",
        "根据{page}的内容，概述{heading}的要点。",
        "请介绍{page}中{heading}的主要情况",
    ),
    "en": (
        "Summarize {page}: {heading}",
        "Based on {page}, summarize {heading}.",
        "According to {page}, give an overview of {heading}.",
        "Give me a summary of the main points of {heading} in {page}",
    ),
}


def manuals(folder: Path, language: str) -> list[tuple[str, dict[str, str]]]:
    """Pages of manuals, the text of each heading by it."""
    pages: dict[str, dict[str, str]] = defaultdict(dict)
    for row in rows(folder / f"qa.{language}.msdocs-headings.jsonl.gz"):
        title, _, heading = row["question"].partition(" — ")
        if heading and len(row["paragraph"]) > SECTION:
            pages[title][heading] = row["paragraph"]
    return list(pages.items())


def summaries(folder: Path, language: str, every: int) -> list[Asked]:
    """Requests for a summary of a section of a page; of four pages one lacks it, and one is not there at all."""
    written, questions, pages = {}, [], manuals(folder, language)
    for n, (title, own) in enumerate(pages[:: len(pages) * every // 2000]):
        heading, there = list(own)[n % len(own)], ("all", "all", "page gone", "section gone")[n % 4]
        kept = [text for name, text in own.items() if name != heading or there == "all"]
        if kept and there != "page gone":
            written[f"{n}.md"] = "\n\n".join([f"# {title}", *kept])
        request = REQUESTS[language][n // 4 % 4].format(page=title, heading=heading)
        questions.append((request, there == "all"))
    return ask(written, questions)


def sections(folder: Path, language: str, every: int) -> list[Asked]:
    """Sections of manuals, asked for by page and heading; every other page lacks the one asked for."""
    written, questions = {}, []
    for n, (title, own) in enumerate(manuals(folder, language)[: 1000 // every]):
        heading = list(own)[n % len(own)]
        kept = [text for name, text in own.items() if name != heading or n % 2 == 0]
        written[f"{n}.md"] = "\n\n".join([f"# {title}", *kept])
        questions.append((f"{title}{'：' if is_cjk(title) else ': '}{heading}", n % 2 == 0))
    return ask(written, questions)


def statutes(dev: Path, every: int) -> list[Asked]:
    """Questions of law (STARD) over articles of statutes; half of them without the articles that answer."""
    questions = rows(dev / "stard" / "questions.zh.jsonl")[:: 2 * every]
    answering, gone = ({name for one in part for name in one["article_ids"]} for part in (questions, questions[1::2]))
    written: dict[str, str] = {}
    there = set[str]()
    for i, one in enumerate(rows(dev / "stard" / "articles.zh.jsonl.gz")):
        if one["id"] not in gone and (one["id"] in answering or i % 20 == 0):
            law, number = re.fullmatch(r"(.*?)(第[^第]+条.*|)", one["title"]).groups()
            there.add(one["id"])
            written.setdefault(file_of(law), f"# {law}\n")
            written[file_of(law)] += f"\n{number} {one['text']}\n"
    found = [(one["question"], [name in there for name in one["article_ids"]]) for one in questions]
    return ask(written, [(question, all(held)) for question, held in found if all(held) or not any(held)])


def passages(folder: Path, name: str, every: int) -> list[Asked]:
    """Questions that took their authors a whole passage to answer, half of them without it."""
    asked = [row for row in rows(folder / f"qa2.en.{name}.jsonl.gz") if row["answerable"]]
    texts = {text: i for i, text in enumerate(dict.fromkeys(row["paragraph"] for row in asked))}
    written = {f"{i}.txt": " ".join(text.split()) for text, i in texts.items() if i % 4 != 3}
    about = [(row["question"], texts[row["paragraph"]]) for row in asked]
    return ask(written, [(question, i % 4 == 1) for question, i in about if i % 2])
