"""How much one server takes on: sizes, times and numbers, and the gate that turns away what is too much."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from api.http.errors import ApiError
from index.reading.files import MAX_BYTES


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one worker process."""

    body: int = 1_000_000
    """Bytes of a request that is not an upload."""
    upload: int = 200_000_000
    """Bytes of an upload, all its files together."""
    file: int = MAX_BYTES
    """Bytes of one uploaded file, and of what a file in a compressed format may unpack to, times four."""
    files: int = 100
    """Files of one upload."""
    body_seconds: float = 30.0
    """For a request that is not an upload to arrive."""
    upload_seconds: float = 600.0
    """For an upload to arrive."""
    answer_seconds: float = 330.0
    """For an answer, waiting included; 30 s more than an endpoint may take when that is longer."""
    verify_seconds: float = 20.0
    """For the check of somebody's own answer."""
    answers: int = 128
    """Answers and searches at a time, those that wait included; the next one is told to come back."""
    threads: int = 64
    """Answers that an endpoint writes at a time. Quoting needs the processor, so four do."""
    uploads: int = 4
    """Uploads at a time."""
    jobs: int = 50
    """Indexing jobs that wait."""
    guesses: int = 20
    """Wrong keys from one address within a minute; more are told to wait. A right key is always let in."""


class ConcurrencyLimit:
    """Counts what runs at the same time, and admits no more than `most`."""

    def __init__(self, most: int, what: str) -> None:
        self._most, self._what = most, what
        self.running = 0
        """How many run now."""

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Counts the body of the `with`. Raises ApiError (429) when as many run already."""
        if self.running >= self._most:
            message = f"The server is busy with {self._most} {self._what}; try again in a moment."
            raise ApiError(429, message, headers={"Retry-After": "2"})
        self.running += 1
        try:
            yield
        finally:
            self.running -= 1
