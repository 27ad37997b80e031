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
from rag.refusals import invites
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


_CONTROLS = {code: 0x2400 + code for code in range(0x20) if chr(code) not in "\n\t"} | {0x7F: 0x2421}
_CONTROLS |= dict.fromkeys([*range(0x80, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)], 0xFFFD)
"""C0 to their pictures (ESC to ␛), C1 and bidirectional overrides to �."""
_JSON_CONTROLS = {code: f"\\u{code:04x}" for code in range(0x7F, 0xA0)}
"""What `json.dumps` leaves as it is, and a terminal obeys."""


def printable(text: str) -> str:
    """Text of a document, a file name or a model, for a terminal: same length, nothing in it that a terminal obeys."""
    return text.translate(_CONTROLS)


def _text(text: str, style: str = "") -> Text:
    return Text(printable(text), style=style)


def fail(message: str) -> None:
    """One line on standard error."""
    sys.stderr.write(f"{printable(message)}\n")


def _console() -> Console:
    return Console(file=sys.stdout, highlight=False, markup=False, soft_wrap=not sys.stdout.isatty())


def say(record: object, text: str | Text, *, as_json: bool = False) -> None:
    """Print the record as JSON, or the text."""
    if as_json:
        say_json(record, indent=2)
    else:
        _console().print(printable(text) if isinstance(text, str) else text)


def say_json(record: object, *, indent: int | None = None) -> None:
    """Print the record as JSON, on one line without `indent`."""
    sys.stdout.write(json.dumps(record, ensure_ascii=False, indent=indent).translate(_JSON_CONTROLS) + "\n")


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
        yield lambda done, total, name: bar.update(
            task, completed=done, total=total, description=f"{doing} {printable(name)}"
        )


