"""The page of a cited paragraph as a picture: what is marked on it, and where there is none."""

import struct
import zlib

import numpy as np
import pytest

from api.http.app import create_app
from index.reading import pages
from rag import Assistant, Settings
from tests.support.browser import ask, opened
from tests.support.pdf_by_hand import page_objects, pdf
from tests.support.serving import server, talk

QUESTION = "Where is the record of page 2 kept?"
QUOTE = "The record of page 2 is kept in the cellar."


def content(i):
    lines = (f"Line one of page {i + 1}.", f"The record of page {i + 1} is kept in the cellar.", "It is dry there.")
    shown = "".join(f"BT /F 12 Tf 50 {500 - 40 * n} Td ({line}) Tj ET\n" for n, line in enumerate(lines))
    return shown.encode()


PDF = pdf(page_objects(3, content))


@pytest.fixture
def app(tmp_path):
    settings = Settings(library=tmp_path / "lib")
    (tmp_path / "records.pdf").write_bytes(PDF)
    (tmp_path / "note.txt").write_text("The key hangs behind the door of the cellar.")
    with Assistant.open(settings=settings) as assistant:
        assistant.add([tmp_path / "records.pdf", tmp_path / "note.txt"])
    return create_app(settings)


def pixels(png):
    """Of a PNG file as this package writes them: shape (height, width, 3)."""
    width, height = struct.unpack(">II", png[16:24])
    size = struct.unpack(">I", png[33:37])[0]
    rows = np.frombuffer(zlib.decompress(png[41 : 41 + size]), dtype=np.uint8).reshape(height, width * 3 + 1)
    return rows[:, 1:].reshape(height, width, 3)


def yellow(png):
    """Rows of the picture that hold marked paper, as shares of its height."""
    shown = pixels(png)
    rows = np.flatnonzero(((shown[:, :, 0] == 255) & (shown[:, :, 2] < 140)).any(axis=1))
    return rows / len(shown)


def paragraph(client, source, text):
    async def found():
        listed = (await client.get(f"/v1/documents/{source}")).json()["paragraphs"]
        return next(item for item in listed if text in item["text"])

    return found()


def test_the_quotation_is_marked_where_it_is_on_the_page(app):
    async def work(client):
        item = await paragraph(client, "records.pdf", QUOTE)
        start = item["start"] + item["text"].index(QUOTE)
        address = f"/v1/paragraphs/{item['paragraph_id']}/page.png?start={start}&end={start + len(QUOTE)}"
        return item, await client.get(address), await client.get(address)

    item, response, again = talk(app, work)
    assert item["page"] == 2
    assert response.headers["content-type"] == "image/png"
    assert response.content == again.content
    marked = yellow(response.content)
    assert 0.2 < marked.min() < marked.max() < 0.27  # 460 of 600 points above the foot
    assert pixels(response.content).shape[0] == round(600 * pages.DPI / 72)


def test_where_there_is_no_picture_one_sentence_tells_why(app, tmp_path):
    async def work(client):
        item = await paragraph(client, "records.pdf", QUOTE)
        note = await paragraph(client, "note.txt", "key")
        (tmp_path / "records.pdf").write_bytes(b"other")
        identities = (item["paragraph_id"], note["paragraph_id"], "nothing")
        return [await client.get(f"/v1/paragraphs/{identity}/page.png?start=0&end=9") for identity in identities]

    told = talk(app, work)
    assert [response.status_code for response in told] == [404, 404, 404]
    messages = [response.json()["error"]["message"] for response in told]
    assert "has changed; index it again" in messages[0]
    assert "Only pages of PDF files and images" in messages[1]
    assert "no paragraph 'nothing'" in messages[2]


@pytest.mark.parametrize("text", ["The record of page 3 is kept", "", "not on any page of it at all"])
def test_a_quotation_over_the_end_of_a_page_is_marked_on_the_next(text):
    assert bool(len(yellow(pages.picture(PDF, 2, text)))) == text.startswith("The record")


def test_the_page_shows_it_at_the_cited_paragraph(browser, app):
    with server(app) as address, opened(browser, address, locale="en") as page:
        turn = ask(page, QUESTION)
        turn.locator(".sentence button").first.click()
        page.locator("#card a").click()
        shown = page.locator("#source-body .cited + .picture img")
        shown.wait_for()
        page.wait_for_function("() => document.querySelector('.picture img').naturalWidth > 300")
        assert "Page 2 as it looks" in shown.get_attribute("aria-label")
