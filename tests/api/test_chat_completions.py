"""The OpenAI-compatible API with the official client, on a real socket."""

import openai
import pytest

from api.http.app import create_app
from rag import Settings
from tests.support.scripted import Server, stream, whole
from tests.support.scripted import events as said
from tests.support.serving import ANSWER, QUESTION, UNKNOWN, library, server, talk

pytestmark = pytest.mark.slow
LISTED = f"{ANSWER}\n\n---\n[1] report.txt › 3.2 各区进展 › 望江区"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with server(create_app(library(tmp_path_factory.mktemp("openai")))) as running:
        yield running


@pytest.fixture
def client(address):
    with openai.OpenAI(base_url=f"{address}/v1", api_key="any", max_retries=0, timeout=60) as opened:
        yield opened


def asked(question=QUESTION, **more):
    return {"model": "footnote", "messages": [{"role": "user", "content": question}], **more}


def test_whole_with_footnotes_to_read_and_to_compute_with(client):
    completion = client.chat.completions.create(**asked())
    [choice] = completion.choices
    assert (choice.message.content, choice.finish_reason, choice.message.role) == (LISTED, "stop", "assistant")
    [citation] = completion.footnote["citations"]
    assert (citation["source"], citation["verdict"], citation["mark"]) == ("report.txt", "quoted", 1)
    assert citation["quote"]["text"] == ANSWER.removesuffix("[1]")
    usage = completion.usage
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens > 0


def test_streamed_it_is_the_same_and_nothing_is_said_twice(client):
    chunks = list(client.chat.completions.create(**asked(), stream=True))
    assert len({chunk.id for chunk in chunks}) == 1
    assert chunks[0].choices[0].delta.role == "assistant"
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == LISTED
    assert [chunk.choices[0].finish_reason for chunk in chunks] == [None] * (len(chunks) - 1) + ["stop"]
    last = chunks[-1]
    assert last.choices[0].delta.content is None
    assert last.footnote["citations"][0]["source"] == "report.txt"
    assert all(chunk.usage is None for chunk in chunks)


def test_usage_comes_last_when_asked_for(client):
    chunks = list(client.chat.completions.create(**asked(), stream=True, stream_options={"include_usage": True}))
    assert chunks[-1].choices == []
    assert chunks[-1].usage.total_tokens > 0
    assert all(chunk.usage is None for chunk in chunks[:-1])


def test_the_clients_own_accumulator_understands_the_stream(client):
    with client.chat.completions.stream(**asked()) as events:
        assert events.get_final_completion().choices[0].message.content == LISTED


def test_a_refusal_is_said_whole_and_streamed(client):
    whole = client.chat.completions.create(**asked(UNKNOWN))
    assert whole.choices[0].message.content == "文档中没有说明。"
    assert whole.footnote["refused"] == "low_evidence"
    chunks = list(client.chat.completions.create(**asked(UNKNOWN), stream=True))
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == "文档中没有说明。"
    assert chunks[-1].footnote["refused"] == "low_evidence"


@pytest.mark.parametrize(
    ("greeting", "sentence"),
    [("早上好", "请就这些文档的内容提问，例如：望江区"), ("Hello!", "Ask about what these documents say, for")],
)
def test_a_greeting_gets_a_sentence_on_what_can_be_asked(client, greeting, sentence):
    answered = client.chat.completions.create(**asked(greeting))
    assert answered.choices[0].message.content.startswith(sentence)
    assert answered.footnote["refused"] == "low_evidence"
    chunks = list(client.chat.completions.create(**asked(greeting), stream=True))
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == answered.choices[0].message.content


TASK = """### Task:
Generate a concise title.
### Output:
JSON format: { "title": "your concise title here" }
### Chat History:
<chat_history>
USER: 望江区建成了多少间中试车间？
ASSISTANT: 23间 [1]
</chat_history>"""
TAGGED = {"extra_headers": {"X-OpenWebUI-Task": "title_generation"}}


