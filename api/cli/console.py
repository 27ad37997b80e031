"""What a person sees. Plain text when piped, the same records as JSON when asked for."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console, RenderableType
from rich.text import Text

from index.library import Library, Progress, Report
from index.records import Hit, Paragraph
from prompts.injection import visible
from rag.checking.reply import Checked
from rag.types import HOLDING, Answer, Citation, Sentence, hit_dict, paragraph_dict

_REFUSALS = {
    "no_evidence": "nothing in the library matches the question",
    "low_evidence": "the paragraphs found do not answer the question",
    "model_declined": "the model found no answer in the paragraphs",
    "unsupported": "no sentence of the reply is supported by the paragraphs",
}
_STYLES = {
    **{"quoted": "green", "supported": "green", "consistent": "cyan", "nothing_to_check": "dim"},
    **{"not_checked": "yellow", "partly": "yellow", "wrong_paragraph": "yellow"},
}
_VERDICTS = {"consistent": "figures and names found, wording is the model's", "not_checked": "not checked: language"}


def _console() -> Console:
    return Console(file=sys.stdout, highlight=False, markup=False, soft_wrap=not sys.stdout.isatty())


def say(record: object, text: str | Text, *, as_json: bool = False) -> None:
    """Print the record as JSON, or the text."""
    if as_json:
        sys.stdout.write(json.dumps(record, ensure_ascii=False, indent=2) + "\n")
    else:
        _console().print(text)


def show(renderable: RenderableType) -> None:
    """Anything that rich can show."""
    _console().print(renderable)


@contextmanager
def progress(doing: str = "indexing", *, quiet: bool = False) -> Iterator[Progress | None]:
    """A progress bar on standard error when that is a terminal, else nothing."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(doing, total=None)
        yield lambda done, total, name: bar.update(task, completed=done, total=total, description=f"{doing} {name}")


def show_report(report: Report, library: Library, *, as_json: bool = False) -> None:
    """What an indexing run did; skipped things go to standard error, one line each."""
    record = {
        "indexed": report.indexed,
        "unchanged": report.unchanged,
        "removed": report.removed,
        "skipped": [{"path": s.path, "reason": s.reason, "fault": s.fault} for s in report.skipped],
        "encodings": report.encodings,
        "notes": report.notes,
        "new_paragraphs": report.paragraphs,
        "embedded": report.embedded,
        "paragraphs": library.store.count("paragraphs"),
    }
    for item in report.skipped:
        sys.stderr.write(f"skipped {item.path}: {item.reason}\n")
    for source, notes in report.notes.items():
        sys.stderr.write(f"note {source}: {' '.join(notes)}\n")
    unusual = [f"{s} ({e})" for s, e in report.encodings.items() if e != "utf-8"]
    lines = [
        f"{len(report.indexed)} indexed, {len(report.unchanged)} unchanged, {len(report.removed)} removed, "
        f"{len(report.skipped)} skipped; {report.paragraphs} new paragraphs, {record['paragraphs']} in all"
    ]
    if unusual:
        lines.append("decoded: " + ", ".join(unusual))
    say(record, "\n".join(lines), as_json=as_json)


def show_question(question: str) -> None:
    """A question of the demo."""
    _console().print(Text(f"\n? {question}", style="bold"))


def show_answer(answer: Answer, *, as_json: bool = False) -> None:
    """The answer, then its footnotes."""
    if as_json:
        say(answer.to_dict(), "", as_json=True)
        return
    show_rest(answer)


def show_piece(piece: str) -> None:
    """A stretch of an answer that is being written."""
    sys.stdout.write(piece)  # without rich, which would take ten times as long for each of them
    sys.stdout.flush()


def show_aside(text: str) -> None:
    """Something about the answer, not of it."""
    _console().print(Text(f"({text})", style="dim"))


def show_rest(answer: Answer, *, shown: str = "") -> None:
    """What was not shown yet: the text, unless it is what was shown; notes, problems, footnotes."""
    out, text = _console(), visible(answer.text)
    if shown.strip() != text:
        if shown:
            show_aside("after the check:")
        out.print(Text(text, style="bold" if not answer.refused else "yellow"))
    if rewritten := answer.model.get("rewrite"):
        show_aside(f"understood as: {visible(rewritten['question'])}")
    if answer.refused:
        out.print(Text(f"({_REFUSALS[answer.refused]})", style="dim"))
    for note in answer.model.get("notes", ()):
        out.print(Text(f"({note})", style="dim"))
    for sentence in answer.sentences:
        _show_problems(out, sentence)
    for citation in answer.citations:
        _show_citation(out, citation)


