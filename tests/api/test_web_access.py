"""The page for everybody: phones, keyboards, screen readers, both languages, both schemes."""

import pytest

from tests.support.browser import EVIL_QUESTION, PARAGRAPH, QUESTION, QUOTE, UNKNOWN, ask, opened, wait_for_count

pytestmark = pytest.mark.slow

PHONE = {"viewport": {"width": 375, "height": 720}, "has_touch": True, "is_mobile": True}
WIDTHS = "Array.from(document.querySelectorAll('html, dialog[open], .card'), (e) => e.scrollWidth)"

CONTRASTS = """() => {
    const channel = (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
    const colour = (text) => text.match(/[\\d.]+/g).map(Number);
    const background = (element) => {
        for (let at = element; at; at = at.parentElement) {
            const found = colour(getComputedStyle(at).backgroundColor);
            if (found[3] !== 0) return found;
        }
    };
    const low = [];
    const seen = new Set();
    for (const element of document.querySelectorAll("body *")) {
        const words = Array.from(element.childNodes).some((n) => n.nodeType === 3 && n.data.trim());
        if (!(words || element.placeholder) || !element.checkVisibility()) continue;
        const hint = element.placeholder ? "::placeholder" : null;
        const pair = [colour(getComputedStyle(element, hint).color), background(element)];
        const [a, b] = pair.map(luminance).sort((x, y) => y - x);
        seen.add(String(pair));
        if ((a + 0.05) / (b + 0.05) < 4.5) low.push([element.className || element.tagName, String(pair)]);
    }
    return { low, pairs: seen.size };
}"""


def all_views(page):
    """Every state of the page in turn, as names."""
    yield "welcome"
    ask(page, EVIL_QUESTION).locator(".looked summary").click()
    yield "answer"
    page.locator(".mark").first.click()
    page.locator(".card").wait_for()
    yield "card"
    page.locator(".card a").click()
    page.locator("#source .cited").wait_for()
    yield "source"
    page.click("#source-close")
    page.locator("#source").wait_for(state="hidden")
    ask(page, UNKNOWN)
    yield "refusal"
    page.route("**/v1/ask", lambda route: route.abort())
    ask(page, QUESTION)
    yield "failure"
    page.click("#to-library")
    page.locator("#documents .acts button:last-child").first.click()
    yield "library"
    page.keyboard.press("Escape")
    page.click("#to-conversations")
    page.locator("#talks li").first.wait_for()
    yield "conversations"
    page.click("#to-settings")
    page.locator("#about span").wait_for()
    yield "settings"
    page.click("#to-ask")
    page.click("#scope-open")
    yield "scope"
    page.goto(f"{page.url.partition('#')[0]}docs")
    yield "docs"


def test_nothing_is_wider_than_a_phone(browser, site):
    with opened(browser, site, **PHONE) as page:
        for view in all_views(page):
            assert max(page.evaluate(WIDTHS)) <= 375, view


