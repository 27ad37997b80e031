"""The matrix: dialects and faults of servers, played on a real socket, each asked for a whole reply and for a stream.

Every one ends in the answer or in one clear sentence, in time, and the key is in none of them.
"""

import gzip
import json
import threading
import time
from email.utils import formatdate

import pytest

from index.errors import EndpointError
from index.records import Hit, Paragraph
from prompts.compose import compose
from rag.llm.connection import Endpoint
from rag.llm.endpoint import EndpointModel
from rag.llm.model import Reply
from tests.support.scripted import CUT, HANG, Server, chunk, data, events, refused, stream, whole

pytestmark = pytest.mark.slow  # servers and whole answers, many times over

KEY = "sk-secret-4711"
TEXT = "望江区建成中试车间23间，为61家企业完成验证147项。"
SAID = "望江区建成中试车间23间。[1]"
PATIENT = {"timeout": 60.0, "connect_timeout": 30.0, "first_token_timeout": 30.0, "token_timeout": 30.0}
"""For what does not depend on time: a busy machine is slow, not wrong."""
QUICK = {"timeout": 1.5, "connect_timeout": 1.0, "first_token_timeout": 0.4, "token_timeout": 0.3}


@pytest.fixture(scope="module")
def server():
    made = Server()
    yield made
    made.close()


@pytest.fixture(params=["whole", "streamed"])
def ask(request, server):
    server.requests.clear()
    server.headers.clear()

    def asked(replies, **options):
        server.replies = replies
        model = EndpointModel(Endpoint(server.url, "m", KEY, **(PATIENT | options)), delay=0.01)
        prompt = compose("望江区建成了多少间中试车间？", [Hit(Paragraph("a", TEXT, (), "r", 0, len(TEXT)), 1.0, 1)])
        if request.param == "whole":
            return model.complete(prompt), [], model
        *pieces, reply = list(model.stream(prompt))
        assert isinstance(reply, Reply)
        assert all(isinstance(piece, str) and piece for piece in pieces)
        return reply, pieces, model

    asked.streamed = request.param == "streamed"
    return asked


def torn(chunks, size=1):
    """The same bytes in other pieces: characters, lines and tags are cut."""
    text = "".join(chunks).encode()
    return [text[i : i + size] for i in range(0, len(text), size)]


def only_streams(body):
    said = "This model only support stream mode, please enable the stream parameter to access the model."
    return stream(*events(SAID)) if body.get("stream") else refused(said)


def thinks_only_in_streams(body):
    """As DashScope says it of some models."""
    said = "parameter.enable_thinking must be set to false for non-streaming calls"
    return stream(*events(SAID)) if body.get("stream") else refused(said, code="invalid_parameter_error")


def never_streams(body):
    return whole(SAID) if not body.get("stream") else refused("Streaming is not supported by this backend.", 501)


def knows_no_stream(body):
    """As a strict server says it, its echo of the input beside it."""
    if "stream" not in body:
        return whole(SAID)
    said = [{"type": "extra_forbidden", "loc": ["body", "stream"], "msg": "Extra inputs", "input": body}]
    return 422, {}, json.dumps({"detail": said}, ensure_ascii=False)


