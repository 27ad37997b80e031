"""Pictures of the page in its states, both languages and schemes: `python benchmarks/screenshots.py OUT [--only NAME]`.

They are for eyes: look at every one before a change of the page is called done. Needs Debian's chromium and playwright.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.support.browser import ask, chromium, opened  # noqa: E402
from tests.support.scripted import Server, events, refused, stream  # noqa: E402
from tests.support.serving import server  # noqa: E402

Page = Any  # playwright's, which is there only to look at the page
DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 860}}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
LOOKS: dict[str, dict[str, Any]] = {
    "zh": {**DESK, "locale": "zh-CN"},
    "en-dark": {**DESK, "locale": "en-GB", "color_scheme": "dark"},
    "zh-phone": {**PHONE, "locale": "zh-CN"},
    "en-phone-dark": {**PHONE, "locale": "en-GB", "color_scheme": "dark"},
}
QUESTION = "望江区建成了多少间中试车间？"
ENGLISH = "How much was spent on rebuilding the old wharf workshops in Wangjiang?"
BROAD = "各区在2024年有哪些进展？"
UNKNOWN = "松岭区引进了多少名博士？"


@contextmanager
def application(*, documents: int = 0, reports: bool = True, **settings: object) -> Iterator[str]:
    """The address of the page over the example reports and so many small documents more."""
    from api.http.app import create_app
    from rag import Assistant, Settings

    with tempfile.TemporaryDirectory() as folder:
        chosen = Settings.model_validate({"library": Path(folder) / "library", **settings})
        files = Path(folder) / "公文"
        files.mkdir()
        for n in range(documents):
            place = files / f"{2015 + n % 10}"
            place.mkdir(exist_ok=True)
            (place / f"第{n + 1}号通知.txt").write_text(
                f"关于第{n + 1}项工作的通知\n\n第{n + 1}项工作应在{n % 12 + 1}月完成。\n"
            )
        with Assistant.open(settings=chosen) as assistant:
            assistant.add([*([ROOT / "examples"] if reports else []), files])
        with server(create_app(chosen)) as address:
            yield address


def first_visit(page: Page) -> None:
    page.locator("#suggestions li").first.wait_for()


def empty(page: Page) -> None:
    page.locator("#status span").wait_for()


def asking(page: Page) -> None:
    page.route("**/v1/ask", lambda route: None)
    page.fill("#question", QUESTION)
    page.press("#question", "Enter")
    page.locator(".progress").wait_for()


def answer(page: Page) -> None:
    ask(page, QUESTION)


def card(page: Page) -> None:
    ask(page, ENGLISH).locator(".mark").first.click()
    page.locator(".card").wait_for()


def refusal(page: Page) -> None:
    ask(page, UNKNOWN)


def library(page: Page) -> None:
    page.click("#to-library")
    page.locator("#documents li").first.wait_for()


def upload(page: Page) -> None:
    page.click("#to-library")
    files = [
        ("新桥.txt", "新桥镇\n\n新桥镇修建公园7座。\n"),
        ("空.txt", ""),
        ("程序.exe", "MZ"),
        ("会议纪要.md", "# 纪要\n\n三月开会两次。\n"),
    ]
    page.set_input_files("#files", [{"name": n, "mimeType": "text/plain", "buffer": t.encode()} for n, t in files])
    page.locator(".job .buttons").wait_for()


def scope(page: Page) -> None:
    page.click("#scope-open")


def settings(page: Page) -> None:
    page.click("#to-settings")
    page.locator("#about span").wait_for()


def source(page: Page) -> None:
    ask(page, QUESTION).locator(".mark").first.click()
    page.locator(".card a").click()
    page.locator("#source .cited").wait_for()


def pdf(page: Page) -> None:
    """A page that the browser prints, uploaded, asked, and shown with the quotation marked."""
    printer = page.context.browser.new_page()
    printer.set_content("<h1>新桥镇年报</h1><p>2024年新桥镇修建公园7座，种植树木2300棵。</p>")
    file = {"name": "新桥镇年报.pdf", "mimeType": "application/pdf", "buffer": printer.pdf()}
    printer.close()
    page.click("#to-library")
    page.set_input_files("#files", [file])
    page.locator(".job .button").click()
    ask(page, "新桥镇修建公园多少座？").locator(".mark").first.click()
    page.locator(".card a").click()
    page.locator("#source img[src]").wait_for()


def api(page: Page) -> None:
    page.goto(page.url.split("#")[0] + "docs")


def conversations(page: Page) -> None:
    for question in (QUESTION, ENGLISH, UNKNOWN):
        page.goto(page.url.split("#")[0] + "#/")
        ask(page, question)
    page.click("#to-conversations")
    page.locator("#talks li").nth(2).wait_for()


def offline(page: Page) -> None:
    page.route("**/v1/ask", lambda route: route.abort())
    ask(page, QUESTION)


def written(page: Page) -> None:
    ask(page, BROAD)


def cited(body: dict[str, Any]) -> tuple[int, dict[str, str], list[str]]:
    """A reply that takes one sentence of each of ten sources, some of them not as they are."""
    sources = body["messages"][-1]["content"] if body["messages"] else ""
    said = []
    for n in range(1, 11):
        found = re.search(rf"\[{n}\](.*?)(?=\[{n + 1}\]|$)", sources, re.DOTALL)
        sentence = next((s for s in re.split(r"(?<=。)", found[1] if found else "") if re.search(r"\d", s)), "")
        words = sentence.strip().splitlines()[-1].rstrip("。") if sentence.strip() else "另有若干进展"
        said.append(f"{words.replace('1', '7') if n % 4 == 0 else words}[{n}]。")
    return stream(*events("".join(said)))


PLAIN: dict[str, Callable[[Page], None]] = {
    "first": first_visit,
    "asking": asking,
    "answer": answer,
    "card": card,
    "refusal": refusal,
    "source": source,
    "pdf": pdf,
    "api": api,
    "conversations": conversations,
    "offline": offline,
    "scope": scope,
    "settings": settings,
}


def shoot(browser: Page, address: str, out: Path, looks: list[str], states: dict[str, Callable[[Page], None]]) -> None:
    for look in looks:
        for name, go in states.items():
            with opened(browser, address, **LOOKS[look]) as page:
                page.set_default_timeout(60_000)
                go(page)
                page.wait_for_timeout(250)
                page.screenshot(path=out / f"{name}.{look}.png")
                print(out / f"{name}.{look}.png")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--only", action="append", help="names of states")
    parser.add_argument("--look", action="append", choices=list(LOOKS))
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    looks = chosen.look or list(LOOKS)

    def pick(states: dict[str, Callable[[Page], None]]) -> dict[str, Callable[[Page], None]]:
        return {name: go for name, go in states.items() if not chosen.only or name in chosen.only}

    with chromium() as browser:
        if states := pick(PLAIN):
            with application() as address:
                shoot(browser, address, chosen.out, looks, states)
        if states := pick({"library": library, "upload": upload}):
            with application(documents=200) as address:
                shoot(browser, address, chosen.out, looks, states)
        with closing(Server()) as model:
            for name, reply in (("ten-footnotes", cited), ("endpoint-down", refused("overloaded", 500))):
                if states := pick({name: written}):
                    model.replies = [reply]
                    with application(model="scripted", base_url=model.url, k=10, retries=0) as address:
                        shoot(browser, address, chosen.out, looks, states)
        if states := pick({"empty": empty}):
            with application(reports=False) as address:
                shoot(browser, address, chosen.out, looks, states)


if __name__ == "__main__":
    main()
