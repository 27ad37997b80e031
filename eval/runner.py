"""A set goes through an assistant, case by case, and leaves a run."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from eval.anchors import Anchors, Gold
from eval.cases import Case, EvalSet
from eval.diagnosis import Trail, diagnose
from eval.fingerprints import configuration, fingerprints, is_live, versions
from eval.metrics.scoring import score
from eval.record import CaseRun, Run
from eval.stats import mean
from index.errors import EndpointError, InputError
from index.library import Progress
from rag.assistant import Assistant
from rag.types import Answer

DEPTH = 20
"""Paragraphs that are searched to see how deep the evidence is; the answer looks at fewer."""


def run_set(assistant: Assistant, eval_set: EvalSet, *, repeats: int = 1, progress: Progress | None = None) -> Run:
    """Ask every case `repeats` times, in the order of the set, and score the answers.

    A case whose endpoint fails is recorded with its error and no scores; the rest goes on. Errors of the library are
    raised: no case could be run. `progress` gets cases done, cases in all, and the id of the case at hand.
    """
    anchors = Anchors(assistant.library)
    askers = [assistant.with_model(assistant.model.repeat(number)) for number in range(repeats)]
    cases: list[CaseRun] = []
    latency: dict[str, float] = {}
    for done, case in enumerate(eval_set.cases):
        if progress:
            progress(done, len(eval_set.cases), case.id)
        start = time.perf_counter()
        cases.append(_run(askers, case, eval_set.lines.get(case.id, 0), anchors.resolve(case)))
        latency[case.id] = (time.perf_counter() - start) * 1000 / repeats
    if progress:
        progress(len(eval_set.cases), len(eval_set.cases), "")
    return Run(
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
        latency_ms=latency,
    )


def _run(askers: Sequence[Assistant], case: Case, line: int, gold: Gold) -> CaseRun:
    """One case; its error when it could not be asked."""
    groups = tuple(tuple(sorted(group)) for group in gold)
    first, k = askers[0], askers[0].settings.k
    try:
        found = [hit.paragraphs for hit in first.search(case.question, max(DEPTH, k))]
        retrieved = tuple(dict.fromkeys(one.id for paragraphs in found for one in paragraphs))
        answers = [_ask(asker, case.question) for asker in askers]
    except (EndpointError, InputError) as error:
        return CaseRun(case=case, line=line, gold=groups, attribution="not run", error=str(error))
    scored = [score(case, gold, answer) for answer in answers]
    answer = answers[0]
    sources = first.prompt(answer.question, answer.hits).sources
    trail = Trail(retrieved, sum(map(len, found[:k])), [source.paragraph.id for source in sources])
    causes = [diagnose(case, gold, one, scores, trail) for one, scores in zip(answers, scored, strict=True)]
    failed = [cause for cause in causes if cause]
    reason, particulars = failed[0] if failed and 2 * len(failed) >= len(causes) else (None, {})
    return CaseRun(
        case=case,
        line=line,
        scores={name: mean(v for one in scored if (v := one[name]) is not None) for name in scored[0]},
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


def _ask(assistant: Assistant, question: str) -> Answer:
    """The answer. Raises EndpointError when the documents' own words replaced those of a model that failed.

    Right for a user, it would be a wrong measurement of the model.
    """
    answer = assistant.ask(question)
    if failed := answer.model.get("failed"):
        raise EndpointError(str(failed))
    return answer


def _named(path: Path) -> str:
    """The path below the working folder, where errors are looked up; else only the name: the rest is this machine's."""
    resolved, here = path.resolve(), Path.cwd()
    return resolved.relative_to(here).as_posix() if resolved.is_relative_to(here) else resolved.name
