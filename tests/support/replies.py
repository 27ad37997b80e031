"""Recorded replies of small models (`benchmarks/real_llm.py --record`), through all that comes after a model."""

import json
import re
from pathlib import Path

from index.text import fold
from rag import Assistant, Settings
from tests.support.scripted import Server, whole

ROOT = Path(__file__).resolve().parents[2]


def lines(file):
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


BROAD = {case["id"]: case for case in lines(ROOT / "benchmarks" / "broad.jsonl") if "id" in case}
CASES = BROAD | {case["id"]: case for case in lines(ROOT / "eval" / "data" / "reports.jsonl") if "id" in case}


def answered(library, replies=ROOT / "tests" / "data" / "replies.jsonl", cases=CASES):
    """(recording, case, the answer in the documents' words, the answer with the model's reply) of each."""
    settings, server, found = Settings(library=library), Server(), []
    endpoint = settings.model_copy(update={"model": "small", "base_url": server.url, "retries": 0})
    with Assistant.open(settings=settings) as quoting, Assistant.open(settings=endpoint) as asking:
        for one in lines(replies):
            case = cases[one["id"]]
            question = case["question"]
            sources = [source.paragraph.id for source in asking.prompt(question, asking.search(question)).sources]
            server.replies = [whole(_renumbered(one["reply"], one["paragraphs"], sources))]
            found.append((one, case, quoting.ask(question), asking.ask(question)))
    server.close()
    return found


def _renumbered(reply, recorded, now):
    """The reply with its marks for the paragraphs as they are numbered now; one that is not shown loses its mark."""

    def mark(found):
        named = [recorded[int(n) - 1] for n in re.findall(r"\d+", found.group()) if 0 < int(n) <= len(recorded)]
        numbers = [str(now.index(one) + 1) for one in named if one in now]
        return f"[{', '.join(numbers)}]" if numbers else ""

    return re.sub(r"\[\d+(?:, ?\d+)*\]", mark, reply)


def points(case, answer):
    """Share of the case's facts that an answer states."""
    text = re.sub(r"[\s,，]", "", fold(answer.text))
    held = [any(re.sub(r"[\s,，]", "", fold(one)) in text for one in fact["any_of"]) for fact in case["facts"]]
    return 0.0 if answer.refused else sum(held) / len(held)