def _show_problems(out: Console, sentence: Sentence) -> None:
    if sentence.verdict not in (*HOLDING, "nothing_to_check"):
        text = f"! {_said(sentence.verdict)}: {sentence.text}"
        out.print(Text("\n    ".join([text, *sentence.problems]), style=_STYLES.get(sentence.verdict, "red")))


def _said(verdict: str) -> str:
    return _VERDICTS.get(verdict, verdict.replace("_", " "))


def _show_citation(out: Console, citation: Citation) -> None:
    paragraph, quote = citation.paragraph, citation.quote
    line = Text(f"\n[{citation.mark}] ", style="bold")
    line.append(_place(paragraph), style="cyan")
    line.append(f"  {_said(citation.verdict)}", style=_STYLES.get(citation.verdict, "red"))
    out.print(line)
    body = Text(paragraph.text)
    if quote and out.is_terminal:
        body.stylize("bold underline", quote.start - paragraph.start, quote.end - paragraph.start)
    elif quote:  # no colours here: the quoted stretch stands between arrows
        at, to = quote.start - paragraph.start, quote.end - paragraph.start
        body = Text(f"{paragraph.text[:at]}→{paragraph.text[at:to]}←{paragraph.text[to:]}")
    out.print(Text("    ").append_text(body))


def _place(paragraph: Paragraph) -> str:
    page = f", p. {paragraph.page}" if paragraph.page else ""
    also = f" (+{len(paragraph.also)} more)" if paragraph.also else ""
    return " › ".join([paragraph.source + page, *paragraph.heading]) + also


def show_hits(hits: Sequence[Hit], *, as_json: bool = False) -> None:
    """Ranked paragraphs."""
    if as_json:
        say([hit_dict(hit) for hit in hits], "", as_json=True)
        return
    out = _console()
    for hit in hits:
        line = Text(f"{hit.rank}. ", style="bold").append(_place(hit.paragraph), style="cyan")
        out.print(line.append(f"  words {hit.lexical_rank or '-'}, vectors {hit.dense_rank or '-'}", style="dim"))
        out.print(Text(f"   {hit.paragraph.text}\n"))
    if not hits:
        out.print("nothing found")


def show_documents(documents: Sequence[dict[str, Any]], *, as_json: bool = False) -> None:
    """One line per document."""
    lines = [
        f"{d['source']}  {d['paragraphs']} paragraphs, {d['characters']} characters, {d['encoding']}" for d in documents
    ]
    say(list(documents), "\n".join(lines) or "the library is empty", as_json=as_json)


def show_paragraphs(paragraphs: Sequence[Paragraph], *, as_json: bool = False) -> None:
    """Whole paragraphs with their ids and places."""
    record = [paragraph_dict(paragraph) for paragraph in paragraphs]
    say(record, "\n\n".join(f"{p.id}  {_place(p)}\n{p.text}" for p in paragraphs), as_json=as_json)


def show_status(library: Library, *, as_json: bool = False) -> None:
    """Counts and manifest."""
    meta = library.store.meta()
    record = {
        "library": str(library.folder),
        "documents": library.store.count("documents"),
        "paragraphs": library.store.count("paragraphs"),
        "chunks": library.store.count("chunks"),
        "embedder": meta.get("embedder", library.embedder.name),
        "fingerprint": meta.get("fingerprint"),
        "dim": int(meta.get("dim", library.embedder.dim)),
        "generation": library.store.generation(),
    }
    say(record, "\n".join(f"{name:12} {value}" for name, value in record.items()), as_json=as_json)


def show_checked(checked: Checked, *, as_json: bool = False) -> None:
    """Verdict per sentence, problems below."""
    lines = []
    for sentence in checked.sentences:
        marks = "".join(f"[{mark}]" for mark in sentence.marks)
        lines.append(f"{sentence.verdict:16} {sentence.text}{marks}")
        lines += [f"{'':16} - {problem}" for problem in sentence.problems]
    if checked.unknown_marks:
        lines.append(f"{checked.unknown_marks} citation(s) name a source that was not given")
    say(checked.to_dict(), "\n".join(lines), as_json=as_json)
