"""The web page in a real browser, over the real application."""

import json
import threading

import pytest

from tests.support.browser import (
    EVIL,
    EVIL_QUESTION,
    PARAGRAPH,
    QUESTION,
    QUOTE,
    UNKNOWN,
    application,
    ask,
    opened,
    wait_for_count,
)
from tests.support.scripted import Server, events, refused, stream

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def endpoint():
    server = Server()
    yield server
    server.close()


@pytest.fixture(scope="module")
def written(browser, tmp_path_factory, endpoint):
    """The address of the page with a model at the scripted endpoint."""
    from tests.support.serving import server

    app = application(tmp_path_factory.mktemp("written"), model="scripted", base_url=endpoint.url, retries=0)
    with server(app) as address:
        yield address


class Gated(list):
    """Chunks of a reply that are sent up to None, and on only once `go` is set."""

    def __init__(self, *chunks):
        super().__init__(chunks)
        self.go = threading.Event()

    def __iter__(self):
        for chunk in super().__iter__():
            if chunk is None:
                self.go.wait(60)
            else:
                yield chunk


def gated(endpoint, before, after):
    """The endpoint's next reply: some text, and the rest when told."""
    head, *rest = events(before, *after)
    reply = Gated(head, rest[0], None, *rest[1:])
    endpoint.replies = [lambda _: (*stream()[:2], reply)]
    endpoint.requests.clear()
    endpoint.left.clear()
    return reply


def test_an_answer_has_footnotes_that_show_their_paragraph(page):
    turn = ask(page, QUESTION)
    assert turn.locator(".prose").inner_text().replace("\n", "") == f"{QUOTE}1"
    mark = turn.locator(".mark")
    assert mark.get_attribute("aria-label") == "脚注 1，原文：report.txt › 望江区"
    mark.hover()
    assert page.locator(".card .passage").inner_text() == PARAGRAPH
    assert page.locator(".card .passage mark").inner_text() == QUOTE
    assert page.locator(".card .verdict").inner_text().split() == ["❝", "原文"]
    page.mouse.move(5, 500)
    page.locator(".card").wait_for(state="detached")
    assert turn.locator(".footnotes .passage").inner_text() == QUOTE
    turn.locator(".looked summary").click()
    assert PARAGRAPH in turn.locator(".looked li").first.inner_text()


def test_in_a_long_paragraph_the_marked_words_are_in_view(page):
    ask(page, "白鹭区建成了多少座书院？").locator(".mark").click()
    card, marked = (page.locator(place).bounding_box() for place in (".card", ".card mark"))
    assert card["height"] < 500
    assert card["y"] < marked["y"] < marked["y"] + marked["height"] < card["y"] + card["height"]


def test_the_source_opens_at_the_cited_paragraph(page):
    ask(page, QUESTION).locator(".mark").click()
    page.locator(".card").get_by_text("打开原文").click()
    cited = page.locator("#source .cited")
    assert cited.inner_text() == PARAGRAPH
    assert cited.locator("mark").inner_text() == QUOTE
    assert page.locator("#source h3").all_inner_texts() == ["望江区", "松岭区", "白鹭区"]
    assert cited.evaluate("e => e === document.activeElement")
    page.keyboard.press("Escape")
    page.locator("#source").wait_for(state="hidden")
    page.wait_for_url("**/#/c/*")
    page.go_forward()  # an address of its own
    assert page.locator("#source .cited mark").inner_text() == QUOTE


def test_offsets_count_characters_beyond_the_basic_plane(page):
    ask(page, "𠮷野实验室发放了多少补贴？").locator(".mark").click()
    assert page.locator(".card mark").inner_text() == "𠮷野实验室𠮷𠮷同年开放，发放补贴3万元。"
    page.locator(".card a").click()
    assert page.locator("#source .cited mark").inner_text() == "𠮷野实验室𠮷𠮷同年开放，发放补贴3万元。"


