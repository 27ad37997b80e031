"""A set goes through an assistant, case by case, and leaves a run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from eval.anchors import Anchors, Gold
from eval.attribution import Cause, Trail, attribute
from eval.cases import Case, EvalSet
from eval.fingerprints import configuration, fingerprints, is_live, versions
from eval.record import CaseRun, Run
from eval.scoring import score
from index.errors import EndpointError, InputError
from prompts.compose import Prompt, compose
from rag.assistant import Assistant
from rag.llm.model import ChatModel, Reply
from rag.types import Answer

DEPTH = 20
"""Paragraphs that are searched to see how deep the evidence stands; the answer looks at fewer."""

Progress = Callable[[int, int, str], None]
"""Called with cases done, cases in all, and the id of the case at hand."""


class Witness:
    """Stands before a model. Keeps the prompt that it was given, and an endpoint's error that the assistant covers up.

    An assistant whose endpoint fails answers with the documents' own words: right for a user, not for a measurement.
    """

    def __init__(self, model: ChatModel) -> None:
        self._model = model
        self.prompt: Prompt | None = None
        self.error: EndpointError | None = None

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 (whatever the model has)
        return getattr(self._model, name)

    @property
    def description(self) -> dict[str, Any]:
        """The model's own."""
        return self._model.description

    def complete(self, prompt: Prompt, *more: Any, **named: Any) -> Reply:  # noqa: ANN401 (handed on as given)
        """The model's reply."""
        self.prompt = self.prompt or prompt
        try:
            return self._model.complete(prompt, *more, **named)
        except EndpointError as error:
            self.error = error
            raise


def run_set(assistant: Assistant, eval_set: EvalSet, *, repeats: int = 1, progress: Progress | None = None) -> Run:
    """Ask every case `repeats` times, in the order of the set, and score the answers.

    A case whose endpoint fails is recorded with its error and no scores; the rest goes on. Errors of the library are
    raised: no case could be run.
    """
    anchors = Anchors(assistant.library)
    cases: list[CaseRun] = []
    latency: dict[str, float] = {}
    for done, case in enumerate(eval_set.cases):
        if progress:
            progress(done, len(eval_set.cases), case.id)
        start = time.perf_counter()
        cases.append(_run(assistant, case, eval_set.lines.get(case.id, 0), anchors.resolve(case), repeats))
        latency[case.id] = (time.perf_counter() - start) * 1000 / repeats
    if progress:
        progress(len(eval_set.cases), len(eval_set.cases), "")
    run = Run(
        set_name=eval_set.name,
        set_path=_named(eval_set.path),
        language="zh" if 2 * sum(case.language.startswith("zh") for case in eval_set.cases) >= len(cases) else "en",
        live=is_live(assistant),
        repeats=repeats,
        k=assistant.settings.k,
        fingerprints=fingerprints(assistant, eval_set),
        configuration=configuration(assistant),
        versions=versions(),
        cases=tuple(cases),
    )
    run.latency_ms.update(latency)
    return run


def _run(assistant: Assistant, case: Case, line: int, gold: Gold, repeats: int) -> CaseRun:
    """One case; its error when it could not be asked."""
    groups = tuple(tuple(sorted(group)) for group in gold.group_ids)
    try:
        retrieved = tuple(hit.paragraph.id for hit in assistant.search(case.question, max(DEPTH, assistant.settings.k)))
        asked = [_ask(assistant, case.question, repeat) for repeat in range(repeats)]
    except (EndpointError, InputError) as error:
        return CaseRun(case=case, line=line, gold=groups, attribution="not run", error=str(error))
    scored = [score(case, gold, answer) for answer, _ in asked]
    answer, prompt = asked[0]
    trail = Trail(retrieved, assistant.settings.k, [source.paragraph.id for source in prompt.sources])
    means = _means(scored)
    reason, particulars = _cause(case, gold, asked, scored, trail) or (None, {})
    return CaseRun(
        case=case,
        line=line,
        scores=means,
        attribution=reason,
        particulars=particulars,
        refused=answer.refused,
        confidence=answer.confidence,
        answer=answer.text,
        cited=tuple(citation.paragraph.id for citation in answer.citations),
        quotes=tuple(citation.quote.text if citation.quote else "" for citation in answer.citations),
        retrieved=retrieved,
        gold=groups,
        flaky=len({scores["trusted"] for scores in scored}) > 1,
    )


def _cause(
    case: Case,
    gold: Gold,
    asked: Sequence[tuple[Answer, Prompt]],
    scored: Sequence[dict[str, float | None]],
    trail: Trail,
) -> Cause | None:
    """Of the first repeat that failed, when most of them did."""
    causes = [attribute(case, gold, answer, scores, trail) for (answer, _), scores in zip(asked, scored, strict=True)]
    failed = [cause for cause in causes if cause is not None]
    return failed[0] if 2 * len(failed) >= len(causes) and failed else None


def _ask(assistant: Assistant, question: str, repeat: int) -> tuple[Answer, Prompt]:
    """The answer, and the prompt that it was, or would have been, written from. Raises EndpointError if one failed."""
    if cassette := getattr(assistant.model, "cassette", None):
        cassette.repeat = repeat  # each repeat has a recording of its own
    with _witnessed(assistant) as witness:
        answer = assistant.ask(question)
    if witness.error:
        raise witness.error
    return answer, witness.prompt or compose(answer.question, answer.hits, assistant.settings.budget)


@contextmanager
def _witnessed(assistant: Assistant) -> Iterator[Witness]:
    model = assistant.model
    witness = Witness(model)
    assistant.model = witness
    try:
        yield witness
    finally:
        assistant.model = model


def _means(scored: Sequence[dict[str, float | None]]) -> dict[str, float | None]:
    """Each metric's mean over the repeats in which it is defined."""
    means: dict[str, float | None] = {}
    for name in dict.fromkeys(name for scores in scored for name in scores):
        values = [value for scores in scored if (value := scores.get(name)) is not None]
        means[name] = sum(values) / len(values) if values else None
    return means


def _named(path: Path) -> str:
    """The path below the working folder, where errors are looked up; else only the name: the rest is this machine's."""
    resolved, here = path.resolve(), Path.cwd()
    return resolved.relative_to(here).as_posix() if resolved.is_relative_to(here) else resolved.name