@pytest.mark.parametrize("request_", [asked(TASK), asked("A title, please. " * 200, **TAGGED)], ids=["body", "header"])
def test_what_a_client_wants_for_itself_is_no_question(client, endpoint, tmp_path, request_):
    quoted = client.chat.completions.create(**request_)
    assert (quoted.choices[0].message.content, quoted.footnote["citations"]) == ("{}", [])
    endpoint.replies = [whole('{"title": "中试车间"}')]
    settings = library(tmp_path).model_copy(update={"model": "m", "base_url": endpoint.url, "timeout": 20})
    with server(create_app(settings)) as address, openai.OpenAI(base_url=f"{address}/v1", api_key="x") as written:
        assert written.chat.completions.create(**request_).choices[0].message.content == '{"title": "中试车间"}'
        chunks = list(written.chat.completions.create(**request_, stream=True))
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == '{"title": "中试车间"}'
    assert endpoint.requests[0]["messages"] == request_["messages"]


def test_what_is_passed_to_the_model_has_a_length(client):
    with pytest.raises(openai.APIStatusError, match="50000 at most") as caught:
        client.chat.completions.create(**asked("a" * 50_001, **TAGGED))
    assert caught.value.status_code == 413


def test_a_placeholder_that_was_not_filled_in_is_no_task(client):
    header = {"X-OpenWebUI-Task": "{{TASK}}"}
    assert client.chat.completions.create(**asked(), extra_headers=header).choices[0].message.content == LISTED


def test_a_conversation_goes_on(client):
    messages = [{"role": "system", "content": "Answer like a pirate."}, {"role": "user", "content": QUESTION}]
    first = client.chat.completions.create(model="footnote", messages=messages)
    assert first.choices[0].message.content == LISTED
    messages += [
        first.choices[0].message,
        {"role": "user", "content": [{"type": "text", "text": "它为多少家企业完成验证？"}]},
    ]
    second = client.chat.completions.create(model="footnote", messages=messages)
    assert "61家" in second.choices[0].message.content
    assert second.footnote["model"]["rewrite"]["by"] == "rules"


def test_parameters_that_mean_nothing_here_are_accepted(client):
    completion = client.chat.completions.create(
        **asked(),
        temperature=0.3,
        max_tokens=500,
        seed=1,
        user="me",
        stop=["\nObservation:"],
        presence_penalty=0.1,
        tools=[{"type": "function", "function": {"name": "f", "parameters": {}}}],
        response_format={"type": "text"},
        extra_body={"think": False, "footnote": {"k": 3, "source": "*.txt", "strict": True}},
    )
    assert completion.choices[0].message.content == LISTED


@pytest.mark.parametrize(
    ("more", "content", "finish"),
    [
        ({"stop": "\n\n---"}, ANSWER, "stop"),
        ({"stop": ["nowhere", ANSWER[5:9]]}, ANSWER[:5], "stop"),
        ({"max_tokens": 4}, ANSWER[:4], "length"),
        ({"max_completion_tokens": 4, "stop": ANSWER[5:9]}, ANSWER[:4], "length"),
        ({"max_tokens": 5000}, LISTED, "stop"),
    ],
)
def test_content_ends_where_the_client_wants_it(client, more, content, finish):
    [choice] = client.chat.completions.create(**asked(), **more).choices
    assert (choice.message.content, choice.finish_reason) == (content, finish)
    chunks = [c.choices[0] for c in client.chat.completions.create(**asked(), **more, stream=True) if c.choices]
    assert "".join(chunk.delta.content or "" for chunk in chunks) == content
    assert chunks[-1].finish_reason == finish


