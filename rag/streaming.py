"""A reply while it is being written: text to show at once, and each sentence checked when it is complete."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from prompts.citations import Mark, MarkReader, render
from prompts.compose import Prompt
from rag.checking.reply import Checked, ReplyChecker
from rag.events import CheckedSentence, Event, Text
from rag.links import LinkFilter


class ReplyStream:
    """Pieces of a reply become events. Any split of a reply ends in what the whole ends in; linear time."""

    def __init__(self, prompt: Prompt, *, strict: bool = False) -> None:
        self._strict = strict
        self._links, self._reader = LinkFilter(prompt), MarkReader()
        self._display = _Display(prompt)
        self._checker = ReplyChecker(prompt, strict=strict)
        self.sentences: list[CheckedSentence] = []
        """The sentences so far."""

    def feed(self, piece: str) -> list[Event]:
        """What this piece lets us show and settle. With `strict`, text is shown once it has been checked."""
        items = self._reader.feed(self._links.feed(piece))
        return self._events(self._display.show(items), self._checker.feed(items))

    def finish(self) -> list[Event]:
        """The rest, now that nothing follows."""
        items = self._reader.feed(self._links.finish()) + self._reader.finish()
        shown = self._display.show(items)
        return self._events(shown, self._checker.feed(items) + self._checker.finish())

    @property
    def checked(self) -> Checked:
        """All that was settled so far."""
        return self._checker.checked

    def _events(self, shown: str, checked: list[CheckedSentence]) -> list[Event]:
        self.sentences += checked
        if self._strict:
            return list(whole(checked))
        return [*([Text(shown)] if shown else []), *checked]


def whole(sentences: Sequence[CheckedSentence]) -> Iterator[Event]:
    """Sentences that are shown only now that they have been checked."""
    for sentence in sentences:
        yield Text(sentence.text)
        yield sentence


class _Display:
    """What a reader sees before anything is checked: marks renumbered by first use, never half a mark."""

    def __init__(self, prompt: Prompt) -> None:
        self._prompt = prompt
        self._space: list[str] = []
        self._numbers: dict[int, int] = {}
        self._begun = False

    def show(self, items: Sequence[str | Mark]) -> str:
        """What can be shown now; white space waits for what follows it."""
        return "".join(map(self._shown, items))

    def _shown(self, item: str | Mark) -> str:
        if isinstance(item, str):
            body = item.rstrip()
            text = self._after_space(body) if body else ""
            self._space.append(item[len(body) :])
            return text
        known = [number for number in item.numbers if self._prompt.source(number)]
        if known:
            marks = (render(self._numbers.setdefault(number, len(self._numbers) + 1)) for number in known)
            return self._after_space("".join(marks))
        self._space = ["".join(self._space).rstrip(" \u3000")]  # a mark that shows nothing takes its space with it
        return ""

    def _after_space(self, text: str) -> str:
        space, self._space = "".join(self._space), []
        text = space + text if self._begun else text.lstrip()
        self._begun = True
        return text
