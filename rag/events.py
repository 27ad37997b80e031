"""What `Assistant.stream` yields while an answer is made.

    Sources                  once: what was found, before anybody writes
    Asking                   once, when a model is asked, which may take long to read its prompt
    Text, CheckedSentence    the reply as it is written, and each sentence once it has been checked
    Withdrawn                what was shown so far is wrong; what follows is the whole answer
    Done                     once, last: the answer that `Assistant.ask` would have given

`Text` is for eyes: it comes at once, its marks numbered by first use, never half a mark. `CheckedSentence` is for
keeps: the `text` of all of them since the start (or since `Withdrawn`), joined, is the answer's text.
"""

from __future__ import annotations

from dataclasses import dataclass

from index.records import Hit
from rag.types import Answer, Citation, Sentence


@dataclass(frozen=True, slots=True)
class Sources:
    """The paragraphs that the answer may cite."""

    hits: tuple[Hit, ...]
    """Best first."""


@dataclass(frozen=True, slots=True)
class Asking:
    """A model was given its prompt; what it writes comes next."""

    model: str
    """Its name."""
    tokens: int
    """Tokens of the prompt, by our count."""


@dataclass(frozen=True, slots=True)
class Text:
    """A further stretch of the reply, not yet checked."""

    text: str
    """Never empty; marks are whole."""


@dataclass(frozen=True, slots=True)
class CheckedSentence:
    """A sentence with its verdict; its marks may differ from those shown as `Text` (a wrong footnote was put right)."""

    sentence: Sentence
    """As in the answer."""
    text: str
    """Its stretch of the answer's text, marks and white space around it included."""
    citations: tuple[Citation, ...]
    """The footnotes it carries."""


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Everything shown so far is taken back; what follows is the whole answer."""

    reason: str
    """One sentence for the reader."""


@dataclass(frozen=True, slots=True)
class Done:
    """The end."""

    answer: Answer
    """Whole, as `Assistant.ask` gives it."""


Event = Sources | Asking | Text | CheckedSentence | Withdrawn | Done
