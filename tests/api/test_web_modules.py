"""The page's modules by themselves, run in the browser; and what its files may not hold."""

import itertools
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from index.records import Hit, Paragraph
from prompts.compose import compose
from rag.checking.claims import check
from rag.events import CheckedSentence, Text
from rag.streaming import ReplyStream

WEB = Path(__file__).resolve().parents[2] / "api" / "web"
SCRIPTS = {file.name: file.read_text(encoding="utf-8") for file in WEB.glob("*.js")}
HTML = (WEB / "index.html").read_text(encoding="utf-8")


def test_nothing_is_inline_and_nothing_from_elsewhere():
    class Reader(HTMLParser):
        found: list[str] = []  # noqa: RUF012

        def handle_starttag(self, tag, attributes):
            for name, value in attributes:
                if name == "style" or name.startswith("on"):
                    self.found.append(f"{tag} {name}")
                if name in ("src", "href") and not value.startswith("#"):
                    assert (WEB / value.removeprefix("web/")).is_file(), value

    Reader().feed(HTML)
    assert Reader.found == []
    assert "<style" not in HTML
    assert re.findall(r"<script[^>]*>(.*?)</script>", HTML, re.DOTALL) == [""]
    everything = [HTML, *SCRIPTS.values(), *(file.read_text(encoding="utf-8") for file in WEB.glob("*.css"))]
    addresses = re.findall(r"https?://[^\s\"')]+|url\(|@import", "".join(everything))
    assert addresses == []


def test_no_script_makes_markup_or_code_from_text():
    unsafe = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc|DOMParser|setHTML"
    assert {name: re.findall(unsafe, text) for name, text in SCRIPTS.items()} == {name: [] for name in SCRIPTS}


def test_no_file_of_the_page_is_long():
    assert [file.name for file in WEB.iterdir() if len(file.read_text(encoding="utf-8").splitlines()) > 300] == []


@pytest.mark.slow
def test_both_languages_have_all_words_and_all_are_used(run):
    words = run(
        "i18n.js",
        """m => Object.fromEntries(Object.entries(m.STRINGS).map(([language, entries]) => [language,
        Object.fromEntries(Object.entries(entries).map(([k, v]) => [k, typeof v === "string" ? v : null]))]))""",
    )
    assert words["en"].keys() == words["zh"].keys()
    for key, english in words["en"].items():
        chinese = words["zh"][key]
        if english and chinese:
            assert set(re.findall(r"\{\w+\}", english)) == set(re.findall(r"\{\w+\}", chinese)), key
    code = HTML + "".join(text for name, text in SCRIPTS.items() if name not in ("english.js", "chinese.js"))
    wanted = set(re.findall(r'data-t(?:-label|-placeholder)?="([^"]+)"', HTML))
    assert wanted <= words["en"].keys()
    families = tuple(re.findall(r"`(\w+\.)\$\{", code))
    unused = [key for key in words["en"] if f'"{key}"' not in code and not key.startswith(families)]
    assert unused == []


@pytest.mark.slow
def test_an_event_may_be_split_anywhere(run):
    stream = ': 在\r\n\nevent: text\r\ndata: {"text":\ndata: "𠮷[1]。"}\r\n\r\nevent: done\rdata: {}\r\rdata: "x"\n\n'
    found = run(
        "sse.js",
        """async (m, text) => {
            const bytes = new TextEncoder().encode(text);
            const read = async (...cuts) => {
                const body = new ReadableStream({ start(controller) {
                    for (let i = 0; i + 1 < cuts.length; i++) controller.enqueue(bytes.slice(cuts[i], cuts[i + 1]));
                    controller.close();
                } });
                const events = [];
                for await (const event of m.events({ body })) events.push(event);
                return JSON.stringify(events);
            };
            const all = [await read(...bytes.keys(), bytes.length)];
            for (let i = 0; i <= bytes.length; i++) all.push(await read(0, i, bytes.length));
            return [...new Set(all)].map(JSON.parse);
        }""",
        stream,
    )
    wanted = [("text", {"text": "𠮷[1]。"}), ("done", {}), ("message", "x")]
    assert found == [[{"name": name, "data": data} for name, data in wanted]]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("call", "wanted"),
    [
        ("m.around({text: '𠮷野家', start: 10}, {start: 11, end: 12})", ["𠮷", "野", "家"]),
        ("m.around({text: '𠮷野家', start: 10}, null)", ["𠮷野家", "", ""]),
        (f"m.around({{text: '{'长' * 30}\\n𠮷甲', start: 0}}, {{start: 31, end: 32}})", ["长" * 30, "𠮷", "甲"]),
        (f"m.around({{text: '{'word ' * 12}\\nnext', start: 0}}, null)[0]", "word " * 12 + " next"),
        (f"m.around({{text: '{'长' * 30}\\n二、甲\\n乙', start: 0}}, null)[0]", "长" * 30 + "\n二、甲\n乙"),
        ("m.pieces('甲。[1] 乙[2]。', [{text: '甲。'}, {text: '乙。'}])", [["甲。", 1], [" 乙", 2, "。"]]),
        ("m.pieces('见[2023][1]号', [{text: '见[2023]号'}])", [["见[2023]", 1, "号"]]),
        ("m.pieces('`x[1]`[1]', [{text: '`x[1]`'}])", [["`x[1]`", 1]]),
        ("m.parts('甲[1][12]。')", ["甲", 1, 12, "。"]),
        ("m.rest('甲乙[1]。[2] 丙', '甲乙。[1]')", " 丙"),
        ("m.place({source: 'a/b/报告.txt', heading: ['一', '二']})", "报告.txt › 一 › 二"),
        (
            "m.support({text: '𠮷。甲乙。', start: 5, quote: {start: 5, end: 10}}, {text: '甲乙。'})",
            {"start": 7, "end": 10},
        ),
        ("m.support({text: '甲', start: 0, quote: {start: 0, end: 1}}, {text: '甲', verdict: 'unsupported'})", None),
        ("[m.tongue('ひらがな'), m.tongue('汉字'), m.tongue('Latin')]", ["ja", "zh", None]),
    ],
)
def test_text(run, call, wanted):
    assert run("text.js", f"m => {call}") == wanted