@pytest.mark.parametrize(
    "wrong",
    [
        {"messages": "hello"},
        {"messages": []},
        {"stop": 3},
        {"messages": [{"role": "user", "content": 3}]},
        {"messages": [{"role": "king", "content": "a"}]},
        {"messages": [{"role": "assistant", "content": "a"}]},
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "http://x/"}}]}]},
        {"messages": [{"role": "user", "content": "  "}]},
        {"stream": "yes"},
        {"temperature": "hot"},
        {"max_tokens": 1.5},
        {"n": 2},
        {"model": 3},
        {"stream_options": 3, "stream": True},
    ],
    ids=str,
)
def test_wrong_types_are_400_in_openais_shape(client, wrong):
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(**asked() | wrong)
    assert caught.value.body["type"] == "invalid_request_error"
    assert caught.value.body["message"]
    assert set(caught.value.body) == {"message", "type", "param", "code"}


def test_models(client):
    assert [model.id for model in client.models.list()] == ["footnote", "footnote-strict"]
    assert client.models.retrieve("footnote").object == "model"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("gpt")


@pytest.fixture
def endpoint():
    playing = Server()
    yield playing
    playing.close()


def test_what_was_said_and_does_not_stand_is_taken_back_in_words(endpoint, tmp_path):
    endpoint.replies = [stream(*said("望江区建成中试车间99间，", "完成验证888项。[1]"))]
    settings = library(tmp_path).model_copy(update={"model": "m", "base_url": endpoint.url, "timeout": 20})
    with server(create_app(settings)) as address, openai.OpenAI(base_url=f"{address}/v1", api_key="x") as client:
        chunks = list(client.chat.completions.create(**asked(), stream=True))
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    wrong, _, right = text.partition("\n\n[No sentence")
    assert "99间" in wrong
    assert right.endswith(LISTED)


def test_an_endpoint_that_fails_is_an_error_of_the_client(endpoint, tmp_path):
    endpoint.replies = [(500, {}, "no")]
    settings = Settings.model_validate(
        library(tmp_path).model_dump() | {"model": "m", "base_url": endpoint.url, "fallback": False, "retries": 0}
    )
    with (
        server(create_app(settings)) as address,
        openai.OpenAI(base_url=f"{address}/v1", api_key="x", max_retries=0) as client,
    ):
        with pytest.raises(openai.InternalServerError) as caught:
            client.chat.completions.create(**asked())
        assert caught.value.status_code == 502
        with pytest.raises(openai.APIError):
            list(client.chat.completions.create(**asked(), stream=True))


def test_without_the_client_the_stream_ends_in_done(tmp_path):
    app = create_app(library(tmp_path))
    text = talk(app, lambda c: c.post("/v1/chat/completions", json=asked(stream=True))).text
    assert text.endswith("data: [DONE]\n\n")


@pytest.fixture
def app(tmp_path):
    return create_app(library(tmp_path))


def chat_body(**more):
    return {"model": "footnote", "messages": [{"role": "user", "content": QUESTION}], **more}


def test_annotations_are_where_the_marks_are(app):
    [choice] = talk(app, lambda c: c.post("/v1/chat/completions", json=chat_body())).json()["choices"]
    [annotation] = choice["message"]["annotations"]
    place = annotation["url_citation"]
    assert annotation["type"] == "url_citation"
    assert choice["message"]["content"][place["start_index"] : place["end_index"]] == "[1]"
    assert "#/source/" in place["url"]
    assert "report.txt" in place["title"]


@pytest.mark.parametrize(
    "more", [{"response_format": {"type": "json_object"}}, {"tool_choice": "required"}], ids=["json", "tools"]
)
def test_what_a_client_would_rely_on_is_refused(app, more):
    response = talk(app, lambda c: c.post("/v1/chat/completions", json=chat_body(**more)))
    assert (response.status_code, response.json()["error"]["param"]) == (400, next(iter(more)))


def test_tool_messages_after_the_question_are_passed_over(app):
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    messages = [
        {"role": "user", "content": QUESTION},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "1", "content": "42"},
    ]
    response = talk(app, lambda c: c.post("/v1/chat/completions", json=chat_body(messages=messages)))
    assert response.status_code == 200
