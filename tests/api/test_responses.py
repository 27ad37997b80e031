"""/v1/responses with the official client, on a real socket."""

import openai
import pytest

from api.http.app import create_app
from tests.support.scripted import Server, refused
from tests.support.serving import ANSWER, QUESTION, UNKNOWN, library, server

pytestmark = pytest.mark.slow
LISTED = f"{ANSWER}\n\n---\n[1] report.txt › 3.2 各区进展 › 望江区"


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    app = create_app(library(tmp_path_factory.mktemp("responses")))
    with server(app) as address, openai.OpenAI(base_url=f"{address}/v1", api_key="any", max_retries=0) as opened:
        yield opened


def test_whole_with_annotations_where_the_marks_are(client):
    response = client.responses.create(model="footnote", input=QUESTION)
    assert (response.status, response.output_text) == ("completed", LISTED)
    [annotation] = response.output[0].content[0].annotations
    assert (annotation.type, annotation.title) == ("url_citation", "report.txt › 3.2 各区进展 › 望江区")
    assert LISTED[annotation.start_index : annotation.end_index] == "[1]"
    assert response.footnote["citations"][0]["verdict"] == "quoted"
    assert response.usage.total_tokens == response.usage.input_tokens + response.usage.output_tokens > 0


def test_streamed_the_clients_own_accumulator_makes_the_same_of_it(client):
    with client.responses.stream(model="footnote", input=QUESTION) as stream:
        events = list(stream)
        final = stream.get_final_response()
    assert "".join(event.delta for event in events if event.type == "response.output_text.delta") == LISTED
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert final.output_text == LISTED
    assert final.output[0].content[0].annotations[0].type == "url_citation"


def test_a_conversation_with_an_agents_tools_goes_on(client):
    earlier = client.responses.create(model="footnote", input=QUESTION).output
    conversation = [
        {"role": "developer", "content": "Answer like a pirate."},
        {"role": "user", "content": [{"type": "input_text", "text": QUESTION}]},
        *(item.model_dump(exclude_none=True) for item in earlier),
        {"type": "function_call", "call_id": "1", "name": "clock", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "1", "output": "noon"},
        {"role": "user", "content": "它为多少家企业完成验证？"},
    ]
    assert "61家" in client.responses.create(model="footnote", input=conversation).output_text


def test_what_was_cut_is_incomplete_and_a_refusal_is_not(client):
    cut = client.responses.create(model="footnote", input=QUESTION, max_output_tokens=3)
    assert (cut.status, cut.incomplete_details.reason) == ("incomplete", "max_output_tokens")
    assert LISTED.startswith(cut.output_text)
    refusal = client.responses.create(model="footnote", input=UNKNOWN)
    assert (refusal.status, refusal.output_text) == ("completed", "文档中没有说明。")


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": {"format": {"type": "json_object"}}},
        {"tool_choice": "required"},
        {"previous_response_id": "resp_1"},
        {"input": [{"type": "function_call_output", "call_id": "1", "output": "noon"}]},
        {"input": [{"role": "user", "content": [{"type": "input_image", "image_url": "data:"}]}]},
    ],
)
def test_what_a_client_would_rely_on_is_refused(client, wrong):
    with pytest.raises(openai.BadRequestError):
        client.responses.create(**{"model": "footnote", "input": QUESTION, **wrong})


def test_an_endpoint_that_fails_midway_is_an_error_of_the_client(tmp_path):
    endpoint = Server()
    endpoint.replies = [refused("overloaded", 500)]
    more = {"model": "m", "base_url": endpoint.url, "retries": 0, "fallback": False}
    with (
        server(create_app(library(tmp_path).model_copy(update=more))) as address,
        openai.OpenAI(base_url=f"{address}/v1", api_key="any", max_retries=0) as client,
        pytest.raises(openai.APIError, match="overloaded"),
    ):
        list(client.responses.create(model="footnote", input=QUESTION, stream=True))
    endpoint.close()
