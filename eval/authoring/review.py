"""Drafts become cases, or go: a dialogue in the terminal that keeps its progress in the file after every answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from pydantic import ValidationError

from eval.cases import Case, dump_case, load_set, read_set
from eval.record import write_text

PROMPT = "accept, edit, reject, skip, quit [a/e/r/s/q]? "

Read = Callable[[str], str]
"""Shows a prompt and returns what was typed; EOFError ends the review."""
Say = Callable[[str], None]
"""Shows a line."""


def rejected_file(path: Path) -> Path:
    """Where rejected drafts of a set are kept: "set.jsonl" -> "set.rejected.jsonl"."""
    return path.parent / f"{path.stem}.rejected{path.suffix}"


def add_drafts(path: Path, drafts: Sequence[Case]) -> int:
    """Append to a set those drafts that it lacks and that nobody rejected; how many those were."""
    known = {case.id for file in (path, rejected_file(path)) if file.exists() for case in read_set(file)[0].cases}
    new = [dump_case(case) for case in drafts if case.id not in known]
    if new:
        _append(path, new)
    return len(new)


def review(path: Path, read: Read, say: Say) -> Counter[str]:
    """Go through the drafts of a set in order. Every other line stays as it is; rejected drafts move to another file.

    Returns how many were "accepted" and "rejected", and how many are "left". Raises InputError when the set cannot be
    read.
    """
    loaded = load_set(path)
    drafts = [case for case in loaded.cases if case.status == "draft"]
    lines: dict[int, str | None] = dict(enumerate(path.read_text(encoding="utf-8-sig").split("\n"), start=1))
    outcome = Counter(left=len(drafts))
    for number, draft in enumerate(drafts, start=1):
        say(f"\n{number} of {len(drafts)}")
        action, case = _decide(draft, read, say)
        if action == "q":
            break
        if action == "s":
            continue
        if action == "r":
            _append(rejected_file(path), [dump_case(draft)])
        lines[loaded.lines[draft.id]] = None if action == "r" else dump_case(case)
        write_text(path, "\n".join(line for line in lines.values() if line is not None))
        outcome["left"] -= 1
        outcome["accepted" if action == "a" else "rejected"] += 1
    return outcome


def _decide(draft: Case, read: Read, say: Say) -> tuple[str, Case]:
    """What to do ("a", "r", "s" or "q"), and the case as it is then."""
    case = draft
    while True:
        for line in describe(case):
            say(line)
        try:
            action = read(PROMPT).strip().lower()[:1]
            if action == "e":
                case = _edited(case, read, say)
        except EOFError:
            return "q", draft
        if action in ("a", "r", "s", "q"):
            return action, case.model_copy(update={"status": "accepted"}) if action == "a" else draft


def describe(case: Case) -> Iterator[str]:
    """A case in a few lines."""
    facts = " ; ".join(" | ".join(fact.any_of) for fact in case.facts)
    yield f"  question   {case.question}"
    yield f"  answer     {facts if case.answerable else f'(to refuse: {case.type})'}"
    for quote in (quote for evidence in case.evidence for quote in evidence.any_of):
        yield f"  evidence   {quote.source}: {' '.join(quote.quote.split())}"
    if case.forbidden:
        yield f"  forbidden  {' | '.join(case.forbidden)}"
    if case.note:
        yield f"  note       {case.note}"


def _edited(case: Case, read: Read, say: Say) -> Case:
    """With another question and other answers; an empty line keeps what is there."""
    changes: dict[str, object] = {}
    if question := read("question (empty: keep)? ").strip():
        changes["question"] = question
    if case.answerable and (answer := read("answer, A | B for either, A ; B for both (empty: keep)? ").strip()):
        kinds = [fact.kind for fact in case.facts] or ["text"]
        wanted = [[part.strip() for part in fact.split("|")] for fact in answer.split(";")]
        changes["facts"] = [{"any_of": w, "kind": kinds[min(i, len(kinds) - 1)]} for i, w in enumerate(wanted)]
    try:
        return Case.model_validate({**case.model_dump(exclude_defaults=True), **changes})
    except ValidationError as error:
        say(f"  {error.errors()[0]['msg']}; nothing was changed.")
        return case


def _append(path: Path, lines: Sequence[str]) -> None:
    known = path.read_text(encoding="utf-8").rstrip("\n").split("\n") if path.exists() else []
    write_text(path, "\n".join([*known, *lines]) + "\n")
