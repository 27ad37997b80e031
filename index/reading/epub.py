"""E-books (.epub) to blocks: the chapters in the order of the book's spine, read as web pages."""

from __future__ import annotations

import posixpath
from dataclasses import replace
from urllib.parse import unquote

from index.errors import InputError
from index.reading import html
from index.reading.archive import Archive, Element
from index.records import Metadata, Parsed

_DC = "{http://purl.org/dc/elements/1.1/}"
_GAP = "\n\n"


def read(data: bytes) -> Parsed:
    """The book's text and blocks. Raises InputError with the reason, ready to follow "PATH: "."""
    archive = Archive(data)
    root = archive.xml("META-INF/container.xml").find(".//{*}rootfile")
    if root is None:
        raise InputError("it is not an e-book; save it as .epub again")
    # encryption.xml alone may only obscure the fonts.
    if "META-INF/encryption.xml" in archive.names and "META-INF/rights.xml" in archive.names:
        raise InputError("it is protected against copying; use a copy without protection")
    name = root.get("full-path", "")
    package = archive.xml(name)
    parts = {item.get("id"): item.get("href", "") for item in package.iterfind(".//{*}item")}
    texts, blocks, length = [], [], 0
    for place in package.iterfind(".//{*}itemref"):
        if place.get("linear") == "no":  # covers, answers to exercises
            continue
        target = posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(parts.get(place.get("idref"), ""))))
        chapter = html.read(archive.read(target)) if target in archive.names else Parsed("", ())
        if chapter.text:
            texts.append(chapter.text)
            blocks += [replace(b, start=b.start + length, end=b.end + length) for b in chapter.blocks]
            length += len(chapter.text) + len(_GAP)
    return Parsed(_GAP.join(texts), tuple(blocks), _metadata(package))


def _metadata(package: Element) -> Metadata:
    title, author, date = (package.findtext(f".//{_DC}{name}") for name in ("title", "creator", "date"))
    return Metadata(title, author, date)
