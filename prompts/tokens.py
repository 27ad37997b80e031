"""How many tokens a text takes: counted by the model's own tokenizer, or estimated on the safe side."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from index.errors import InputError

Counter = Callable[[str], int]
"""A text to its number of tokens."""


def estimate_tokens(text: str) -> int:
    """Tokens of a text for a tokenizer that we do not know: three ASCII characters a token, one of any other script."""
    ascii_ = sum(character.isascii() for character in text)
    return len(text) - ascii_ + (ascii_ + 2) // 3


def counter(tokenizer: Path | None) -> Counter:
    """The counter of a `tokenizer.json` (or of the folder with one); the estimate without.

    Raises InputError for a file that is no tokenizer.
    """
    if tokenizer is None:
        return estimate_tokens
    from tokenizers import Tokenizer

    file = tokenizer / "tokenizer.json" if tokenizer.is_dir() else tokenizer
    try:
        loaded = Tokenizer.from_file(str(file))
    except Exception as error:  # tokenizers raises plain Exception
        raise InputError(f"The tokenizer {file} cannot be read ({error}); name a tokenizer.json.") from None
    loaded.no_truncation()  # a tokenizer.json may ask for it, and every long text would count as many
    return lambda text: len(loaded.encode(text, add_special_tokens=False).ids)
