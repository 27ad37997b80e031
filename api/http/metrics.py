"""Prometheus: requests by route and status, how long they take, answers by outcome, jobs and the library's size."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

if TYPE_CHECKING:
    from rag.types import Answer

SHARED = "PROMETHEUS_MULTIPROC_DIR"
"""Names the folder by which several workers count together (prometheus_client's own variable)."""
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)


class Metrics:
    """The figures of one application; with several workers, of all of them."""

    def __init__(self) -> None:
        self._registry = own = CollectorRegistry()
        self.requests = Counter("footnote_requests", "Requests", ["method", "route", "status"], registry=own)
        self.seconds = Histogram(
            "footnote_request_seconds", "Until the response ended", ["route"], buckets=_BUCKETS, registry=own
        )
        self.answers = Counter("footnote_answers", "Answers; refused says why", ["refused", "fallback"], registry=own)
        self.running = self._gauge("footnote_answers_running", "Answers and searches at the moment")
        self.jobs = self._gauge("footnote_jobs_waiting", "Indexing jobs that wait")
        self.paragraphs = self._gauge("footnote_paragraphs", "Paragraphs in the library", mode="mostrecent")

    def _gauge(self, name: str, text: str, mode: str = "livesum") -> Gauge:
        return Gauge(name, text, registry=self._registry, multiprocess_mode=mode)  # type: ignore[arg-type]

    def answered(self, answer: Answer) -> None:
        """Count an answer."""
        self.answers.labels(answer.refused or "no", str(bool(answer.model.get("fallback"))).lower()).inc()

    def response(self) -> Response:
        """What Prometheus reads."""
        registry = self._registry
        if os.environ.get(SHARED):
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


class RequestMetrics:
    """Outermost: counts and times every request, by the route and not by the address."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start, status = time.perf_counter(), 500

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            matched = scope.get("route")
            route = matched.path if isinstance(matched, Route) else "other"
            self._metrics.requests.labels(scope["method"], route, str(status)).inc()
            self._metrics.seconds.labels(route).observe(time.perf_counter() - start)
