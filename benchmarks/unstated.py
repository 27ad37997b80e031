"""Figures asked about the right place that no paragraph states, beside figures that one does: who is refused?

    python benchmarks/unstated.py

The questions are our own, over the examples. Printed: the share refused of either kind, and every wrong decision.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from rag import Assistant

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"

STATED = (
    "望江区为多少家企业完成中试验证？",
    "望江区引进了多少名博士后研究人员？",
    "望江區共建了多少個聯合實驗室？",
    "松岭区新增了多少家光电子企业？",
    "松岭区给硕士多少安家补贴？",
    "芦洲区建成了多少座候鸟监测站？",
    "芦洲区一年节水多少？",
    "白石数字港二期的建筑面积是多少？",
    "云川市新认定了多少家高新技术企业？",
    "How many pilot workshops did Wangjiang build?",
    "How many visits did the city library count?",
    "How many maps came from the heirs of Lin Boyuan?",
    "When did the night reading room open?",
    "图书馆的夜间阅览室在几楼？",
)
UNSTATED = (
    "望江区有多少条地铁线路？",
    "望江区引进了多少名院士？",
    "望江區的常住人口是多少？",
    "松岭区建成了多少座候鸟监测站？",
    "松岭区有多少家图书馆？",
    "松岭区给博士多少安家补贴？",
    "芦洲区新增了多少家光电子企业？",
    "芦洲区投入多少亿元建设监测站？",
    "白石数字港二期创造了多少个就业岗位？",
    "云川市有多少名外国专家？",
    "How many doctors did Songling attract?",
    "How many hospitals did Luzhou build?",
    "How many employees does the city library have?",
    "What did the maps of the river port cost?",
)
ACROSS_STATED = (
    "How many community canteens did Wangjiang open?",
    "How many robots did Songling bring in?",
    "How many islands in Luzhou have video clinics?",
    "How many old docks did Wangjiang close?",
    "How many species of birds were recorded in Luzhou?",
    "How many recycling cabinets did Songling install?",
    "How many noise complaints were received?",
    "How many museums does Lanwan County have?",
    "How many artists took part in the sand sculpture festival?",
    "How many old photographs were scanned?",
    "How many elevators were added to old buildings?",
    "How many sign language interpreters does the special school have?",
    "How many primary schools use the local textbook of Luzhou?",
    "How many enterprises have moved into the digital port?",
    "How many guides were trained along the tea mountain trail?",
    "How many sewage treatment plants does Yunchuan have?",
)
ACROSS_UNSTATED = (
    "How many hospitals did Wangjiang build?",
    "How many police officers work in Songling?",
    "How many hotels does Luzhou have?",
    "How many PhDs did Songling attract?",
    "How many bridges did Wangjiang repair?",
    "How many metro lines does Songling have?",
    "How many churches are there in Lanwan County?",
    "How many restaurants opened in Luzhou?",
    "How many cars were sold in Wangjiang?",
    "How many cinemas does Lanwan County have?",
    "How many earthquakes were recorded in Yunchuan?",
    "How many dogs were registered in Luzhou?",
    "How many traffic accidents happened in Wangjiang?",
    "How many lawyers work in Songling?",
    "How many flights left Yunchuan airport?",
    "How many patents did the digital port register?",
)
"""English questions over Chinese paragraphs: words cannot tell what a figure counts."""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, Assistant.open(Path(folder) / "library") as assistant:
        assistant.add([EXAMPLES])
        print("| figures | questions | refused |\n|---|---|---|")
        wrong = []
        for name, questions, refuse in (
            ("stated", STATED, False),
            ("unstated", UNSTATED, True),
            ("stated, in another language", ACROSS_STATED, False),
            ("unstated, in another language", ACROSS_UNSTATED, True),
        ):
            answers = [assistant.ask(question) for question in questions]
            print(f"| {name} | {len(answers)} | {sum(a.refused is not None for a in answers) / len(answers):.2f} |")
            wrong += [answer for answer in answers if (answer.refused is not None) is not refuse]
        for answer in wrong:
            print(f"\n{answer.question}\n  {answer.text} {answer.refused or ''}")


if __name__ == "__main__":
    main()
