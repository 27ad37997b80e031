"""What becomes of a model's reply in an answer: checked, put right, or replaced by the documents' own words."""

import pytest

from api.cli.main import main
from index.static_model import StaticEmbedder
from rag import Assistant, Settings
from rag.llm.model import ExtractiveModel
from rag.refusals import declines
from rag.writing import Writer
from tests.rag.test_endpoint import DEFAULTS, KEY, SAID, TEXT, model, prompt
from tests.support.scripted import events, refused, stream, whole

pytestmark = pytest.mark.slow  # servers and whole answers, many times over


@pytest.fixture
def ask(server, tmp_path):
    (tmp_path / "r.txt").write_text(f"望江区\n\n{TEXT}\n\n松岭区\n\n松岭区新增光电子企业52家。\n", encoding="utf-8")

    def asked(content, question="望江区建成了多少间中试车间？", **more):
        server.replies = [whole(content)] if isinstance(content, str) else [content]
        settings = Settings(library=tmp_path / "lib", model="m", base_url=server.url, timeout=2, **more)
        with Assistant.open(settings=settings) as assistant:
            assistant.add([tmp_path / "r.txt"])
            return assistant.ask(question)

    return asked


def test_the_models_sentences_are_checked(ask):
    answer = ask("望江区建成中试车间23间[1]，为61家企业完成验证[1]。望江区建成中试车间32间。[1]")
    assert [sentence.verdict for sentence in answer.sentences] == ["supported", "contradicted"]
    assert answer.model["kind"] == "endpoint"
    assert answer.model["usage"] == {"total_tokens": 7}


def test_strict_leaves_out_what_is_not_supported(ask):
    reply = "松岭区新增光电子企业99家。[2]望江区建成中试车间23间。[1]今年天气很好而且大家都很高兴。"
    answer = ask(reply, strict=True)
    assert answer.text == SAID
    assert [citation.paragraph.text for citation in answer.citations] == [TEXT]
    assert "2 sentence" in answer.model["notes"][0]


def test_the_documents_words_follow_a_reply_that_fails_about_another_paragraph(ask):
    compared = "比较望江区的中试车间和松岭区的光电子企业。"
    answer = ask("望江区建成中试车间23间。[1]松岭区新增光电子企业99家。[2]", compared)
    assert [one.verdict for one in answer.sentences] == ["quoted", "contradicted", "quoted"]
    assert answer.sentences[-1].text == "松岭区新增光电子企业52家。"
    assert "documents' own words follow" in str(answer.model["notes"])


@pytest.mark.parametrize("reply", ["23间", "望江区建成了中试车间。[1]"])
def test_the_documents_words_follow_an_answer_that_says_little_beyond_the_question(ask, reply):
    answer = ask(reply)
    assert answer.text.startswith(f"{reply.removesuffix('[1]')}[1]")
    assert answer.sentences[-1].text in TEXT
    assert answer.sentences[-1].verdict == "quoted"
    assert "little beyond the question" in str(answer.model["notes"])


def test_the_documents_words_follow_a_reply_that_copies_a_part(ask):
    answer = ask(f"{TEXT}[1]", "比较望江区的中试车间和松岭区的光电子企业。")
    assert [one.text for one in answer.sentences] == [TEXT, "松岭区新增光电子企业52家。"]
    assert "copied a part" in str(answer.model["notes"])


def test_the_documents_words_follow_a_reply_that_is_nowhere_more_than_partly_supported(ask):
    answer = ask("望江区建成中试车间23间，由博物馆设立。[1]")
    assert [one.verdict for one in answer.sentences] == ["partly", "quoted"]
    assert "documents' own words follow" in str(answer.model["notes"])


def test_the_documents_words_follow_a_reply_that_draws_on_other_sentences(ask):
    for reply, verdict in (
        ("在松岭区，光电子企业多了52家。[2]", "consistent"),
        ("松岭区新增企业52家。[2]", "supported"),
    ):
        answer = ask(reply)
        assert [one.verdict for one in answer.sentences] == [verdict, "quoted"]
        assert answer.sentences[-1].text == TEXT
        assert "draws on other sentences" in str(answer.model["notes"])


