"""The texts that are sent, one file each, filled strictly; what a user may replace and what not.

Answer and rules are written in Chinese and English, because a small model follows rules in the language of its
question best. The example's figure is no figure and its mark names no source, so that a model which copies the example
gives itself away: Qwen2.5-Coder 1.5B took the mark `[2]` of a former example into 11 of 13 answers.
`answer.*.txt` may be replaced by a file of the user's. `rules.*.txt` follow the sources whatever it says: `$sources`
is both in one.

Over Chinese sources an English question has neither an example nor a refusal sentence before it (`rules-across.txt`):
of the first six about a report on 16 districts that model declined five and answered one with the example.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from string import Template

from index.errors import InputError
from index.text import is_cjk
from prompts.language import language, language_name

VERSION = "answer-4"
"""Of rules and default template; goes into the answer's record, because other words get other answers."""
REWRITE_VERSION = "rewrite-1"
REPAIR_VERSION = "repair-1"
OPINION_VERSION = "opinion-1"
SEARCHES_VERSION = "searches-1"


@dataclass(frozen=True, slots=True)
class AnswerTemplate:
    """What surrounds the rules and the sources."""

    text: str | None
    """With the placeholders $sources and $question, maybe $language; None: ours, in the question's language."""
    version: str
    """VERSION, and a hash of the text when it is the user's own."""

    def in_language(self, question: str) -> str:
        """The text around sources and question."""
        return self.text or text_of(f"answer.{_written_in(question)}")


@cache
def text_of(name: str) -> str:
    """One of our own texts, without the white space around it."""
    return files("prompts").joinpath(f"{name}.txt").read_text(encoding="utf-8").strip()


def fill(name: str, **values: str) -> str:
    """One of our own texts with every placeholder filled; KeyError for one that is not."""
    return Template(text_of(name)).substitute(values)


def fill_in_language(name: str, question: str, **values: str) -> str:
    """Our own text in the language of the question, if there is one, else in English."""
    return fill(f"{name}.{_written_in(question)}", language=language_name(question), **values)


def rules_for(question: str, text: str) -> str:
    """The name of the rules for a question that a text is to answer."""
    name = _written_in(question)
    return "rules-across" if name == "en" and is_cjk(text) and not is_cjk(question) else f"rules.{name}"


def _written_in(question: str) -> str:
    return "zh" if language(question).startswith("zh") else "en"


def answer_template(file: Path | None = None) -> AnswerTemplate:
    """The user's template, or ours. Raises InputError for one that cannot be used."""
    if file is None:
        return AnswerTemplate(None, VERSION)
    try:
        text = file.read_text(encoding="utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"The template {file} cannot be read ({error}); name a text file in UTF-8.") from None
    template = Template(text)
    names = set(template.get_identifiers())
    if not template.is_valid() or not names <= {"sources", "question", "language"}:
        raise InputError(f"The template {file} may contain $sources, $question and $language; write any other $ as $$.")
    if not {"sources", "question"} <= names:
        raise InputError(f"The template {file} must contain both $sources and $question.")
    return AnswerTemplate(text, f"{VERSION}+{hashlib.sha256(text.encode()).hexdigest()[:8]}")
