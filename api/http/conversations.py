"""Conversations kept on the server, for keys with the scope `keep`; a key sees its own. Others stay in the browser."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Query, Request, Response
from fastapi import Path as PathParameter
from fastapi.responses import JSONResponse
from pydantic import Field

from api.http.auth import bearer
from api.http.chat_input import ChatInput
from api.http.errors import ApiError
from api.http.inputs import Count, Input
from api.http.outputs import ConversationOut, Conversations
from api.http.routes import responses
from api.http.state import State

router = APIRouter(prefix="/v1/conversations")
T = TypeVar("T")
FILE = "conversations.sqlite"
_MOST = 20_000
"""Conversations and turns of one key."""
_TABLE = """CREATE TABLE IF NOT EXISTS records (
    key TEXT, conversation TEXT, at INTEGER, body TEXT, PRIMARY KEY (key, conversation, at)
) WITHOUT ROWID"""  # the conversation's own record is at 0, its turns when they were asked
Id = Annotated[str, PathParameter(min_length=1, max_length=100)]


class TurnRecord(ChatInput):
    """A question with its answer, as the page shows it."""

    at: Annotated[Count, Field(le=2**53, description="When it was asked, in milliseconds")]


class KeepIn(Input):
    """What is to be kept of a conversation: both or neither."""

    conversation: Annotated[dict[str, Any] | None, Field(description="Its own record: title, scope")] = None
    turn: TurnRecord | None = None


class Shelf:
    """The conversations of one key."""

    def __init__(self, library: Path, key: str) -> None:
        self._file, self._key = library / FILE, key

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """In one transaction. Raises sqlite3.Error where the library's folder cannot be written."""
        if not self._file.exists():
            self._file.touch(mode=0o600)
        with closing(sqlite3.connect(self._file, timeout=10)) as opened, opened:
            opened.execute(_TABLE)
            yield opened

    def read(self, identity: str | None = None) -> list[Any]:
        """A conversation's own record, then its turns in order; without its id the own records of all."""
        where = "at = 0" if identity is None else "conversation = :conversation"
        query = f"SELECT body FROM records WHERE key = :key AND {where} ORDER BY at"  # noqa: S608 (one of two)
        with self._opened() as db:
            return [json.loads(body) for (body,) in db.execute(query, {"key": self._key, "conversation": identity})]

    def keep(self, identity: str, given: KeepIn) -> bool:
        """Whether it is kept: not a turn of a conversation that is gone. Raises ApiError (413) for too many."""
        records = {given.turn.at: given.turn.model_dump()} if given.turn else {}
        if given.conversation is not None:
            records[0] = {**given.conversation, "id": identity}
        with self._opened() as db:
            own = (self._key, identity)
            there = db.execute("SELECT 1 FROM records WHERE key = ? AND conversation = ? AND at = 0", own).fetchone()
            if not there and 0 not in records:
                return False
            [count] = db.execute("SELECT COUNT(*) FROM records WHERE key = ?", (self._key,)).fetchone()
            if count >= _MOST:
                raise ApiError(413, f"{count} conversations and turns are kept; delete some.")
            rows = [(*own, at, json.dumps(record)) for at, record in records.items()]
            db.executemany("INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?)", rows)
        return True

    def remove(self, identity: str | None = None, at: int | None = None) -> int:
        """A conversation, one of its turns, or without its id all of them; how many records that were."""
        same = "conversation = coalesce(?, conversation) AND at = coalesce(?, at)"
        query = f"DELETE FROM records WHERE key = ? AND {same}"  # noqa: S608 (no value in it)
        with self._opened() as db:
            return db.execute(query, (self._key, identity, at)).rowcount


def _shelf(request: Request) -> Shelf:
    state = State.of(request)
    key = state.keys.find(bearer(request.headers)) if state.auth else None
    if key is None:
        advice = "make one with: footnote keys create NAME --scope ask --scope keep"
        raise ApiError(403, f"Conversations are kept for a key; {advice}")
    return Shelf(state.service.library.folder, key.id)


async def _on_shelf(request: Request, work: Callable[[Shelf], T]) -> T:
    """The result of `work` in a thread. Raises ApiError (404) where it finds nothing."""
    if not (found := await State.of(request).service.run_short(partial(work, _shelf(request)))):
        raise ApiError(404, "This conversation is not kept here.")
    return found


@router.get("", responses=responses(Conversations), summary="The conversations that are kept for this key")
async def conversations(request: Request) -> Response:
    """Their own records, without turns."""
    found = await State.of(request).service.run_short(_shelf(request).read)
    return JSONResponse({"conversations": found})


@router.get("/{identity}", responses=responses(ConversationOut, 404), summary="A conversation with its turns")
async def conversation(identity: Id, request: Request) -> Response:
    """Oldest turn first."""
    own, *turns = await _on_shelf(request, lambda shelf: shelf.read(identity))
    return JSONResponse({"conversation": own, "turns": turns})


_DONE: Any = {"status_code": 204, "response_class": Response, "responses": responses(None, 404, 415, status=204)}


@router.put("/{identity}", summary="Keep a conversation's own record, a turn, or both", **_DONE)
async def keep(identity: Id, body: KeepIn, request: Request) -> Response:
    """In place of the one with the same id, or asked at the same time."""
    await _on_shelf(request, lambda shelf: shelf.keep(identity, body))
    return Response(status_code=204)


@router.delete("/{identity}", summary="Forget a conversation, or one of its turns", **_DONE)
async def remove(identity: Id, request: Request, at: Annotated[int | None, Query(ge=1, le=2**53)] = None) -> Response:
    """A turn with `at`, when it was asked."""
    await _on_shelf(request, lambda shelf: shelf.remove(identity, at))
    return Response(status_code=204)
