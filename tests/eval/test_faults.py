"""Faults planted in the product: the gate catches each with exit code 1, and names the stage that it broke."""

import re
from collections import Counter
from dataclasses import replace

import pytest

import index.chunking
import index.fusion
import index.reading.files
import rag.checking.agreement
import rag.checking.claims
from eval.cases import EvalSet
from eval.gate import run_gate
from eval.runner import run_set
from index.reading import plaintext
from rag.assistant import Assistant
from rag.llm.model import ChatModel, Reply
from rag.settings import Settings
from tests.support.packaged import index_reports, some

pytestmark = pytest.mark.slow


def chosen():
    """A few easy questions, and some of those that lean on one stage: several paragraphs, two languages, no answer."""
    leaning = some(4, only=lambda c: c.answerable and (c.type in ("multi", "compare") or "cross-lingual" in c.tags))
    easy = some(14, only=lambda c: c.answerable and c.type == "single" and not c.tags)
    none = some(6, only=lambda c: not c.answerable)
    return EvalSet(easy.name, (*leaning.cases, *easy.cases, *none.cases), easy.path, easy.lines)


SET = chosen()


@pytest.fixture(scope="module")
def healthy(packaged):
    return measured(packaged)


def measured(library, model=None, **options):
    with Assistant.open(settings=Settings(library=library, **options)) as assistant:
        return run_set(assistant.with_model(model(assistant.model)) if model else assistant, SET)


def held(after, before):
    """The verdict, and why the cases that got worse fail now, the most frequent reason first."""
    verdict = run_gate(after, before)
    lost = Counter(flip.after.attribution for flip in verdict.alignment.flips if flip.lost)
    return verdict, [reason for reason, _ in lost.most_common()]


def fell(verdict):
    return {finding.values.get("metric") for finding in verdict.findings if finding.kind == "regression"}


def test_a_retrieval_weight(packaged, healthy, monkeypatch):
    monkeypatch.setattr(index.fusion, "_COSINE", -100.0)
    verdict, reasons = held(measured(packaged), healthy)
    assert verdict.exit_code == 1
    assert {"trusted", "all_hit@5", "mrr@10", "ndcg@10"} <= fell(verdict)
    assert reasons[0] in ("not retrieved", "ranked low")


def test_a_chunker_that_embeds_only_the_beginning(tmp_path, healthy, monkeypatch):
    monkeypatch.setattr(index.chunking, "chunks", lambda text: [text[:4]])
    verdict, _ = held(measured(index_reports(tmp_path)), healthy)
    assert verdict.exit_code == 1
    assert {"mrr@10", "ndcg@10"} <= fell(verdict)


def test_a_splitter_that_loses_paragraphs(tmp_path, healthy, monkeypatch):
    def every_second(data):
        parsed = plaintext.read(data)
        return replace(parsed, blocks=parsed.blocks[::2])

    monkeypatch.setitem(index.reading.files.FORMATS, ".txt", every_second)
    verdict, reasons = held(measured(index_reports(tmp_path)), healthy)
    assert verdict.exit_code == 1
    assert "evidence_lost" in {finding.kind for finding in verdict.findings}
    assert reasons[0] == "not indexed"


@pytest.mark.parametrize(("threshold", "reason"), [(0.999, "refused wrongly"), (0.0, "answered wrongly")])
def test_a_threshold(packaged, healthy, threshold, reason):
    verdict, reasons = held(measured(packaged, threshold=threshold), healthy)
    assert verdict.exit_code == 1
    assert reasons[0] == reason


def test_a_prompt_without_room(packaged, healthy):
    verdict, reasons = held(measured(packaged, budget=100), healthy)
    assert verdict.exit_code == 1
    assert reasons[0] == "dropped from the prompt"


class Liar(ChatModel):
    """Answers as the honest model does, with other figures."""

    description = {"name": "liar", "kind": "liar"}  # noqa: RUF012

    def __init__(self, honest):
        self.honest = honest

    def complete(self, prompt):
        return Reply(re.sub(r"\d+(?![\d\]])", lambda found: found[0][::-1] + "7", self.honest.complete(prompt).text))


def test_a_checker_that_lets_every_figure_pass(packaged, monkeypatch):
    before = measured(packaged, Liar)  # no lie gets through: the documents' own words stand in
    for module in (rag.checking.claims, rag.checking.agreement):
        monkeypatch.setattr(module, "compatible", lambda *_: True)
    verdict, reasons = held(measured(packaged, Liar), before)
    assert verdict.exit_code == 1
    assert reasons[0] == "wrong figure"
