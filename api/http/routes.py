"""The native API below /v1: ask, search, verify, documents, jobs, status."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Query, Request, Response, UploadFile
from fastapi import Path as PathParameter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from api.http import outputs, streaming, uploads
from api.http.errors import ApiError
from api.http.inputs import AskIn, Input, SearchIn, VerifyIn, named_sources
from api.http.jobs import Job
from api.http.outputs import ErrorOut
from api.http.state import State
from api.service import AskRequest, Service
from index.reading.files import SUPPORTED
from rag.conversation import Turn
from rag.types import hit_dict

router = APIRouter(prefix="/v1")
PAGE = 1000
"""Paragraphs of a document in one response."""

Responses = dict[int | str, dict[str, Any]]


def responses(model: type[BaseModel] | None, *statuses: int, status: int = 200) -> Responses:
    """What an operation may answer: its model, and the errors beside those that any may."""
    usual = (400, 401, 403, 413, 422, 429, 503)
    failures: Responses = {code: {"model": ErrorOut} for code in sorted({*usual, *statuses})}
    return {status: {"model": model} if model else {"description": "Done"}, **failures}


_EVENTS = """A refusal is an answer too: `refused` says why.

Server-sent events, with `stream`: `sources` once, `asking` when a model reads its prompt (`tokens` of it), then `text`
(unchecked, for eyes) and `sentence` (checked), `withdrawn` when nothing shown so far stands, and last `done` with the
answer, or `error`."""


def _ask_request(body: AskIn) -> AskRequest:
    history = [Turn(turn.question, turn.answer, tuple(turn.cited)) for turn in body.history]
    return AskRequest(body.question, body.k, body.source, history, body.strict)


_ASK = responses(outputs.AnswerOut, 415, 502)
_ASK[200]["content"] = {"text/event-stream": {}}


@router.post("/ask", responses=_ASK, summary="Answer a question, every sentence cited and checked", description=_EVENTS)
async def ask(body: AskIn, request: Request) -> Response:
    """Whole, or told while it happens."""
    service = State.of(request).service
    if body.stream:
        return streaming.event_stream(
            streaming.native_frames(await streaming.started(service.events(_ask_request(body))))
        )
    answer = await streaming.while_connected(request, service.ask(_ask_request(body)))
    return JSONResponse(answer.to_dict())


@router.post("/search", responses=responses(outputs.HitsOut, 415), summary="The paragraphs that are found, best first")
async def search(body: SearchIn, request: Request) -> Response:
    """Words and vectors together; nothing is written by a model."""
    hits = await State.of(request).service.search(body.question, body.k, body.source)
    return JSONResponse({"hits": [hit_dict(hit) for hit in hits]})


@router.post("/verify", responses=responses(outputs.CheckedOut, 415), summary="Check an answer against its sources")
async def verify(body: VerifyIn, request: Request) -> Response:
    """Mark [n] is the n-th source. The library is not looked at."""
    service = State.of(request).service
    return JSONResponse(await service.verify(body.answer, named_sources(body.sources)))


# --- documents ------------------------------------------------------------------------------------------------


@router.get("/documents", responses=responses(outputs.Documents), summary="What is in the library")
async def documents(request: Request) -> Response:
    """All documents, by name."""
    service = State.of(request).service
    rows = await service.read(lambda library: library.store.documents())
    return JSONResponse({"documents": [_document(row, service) for row in rows]})


_SHOWN = ("source", "paragraphs", "characters", "encoding", "title", "author", "date", "superseded")


def _document(row: dict[str, Any], service: Service) -> dict[str, Any]:
    shown = {name: row[name] for name in _SHOWN}
    return shown | {"uploaded": service.uploaded(str(row["path"]))}


@router.post(
    "/documents",
    status_code=202,
    responses=responses(outputs.JobEnvelope, 415, status=202),
    summary="Upload files; they are indexed in the background",
)
async def upload(
    files: Annotated[list[UploadFile], File(description="Files of the types that /v1/status lists")],
    request: Request,
    paths: Annotated[list[str], Form(description="Each file's place in the folder it comes from: `2024/a.txt`")] = [],  # noqa: B006
) -> Response:
    """The job can be polled at /v1/jobs/{id}. A file of the same name as an earlier upload takes its place."""
    state = State.of(request)
    if len(files) > state.service.limits.files:
        raise ApiError(413, f"{len(files)} files are too many for one upload; send fewer at a time.")
    if paths and len(paths) != len(files):
        raise ApiError(400, "Give as many `paths` as `files`, or none.")
    given = paths or [(file.filename or "").replace("\\", "/").rsplit("/", 1)[-1] for file in files]
    places = [uploads.safe_path(path) for path in given]
    if len(set(places)) < len(places):
        raise ApiError(400, "Two of the files have the same name; rename one, or give their folders in `paths`.")
    state.jobs.check()
    saved = {
        await state.service.run_short(
            partial(uploads.save, file.file, place, state.service.uploads, state.service.limits)
        ): f"{uploads.FOLDER}/{place}"
        for place, file in zip(places, files, strict=True)
    }
    return JSONResponse({"job": state.jobs.add(saved)}, status_code=202)


class ReindexIn(Input):
    """Documents to read again."""

    sources: Annotated[
        list[Annotated[str, Field(max_length=1000)]] | None,
        Field(max_length=10_000, description="Their names; all documents when left out"),
    ] = None


@router.post(
    "/documents/reindex",
    status_code=202,
    responses=responses(outputs.JobEnvelope, 404, 415, status=202),
    summary="Read documents again from their files, in the background",
)
async def reindex(body: ReindexIn, request: Request) -> Response:
    """What has not changed costs nothing; a file that is gone is named in the job's report."""
    state = State.of(request)
    rows = await state.service.read(lambda library: library.store.documents())
    known = {str(row["source"]): Path(str(row["path"])) for row in rows}
    wanted = list(known) if body.sources is None else body.sources
    if missing := next((source for source in wanted if source not in known), None):
        raise _no_document(missing)
    return JSONResponse({"job": state.jobs.add({known[source]: source for source in wanted})}, status_code=202)


