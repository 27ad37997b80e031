"""Bytes to text: byte order mark, then strict UTF-8, then the legacy East Asian encodings, then a guess.

The decision is returned, so that it can be shown: a wrong guess must be visible.
"""

from __future__ import annotations

import codecs
from contextlib import suppress

from index.errors import InputError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_PLAUSIBLE = 0.7
"""Least share of everyday characters for a legacy Chinese reading to be taken."""
_JAPANESE = {"euc-jp": "euc_jis_2004", "shift_jis": "cp932"}
_CODECS = {"big5": "big5hkscs", "gb18030": "gb18030", "euc-kr": "cp949", **_JAPANESE}
"""Name shown to the codec that reads it with its extensions."""
_SOUND = 40
"""Characters decoded for each one that could not be: below that the encoding was guessed wrongly."""


def decode(data: bytes) -> tuple[str, str]:
    """Text and the name of its encoding; line ends become single line feeds. Raises InputError for binary data."""
    text, encoding = _decode(data)
    return text.replace("\r\n", "\n").replace("\r", "\n"), encoding


def _decode(data: bytes) -> tuple[str, str]:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _marked(data, encoding), encoding
    if b"\0" in data:
        encoding = _utf16_without_mark(data)
        return _marked(data, encoding), encoding
    with suppress(UnicodeDecodeError):  # a text may hold U+FFFD itself
        return data.decode("utf-8"), "utf-8"
    text = data.decode("utf-8", errors="replace")
    # Bytes of another encoding hardly ever form characters beyond ASCII: each one that is there speaks for UTF-8.
    if _sound(text, sum(not c.isascii() for c in text)):
        return text, "utf-8"
    return _legacy(data)


def replaced(text: str) -> tuple[str, ...]:
    """A note on the characters that could not be decoded, when there are any."""
    count = text.count("\ufffd")
    return (f"{count} characters could not be decoded and are shown as \ufffd.",) if count else ()


def _marked(data: bytes, encoding: str) -> str:
    with suppress(UnicodeDecodeError):
        return data.decode(encoding)
    text = data.decode(encoding, errors="replace")
    if not _sound(text, len(text)):
        raise InputError(f"it starts like {encoding} but is damaged; save it again as UTF-8")
    return text


def _sound(text: str, characters: int) -> bool:
    return text.count("\ufffd") * (_SOUND + 1) <= characters


def _utf16_without_mark(data: bytes) -> str:
    """Line ends and ASCII betray the byte order; without a single one of them the data is not taken for text."""
    for encoding, newline, space in (("utf-16-le", b"\n\0", b" \0"), ("utf-16-be", b"\0\n", b"\0 ")):
        if len(data) % 2 == 0 and (newline in data or space in data):
            text = data.decode(encoding, errors="replace")
            if "\0" not in text and text.count("\ufffd") == 0 and _printable(text) > 0.95:
                return encoding
    raise InputError("it is a binary file, not text")


def _legacy(data: bytes) -> tuple[str, str]:
    for name, codec in _JAPANESE.items():
        if _is_japanese(text := data.decode(codec, errors="replace")):
            return text, name
    if _is_korean(data):  # first: EUC-KR is valid GB 18030 too, even its most common characters
        return data.decode(_CODECS["euc-kr"], errors="replace"), "euc-kr"
    readings = [
        # First bytes of level 1 of GB 2312 and of Big5's frequent characters.
        (_everyday(data, name, lead), name)
        for name, lead in (("gb18030", (0xB0, 0xD7)), ("big5", (0xA4, 0xC6)))
    ]
    share, encoding = max(readings)
    if share >= _PLAUSIBLE:
        return data.decode(_CODECS[encoding], errors="replace"), encoding
    from charset_normalizer import from_bytes

    best = from_bytes(data).best()
    if best is None or _printable("".join(c for c in str(best) if not c.isascii())) < 0.95:
        text = data.decode("utf-8", errors="replace")
        if _sound(text, len(text)) and _printable(text) >= 0.95:  # plain text with stray bytes, of no encoding
            return text, "utf-8"
        raise InputError("it is a binary file, or text in an unknown encoding; save it as UTF-8")
    return str(best), best.encoding


def _everyday(data: bytes, encoding: str, lead: tuple[int, int]) -> float:
    """Share of the non-ASCII characters that are punctuation or in the first, everyday level of the character set."""
    text = data.decode(_CODECS[encoding], errors="replace")
    if not _sound(text, len(text)):
        return 0.0
    others = [c for c in text[:20_000] if ord(c) > 0x7F and c != "\ufffd"]
    everyday = 0
    for character in others:
        code = character.encode("gb2312" if encoding == "gb18030" else "big5", errors="ignore")
        everyday += bool(code) and (lead[0] <= code[0] <= lead[1] or not character.isalpha())
    return everyday / len(others) if others else 0.0


def _is_japanese(text: str) -> bool:
    """Whether it has the kana of Japanese sentences, which chance makes of no other text; half-width ones it does."""
    letters = [c for c in text[:20_000] if not c.isascii() and c.isalpha()]
    kana = sum("ぁ" <= c <= "ヿ" for c in letters)
    by_chance = sum("ｦ" <= c <= "ﾟ" for c in letters)
    return kana >= max(0.1 * len(letters), 3) and by_chance <= 0.1 * kana and _sound(text, len(text))


def _is_korean(data: bytes) -> bool:
    """Whether nearly every letter is a Hangul syllable, which chance makes of no Chinese text of some length."""
    text = data.decode("cp949", errors="replace")[:20_000]
    letters = [c for c in text if not c.isascii() and c.isalpha()]
    korean = sum("가" <= c <= "힣" for c in letters)
    enough = len(letters) >= 20 or (len(letters) >= 6 and " " in text)
    return enough and _sound(text, len(text)) and korean >= 0.95 * len(letters)


def _printable(text: str) -> float:
    sample = text[:20_000]
    return sum(c.isprintable() or c.isspace() for c in sample) / len(sample) if sample else 1.0
