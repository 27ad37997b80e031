"""The web page, its files, and the description of the API to read."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, HTMLResponse
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

router = APIRouter(include_in_schema=False)
_WEB = Path(__file__).parent.parent / "web"
router.routes.append(Mount("/web", StaticFiles(directory=_WEB)))


@router.get("/")
async def index() -> Response:
    """The page."""
    return FileResponse(_WEB / "index.html")


@router.get("/docs")
def docs(request: Request) -> Response:
    """What /openapi.json says, as a page: FastAPI's own would load its scripts from elsewhere."""
    from jinja2 import Environment, FileSystemLoader

    templates = Environment(loader=FileSystemLoader(_WEB), autoescape=True)
    return HTMLResponse(templates.get_template("docs.html").render(request.app.openapi()))
