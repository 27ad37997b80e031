"""Figures of a question that a paragraph lacks; years that its headings set."""

import pytest

from index.records import Paragraph
from rag import Assistant
from rag.checking.quantities import quantities
from rag.missing_figures import figures_missing, other_year
from rag.settings import Settings

REPORT = """# 云川市2024年政府工作报告

## 一、2024年工作回顾

全市城镇新增就业6.2万人，城镇登记失业率3.1%。

## 二、2025年工作安排

城镇新增就业6万人以上，城镇登记失业率控制在5%以内。
"""


def below(*heading, text="城镇新增就业6万人以上。", context=""):
    return Paragraph("1", text, heading, "report.md", 0, len(text), context=context, title=heading[0])


@pytest.mark.parametrize(
    ("question", "paragraph", "other"),
    [
        ("2024年新增就业多少人？", below("2024年报告", "二、2025年工作安排"), True),
        ("2025年新增就业多少人？", below("2024年报告", "二、2025年工作安排"), False),
        ("2024年新增就业多少人？", below("2024年报告", "二、2025年工作安排", "（一）就业"), True),
        ("2024年新增就业多少人？", below("2024年报告", "二、工作安排"), False),  # the title governs what names no year
        ("How many jobs were there in March 2024?", below("Report", "Plans for 2025"), True),
        ("2025年比2024年多多少？", below("2024年报告", "二、2025年工作安排"), False),
        ("2024年新增就业多少人？", below("报告", "2025年安排", text="2024年为6.2万人，今年6万人。"), False),
        ("2024年新增就业多少人？", below("报告", "2023-2025年规划"), False),
        ("2023年收入多少？", below("报告", "2025年安排", "表1", text="108.9", context="区 | 2023年 | 2024年"), False),
        ("新增就业多少人？", below("2024年报告", "二、2025年工作安排"), False),
        ("2023年新增就业多少人？", below("2024年报告"), False),  # a report may tell of years before
    ],
)
def test_the_innermost_heading_with_a_year_governs(question, paragraph, other):
    assert other_year(quantities(question), paragraph) is other


def test_the_year_of_the_title_is_missing_below_a_heading_with_another_one():
    asked, own = quantities("2024年新增就业多少人？"), below("2024年报告", "二、2025年工作安排")
    assert figures_missing(asked, own, ["2024年"], own.text) == 1
    assert figures_missing(asked, below("2024年报告", "一、工作回顾"), ["2024年"], own.text) == 0


@pytest.mark.parametrize(
    ("year", "said"),
    [("2024", "6.2万人"), ("2025", "6万人以上"), ("2026", None)],
)
def test_the_figure_of_the_right_year_is_quoted(tmp_path, year, said):
    (tmp_path / "report.md").write_text(REPORT, encoding="utf-8")
    with Assistant.open(tmp_path / "library", settings=Settings()) as assistant:
        assistant.add([tmp_path / "report.md"])
        answer = assistant.ask(f"{year}年城镇新增就业多少人？")
    assert said in answer.text if said else answer.refused
