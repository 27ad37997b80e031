"""Conversations in a real browser: kept, listed, renamed, exported, deleted."""

import pytest

from tests.support.browser import QUESTION, QUOTE, UNKNOWN, ask, opened, wait_for_count

pytestmark = pytest.mark.slow


def titles(page):
    page.click("#to-conversations")
    page.locator("#kept:not([hidden])").wait_for()
    return page.locator("#talks a").all_inner_texts()


def test_nothing_is_lost_by_leaving_the_page(page, site):
    sent = []
    ask(page, QUESTION)
    ask(page, UNKNOWN)
    page.fill("#question", "写了一半")
    page.reload()
    page.locator(".turn").nth(1).wait_for()
    assert page.locator(".turn .prose").first.inner_text().replace("\n", "") == f"{QUOTE}1"
    assert page.input_value("#question") == "写了一半"
    page.locator(".turn .mark").click()
    assert page.locator(".card mark").inner_text() == QUOTE
    page.on("request", lambda request: request.url.endswith("/ask") and sent.append(request.post_data_json))
    ask(page, "那松岭区新增光电子企业呢？")
    assert [turn["question"] for turn in sent[0]["history"]] == [QUESTION, UNKNOWN]
    page.goto(f"{site}/#/")
    page.locator("h1", has_text="向文档提问").wait_for()
    assert titles(page) == [QUESTION]
    page.click("#talks a")
    page.locator(".turn").nth(2).wait_for()
    page.click("#to-library")
    page.click("#to-ask")  # back to where one was
    wait_for_count(page.locator(".turn"), 3)


def test_a_question_whose_answer_was_left_can_be_asked_again(page):
    page.route("**/v1/ask", lambda route: None)
    page.fill("#question", QUESTION)
    page.press("#question", "Enter")
    page.locator(".progress").wait_for()
    page.wait_for_function("import('/web/store.js').then(async (store) => (await store.list()).length === 1)")
    page.unroute("**/v1/ask")
    page.reload()
    page.get_by_role("button", name="重试").click()
    page.locator(".mark").wait_for()
    wait_for_count(page.locator(".turn"), 1)
    page.reload()
    page.locator(".mark").wait_for()
    wait_for_count(page.locator(".turn"), 1)


def test_conversations_are_renamed_and_deleted(page, site):
    for question in (QUESTION, UNKNOWN):
        page.goto(f"{site}/#/")
        page.locator(".turn").first.wait_for(state="detached")
        ask(page, question)
    assert titles(page) == [UNKNOWN, QUESTION]
    page.get_by_role("button", name=f"重命名 {QUESTION}").click()
    page.fill("#title-value", "中试车间")
    page.keyboard.press("Enter")
    page.locator("#talks a", has_text="中试车间").last.wait_for()
    page.get_by_role("button", name=f"删除 {UNKNOWN}").click()
    page.keyboard.press("Escape")
    wait_for_count(page.locator("#talks li"), 2)
    page.get_by_role("button", name=f"删除 {UNKNOWN}").click()
    page.click("#confirm-yes")
    page.locator("#talks li").nth(1).wait_for(state="detached")
    page.click("#to-ask")  # it was the one that was open
    wait_for_count(page.locator(".turn"), 0)
    page.reload()
    assert titles(page) == ["中试车间"]
    page.click("#forget")
    page.click("#confirm-yes")
    page.locator("#talks li").wait_for(state="detached")
    assert (
        page.evaluate("""() => new Promise((resolve) => {
        indexedDB.open("footnote").onsuccess = ({ target }) => {
            const turns = target.result.transaction("turns").objectStore("turns");
            turns.getAll().onsuccess = (found) => resolve(found.target.result);
        };
    })""")
        == []
    )


def test_a_conversation_is_exported_with_its_footnotes(page):
    ask(page, QUESTION)
    ask(page, "松岭区新增光电子企业多少家？")
    page.click("#to-conversations")
    with page.expect_download() as download:
        page.get_by_role("button", name=f"将 {QUESTION} 导出").click()
    assert download.value.suggested_filename == "望江区建成了多少间中试车间？.md"
    written = download.value.path().read_text(encoding="utf-8")
    assert written.startswith(f"# {QUESTION}\n\n## {QUESTION}\n\n{QUOTE}[^1]\n")
    assert f"[^1]: report.txt › 望江区: “{QUOTE}” (原文)" in written
    assert "松岭区新增光电子企业52家。[^2]" in written  # numbers go on


def test_nothing_of_a_document_becomes_markup_in_an_export(run):
    turn = {
        "question": "# [x](y)",
        "answer": {
            "answer": "![p](http://e/x.png) <b>`a`</b>[1]\n# no heading",
            "refused": None,
            "sentences": [{"text": "a *b*", "verdict": "contradicted", "problems": ["It says_so_."]}],
            "citations": [
                {
                    "mark": 1,
                    "source": "a_b.txt",
                    "heading": [],
                    "page": 2,
                    "text": "t",
                    "quote": None,
                    "verdict": "partly",
                }
            ],
        },
    }
    written = run("markdown.js", "(m, turn) => m.toMarkdown('T', [turn])", turn)
    assert "## \\# \\[x\\](y)" in written
    assert "!\\[p\\](http://e/x.png) \\<b\\>\\`a\\`\\</b\\>[^1]\n\\# no heading" in written
    assert "“a \\*b\\*”" in written
    assert "[^1]: a\\_b.txt, " in written


def test_a_browser_that_keeps_nothing_still_converses(browser, site):
    with opened(browser, site) as page:
        page.add_init_script("Object.defineProperty(window, 'indexedDB', { get() { throw new Error('no') } })")
        page.reload()
        ask(page, QUESTION)
        wait_for_count(ask(page, UNKNOWN).locator(".reason"), 1)
        page.click("#to-conversations")
        assert "离开页面后对话即消失" in page.locator("#kept").inner_text()
