"""The server: one application with four doors to the same assistant."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Collection
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Any

from fastapi import FastAPI, Request, Response
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from api import mcp
from api.http import (
    chat_completions,
    embeddings,
    errors,
    improving,
    pages,
    pictures,
    probes,
    responses,
    routes,
    streaming,
)
from api.http.auth import ApiKeyAuth
from api.http.connections import raise_limits
from api.http.conversations import router as conversations
from api.http.jobs import Jobs
from api.http.keys import Keys
from api.http.limits import Limits
from api.http.metrics import Metrics, RequestMetrics
from api.http.middleware import LOOPBACK, RequestLimits, SecurityHeaders
from api.http.state import State
from api.service import Service
from index.version import running_version
from rag.llm.model import ChatModel
from rag.settings import Settings


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
    jobs = Jobs(service.library.folder, service.settings.embedder, limits.jobs, service.settings.engine)
    keys, counted = Keys(service.library.folder), Metrics()
    service.on_answer = counted.answered
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
    own = (routes.router, pictures.router, improving.router, conversations)
    openai = (chat_completions.router, responses.router, embeddings.router)
    for router in (*own, *openai, probes.router, pages.router):
        # Their routes as they are: `include_router` would build each again for this application, at the first request.
        app.router.routes.extend(router.routes)
    app.router.routes.extend(mcp.http_routes(agents))
    app.add_middleware(ApiKeyAuth, keys=keys, guesses=limits.guesses, required=require_key)
    app.add_middleware(RequestLimits, limits=limits, hosts=hosts, origins=origins)
    if origins:
        headers = ["Authorization", "Content-Type"]
        app.add_middleware(CORSMiddleware, allow_origins=origins, allow_methods=["*"], allow_headers=headers)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(RequestMetrics, metrics=counted)
    return app


def _bare(lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]]) -> FastAPI:
    """An application with its description and its errors, without routes."""
    app = FastAPI(
        title="Footnote",
        version=running_version(),
        description="Answers questions about your own documents; every sentence carries a checked footnote.",
        lifespan=lifespan,
        docs_url=None,  # their pages load from elsewhere
        redoc_url=None,
        redirect_slashes=False,
    )
    app.openapi = partial(_with_security, app.openapi)  # type: ignore[method-assign]
    errors.install(app)
    app.add_exception_handler(streaming.ClientDisconnected, _disconnected)
    return app


def _with_security(describe: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The OpenAPI document, with the key that a server may ask for."""
    document = describe()
    schemes = document.setdefault("components", {}).setdefault("securitySchemes", {})
    schemes["key"] = {"type": "http", "scheme": "bearer", "description": "Made by `footnote keys create NAME`"}
    document["security"] = [{}, {"key": []}]
    return document


async def _disconnected(_: Request, __: Exception) -> Response:
    return Response(status_code=499)  # nobody reads it


def application(
    settings: Settings, hosts: Collection[str] | None, origins: Collection[str], require_key: bool
) -> ASGIApp:
    """An application from plain values, as a worker process gets them."""
    raise_limits()
    return create_app(settings, hosts=hosts, origins=origins, require_key=require_key)
