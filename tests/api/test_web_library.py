"""The library view in a real browser: adding, removing, opening."""

import pytest

from tests.support.browser import ask, opened, wait_for_count
from tests.support.serving import library, server

pytestmark = pytest.mark.slow

NEW = "新桥镇\n\n新桥镇修建公园7座，种植𠮷树2300棵。\n"


@pytest.fixture(scope="module")
def address(browser, tmp_path_factory):
    """The page over a library of its own, that may be changed."""
    from api.http.app import create_app

    with server(create_app(library(tmp_path_factory.mktemp("changing")))) as address:
        yield f"{address}/"


@pytest.fixture
def page(browser, address):
    with opened(browser, f"{address}#/library") as page:
        page.locator("#documents li").first.wait_for()
        yield page


def file(name, text):
    return {"name": name, "mimeType": "text/plain", "buffer": text.encode()}


def names(page):
    return page.locator("#documents a").all_inner_texts()


def drop(page, *files):
    """Drop files, [name, text] each, on the page."""
    page.evaluate(
        """(files) => {
            const dataTransfer = new DataTransfer();
            for (const [name, text] of files) dataTransfer.items.add(new File([text], name));
            for (const type of ["dragover", "drop"])
                document.body.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
        }""",
        files,
    )


def test_uploaded_files_are_indexed_and_skipped_ones_say_why(page):
    assert names(page) == ["report.txt"]
    files = [file("新桥.txt", NEW), file("空.txt", ""), file("白.txt", " \n"), file("x.exe", "MZ")]
    page.set_input_files("#files", files)
    page.locator(".job .buttons").wait_for()
    assert "已索引 1 份文档，新增 1 个段落；跳过 3 份" in page.locator(".job [role=status]").inner_text()
    skipped = page.locator(".files [data-state=skipped]").all_inner_texts()
    assert sorted(line.replace("\n", " ").split("（")[0] for line in skipped) == [
        "✕ x.exe 已跳过，不支持这种类型",
        "✕ 白.txt 已跳过，文件是空的",
        "✕ 空.txt 已跳过，文件是空的",
    ]
    assert page.locator(".files [data-state=indexed]").inner_text().split() == ["✓", "新桥.txt", "已索引"]
    page.get_by_role("button", name="知道了").click()
    wait_for_count(page.locator(".job"), 0)
    page.get_by_role("link", name="新桥.txt").wait_for()
    page.click("#to-ask")
    turn = ask(page, "新桥镇种植了多少棵𠮷树？")
    turn.locator(".mark").click()
    assert page.locator(".card mark").inner_text() == "新桥镇修建公园7座，种植𠮷树2300棵。"


def test_progress_is_shown_while_a_job_runs(page):
    states = [
        {"state": "running", "done": 1, "total": 4, "document": "一.txt"},
        {"state": "failed", "error": "Indexing ended without a word; upload again."},
    ]
    shown = []

    def job(route):
        told = route.fetch().json()["job"] | states[min(len(shown), 1)]
        shown.append(page.locator(".job progress").get_attribute("value"))
        route.fulfill(json={"job": told})

    page.route("**/v1/jobs/*", job)
    page.set_input_files("#files", [file("一.txt", NEW)])
    page.locator(".job.bad").wait_for()
    assert shown == [None, "1"]
    assert "索引失败" in page.locator(".job").inner_text()


def test_files_can_be_dropped_anywhere(page):
    page.click("#to-ask")
    drop(page, ["落.txt", "落雁镇\n\n落雁镇有桥5座。\n"])
    page.locator("#documents a", has_text="落.txt").wait_for()
    page.locator("#library").wait_for()


def test_a_document_is_removed_only_when_confirmed(page):
    drop(page, ["旧.txt", "旧街\n\n旧街有店铺31家。\n"])
    row = page.locator("#documents li", has_text="旧.txt")
    row.wait_for()
    row.get_by_role("button", name="移除").click()
    assert page.evaluate("document.activeElement.textContent") == "取消"
    assert "上传的文件也会删除" in page.locator("#confirm-text").inner_text()
    page.keyboard.press("Escape")
    wait_for_count(row, 1)
    row.get_by_role("button", name="移除").click()
    page.locator("#confirm").get_by_role("button", name="移除").click()
    row.wait_for(state="detached")
    page.reload()
    page.locator("#documents li").first.wait_for()
    assert "旧.txt" not in names(page)


