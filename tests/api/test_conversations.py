"""Conversations that the server keeps for a key."""

import pytest

import api.http.conversations
from api.cli.main import main
from api.http.app import create_app
from api.http.keys import Keys
from tests.support.browser import ask, opened, wait_for_count
from tests.support.serving import QUESTION, server, talk

OWN = {"id": "a", "title": "Ferries", "used": 5}
TURN = {"conversation": "a", "at": 7, "question": "How many?", "answer": None}


@pytest.fixture
def key(settings):
    return Keys(settings.library).create("one", ["ask", "keep"])[1]


def told(settings, key, conversation):
    return talk(create_app(settings), conversation, **({"Authorization": f"Bearer {key}"} if key else {}))


def kept(settings, key):
    return told(settings, key, lambda client: client.get("/v1/conversations")).json()["conversations"]


async def _keep(client, **body):
    return await client.put("/v1/conversations/a", json=body)


def test_they_are_kept_read_and_forgotten(settings, key):
    async def conversation(client):
        statuses = [(await _keep(client, turn=TURN)).status_code]  # of a conversation that is not there
        statuses.append((await _keep(client, conversation=OWN, turn=TURN)).status_code)
        for turn in ({**TURN, "answer": {"text": "Six."}}, {**TURN, "at": 6}):
            statuses.append((await _keep(client, turn=turn)).status_code)
        whole = (await client.get("/v1/conversations/a")).json()
        statuses.append((await client.delete("/v1/conversations/a?at=6")).status_code)
        statuses.append((await client.delete("/v1/conversations/a?at=6")).status_code)
        shorter = (await client.get("/v1/conversations/a")).json()
        return statuses, whole, shorter

    statuses, whole, shorter = told(settings, key, conversation)
    assert statuses == [404, 204, 204, 204, 204, 404]
    assert whole["conversation"] == OWN
    assert [turn["at"] for turn in whole["turns"]] == [6, 7]
    assert shorter["turns"] == [{**TURN, "answer": {"text": "Six."}}]
    assert kept(settings, key) == [OWN]
    assert told(settings, key, lambda client: client.delete("/v1/conversations/a")).status_code == 204
    assert kept(settings, key) == []
    assert told(settings, key, lambda client: client.get("/v1/conversations/a")).status_code == 404
    assert (settings.library / "conversations.sqlite").stat().st_mode & 0o077 == 0


def test_a_key_sees_its_own_and_one_without_the_scope_none(settings, key):
    keys = Keys(settings.library)
    other, reader = (keys.create("other", scopes)[1] for scopes in (["ask", "keep"], ["ask"]))
    assert told(settings, key, lambda client: _keep(client, conversation=OWN)).status_code == 204
    assert (kept(settings, other), kept(settings, key)) == ([], [OWN])
    refused = told(settings, reader, lambda client: client.get("/v1/conversations"))
    assert (refused.status_code, "--scope keep" in refused.json()["error"]["message"]) == (403, True)
    statuses = [told(settings, one, lambda client: client.get("/v1/status")).json()["keep"] for one in (key, reader)]
    assert statuses == [True, False]


def test_without_keys_nothing_is_kept(settings):
    refused = told(settings, None, lambda client: _keep(client, conversation=OWN))
    assert (refused.status_code, refused.json()["error"]["type"]) == (403, "forbidden")
    assert not told(settings, None, lambda client: client.get("/v1/status")).json()["keep"]
    assert not (settings.library / "conversations.sqlite").exists()


def test_they_go_with_the_key(settings, key):
    keys = Keys(settings.library)
    other = keys.create("other", ["ask", "keep"])[1]
    for one in (key, other):
        assert told(settings, one, lambda client: _keep(client, conversation=OWN)).status_code == 204
    with pytest.raises(SystemExit, match="0"):
        main(["keys", "revoke", key.split("-")[1], "--library", str(settings.library)])
    shelves = [api.http.conversations.Shelf(settings.library, one.split("-")[1]) for one in (key, other)]
    assert [shelf.read() for shelf in shelves] == [[], [OWN]]


def test_there_is_an_end_to_what_is_kept(settings, key, monkeypatch):
    monkeypatch.setattr(api.http.conversations, "_MOST", 1)
    assert told(settings, key, lambda client: _keep(client, conversation=OWN)).status_code == 204
    assert told(settings, key, lambda client: _keep(client, turn=TURN)).status_code == 413


@pytest.mark.slow
def test_the_page_shows_them_in_another_browser_with_the_same_key(browser, settings, key):
    def enter(page):
        page.fill("#key-value", key)
        page.keyboard.press("Enter")
        page.locator("#status", has_text="1 份文档").wait_for()

    with server(create_app(settings)) as address:
        with opened(browser, address) as page:
            enter(page)
            with page.expect_response(lambda one: one.request.method == "PUT" and "citations" in one.request.post_data):
                ask(page, QUESTION)
            page.reload()
            page.locator(".turn .mark").wait_for()
        with opened(browser, address) as page:
            enter(page)
            page.click("#to-conversations")
            page.locator("#kept", has_text="由服务器保存").wait_for()
            page.click("#talks a")
            page.locator(".turn .mark").wait_for()
            page.click("#to-conversations")
            page.click("#forget")
            page.click("#confirm-yes")
            wait_for_count(page.locator("#talks li"), 0)
    shelf = api.http.conversations.Shelf(settings.library, key.split("-")[1])
    assert shelf.read() == []
