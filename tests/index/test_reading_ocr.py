"""Pictures of text are read with the extra, and named without."""

import base64
import io
import sys
from contextlib import closing

import numpy as np
import pytest

from index.errors import InputError
from index.reading import image, ocr, pages, pdf
from index.reading.files import read
from index.records import Block, Document, Recognised
from index.store import Store

LINES = ("The harbour district built nine laboratories.", "Nobody counted the ferries of the northern line.")


@pytest.fixture(scope="module")
def picture():
    pytest.importorskip("rapidocr_onnxruntime")
    from PIL import Image, ImageDraw, ImageFont

    drawn = Image.new("RGB", (1100, 400), "white")
    for i, line in enumerate(LINES):
        ImageDraw.Draw(drawn).text((60, 60 + 150 * i), line, fill="black", font=ImageFont.load_default(size=34))
    return drawn


def saved(picture, kind):
    file = io.BytesIO()
    picture.save(file, kind)
    return file.getvalue()


def texts(parsed):
    return [parsed.text[block.start : block.end] for block in parsed.blocks]


@pytest.mark.slow
def test_a_scanned_page_and_a_picture_are_read(picture):
    for parsed in (pdf.read(saved(picture, "PDF")), image.read(saved(picture, "PNG"))):
        assert " ".join(texts(parsed)[:2]).split()[:6] == LINES[0].split()
        assert "ferries" in parsed.text
        assert parsed.blocks[0].page == 1
        assert "recognised" in parsed.notes[0]


@pytest.mark.slow
def test_a_quotation_is_marked_on_a_scan(picture):
    from PIL import Image

    for kind in ("PDF", "PNG"):
        data = saved(picture, kind)
        recognised = (pdf if kind == "PDF" else image).read(data).recognised
        reply = pages.drawn(data, 1, "nobody counted the FERRIES", recognised)
        shown = np.asarray(Image.open(io.BytesIO(base64.b64decode(reply))))
        rows, columns = np.nonzero((shown[:, :, 0] == 255) & (shown[:, :, 2] < 140))
        assert 0.5 < rows.min() / len(shown) < rows.max() / len(shown) < 0.65  # the second line
        assert columns.max() < 0.6 * shown.shape[1]  # and only its first half


def test_the_lines_of_a_scan_are_kept_with_their_places(tmp_path):
    lines = (Recognised(2, "Nobody counted the ferries.", 30.0, 140.0, 330.0, 160.5),)
    blocks = (Block(0, 27, page=2),)
    scan = Document("Nobody counted the ferries.", blocks, source="scan.pdf", sha256="hash", recognised=lines)
    with closing(Store(tmp_path / "library.sqlite", create=True)) as store:
        for put in (True, False):
            store.begin()
            store.put_document(scan, "scan.pdf") if put else store.remove_document("scan.pdf")
            store.commit()
            assert store.recognised("scan.pdf") == (lines if put else ())
        assert store.count("recognised") == 0


@pytest.mark.slow
def test_a_picture_goes_through_the_process_of_its_own(picture, tmp_path):
    (tmp_path / "scan.png").write_bytes(saved(picture, "PNG"))
    assert "laboratories" in read(tmp_path / "scan.png", "scan.png").text


def test_without_the_extra_the_command_is_named(picture, monkeypatch):
    monkeypatch.setitem(sys.modules, "rapidocr_onnxruntime", None)
    ocr._engine.cache_clear()
    with pytest.raises(InputError, match="pip install rapidocr-onnxruntime"):
        pdf.read(saved(picture, "PDF"))
    with pytest.raises(InputError, match="pip install rapidocr-onnxruntime"):
        image.read(saved(picture, "PNG"))
    ocr._engine.cache_clear()


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n broken"])
def test_a_damaged_picture_is_one_sentence(data):
    pytest.importorskip("PIL")
    with pytest.raises(InputError, match="damaged or no picture"):
        image.read(data)
