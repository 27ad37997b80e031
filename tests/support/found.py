"""Paragraphs as a search would give them."""

from index.embedders import open_embedder
from index.embedding import segment_of
from index.passages import Passage
from index.records import Hit, Paragraph
from index.segments import Segments


def hits(*paragraphs):
    """A hit for each text, or (heading, text), in this order."""
    pairs = [("", one) if isinstance(one, str) else one for one in paragraphs]
    return [
        Hit(Paragraph(str(i), text, (heading,) if heading else (), "report.txt", 0, len(text)), 1.0, i)
        for i, (heading, text) in enumerate(pairs)
    ]


class Terms:
    """Those of a library of so many passages, each in one of them; `held` are passages by document, by term."""

    def __init__(self, size, **held):
        self.words, self._size, self._held = self, size, held

    def __len__(self):
        return self._size

    def document_frequency(self, term):
        return 1

    def holders(self, terms):
        return [self._held.get(term, {}) for term in terms]


def passage(key, text, *context, head=""):
    """One paragraph as a passage, below its headings."""
    return Passage(key, (text,), (context,), head)


def segments(*passages, dead=()):
    """Passages in a segment of their own each, in memory, as a library would search them."""
    made = [segment_of([one], open_embedder(), [])[0] for one in passages]
    return Segments(made, dead)
