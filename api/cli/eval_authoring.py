"""`footnote eval draft`, `review`, `coverage`, `judge`, `calibrate`: making a set, and knowing what to think of it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import BaseUrlOption, JsonOption, LibraryOption, open_library, settings_for
from index.errors import InputError

if TYPE_CHECKING:
    from eval.calibration import Rates
    from eval.judge import Judge

SetArgument = Annotated[Path, typer.Argument(metavar="SET", help="Eval set, a JSONL file")]
ModelOption = Annotated[str | None, typer.Option("--model", metavar="NAME", help="Model that judges")]
CacheOption = Annotated[
    Path, typer.Option("--cache", metavar="DIR", help="Folder for the judge's replies", show_default=True)
]
_CACHE = Path("judge-cache")


def draft(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="File for the drafts; cases already in it stay")],
    library: LibraryOption = None,
    per_paragraph: Annotated[
        int, typer.Option("--per-paragraph", min=1, help="Most questions about one paragraph")
    ] = 3,
    leave_out: Annotated[
        Path | None,
        typer.Option(
            "--leave-out",
            metavar="DIR",
            help="Also write a corpus without every 4th paragraph, and questions about those",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Draft questions about the figures, dates and titles in the library."""
    from api.cli import console
    from eval.anchors import Anchors
    from eval.authoring.drafting import draft_cases, split, unanswerable_cases, write_corpus
    from eval.authoring.review import add_drafts

    with open_library(library) as opened:
        paragraphs = list(Anchors(opened).all_paragraphs())
    record: dict[str, object] = {"out": str(out), "drafts": add_drafts(out, draft_cases(paragraphs, per_paragraph))}
    lines = [f"{record['drafts']} new drafts in {out}; next: footnote eval review {out}"]
    if leave_out:
        left_out, kept = split(paragraphs)
        corpus, cases = leave_out / "corpus", leave_out / "left-out.jsonl"
        write_corpus(kept, corpus)
        record["left_out"] = add_drafts(cases, unanswerable_cases(left_out, kept, per_paragraph))
        lines.append(
            f"{record['left_out']} new drafts in {cases}: questions about the {len(left_out)} paragraphs that {corpus} "
            f"lacks; next: footnote eval review {cases}; footnote index {corpus} --library {leave_out / 'library'}; "
            f"footnote eval run {cases} --library {leave_out / 'library'}"
        )
    console.say(record, "\n".join(lines), as_json=as_json)


def review(file: Annotated[Path, typer.Argument(metavar="FILE", help="Eval set with drafts")]) -> None:
    """Accept, edit or reject drafts one by one; you may stop and go on later."""
    from api.cli import console
    from eval.authoring.review import review as go_through

    outcome = go_through(file, input, lambda line: console.say(None, line))
    counts = f"{outcome['accepted']} accepted, {outcome['rejected']} rejected, {outcome['left']} drafts left"
    console.say(None, f"\n{counts} in {file}")