LISTED = {"id": "c", "object": "chat.completion.chunk", "choices": [], "prompt_filter_results": [{"index": 0}]}
USAGE = {"choices": [], "usage": {"total_tokens": 7}}
ERROR = {"error": {"message": f"overloaded, key {KEY}", "code": 503}}
GOOD = {
    "whole": [whole(SAID)],
    "whole over many lines": [(200, {}, json.dumps(json.loads(whole(SAID)[2]), indent=2))],
    "whole in single bytes": [(200, {}, torn([whole(SAID)[2]]))],
    "list of parts": [whole([{"type": "thinking", "thinking": []}, {"text": SAID[:5]}, {"text": SAID[5:]}])],
    "byte order mark": [(200, {}, "\ufeff" + whole(SAID)[2])],
    "line separator inside JSON": [stream(*events(chunk(reasoning="2\u2028\u0085 4"), SAID))],
    "an error that is null": [(200, {}, json.dumps(json.loads(whole(SAID)[2]) | {"error": None}))],
    "stream": [stream(*events(SAID[:4], SAID[4:]))],
    "stream in single bytes": [stream(*torn(events(SAID[:4], SAID[4:])))],
    "stream cut within characters": [stream(*torn(events(SAID), 7))],
    "stream without space": [stream(*(line.replace("data: ", "data:") for line in events(SAID)))],
    "stream with CRLF": [stream(*(line.replace("\n", "\r\n") for line in events(SAID)))],
    "stream with CR": [stream(*(line.replace("\n", "\r") for line in events(SAID)))],
    "stream with CRLF cut": [stream(*torn([line.replace("\n", "\r\n") for line in events(SAID)], 3))],
    "stream with single line ends": [stream(*(line.replace("\n\n", "\n") for line in events(SAID)))],
    "stream with comments": [stream(": ping\n\n", *(line + ":\n: keep-alive\n\n" for line in events(SAID)))],
    "stream with names and ids": [stream(*("event: message\nid: 7\nretry: 9\n" + line for line in events(SAID)))],
    "stream without end": [stream(*events(SAID, done=""))],
    "stream without end, left open": [stream(*events(SAID, done=""), HANG)],
    "stream of another type": [(200, {"content-type": "text/plain"}, events(SAID))],
    "stream compressed": [stream(gzip.compress("".join(events(SAID)).encode()), **{"content-encoding": "gzip"})],
    "JSON lines": [(200, {}, [line[6:-1] for line in events(SAID, done="")])],
    "usage alone in a chunk": [stream(*events(SAID, done=data(USAGE)))],
    "chunks without choices": [stream(data(LISTED), data({"type": "ping"}), *events(SAID))],
    "empty and null deltas": [stream(*events(chunk(""), {"choices": [{"delta": {"content": None}}]}, SAID, chunk("")))],
    "the finish reason beside the last text": [stream(*events(SAID[:4])[:2], data(chunk(SAID[4:], "stop")))],
    "no finish reason": [stream(data(chunk(SAID)))],
    "the whole repeated at the end": [stream(*events(SAID, json.loads(whole(SAID)[2])))],
    "reasoning in its own field": [whole(SAID, reasoning_content="24间[1]"), stream(*events(SAID))],
    "reasoning field in a stream": [stream(*events(chunk(reasoning_content="24"), chunk(reasoning="25"), SAID))],
    "reasoning in tags": [whole(f"<think>也许24间[1]</think>\n\n{SAID}")],
    "reasoning in tags, torn": [stream(*events(*f"<think>24</think>{SAID}"))],
    "reasoning unopened": [whole(f"也许24间[1]</think>{SAID}")],
    "reasoning between": [stream(*events(SAID[:4], "<thi", "nk>24</t", "hink>", SAID[4:]))],
    "429 with Retry-After": [(429, {"retry-after": "0"}, "slow down"), whole(SAID)],
    "429 with a date": [(429, {"retry-after": formatdate(usegmt=True)}, ""), stream(*events(SAID))],
    "429 with nonsense": [(429, {"retry-after": "soon"}, ""), stream(*events(SAID))],
    "408 then 409": [(408, {}, ""), (409, {}, ""), stream(*events(SAID))],
    "500 as text": [(500, {}, "oops"), whole(SAID)],
    "503 twice": [(503, {}, ""), (503, {}, ""), whole(SAID)],
    "connection closed": [(0, {}, ""), stream(*events(SAID))],
    "body cut before any text": [stream(*events()[:1], CUT), stream(*events(SAID))],
    "overloaded, said in the body": [stream(data(ERROR)), stream(*events(SAID))],
    "522 of a gateway": [(522, {}, "<html>Connection timed out</html>"), stream(*events(SAID))],
    "only streams": [only_streams],
    "thinks only in streams": [thinks_only_in_streams],
    "never streams": [never_streams],
    "knows no stream": [knows_no_stream],
}


@pytest.mark.parametrize("name", GOOD)
def test_a_dialect_ends_in_the_answer(ask, server, name):
    reply, pieces, _ = ask(GOOD[name])
    assert reply.text == SAID
    assert "".join(pieces) == (SAID if ask.streamed else "")
    assert set(server.requests[-1]) <= {"model", "messages", "stream"}
    assert server.headers[-1]["Authorization"] == f"Bearer {KEY}"
    assert ("incomplete" in str(reply.record)) == (name == "no finish reason")