def test_a_streamed_answer_is_checked_sentence_by_sentence(browser, written, endpoint):
    reply = gated(endpoint, "望江区建成中试车间23间[1]。望江区完成验", ["证", "189项[1]。"])
    with opened(browser, written) as page:
        page.fill("#question", QUESTION)
        page.click("#send")
        turn = page.locator(".turn")
        turn.locator(".sentence[data-verdict=quoted] .mark").wait_for()
        assert turn.locator(".raw").inner_text() == "望江区完成验"
        assert turn.get_attribute("aria-busy") == "true"
        page.locator("#stop").wait_for()
        reply.go.set()
        page.locator(".turn:not([aria-busy])").wait_for()
        assert turn.locator(".sentence .verdict").inner_text().split() == ["≠", "与原文矛盾"]
        assert "所引段落写的是“147项”，不是“189项”" in turn.locator(".problems").inner_text()
        assert turn.locator(".byline .verdict").all_inner_texts() == ["❝\n原文\n1 句", "≠\n与原文矛盾\n1 句"]
        assert "scripted" in turn.locator(".byline").inner_text()
        turn.locator(".mark").last.click()
        wait_for_count(page.locator(".card mark"), 0)  # nothing in the paragraph supports it
        page.click("#language")
        assert "The cited paragraph says 147项, not 189项" in turn.locator(".problems").inner_text()


def test_stop_ends_the_answer_and_the_model(browser, written, endpoint):
    reply = gated(endpoint, "望江区建成中试车间23间[1]。另", ["外"] * 20_000)  # longer than sockets hold by themselves
    with opened(browser, written) as page:
        page.fill("#question", QUESTION)
        page.click("#send")
        page.locator(".raw", has_text="另").wait_for()
        page.click("#stop")
        assert "已停止" in page.locator(".turn .notice").inner_text()
        page.locator("#send").wait_for()
        reply.go.set()
        assert endpoint.left.wait(30)
        endpoint.replies = [stream(*events("望江区建成中试车间23间[1]。"))]
        assert ask(page, QUESTION).locator(".prose").inner_text().replace("\n", "") == "望江区建成中试车间23间1。"


@pytest.mark.parametrize("reply", [refused("overloaded", 500), stream(*events("完全是编的，共有999座火箭[1]。"))])
def test_a_failing_model_is_said_and_the_documents_speak(browser, written, endpoint, reply):
    endpoint.replies = [reply]
    with opened(browser, written) as page:
        turn = ask(page, QUESTION)
        assert "以下改为直接摘录原文" in turn.locator(".notes").inner_text()
        assert QUOTE in turn.locator(".prose").inner_text()
        assert "摘自原文" in turn.locator(".byline").inner_text()


def test_an_answer_is_copied_with_its_footnotes(page):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    turn = ask(page, QUESTION)
    turn.get_by_role("button", name="复制").click()
    turn.get_by_role("button", name="已复制").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == f"{QUOTE}[1]\n\n[1] report.txt › 望江区"


def test_a_refusal_is_plain(page):
    turn = ask(page, UNKNOWN)
    assert turn.locator(".prose").inner_text() == "文档中没有说明。"
    assert "没有回答这个问题" in turn.locator(".reason").inner_text()
    wait_for_count(turn.locator(".mark, .verdict"), 0)
    assert "把握" in turn.locator(".reason").inner_text()
    first = turn.locator(".looked li").first
    assert first.locator("mark").first.inner_text() == "松岭区"
    assert "引进了多少名博士" in first.locator(".lacks").inner_text()


def test_a_quotation_in_another_language_is_said_to_be_one(browser, site):
    with opened(browser, site, locale="en-GB") as page:
        turn = ask(page, "How many trial workshops were built in Wangjiang district?")
        assert "The documents say it in Chinese" in turn.locator(".notes").inner_text()
        assert "Evidence that this answers the question" in turn.locator(".byline").inner_text()
        wait_for_count(ask(page, QUESTION).locator(".notes"), 0)


def test_follow_ups_send_the_history_until_a_new_conversation(page):
    sent = []
    page.on("request", lambda request: request.url.endswith("/ask") and sent.append(json.loads(request.post_data)))
    ask(page, "望江区新增了多少家企业？")
    turn = ask(page, QUESTION)
    wait_for_count(turn.locator(".mark"), 1)
    turn = ask(page, "那松岭区新增光电子企业呢？")
    assert [len(body["history"]) for body in sent] == [0, 1, 2]
    assert sent[2]["history"][1]["question"] == QUESTION
    assert len(sent[2]["history"][1]["cited"]) == 1
    page.click("#anew")
    wait_for_count(page.locator(".turn"), 0)
    page.locator("h1", has_text="向文档提问").wait_for()
    ask(page, QUESTION)
    assert sent[3]["history"] == []


