"""/v1/embeddings with the official client."""

import base64

import numpy as np
import openai
import pytest

from api.http.app import create_app
from api.http.keys import Keys
from index.embedders import open_embedder
from prompts.tokens import estimate_tokens
from tests.support.serving import library, server, talk

TEXTS = ["望江区建成中试车间23间。", "The night ferry is free."]


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    with (
        server(create_app(library(tmp_path_factory.mktemp("embeddings")))) as address,
        openai.OpenAI(base_url=f"{address}/v1", api_key="any", max_retries=0, timeout=60) as opened,
    ):
        yield opened


@pytest.mark.parametrize("more", [{}, {"encoding_format": "float"}, {"encoding_format": "base64"}], ids=str)
def test_the_librarys_own_vectors(client, more):
    response = client.embeddings.create(model="footnote", input=TEXTS, **more)
    given = [datum.embedding for datum in response.data]
    if "base64" in more.values():
        given = [np.frombuffer(base64.b64decode(each), "<f4") for each in given]
    np.testing.assert_allclose(given, open_embedder().embed_passages(TEXTS), rtol=1e-6)
    assert [datum.index for datum in response.data] == [0, 1]
    assert response.usage.prompt_tokens == response.usage.total_tokens == sum(map(estimate_tokens, TEXTS))


def test_one_text(client):
    [datum] = client.embeddings.create(model="footnote", input=TEXTS[0], dimensions=open_embedder().dim).data
    np.testing.assert_allclose(datum.embedding, open_embedder().embed_query(TEXTS[0]), rtol=1e-6)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"input": []}, "at least 1 item"),
        ({"input": ""}, "at least 1 character"),
        ({"input": ["a", 3]}, "valid string"),
        ({"input": [1, 2]}, "Send texts, "),
        ({"input": [[1, 2]]}, "Send texts, "),
        ({"input": ["a"] * 2049}, "at most 2048 items"),
        ({"input": "a" * 50_001}, "at most 50000 characters"),
        ({"dimensions": 3}, "dimensions."),
        ({"encoding_format": "int8"}, "'float' or 'base64'"),
    ],
    ids=str,
)
def test_what_cannot_be_embedded_is_400(client, wrong, words):
    with pytest.raises(openai.BadRequestError) as caught:
        client.embeddings.create(**{"model": "footnote", "input": "a", "encoding_format": "float"} | wrong)
    assert words in caught.value.body["message"]
    assert caught.value.body["type"] == "invalid_request_error"


def test_there_is_an_end_to_the_work_of_a_request(client, monkeypatch):
    monkeypatch.setattr("api.http.embeddings._SECONDS", -1)
    with pytest.raises(openai.APIStatusError, match="fewer texts") as caught:
        client.embeddings.create(model="footnote", input=TEXTS)
    assert caught.value.status_code == 413


def test_a_key_that_may_ask_may_embed(tmp_path):
    settings = library(tmp_path)
    _, whole = Keys(settings.library).create("reader", ["ask"])
    app, body = create_app(settings), {"model": "m", "input": "a"}
    bare = talk(app, lambda c: c.post("/v1/embeddings", json=body))
    assert (bare.status_code, bare.json()["error"]["code"]) == (401, "invalid_api_key")
    app = create_app(settings)
    assert talk(app, lambda c: c.post("/v1/embeddings", json=body), Authorization=f"Bearer {whole}").status_code == 200
