"""Superscripts of a PDF: a footnote's mark or an exponent never lengthens the figure before it."""

import pytest

from index.reading import pdf
from tests.support.pdf_by_hand import page_objects
from tests.support.pdf_by_hand import pdf as written


def read(content):
    return pdf.read(written(page_objects(1, lambda _: content))).text


@pytest.mark.parametrize("rise", [3, 5, 9])  # PDFium begins a new line behind each, and before the last
def test_a_superscript_stays_one_and_parts_no_line(rise):
    small, normal = b"/F 7 Tf %d Ts" % rise, b"/F 12 Tf 0 Ts"
    text = b"(The count is 3 x 10) Tj %s (-8) Tj %s ( or 1286) Tj %s (1) Tj %s (, it says.) Tj" % (
        *(small, normal),
        *(small, normal),
    )
    assert read(b"BT /F 12 Tf 50 500 Td %s ET" % text) == "The count is 3 x 10⁻⁸ or 1286¹, it says."


def test_small_figures_elsewhere_are_none():
    below = read(b"BT /F 12 Tf 50 500 Td (H) Tj /F 7 Tf -3 Ts (2) Tj /F 12 Tf 0 Ts (O) Tj ET")
    column = read(b"BT /F 12 Tf 50 500 Td (It has 12) Tj ET BT /F 7 Tf 250 506 Td (34 rooms) Tj ET")
    above = read(b"BT /F 12 Tf 50 500 Td (It has 12) Tj ET BT /F 7 Tf 105 560 Td (34) Tj ET")
    level = read(b"BT /F 12 Tf 50 500 Td (It has 12) Tj /F 7 Tf (34) Tj ET")
    assert not set("⁰¹²³⁴⁵⁶⁷⁸⁹") & set(below + column + above + level)


@pytest.mark.parametrize("rise", [3, 5, 9])
def test_raised_letters_part_no_line(rise):
    small, normal = b"/F 7 Tf %d Ts" % rise, b"/F 12 Tf 0 Ts"
    text = b"(Smith) Tj %s (a) Tj %s (, Acme) Tj %s (TM) Tj %s ( and the 1) Tj %s (st) Tj" % (
        *(small, normal),
        *(small, normal),
        small,
    )
    assert read(b"BT /F 12 Tf 50 500 Td %s ET" % text) == "Smitha, AcmeTM and the 1st"


@pytest.mark.parametrize("place", [53, 54, 55])
@pytest.mark.parametrize("height", [102, 103, 105])  # PDFium begins a new line behind the last
def test_the_mark_before_a_footnote_is_no_digit_of_its_first_figure(place, height):
    first = b"BT /F 12 Tf 50 300 Td (In all there were 12) Tj ET "
    note = b"BT /F 6 Tf 50 %d Td (1) Tj ET BT /F 9 Tf %d 100 Td (286 firms.) Tj ET" % (height, place)
    assert read(note) in ("¹286 firms.", "¹ 286 firms.")
    assert read(first + note).split("\n\n")[1] == read(note)
