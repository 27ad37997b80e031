"""`footnote eval run`, `compare`, `bless`, `report`, `import`, `validate`: what they print, write, and exit with."""

import json
import re
import shutil

import pytest

from api.cli.main import main
from eval.record import Run
from index.library import Library
from tests.support.eval_runs import many
from tests.support.scripted import Server, refused, whole

pytestmark = pytest.mark.slow  # servers and whole answers, many times over

TEXT = (
    "望江区建成中试车间23间，投入4.8亿元。\n\n松岭区建成监测站9座。\n\n芦洲区开通夜间公交6条。\n\n白石镇有书店12家。\n"
)
ASKED = [
    ("a", "望江区建成多少间中试车间？", "23间", "建成中试车间23间"),
    ("b", "松岭区建成多少座监测站？", "9座", "建成监测站9座"),
    ("c", "芦洲区开通了几条夜间公交？", "6条", "开通夜间公交6条"),
]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with documents and their library."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "a.txt").write_text(TEXT, encoding="utf-8")
    with Library.open(folder / ".footnote", create=True) as opened:
        opened.add([folder / "a.txt"])
    return folder


@pytest.fixture
def here(made, tmp_path):
    """A working folder with documents, their library and a set."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    lines = [
        {
            "id": name,
            "question": question,
            "facts": [{"any_of": [fact], "kind": "number"}],
            "evidence": [{"any_of": [{"source": "a.txt", "quote": quote}]}],
        }
        for name, question, fact, quote in ASKED
    ]
    save(tmp_path, [*lines, {"id": "u", "question": "火星上有几座机场？", "type": "unanswerable"}])
    return tmp_path


def save(folder, lines):
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    (folder / "set.jsonl").write_text(text, encoding="utf-8")


def run(capsys, *arguments):
    """The exit code, what was printed, and what was said on standard error."""
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    shown = capsys.readouterr()
    assert "Traceback" not in shown.err
    return stop.value.code or 0, shown.out, shown.err


def evaluate(capsys, *options):
    return run(capsys, "eval", "run", "set.jsonl", "--library", ".footnote", *options)


def test_a_first_run_is_measured_blessed_and_passed(here, capsys):
    code, out, _ = evaluate(capsys, "--save", "run.json")
    assert code == 0
    assert out.startswith("set: 已测  4 用例\n")
    code, out, _ = run(capsys, "eval", "bless", "run.json", "--reason", "checked by hand")
    assert (code, out) == (0, "baseline.json: 4 cases, blessed: checked by hand\n")
    code, out, _ = evaluate(capsys, "--baseline", "baseline.json", "--language", "en")
    assert code == 0
    assert out.startswith("set: pass  4 cases\n")


@pytest.mark.slow
def test_the_same_run_writes_the_same_bytes(here, capsys):
    for name in ("one", "two"):
        assert evaluate(capsys, "--save", f"{name}.json", "--report", name)[0] == 0
    assert (here / "one.json").read_bytes() == (here / "two.json").read_bytes()
    files = sorted(path.name for path in (here / "one").iterdir())
    assert len(files) == 8
    assert [name for name in files if (here / "one" / name).read_bytes() != (here / "two" / name).read_bytes()] == []
    assert str(here) not in "".join(path.read_text(encoding="utf-8") for path in (here / "one").iterdir())


def test_reports_are_written_from_a_saved_run(here, capsys):
    evaluate(capsys, "--save", "run.json", "--report", "one")
    code, _, err = run(capsys, "eval", "report", "run.json", "--out", "two")
    assert code == 0
    assert "report.html" in err
    for name in ("report.html", "report.md", "junit.xml", "cases.csv", "run.json"):
        assert (here / "one" / name).read_bytes() == (here / "two" / name).read_bytes()
    assert run(capsys, "eval", "report", "run.json", "--out", "a.txt")[0] == 2


def test_json_is_for_scripts(here, capsys):
    code, out, _ = evaluate(capsys, "--json")
    record = json.loads(out)
    assert (code, record["exit_code"], record["cases"]) == (0, 0, 4)
    assert record["metrics"]["all_hit@5"] == 1
    assert record["latency_ms"]["p50"] > 0


def test_drafts_are_run_but_do_not_count(here, capsys):
    draft = {"id": "d", "question": "还有几座？", "type": "unanswerable", "status": "draft"}
    with (here / "set.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(draft, ensure_ascii=False) + "\n")
    assert "4 用例, 1 草稿" in evaluate(capsys)[1]


def test_a_regression_fails(here, capsys, monkeypatch):
    evaluate(capsys, "--save", "before.json")
    monkeypatch.setenv("FOOTNOTE_THRESHOLD", "1.0")
    code, out, _ = evaluate(capsys, "--baseline", "before.json", "--save", "after.json", "--report", "rep")
    assert code == 1
    assert "✗ 可信 从" in out
    assert re.search(r"^- a +通过 → 误拒答", out, re.M)
    assert "::error file=set.jsonl,line=1,title=a::" in (here / "rep" / "annotations.txt").read_text(encoding="utf-8")
    assert run(capsys, "eval", "compare", "before.json", "after.json")[0] == 1
    assert run(capsys, "eval", "compare", "after.json", "before.json")[0] == 0
    assert run(capsys, "eval", "report", "after.json", "--baseline", "before.json", "--out", "rep2")[0] == 0


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([{"id": "a"}], "set.jsonl:1: question: field required"),
        ([], "contains no case"),
        ([{"id": "d", "question": "?", "type": "unanswerable", "status": "draft"}], None),
    ],
)
def test_a_set_that_cannot_be_used(here, capsys, lines, said):
    save(here, lines)
    code, out, err = evaluate(capsys, "--language", "en")
    assert code == 2
    assert said in err if said else "no accepted case" in out


def test_evidence_that_the_library_never_had(here, capsys):
    lines = (here / "set.jsonl").read_text(encoding="utf-8").replace("建成中试车间23间", "建成中试车间24间")
    (here / "set.jsonl").write_text(lines, encoding="utf-8")
    code, out, _ = evaluate(capsys, "--language", "en")
    assert code == 2
    assert "The evidence of 1 case(s) is not in the library: a." in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run", "nothing.jsonl"), "nothing.jsonl cannot be read"),
        (("run", "set.jsonl", "--save", ".footnote"), ".footnote is a folder; name a file"),
        (("run", "set.jsonl", "--report", "a.txt"), "a.txt is a file; name a folder"),
        (("run", "set.jsonl", "--base-url", "http://127.0.0.1:1/v1"), "add --model NAME"),
        (("bless", "a.txt", "--reason", "x"), "a.txt is not a run"),
        (("bless", "nothing.json", "--reason", "x"), "nothing.json cannot be read"),
        (("validate", "nothing.jsonl"), "cannot be read"),
        (("import", "a.txt", "--out", "new.jsonl"), "neither .json nor .csv"),
        (("import", "a.txt", "--out", "set.jsonl"), "set.jsonl is there already"),
        (("compare", "a.txt", "a.txt"), None),
    ],
)
def test_usage_errors_are_one_sentence(here, capsys, arguments, said):
    code, _, err = run(capsys, "eval", *arguments)
    assert code == (2 if said else 4)
    assert (said or "is not a run") in err
    assert err.count("\n") == 1


def test_validate_names_file_and_line(here, capsys):
    code, out, _ = run(capsys, "eval", "validate", "set.jsonl", "--library", ".footnote")
    assert (code, out) == (0, "4 cases (0 drafts), 0 problems\n")
    lines = (here / "set.jsonl").read_text(encoding="utf-8").replace("建成监测站9座", "建成监测站8座")
    (here / "set.jsonl").write_text(lines, encoding="utf-8")
    code, out, _ = run(capsys, "eval", "validate", "set.jsonl", "--library", ".footnote")
    assert code == 2
    assert "set.jsonl:2: b: a.txt does not contain '建成监测站8座' in any paragraph; correct the quote." in out
    code, out, _ = run(capsys, "eval", "validate", "set.jsonl", "--json")
    assert json.loads(out)["problems"][0]["line"] == 2


def test_import_then_validate_then_run(here, capsys):
    rows = 'question,answer,source\n望江区建成多少间中试车间？,23间|二十三间,a.txt\n"谁是市长？",,\n火星？,火星,\n'
    (here / "q.csv").write_text(rows, encoding="utf-8")
    code, out, _ = run(capsys, "eval", "import", "q.csv", "--out", "new.jsonl")
    assert code == 0
    assert "left out: line 4: the library does not contain '火星'." in out
    assert out.endswith("2 cases in new.jsonl, 1 questions left out\n")
    assert run(capsys, "eval", "validate", "new.jsonl", "--library", ".footnote")[0] == 0
    code, out, _ = run(capsys, "eval", "run", "new.jsonl", "--json")
    assert (code, json.loads(out)["metrics"]["fact_recall"]) == (0, 1)


@pytest.fixture
def server():
    made = Server()
    made.replies = [whole("望江区建成中试车间23间。[1]")]
    yield made
    made.close()


def with_model(server, *more):
    return ("--model", "m", "--base-url", server.url, *more)


def test_an_endpoint_that_fails(here, capsys, server, monkeypatch):
    monkeypatch.setenv("FOOTNOTE_RETRIES", "0")
    server.replies = [refused("no such model", 404)]
    code, out, _ = evaluate(capsys, *with_model(server, "--save", "run.json", "--language", "en"))
    assert code == 3
    assert "case(s) could not be run: a, b, c" in out
    loaded = Run.load(here / "run.json")
    assert all(case.scores == {} for case in loaded.errors)
    assert run(capsys, "eval", "bless", "run.json", "--reason", "x")[0] == 2


@pytest.mark.slow
def test_recorded_then_replayed_then_missed(here, capsys, server, monkeypatch):
    monkeypatch.setenv("FOOTNOTE_CASSETTE", "record")
    assert evaluate(capsys, *with_model(server, "--repeats", "2", "--save", "one.json"))[0] == 0
    asked = len(server.requests)
    assert asked >= 6  # each repeat of each question that reaches the model is asked
    monkeypatch.setenv("FOOTNOTE_CASSETTE", "replay")
    code, out, _ = evaluate(
        capsys, *with_model(server, "--repeats", "2", "--save", "two.json", "--baseline", "one.json")
    )
    assert code == 0, out
    assert len(server.requests) == asked
    first, second = Run.load(here / "one.json"), Run.load(here / "two.json")
    assert (first.live, second.live) == (True, False)
    assert first.fingerprints == second.fingerprints
    assert first.cases == second.cases
    again = evaluate(capsys, *with_model(server, "--repeats", "2", "--save", "three.json"))
    assert again[0] == 0
    assert (here / "three.json").read_bytes() == (here / "two.json").read_bytes()
    code, out, _ = evaluate(capsys, *with_model(server, "--repeats", "3", "--language", "en"))
    assert code == 3
    assert "FOOTNOTE_CASSETTE=record" in out
    assert len(server.requests) == asked


def test_without_recordings_nothing_is_asked(here, capsys, server, monkeypatch):
    monkeypatch.setenv("FOOTNOTE_CASSETTE", "replay")
    code, _, err = evaluate(capsys, *with_model(server))
    assert code == 3
    assert "There are no recordings in cassettes" in err
    assert server.requests == []


def test_repeats_that_disagree_make_a_case_flaky(here, capsys, server):
    server.replies = [whole("望江区建成中试车间23间。[1]"), whole("望江区投入4.8亿元。[1]")] * 2
    evaluate(capsys, *with_model(server, "--repeats", "2", "--save", "run.json"))
    [first, *_] = Run.load(here / "run.json").cases
    assert (first.flaky, first.scores["trusted"], first.passed) == (True, 0.5, False)
    assert first.answer == "望江区建成中试车间23间。[1]"


@pytest.mark.slow
def test_what_cannot_be_compared(here, capsys):
    assert evaluate(capsys, "--baseline", "nothing.json")[0] == 4
    code, _, err = run(capsys, "eval", "run", "set.jsonl", "--library", "nowhere")
    assert code == 4
    assert "nowhere" in err
    evaluate(capsys, "--save", "before.json")
    (here / "b.txt").write_text("多出来的一段话。\n", encoding="utf-8")
    run(capsys, "index", "b.txt")
    code, out, _ = evaluate(capsys, "--baseline", "before.json", "--language", "en")
    assert code == 4
    assert "The baseline was made with another corpus" in out
    assert evaluate(capsys, "--baseline", "before.json", "--allow-fingerprint-change")[0] == 0


def test_strict_is_inconclusive_when_a_small_set_moved(here, capsys):
    many(40, 0, live=True).save(here / "before.json")
    many(36, 4, live=True).save(here / "after.json")
    assert run(capsys, "eval", "compare", "before.json", "after.json")[0] == 0
    code, out, _ = run(capsys, "eval", "compare", "before.json", "after.json", "--strict", "--language", "en")
    assert code == 5
    assert "a loss of 0.050 cannot be ruled out" in out
