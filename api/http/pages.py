"""The web page and its files: only those that lie in `api/web`, only of known types."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse

from api.http.errors import ApiError

router = APIRouter(include_in_schema=False)
_TYPES = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
}
_FILES = {path.name: path for path in (Path(__file__).parent.parent / "web").iterdir() if path.suffix in _TYPES}
"""By name: what a client asks for is looked up here and never becomes a path."""


@router.get("/")
async def index() -> Response:
    """The page."""
    return _file("index.html")


@router.get("/docs")
async def docs() -> Response:
    """FastAPI's page would load its scripts from elsewhere, which the Content-Security-Policy forbids."""
    message = "There is no page of the API here, because it would load scripts from elsewhere; read /openapi.json."
    raise ApiError("not_found", message)


@router.get("/web/{name}")
async def file(name: str) -> Response:
    """One of its files."""
    return _file(name)


def _file(name: str) -> Response:
    path = _FILES.get(name)
    if path is None:
        raise ApiError("not_found", "There is no such file.")
    return FileResponse(path, media_type=_TYPES[path.suffix], headers={"Cache-Control": "no-cache"})
