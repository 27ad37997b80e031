"""Which paragraphs are about what a question names."""

import pytest

from rag.named import about_the_named, without_names
from rag.places import districts
from tests.support.found import hits


@pytest.mark.parametrize(
    ("question", "kept"),
    [
        ("松岭区建成了多少座监测站？", ["0"]),
        ("静湖区建成了多少座监测站？", ["3"]),
        ("静湖建成了多少座监测站？", ["0", "1", "2", "3"]),
        ("How many stations did Songling District build?", ["0"]),
        ("How many stations did Jinghu District build?", ["3"]),
        ("How many stations did Wangjiang district build?", ["2"]),
        ("全市建成了多少座监测站？", ["0", "1", "2", "3"]),
    ],
)
def test_another_district_does_not_answer(question, kept):
    found = hits(
        ("松岭区", "建成监测站12座。"),
        ("芦洲区", "建成监测站9座。"),
        ("", "望江区建成监测站7座。"),
        ("", "全市建成监测站300座。"),
    )
    assert [hit.paragraph.id for hit in about_the_named(question, found)] == kept


def test_an_unlabelled_paragraph_names_its_district_without_the_word_district():
    found = hits(("", "打响“国际静安”品牌，布局四大园区。"), ("普陀区", "成立共同体。"))
    assert [hit.paragraph.id for hit in about_the_named("静安区有多少个园区？", found)] == ["0"]
    assert [hit.paragraph.id for hit in about_the_named("How many parks does Jing'an District have?", found)] == ["0"]


def test_an_english_district_over_english_text():
    found = hits(("", "Ridge District built 4 stations."), ("", "Marsh County built 3."), ("", "The city built 90."))
    assert [hit.paragraph.id for hit in about_the_named("What did Ridge district build?", found)] == ["0"]
    assert [hit.paragraph.id for hit in about_the_named("What did Hill District build?", found)] == ["2"]


def test_districts():
    assert districts("How many did Marsh County and the district build?") == ["Marsh County"]
    assert districts("哪个区最多？各区、全区和示范区，成立区服务中心") == []
    assert districts("Which district founded it? The District did.") == []


@pytest.mark.parametrize(
    ("question", "kept"),
    [
        ("2024年新增就业多少人？", ["0", "1"]),
        ("2025年新增就业多少人？", []),
        ("新增就业多少人？", ["0", "1"]),
    ],
)
def test_a_year_that_no_paragraph_names(question, kept):
    found = hits(("", "全年城镇新增就业14.2万人。"), ("", "2024年，在校学生78.6万人。"))
    assert [hit.paragraph.id for hit in about_the_named(question, found)] == kept


def test_a_report_says_its_year_once():
    found = hits(("普陀区", "集聚企业900家。"), ("", "2024年，全市集聚企业1.2万家。"))
    assert about_the_named("2022年普陀区集聚多少家企业？", found) == []
    assert [hit.paragraph.id for hit in about_the_named("2024年普陀区集聚多少家企业？", found)] == ["0"]


def test_another_phase_of_the_same_port():
    found = hits(("", "数字港二期于6月开园。"), ("", "数字港周边建成托育园3家。"))
    assert about_the_named("数字港三期什么时候开工？", found) == []


@pytest.mark.parametrize(
    ("question", "rest"),
    [
        ("普陀区引进了多少博士？", "引进了多少博士？"),
        ("普陀區引進了多少博士？", "引进了多少博士？"),
        ("How many PhDs did Putuo District attract?", "How many PhDs did attract?"),
        ("How many PhDs did Putuo attract?", "How many PhDs did attract?"),
        ("普陀？", "普陀？"),
        ("静安区引进了多少博士？", "静安区引进了多少博士？"),
    ],
)
def test_a_question_without_the_places_that_a_hit_names(question, rest):
    [hit] = hits(("普陀区", "引进硕士84名。"))
    assert " ".join(without_names(question, hit).split()) == rest
