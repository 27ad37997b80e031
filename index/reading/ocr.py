"""Pictures of text as lines with places, by RapidOCR (PP-OCR models, which its package carries): Chinese and English.

It is the extra `ocr`: with ONNX Runtime and OpenCV it takes some 200 MB, and most libraries hold no scan.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.errors import InputError
from index.reading.pdf_lines import Line, Word
from index.records import Recognised

DOTS = 150 / 72
"""Pixels to a point of a page that is read: its small print is some 20 dots high."""
MISSING = "to read it: pip install rapidocr-onnxruntime"
_SURE = 0.5
"""Least confidence, from 0 to 1, of a line that counts: what is below is texture, stamps and pictures."""


def next_step() -> str:
    """What helps where a picture gave no text."""
    return "scan it again with more contrast" if find_spec("rapidocr_onnxruntime") else MISSING


def read_lines(picture: NDArray[np.uint8], page: int, dots: float) -> list[Line]:
    """The lines of a picture, RGB, uint8 of shape (height, width, 3), with `dots` pixels to a point; top to bottom.

    All are of one type size: the height of a line's box differs by its letters, and would make headings of some.
    Raises InputError where the extra is not installed.
    """
    # It wants blue first, as OpenCV has it, and gives None where it finds nothing.
    found, _ = _engine()(np.ascontiguousarray(picture[:, :, ::-1]))
    boxes = [(np.array(box) / dots, text) for box, text, sure in found or [] if float(sure) >= _SURE and text.strip()]
    if not boxes:
        return []
    size = float(np.median([box[:, 1].max() - box[:, 1].min() for box, _ in boxes])) * 0.8
    height = len(picture) / dots
    lines = []
    for box, text in boxes:
        left, right = float(box[:, 0].min()), float(box[:, 0].max())
        top, bottom = height - float(box[:, 1].min()), height - float(box[:, 1].max())
        lines.append(Line(page, _words(text.strip(), left, right), bottom, top, size, bold=False))
    return sorted(lines, key=lambda line: (-line.top, line.left))


def kept(line: Line) -> Recognised:
    """What is kept of a line, to mark a quotation in it later."""
    return Recognised(line.page, line.text, line.left, line.bottom, line.right, line.top)


def line_of(kept: Recognised) -> Line:
    """The line again, its words each at its share of the width."""
    words = _words(kept.text, kept.left, kept.right)
    return Line(kept.page, words, kept.bottom, kept.top, kept.top - kept.bottom, bold=False)


def _words(text: str, left: float, right: float) -> list[Word]:
    """The words of a line, each at its share of the line's width."""
    cuts = [0, *(i + 1 for i, character in enumerate(text) if character == " "), len(text)]
    step = (right - left) / len(text)
    return [
        Word(text[a:b].strip(), left + a * step, left + b * step, -1, spaced=a > 0)
        for a, b in pairwise(cuts)
        if text[a:b].strip()
    ]


@cache
def _engine() -> Any:  # noqa: ANN401 (it has no types)
    """The recogniser, which takes a second to load."""
    try:
        from rapidocr_onnxruntime import RapidOCR
    except ImportError:
        raise InputError(f"it is a picture without text; {MISSING}") from None
    return RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1)
