"""The main job on a small invented report: answers, footnotes, refusals, the command line."""

import json

import pytest

from api.cli.main import main
from index.errors import InputError
from rag import Assistant, Settings
from tests.support.serving import REPORT


@pytest.fixture
def report(tmp_path):
    (tmp_path / "report.txt").write_text(REPORT, encoding="utf-8")
    return tmp_path / "report.txt"


@pytest.fixture
def assistant(report, tmp_path):
    with Assistant.open(tmp_path / "lib") as opened:
        opened.add([report])
        yield opened


@pytest.mark.parametrize("question", ["望江区建成了多少间中试车间？", "望江區建成了多少間中試車間？"])
def test_a_figure_is_answered_with_one_checked_sentence(assistant, question):
    answer = assistant.ask(question)
    assert answer.refused is None
    assert answer.text == "望江区建成中试车间23间，为61家企业完成验证147项。[1]"
    [citation] = answer.citations
    assert citation.paragraph.heading == ("3.2 各区进展", "望江区")
    assert REPORT[citation.quote.start : citation.quote.end] == citation.quote.text
    assert [s.verdict for s in answer.sentences] == ["quoted"]


def test_an_english_question_finds_the_chinese_paragraph(assistant):
    assert assistant.search("How many bird monitoring stations?")[0].paragraph.heading[-1] == "芦洲区"


@pytest.mark.parametrize("question", ["松岭区引进了多少博士？", "法国大革命是哪一年爆发的？"])
def test_what_the_report_does_not_say_is_refused(assistant, question):
    answer = assistant.ask(question)
    assert (answer.refused, answer.text) == ("low_evidence", "文档中没有说明。")
    assert answer.citations == ()


def test_a_greeting_is_no_question_and_a_word_of_the_documents_is(tmp_path):
    (tmp_path / "a.txt").write_text("The museum opens at ten in the morning and closes on Thanksgiving.", "utf-8")
    with Assistant.open(tmp_path / "lib") as opened:
        opened.add([tmp_path / "a.txt"])
        greeted = [opened.ask(greeting) for greeting in ("早上好", "Good morning!", "Thanks a lot", "Bonjour")]
        assert [answer.refused for answer in greeted] == ["low_evidence"] * 4
        assert greeted[0].text == "请就这些文档的内容提问。"
        assert opened.ask("Thanksgiving").refused is None


def test_an_empty_library_has_no_evidence(tmp_path):
    with Assistant.open(tmp_path / "empty") as empty:
        assert empty.ask("有什么？").refused == "no_evidence"


def test_the_record_is_the_documented_one(assistant):
    record = assistant.ask("望江区建成了多少间中试车间？").to_dict()
    assert list(record) == [
        "question",
        "answer",
        "refused",
        "citations",
        "sentences",
        "hits",
        "model",
        "timings_ms",
        "confidence",
    ]
    assert 0 < record["confidence"] < 1
    assert set(record["citations"][0]) == {
        *("mark", "paragraph_id", "source", "heading", "page", "start", "end", "text", "quote", "verdict"),
        *("kind", "context", "superseded", "newer_version"),
    }
    assert json.loads(json.dumps(record)) == record


@pytest.mark.parametrize("question", ["", " \n", "问" * 3000])
def test_unusable_questions(assistant, question):
    with pytest.raises(InputError):
        assistant.ask(question)


def test_half_a_character_in_a_question_is_named(assistant, capsys):
    with pytest.raises(InputError, match=r"U\+DC9C.*UTF-8"):
        assistant.ask("望江区\udc9c建成了什么？")
    code, _, err = run(capsys, "search", "\ud83d?", "--library", "lib")
    assert code == 2
    assert "U+D83D" in err
    assert err.count("\n") == 1


def test_settings_name_what_is_wrong(tmp_path):
    assert Settings.load({"FOOTNOTE_K": "7"}).k == 7
    with pytest.raises(InputError, match="'k'"):
        Settings.load({"FOOTNOTE_K": "many"})
    (tmp_path / "footnote.toml").write_text("nonsense = 1")
    with pytest.raises(InputError, match="nonsense"):
        Settings.load({})


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    out = capsys.readouterr()
    return stop.value.code, out.out, out.err


def test_the_command_line_does_the_whole_job(report, capsys):
    code, out, _ = run(capsys, "index", "report.txt", "--json")
    assert (code, json.loads(out)["embedded"]) == (0, 1)
    code, out, _ = run(capsys, "ask", "松岭区产值达到多少？", "--json")
    assert (code, json.loads(out)["citations"][0]["source"]) == (0, "report.txt")
    code, out, _ = run(capsys, "ask", "松岭区产值达到多少？")
    assert "→新增光电子企业52家，产值达到268亿元。←" in out
    identity = json.loads(run(capsys, "search", "监测站", "--json")[1])[0]["paragraph_id"]
    assert identity in run(capsys, "show", identity)[1]
    assert "3 paragraphs" in run(capsys, "list")[1]
    assert json.loads(run(capsys, "status", "--json")[1])["paragraphs"] == 3
    assert run(capsys, "remove", "report.txt")[0] == 0
    assert json.loads(run(capsys, "list", "--json")[1]) == []


