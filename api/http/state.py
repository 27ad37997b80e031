"""What the routes of one application share."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request

from api.http.auth import bearer
from api.http.jobs import Jobs
from api.http.keys import Keys
from api.http.metrics import Metrics
from api.service import Service


@dataclass(slots=True)
class State:
    """Set once by `create_app`."""

    service: Service
    """Answers, searches, reads."""
    jobs: Jobs
    """Indexing."""
    keys: Keys
    """Who may come in."""
    metrics: Metrics
    """What is counted."""
    required: bool = False
    """Whether a key is needed even when none was ever made."""

    @property
    def auth(self) -> bool:
        """Whether a key is needed."""
        return self.required or bool(self.keys.all)

    def allows(self, request: Request, scope: str) -> bool:
        """Whether the request's key may do this."""
        key = self.keys.find(bearer(request.headers)) if self.auth else None
        return not self.auth or (key is not None and scope in key.scopes)

    @classmethod
    def of(cls, request: Request) -> State:
        """The state of the application that serves this request."""
        state: State = request.app.state.footnote
        return state