@router.get("/jobs/{identity}", responses=responses(outputs.JobEnvelope, 404), summary="How far an indexing job is")
async def job(identity: Annotated[str, PathParameter(max_length=64)], request: Request) -> Response:
    """`report` is there once it is done, `error` once it failed."""
    found: Job = State.of(request).jobs.get(identity)
    return JSONResponse({"job": found})


Name = Annotated[str, PathParameter(description="The document's name, slashes included", min_length=1, max_length=1000)]


@router.get(
    "/documents/{source:path}", responses=responses(outputs.DocumentParagraphs, 404), summary="A document's paragraphs"
)
async def document(
    source: Name,
    request: Request,
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
    limit: Annotated[int, Query(ge=1, le=PAGE)] = PAGE,
) -> Response:
    """In order, a thousand at a time."""
    total, page = await State.of(request).service.document(source, offset, limit)
    if not total:
        raise _no_document(source)
    return JSONResponse({"source": source, "total": total, "paragraphs": page})


@router.delete(
    "/documents/{source:path}",
    status_code=204,
    response_class=Response,
    responses=responses(None, 404, 409, status=204),
    summary="Remove a document",
)
async def remove(source: Name, request: Request) -> Response:
    """An uploaded file is deleted, any other file is left alone."""
    service = State.of(request).service
    rows = await service.read(lambda library: library.store.documents())
    path = next((str(row["path"]) for row in rows if row["source"] == source), None)
    if path is None:
        raise _no_document(source)
    await service.remove(source, path)
    return Response(status_code=204)


def _no_document(source: str) -> ApiError:
    return ApiError(404, f"The library holds no document {source[:200]!r}; see /v1/documents.")


@router.get("/paragraphs/{identity}", responses=responses(outputs.InContext, 404), summary="A paragraph in its place")
async def paragraph(identity: Annotated[str, PathParameter(max_length=100)], request: Request) -> Response:
    """By its id, as in answers and hits."""
    return JSONResponse(await State.of(request).service.paragraph(identity))


@router.get("/status", responses=responses(outputs.Status), summary="What is in the library, and who answers")
async def status(request: Request) -> Response:
    """Counts, models and versions."""
    state = State.of(request)
    write, keep = (state.allows(request, scope) for scope in ("write", "keep"))
    own = {"auth": state.auth, "write": write, "keep": state.auth and keep, "types": list(SUPPORTED)}
    return JSONResponse(await state.service.status() | own)
