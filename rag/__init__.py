"""Questions to checked answers. `from rag import Assistant` is all that a script needs."""

from index.errors import FootnoteError, InputError, LibraryError
from index.records import Hit, Paragraph
from rag.assistant import Assistant
from rag.conversation import Turn
from rag.settings import Settings
from rag.types import Answer, Citation, Quote, Sentence

__all__ = [
    "Answer",
    "Assistant",
    "Citation",
    "FootnoteError",
    "Hit",
    "InputError",
    "LibraryError",
    "Paragraph",
    "Quote",
    "Sentence",
    "Settings",
    "Turn",
]
