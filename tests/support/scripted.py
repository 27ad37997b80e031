"""A scripted OpenAI-compatible server on a real socket, and what servers say in its dialects."""

import json
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CUT, HANG = object(), object()
"""In a list of chunks: the connection breaks here; nothing more comes, and the connection stays open."""


class Server:
    """Answers each POST with the next of `replies`, the last one again and again; each GET with `listed`.

    A reply is (status, headers, body) or a function of the request's JSON that gives one; status 0 hangs up. A body
    that is a list is sent in chunks; a number in it is a pause in seconds, an Event is waited for.
    """

    def __init__(self):
        self.replies, self.requests, self.headers, self.listed = [], [], [], (404, {}, "")
        self.left = threading.Event()  # a client went away in the middle of a reply
        self.stop = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                outer.requests.append(body)
                outer.headers.append(dict(self.headers.items()))
                reply = outer.replies[min(len(outer.requests), len(outer.replies)) - 1]
                outer.answer(self, *(reply(body) if callable(reply) else reply))

            def do_GET(self):
                outer.answer(self, *outer.listed)

            def log_message(self, *_):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.http.handle_error = lambda *_: None  # a client that left is part of the test
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.http.server_port}/v1"

    def answer(self, handler, status, headers, content):
        if status == 0:
            handler.close_connection = True
            return
        handler.send_response(status)
        if not isinstance(content, list):
            data = content if isinstance(content, bytes) else content.encode()
            headers, content = {"content-length": str(len(data)), **headers}, [data]
        chunked = "content-length" not in headers
        for name, value in (({"transfer-encoding": "chunked"} if chunked else {}) | headers).items():
            handler.send_header(name, value)
        handler.end_headers()
        try:
            for chunk in content:
                if not self.send(handler, chunk, chunked=chunked):
                    return
            handler.wfile.write(b"0\r\n\r\n" if chunked else b"")
        except OSError:
            self.left.set()
            handler.close_connection = True

    def send(self, handler, chunk, *, chunked):
        if chunk is CUT or self.stop.is_set():
            handler.close_connection = True
            return False
        if chunk is HANG:
            handler.connection.settimeout(0.02)
            while not self.stop.is_set():
                with suppress(TimeoutError):
                    if not handler.connection.recv(1):
                        raise ConnectionResetError
            return False
        if isinstance(chunk, threading.Event):
            chunk.wait(10)
            return True
        if isinstance(chunk, int | float):
            time.sleep(chunk)
            return True
        data = chunk if isinstance(chunk, bytes) else chunk.encode()
        handler.wfile.write(b"%x\r\n%s\r\n" % (len(data), data) if chunked else data)
        handler.wfile.flush()
        return True

    def close(self):
        self.stop.set()
        self.http.shutdown()
        self.http.server_close()


def whole(content, finish="stop", **message):
    choice = {"index": 0, "message": {"role": "assistant", "content": content, **message}, "finish_reason": finish}
    return 200, {}, json.dumps({"choices": [choice], "usage": {"total_tokens": 7}}, ensure_ascii=False)


def chunk(content=None, finish=None, **delta):
    delta |= {} if content is None else {"content": content}
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def data(payload):
    return f"data: {json.dumps(payload, ensure_ascii=False)}\n\n"


def events(*deltas, finish="stop", done="data: [DONE]\n\n"):
    """The chunks of a well-behaved stream: text, chunks of one's own, and pauses."""
    said = [
        delta if isinstance(delta, float) else data(chunk(delta) if isinstance(delta, str) else delta)
        for delta in deltas
    ]
    return [data(chunk("", role="assistant")), *said, data(chunk(finish=finish)), done]


def stream(*chunks, **headers):
    return 200, {"content-type": "text/event-stream", **headers}, list(chunks)


def refused(words, status=400, **more):
    return status, {}, json.dumps({"error": {"message": words, **more}})