def test_one_document_can_be_asked_alone(page):
    def look_in(label, *, on):
        page.click("#scope-open")
        page.locator("#scope-list label", has_text=label).locator("input").set_checked(on)
        page.click("#scope-close")

    look_in("report.txt", on=True)
    assert page.locator("#scope-open").inner_text() == "在 report.txt 中查找"
    wait_for_count(ask(page, EVIL_QUESTION).locator(".reason"), 1)
    page.reload()  # a conversation keeps where it looks
    page.locator("#scope-open", has_text="report.txt").wait_for()
    look_in(EVIL, on=True)
    assert page.locator("#scope-open").inner_text() == "在选定的 2 处查找"
    look_in("report.txt", on=False)
    assert "14公里" in ask(page, EVIL_QUESTION).locator(".prose").inner_text()


def test_suggested_questions_are_asked_with_a_click(page):
    page.locator("#suggestions button").first.click()
    page.locator(".turn:not([aria-busy]) .mark").first.wait_for()
    page.locator("#suggestions").wait_for(state="hidden")


def test_a_thumb_is_kept_and_taken_back(page):
    sent = []
    page.on("request", lambda r: r.url.endswith("/feedback") and sent.append(json.loads(r.post_data)))
    turn = ask(page, QUESTION)
    good = turn.get_by_role("button", name="对", exact=True)
    good.click()
    turn.locator(".thumbs", has_text="已记入评测集").wait_for()
    assert good.get_attribute("aria-pressed") == "true"
    page.reload()
    again = page.get_by_role("button", name="对", exact=True)
    assert again.get_attribute("aria-pressed") == "true"
    again.click()
    page.locator(".thumbs", has_text="答得对吗").wait_for()
    assert [body["good"] for body in sent] == [True, None]
    assert sent[0]["quotes"][0]["text"] == QUOTE


ANSWERED = 'event: text\ndata: {"text": "半句"}\n\n'
FAILURES = {
    "offline": (None, "无法连接服务器"),
    "429": ((429, "rate_limited"), "请求过多"),
    "413": ((413, "too_large"), "超过服务器的上限"),
    "503": ((503, "unavailable"), "服务器繁忙"),
    "502": ((502, "endpoint"), "无法连接语言模型"),
    "no json": ((500, None), "服务器出错"),
    "cut": (ANSWERED, "连接中断"),
    "error event": (f'{ANSWERED}event: error\ndata: {{"type": "endpoint", "message": "m"}}\n\n', "无法连接语言模型"),
}


@pytest.mark.parametrize("case", FAILURES)
def test_each_failure_is_one_sentence_and_can_be_tried_again(page, case):
    told, sentence = FAILURES[case]

    def fail(route):
        if told is None:
            route.abort()
        elif isinstance(told, str):
            route.fulfill(status=200, content_type="text/event-stream; charset=utf-8", body=told)
        else:
            status, kind = told
            body = json.dumps({"error": {"type": kind, "message": "Detail."}}) if kind else "<h1>oops"
            route.fulfill(status=status, body=body)

    page.route("**/v1/ask", fail)
    turn = ask(page, QUESTION)
    assert sentence in turn.locator("[role=alert] p").first.inner_text()
    page.unroute("**/v1/ask")
    page.get_by_role("button", name="重试").click()
    page.locator(".mark").wait_for()
    wait_for_count(page.locator(".turn"), 1)


def test_nothing_of_a_document_becomes_markup(page):
    page.evaluate("() => { window.pwned = () => { window.ruined = true } }")
    turn = ask(page, EVIL_QUESTION)
    turn.locator(".mark").click()
    assert EVIL in page.locator(".card .passage").inner_text()
    assert EVIL in page.locator(".card .place").inner_text()
    page.locator(".card a").click()
    assert "<script>pwned()</script>" in page.locator("#source .cited").inner_text()
    assert EVIL in page.locator("#source-title").inner_text()
    page.keyboard.press("Escape")
    turn.locator(".looked summary").click()
    page.click("#to-library")
    page.locator("#documents a", has_text=EVIL).wait_for()
    wait_for_count(page.locator("img, main script, dialog script"), 0)
    assert page.evaluate("window.ruined") is None
