"""Four ways to look good without being good. Each scores low on `trusted`, whatever it scores elsewhere."""

import re

import pytest

from eval.runner import run_set
from index.sentences import sentences
from prompts.citations import render
from rag.assistant import Assistant
from rag.llm.model import ChatModel, Reply
from rag.settings import Settings
from tests.support.packaged import some

pytestmark = pytest.mark.slow

SET = some(12)
ANSWERABLE = some(10, only=lambda case: case.answerable)


class Attacker(ChatModel):
    """A model whose reply is a function of the prompt and of the honest reply."""

    description = {"name": "attacker", "kind": "attacker"}  # noqa: RUF012

    def __init__(self, honest, write):
        self.honest, self.reply = honest, write

    def complete(self, prompt):
        return Reply(self.reply(prompt, self.honest.complete(prompt).text))


def copy_the_passage(prompt, _):
    """Every sentence of the best one, each with its mark."""
    best = prompt.sources[0]
    text = best.paragraph.text
    return " ".join(text[start:end].strip() + render(best.number) for start, end in sentences(text))


def cite_everything(prompt, honest):
    marks = "".join(render(source.number) for source in prompt.sources)
    return re.sub(r"(?:\[\d+\])+", marks, honest)


def list_all_numbers(prompt, _):
    numbers = {s.number: re.findall(r"\d[\d.,]*\s?[^\s\d，。、,.]{0,3}", s.paragraph.text) for s in prompt.sources}
    return "".join(f"{'、'.join(found)}。{render(number)}\n" for number, found in numbers.items() if found)


def measured(library, eval_set, write=None, **options):
    with Assistant.open(settings=Settings(library=library, fallback=False, **options)) as assistant:
        if write:
            assistant = assistant.with_model(Attacker(assistant.model, write))
        return run_set(assistant, eval_set)


@pytest.mark.parametrize(
    ("attack", "looks_good_on"),
    [
        (copy_the_passage, "citation_recall"),
        (cite_everything, "gold_cite_recall"),
        (list_all_numbers, "gold_cite_recall"),
    ],
)
def test_an_attack_on_answers_is_not_trusted(packaged, attack, looks_good_on):
    made = measured(packaged, ANSWERABLE, attack, threshold=0.0)
    assert made.mean(looks_good_on) >= 0.7
    assert made.mean("trusted") <= 0.2


def test_refusing_everything_is_worth_no_more_than_the_questions_without_answer(packaged):
    made = measured(packaged, SET, threshold=1.0)
    assert made.mean("refusal_recall") == 1
    assert (
        made.mean("trusted") == made.mean("correct") == sum(not case.answerable for case in SET.cases) / len(SET.cases)
    )
    assert made.mean("trusted") <= 0.35


def test_honest_answers_are_trusted(packaged):
    made = measured(packaged, ANSWERABLE)
    assert made.mean("trusted") >= 0.5