def test_text_comes_while_it_is_written(server):
    gate = threading.Event()
    server.replies = [stream(*events(SAID[:4], SAID[4:8])[:3], gate, *events(SAID[8:])[1:])]
    prompt = compose("？", [Hit(Paragraph("a", TEXT, (), "r", 0, len(TEXT)), 1.0, 1)])
    items = EndpointModel(Endpoint(server.url, "m")).stream(prompt)
    start = time.monotonic()
    assert next(items) + next(items) == SAID[:8]
    assert time.monotonic() - start < 5
    gate.set()
    assert [next(items), next(items).text] == [SAID[8:], SAID]


def test_leaving_a_stream_closes_its_connection(server):
    server.replies = [stream(*events(SAID)[:2], HANG)]
    server.left.clear()
    prompt = compose("？", [Hit(Paragraph("a", TEXT, (), "r", 0, len(TEXT)), 1.0, 1)])
    items = EndpointModel(Endpoint(server.url, "m")).stream(prompt)
    assert next(items) == SAID
    items.close()
    assert server.left.wait(5)


def drip(body):
    return 200, {}, [part for _ in range(100) for part in (" ", 0.05)]


def refusal_body_hangs(body):
    return 401, {"content-length": "90"}, ["Incorrect key"]


MID = "broke off"
BAD = {
    "wrong key": ([refused(f"Incorrect API key provided: {KEY}", 401)], "FOOTNOTE_API_KEY"),
    "key not for this model": ([refused("denied", 403)], "may not use this model"),
    "no such model": ([refused("model not found", 404)], "--model"),
    "detail": ([(404, {}, '{"detail":"Not Found"}')], "Not Found"),
    "pydantic detail": ([(422, {}, '{"detail":[{"loc":["body","seed"],"msg":"Field required"}]}')], "Field required"),
    "HTML error": ([(502, {}, "<html><body>Bad gateway</body></html>")], "an HTML page"),
    "HTML with 200": ([(200, {"content-type": "text/html"}, "<html>hello</html>")], "did not send JSON"),
    "plain text with 200": ([(200, {}, "no healthy upstream")], "did not send JSON"),
    "a JSON list": ([(200, {}, "[1]")], "no chat completion"),
    "a JSON number": ([(200, {}, "7")], "no chat completion"),
    "other JSON": ([(200, {}, '{"object": "list", "data": []}')], "no chat completion"),
    "empty body": ([(200, {}, "")], "did not send JSON"),
    "torn JSON": ([(200, {}, '{"choices": [{"mess')], "did not send JSON"),
    "no bytes but the end": ([stream("data: [DONE]\n\n")], "wrote nothing"),
    "no choices": ([(200, {}, '{"choices": []}')], "wrote nothing"),
    "null content": ([whole(None)], "wrote nothing"),
    "only white space": ([stream(*events(" ", "\n"))], "wrote nothing"),
    "only reasoning": ([whole("<think>hm", "length")], "while it was thinking"),
    "only reasoning in its field": ([stream(*events(chunk(reasoning="h"), finish="length"))], "raise max_tokens"),
    "cut before anything": ([whole("", "length")], "before it had written"),
    "content filter": ([whole(None, "content_filter")], "content filter"),
    "refusal": ([whole(None, refusal=f"I will not. {KEY}")], "declined: I will not. ***"),
    "error inside a stream": ([stream('data: {"error": {"message": "overloaded"}}\n\n')], "overloaded"),
    "error as its own event": ([stream('event: error\ndata: {"message": "overheated"}\n\n')], "overheated"),
    "error as text": ([stream('data: {"error": "out of memory"}\n\n')], "out of memory"),
    "error with the key inside a 200": ([(200, {}, json.dumps({"error": {"message": f"bad {KEY}"}}))], "bad ***"),
    "always overloaded in the body": ([stream(data(ERROR))], "503: overloaded, key ***"),
    "the key at the cut": ([refused("x" * 195 + KEY, 401)], "x***"),
    "choices of another shape": ([(200, {}, '{"choices": [null]}')], "no chat completion"),
    "choices that are no list": ([(200, {}, '{"choices": {"a": 1}}')], "no chat completion"),
    "a delta that is no object": ([stream('data: {"choices": [{"delta": "x"}]}\n\n')], "no chat completion"),
    "nested without end": ([(200, {}, "[" * 100_000)], "did not send JSON"),
    "broken compression": ([(200, {"content-encoding": "gzip"}, "plain")], MID),
    "always 500": ([(500, {}, "CUDA out of memory")], "CUDA out of memory"),
    "always closed": ([(0, {}, "")], "cannot be reached"),
    "shorter than it says": ([(200, {"content-length": "90"}, ["{", CUT])], MID),
    "redirect": ([(302, {"location": "http://elsewhere.invalid/"}, "")], "302"),
    "context too long": ([refused("maximum context length is 4096")], "4096"),
    "parameter that was not sent": ([refused("'top_k' is not supported")], "top_k"),
    "waiting for an hour": ([(429, {"retry-after": "3600"}, "quota")], "3600 s"),
    "too large": ([(200, {}, b" " * 33_000_000)], "is a chat endpoint"),
    "a long reply": ([whole(TEXT * 5000)], "writes without end"),
    "one endless chunk": ([stream(*events("字" * 1_000_000))], "writes without end"),
    "a stream without end": ([stream(*events(*[TEXT * 100] * 60))], "writes without end"),
    "refusal that hangs": ([refusal_body_hangs], "Incorrect key"),
    "bytes without end": ([drip], "within"),
}
TIMED = {"bytes without end"}