def test_a_document_opens_from_the_library(page):
    page.get_by_role("link", name="report.txt").click()
    page.locator("#source p", has_text="建成全市首个中试平台").wait_for()
    page.click("#source-close")
    page.locator("#source").wait_for(state="hidden")
    page.wait_for_url("**/#/library")
    page.locator("#library").wait_for()


def test_a_long_document_is_shown_whole(page):
    drop(page, ["长.txt", "\n\n".join(f"第{n}条说明了第{n}项的要求。" for n in range(1, 1201))])
    page.get_by_role("link", name="长.txt").click()
    page.locator("#source p", has_text="第1200条说明了第1200项的要求。").wait_for()
    wait_for_count(page.locator("#source .passage"), 1200)


def test_a_folder_keeps_its_shape_and_is_a_place_to_look(page, tmp_path):
    for year in ("2023", "2024"):
        (tmp_path / "年报" / year).mkdir(parents=True)
        (tmp_path / "年报" / year / "a.txt").write_text(
            f"苇荡镇\n\n苇荡镇{year}年新建水闸{year[-1]}座。\n", encoding="utf-8"
        )
    (tmp_path / "年报" / "程序.bin").write_bytes(b"MZ")
    page.set_input_files("#folder", tmp_path / "年报")
    page.locator(".job .buttons").wait_for()
    assert "已索引 2 份文档" in page.locator(".job [role=status]").inner_text()
    assert "年报/程序.bin" in page.locator(".files [data-state=skipped]").inner_text()
    folders = page.locator("#documents summary bdi")
    folders.filter(has_text="2024").wait_for()  # the list is loaded anew after the run has said that it is over
    assert folders.all_inner_texts()[-2:] == ["uploads/年报/2023/", "uploads/年报/2024/"]
    page.get_by_role("link", name="开始提问").click()
    page.click("#scope-open")
    page.locator("#scope-list .of-folder", has_text="2024").locator("input").check()
    wait_for_count(page.locator("#scope-list .inside input:checked:disabled"), 1)
    page.click("#scope-close")
    assert "4座" in ask(page, "苇荡镇新建水闸多少座？").locator(".prose").inner_text()


def test_a_document_is_read_again(page):
    page.locator("#documents li", has_text="report.txt").get_by_role("button", name="重新读取").click()
    page.locator(".job .buttons").wait_for()
    wait_for_count(page.locator(".files li"), 1)


def test_an_empty_library_is_three_clicks_from_an_answer_about_an_own_pdf(browser, tmp_path):
    from api.http.app import create_app
    from rag import Settings

    with opened(browser, "about:blank") as printer:
        printer.set_content("<h1>新桥镇年报</h1><p>2024年新桥镇修建公园7座，种植树木2300棵。</p>")
        printed = {"name": "新桥镇年报.pdf", "mimeType": "application/pdf", "buffer": printer.pdf()}
    app = create_app(Settings(library=tmp_path / "new"))
    with server(app) as address, opened(browser, address) as page:
        page.locator("#begin").wait_for()
        page.locator("#question").wait_for(state="hidden")
        with page.expect_file_chooser() as chooser:
            page.click("#begin")
        chooser.value.set_files([printed])
        page.get_by_role("link", name="开始提问").click()
        page.locator("#suggestions button").first.click()
        page.locator(".footnotes .place", has_text="新桥镇年报.pdf").first.wait_for()
        page.locator(".mark").first.wait_for()


@pytest.mark.parametrize(
    ("status", "kind", "sentence"), [(409, "conflict", "稍后重试"), (403, "forbidden", "没有此项权限")]
)
def test_what_the_library_refuses_is_one_sentence(page, status, kind, sentence):
    def refuse(route):
        if route.request.method in ("POST", "DELETE"):
            route.fulfill(status=status, json={"error": {"type": kind, "message": "Detail."}})
        else:
            route.continue_()

    page.route("**/v1/documents**", refuse)
    page.set_input_files("#files", [file("甲.txt", NEW)])
    page.locator("#library-error", has_text=sentence).wait_for()
