"""What an attacker tries, and what happens; with files that they upload: `test_upload_attacks`.

attack                                   what happens
path traversal in a file's name          the last part of the name, inside `uploads`; or 400
path traversal in an address             404
a link in place of an upload             the link is replaced, what it points to is untouched
too large: a body, a file, many files    413, whether its length is told or not; nothing is kept
a body that never ends                   400 after a while
zip bomb, archive                        413 or 415, nothing is kept
wrong content type                       415
header injection                         the words appear in JSON only
script in a document                     JSON with nosniff and a policy that runs nothing; the page has its own test
orders to the model in a document        not quoted, not obeyed: the report's own words instead, and a flag
another site's page (CSRF)               403
another name for this machine (rebinding) 403
guessing keys                            401, then 429; a right key is let in all the same
URLs in every field (SSRF)               none is ever fetched
patterns that take for ever              422
checks that take for ever                413
JSON that nests deeply                   400
"""

import asyncio
import socket
import threading
import time
from dataclasses import replace

import pytest

from api.http.app import create_app
from api.http.keys import Keys
from api.http.limits import Limits
from tests.support.serving import QUESTION, SMALL, job_done, talk

pytestmark = pytest.mark.slow  # servers and whole answers, many times over


@pytest.mark.parametrize(
    "path",
    [
        "/web/../app.py",
        "/web/..%2fapp.py",
        "/web/%2e%2e%2fapp.py",
        "/web/..%5capp.py",
        "/web/%2fetc%2fpasswd",
        "/web/index.html%00.js",
        "/v1/documents/../../etc/passwd",
        "/v1/documents/..%2f..%2fetc%2fpasswd",
        "/v1/jobs/..%2fkeys",
        "/v1/jobs/%2e%2e%2fkeys.json",
    ],
)
def test_addresses_lead_nowhere_else(app, settings, path):
    Keys(settings.library).create("someone", ["ask"])
    _, whole_key = Keys(settings.library).create("me", ["ask"])
    response = talk(app, lambda c: c.get(path), Authorization=f"Bearer {whole_key}")
    assert response.status_code == 404
    assert "root:" not in response.text
    assert "hash" not in response.text


async def _pieces(size):
    for _ in range(size // 500):
        yield b"x" * 500


@pytest.mark.parametrize("path", ["/v1/ask", "/v1/chat/completions", "/v1/verify"])
@pytest.mark.parametrize("told", [True, False], ids=["length told", "length not told"])
def test_a_body_that_is_too_large(small, path, told):
    body = b"x" * 3000 if told else _pieces(3000)
    response = talk(small, lambda c: c.post(path, content=body, headers={"content-type": "application/json"}))
    assert response.status_code == 413


def test_a_body_that_never_ends(settings):
    hasty = create_app(settings, limits=replace(SMALL, body_seconds=0.3))

    async def slowly():
        yield b"{"
        await asyncio.sleep(30)

    start = time.monotonic()
    headers = {"content-type": "application/json"}
    response = talk(hasty, lambda c: c.post("/v1/ask", content=slowly(), headers=headers))
    assert response.status_code == 400
    assert "did not arrive" in response.json()["error"]["message"]
    assert time.monotonic() - start < 20


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/v1/ask", "text/plain"),
        ("/v1/ask", "application/x-www-form-urlencoded"),
        ("/v1/ask", ""),
        ("/v1/chat/completions", "text/plain"),
        ("/v1/documents", "application/json"),
    ],
)
def test_wrong_content_types(app, path, kind):
    body = b'{"question": "a"}'
    response = talk(app, lambda c: c.post(path, content=body, headers={"content-type": kind}))
    assert response.status_code == 415


def test_words_never_become_headers(app):
    evil = "a\r\nSet-Cookie: stolen=1"

    async def conversation(client):
        return [
            await client.post("/v1/ask", json={"question": evil}),
            await client.get("/v1/documents/a%0d%0aSet-Cookie:%20stolen=1"),
            await client.post(
                "/v1/chat/completions", json={"model": evil, "messages": [{"role": "user", "content": "a"}]}
            ),
            await client.post("/v1/documents", files=[("files", ("a\r\nSet-Cookie: stolen=1.txt", b"a"))]),
        ]

    for response in talk(app, conversation):
        assert "set-cookie" not in response.headers
        assert response.headers["content-type"].startswith("application/json")


