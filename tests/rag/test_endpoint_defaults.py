"""What an endpoint is sent unless the settings say otherwise, and how its refusals are taken."""

import pytest

from index.errors import EndpointError
from rag import Settings
from rag.llm.endpoint import endpoint_of, open_model
from tests.rag.test_endpoint import DEFAULTS, SAID, prompt
from tests.support.scripted import refused, whole


def opened(server, **more):
    return open_model(Settings(model="m", base_url=server.url, retries=0, **more))


def test_by_default_the_temperature_is_0_and_the_reply_has_a_bound(server):
    server.replies = [whole(SAID)]
    assert opened(server).complete(prompt()).record["sent"] == DEFAULTS | {"stream": False}
    assert opened(server, temperature=1, max_tokens=9).complete(prompt()).record["sent"]["max_tokens"] == 9


def test_a_refusal_that_names_nothing_is_answered_without_what_can_be_left_out(server):
    server.replies = [lambda body: refused("Bad request") if "temperature" in body else whole(SAID)]
    asked = opened(server)
    for _ in range(2):
        assert asked.complete(prompt()).text == SAID
    assert [len(body) for body in server.requests] == [5, 3, 3]
    server.replies = [refused("Bad request")]
    with pytest.raises(EndpointError):
        asked.complete(prompt())
    server.replies = [whole(SAID)]
    assert sorted(asked.complete(prompt()).record["sent"]) == ["model", "stream"]


def test_a_model_that_thinks_past_our_bound_is_asked_without_it(server):
    server.replies = [lambda body: whole("<think>hm", "length") if "max_tokens" in body else whole(SAID)]
    asked = opened(server)
    assert asked.complete(prompt()).text == asked.complete(prompt()).text == SAID
    assert len(server.requests) == 3
    with pytest.raises(EndpointError, match="raise max_tokens"):
        opened(server, max_tokens=50).complete(prompt())


@pytest.mark.parametrize(
    ("words", "context"),
    [
        ("This model's maximum context length is 4096 tokens. However, you requested 5000 tokens.", 4096),
        ("the request exceeds the available context size (2048 tokens)", 2048),
        ("exceeds the context window", None),
    ],
)
def test_a_prompt_that_is_longer_than_the_context_names_it_and_the_setting(server, words, context):
    server.replies = [refused(words)]
    asked = opened(server)
    with pytest.raises(EndpointError, match=f"FOOTNOTE_BUDGET below its context of {context or 'unknown'} tokens"):
        asked.complete(prompt())
    assert (asked.context, len(server.requests)) == (context, 1)


@pytest.mark.parametrize(
    ("url", "seconds"),
    [
        ("http://127.0.0.1:11434/v1", (900, 600)),
        ("http://192.168.1.7:8080/v1", (900, 600)),
        ("http://ollama:11434/v1", (900, 600)),
        ("https://api.openai.com/v1", (300, 120)),
        ("https://8.8.8.8/v1", (300, 120)),
    ],
)
def test_a_server_of_ones_own_may_take_long_before_its_first_token(url, seconds):
    endpoint = endpoint_of(Settings(model="m", base_url=url))
    assert (endpoint.timeout, endpoint.first_token_timeout) == seconds
    assert endpoint_of(Settings(model="m", base_url=url, timeout=5)).timeout == 5