@pytest.mark.slow
def test_an_address_names_a_paragraph_of_any_document(run):
    source = "目录/50% & #1?.txt"
    found = run("route.js", "(m, source) => m.read(m.sourceHash(source, 'ab-2', {start: 3, end: 9}))", source)
    assert found == {"view": "source", "source": source, "id": "ab-2", "quote": {"start": 3, "end": 9}}
    assert run("route.js", "m => m.read('#/source/%E0%A4%A')")["source"] == "%E0%A4%A"


PIECES = ["望江区建成23间。", "[1]", "[2]", "[9]", " ", "\n", "甲[1]乙。", "a b. ", "`x[1]`", "No. 5 ", "3.5%"]


@pytest.mark.slow
def test_checked_sentences_take_the_place_of_the_raw_text(run):
    """For many replies, piece by piece: what stays raw is what no sentence has settled yet."""
    texts = ["望江区建成23间。甲乙。", "松岭区新增52家。"]
    hits = [Hit(Paragraph(str(i), text, (), "r", 0, len(text)), 1.0, i + 1) for i, text in enumerate(texts)]
    streams = []
    for reply in itertools.product(PIECES, repeat=3):
        stream = ReplyStream(compose("？", hits))
        told = [event for piece in reply for event in stream.feed(piece)] + stream.finish()
        events = [e.text if isinstance(e, Text) else [e.text] for e in told if isinstance(e, Text | CheckedSentence)]
        streams.append([events, stream.checked.text])
    left = run(
        "text.js",
        """(m, streams) => streams.map(([events, text]) => {
            let raw = "";
            for (const event of events) raw = typeof event === "string" ? raw + event : m.rest(raw, event[0]);
            return [raw, text];
        }).filter(([raw, text]) => text && raw.trim())""",
        streams,
    )
    assert left == []


def problems():
    """Sentences of the checker, as many kinds as there are."""
    cited = Paragraph("1", "望江区建成车间23间，产值增长。未获批准。", ("望江区",), "r", 0, 20)
    other = Paragraph("2", "松岭区新增企业52家，全部投产。", ("松岭区",), "r", 0, 20)
    for sentence in (
        "望江区建成车间24间。",
        "松岭区新增企业52家，全部投产。",
        "望江区发布《望江十条》。",
        "望江区产值下降。",
        "望江区未建成车间23间。",
        "完全是另一回事，与此毫不相干的说法。",
        "详见https://example.org/a的望江区建成车间。",
        "长" * 1200,
    ):
        yield from check(sentence, [cited], [other]).problems
    decree = Paragraph("4", "发布《松岭区光电子人才十条》，支持光电子企业。", ("松岭区",), "r", 0, 23)
    yield from check("松岭区引进光电子企业25家。", [decree]).problems
    yield from check("望江区建成车间23间。", []).problems
    yield from check(other.text, [cited], [Paragraph("3", other.text, (), "r", 0, 20)]).problems


@pytest.mark.slow
def test_every_problem_is_said_in_chinese_too(run):
    said = list(dict.fromkeys(problems()))
    kinds = {re.sub(r"[^\x00-\x7f]+|\d+", "", sentence) for sentence in said}
    assert len(kinds) >= 9, kinds
    for english, chinese in zip(said, run("phrases.js", "(m, all) => all.map(m.inChinese)", said), strict=True):
        assert not re.search(r"\b(?:is|the|of|cited|says)\b", chinese), english
    assert run("phrases.js", "m => m.inChinese('Something new.')") == "Something new."
