"""The server: one application with four doors to the same assistant."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Collection
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse, JSONResponse
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from api import mcp
from api.http import errors as faults
from api.http import openai, schemas
from api.http import routes as native
from api.http import streaming as telling
from api.http.auth import Turnstile
from api.http.errors import ApiError
from api.http.jobs import Jobs
from api.http.keys import Keys
from api.http.limits import Limits
from api.http.metrics import Meter, Metrics, metrics
from api.http.middleware import LOOPBACK, Border, Shield
from api.http.state import State
from api.service import Service, running_version
from rag.llm.model import ChatModel
from rag.settings import Settings

_WEB = Path(__file__).parent.parent / "web"
_METRICS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/plain": {"schema": {"type": "string"}}}},
    401: {"model": schemas.ErrorOut},
    403: {"model": schemas.ErrorOut},
    503: {"model": schemas.ErrorOut},
}
_TYPES = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
}


def create_app(
    settings: Settings | None = None,
    *,
    limits: Limits | None = None,
    hosts: Collection[str] | None = LOOPBACK,
    origins: Collection[str] = (),
    require_key: bool = False,
    model: ChatModel | None = None,
) -> FastAPI:
    """The application over the settings' library, which is made when there is none.

    `hosts` are the names that requests may use for this server, None for any; `origins` are the sites whose pages may
    call it (CORS). With `require_key` nobody comes in without a key, even when none was ever made. `model` answers
    instead of the settings' one. It runs once. Raises FootnoteError when the library or the model cannot be had.
    """
    limits = limits or Limits()
    service = Service(settings or Settings.load(), limits, model)
    jobs = Jobs(service.library.folder, service.settings.embedder, limits.jobs)
    keys, counted = Keys(service.library.folder), Metrics()
    service.answered = counted.answered
    agents = mcp.mcp_server(service)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None, None]:
        jobs.start()
        try:
            async with agents.session_manager.run():
                yield
        finally:
            await jobs.stop()
            service.close()

    app = _bare(lifespan)
    app.state.footnote = State(service, jobs, keys, counted, require_key)
    for router in (native.router, openai.router):
        app.include_router(router)
    app.router.routes.extend(mcp.http_routes(agents))
    _probes(app)
    _web(app)
    app.add_middleware(Turnstile, keys=keys, guesses=limits.guesses, required=require_key)
    app.add_middleware(Border, limits=limits, hosts=hosts, origins=origins)
    if origins:
        headers = ["Authorization", "Content-Type"]
        app.add_middleware(CORSMiddleware, allow_origins=origins, allow_methods=["*"], allow_headers=headers)
    app.add_middleware(Shield)
    app.add_middleware(Meter, metrics=counted)
    return app


def _bare(lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]]) -> FastAPI:
    """An application that says what it is and how it fails, without routes."""
    app = FastAPI(
        title="Footnote",
        version=running_version(),
        description="Answers questions about your own documents; every sentence carries a checked footnote.",
        lifespan=lifespan,
        docs_url=None,  # their pages load from elsewhere
        redoc_url=None,
        redirect_slashes=False,
    )
    app.openapi = partial(_described, app.openapi)  # type: ignore[method-assign]
    faults.install(app)
    app.add_exception_handler(telling.Gone, _gone)
    return app


def _described(describe: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The OpenAPI document, with the key that a server may ask for."""
    document = describe()
    schemes = document.setdefault("components", {}).setdefault("securitySchemes", {})
    schemes["key"] = {"type": "http", "scheme": "bearer", "description": "Made by `footnote keys create NAME`"}
    document["security"] = [{}, {"key": []}]
    return document


def _probes(app: FastAPI) -> None:
    """Alive and ready, for whoever watches over the process."""

    @app.get("/healthz", responses={200: {"model": schemas.Health}}, summary="Alive")
    async def healthz() -> Response:
        """The process answers."""
        return JSONResponse({"status": "ok"})

    errors: dict[int | str, dict[str, Any]] = {503: {"model": schemas.ErrorOut}}

    @app.get("/readyz", responses={200: {"model": schemas.Health}, **errors}, summary="Ready")
    async def readyz(request: Request) -> Response:
        """The library can be read."""
        await State.of(request).service.ready()
        return JSONResponse({"status": "ok"})

    app.add_api_route("/metrics", metrics, summary="Prometheus", response_class=Response, responses=_METRICS)


def _web(app: FastAPI) -> None:
    """The page and its files: only those that lie in `api/web`, only of known types."""

    @app.get("/", include_in_schema=False)
    async def page() -> Response:
        return _file("index.html")

    @app.get("/web/{name}", include_in_schema=False)
    async def file(name: str) -> Response:
        return _file(name)


def _file(name: str) -> Response:
    path = _WEB / name
    kind = _TYPES.get(path.suffix)
    if kind is None or path.parent != _WEB or not path.is_file():
        raise ApiError("not_found", "There is no such file.")
    return FileResponse(path, media_type=kind, headers={"Cache-Control": "no-cache"})


async def _gone(_: Request, __: Exception) -> Response:
    return Response(status_code=499)  # nobody reads it


def application(
    settings: Settings, hosts: Collection[str] | None, origins: Collection[str], require_key: bool
) -> ASGIApp:
    """An application from plain values, as a worker process gets them."""
    return create_app(settings, hosts=hosts, origins=origins, require_key=require_key)
