"""Questions that a library answers, and questions that it does not: several shapes of absence.

The paragraph left out while its article's others stay (as plain text, and as articles under their titles), the
paragraph told of another subject or without the sentence that answers, another figure or name in the question (one of
the library's or none of it), labels, items and tables without the one asked for, ten passages of which none answers,
annual reports without the note that is asked for. And questions that no single sentence answers: two asked as one, what
a section is about, its summary, questions of law over the articles of statutes, questions that took their authors whole
passages. Only paragraphs that the reader was not trained on are asked about where it was trained on a set.
"""

from __future__ import annotations

import json
import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import devsets
from asked import Asked, ask, file_of, name_of, rows
from long_answers import passages, sections, statutes, summaries

from index.sentences import sentences
from index.static_model import StaticEmbedder
from index.text import is_cjk
from training.records import Record, record

SETS = ("xquad-half.zh", "xquad-half.en", "cmrc2018-dev.zh", "squad11-part.en", "drcd-dev.zh-Hant", "jsquad-valid.ja")
ACROSS = (("en", "zh"), ("zh", "en"), ("de", "zh"), ("es", "en"), ("zh", "de"))
MANUALS = ("zh", "en")
LONG = ("clapnq-dev",)
GROUPS = ("zh", "en", "ja", "de")


def left_out(loaded: devsets.QuestionSet, titles: list[str], every: int, *, articles: bool) -> list[Asked]:
    """Every tenth paragraph left out; asked are the questions about these, and about as many others."""
    texts = [" ".join(text.split()) for text in loaded.paragraphs]
    kept = [i for i in range(len(texts)) if i % 10 != 9]
    documents: dict[str, list[str]] = defaultdict(list)
    for i in kept:
        documents[titles[i] if articles else ""].append(texts[i])
    written = {
        file_of(title or "paragraphs"): "\n\n".join([f"# {name_of(title)}"] * bool(title) + own)
        for title, own in documents.items()
    }
    questions = [(q, g % 10 == 4) for q, g in zip(loaded.questions, loaded.gold, strict=True) if g % 5 == 4]
    return ask(written, questions[::every])


