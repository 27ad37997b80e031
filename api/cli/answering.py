"""A question asked from the command line: the answer shown while it is written, or whole."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from api.cli import console
from index.errors import EndpointError, FootnoteError
from prompts.injection import visible
from rag.assistant import Assistant
from rag.conversation import Turn
from rag.events import Asking, Done, Event, Sources, Text, Withdrawn
from rag.types import Answer

if TYPE_CHECKING:
    from rag.debug_record import Recorder


class Asker:
    """Asks one assistant and shows what it says."""

    def __init__(
        self, assistant: Assistant, *, stream: bool, as_json: bool, debug: Path | None, lines: bool = False
    ) -> None:
        """With `stream`, an answer that a model writes is shown meanwhile when standard output is a terminal.

        With `as_json` and `lines`, each answer is one line.
        """
        self._assistant, self._as_json, self._lines = assistant, as_json, lines
        self._live = stream and not as_json and bool(assistant.settings.model) and sys.stdout.isatty()
        self._recorder: Recorder | None = None
        if debug:
            from rag.debug_record import Recorder

            self._recorder = Recorder(assistant, debug)

    def ask(
        self, question: str, k: int | None = None, *, source: str | None = None, history: Sequence[Turn] = ()
    ) -> Answer:
        """The answer, after it was shown and recorded."""
        if not self._recorder:
            return self._answer(question, k, source, history)
        self._recorder.begin()
        try:
            answer = self._answer(question, k, source, history)
        except EndpointError as error:
            sys.stderr.write(f"recorded in {self._recorder.keep_failure(question, error, history)}\n")
            raise
        file = self._recorder.keep(answer, history)
        sys.stderr.write(f"recorded in {file}; footnote replay {file}\n")
        return answer

    def _answer(self, question: str, k: int | None, source: str | None, history: Sequence[Turn]) -> Answer:
        model = self._assistant.settings.model
        with console.Waiting() as waiting:
            if model:
                waiting.tell("searching" if self._live else f"asking {model}")
            if self._live:
                with closing(self._assistant.stream(question, k, source=source, history=history)) as events:
                    return show_stream(events, waiting)
            answer = self._assistant.ask(question, k, source=source, history=history)
        self._show(answer)
        return answer

    def _show(self, answer: Answer) -> None:
        if self._as_json and self._lines:
            console.say_json(answer.to_dict())
        else:
            console.show_answer(answer, as_json=self._as_json)


def show_stream(events: Iterable[Event], waiting: console.Waiting) -> Answer:
    """The text as it comes, then what the check found; the whole text again when it is not what was shown.

    Until there is any, `waiting` tells what is waited for.
    """
    shown = ""
    try:
        for event in events:
            if isinstance(event, Asking):
                waiting.tell(f"{event.model} reads {event.tokens} tokens")
                continue
            if not isinstance(event, Sources):
                waiting.done()
            if isinstance(event, Text):
                piece = visible(event.text)
                console.show_piece(piece)
                shown += piece
            elif isinstance(event, Withdrawn):
                console.show_piece("\n" if shown else "")
                console.show_aside(event.reason)
                shown = ""
            elif isinstance(event, Done):
                console.show_piece("\n" if shown else "")
                console.show_rest(event.answer, shown=shown)
                return event.answer
    except (FootnoteError, KeyboardInterrupt):
        console.show_piece("\n" if shown else "")
        raise
    raise AssertionError("every stream ends with Done")
