"""Paragraphs as a search would give them."""

from index.passages import Passage
from index.records import Hit, Paragraph


def hits(*paragraphs):
    """A hit for each text, or (heading, text), in this order."""
    pairs = [("", one) if isinstance(one, str) else one for one in paragraphs]
    return [
        Hit(Paragraph(str(i), text, (heading,) if heading else (), "report.txt", 0, len(text)), 1.0, i)
        for i, (heading, text) in enumerate(pairs)
    ]


def passage(key, text, *context, head=""):
    """One paragraph as a passage, below its headings."""
    return Passage(key, (text,), (context,), head)
