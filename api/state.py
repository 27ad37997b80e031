"""What the routes of one application share."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import FastAPI, Request

from api.jobs import Jobs
from api.limits import Gate
from api.service import Service


@dataclass(slots=True)
class State:
    """Set once by `create_app`."""

    service: Service
    """Answers, searches, reads."""
    jobs: Jobs
    """Indexing."""
    uploading: Gate
    """Uploads at a time."""
    auth: bool = False
    """Whether a key is needed."""

    @classmethod
    def of(cls, request: Request) -> State:
        """The state of the application that serves this request."""
        return cls.at(request.app)

    @classmethod
    def at(cls, app: FastAPI) -> State:
        """The state of an application."""
        state: State = app.state.footnote
        return state
