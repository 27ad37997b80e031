"""Files made to break their reader: one sentence each, in bounded time and memory, and the next file is read."""

import io
import random
import time
import zipfile

import pytest

from index.errors import InputError
from index.library import Library
from index.reading import isolated
from index.reading.files import read
from tests.support.formats import ENGLISH, docx, epub, pptx, xlsx
from tests.support.pdf_by_hand import page_objects, pdf, sentence

SECONDS = 100
"""More than any of these takes on a busy machine; without bounds some take hours."""


ENCRYPTED = b"/Encrypt << /Filter /Standard /V 1 /R 2 /O <%s> /U <%s> /P -4 >> /ID [<00> <00>]" % (
    b"ab" * 32,
    b"cd" * 32,
)
WHOLE = pdf(page_objects(30, sentence))


def replaced(data, name, content):
    """An office file with one part of other content."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            new.writestr(item.filename, content if item.filename == name else old.read(item))
    return out.getvalue()


def bomb(data, name, size, pretended):
    """An office file with a part of `size` zeros that pretends to hold `pretended` bytes."""
    packed = replaced(data, name, b"\0" * size)
    return packed.replace(size.to_bytes(4, "little"), pretended.to_bytes(4, "little"))


def entities(root, before=""):
    """XML whose entities would be 10**9 times as long."""
    names = "abcdefghij"
    nested = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip(names, names[1:], strict=False))
    return f'<?xml version="1.0"?>{before}<!DOCTYPE x [<!ENTITY a "ha">{nested}]><{root}>&j;</{root}>'.encode()


def within(kind, data, tmp_path):
    """The document, or the sentence that names why there is none; never anything else, never for ever."""
    file = tmp_path / f"file.{kind}"
    file.write_bytes(data)
    start = time.monotonic()
    try:
        return read(file, file.name)
    except InputError as error:
        return str(error)
    finally:
        assert time.monotonic() - start < SECONDS


REFUSED = {
    "encrypted PDF": ("pdf", lambda: pdf(page_objects(1, sentence), ENCRYPTED), "protected by a password"),
    "half a PDF": ("pdf", lambda: WHOLE[: len(WHOLE) // 2], "damaged; print or save it as PDF again"),
    "no PDF": ("pdf", lambda: b"%PDF-1.7\n" + b"\xff" * 10_000, "damaged; print or save it as PDF again"),
    "half a Word file": ("docx", lambda: docx(ENGLISH)[:9000], "damaged; open it in the program that wrote it"),
    "encrypted Word file": ("docx", lambda: b"\xd0\xcf\x11\xe0" + b"\0" * 4000, "protected by a password"),
    "a bomb": (
        "docx",
        lambda: bomb(docx(ENGLISH), "word/document.xml", 1_000_003, 500_000_000),
        "larger than 400 MB",
    ),
    "a lying bomb": ("docx", lambda: bomb(docx(ENGLISH), "word/document.xml", 20_000_003, 1000), "damaged"),
    "a bomb of a sheet": (
        "xlsx",
        lambda: bomb(xlsx(ENGLISH), "xl/worksheets/sheet1.xml", 20_000_003, 1000),
        "damaged",
    ),
    "entities in Word": (
        "docx",
        lambda: replaced(docx(ENGLISH), "word/document.xml", entities("document")),
        "document type",
    ),
    "entities in slides": (
        "pptx",
        lambda: replaced(pptx(ENGLISH), "ppt/presentation.xml", entities("presentation")),
        "document type",
    ),
    "entities in a book": ("epub", lambda: replaced(epub(ENGLISH), "book.opf", entities("package")), "document type"),
    "entities behind a long comment": (
        "xlsx",
        lambda: replaced(xlsx(ENGLISH), "xl/worksheets/sheet1.xml", entities("worksheet", f"<!--{'x' * 300_000}-->")),
        "document type",
    ),
    "old Word": ("doc", lambda: b"\xd0\xcf\x11\xe0", "open it in Word and save it as .docx"),
    "old Excel": ("xls", lambda: b"\xd0\xcf\x11\xe0", "open it in Excel and save it as .xlsx"),
    "old PowerPoint": ("ppt", lambda: b"\xd0\xcf\x11\xe0", "open it in PowerPoint and save it as .pptx"),
}
"""Name to the file's kind, what makes it, and what the sentence holds."""


@pytest.mark.parametrize("name", REFUSED)
def test_one_sentence_names_what_is_wrong(name, tmp_path):
    kind, made, reason = REFUSED[name]
    found = within(kind, made(), tmp_path)
    assert isinstance(found, str), found
    assert reason in found
    assert "\n" not in found
    assert len(found) < 200


@pytest.mark.slow
@pytest.mark.parametrize("name", ["objects", "lines"])
def test_a_million_objects_do_not_hide_the_text(name, tmp_path):
    if name == "objects":
        data = pdf([*page_objects(1, sentence), *[b"<<>>"] * 1_000_000])
    else:
        data = pdf(page_objects(1, lambda i: sentence(i) + b"\n" + b"0 0 m 9 9 l S\n" * 1_000_000))
    assert "The record of page 1 is kept" in within("pdf", data, tmp_path).text


@pytest.mark.slow
def test_a_page_that_unfolds_to_gigabytes_is_named(tmp_path):
    bold = "".join(f"<b id={i}>" for i in range(4000))  # is opened again in every paragraph
    found = within("html", f"<p>{bold}</p>{'<p>x</p>' * 20_000}".encode(), tmp_path)
    assert found == "reading it takes too much memory; split it"


@pytest.mark.slow
def test_ten_thousand_pages_are_read_each_with_its_number(tmp_path):
    document = within("pdf", pdf(page_objects(10_000, sentence)), tmp_path)
    pages = {block.page: document.text[block.start : block.end] for block in document.blocks}
    assert len(pages) == 10_000
    assert pages[9_999].startswith("The record of page 9999 ")


def test_flipped_and_missing_bytes_are_a_document_or_a_sentence(tmp_path):
    chance = random.Random(7)
    for kind, data in {"pdf": WHOLE, "docx": docx(ENGLISH), "xlsx": xlsx(ENGLISH), "epub": epub(ENGLISH)}.items():
        for _ in range(6):
            broken = bytearray(data)
            for _ in range(20):
                broken[chance.randrange(len(broken))] = chance.randrange(256)
            found = within(kind, bytes(broken[: chance.randrange(len(broken) // 2, len(broken))]), tmp_path)
            assert found if isinstance(found, str) else found.blocks


@pytest.mark.slow
def test_a_page_that_takes_too_long_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(isolated, "PATIENCE", 0.1)
    attributes = " ".join(f"a{i}=1" for i in range(100_000))
    found = within("html", f"<p {attributes}>x</p>".encode(), tmp_path)
    assert found == "reading it takes too long; split it, or save it again from the program that wrote it"


def test_nothing_else_of_the_folder_is_lost(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    for name in ("encrypted PDF", "half a PDF", "half a Word file", "a lying bomb", "entities in slides", "old Word"):
        kind, made, _ = REFUSED[name]
        (folder / f"{name}.{kind}").write_bytes(made())
    (folder / "a.md").write_text("The ferry leaves at nine.")
    (folder / "z.pdf").write_bytes(WHOLE)
    with Library.open(tmp_path / "library", create=True) as library:
        report = library.add([folder])
    assert [name.rsplit("/", 1)[-1] for name in report.indexed] == ["a.md", "z.pdf"]
    assert len(report.skipped) == 6
    assert all("\n" not in skipped.reason for skipped in report.skipped)
