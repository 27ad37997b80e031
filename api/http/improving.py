"""Questions to begin with, thumbs on answers, and the choice of the model: what makes a page grow with its library."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BeforeValidator, Field

from api.http.errors import ApiError
from api.http.inputs import Input, QuestionText, whole
from api.http.outputs import ModelOut, Output
from api.http.routes import responses
from api.http.state import State
from api.rating import rated, rated_id
from eval.cases import Quote

router = APIRouter(prefix="/v1")


class RatedQuoteIn(Input):
    """Words of a document that an answer cites."""

    source: Annotated[str, Field(min_length=1, max_length=1000)]
    text: Annotated[str, Field(min_length=1, max_length=20_000)]
    start: Annotated[int | None, Field(ge=0, le=10**9), BeforeValidator(whole)] = None


class FeedbackIn(Input):
    """A thumb on an answer."""

    question: QuestionText
    answer: Annotated[str, Field(max_length=20_000, description="Without its marks")]
    good: Annotated[bool | None, Field(description="Null takes an earlier thumb back")]
    refused: bool = False
    quotes: Annotated[tuple[RatedQuoteIn, ...], Field(max_length=50, strict=False)] = ()


class ModelIn(Input):
    """Who answers from now on."""

    name: Annotated[
        str | None, Field(max_length=300, description="One of `choices` of GET /v1/model; null: quote the documents")
    ]


class ModelChoices(ModelOut):
    """Who answers, and who else could."""

    choices: Annotated[list[str], Field(description="Models of the endpoint that the server is set to")]


class Suggestions(Output):
    """Questions that the library answers."""

    questions: list[str]


@router.get("/suggestions", responses=responses(Suggestions), summary="A few questions that the library answers")
async def suggest(request: Request) -> Response:
    """Drafted from its paragraphs, without a model; the same library gives the same."""
    return JSONResponse({"questions": await State.of(request).service.suggestions()})


@router.post(
    "/feedback",
    status_code=204,
    response_class=Response,
    responses=responses(None, 415, status=204),
    summary="A thumb on an answer, kept as a draft for an eval set",
)
async def feedback(body: FeedbackIn, request: Request) -> Response:
    """It goes to `feedback.jsonl` in the library's folder; `footnote eval review` makes cases of it."""
    case = None
    if body.good is not None:
        quotes = [Quote(source=one.source, quote=one.text, start=one.start) for one in body.quotes if one.text.strip()]
        case = rated(body.question, body.answer, quotes, good=body.good, refused=body.refused)
    await State.of(request).service.rate(rated_id(body.question), case)
    return Response(status_code=204)


@router.get("/model", responses=responses(ModelChoices), summary="Who answers, and who else could")
async def model(request: Request) -> Response:
    """The models of the endpoint that the server is set to, and none besides."""
    state = State.of(request)
    return JSONResponse({**state.service.model, "choices": await _offered(state)})


@router.put("/model", responses=responses(ModelChoices, 415), summary="Choose who answers")
async def choose(body: ModelIn, request: Request) -> Response:
    """It holds for everybody, until another one is chosen."""
    state = State.of(request)
    offered = await _offered(state)
    if state.service.choice is None or body.name not in (None, *offered):
        raise ApiError(400, "The server's endpoint has no such model; see GET /v1/model.")
    state.service.choice.choose(body.name)
    return JSONResponse({**state.service.model, "choices": offered})


async def _offered(state: State) -> list[str]:
    choice = state.service.choice
    return await state.service.run_short(choice.offered) if choice else []
