"""Footnote, over files of fifty paragraphs."""

import tempfile
from pathlib import Path

from peers.measure import Embed, Search

from index.library import Library

NAME, PACKAGE = "**Footnote**", ""
A_FILE = 50


def index(texts: list[str], folder: Path, embed: Embed) -> Search:
    with tempfile.TemporaryDirectory() as documents, Library.open(folder, create=True) as library:
        for first in range(0, len(texts), A_FILE):
            file = Path(documents) / f"{first}.txt"
            file.write_text("\n\n".join(texts[first : first + A_FILE]), encoding="utf-8")
        library.add([Path(documents)])
    library = Library.open(folder)
    row = {text: i for i, text in enumerate(texts)}
    return lambda question, k: [row.get(hit.paragraph.text, -1) for hit in library.search(question, k)]
