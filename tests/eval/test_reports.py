"""Every report of one run: what it must say, and that no text of a case can break it."""

import csv
import io
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import ir_measures
import pytest
from rich.console import Console

from eval.gate import GateResult, run_gate
from eval.metrics.whole_set import risk_curve
from eval.report import write_reports
from eval.report.console import console_report
from eval.report.exports import csv_table, github_annotations, trec_qrels, trec_run
from eval.report.figures import by_kind, latency, level, of_the_set, recall_curve, summary
from eval.report.pages import difference, escape, html, junit, markdown
from eval.report.wording import Wording, words
from tests.support.eval_runs import asked, many, run

EN = Wording("en")
NASTY = '<script>alert("x")</script> | `a` @everyone #1 [b](http://c) $x$ =1+1 \x07'
ENTITIES = {"must_pass": True}


def pair():
    before = run(asked("a"), asked("b", False), asked("c", case_fields=ENTITIES), asked("d"))
    after = run(asked("a", False), asked("b"), asked("c", False, case_fields=ENTITIES), asked("d"))
    return before, after


def shown(made, verdict, language="en"):
    out = Console(file=io.StringIO(), width=160, no_color=True)
    out.print(console_report(made, verdict, Wording(language)))
    return out.file.getvalue()


# --- every sentence -------------------------------------------------------------------------------------------


def test_both_languages_have_every_word_and_fill_in_the_same():
    for english, chinese in words().values():
        assert sorted(re.findall(r"\{(\w+)\}", english)) == sorted(re.findall(r"\{(\w+)\}", chinese))
        assert english
        assert chinese


def test_many_cases_are_cut_and_counted():
    verdict = run_gate(many(0, 20), many(20, 0))
    said = EN.sentence(verdict.findings[0])
    assert "worse in 20 case(s): q0, q1" in said
    assert said.endswith(", +12.")


# --- console and Markdown -------------------------------------------------------------------------------------


def test_the_console_shows_the_verdict_the_flips_and_why():
    before, after = pair()
    text = shown(after, run_gate(after, before))
    assert text.startswith("set: got worse  4 cases\n")
    assert "✗ 1 case(s) that must pass were lost: c." in text
    assert re.search(r"^trusted +0\.750 +0\.500 +-0\.250", text, re.M)
    assert re.search(r"^- a +passed → wrong figure +it gives figures, but not 23间$", text, re.M)
    assert re.search(r"^\+ b +wrong figure → passed$", text, re.M)


def test_the_console_in_chinese_and_without_a_baseline():
    text = shown(many(1, 1), run_gate(many(1, 1)), "zh")
    assert text.startswith("set: 已测  2 用例\n")
    assert "没有基线" in text
    assert "数字错误 1" in text


def test_markdown_puts_what_got_worse_first():
    before, after = pair()
    text = markdown(after, run_gate(after, before), EN)
    assert text.startswith("<!-- footnote-eval:set -->\n\n## ❌ set: got worse\n")
    assert text.index("lost 2") < text.index("gained 1") < text.index("What fails now")
    assert "| c (must pass) |" in text


@pytest.mark.parametrize("language", ["en", "zh"])
def test_markdown_fits_a_comment_and_nothing_in_it_is_taken_for_markup(language):
    fields = {"question": NASTY, "forbidden": [NASTY]}
    cases = [asked(f"q{i}", False, answer=NASTY * 40, case_fields=fields) for i in range(300)]
    text = markdown(run(*cases), run_gate(run(*cases)), Wording(language))
    assert len(text) < 65_536
    assert "<script>" not in text
    assert "@everyone" not in text
    rows = [line for line in text.splitlines() if line.startswith("| q")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {6}


def test_escaping_keeps_what_is_read():
    assert escape("5*3 | x") == "5&#42;3 &#124; x"
    assert escape("two\nlines") == "two lines"
    assert escape("abcdef", 4) == "abc…"


# --- JUnit ----------------------------------------------------------------------------------------------------


def junit_of(made, before=None):
    return ElementTree.fromstring(junit(made, run_gate(made, before), EN))[0]


def test_junit_fails_what_the_gate_fails_and_skips_what_failed_before():
    before = run(asked("a"), asked("b", False), asked("c"))
    after = run(asked("a", False), asked("b", False), asked("c"))
    suite = junit_of(after, before)
    state = {item.get("name"): [child.tag for child in item] for item in suite.iter("testcase")}
    assert state == {"gate": ["failure"], "a": ["failure"], "b": ["skipped"], "c": []}
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors"), suite.get("skipped")) == (
        "4",
        "2",
        "0",
        "1",
    )
    place = next(item for item in suite.iter("testcase") if item.get("name") == "a")
    assert (place.get("file"), place.get("line")) == ("set.jsonl", "2")
    assert "expected: 23间" in place.find("failure").text


