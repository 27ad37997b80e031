"""The texts that are sent, one file each, filled strictly; what a user may replace and what not.

`answer.txt` may be replaced. `rules.txt` and `reminder.txt` stand before and after the sources whatever it says:
`$sources` is all three in one.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from string import Template

from index.errors import InputError

VERSION = "answer-2"
"""Of rules, reminder and default template; goes into the answer's record, because other words get other answers."""
REWRITE_VERSION = "rewrite-1"
REPAIR_VERSION = "repair-1"


@dataclass(frozen=True, slots=True)
class AnswerTemplate:
    """What surrounds the rules and the sources."""

    text: str
    """With the placeholders $sources and $question, and optionally $language."""
    version: str
    """VERSION, and a hash of the text when it is the user's own."""


@cache
def text_of(name: str) -> str:
    """One of our own texts, without the white space around it."""
    return files("prompts").joinpath(f"{name}.txt").read_text(encoding="utf-8").strip()


def fill(name: str, **values: str) -> str:
    """One of our own texts with every placeholder filled; KeyError for one that is not."""
    return Template(text_of(name)).substitute(values)


def answer_template(file: Path | None = None) -> AnswerTemplate:
    """The user's template, or ours. Raises InputError for one that cannot be used."""
    if file is None:
        return AnswerTemplate(text_of("answer"), VERSION)
    try:
        text = file.read_text(encoding="utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"The template {file} cannot be read ({error}); name a text file in UTF-8.") from None
    template = Template(text)
    names = set(template.get_identifiers())
    if not template.is_valid() or not names <= {"sources", "question", "language"}:
        raise InputError(f"The template {file} may hold $sources, $question and $language; write any other $ as $$.")
    if not {"sources", "question"} <= names:
        raise InputError(f"The template {file} must hold both $sources and $question.")
    return AnswerTemplate(text, f"{VERSION}+{hashlib.sha256(text.encode()).hexdigest()[:8]}")
