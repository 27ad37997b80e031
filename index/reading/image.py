"""Pictures of pages (PNG, JPEG) to blocks, by the extra `ocr`."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from index.errors import InputError
from index.reading import ocr, pdf
from index.records import Metadata, Parsed

BEGINNINGS = (b"\x89PNG", b"\xff\xd8")
MAX_PIXELS = 40_000_000


def read(data: bytes) -> Parsed:
    """The text on a picture. Raises InputError with the reason, ready to follow "PATH: "."""
    picture = pixels(data)
    lines = ocr.read_lines(picture, 1, ocr.DOTS)
    if not lines:
        raise InputError("no text was found on it")
    notes = ("it is a picture; its text was recognised and may have errors",)
    made = pdf.parsed([lines], [len(picture) / ocr.DOTS], Metadata(), notes)
    return replace(made, recognised=tuple(map(ocr.kept, lines)))


def pixels(data: bytes) -> NDArray[np.uint8]:
    """RGB, uint8 of shape (height, width, 3). Raises InputError as `read` does."""
    try:
        from PIL import Image, UnidentifiedImageError
    except ImportError:
        raise InputError(f"it is a picture; {ocr.MISSING}") from None
    try:
        with Image.open(io.BytesIO(data)) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                raise InputError(f"it has more than {MAX_PIXELS // 1_000_000} million pixels; save it smaller")
            return np.asarray(opened.convert("RGB"))
    except (UnidentifiedImageError, OSError, ValueError):
        raise InputError("it is damaged or no picture; save it again as PNG or JPEG") from None
