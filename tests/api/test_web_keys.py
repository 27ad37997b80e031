"""A server that wants a key, in a real browser."""

import pytest

from tests.support.browser import opened, wait_for_count
from tests.support.serving import library, server

pytestmark = pytest.mark.slow


def enter(page, key):
    page.locator("#key[open]").wait_for()
    page.fill("#key-value", key)
    page.keyboard.press("Enter")


def test_the_page_asks_for_a_key_and_keeps_it_for_the_tab(browser, tmp_path):
    from api.http.app import create_app
    from api.http.keys import Keys

    settings = library(tmp_path)
    _, key = Keys(settings.library).create("reader", ["ask"])
    with server(create_app(settings)) as address, opened(browser, address) as page:
        assert "此文档库需要密钥" in page.locator("#key").inner_text()
        enter(page, "wrong")
        page.locator("#key-why", has_text="密钥未被接受").wait_for()
        enter(page, "密钥")  # no header can carry it
        page.locator("#key[open]").wait_for()
        enter(page, f" {key} ")
        page.locator("#status", has_text="1 份文档").wait_for()
        assert page.evaluate("Object.values(sessionStorage)") == [key]
        assert key not in str(page.evaluate("[Object.values(localStorage), document.cookie, location.href]"))
        page.reload()
        page.locator("#status", has_text="1 份文档").wait_for()
        wait_for_count(page.locator("#key[open]"), 0)
        page.click("#to-library")
        page.locator("#documents li").wait_for()
        wait_for_count(page.locator("#drop, #documents .acts").locator("visible=true"), 0)  # it may only ask
        page.set_input_files("#files", [{"name": "a.txt", "mimeType": "text/plain", "buffer": b"a b c"}])
        page.locator("#library-error", has_text="没有此项权限").wait_for()


def test_who_has_no_key_is_told_what_is_missing(browser, tmp_path):
    from api.http.app import create_app

    with server(create_app(library(tmp_path), require_key=True)) as address, opened(browser, address) as page:
        page.locator("#key[open]").wait_for()
        page.keyboard.press("Escape")
        page.locator("#status", has_text="需要密钥才能继续").wait_for()