class Waiting:
    """A line on standard error that tells what is waited for, and for how long; nothing where that is no terminal."""

    def __init__(self) -> None:
        self._bar: Any = None

    def __enter__(self) -> Waiting:
        return self

    def __exit__(self, *_: object) -> None:
        self.done()

    def tell(self, doing: str) -> None:
        """What is waited for now."""
        if not sys.stderr.isatty():
            return
        if self._bar is None:
            from rich.progress import Progress as Bar
            from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

            columns = SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn()
            self._bar = Bar(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False)
            self._bar.start()
            self._bar.add_task(doing, total=None)
        self._bar.update(self._bar.task_ids[0], description=printable(doing))

    def done(self) -> None:
        """The line is taken away."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


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
        fail(f"skipped {item.path}: {item.reason}")
    for source, notes in report.notes.items():
        fail(f"note {source}: {' '.join(notes)}")
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
    _console().print(_text(f"\n? {question}", style="bold"))


def show_answer(answer: Answer, *, as_json: bool = False) -> None:
    """The answer, then its footnotes."""
    if as_json:
        say(answer.to_dict(), "", as_json=True)
        return
    show_rest(answer)


def show_piece(piece: str) -> None:
    """A stretch of an answer that is being written."""
    sys.stdout.write(printable(piece))  # without rich, which would take ten times as long for each of them
    sys.stdout.flush()


def show_aside(text: str) -> None:
    """Something about the answer, not of it."""
    _console().print(_text(f"({text})", style="dim"))


def show_rest(answer: Answer, *, shown: str = "") -> None:
    """What was not shown yet: the text, unless it is what was shown; notes, problems, footnotes."""
    out, text = _console(), visible(answer.text)
    if shown.strip() != text:
        if shown:
            show_aside("after the check:")
        out.print(_text(text, style="bold" if not answer.refused else "yellow"))
    if rewritten := answer.model.get("rewrite"):
        show_aside(f"understood as: {visible(rewritten['question'])}")
    if answer.refused and not invites(answer.text, answer.question):
        out.print(_text(f"({_REFUSALS[answer.refused]})", style="dim"))
    for note in answer.model.get("notes", ()):
        out.print(_text(f"({note})", style="dim"))
    for sentence in answer.sentences:
        _show_problems(out, sentence)
    for citation in answer.citations:
        _show_citation(out, citation)


def _show_problems(out: Console, sentence: Sentence) -> None:
    if sentence.verdict not in (*HOLDING, "nothing_to_check"):
        text = f"! {_said(sentence.verdict)}: {sentence.text}"
        out.print(_text("\n    ".join([text, *sentence.problems]), style=_STYLES.get(sentence.verdict, "red")))


def _said(verdict: str) -> str:
    return _VERDICTS.get(verdict, verdict.replace("_", " "))


def _show_citation(out: Console, citation: Citation) -> None:
    paragraph, quote = citation.paragraph, citation.quote
    line = _text(f"\n[{citation.mark}] ", style="bold")
    line.append_text(_text(_place(paragraph), "cyan"))
    line.append(f"  {_said(citation.verdict)}", style=_STYLES.get(citation.verdict, "red"))
    out.print(line)
    body = _text(paragraph.text)
    if quote and out.is_terminal:
        body.stylize("bold underline", quote.start - paragraph.start, quote.end - paragraph.start)
    elif quote:  # no colours here: the quoted stretch stands between arrows
        at, to = quote.start - paragraph.start, quote.end - paragraph.start
        body = _text(f"{paragraph.text[:at]}→{paragraph.text[at:to]}←{paragraph.text[to:]}")
    _show_context(out, paragraph, "    ")
    out.print(_text("    ").append_text(body))


def _show_context(out: Console, paragraph: Paragraph, indent: str) -> None:
    """The header of a row, the lead-in of an item: without it nobody can tell which column a figure is in."""
    for line in paragraph.context.splitlines():
        out.print(_text(indent + line, style="dim"))


def _place(paragraph: Paragraph) -> str:
    page = f", p. {paragraph.page}" if paragraph.page else ""
    also = f" (+{len(paragraph.also)} more)" if paragraph.also else ""
    stale = " (superseded)" if paragraph.superseded else f" (older than {paragraph.newer})" if paragraph.newer else ""
    return " › ".join([paragraph.source + page + stale, *paragraph.heading]) + also


def show_hits(hits: Sequence[Hit], *, as_json: bool = False) -> None:
    """Ranked paragraphs."""
    if as_json:
        say([hit_dict(hit) for hit in hits], "", as_json=True)
        return
    out = _console()
    for hit in hits:
        line = _text(f"{hit.rank}. ", style="bold").append_text(_text(_place(hit.paragraph), "cyan"))
        out.print(line.append(f"  words {hit.lexical_rank or '-'}, vectors {hit.dense_rank or '-'}", style="dim"))
        context = ""
        for paragraph in hit.passage or (hit.paragraph,):
            if paragraph.context != context:
                _show_context(out, paragraph, "   ")
            out.print(_text(f"   {paragraph.text}"))
            context = paragraph.context
        out.print()
    if not hits:
        out.print("nothing found")


def show_documents(documents: Sequence[dict[str, Any]], *, as_json: bool = False) -> None:
    """One line per document."""
    lines = [
        f"{d['source']}{' (superseded)' * d['superseded']}  {d['paragraphs']} paragraphs, {d['characters']} characters"
        f", {d['encoding']}".rstrip(", ")
        for d in documents
    ]
    say(list(documents), "\n".join(lines) or "the library is empty", as_json=as_json)


def show_paragraphs(paragraphs: Sequence[Paragraph], *, as_json: bool = False) -> None:
    """Whole paragraphs with their ids and places."""
    record = [paragraph_dict(paragraph) for paragraph in paragraphs]
    shown = ("\n".join(filter(None, (f"{p.id}  {_place(p)}", p.context, p.text))) for p in paragraphs)
    say(record, "\n\n".join(shown), as_json=as_json)


def show_status(library: Library, *, as_json: bool = False) -> None:
    """Counts and manifest."""
    meta = library.store.meta()
    record = {
        "library": library.engine.where,
        "search": library.engine.kind,
        "documents": library.store.count("documents"),
        "paragraphs": library.store.count("paragraphs"),
        "passages": library.store.count("passages"),
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
