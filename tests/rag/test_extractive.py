"""Where the reader finds an answer, and which sentences are quoted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import InputError
from index.question import Question
from index.records import Paragraph
from index.static_model import StaticEmbedder
from rag.candidates import candidates
from rag.extractive import select
from rag.reader import FILE, Reader
from rag.readings import Readings

READINGS = Readings()


def paragraphs(*texts):
    return [Paragraph(str(i), text, (), "r.txt", 0, len(text)) for i, text in enumerate(texts)]


def quoted(question, *texts):
    return [
        texts[one.paragraph][one.start : one.end] for one in select(Question(question), paragraphs(*texts), READINGS)
    ]


@pytest.mark.parametrize(
    ("question", "text", "answer"),
    [
        ("图书馆什么时候开馆？", "图书馆由陈一鸣设计。它于2019年5月开馆。馆藏3万册。", "它于2019年5月开馆。"),
        ("When did the library open?", "Anna Lind designed the library. It opened in 2019.", "It opened in 2019."),
        (
            "Who designed the library?",
            "The library opened in 2019. Anna Lind designed the library.",
            "Anna Lind designed the library.",
        ),
        (
            "How many companies moved into the digital port?",
            "数字港二期于6月18日开园，入驻企业135家。组建算力服务联盟，开放公共算力1500P。",
            "数字港二期于6月18日开园，入驻企业135家。",
        ),
    ],
)
def test_the_sentence_that_answers_is_quoted(question, text, answer):
    best = max(select(Question(question), paragraphs(text), READINGS), key=lambda one: one.score)
    assert text[best.start : best.end] == answer


@pytest.mark.parametrize(
    ("question", "text", "answer"),
    [
        ("How long does engraving take?", "How long does engraving take?\nIt takes three working days.", "three"),
        ("门店几点开门？", "1.\n门店几点开门？\n每天上午九点开门。", "每天上午九点开门。"),
    ],
)
def test_a_question_or_a_bare_number_is_no_answer(question, text, answer):
    assert answer in quoted(question, text)[0]


def test_a_lead_in_comes_with_its_items():
    text = "公积金贷款应当同时符合下列条件：\n（一）连续缴存六个月；\n（二）有稳定收入；\n（三）信用良好。"
    said = "".join(quoted("公积金贷款需要符合什么条件？", text))
    assert "连续缴存六个月" in said
    assert "信用良好" in said


def test_the_answer_of_a_faq_is_quoted_from_its_beginning():
    text = "**Q: Do you ship to Norway?**\nA: Not yet. We ship only within Sweden."
    pair = Paragraph("0", text, (), "faq.md", 0, len(text), kind="faq")
    said = [text[one.start : one.end] for one in select(Question("Do you ship to Norway?"), [pair], READINGS)]
    assert said == ["A: Not yet.", "We ship only within Sweden."]


def test_a_comparison_quotes_each_district_that_it_names():
    texts = [
        "松岭区建成养老院14家，设床位2300张。",
        "望江区新建老年助餐点93个，日均供餐1.1万份。",
        "芦洲区开通水上邮路。",
    ]
    headings = ["松岭区", "望江区", "芦洲区"]
    found = [
        Paragraph(str(i), text, (heading,), "r.txt", 0, len(text))
        for i, (text, heading) in enumerate(zip(texts, headings, strict=True))
    ]
    chosen = select(Question("比较望江区和松岭区的养老服务。"), found, READINGS)
    assert [texts[one.paragraph][one.start : one.end] for one in chosen] == texts[:2]
    assert len(select(Question("松岭区建成了多少家养老院？"), found, READINGS)) == 1


def test_each_clause_of_a_question_may_have_an_answer():
    stations, birds = (
        "芦洲区建成候鸟监测站11座，实现监测数据实时共享。",
        "芦洲区全年记录到候鸟214种，其中国家一级保护鸟类9种。",
    )
    texts = (f"打造湿地生态科研样板。{stations}", f"守护候鸟迁徙通道。{birds}", "望江区关停散乱码头17座。")
    assert quoted("芦洲区建成了多少座候鸟监测站，全年记录到多少种候鸟？", *texts) == [stations, birds]
    assert quoted("芦洲区建成了多少座候鸟监测站？", *texts) == [stations]
    # a clause that tells of the birds asks nothing, though a sentence answers it
    assert quoted("芦洲区建成了多少座候鸟监测站，全年记录到候鸟214种？", *texts) == [stations]


def test_a_summary_quotes_what_its_passage_has_of_the_topic():
    birds = [
        "芦洲区全年记录到候鸟214种。",
        "建成候鸟监测站11座。",
        "退养还湿5200亩，恢复候鸟栖息地。",
        "候鸟保护经费增长两成。",
    ]
    texts = ("".join(birds[:2]), "".join(birds[2:]), "望江区开通水上邮路。", "图书馆上午九点开门。")
    found = [Paragraph(str(i), text, (), "r.txt", 0, len(text)) for i, text in enumerate(texts)]
    chosen = select(Question("总结芦洲区的候鸟保护工作。"), found, READINGS, [1, 1, 2, 3])
    assert [texts[one.paragraph][one.start : one.end] for one in chosen] == birds


def test_a_summary_draws_on_all_passages_of_one_document_that_have_its_names():
    told = (
        ("report.txt", ("芦洲区",), "芦洲区全年记录到候鸟214种。"),
        ("report.txt", ("芦洲区",), "建成候鸟监测站11座，恢复候鸟栖息地5200亩。"),
        ("report.txt", ("望江区",), "望江区的候鸟保护经费增长两成。"),
        ("other.txt", (), "芦洲区的候鸟保护工作受到表扬。"),
    )
    found = [Paragraph(str(i), text, heading, source, 0, len(text)) for i, (source, heading, text) in enumerate(told)]
    chosen = select(Question("总结芦洲区的候鸟工作。"), found, READINGS, [1, 2, 3, 4])
    assert {one.paragraph for one in chosen} == {0, 1}


def test_a_field_whose_label_is_asked_for_comes_before_other_sentences():
    texts = ("Chair: Mei Sato", "The chair of the last meeting, Bo Lund, was thanked.")
    assert quoted("Who is the chair?", *texts)[0] == texts[0]


def test_a_label_counts_for_all_that_follows_it():
    texts = ("E102: tank empty. Fill the tank.", "E110: session expired. Log in again.")
    assert quoted("How do I fix E110?", *texts) == ["E110: session expired.", "Log in again."]


def test_the_answer_may_stand_in_a_later_paragraph():
    first, second = "图书馆位于河边，环境安静。", "图书馆于2019年5月开馆。"
    assert quoted("图书馆是哪一年开馆的？", first, second) == [second]


def test_a_row_far_down_a_long_table_is_read():
    rows = [f"| P{i:03} | part {i} | {i * 7} euros |" for i in range(1, 121)]
    assert quoted("How many euros does P097 cost?", "\n".join(rows)) == [rows[96]]


@pytest.mark.parametrize(
    ("long", "short", "sentences"),
    [
        (
            "How does Luzhou protect migratory birds?",
            "How many species of birds did Luzhou record?",
            [
                "Luzhou recorded 214 species of migratory birds.",
                "It returned 5200 mu to wetland for the birds.",
            ],
        ),
        (
            "概述芦洲区候鸟保护的情况。",
            "芦洲区记录到多少种候鸟？",
            ["芦洲区全年记录到候鸟214种，其中国家一级保护鸟类9种。", "退养还湿5200亩，拆除围网养殖37处。"],
        ),
        (  # the clause that asks tells, not the one that names where to look
            "根据云川市生态环境局2024年6月发布的公报，芦洲区是如何通过湿地修复来保护候鸟的？",
            "根据云川市生态环境局2024年6月发布的公报，芦洲区记录到多少种候鸟？",
            ["芦洲区全年记录到候鸟214种，其中国家一级保护鸟类9种。", "退养还湿5200亩，拆除围网养殖37处。"],
        ),
    ],
)
def test_more_is_quoted_where_a_long_answer_is_asked_for(long, short, sentences):
    text = " ".join([*sentences, "The library opens at nine."])
    assert quoted(long, text) == sentences
    assert quoted(short, text) == sentences[:1]


def test_one_name_alone_brings_no_sentence_from_elsewhere():
    found = [
        Paragraph("a", "Vaccination against influenza reached 61.8% there.", ("Luzhou District",), "r", 0, 50),
        Paragraph("b", "芦洲区全年记录到候鸟214种。", ("芦洲区",), "s", 0, 15),
    ]
    assert [one.paragraph for one in select(Question("芦洲区流感疫苗接种率是多少？"), found, READINGS)] == [0]


def test_nothing_to_quote_gives_nothing():
    assert select(Question("什么？"), [], READINGS) == ()
    assert select(Question("什么？"), paragraphs(" "), READINGS) == ()


@given(st.text(max_size=30), st.lists(st.text(max_size=60), max_size=3))
def test_what_is_quoted_stands_in_the_paragraph(question, texts):
    for one in select(Question(question), paragraphs(*texts), READINGS):
        text = texts[one.paragraph]
        assert 0 <= one.start < one.end <= len(text)
        assert text[one.start : one.end] == text[one.start : one.end].strip()


def test_a_paragraph_is_read_once_for_a_question():
    [paragraph] = paragraphs("图书馆于2019年5月开馆。")
    [one], [other] = READINGS(Question("何时开馆？"), [paragraph]), READINGS(Question("何时开馆？"), [paragraph])
    assert one is other
    assert READINGS(Question("馆藏多少？"), [paragraph])[0] is not one


@pytest.mark.parametrize(
    ("question", "text", "answer"),
    [
        (
            "كم رسوم البطاقة السنوية؟",
            "تفتح المكتبة من الساعة التاسعة صباحا. رسوم البطاقة السنوية عشرون دينارا.",
            "رسوم البطاقة السنوية عشرون دينارا.",
        ),
        (
            "Πόσα εργαστήρια χτίστηκαν;",
            "Η βιβλιοθήκη άνοιξε το 2019. Χτίστηκαν εννέα κοινά εργαστήρια.",
            "Χτίστηκαν εννέα κοινά εργαστήρια.",
        ),
    ],
)
def test_words_alone_choose_in_a_language_that_the_table_lacks(question, text, answer):
    assert quoted(question, text) == [answer]


def test_the_table_is_no_judge_of_a_language_that_it_lacks():
    [greek] = READINGS(Question("Πόσα εργαστήρια χτίστηκαν;"), paragraphs("Χτίστηκαν εννέα κοινά εργαστήρια."))
    [english] = READINGS(Question("How many visits were counted?"), paragraphs("The library counted 2 million visits."))
    assert greek.late == 0
    assert english.late > 0


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 torn", b"no weights at all"])
def test_damaged_weights_are_named(tmp_path, content):
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(InputError, match=r"reader\.npz cannot be read .* copy the model again"):
        Reader(StaticEmbedder(), tmp_path)


def test_weights_are_finite():
    with np.load(StaticEmbedder().folder / FILE) as weights:
        assert all(np.isfinite(weights[name]).all() for name in weights)


def test_the_second_reader_tells_paragraphs_that_come_near_each_other_apart():
    texts = ("港口扩建工程2019年开工，投资12亿元。", "2018年，市议会批准了港口的扩建方案。")
    question = Question("谁批准了港口扩建？")
    scores = {one.paragraph: one.score for one in candidates(question, paragraphs(*texts), READINGS)}
    alone = {one.paragraph: one.score for one in candidates(question, paragraphs(*texts), READINGS, closely=False)}
    assert scores[1] - scores[0] > alone[1] - alone[0]


def test_what_the_second_reader_does_not_read_stays_behind_what_it_doubts(monkeypatch):
    monkeypatch.setattr("rag.candidates.NEAR", 0.5)
    texts = ("港口扩建工程2019年开工，投资12亿元。", "港口扩建工程2019年动工，投资12亿元。")
    found, asked = paragraphs(*texts), Question("谁批准了港口扩建？")
    alone = candidates(asked, found, READINGS, closely=False)
    first, second = candidates(asked, found, READINGS)
    assert alone[1].score > first.score > second.score