def test_a_tap_shows_the_paragraph_at_the_bottom(browser, site):
    with opened(browser, site, **PHONE) as page:
        ask(page, QUESTION).locator(".sentence").tap(position={"x": 20, "y": 10})
        card = page.locator(".card")
        assert card.locator("mark").inner_text() == QUOTE
        box = card.bounding_box()
        assert (box["x"], box["width"], round(box["y"] + box["height"])) == (0, 375, 720)
        card.get_by_role("button", name="关闭").tap()
        wait_for_count(card, 0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_their_ground(browser, site, scheme):
    with opened(browser, site, color_scheme=scheme) as page:
        for view in all_views(page):
            found = page.evaluate(CONTRASTS)
            assert found["low"] == [], view
            assert found["pairs"] >= 3


def test_every_verdict_stands_out_in_both_schemes(browser, site):
    for scheme in ("light", "dark"):
        with opened(browser, site, color_scheme=scheme) as page:
            page.evaluate("""async () => {
                const { verdict, VERDICT_SIGNS } = await import("/web/card.js");
                for (const at of document.querySelectorAll("#turns, #confirm, .composer"))
                    at.append(...Object.keys(VERDICT_SIGNS).map((name) => verdict(name)));
                document.querySelector("#confirm").showModal();
            }""")
            assert page.evaluate(CONTRASTS)["low"] == []


CONTROLS = ("button", "link", "textbox", "combobox", "dialog", "progressbar", "navigation", "DisclosureTriangle")


def test_every_control_has_a_name(browser, site):
    with opened(browser, site) as page:
        session = page.context.new_cdp_session(page)
        for view in all_views(page):
            nodes = session.send("Accessibility.getFullAXTree")["nodes"]
            controls = [node for node in nodes if not node["ignored"] and node["role"]["value"] in CONTROLS]
            unnamed = [node["role"]["value"] for node in controls if not node.get("name", {}).get("value", "").strip()]
            assert unnamed == [], view
            assert len(controls) >= 2, view


def test_the_whole_way_by_keyboard_alone(page):
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    page.locator(".turn:not([aria-busy])").wait_for()
    assert page.evaluate("document.activeElement.id") == "question"
    until(page, "Shift+Tab", "document.activeElement.matches('.mark')")
    assert page.locator(".card .passage").inner_text() == PARAGRAPH  # focus shows it
    assert page.locator(".mark").get_attribute("aria-describedby") == page.locator(".card .passage").get_attribute("id")
    outline = page.evaluate("getComputedStyle(document.activeElement).outline")
    assert "solid 2px" in outline
    until(page, "Tab", "document.activeElement.matches('.card a')")
    page.keyboard.press("Enter")
    page.locator("#source .cited").wait_for()
    assert page.evaluate("document.activeElement.closest('#source') !== null")
    page.keyboard.press("Escape")
    page.locator("#source").wait_for(state="hidden")
    assert page.evaluate("document.activeElement.matches('.card a, .mark')")
    page.keyboard.press("Escape")
    page.locator(".card").wait_for(state="detached")
    assert page.evaluate("document.activeElement.matches('.mark')")


def until(page, key, condition):
    for _ in range(20):
        page.keyboard.press(key)
        if page.evaluate(condition):
            return
    raise AssertionError(condition)


def test_enter_that_chooses_a_character_does_not_send(page):
    page.fill("#question", "望江区")
    page.evaluate("""document.querySelector("#question").dispatchEvent(
        new KeyboardEvent("keydown", { key: "Enter", isComposing: true, bubbles: true, cancelable: true }))""")
    page.keyboard.press("Shift+Enter")
    wait_for_count(page.locator(".turn"), 0)
    assert page.input_value("#question").startswith("望江区")


def test_a_screen_reader_hears_the_answer(page):
    ask(page, QUESTION)
    page.locator("#said", has_text="原文 1 句").wait_for()
    assert QUOTE in page.locator("#said").inner_text()
    assert page.locator("#said").get_attribute("aria-live") == "polite"


def test_the_interface_speaks_the_browsers_language_until_one_is_chosen(browser, site):
    with opened(browser, site, locale="en-GB") as page:
        assert page.locator("#welcome h1").inner_text() == "Ask your documents"
        turn = ask(page, QUESTION)
        assert turn.locator(".footnotes .verdict").inner_text().endswith("quoted word for word")
        page.click("#language")
        assert page.evaluate("document.documentElement.lang") == "zh-Hans"
        assert turn.locator(".footnotes .verdict").inner_text().endswith("原文")
        assert "脚注 1，原文" in turn.locator(".mark").get_attribute("aria-label")
        assert page.get_attribute("#question", "placeholder") == "继续追问"
        page.reload()
        assert page.locator("#welcome h1").inner_text() == "向文档提问"


def test_who_prefers_no_motion_sees_none(browser, site):
    for preference, moves in (("reduce", False), ("no-preference", True)):
        with opened(browser, site, reduced_motion=preference) as page:
            ask(page, QUESTION).locator(".mark").click()
            animation = page.locator(".card").evaluate("e => getComputedStyle(e).animationName")
            assert (animation != "none") == moves


@pytest.mark.parametrize("look", [{}, {"color_scheme": "dark"}, PHONE], ids=["light", "dark", "phone"])
def test_axe_finds_nothing(browser, site, look):
    """Every rule of axe-core, in every state of the page."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-playwright-python").Axe()
    with opened(browser, site, **look) as page:
        for view in all_views(page):
            found = axe.run(page).response["violations"]
            assert [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found] == [], view
