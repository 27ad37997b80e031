"""Everything that can go wrong and is told to the user in one sentence.

    FootnoteError            exit code
    ├── InputError               2      a question, path, setting or file that cannot be used
    ├── EndpointError            3      the language model's endpoint
    │   └── CassetteError                   a recording of it cannot be used: never replaced by another answer
    │       └── CassetteMissError           it does not hold this request
    └── LibraryError             4      the library itself
        ├── LibraryMissingError         there is none at this place
        ├── LibraryLockedError          somebody else is writing
        └── LibraryMismatchError        made by another embedder or another version

A message names what was wrong and the next step; the command line prints it as it stands.
"""

from __future__ import annotations


class FootnoteError(Exception):
    """Base of every error that Footnote raises on purpose."""

    exit_code = 1


class InputError(FootnoteError):
    """What was given cannot be used: an empty question, a missing path, an unknown setting."""

    exit_code = 2


class LibraryError(FootnoteError):
    """The library cannot be used as it is."""

    exit_code = 4


class LibraryMissingError(LibraryError):
    """No library stands at this place."""


class LibraryLockedError(LibraryError):
    """Another process is writing to the library."""


class LibraryMismatchError(LibraryError):
    """The library was made by another embedder, or by another version of Footnote."""


class EndpointError(FootnoteError):
    """The language model's endpoint gave no usable reply."""

    exit_code = 3

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.record: dict[str, object] = {}
        """What was sent, for the record of an answer that had to do without: {"sent", "attempts"}."""


class CassetteError(EndpointError):
    """Recorded replies cannot be used; no other answer may stand in for them."""


class CassetteMissError(CassetteError):
    """While replaying, a request that was never recorded; no live call is made."""