def test_the_command_that_a_mismatch_names_is_the_one_that_helps(report, capsys):
    run(capsys, "index", "report.txt")
    with Assistant.open(".footnote") as opened:
        opened.library.store.set_meta(words=0)
    code, _, err = run(capsys, "ask", "松岭区产值达到多少？")
    assert code == 4
    assert run(capsys, *err.split("with: footnote ")[1].split())[0] == 0
    assert run(capsys, "ask", "松岭区产值达到多少？")[0] == 0


def test_verify_checks_anybodys_answer(report, capsys):
    code, out, _ = run(capsys, "verify", "松岭区新增光电子企业52家。[1]", "report.txt", "--json")
    assert (code, json.loads(out)["sentences"][0]["verdict"]) == (0, "wrong_paragraph")


def test_verify_shows_the_numbers_of_the_sources_themselves(report, capsys):
    answer = "产值达到268亿元。[2]芦洲区建成监测站11座。[1]"
    found = json.loads(run(capsys, "verify", answer, "report.txt", "--json")[1])
    assert [(sentence["verdict"], sentence["marks"]) for sentence in found["sentences"]] == [
        ("quoted", [2]),
        ("wrong_paragraph", [3]),
    ]
    assert found["answer"] == "产值达到268亿元。[2]芦洲区建成监测站11座。[3]"
    assert [citation["mark"] for citation in found["citations"]] == [2, 3]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16"])
def test_a_file_that_holds_the_answer_may_be_in_any_encoding_that_documents_may(report, tmp_path, capsys, encoding):
    answer = "松岭区新增光电子企业25家，光电子产业的产值达到268亿元。[1]"
    (tmp_path / "answer.txt").write_bytes(answer.encode(encoding))
    out = run(capsys, "verify", str(tmp_path / "answer.txt"), "report.txt", "--json")[1]
    assert json.loads(out)["answer"] == answer


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["ask", "问题"], 4),
        (["index", "nothing.txt"], 2),
        (["ask"], 2),
        (["index"], 2),
        (["index", "--reembed"], 4),
        (["search", "问", "-k", "0"], 2),
        (["verify", "甲[1]", "nothing.txt"], 2),
        (["remove", "x.txt"], 4),
        (["frobnicate"], 2),
    ],
)
def test_bad_input_is_one_line_and_a_documented_code(capsys, arguments, code):
    found, _, err = run(capsys, *arguments)
    assert found == code
    assert "Traceback" not in err


def test_an_argument_of_a_terminal_in_another_encoding_is_said_to_be_one(report, capsys):
    run(capsys, "index", "report.txt")
    for arguments in (["verify", "\udcb9[1]", "report.txt"], ["show", "\udcb9"]):
        code, _, err = run(capsys, *arguments)
        assert (code, "not in UTF-8" in err) == (2, True)


def test_skipped_files_are_named_and_the_exit_code_says_so(report, tmp_path, capsys):
    (tmp_path / "bad.txt").write_bytes(b"\x00\x01\x02\xff")
    code, out, err = run(capsys, "index", ".")
    assert code == 2
    assert err.count("\n") == 1
    assert "bad.txt: it is a binary file" in err
    assert "1 indexed" in out


def test_demo_answers_two_and_refuses_one(capsys):
    code, out, _ = run(capsys, "demo")
    assert code == 0
    assert out.count("[1]") == 4  # in the answer and at the footnote, twice
    assert "文档中没有说明。" in out
    assert "[1] reports/library" in out or "[1] reports/云川" in out


def test_a_library_of_one_paragraph_answers_and_refuses(tmp_path):
    (tmp_path / "one.txt").write_text("望江区建成中试车间23间，为61家企业完成验证147项。", encoding="utf-8")
    with Assistant.open(tmp_path / "lib") as assistant:
        assistant.add([tmp_path / "one.txt"])
        assert "23间" in assistant.ask("望江区建成了多少间中试车间？").text
        assert assistant.ask("松岭区的光电子产值是多少？").refused


@pytest.mark.parametrize(
    "question",
    [
        "松岭区建成了多少座候鸟监测站？",
        "松嶺區建成了多少座候鳥監測站？",
        "芦洲区的产值是多少亿元？",
    ],
)
def test_the_figure_of_another_district_is_not_an_answer(assistant, question):
    assert assistant.ask(question).refused == "low_evidence"


def test_a_heading_inside_another_word_names_nothing(tmp_path):
    text = "# Art\n\nThe museum shows 40 paintings.\n\n# Trains\n\nThe first train leaves at 5:40 from platform 3.\n"
    (tmp_path / "city.md").write_text(text, encoding="utf-8")
    with Assistant.open(tmp_path / "lib") as assistant:
        assistant.add([tmp_path / "city.md"])
        answer = assistant.ask("From which platform does the first train start?")
    assert "platform 3" in answer.text


def test_a_folder_of_nothing_readable_ends_with_2(tmp_path, monkeypatch, capsys):
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "a.zip").write_bytes(b"PK")
    monkeypatch.setenv("FOOTNOTE_LIBRARY", str(tmp_path / "library"))
    with pytest.raises(SystemExit) as end:
        main(["index", str(tmp_path / "papers")])
    assert end.value.code == 2
    assert "a.zip: its type is not supported" in capsys.readouterr().err
