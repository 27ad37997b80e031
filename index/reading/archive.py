"""Zip files that hold XML (office documents, e-books), opened within bounds."""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO
from xml.etree import ElementTree  # document types are refused below, so nothing can be expanded

from index.errors import InputError

Element = ElementTree.Element
MAX_UNPACKED = 400_000_000
"""Most bytes that all parts of one file may hold unpacked."""
MAX_PART = 100_000_000
"""Most bytes of one part."""
MAX_PARTS = 20_000

_OLD_OR_ENCRYPTED = b"\xd0\xcf\x11\xe0"
_DOCUMENT_TYPE = b"<!DOCTYPE"
_DAMAGED = "it is damaged; open it in the program that wrote it and save it again"

# NotImplementedError is an unknown compression, LookupError and ValueError are encodings that the XML parser lacks.
_FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    NotImplementedError,
    LookupError,
    ValueError,
    ElementTree.ParseError,
)


class Archive:
    """The parts of a zip file by name. Raises InputError with the reason, ready to follow "PATH: "."""

    def __init__(self, data: bytes) -> None:
        if data.startswith(_OLD_OR_ENCRYPTED):
            raise InputError("it is protected by a password, or in an old format; save it anew without a password")
        with _sound():
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        parts = self._zip.infolist()
        if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
            raise InputError(f"unpacked it is larger than {MAX_UNPACKED // 1_000_000} MB; split it")
        self.names = {part.filename: part for part in parts}

    def open(self, name: str) -> IO[bytes]:
        """One part, to be read piece by piece."""
        part = self.names[name]
        if part.flag_bits & 1:  # encrypted (APPNOTE 4.4.4)
            raise InputError("it is protected by a password; save it again without")
        # As declared; of a part that is longer zipfile reads no more, and finds its checksum wrong.
        if part.file_size > MAX_PART:
            raise InputError(f"a part of it is larger than {MAX_PART // 1_000_000} MB; split it")
        with _sound():
            return self._zip.open(part)

    def read(self, name: str) -> bytes:
        """One part as a whole, empty when there is none."""
        if name not in self.names:
            return b""
        with _sound(), self.open(name) as part:
            return part.read()

    def xml(self, name: str) -> Element:
        """One part as a tree; an empty element when there is none."""
        data = self.read(name)
        if not data:
            return Element("none")
        _refuse_document_type(data)
        with _sound():
            return ElementTree.fromstring(data)  # noqa: S314

    def elements(self, name: str, tag: str) -> Iterator[Element]:
        """The elements of one name, each released when the next is asked for: memory does not grow with the part."""
        with _sound(), self.open(name) as part:
            above: list[Element] = []
            for event, element in ElementTree.iterparse(_Watched(part), events=("start", "end")):  # noqa: S314
                if event == "start":
                    above.append(element)
                    continue
                above.pop()
                if element.tag == tag:
                    yield element
                    if above:
                        above[-1].clear()  # the parent: an emptied row would still be held in it

    def relations(self, name: str) -> dict[str, tuple[str, str]]:
        """What a part points to: {"rId1": ("slide", "ppt/slides/slide1.xml")}."""
        folder, base = posixpath.split(name)
        found = {}
        for relation in self.xml(f"{folder}/_rels/{base}.rels".lstrip("/")):
            # openpyxl writes absolute targets, Office relative ones.
            target = posixpath.normpath(posixpath.join("/" + folder, relation.get("Target", ""))).lstrip("/")
            found[relation.get("Id", "")] = (relation.get("Type", "").rsplit("/", 1)[-1], target)
        return found


@contextmanager
def _sound() -> Iterator[None]:
    """What a damaged file raises becomes one sentence."""
    try:
        yield
    except _FAULTS:
        raise InputError(_DAMAGED) from None


class _Watched:
    """A part that is read piece by piece, and refused where a piece begins a document type."""

    def __init__(self, part: IO[bytes]) -> None:
        self._part, self._last = part, b""

    def read(self, size: int = -1) -> bytes:
        """As of a file."""
        data = self._part.read(size)
        _refuse_document_type(self._last + data)  # in every piece: comments of any length may come before it
        self._last = data[-len(_DOCUMENT_TYPE) :]  # it may be cut in two by the pieces
        return data


def _refuse_document_type(data: bytes) -> None:
    """Office files have none; one could define entities that grow without end or name other files."""
    if _DOCUMENT_TYPE in data or b"\0" in data[:4]:  # in UTF-16 or UTF-32 it would not be found
        raise InputError("it holds an XML document type, which no office program writes; it is not read")