def coverage(eval_set: SetArgument, library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """List the paragraphs that no question of a set covers."""
    from api.cli import console
    from eval.anchors import Anchors, shorten
    from eval.cases import load_set

    with open_library(library) as opened:
        anchors = Anchors(opened)
        questions = anchors.questions(load_set(eval_set).cases)
        missing = [paragraph for paragraph in anchors.all_paragraphs() if not questions[paragraph.id]]
    total = len(questions)
    lines = [f"{total - len(missing)} of {total} paragraphs have a question"]
    for one in missing:
        place = " › ".join((one.source, *one.heading))
        lines.append(f"{one.id}  {place}: {shorten(' '.join(one.text.split()), 60)}")
    unreached = [{"paragraph_id": p.id, "source": p.source, "heading": p.heading, "text": p.text} for p in missing]
    record = {"paragraphs": total, "reached": total - len(missing), "questions": questions}
    console.say(record | {"unreached": unreached}, "\n".join(lines), as_json=as_json)


def judge(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Run saved with --save")],
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
    cache: CacheOption = _CACHE,
    as_json: JsonOption = False,
) -> None:
    """Ask a model which answers of a run state the expected facts. Advisory: it is never gated.

    Exit code 3 if the judge gave no usable reply.
    """
    from api.cli import console
    from eval.calibration import lexical
    from eval.record import Run
    from eval.stats import mean

    asked = [one for one in Run.load(run).gated if one.case.answerable and one.answer and not one.refused]
    if not asked:
        raise InputError(f"{run} holds no answer to judge.")
    made = _judge(model, base_url, cache)
    verdicts = {one.id: made.case(one.case, one.answer) for one in asked}
    differ = [one.id for one in asked if verdicts[one.id] != lexical(one.case, one.answer)]
    counts = {name: list(verdicts.values()).count(name) for name in ("yes", "no", "unsure", "failed")}
    right = mean(verdict == "yes" for verdict in verdicts.values() if verdict in ("yes", "no"))
    record = {
        "judged": len(asked),
        "right": right,
        **counts,
        "verdicts": verdicts,
        "differ": differ,
        "first_failure": made.why or None,
    }
    lines = [
        f"{len(asked)} answers judged: {counts['yes']} right, {counts['no']} wrong, {counts['unsure']} unsure, "
        f"{counts['failed']} failed; right among the decided: {_percent(right)}",
        "advisory: see how far this judge can be believed with footnote eval calibrate SET --labels FILE --model NAME",
        *([f"first failure: {made.why}"] if made.why else []),
        *(f"{name}  judge: {verdicts[name]}" for name in differ if verdicts[name] != "failed"),
    ]
    console.say(record, "\n".join(lines), as_json=as_json)
    if counts["failed"] == len(asked):
        raise typer.Exit(3)


def calibrate(
    eval_set: SetArgument,
    library: LibraryOption = None,
    labels: Annotated[
        Path | None,
        typer.Option("--labels", metavar="FILE", help='Labels by a person, JSON lines {"id", "answer", "correct"}'),
    ] = None,
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
    cache: CacheOption = _CACHE,
    most_refused: Annotated[
        float, typer.Option("--most-refused", min=0, max=1, help="Largest share of answerable questions to refuse")
    ] = 0.05,
    write: Annotated[bool, typer.Option("--write", help="Save the fitted threshold in ./footnote.toml")] = False,
    as_json: JsonOption = False,
) -> None:
    """Fit the refusal threshold to your questions. With --labels, compare the fact check or a judge with a person."""
    from api.cli import console
    from eval.calibration import agreement, lexical, load_labels
    from eval.cases import load_set

    loaded = load_set(eval_set)
    if labels:
        known = load_labels(labels, loaded)
        made = _judge(model, base_url, cache) if model else None
        found = agreement(known, made.case if made else lexical)
        name = f"judge {model}" if made else "facts"
        record: dict[str, object] = {"measure": name, **found}
        text = _agreement(found, name) + (f"\nfirst failure: {made.why}" if made and made.why else "")
    else:
        record, text = _threshold(loaded.path, library, most_refused, write=write)
    console.say(record, text, as_json=as_json)


def _judge(model: str | None, base_url: str | None, cache: Path) -> Judge:
    """The judge that the options and settings name, at temperature 0 unless they say otherwise."""
    from eval.judge import Judge
    from rag.llm.endpoint import open_model

    settings = settings_for(model=model, base_url=base_url)
    update: dict[str, object] = {"temperature": settings.temperature or 0.0}
    if settings.cassette is None:  # FOOTNOTE_CASSETTE=replay asks nobody, here as everywhere
        update |= {"cassette": "cache", "cassette_dir": cache}
    return Judge(open_model(settings.model_copy(update=update)))


def _agreement(found: dict[str, float | int | bool | None], name: str) -> str:
    from eval.calibration import ENOUGH_KAPPA, ENOUGH_LABELS

    kappa = "-" if found["kappa"] is None else f"{found['kappa']:.2f}"
    text = (
        f"{name}: kappa {kappa}, sensitivity {_percent(found['sensitivity'])}, "
        f"specificity {_percent(found['specificity'])} on {found['n']} labels; "
        f"{found['unsure']} unsure, {found['failed']} failed"
    )
    advice = f"a hint only until kappa >= {ENOUGH_KAPPA} on >= {ENOUGH_LABELS} labels"
    return text if found["enough"] else f"{text}\n{advice}"


def _threshold(path: Path, library: Path | None, most_refused: float, *, write: bool) -> tuple[dict[str, object], str]:
    from eval.calibration import ask_all, fit, rates
    from eval.cases import load_set
    from rag.assistant import Assistant
    from rag.settings_file import FILE, change_settings

    settings = settings_for(library)
    everything = settings.model_copy(update={"threshold": 0.0, "model": None})
    with Assistant.open(settings=everything, create=False) as assistant:
        asked = ask_all(assistant, load_set(path))
    fitted = fit(asked, most_refused)
    now = rates(asked, settings.threshold)
    lines = [
        f"threshold 0.0 (refused for other reasons): {_rates(rates(asked, 0.0))}",
        f"threshold {settings.threshold} (now): {_rates(now)}",
        f"threshold {fitted.threshold} (fitted): {_rates(fitted.rates)}",
        f"fitted on one half, measured on the other: {_rates(fitted.held_out)}",
    ]
    if write:
        change_settings(FILE, {"threshold": fitted.threshold}, ["threshold"])
        lines.append(f"wrote threshold = {fitted.threshold} to {FILE}")
    record = {"threshold": settings.threshold, "now": asdict(now), "fitted": asdict(fitted), "written": write}
    return record, "\n".join(lines)


def _rates(found: Rates) -> str:
    return f"{_percent(found.answerable)} of the answerable refused, {_percent(found.unanswerable)} of the others"


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"
