"""The real application on a real socket, and Debian's chromium to look at it with."""

import shutil
from contextlib import contextmanager

import pytest

CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 30_000
"""Milliseconds that anything may take on a slow machine; nothing waits that long when all is well."""

REPORT = """\
望江区

建设全市首个开放式中试平台。望江区建成中试车间23间，完成验证147项。与三所高校共建联合实验室9个。

松岭区

松岭区新增光电子企业52家。𠮷野实验室𠮷𠮷同年开放，发放补贴3万元。

白鹭区

FILLER白鹭区建成书院19座。
""".replace("FILLER", "各项工作有序推进，群众满意程度持续提高。" * 60)
QUESTION = "望江区建成了多少间中试车间？"
PARAGRAPH = "建设全市首个开放式中试平台。望江区建成中试车间23间，完成验证147项。与三所高校共建联合实验室9个。"
QUOTE = "望江区建成中试车间23间，完成验证147项。"
UNKNOWN = "松岭区引进了多少名博士？"

EVIL = "<img src=x onerror=pwned()>"
EVIL_TEXT = f"青峰区\n\n青峰区修建{EVIL}<script>pwned()</script>步道14公里，耗资0.9亿元。\n\n{'长' * 40}{'x' * 400}\n"
EVIL_QUESTION = "青峰区修建步道多少公里？"


@contextmanager
def chromium():
    """A browser; skips when there is none."""
    if CHROMIUM is None:
        pytest.skip("needs Debian's chromium: apt-get install chromium fonts-noto-cjk")
    sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install playwright")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


def application(folder, **settings):
    """The application over two reports in `folder`, one of them hostile."""
    from api.http.app import create_app
    from rag import Assistant, Settings

    chosen = Settings(library=folder / "library", **settings)
    files = [folder / "report.txt", folder / f"{EVIL}.txt"]
    for file, text in zip(files, (REPORT, EVIL_TEXT), strict=True):
        file.write_text(text, encoding="utf-8")
    with Assistant.open(settings=chosen) as assistant:
        assistant.add(files)
    return create_app(chosen)


@contextmanager
def opened(browser, address, **options):
    """A page of its own context, in Chinese on a desk unless told otherwise; no script of it may fail."""
    options = {"locale": "zh-CN", "viewport": {"width": 1200, "height": 800}, "reduced_motion": "reduce", **options}
    context = browser.new_context(**options)
    context.set_default_timeout(PATIENCE)
    page, faults = context.new_page(), []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
    page.goto(address)
    yield page
    context.close()
    assert not faults, faults


def ask(page, question):
    """Ask, and wait until the answer stands."""
    before = page.locator(".turn:not([aria-busy])").count()
    page.fill("#question", question)
    page.press("#question", "Enter")
    page.locator(".turn:not([aria-busy])").nth(before).wait_for()
    return page.locator(".turn").last


def wait_for_count(locator, count):
    """Wait until it matches `count` elements: `count()` alone does not wait for what a click began."""
    from playwright.sync_api import expect

    expect(locator).to_have_count(count, timeout=PATIENCE)