def test_junit_tells_errors_from_failures_and_carries_the_figures():
    suite = junit_of(run(asked("a"), asked("b", scores={}, error="hung up")))
    state = {item.get("name"): [child.tag for child in item] for item in suite.iter("testcase")}
    assert state == {"gate": ["error"], "a": [], "b": ["error"]}
    properties = {item.get("name"): item.get("value") for item in suite.iter("property")}
    assert properties["trusted"] == "1.000000"
    assert properties["fingerprint.corpus"] == "c1"


def test_junit_is_xml_whatever_the_texts_are():
    suite = junit_of(run(asked("a", False, answer=NASTY + "\ud83d", case_fields={**ENTITIES, "question": NASTY})))
    assert "alert" in suite.find("testcase[@name='a']/failure").text


# --- annotations ----------------------------------------------------------------------------------------------


def test_annotations_point_at_the_lines_of_what_the_gate_fails():
    before, after = pair()
    lines = github_annotations(after, run_gate(after, before), EN).splitlines()
    assert lines[0].startswith("::error title=set%3A got worse::1 case(s) that must pass were lost: c.")
    assert "::error file=set.jsonl,line=2,title=a::wrong figure: it gives figures, but not 23间" in lines
    assert not [line for line in lines if "title=d" in line]
    assert github_annotations(before, run_gate(before, before), EN) == ""


def test_annotations_cannot_be_made_to_say_other_commands():
    made = run(asked("a", False, case_fields={**ENTITIES}, particulars={"wanted": "x\n::warning::y % z"}))
    text = github_annotations(made, run_gate(made), EN)
    assert "\n::warning" not in text
    assert "x%0A::warning::y %25 z" in text


# --- HTML -----------------------------------------------------------------------------------------------------


