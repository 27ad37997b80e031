"""The page that a paragraph is on, as a picture with the quotation marked."""

from __future__ import annotations

import asyncio
import hashlib
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from pathlib import Path as File
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from api.http.errors import ApiError
from api.http.limits import ConcurrencyLimit
from api.http.routes import responses
from api.http.state import State
from index.errors import InputError
from index.library import Library
from index.records import Recognised

router = APIRouter(prefix="/v1")
_SHOWN = (".pdf", ".png", ".jpg", ".jpeg")
_KEPT = 16
"""Pictures that are remembered, each of 4 million dots at most."""
_WAITING = 8
_drawing = ThreadPoolExecutor(1, thread_name_prefix="footnote-picture")  # one reader process draws, one page at a time
_limit = ConcurrencyLimit(_WAITING, "pictures")
_PICTURE = responses(None, 404) | {200: {"content": {"image/png": {}}, "description": "A picture of the page"}}


Offset = Annotated[int | None, Query(ge=0, le=10**9)]


@router.get(
    "/paragraphs/{identity}/page.png",
    response_class=Response,
    responses=_PICTURE,
    summary="The page that a paragraph is on, as a picture",
)
async def page(
    identity: Annotated[str, Path(max_length=100)], request: Request, start: Offset = None, end: Offset = None
) -> Response:
    """Marked from `start` to `end` (characters of the document, as in a quote), or the whole paragraph.

    Of PDF files and images that lie where they were when they were indexed.
    """
    place = await State.of(request).service.read(partial(_place, identity, start, end))
    with _limit.entered():
        try:
            picture = await asyncio.get_running_loop().run_in_executor(_drawing, _drawn, *place)
        except InputError as error:
            raise ApiError(404, f"The page cannot be shown: {error}.") from None
    return Response(picture, media_type="image/png")


def _place(
    identity: str, start: int | None, end: int | None, library: Library
) -> tuple[str, str, int, str, tuple[Recognised, ...]]:
    """Path and SHA-256 of the file that a paragraph is in, the page, what is to be marked, and its recognised lines."""
    key = library.store.key_of(identity)
    if key is None:
        raise ApiError(404, f"The library holds no paragraph {identity!r}; see /v1/documents.")
    paragraph = library.store.paragraphs([key])[key]
    file = library.store.document_file(paragraph.source)
    if file is None or paragraph.page is None or File(file[0]).suffix.lower() not in _SHOWN:
        raise ApiError(404, "Only pages of PDF files and images can be shown.")
    first = max((start or paragraph.start) - paragraph.start, 0)
    last = max((end or paragraph.end) - paragraph.start, 0)
    text = paragraph.text[first:last] or paragraph.text
    return *file, paragraph.page, text, library.store.recognised(paragraph.source)


@lru_cache(_KEPT)
def _drawn(path: str, sha256: str, page: int, text: str, recognised: tuple[Recognised, ...]) -> bytes:
    """The picture. Raises InputError with the reason."""
    from index.reading import pages

    file = File(path)
    data = file.read_bytes() if file.is_file() else b""
    if hashlib.sha256(data).hexdigest() != sha256:
        raise InputError("its file is gone or has changed; index it again")
    return pages.picture(data, page, text, recognised)
