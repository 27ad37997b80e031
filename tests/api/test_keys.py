"""Keys: made once, kept as hashes, known at once, revoked at once; what each of them may do."""

import contextlib
import json
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from api.cli import serve as cli_serve
from api.cli.main import main
from api.http.app import create_app
from api.http.auth import scope_of
from api.http.keys import Keys
from index.errors import InputError, LibraryError
from tests.support.serving import QUESTION, talk


@pytest.fixture
def keys(settings):
    return Keys(settings.library)


def bearer(whole):
    return {"Authorization": f"Bearer {whole}"}


ASK = ("POST", "/v1/ask", {"json": {"question": QUESTION}})
UPLOAD = ("POST", "/v1/documents", {"files": [("files", ("a.txt", b"one"))]})


def statuses(app, *requests):
    async def conversation(client):
        return [(await client.request(m, p, headers=h, **more)).status_code for (m, p, more), h in requests]

    return talk(app, conversation)


def test_a_key_is_found_by_itself_alone_and_its_file_does_not_hold_it(keys):
    key, whole = keys.create("ci", ["ask"])
    assert keys.find(whole) == key
    assert keys.find(whole[:-1]) is None
    assert keys.find("") is None
    assert keys.find("\ud800") is None
    file = keys._file
    assert whole.rsplit("-", 1)[1] not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert key.hash not in repr(key)


def test_without_keys_the_door_is_open_and_the_first_key_closes_it(settings, keys):
    app = create_app(settings)

    async def conversation(client):
        before = await client.post("/v1/ask", json={"question": QUESTION})
        _, whole = keys.create("me", ["ask"])
        after = await client.post("/v1/ask", json={"question": QUESTION})
        with_key = await client.post("/v1/ask", json={"question": QUESTION}, headers=bearer(whole))
        return before, after, with_key, (await client.get("/v1/status", headers=bearer(whole))).json()

    before, after, with_key, status = talk(app, conversation)
    assert [r.status_code for r in (before, after, with_key)] == [200, 401, 200]
    assert after.json()["error"]["type"] == "unauthorized"
    assert after.headers["www-authenticate"] == "Bearer"
    assert status["auth"] is True


def test_scopes(settings, keys):
    _, asks = keys.create("reader", ["ask"])
    _, writes = keys.create("writer", ["write"])
    found = statuses(
        create_app(settings),
        (ASK, bearer(asks)),
        (UPLOAD, bearer(asks)),
        (ASK, bearer(writes)),
        (UPLOAD, bearer(writes)),
        (("DELETE", "/v1/documents/report.txt", {}), bearer(asks)),
        (("GET", "/healthz", {}), {}),
        (("GET", "/v1/documents", {}), {}),
        (("GET", "/metrics", {}), {}),
        (("POST", "/mcp", {"json": {}}), {}),
    )
    assert found == [200, 403, 403, 202, 403, 200, 401, 401, 401]


def test_whatever_is_not_named_needs_a_key():
    assert scope_of("GET", "/v1/anything/new") == "ask"
    assert scope_of("PATCH", "/v1/documents/x") == "write"
    assert scope_of("GET", "/web/main.js") is None


def test_a_revoked_key_does_not_open_and_the_door_stays_shut(settings, keys):
    key, whole = keys.create("me", ["ask"])
    app = create_app(settings)

    async def conversation(client):
        before = await client.post("/v1/ask", json={"question": QUESTION}, headers=bearer(whole))
        keys.revoke(key.id)
        after = await client.post("/v1/ask", json={"question": QUESTION}, headers=bearer(whole))
        return [before.status_code, after.status_code, (await client.get("/v1/status")).status_code]

    assert talk(app, conversation) == [200, 401, 401]


def test_keys_that_cannot_be_read_let_nobody_in(settings, keys):
    keys.create("me", ["ask"])
    keys._file.write_text("{", encoding="utf-8")
    with pytest.raises(LibraryError):
        _ = Keys(settings.library).all
    assert statuses(create_app(settings), (ASK, {})) == [503]


def test_a_required_key_is_required_before_any_was_made(settings):
    assert statuses(create_app(settings, require_key=True), (ASK, {}), (("GET", "/readyz", {}), {})) == [401, 200]


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 201])
def test_names_that_cannot_be_used(keys, name):
    with pytest.raises(InputError):
        keys.create(name, ["ask"])


def run(capsys, *arguments):
    try:
        main(arguments)
    except SystemExit as end:
        return end.code or 0, *capsys.readouterr()
    return 0, *capsys.readouterr()


def test_the_command_line_creates_lists_and_revokes(settings, capsys):
    place = ("--library", str(settings.library))
    code, out, _ = run(capsys, "keys", "create", "team", "--scope", "ask", "--scope", "write", "--json", *place)
    made = json.loads(out)
    assert (code, made["scopes"]) == (0, ["ask", "write"])
    assert Keys(settings.library).find(made["key"])
    code, out, _ = run(capsys, "keys", "list", *place)
    assert made["id"] in out
    assert made["key"] not in out
    assert run(capsys, "keys", "revoke", made["id"], *place)[0] == 0
    assert "revoked" in run(capsys, "keys", "list", *place)[1]
    assert Keys(settings.library).find(made["key"]) is None
    assert run(capsys, "keys", "revoke", "nobody", *place)[0] == 2
    assert run(capsys, "keys", "create", "x", "--scope", "all", *place)[0] == 2


@pytest.mark.parametrize("more", [["--host", "0.0.0.0"], ["--host", "::"], ["--allow-host", "docs.example.org"]])
def test_serve_refuses_to_be_reached_by_others_without_a_key(settings, capsys, more):
    code, _, err = run(capsys, "serve", "--port", "0", "--library", str(settings.library), *more)
    assert code == 2
    assert err.count("\n") == 1
    assert "footnote keys create" in err


@pytest.mark.parametrize(
    ("insecure", "revoked", "allowed"), [(True, False, True), (False, False, True), (False, True, False)]
)
def test_it_does_with_a_key_that_holds_or_when_told_to(settings, keys, monkeypatch, insecure, revoked, allowed):
    if not insecure:
        key, _ = keys.create("me", ["ask"])
        if revoked:
            keys.revoke(key.id)
    ran = []
    monkeypatch.setattr("uvicorn.Server.run", lambda self, sockets: ran.append(self.config.app.args))
    options = {"host": "0.0.0.0", "port": 0, "workers": 1, "insecure": insecure, "library": settings.library}
    with contextlib.nullcontext() if allowed else pytest.raises(InputError):
        cli_serve.serve(**options)
    assert [found[1:] for found in ran] == [(None, [], not insecure)] * allowed


def test_a_port_that_is_taken_is_one_sentence(settings, capsys):
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        code, _, err = run(capsys, "serve", "--port", port, "--library", str(settings.library))
    assert code == 2
    assert "choose --host and --port" in err


def test_keys_made_beside_a_revocation_do_not_undo_it(tmp_path):
    old = [Keys(tmp_path).create(f"old {n}", ["ask"])[0].id for n in range(12)]
    with ThreadPoolExecutor(8) as pool:
        revoked = [pool.submit(Keys(tmp_path).revoke, identity) for identity in old]
        made = [pool.submit(Keys(tmp_path).create, f"new {n}", ["ask"]) for n in range(12)]
        for each in (*revoked, *made):
            each.result()
    keys = Keys(tmp_path).all
    assert {key.id for key in keys if key.revoked} == set(old)
    assert len(keys) == 24