@pytest.mark.parametrize("name", BAD)
def test_a_fault_ends_in_one_sentence_without_the_key(ask, server, caplog, name):
    replies, words = BAD[name]
    caplog.set_level("DEBUG", "footnote")
    start = time.monotonic()
    with pytest.raises(EndpointError) as caught:
        ask(replies, **(QUICK if name in TIMED else {}))
    assert time.monotonic() - start < (4 if name in TIMED else 30)
    message = str(caught.value)
    assert words in message
    assert message.endswith((".", "?"))
    assert "\n" not in message
    assert KEY[:6] not in message + caplog.text
    assert TEXT[:8] not in message + caplog.text
    assert len(server.requests) <= 3
    assert caught.value.exit_code == 3


BROKEN = {
    "error in mid-stream": (
        [data(chunk(SAID[:6])), data({"error": {"message": f"worker died {KEY}"}})],
        "worker died ***",
    ),
    "connection cut": ([data(chunk(SAID[:6])), CUT], MID),
    "JSON torn at the end": ([data(chunk(SAID[:6])), 'data: {"choices": [{"del'], MID),
    "HTML in mid-stream": ([data(chunk(SAID[:6])), "<html>timeout</html>\n\n"], MID),
    "silence": ([data(chunk(SAID[:6])), HANG], "sent nothing for 0.3 s"),
    "endless": ([part for _ in range(200) for part in (data(chunk("x")), 0.05)], "within"),
}


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.slow
def test_nothing_is_tried_again_once_text_was_shown(server, name):
    chunks, words = BROKEN[name]
    patience = PATIENT | {"silence": {"token_timeout": 0.3}, "endless": {"timeout": 1.5}}.get(name, {})
    server.replies, before = [stream(*chunks)], len(server.requests)
    prompt = compose("？", [Hit(Paragraph("a", TEXT, (), "r", 0, len(TEXT)), 1.0, 1)])
    items = EndpointModel(Endpoint(server.url, "m", KEY, **patience), delay=0.01).stream(prompt)
    assert next(items)
    with pytest.raises(EndpointError) as caught:
        list(items)
    assert words in str(caught.value)
    assert KEY not in str(caught.value)
    assert len(server.requests) == before + 1


SILENT = {
    "no first token": stream(HANG),
    "only pings": stream(*[part for _ in range(200) for part in (": ping\n\n", 0.05)]),
    "only empty chunks": stream(*[part for _ in range(200) for part in (data(chunk("", role="assistant")), 0.05)]),
}


@pytest.mark.parametrize("name", SILENT)
def test_a_stream_that_never_begins_is_left(server, name):
    server.replies = [SILENT[name]]
    prompt = compose("？", [Hit(Paragraph("a", TEXT, (), "r", 0, len(TEXT)), 1.0, 1)])
    start = time.monotonic()
    with pytest.raises(EndpointError, match=r"no text within 0\.4 s"):
        list(EndpointModel(Endpoint(server.url, "m", **(PATIENT | {"first_token_timeout": 0.4}))).stream(prompt))
    assert time.monotonic() - start < 5
