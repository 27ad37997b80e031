"""For whoever watches over the process: alive, ready, and what Prometheus reads."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from api.http.outputs import ErrorOut, Health
from api.http.state import State

router = APIRouter()
_METRICS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/plain": {"schema": {"type": "string"}}}},
    **{status: {"model": ErrorOut} for status in (401, 403, 503)},
}


@router.get("/healthz", responses={200: {"model": Health}}, summary="Alive")
async def healthz() -> Response:
    """The process answers."""
    return JSONResponse({"status": "ok"})


@router.get("/readyz", responses={200: {"model": Health}, 503: {"model": ErrorOut}}, summary="Ready")
async def readyz(request: Request) -> Response:
    """The library can be read and searched."""
    await State.of(request).service.ready()
    return JSONResponse({"status": "ok"})


@router.get("/metrics", responses=_METRICS, response_class=Response, summary="Prometheus")
async def metrics(request: Request) -> Response:
    """Requests, answers, jobs and the library's size."""
    state = State.of(request)
    state.metrics.running.set(state.service.questions.running)
    state.metrics.jobs.set(state.jobs.waiting)
    state.metrics.paragraphs.set(await state.service.read(lambda library: library.store.count("paragraphs")))
    return state.metrics.response()
