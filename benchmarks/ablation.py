"""What each rule that was set by hand is worth on documents that it was not written for: everything with it left out.

    python benchmarks/ablation.py DATA_FOLDER [--questions N] [--documents FOLDER QUESTIONS.jsonl]...

Articles of public sets under their titles, every tenth paragraph left out. Asked are questions about paragraphs that
are there, the same of another article where they name theirs, and questions about the paragraphs left out.
Printed, for all sets of a kind: the share of the answerable questions that are answered rightly / wrongly, and of the
others that are refused. Then what changes when a rule is left out, in hundredths, at the threshold of the evidence at
which as many of the others are refused as with all rules: a rule that makes everything likelier is worth nothing.
`--documents` are those of `context.py`: right is the share of the gold sentences quoted, wrong an answer with none.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import devsets
from absence import titles_of
from asked import file_of, name_of
from context import share

from eval.equivalence import contains
from index.question import Question
from rag import Assistant, answerability, candidates, extractive, readings
from rag.candidates import Chosen
from rag.readings import Readings
from rag.settings import Settings

SETS = {
    "Chinese, Japanese": ("cmrc2018-dev.zh", "drcd-dev.zh-Hant", "jsquad-valid.ja", "xquad-half.zh"),
    "English": ("squad11-part.en", "xquad-half.en"),
    "across": ("xquad-half.en -> xquad-half.zh", "xquad-half.zh -> xquad-half.en", "xquad-half.de -> xquad-half.zh"),
}


def without(feature: str) -> list[Any]:
    """The evidence without one of its features."""
    return [
        mock.patch.dict(weights, {feature: 0.0}) for weights in answerability.WEIGHTS.values() if feature in weights
    ]


def unread(_question: Question, found: Sequence[Chosen], *_: object) -> list[Chosen]:
    return list(found)


RULES: dict[str, list[Any]] = {
    "words of the question in the sentence": [mock.patch.object(candidates, "EXACT", 0.0)],
    "type of the answer": [mock.patch.object(candidates, "TYPE", 0.0)],
    "match of the paragraph": [mock.patch.object(candidates, "MATCH", 0.0)],
    "place in the list": [mock.patch.object(candidates, "LATER", 0.0)],
    "label of a field": [mock.patch.object(candidates, "FIELD", 0.0), mock.patch.object(candidates, "ELSEWHERE", 0.0)],
    "year of a heading": [mock.patch.object(candidates, "OTHER_YEAR", 0.0)],
    "second reader": [mock.patch.object(module, "closely_read", unread) for module in (candidates, extractive)],
    "clauses that ask": [mock.patch.object(Readings, "asking", return_value=[])],
    "figures that are missing": without("figures"),
    "heading that is named": without("misnamed"),
    "names of other documents": without("elsewhere"),
    "names that are missing": without("lacking"),
    "names in another script": without("unnamed"),
    "names found by pinyin": [mock.patch.object(Question, "foreign_names", ([], []))],
    "words in another script": [mock.patch.object(Question, "translations", {})],
}


class Asked(NamedTuple):
    """One question."""

    question: str
    gold: list[str]
    """Answers, or sentences that should be quoted; none of a question that has no answer."""
    sentences: bool
    """Whether they are sentences."""


def public(loaded: devsets.QuestionSet, titles: list[str], most: int, folder: Path) -> list[Asked]:
    """Writes the articles, and gives the questions."""
    articles: dict[str, list[str]] = defaultdict(list)
    for row, (title, text) in enumerate(zip(titles, loaded.paragraphs, strict=True)):
        if row % 10 != 9:
            articles[title].append(" ".join(text.split()))
    for title, texts in articles.items():
        (folder / file_of(title)).write_text("\n\n".join([f"# {name_of(title)}", *texts]), encoding="utf-8")
    asked, others = list[Asked](), sorted({name_of(title) for title in articles})
    for question, answers, row in zip(loaded.questions, loaded.answers, loaded.gold, strict=True):
        name = name_of(titles[row])
        if row % 5 == 4:  # the reader was not trained on these
            asked.append(Asked(question, answers if row % 10 == 4 else [], False))
            if row % 10 == 4 and len(name) > 1 and name in question:
                other = others[(others.index(name) + 1) % len(others)]
                asked.append(Asked(question.replace(name, other), [], False))
    return asked[:: max(1, len(asked) // most)]


def reported(documents: Path, questions: Path, most: int, folder: Path) -> list[Asked]:
    """The same of documents as they are."""
    for file in documents.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    cases = [json.loads(line) for line in questions.read_text(encoding="utf-8").splitlines()]
    kinds = {kind: [one for one in cases if one["type"] == kind] for kind in ("factual", "multihop", "unanswerable")}
    asked = []
    for kind, own in kinds.items():
        for one in own if kind == "unanswerable" else own[:: max(1, len(own) // most)]:
            asked.append(Asked(one["question"], one["evidence"] if kind != "unanswerable" else [], True))
    return asked


class Answered(NamedTuple):
    """One answer, whatever the evidence."""

    confidence: float
    right: float | None
    """Share of the gold in it; None where there is none."""


def answers(assistant: Assistant, asked: list[Asked]) -> list[Answered]:
    found = []
    for one in asked:
        answer, right = assistant.ask(one.question), None
        if one.gold and one.sentences:
            right = share({"evidence": one.gold}, answer.text)
        elif one.gold:
            right = float(any(contains(answer.text, gold, anywhere=True) for gold in one.gold))
        found.append(Answered(-1.0 if answer.refused else answer.confidence or 0.0, right))
    return found


def refused(found: list[Answered], least: float) -> int:
    """How many without an answer are, at this threshold."""
    return sum(one.confidence < least for one in found if one.right is None)


def at(found: list[Answered], least: float) -> tuple[float, float]:
    """Shares answered rightly and wrongly."""
    answerable = [one for one in found if one.right is not None]
    given = [one.right for one in answerable if one.confidence >= least]
    return sum(map(float, filter(None, given))) / len(answerable), given.count(0.0) / len(answerable)


def as_many(found: list[Answered], number: int) -> float:
    """The threshold at which so many without an answer are refused."""
    ordered = sorted(one.confidence for one in found if one.right is None)
    return ordered[number] if number < len(ordered) else 1.0


def mean(rows: list[tuple[float, ...]]) -> tuple[float, ...]:
    return tuple(sum(column) / len(rows) for column in zip(*rows, strict=True))


@contextmanager
def libraries(given: argparse.Namespace) -> Iterator[dict[str, list[tuple[Assistant, list[Asked]]]]]:
    """By kind."""
    with ExitStack() as stack:
        for kept in ("_KEPT", "_CLOSE"):  # what the readers tell does not depend on the rules
            stack.enter_context(mock.patch.object(readings, kept, 10**9))

        def opened(write: Callable[[Path], list[Asked]]) -> tuple[Assistant, list[Asked]]:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            documents = folder / "documents"
            documents.mkdir()
            asked = write(documents)
            answering = Settings(threshold=0.0)
            assistant = stack.enter_context(Assistant.open(folder / "library", settings=answering))
            assistant.add([documents])
            return assistant, asked

        made: dict[str, list[tuple[Assistant, list[Asked]]]] = defaultdict(list)
        for kind, names in SETS.items():
            for name in names:
                questions, paragraphs = (name.split(" -> ") * 2)[:2]
                loaded, own = (devsets.load(given.folder, one, paragraphs) for one in (questions, paragraphs))
                answers = dict(zip(own.ids, own.answers, strict=True))  # in the language of what is quoted
                loaded = replace(loaded, answers=[answers[one] for one in loaded.ids])
                made[kind].append(opened(partial(public, loaded, titles_of(given.folder, paragraphs), given.questions)))
        for documents, questions in given.documents:
            made["reports and records"].append(opened(partial(reported, documents, questions, given.questions)))
        yield made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--questions", type=int, default=150, help="of each set, about")
    parser.add_argument("--documents", type=Path, nargs=2, action="append", default=[])
    parser.add_argument("--rules", nargs="*", default=list(RULES), help="names of rules")
    given = parser.parse_args()
    with libraries(given) as made:
        print(f"| left out | {' | '.join(made)} |\n|{'---|' * (len(made) + 1)}")
        least = Settings().threshold
        every = {kind: [answers(*one) for one in own] for kind, own in made.items()}
        whole = {kind: mean([at(found, least) for found in own]) for kind, own in every.items()}
        share_refused = {
            kind: mean([(refused(found, least) / sum(one.right is None for one in found),) for found in own])[0]
            for kind, own in every.items()
        }
        cells = [f"{whole[kind][0]:.3f} / {whole[kind][1]:.3f}, {share_refused[kind]:.3f}" for kind in made]
        print(f"| nothing | {' | '.join(cells)} |", flush=True)
        for rule in given.rules:
            cells = []
            with ExitStack() as stack:
                for patch in RULES[rule]:
                    stack.enter_context(patch)
                for kind, own in made.items():
                    left = [answers(*one) for one in own]
                    numbers = [refused(found, least) for found in every[kind]]
                    then, now = (
                        mean([at(found, as_many(found, number)) for found, number in zip(all_of, numbers, strict=True)])
                        for all_of in (every[kind], left)
                    )
                    cells.append(" / ".join(f"{100 * (b - a):+.1f}" for a, b in zip(then, now, strict=True)))
            print(f"| {rule} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