def siblings(loaded: devsets.QuestionSet, titles: list[str], others: list[str], every: int) -> list[Asked]:
    """Questions that name their article, and the same of one of the others, about which nobody says it."""
    written = {file_of(title): f"# {name_of(title)}\n" for title in titles}
    for title, text in zip(titles, loaded.paragraphs, strict=True):
        written[file_of(title)] += f"\n{' '.join(text.split())}\n"
    questions = []
    for i, question in enumerate(loaded.questions):
        name = name_of(titles[loaded.gold[i]])
        if loaded.gold[i] % 5 == 4 and len(name) > 1 and name in question:
            other = name_of(others[(loaded.gold[i] * 7 + 13) % len(others)])
            questions += [(question, True), (question.replace(name, other), False)] if other != name else []
    return ask(written, [one for i, one in enumerate(questions) if i // 2 % every == 0])


def unlabelled(loaded: devsets.QuestionSet, titles: list[str], others: list[str], every: int) -> list[Asked]:
    """Questions that name what their paragraph names, under no title, and the same of one of the other articles."""
    written = {"paragraphs.md": "\n\n".join(" ".join(text.split()) for text in loaded.paragraphs)}
    questions = []
    for question, row in zip(loaded.questions, loaded.gold, strict=True):
        name, text = name_of(titles[row]), loaded.paragraphs[row]
        other = name_of(others[(row * 7 + 13) % len(others)])
        named = len(name) > 1 and name in question and name in text and other not in f"{question}{text}"
        if row % 5 == 4 and named:
            questions += [(question, True), (question.replace(name, other), False)]
    return ask(written, [one for i, one in enumerate(questions) if i // 2 % every == 0])


def swapped(loaded: devsets.QuestionSet, titles: list[str], every: int) -> list[Asked]:
    """Questions with a figure that their paragraph has, and the same with one that it lacks."""
    written = {file_of(title): f"# {name_of(title)}\n" for title in titles}
    for title, text in zip(titles, loaded.paragraphs, strict=True):
        written[file_of(title)] += f"\n{' '.join(text.split())}\n"
    questions = []
    for question, row in zip(loaded.questions, loaded.gold, strict=True):
        figures = [one for one in re.findall(r"\d+", question) if one in loaded.paragraphs[row]]
        if row % 5 == 4 and figures:
            other = str(int(figures[0]) + 1 + row % 7)
            if other not in loaded.paragraphs[row]:
                questions += [(question, True), (question.replace(figures[0], other), False)]
    return ask(written, [one for i, one in enumerate(questions) if i // 2 % max(1, every // 4) == 0])


def moved(loaded: devsets.QuestionSet, titles: list[str], every: int) -> list[Asked]:
    """Every tenth paragraph told of another subject, under its title; asked is about the one that it was about."""
    return _retold(loaded, titles, every, _about_another)


def silent(loaded: devsets.QuestionSet, titles: list[str], every: int) -> list[Asked]:
    """Every tenth paragraph without the sentence that answers: its subject is there, what is asked of it is not."""
    return _retold(loaded, titles, every, _without_answer)


def _retold(
    loaded: devsets.QuestionSet,
    titles: list[str],
    every: int,
    tell: Callable[[devsets.QuestionSet, list[str], int, int], tuple[str, str] | None],
) -> list[Asked]:
    """`tell` gives title and text that one question's paragraph gets, None where it cannot be told so."""
    told: dict[int, tuple[str, str]] = {}
    questions = []
    for i, (question, row) in enumerate(zip(loaded.questions, loaded.gold, strict=True)):
        if row % 5 != 4 or row in told:
            continue
        found = tell(loaded, titles, i, row)
        if found is None:
            continue
        questions.append((question, row % 10 == 4))
        if row % 10 == 9:
            told[row] = found
    written = {file_of(title): f"# {name_of(title)}\n" for title in titles}
    for row, (title, text) in enumerate(zip(titles, loaded.paragraphs, strict=True)):
        title, text = told.get(row, (title, text))
        written[file_of(title)] += f"\n{' '.join(text.split())}\n"
    return ask(written, questions[:: max(1, every // 2)])


def _about_another(loaded: devsets.QuestionSet, titles: list[str], i: int, row: int) -> tuple[str, str] | None:
    name, title = name_of(titles[row]), titles[(row * 7 + 13) % len(titles)]
    other, text = name_of(title), loaded.paragraphs[row]
    if len(name) < 2 or other == name or name not in loaded.questions[i] or other in loaded.questions[i]:
        return None
    return title, text.replace(name, other)


def _without_answer(loaded: devsets.QuestionSet, titles: list[str], i: int, row: int) -> tuple[str, str] | None:
    text = loaded.paragraphs[row]
    pieces = [text[start:end] for start, end in sentences(text)]
    kept = [one for one in pieces if not any(answer in one for answer in loaded.answers[i])]
    return (titles[row], " ".join(kept)) if kept and len(kept) < len(pieces) else None


def small(loaded: devsets.QuestionSet, titles: list[str], every: int) -> list[Asked]:
    """Nine neighbouring paragraphs under their titles, with the one asked about and without it."""
    asked = []
    for gold in range(4, len(loaded.paragraphs) - 4, 5 * every):
        questions = [q for q, row in zip(loaded.questions, loaded.gold, strict=True) if row == gold][:3]
        for there in (True, False):
            lines = []
            for i in range(gold - 4, gold + 5):
                if i != gold or there:
                    lines += [f"# {name_of(titles[i])}", " ".join(loaded.paragraphs[i].split())]
            asked += ask({"a.md": "\n\n".join(lines)}, [(question, there) for question in questions])
    return asked


def records(loaded: devsets.QuestionSet, titles: list[str], every: int, *, few: bool) -> list[Asked]:
    """Each paragraph as labels, items or a table of what is asked about it, which half of those asked about lack.

    All in one library; with `few`, each question over nine neighbours of its own.
    """
    table, draw = StaticEmbedder(), random.Random(1)
    known: dict[int, dict[str, tuple[int, Record]]] = defaultdict(dict)
    for i, row in enumerate(loaded.gold):
        if found := record(table, loaded.questions[i], loaded.paragraphs[row], tuple(loaded.answers[i])):
            known[row].setdefault(found.value, (i, found))
    documents, questions = {}, []
    for row, found in known.items():
        kept = list(found.values())
        if row % 5 == 4:
            i, asked = draw.choice(kept)
            rest = [r for r in kept if r[1] is not asked and not any(a in str(r[1]) for a in loaded.answers[i])]
            there = draw.random() < 0.5 or not rest
            kept = kept if there else rest
            questions.append((loaded.questions[i], there, row))
        documents[row] = _written(name_of(titles[row]), [one for _, one in kept], row % 3, draw)
    if not few:
        written = {f"{row}_{file_of(titles[row])}": text for row, text in documents.items()}
        return ask(written, [(question, there) for question, there, _ in questions[:: max(1, every // 4)]])
    rows, asked = sorted(documents), []
    for question, there, row in questions[:: max(1, every // 2)]:
        at = rows.index(row)
        asked += ask({f"{i}.md": documents[i] for i in rows[max(0, at - 4) : at + 5]}, [(question, there)])
    return asked


def _written(title: str, own: list[Record], shape: int, draw: random.Random) -> str:
    if shape < 2:
        return "\n".join([f"# {title}", "", *(one.line(("label", "item")[shape], draw) for one in own)])
    cells = [["", *(one.label for one in own)], ["---"] * (len(own) + 1), [title, *(one.value for one in own)]]
    return "\n".join([f"# {title}", "", *(f"| {' | '.join(row)} |" for row in cells)])


def joined(loaded: devsets.QuestionSet, titles: list[str], every: int) -> list[Asked]:
    """Two questions about neighbouring paragraphs of an article asked as one: both paragraphs are there, or neither."""
    about: dict[int, str] = dict(zip(loaded.gold, loaded.questions, strict=True))
    written = {file_of(title): f"# {name_of(title)}\n" for title in titles}
    questions = []
    for row, (title, text) in enumerate(zip(titles, loaded.paragraphs, strict=True)):
        first = row - row % 2
        asked_about = first % 10 == 4 and titles[first] == titles[min(first + 1, len(titles) - 1)]
        there = not asked_about or first % 20 == 4
        written[file_of(title)] += f"\n{' '.join(text.split())}\n" if there else ""
        if asked_about and row == first and row in about and row + 1 in about:
            one, other = (about[at].rstrip("？?。. ") for at in (row, row + 1))
            questions.append((f"{one}，{other}？" if is_cjk(one) else f"{one}, {other}?", there))
    return ask(written, questions)


def groups(folder: Path, language: str, every: int) -> list[Asked]:
    """Ten passages for each question, judged by people (NoMIRACL)."""
    asked = []
    for row in rows(folder / f"qgroup.{language}.nomiracl.jsonl.gz")[::every]:
        passages = "\n\n".join(" ".join(text.split()) for text in row["paragraphs"])
        asked += ask({"passages.txt": passages}, [(row["question"], row["any_relevant"])])
    return asked


def reports(folder: Path, every: int) -> list[Asked]:
    """Notes of annual reports (TAT-QA): with the one asked for, and without it, among those of the same page."""
    pages: dict[str, tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
    for row in rows(folder / "qa2.en.tatqa.jsonl.gz"):
        pages[row["question"]][row["answerable"]].add(row["paragraph"])
    asked = []
    for question, (others, own) in sorted(pages.items())[::every]:
        if others and own:
            for kept, answerable in ((others | own, True), (others, False)):
                text = "\n\n".join(re.sub(r"\n+", "\n", one) for one in sorted(kept))
                asked += ask({"page.txt": text}, [(question, answerable)])
    return asked


def sets(folder: Path, every: int, most: int) -> Iterator[tuple[str, list[Asked]]]:
    dev = folder / "dev"
    for one, other in ACROSS:
        loaded = devsets.load(dev, f"xquad-half.{one}", f"xquad-half.{other}")
        titles = titles_of(dev, f"xquad-half.{other}")
        yield loaded.name, left_out(loaded, titles, 1, articles=False)
        yield f"{loaded.name}, swapped", swapped(loaded, titles, 1)
    for name in SETS:
        loaded, titles = first(devsets.load(dev, name), most), titles_of(dev, name)[:most]
        yield name, left_out(loaded, titles, every, articles=False)
        if "xquad" not in name:
            yield f"{name}, articles", left_out(loaded, titles, every, articles=True)
            yield f"{name}, siblings", siblings(loaded, titles, titles, every)
            if strange := [title for title in titles_of(dev, name)[most:] if title not in titles]:
                yield f"{name}, strangers", siblings(loaded, titles, strange, every)
                yield f"{name}, unlabelled strangers", unlabelled(loaded, titles, strange, max(1, every // 2))
            yield f"{name}, unlabelled", unlabelled(loaded, titles, titles, max(1, every // 2))
            yield f"{name}, small", small(loaded, titles, every)
            yield f"{name}, moved", moved(loaded, titles, every)
            yield f"{name}, swapped", swapped(loaded, titles, every)
            yield f"{name}, joined", joined(loaded, titles, every)
            yield f"{name}, records", records(loaded, titles, every, few=False)
            yield f"{name}, few records", records(loaded, titles, every, few=True)
        yield f"{name}, silent", silent(loaded, titles, every)
    for language in MANUALS:
        yield f"manuals {language}", sections(folder / "train", language, every)
        yield f"summaries {language}", summaries(folder / "train", language, every)
    yield "statutes", statutes(dev, every)
    for name in LONG:
        yield name, passages(folder / "train", name, every)
    yield "tatqa", reports(folder / "train", 6 * every)
    for language in GROUPS:
        yield f"nomiracl {language}", groups(folder / "train", language, 6 * every)


def first(loaded: devsets.QuestionSet, most: int) -> devsets.QuestionSet:
    """The questions about the first `most` paragraphs."""
    kept = [i for i, row in enumerate(loaded.gold) if row < most]
    return replace(
        loaded,
        ids=[loaded.ids[i] for i in kept],
        questions=[loaded.questions[i] for i in kept],
        answers=[loaded.answers[i] for i in kept],
        gold=[loaded.gold[i] for i in kept],
        paragraphs=loaded.paragraphs[:most],
    )


def titles_of(dev: Path, name: str) -> list[str]:
    with (dev / f"{name}.contexts.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line)["title"] for line in lines]
