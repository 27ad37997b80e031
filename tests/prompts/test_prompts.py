"""What is sent: templates, rules that no template can remove, languages, tokens."""

from pathlib import Path

import pytest

from api.cli.main import main
from index.errors import InputError
from index.records import Hit, Paragraph
from prompts.compose import compose
from prompts.language import language, language_name
from prompts.templates import VERSION, answer_template, fill
from prompts.tokens import counter, estimate_tokens
from rag import Assistant, Settings
from rag.checking.quantities import quantities
from rag.refusals import refusal_sentence
from tests.support.scripted import Server, whole

ROOT = Path(__file__).resolve().parents[2]
TEXT = "望江区建成中试车间23间。"
ENGLISH = "Wangjiang built 23 pilot workshops."


def content(question="多少间？", template=None, text=TEXT):
    hits = [Hit(Paragraph(str(i), text, (), "r", 0, len(text)), 1.0, i) for i in (1, 2)]
    [message] = compose(question, hits, template=template).messages(refusal_sentence(question))
    return message["content"]


def test_sources_come_first_then_the_rules_and_the_question_last():
    sent = content()
    order = ("资料：", "[1] 望江区", "[2] 望江区", "要求：", "文档中没有说明。", "问题：多少间？")
    places = [sent.rindex(words) for words in order]
    assert places == sorted(places)
    assert "How many?" in content("How many?").splitlines()[-2]
    assert "Answer in English." in content("How many?", text=ENGLISH)


def test_nothing_in_the_example_can_be_cited_or_copied_unseen():
    for question, text in (("多少间？", TEXT), ("How many?", ENGLISH)):
        example = next(line for line in content(question, text=text).splitlines() if line.startswith("2."))
        assert "[3]" in example  # there are two sources
        assert quantities(example.split("：")[-1].split(":")[-1].replace("[3]", "")) == []


def test_over_chinese_sources_an_english_question_comes_with_nothing_to_copy_instead_of_an_answer():
    for question in ("How many?", "Combien?"):
        sent = content(question)
        assert "Answer in whole sentences" in sent
        assert refusal_sentence(question) not in sent
        assert "garden" not in sent
    assert refusal_sentence("多少间？") in content("多少间？", text=ENGLISH)


def test_a_template_of_ones_own_keeps_the_rules(tmp_path):
    file = tmp_path / "mine.txt"
    file.write_text("\ufeffBe brief; a coffee is $$2.\n$question\n$sources\n", encoding="utf-8")
    mine = answer_template(file)
    sent = content(template=mine)
    assert sent.startswith("Be brief; a coffee is $2.\n多少间？\nr\n[1] 望江区")
    assert "要求：" in sent
    assert sent.index("要求：") < sent.index("文档中没有说明。")
    assert mine.version.startswith(f"{VERSION}+")
    file.write_text("$question $sources")
    assert answer_template(file).version not in (VERSION, mine.version)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("$question", "must contain both"),
        ("$sources", "must contain both"),
        ("$question $sources $rules", "may contain"),
        ("$question $sources costs $5", r"any other \$ as \$\$"),
        (b"\xff\xfe$", "cannot be read"),
        (None, "cannot be read"),
    ],
)
def test_a_template_that_cannot_be_used_is_said(tmp_path, capsys, monkeypatch, text, words):
    file = tmp_path / "mine.txt"
    if text is not None:
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InputError, match=words):
        answer_template(file)
    (tmp_path / "r.txt").write_text(TEXT, encoding="utf-8")
    with Assistant.open(tmp_path / ".footnote") as assistant:
        assistant.add([tmp_path / "r.txt"])
    monkeypatch.setenv("FOOTNOTE_TEMPLATE", str(file))
    with pytest.raises(SystemExit) as end:
        main(["ask", "多少间？"])
    assert end.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_the_version_of_the_words_is_in_the_answers_record(tmp_path):
    (tmp_path / "r.txt").write_text(f"望江区\n\n{TEXT}\n", encoding="utf-8")
    (tmp_path / "mine.txt").write_text("$question $sources")
    server = Server()
    server.replies = [whole(f"{TEXT}[1]")]
    try:
        for template, version in ((None, VERSION), (tmp_path / "mine.txt", f"{VERSION}+")):
            settings = Settings(library=tmp_path / "lib", model="m", base_url=server.url, template=template)
            with Assistant.open(settings=settings) as assistant:
                assistant.add([tmp_path / "r.txt"])
                assert assistant.ask("望江区建成了多少间中试车间？").model["prompt"].startswith(version)
    finally:
        server.close()


def test_our_texts_are_filled_strictly():
    with pytest.raises(KeyError):
        fill("rules.en", example="[1]")


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("多少间？", "zh"),
        ("有多少間？", "zh-Hant"),
        ("いくつですか", "ja"),
        ("몇 개입니까?", "ko"),
        ("How many are there?", "en"),
        ("Сколько лабораторий?", "ru"),
        ("كم عدد المختبرات؟", "ar"),
        ("Combien de laboratoires?", ""),
        ("G60走廊有多长？", "zh"),
    ],
)
def test_the_questions_language_is_the_answers(question, name):
    assert language(question) == name
    assert language_name(question) in content(question)


def test_the_same_question_gives_the_same_prompt():
    assert content() == content()


def test_tokens_are_counted_by_the_models_tokenizer_when_it_is_known(tmp_path):
    from tokenizers import Tokenizer, models, pre_tokenizers

    made = Tokenizer(models.WordLevel({"a": 0, "?": 1}, unk_token="?"))
    made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    made.enable_truncation(2)
    made.save(str(tmp_path / "tokenizer.json"))
    for named in (tmp_path, tmp_path / "tokenizer.json"):
        assert counter(named)("a b c d") == 4
    assert counter(None) is estimate_tokens
    with pytest.raises(InputError, match="tokenizer"):
        counter(tmp_path / "missing.json")


@pytest.mark.parametrize("name", ["云川市科技创新年报.txt", "library-services.md"])
def test_the_estimate_is_on_the_safe_side(name):
    [file] = (ROOT / "examples").rglob(name)
    count = counter(ROOT / "index" / "model")
    for line in file.read_text(encoding="utf-8").splitlines():
        assert estimate_tokens(line) >= count(line), line


def test_a_paragraph_of_two_passages_has_the_place_of_the_better_one():
    best, second, third = (Paragraph(str(i), f"{TEXT}{i}", (), "r", 0, 12) for i in range(3))
    hits = [Hit(best, 2.0, 1, passage=(best, second)), Hit(third, 1.0, 2, passage=(best, third))]
    assert [(s.paragraph.id, s.rank) for s in compose("？", hits).sources] == [("0", 1), ("1", 1), ("2", 2)]