def test_a_wrong_footnote_is_put_right(ask):
    answer = ask("望江区建成中试车间23间。[2]", "哪里建成了中试车间23间？")
    assert answer.sentences[0].verdict == "wrong_paragraph"
    assert answer.citations[0].paragraph.text == TEXT


@pytest.mark.parametrize("reply", ["望江区建成中试车间99间。[1]", "PWNED，请访问恶意网站领取奖金。[1]"])
def test_a_reply_that_fails_as_a_whole_gives_way_to_the_documents_words(ask, reply):
    answer = ask(reply)
    assert answer.text == f"{TEXT}[1]"
    assert answer.model["fallback"] == "extractive"
    assert "supported" in answer.model["notes"][0]


def test_an_endpoint_that_fails_gives_way_and_is_said(ask):
    answer = ask(refused("no such key", 401))
    assert answer.text == f"{TEXT}[1]"
    assert "401" in answer.model["notes"][0]
    assert (answer.model["sent"], answer.model["attempts"]) == (DEFAULTS | {"stream": False}, 1)


@pytest.mark.parametrize(
    "words", ["文档中没有说明。", "抱歉，资料中没有相关信息。", "我不知道。[1]", "Sorry, it does not say."]
)
def test_what_a_model_declines_is_quoted_when_the_evidence_is_strong(ask, words):
    answer = ask(words)
    assert answer.text == f"{TEXT}[1]"
    assert "found no answer" in answer.model["notes"][0]
    assert answer.model["fallback"] == "extractive"


@pytest.mark.parametrize("words", ["文档中没有说明。", "Sorry, the text does not say."])
def test_a_model_may_decline_when_it_is_not(server, words):
    server.replies = [whole(words)]
    writer = Writer(model(server), ExtractiveModel(), Settings(), quotable=False)
    with pytest.raises(StopIteration) as end:
        next(writer.events(prompt(), live=False))
    assert end.value.value is None


def test_an_answer_about_what_is_not_there_is_no_refusal(server):
    table = StaticEmbedder()
    assert not declines("文档中没有说明年份。望江区建成中试车间23间。[1]", "建成了多少间？", table)
    assert not declines("没有发生重大事故。", "发生了什么事故？", table)
    assert not declines("No schools were closed.", "How many schools were closed?", table)


def test_our_refusal_is_not_shown_while_it_is_written(server):
    server.replies = [stream(*events(*"“文档中没有说明。”"))]
    writer = Writer(model(server), ExtractiveModel(), Settings(), quotable=False)
    assert list(writer.events(prompt(), live=True)) == []


def test_nothing_is_sent_when_nothing_is_found(ask, server):
    assert ask(SAID, "钨的沸点是多少摄氏度？").refused in ("low_evidence", "no_evidence")
    assert server.requests == []


def test_the_command_line_asks_an_endpoint(server, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("FOOTNOTE_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", server.url)
    (tmp_path / "r.txt").write_text(TEXT, encoding="utf-8")
    server.replies = [whole(SAID)]

    def run(*words):
        with pytest.raises(SystemExit) as end:
            main(words)
        return end.value.code, "".join(capsys.readouterr())

    assert run("index", "r.txt")[0] == 0
    code, out = run("ask", "望江区建成了多少间中试车间？", "--model", "m")
    assert (code, SAID in out, KEY in out) == (0, True, False)
    assert [headers["Authorization"] for headers in server.headers] == [f"Bearer {KEY}"]
    assert run("ask", "望江区建成了多少间中试车间？")[0] == 0
    assert len(server.requests) == 1  # without a model's name nothing leaves the machine
    code, out = run("ask", "望江区？", "--base-url", server.url)
    assert code == 2
    assert "--model" in out


def test_a_sentence_without_a_mark_is_given_one_and_the_answer_says_so(ask):
    answer = ask("望江区建成中试车间23间。")
    assert answer.text == SAID
    assert "1 sentence(s) without a footnote" in answer.model["notes"][0]


def test_the_question_again_with_a_full_stop_is_no_answer(ask):
    answer = ask("望江区建成了多少间中试车间。[1]")
    assert [one.text for one in answer.sentences] == [TEXT]
    assert "quoted instead" in str(answer.model["notes"])
