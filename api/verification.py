"""The citation check alone, for anybody's answer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from index.errors import InputError
from index.reading.decoding import decode
from index.reading.files import FORMATS, SUPPORTED, read
from index.records import Hit, Paragraph
from prompts.compose import compose
from rag.checking.reply import Checked, check_reply

_NO_LIMIT = 10**9
"""Tokens: nothing is sent anywhere, so every source is kept."""


def verify_answer(answer: str, sources: Sequence[Path]) -> Checked:
    """Check an answer, or the file that holds it.

    With one source file mark [n] is its n-th paragraph; with several, [n] is the n-th file as a whole.
    """
    return _checked(_text(answer), _paragraphs(sources))


def verify_texts(answer: str, sources: Sequence[tuple[str, str]]) -> Checked:
    """Check an answer against (name, text) sources, [n] being the n-th. Raises InputError when one of them is empty."""
    if not answer.strip() or not all(text.strip() for _, text in sources):
        raise InputError("The answer and every source must hold some text.")
    texts = enumerate(sources, start=1)
    return _checked(answer, [Paragraph(str(i), text, (), name, 0, len(text)) for i, (name, text) in texts])


def _checked(answer: str, paragraphs: Sequence[Paragraph]) -> Checked:
    hits = [Hit(paragraph, 0.0, rank) for rank, paragraph in enumerate(paragraphs, start=1)]
    return check_reply(answer, compose("", hits, budget=_NO_LIMIT), attribute=False, renumber=False)


def _text(answer: str) -> str:
    path = Path(answer)
    try:
        is_file = len(answer) < 1000 and path.is_file()
    except (OSError, ValueError):
        is_file = False
    try:
        text = decode(path.read_bytes())[0] if is_file else answer
    except InputError as error:
        raise InputError(f"{path}: {error}.") from None
    if not text.strip():
        raise InputError("The answer to verify is empty.")
    return text


def _paragraphs(sources: Sequence[Path]) -> list[Paragraph]:
    documents = []
    for path in sources:
        if not path.is_file() or path.suffix.lower() not in FORMATS:
            raise InputError(f"{path} is not a readable source file ({', '.join(SUPPORTED)}).")
        try:
            documents.append(read(path, str(path)))
        except InputError as error:
            raise InputError(f"{path}: {error}.") from None
    if len(documents) == 1:
        d = documents[0]
        return [
            Paragraph(str(i), d.text[b.start : b.end], b.heading, d.source, b.start, b.end)
            for i, b in enumerate(d.blocks, start=1)
        ]
    return [Paragraph(str(i), d.text, (), d.source, 0, len(d.text)) for i, d in enumerate(documents, start=1)]
