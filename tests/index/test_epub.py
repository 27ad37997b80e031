"""E-books to documents: chapters in the order of the spine, offsets into the whole text, properties."""

import io
import zipfile

import pytest

from index.errors import InputError
from index.reading import epub

PACKAGE = """<package xmlns="http://www.idpf.org/2007/opf"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:title>The Harbour</dc:title><dc:creator>Aiko Tanaka</dc:creator></metadata><manifest>
<item id="a" href="one.xhtml"/><item id="b" href="sub/two%20b.xhtml"/></manifest>
<spine><itemref idref="b"/><itemref idref="a"/></spine></package>"""
CONTAINER = "<container xmlns='urn:x'><rootfiles><rootfile full-path='OEBPS/book.opf'/></rootfiles></container>"


def book(**parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("META-INF/container.xml", CONTAINER)
        archive.writestr("OEBPS/book.opf", PACKAGE)
        archive.writestr("OEBPS/one.xhtml", "<!DOCTYPE html><html><h1>Last</h1><p>The end came.</p></html>")
        archive.writestr("OEBPS/sub/two b.xhtml", "<html><body><h1>First</h1><p>It began at sea.</p></body></html>")
        for name, text in parts.items():
            archive.writestr(f"META-INF/{name}.xml", text)
    return out.getvalue()


def test_chapters_come_in_the_order_of_the_spine():
    parsed = epub.read(book())
    found = [(b.heading, parsed.text[b.start : b.end]) for b in parsed.blocks]
    assert found == [(("First",), "It began at sea."), (("Last",), "The end came.")]
    assert (parsed.metadata.title, parsed.metadata.author) == ("The Harbour", "Aiko Tanaka")


def test_what_cannot_be_read_is_named():
    with pytest.raises(InputError, match="use a copy without protection"):
        epub.read(book(encryption="<e/>", rights="<r/>"))
    out = io.BytesIO()
    zipfile.ZipFile(out, "w").close()
    with pytest.raises(InputError, match="not an e-book"):
        epub.read(out.getvalue())
