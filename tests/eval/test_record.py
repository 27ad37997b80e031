"""Run files, baselines and fingerprints: the same bytes for the same run, and nothing blessed by accident."""

import json

import pytest

from eval.cases import EvalSet
from eval.fingerprints import configuration, fingerprints, is_live
from eval.record import CaseRun, Run, bless, load_baseline, rounded
from index.errors import InputError, LibraryMismatchError
from rag.assistant import Assistant
from rag.settings import Settings
from tests.support.eval_runs import asked, case, many, run


def test_a_run_survives_its_file(tmp_path):
    made = run(asked("a", scores={"ndcg@10": 1 / 3}), asked("b", False), asked("c", scores={}, error="hung up"))
    made.save(tmp_path / "run.json")
    loaded = Run.load(tmp_path / "run.json")
    assert loaded == made
    assert loaded.canonical() == (tmp_path / "run.json").read_text(encoding="utf-8") == made.canonical()
    assert loaded.cases[0].scores["ndcg@10"] == 0.333333


def test_the_clock_is_not_in_the_file():
    quick, slow = many(2, 0), many(2, 0)
    slow.latency_ms["q0"] = 900.0
    assert quick.canonical() == slow.canonical()


def test_one_case_a_line():
    lines = many(3, 0).canonical().splitlines()
    assert [json.loads(line.rstrip(","))["case"]["id"] for line in lines[1:4]] == ["q0", "q1", "q2"]


def test_floats_are_rounded_and_minus_zero_is_zero():
    assert rounded({"a": [0.12345678, -0.0], "b": (1, "x")}) == {"a": [0.123457, 0.0], "b": [1, "x"]}
    assert str(rounded(-0.0000001)) == "0.0"


def test_nothing_that_is_no_number_gets_into_a_file():
    with pytest.raises(ValueError, match="JSON compliant"):
        run(CaseRun(case=case(), scores={"em": float("nan")})).canonical()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is not a run"),
        ("[]", "is not a run"),
        ('{"run": {}, "cases": []}', "is not a run"),
        (None, "cannot be read"),
    ],
)
def test_what_is_no_run_is_named(tmp_path, text, said):
    file = tmp_path / "run.json"
    if text is not None:
        file.write_text(text)
    with pytest.raises(InputError, match=said):
        Run.load(file)
    with pytest.raises(LibraryMismatchError) as caught:
        load_baseline(file)
    assert caught.value.exit_code == 4


def test_a_later_format_is_not_read(tmp_path):
    text = many(1, 0).canonical().replace("footnote-run/1", "footnote-run/9")
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(InputError, match="is not a run of this version"):
        Run.load(tmp_path / "run.json")


# --- the baseline ---------------------------------------------------------------------------------------------


def test_blessing_keeps_every_reason(tmp_path):
    many(2, 0).save(tmp_path / "run.json")
    bless(tmp_path / "run.json", tmp_path / "base.json", "first\nanswers")
    bless(tmp_path / "run.json", tmp_path / "base.json", "better ranking")
    assert load_baseline(tmp_path / "base.json").reasons == ("first answers", "better ranking")


@pytest.mark.parametrize(
    ("made", "reason", "said"),
    [
        (many(1, 0), "  ", "needs a reason"),
        (run(), "because", "cannot be a baseline"),
        (run(asked("a"), asked("b", scores={}, error="hung up")), "because", "1 of 2 cases did not run"),
    ],
)
def test_what_cannot_be_blessed(tmp_path, made, reason, said):
    made.save(tmp_path / "run.json")
    with pytest.raises(InputError, match=said):
        bless(tmp_path / "run.json", tmp_path / "base.json", reason)
    assert not (tmp_path / "base.json").exists()


# --- cases and fingerprints -----------------------------------------------------------------------------------


def test_a_case_is_another_when_its_score_could_be():
    same = case("a", note="hm", tags=["x"], status="draft", origin="imported")
    assert same.fingerprint == case("a").fingerprint
    assert case("a", question="另一问？").fingerprint != case("a").fingerprint
    assert case("a", forbidden=["32间"]).fingerprint != case("a").fingerprint


def test_the_set_is_the_same_in_any_order_and_with_drafts(tmp_path):
    a, b, draft = case("a"), case("b"), case("d", status="draft")
    sets = [EvalSet("s", cases, tmp_path / "s.jsonl") for cases in ((a, b), (b, a), (b, draft, a), (a,))]
    assert len({one.sha256 for one in sets[:3]}) == 1
    assert sets[3].sha256 != sets[0].sha256


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    folder = tmp_path_factory.mktemp("prints")
    (folder / "a.txt").write_text("望江区建成中试车间23间。\n", encoding="utf-8")
    with Assistant.open(settings=Settings(library=folder / "library")) as assistant:
        assistant.add([folder / "a.txt"])
    return folder / "library"


def prints(library, **options):
    with Assistant.open(settings=Settings(library=library, **options)) as assistant:
        eval_set = EvalSet("s", (case("a"),), library / "s.jsonl")
        return fingerprints(assistant, eval_set), configuration(assistant), is_live(assistant)


def changed(before, after):
    return {name for name in before if before[name] != after[name]}


def test_each_fingerprint_stands_for_one_thing(library, tmp_path):
    plain, _, live = prints(library)
    assert not live
    assert changed(plain, prints(library, k=7)[0]) == {"config"}
    assert changed(plain, prints(library, base_url="http://elsewhere/v1", retries=5, timeout=9.0)[0]) == set()
    with_model, _, live = prints(library, model="m")
    assert live
    assert changed(plain, with_model) == {"config", "model"}
    (tmp_path / "words.txt").write_text("$sources $question 请回答")
    assert changed(with_model, prints(library, model="m", template=tmp_path / "words.txt")[0]) == {"config", "prompt"}
    assert changed(with_model, prints(library, model="m", retries=5, connect_timeout=1.0)[0]) == set()


def test_a_recorded_and_a_replayed_run_have_the_same_fingerprints(library, tmp_path):
    (tmp_path / "cassettes").mkdir()
    recorded, _, live = prints(library, model="m", cassette="record")
    replayed, _, live_again = prints(library, model="m", cassette="replay")
    assert recorded == replayed
    assert (live, live_again) == (True, False)


def test_no_secret_and_no_place_is_written_down(library, tmp_path):
    hidden = {
        "api_key": "sk-secret",
        "headers": {"X": "sk-other"},
        "proxy": "http://u:pw@h",
        "ca_bundle": tmp_path / "c",
    }
    shown = json.dumps(prints(library, model="m", **hidden)[1], ensure_ascii=False)
    assert not [word for word in ("sk-secret", "sk-other", "pw@h", str(tmp_path), "****") if word in shown]


def test_the_corpus_is_its_contents_not_its_names(library, tmp_path):
    with Assistant.open(settings=Settings(library=library)) as assistant:
        eval_set = EvalSet("s", (case("a"),), tmp_path / "s.jsonl")
        before = fingerprints(assistant, eval_set)
    (tmp_path / "renamed.txt").write_text("望江区建成中试车间23间。\n", encoding="utf-8")
    with Assistant.open(settings=Settings(library=tmp_path / "library")) as assistant:
        assistant.add([tmp_path / "renamed.txt"])
        assert fingerprints(assistant, eval_set) == before
        (tmp_path / "more.txt").write_text("别的话。", encoding="utf-8")
        assistant.add([tmp_path / "more.txt"])
        assert changed(before, fingerprints(assistant, eval_set)) == {"corpus"}