@pytest.mark.slow
def test_a_script_in_a_document_stays_text(app):
    script = "望江区建成地铁站88座<script>alert(1)</script><img src=x onerror=alert(1)>。"

    async def conversation(client):
        response = await client.post("/v1/documents", files=[("files", ("<script>.txt", script.encode()))])
        await job_done(client, response.json()["job"]["id"])
        question = {"question": "望江区建成了多少座地铁站？"}
        return [
            await client.post("/v1/ask", json=question),
            await client.post("/v1/ask", json=question | {"stream": True}),
            await client.get("/v1/documents"),
            await client.get("/v1/documents/<script>"),
        ]

    responses = talk(app, conversation)
    assert "<script>" in responses[0].json()["answer"]
    for response in responses:
        assert response.headers["content-type"].split(";")[0] in ("application/json", "text/event-stream")
        assert response.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in response.headers["content-security-policy"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:9"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "[::1].evil.example"},
        {"Host": "localhost:80@evil.example"},
        {"Host": ""},
    ],
    ids=str,
)
def test_pages_of_other_sites_and_other_names(app, headers):
    response = talk(app, lambda c: c.post("/v1/ask", json={"question": QUESTION}, headers=headers))
    assert response.status_code == 403
    assert "access-control-allow-origin" not in response.headers


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8000", "localhost:8000", "[::1]:8000", "LOCALHOST"])
def test_our_own_page_is_served(app, host):
    headers = {"Host": host, "Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin"}
    assert talk(app, lambda c: c.post("/v1/ask", json={"question": QUESTION}, headers=headers)).status_code == 200


def test_checks_that_take_for_ever_hold_nobody_up(settings):
    app = create_app(settings, limits=Limits(verify_seconds=0.05))
    body = {"answer": "." * 50_000, "sources": [{"text": "1," * 50_000}]}

    async def conversation(client):
        checking = asyncio.create_task(client.post("/v1/verify", json=body))
        await asyncio.sleep(0)
        return (await client.get("/healthz")).status_code, (await checking).status_code

    assert talk(app, conversation) == (200, 413)


@pytest.mark.slow
def test_a_large_check_gives_what_a_small_one_gives(app):
    source = {"text": "望江区建成中试车间23间。" + "另有说明。" * 1000}
    body = {"answer": "望江区建成中试车间23间。[1]", "sources": [source]}
    checked = talk(app, lambda c: c.post("/v1/verify", json=body)).json()
    assert [sentence["verdict"] for sentence in checked["sentences"]] == ["quoted"]


def test_a_name_too_long_for_a_file_is_not_found(app):
    assert talk(app, lambda c: c.get("/web/" + "a" * 5000)).status_code == 404


def test_guessing_keys(settings):
    _, right = Keys(settings.library).create("me", ["ask"])

    async def conversation(client):
        wrong = [
            (await client.get("/v1/status", headers={"Authorization": f"Bearer fn-{n}"})).status_code for n in range(5)
        ]
        return wrong, (await client.get("/v1/status", headers={"Authorization": f"Bearer {right}"})).status_code

    assert talk(create_app(settings, limits=SMALL), conversation) == ([401, 401, 401, 429, 429], 200)


@pytest.mark.slow
def test_no_address_in_a_request_is_ever_fetched(app):
    called = threading.Event()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/latest/meta-data"

        def answer():
            try:
                listener.accept()
                called.set()
            except OSError:
                pass

        threading.Thread(target=answer, daemon=True).start()
        picture = {"type": "image_url", "image_url": {"url": url}}

        async def conversation(client):
            await client.post(
                "/v1/ask", json={"question": f"{url} 望江区", "source": url, "history": [{"question": url}]}
            )
            await client.post("/v1/verify", json={"answer": f"{url}[1]", "sources": [{"text": url, "name": url}]})
            await client.post("/v1/search", json={"question": url})
            await client.get(f"/v1/documents/{url}")
            body = {"model": url, "messages": [{"role": "user", "content": [picture]}], "base_url": url}
            assert (await client.post("/v1/chat/completions", json=body)).status_code == 400
            page = f"[a]({url}) ![b]({url})\n\n<img src='{url}'>\n"
            response = await client.post("/v1/documents", files=[("files", ("a.md", page.encode()))])
            await job_done(client, response.json()["job"]["id"])

        talk(app, conversation)
    assert not called.is_set()


def test_only_a_site_that_is_named_may_call_from_its_pages(settings):
    app = create_app(settings, origins=["https://good.example"])
    asks = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}

    async def conversation(client):
        found = []
        for site in ("https://good.example", "https://evil.example"):
            preflight = await client.options("/v1/ask", headers={"Origin": site, **asks})
            asked = await client.post("/v1/ask", json={"question": QUESTION}, headers={"Origin": site})
            allowed = asked.headers.get("access-control-allow-origin")
            found.append((preflight.status_code, asked.status_code, allowed))
        return found

    assert talk(app, conversation) == [(200, 200, "https://good.example"), (400, 403, None)]