class Page(HTMLParser):
    """Tags, attributes and text of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.text = [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.text += data


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_holds_everything_and_asks_nobody(language):
    before, after = pair()
    text = html(after, run_gate(after, before), Wording(language), before)
    page = Page(text)
    assert page.tags.count("svg") == 5  # forest, wide and narrow, recall, risk, heat map
    assert page.tags.count("script") == 1
    assert not [value for name, value in page.attributes if name in ("src", "href")]
    assert "http" not in re.sub(r'http-equiv="Content', "", text)
    assert ("lang", "zh-Hans" if language == "zh" else "en") in page.attributes
    for key in ("moved", "recall", "risk", "heat", "flips", "failures", "reasons"):
        assert Wording(language)(key) in page.text


def test_the_page_escapes_what_users_wrote():
    nasty = asked("a", False, answer=NASTY + "\ud83d", case_fields={"question": NASTY, "tags": [NASTY]})
    made = run(nasty, set_name=NASTY, configuration={NASTY: NASTY})
    page = Page(html(made, run_gate(made), EN))
    assert page.tags.count("script") == 1
    assert page.text.count('alert("x")') >= 3


def test_an_empty_run_has_a_page_too():
    for made in (run(), run(asked("a", scores={}, error="hung up"))):
        assert "<h1>" in html(made, run_gate(made), EN)


def test_differences_are_marked_by_character_and_by_word():
    assert difference("共23间", "共32间") == (
        [("", "共"), ("del", "23"), ("", "间")],
        [("", "共"), ("ins", "32"), ("", "间")],
    )
    assert difference("a < b", "a < c") == ([("", "a < "), ("del", "b")], [("", "a < "), ("ins", "c")])
    assert difference("共有车间23间。", "文档中没有说明。") == (
        [("del", "共有车间23间。")],
        [("ins", "文档中没有说明。")],
    )
    long = "x " * 2000
    assert difference(long, long + "y") == ([("", long)], [("", long + "y")])


# --- tables ---------------------------------------------------------------------------------------------------


def test_csv_reads_back_and_holds_no_formula():
    made = run(asked("a", False, answer="=cmd()", case_fields={"question": '+1 "quoted", 甲\n乙'}))
    [row] = csv.DictReader(io.StringIO(csv_table(made, EN)))
    assert row["answer"] == "'=cmd()"
    assert row["question"] == '\'+1 "quoted", 甲\n乙'
    assert (row["passed"], row["trusted"], row["em"], row["attribution"]) == ("false", "0", "", "wrong figure")


def test_trec_files_give_our_figures_to_other_tools():
    made = run(
        asked("a", gold=(("p2",),)),
        asked("b", gold=(("p9",),)),
        asked("u", gold=(), case_fields={"type": "unanswerable"}),
    )
    qrels = list(ir_measures.read_trec_qrels(trec_qrels(made)))
    ranked = list(ir_measures.read_trec_run(trec_run(made)))
    theirs = ir_measures.calc_aggregate([ir_measures.RR @ 10, ir_measures.Success @ 1], qrels, ranked)
    assert theirs == {ir_measures.RR @ 10: (1 / 2 + 0) / 2, ir_measures.Success @ 1: 0}


# --- figures --------------------------------------------------------------------------------------------------


def test_levels_have_wilson_intervals_widened_by_clusters():
    alone = level(many(5, 5), "trusted")
    grouped = level(
        run(*(asked(f"q{i}", i < 5, case_fields={"group": "g" if i < 5 else "h"}) for i in range(10))), "trusted"
    )
    assert (alone.n, alone.mean) == (10, 0.5)
    assert alone.interval[0] == pytest.approx(0.2366, abs=1e-4)
    assert grouped.interval[0] < alone.interval[0] < alone.interval[1] < grouped.interval[1]
    assert level(many(1, 0), "em") is None


def test_curves():
    made = run(
        asked("a", gold=(("p1",), ("p3",)), confidence=0.9),
        asked("b", False, gold=(("p9",),), confidence=0.5),
        asked("r", False, refused="low_evidence", confidence=0.1, scores={"refusal_precision": 0.0}),
    )
    scores = {"confidence": 0.9}, {"confidence": 0.5}, {"confidence": 0.1}
    cases = [c.model_copy(update={"scores": c.scores | s}) for c, s in zip(made.cases, scores, strict=True)]
    made = made.model_copy(update={"cases": tuple(cases)})
    assert recall_curve(made)[:3] == [(1, (0.5 + 0 + 1) / 3), (2, 0.5), (3, 2 / 3)]
    assert risk_curve(made) == [(0.5, 0), (1, 0.5)]
    assert of_the_set(made)["aurc"] == pytest.approx(0.25)
    assert by_kind(made) == {("single", "zh"): (1 / 3, 3)}


def test_latency_is_by_nearest_rank():
    made = many(1, 0)
    assert latency(made) is None
    made.latency_ms.update({str(i): float(i) for i in range(1, 101)})
    assert latency(made) == (50, 95)


def test_the_summary_is_for_scripts():
    before, after = pair()
    record = summary(after, run_gate(after, before))
    assert (record["exit_code"], record["cases"], record["metrics"]["trusted"]) == (1, 4, 0.5)
    assert {"id": "a", "lost": True, "before": None, "after": "wrong figure"} in record["flips"]
    assert record["findings"][0]["kind"] == "must_pass_lost"


def test_the_folder_is_the_same_every_time(tmp_path):
    before, after = pair()
    for name in ("one", "two"):
        names = [path.name for path in write_reports(tmp_path / name, after, run_gate(after, before), "zh", before)]
    assert len(names) == 8
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_a_verdict_without_findings_is_a_pass():
    assert GateResult(()).exit_code == 0
