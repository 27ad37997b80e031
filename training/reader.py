"""Trains the reader that finds the sentence which answers (`rag.reader`).

    python training/reader.py --data DIR --out FOLDER [--epochs N] [--seed S]

DIR holds `train/` with qa2.LANG.SOURCE.jsonl.gz and `dev/` with the question sets; every fifth paragraph of the latter
is left out. Paragraphs that it learns to turn down are the nearest others, those of the same article, the right one
with its subject's name exchanged, and the right one without the sentence that answers.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import random
import re
import time
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from opencc import OpenCC
from torch import Tensor, nn
from torch.nn import functional

from index.late_interaction import late_interaction
from index.sentences import sentences
from index.static_model import StaticEmbedder
from index.text import fold, is_cjk
from rag.reader import DILATIONS, FILE, View, shapes, view

MEANING, HELD, WIDE = 24, 16, 64
RATE = 2e-3
HELD_OUT = 5
"""Every so many-th paragraph of the development sets is for measuring."""

DEV = ("cmrc2018-dev.zh", "drcd-dev.zh-Hant", "squad11-part.en", "jsquad-valid.ja")
ACROSS = ("en", "zh", "de", "es", "ru", "tr", "ro", "vi")
SIMPLIFIED = ("cmrc2018-dev.zh", "qa2.zh.cmrc2018-train", "xquad-half.zh")
CAPS = {"qa2.ja.jaquad-train": 9000, "qa2.zh.nomiracl-neg": 1800}


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph and what its context would be."""

    text: str
    title: str
    source: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, its paragraph, and the accepted answers; None without any."""

    question: str
    passage: int
    answers: tuple[str, ...]
    start: int = -1


def plain(text: str) -> str:
    return "".join(c for c in fold(text) if c.isalnum())


class Data:
    """Every question, and the passages that it could be asked over."""

    def __init__(self, folder: Path, draw: random.Random) -> None:
        self.passages: list[Passage] = []
        self.asked: list[Asked] = []
        self._row: dict[tuple[str, str], int] = {}
        self.draw = draw
        self.held = held_out(folder)
        for name in DEV:
            self._dev(folder, name, name)
        self._across(folder)
        for file in sorted((folder / "train").glob("qa2.*.jsonl.gz")):
            self._train(file)

    def _passage(self, text: str, title: str, source: str) -> int:
        key = (text, source)
        if key not in self._row:
            self._row[key] = len(self.passages)
            self.passages.append(Passage(text, title, source))
        return self._row[key]

    def _dev(self, folder: Path, questions: str, paragraphs: str, most: int = 10**9) -> None:
        contexts = lines(folder / "dev" / f"{paragraphs}.contexts.jsonl")
        own = {c["id"]: c for i, c in enumerate(contexts) if i % HELD_OUT != HELD_OUT - 1}
        answers = {q["id"]: q["answers"] for q in lines(folder / "dev" / f"{paragraphs}.jsonl")}
        found = [
            q for q in lines(folder / "dev" / f"{questions}.jsonl") if q["context_id"] in own and q["id"] in answers
        ]
        for q in self.draw.sample(found, min(most, len(found))):
            context = own[q["context_id"]]
            if plain(context["text"])[:80] in self.held:
                continue
            row = self._passage(context["text"], context["title"].replace("_", " "), paragraphs)
            self.asked.append(Asked(q["question"], row, tuple(answers[q["id"]])))

    def _across(self, folder: Path) -> None:
        """The same questions and paragraphs in several languages, each over each where one is English or Chinese."""
        for one in ACROSS:
            for other in ACROSS:
                most = 480 if {one, other} <= {"en", "zh"} or one == other else 240
                if {one, other} & {"en", "zh"} or one == other:
                    self._dev(folder, f"xquad-half.{one}", f"xquad-half.{other}", most)

    def _train(self, file: Path) -> None:
        name = file.name.removesuffix(".jsonl.gz")
        with gzip.open(file, "rt", encoding="utf-8") as opened:
            rows = [json.loads(line) for line in opened]
        rows = [r for r in rows if plain(r["paragraph"])[:80] not in self.held and len(r["paragraph"]) < 2500]
        rows = [r for r in rows if not r["answerable"] or (r["answers"] and r["answers"][0]["start"] >= 0)]
        self.draw.shuffle(rows)
        for r in rows[: CAPS.get(name, 500 if "nomiracl" in name else 10**9)]:
            row = self._passage(r["paragraph"], "", name)
            start = r["answers"][0]["start"] if r["answerable"] else -1
            self.asked.append(Asked(r["question"], row, tuple(a["text"] for a in r["answers"]), start))


def held_out(folder: Path) -> set[str]:
    found = set()
    for file in (folder / "dev").glob("*.contexts.jsonl"):
        for i, context in enumerate(lines(file)):
            if i % HELD_OUT == HELD_OUT - 1:
                found.add(plain(context["text"])[:80])
    return found


def lines(file: Path) -> list[dict]:
    with file.open(encoding="utf-8") as opened:
        return [json.loads(line) for line in opened]


@dataclass(frozen=True, slots=True)
class Example:
    """One question over one paragraph; `gold` are the tokens of the answer, empty for none."""

    seen: View
    gold: NDArray[np.int32]
    answers: bool


class Maker:
    """Examples out of questions: right paragraphs, wrong ones, and lines that only look like an answer."""

    def __init__(self, data: Data, table: StaticEmbedder, draw: random.Random) -> None:
        self.data, self.table, self.draw = data, table, draw
        self.by_source: dict[str, list[int]] = defaultdict(list)
        self.by_title: dict[tuple[str, str], list[int]] = defaultdict(list)
        for i, passage in enumerate(data.passages):
            self.by_source[passage.source].append(i)
            if passage.title:
                self.by_title[passage.source, passage.title].append(i)
        self.titles = {s: sorted({t for src, t in self.by_title if src == s}) for s, _ in self.by_title}
        vectors = table.embed_passages([p.text[:600] for p in data.passages])
        self.vectors = vectors
        self.words = dictionaries(DATA)
        self.traditional = OpenCC("s2t")

    def make(self, one: Asked) -> list[Example]:
        passage = self.data.passages[one.passage]
        found = []
        if passage.source in SIMPLIFIED and self.draw.random() < 0.3:
            one, passage = self._traditional(one, passage)
        question = self._switched(one.question)
        if one.answers:
            text, start = passage.text, one.start
            if one.start < 0 or passage.text[start : start + len(one.answers[0])] != one.answers[0]:
                start = -1
            found.append(self._example(question, text, passage.title, one.answers, start))
            if self.draw.random() < 0.3:
                found.append(self._other(question, one, passage))
            if passage.title and self.draw.random() < 0.25:
                found.append(self._renamed(question, passage))
            if self.draw.random() < 0.4:
                found.append(self._silent(question, one, passage))
        else:
            found.append(self._example(question, passage.text, passage.title, (), -1))
        return [example for example in found if example is not None]

    def _traditional(self, one: Asked, passage: Passage) -> tuple[Asked, Passage]:
        """The same in traditional characters."""
        convert = self.traditional.convert
        answers = tuple(map(convert, one.answers))
        return replace(one, question=convert(one.question), answers=answers), replace(
            passage, text=convert(passage.text), title=convert(passage.title)
        )

    def _switched(self, question: str) -> str:
        """At times the question in another language, word by word."""
        if self.draw.random() > 0.12:
            return question
        if is_cjk(question) and not re.search("[\u3041-\u30ff]", question):
            ids = self.table.tokens([question])[0]
            pieces = [self.table.tokenizer.id_to_token(int(i)) for i in ids]
            return " ".join(self.draw.choice(self.words["zh"].get(fold(p), [p])) for p in pieces)
        if question.isascii():
            return " ".join(self.draw.choice(self.words["en"].get(fold(w.strip("?.,")), [w])) for w in question.split())
        return question

    def _other(self, question: str, one: Asked, passage: Passage) -> Example | None:
        same = [i for i in self.by_title.get((passage.source, passage.title), []) if i != one.passage]
        pool = same if same and self.draw.random() < 0.5 else self._near(question, one.passage, passage.source)
        if not pool:
            return None
        other = self.data.passages[self.draw.choice(pool)]
        held = plain(other.text)
        if any(plain(a) in held for a in one.answers) and other.title == passage.title:
            return None
        return self._example(question, other.text, other.title, (), -1)

    def _near(self, question: str, own: int, source: str) -> list[int]:
        rows = self.by_source[source]
        cosines = self.vectors[rows] @ self.table.embed_query(question)
        pool = [rows[int(i)] for i in np.argsort(-cosines)[:12] if rows[int(i)] != own]
        [asked, *passages] = self.table.tokens([question, *(self.data.passages[i].text[:700] for i in pool)])
        scores = late_interaction(self.table, asked, passages)
        return [pool[int(i)] for i in np.argsort(-scores)[:4]]

    def _renamed(self, question: str, passage: Passage) -> Example | None:
        """The right paragraph of another subject: what the question names is named there no more."""
        name = re.sub(r"\s*\(.*", "", passage.title)
        if len(name) < 2 or fold(name) not in fold(question):
            return None
        other = self.draw.choice(self.titles[passage.source])
        if fold(other) in fold(question) or fold(name) in fold(other):
            return None
        text = re.sub(re.escape(name), lambda _: other, passage.text, flags=re.IGNORECASE)
        if fold(name) in fold(text):
            return None
        return self._example(question, text, other, (), -1)

    def _silent(self, question: str, one: Asked, passage: Passage) -> Example | None:
        """The right paragraph without the sentence that answers: its subject is there, what is asked of it is not."""
        pieces = [passage.text[start:end] for start, end in sentences(passage.text)]
        kept = [p for p in pieces if not any(plain(answer) in plain(p) for answer in one.answers)]
        if not kept or len(kept) == len(pieces) or len(pieces) > 2 * len(kept) + 1:
            return None
        return self._example(question, " ".join(kept) if kept[0].isascii() else "".join(kept), passage.title, (), -1)

    def _example(self, question: str, text: str, title: str, answers: tuple[str, ...], start: int) -> Example | None:
        spans = sentences(text)
        pieces = [text[a:b] for a, b in spans]
        if answers and start >= 0:
            end = start + len(answers[0])
            gold = [[(max(0, start - a), min(b, end) - a)] if a < end and start < b else [] for a, b in spans]
        else:
            gold = [[m.span() for answer in answers for m in re.finditer(re.escape(answer), piece)] for piece in pieces]
        if answers and not any(gold):
            return None
        pieces, gold = self._distracted(question, title, pieces, gold)
        context = title if self.draw.random() < 0.6 else ""
        encoded = self.table.tokenizer.encode_batch([question, context, *pieces], add_special_tokens=False)
        tokens = [np.asarray(e.ids, dtype=np.int32) for e in encoded]
        first = 0  # a long paragraph begins before its answer
        if answers and sum(map(len, tokens[2:])) > 300:
            at = next(i for i, g in enumerate(gold) if g)
            first = max(0, at - self.draw.randint(0, 6))
        kept = tokens[2 + first :]
        seen = view(self.table, tokens[0], kept, tokens[1], shapes(pieces)[first:])
        if len(seen.question) < 2:
            return None
        marks, at = [], 0
        for encoding, ids, spans_ in zip(encoded[2 + first :], kept, gold[first:], strict=True):
            offsets = encoding.offsets if spans_ else []
            for i, (a, b) in enumerate(offsets):
                if any(a < y and x < b for x, y in spans_):
                    marks.append(at + i)
            at += max(1, len(ids))
        marks = [m for m in marks if m < len(seen.paragraph)]
        if answers and not marks:
            return None
        return Example(seen, np.array(marks, dtype=np.int32), bool(answers))

    def _distracted(self, question: str, title: str, pieces: list[str], gold: list) -> tuple[list[str], list]:
        """Lines as documents have them, which hold no answer: the title, a number, a question."""
        pieces, gold = list(pieces), list(gold)
        line = []
        if self.draw.random() < 0.12:
            words = question.rstrip("?？ ").split() if question.isascii() else list(question.rstrip("？?"))
            kept = [w for w in words if self.draw.random() < 0.9]
            joined = (" " if question.isascii() else "").join(kept)
            ends = ("？", "", "：") if is_cjk(question) else ("?", "", ":")
            line.append(joined + self.draw.choice(ends))
        if title and self.draw.random() < 0.12:
            line.append(title)
        if self.draw.random() < 0.05:
            line.append(f"{self.draw.randint(1, 12)}{self.draw.choice(('.', '、', ')'))}")
        for text in line:
            at = 0 if self.draw.random() < 0.6 else self.draw.randint(0, len(pieces))
            pieces.insert(at, text)
            gold.insert(at, [])
        return pieces, gold


DATA = Path()


def dictionaries(folder: Path) -> dict[str, dict[str, list[str]]]:
    """Chinese pieces to English words, and English words to Chinese ones."""
    found: dict[str, dict[str, list[str]]] = {"zh": defaultdict(list), "en": defaultdict(list)}
    for name in ("dict.zh-en.cedict", "dict.zh-en.omw"):
        with gzip.open(folder / "train" / f"{name}.tsv.gz", "rt", encoding="utf-8") as opened:
            for row in opened:
                chinese, english = [*row.rstrip("\n").split("\t"), ""][:2]
                english = re.sub(r"\(.*?\)|^to ", "", english).strip()
                if chinese and english and len(english.split()) <= 2 and len(chinese) <= 4:
                    if len(found["zh"][fold(chinese)]) < 4:
                        found["zh"][fold(chinese)].append(english)
                    if len(found["en"][fold(english)]) < 4:
                        found["en"][fold(english)].append(chinese)
    return found


class Network(nn.Module):
    """`rag.reader.Reader` for many paragraphs at once."""

    def __init__(self, rows: NDArray[np.float32]) -> None:
        super().__init__()
        table = torch.from_numpy(np.concatenate([rows, np.zeros((1, rows.shape[1]), dtype=np.float32)]))
        norms = table.norm(dim=1, keepdim=True)
        self.unit = table / norms.clamp_min(1e-6)
        self.norms = norms[:, 0] * 0.3
        self.nothing = len(rows)
        self.meaning = nn.Linear(rows.shape[1], MEANING)
        self.asked = nn.Linear(3 * (MEANING + 1), 48)
        self.weigh = nn.Linear(48, 1)
        self.sought = nn.Linear(48, MEANING)
        self.tone = nn.Linear(48, WIDE)
        self.held1 = nn.Linear(3 * (9 + MEANING), 32)
        self.held2 = nn.Linear(3 * 32, 32)
        self.held3 = nn.Linear(32, 1 + HELD)
        self.enter = nn.Linear(3 * MEANING + 6 + HELD + 7, WIDE)
        self.layers = nn.ModuleList(nn.Linear(3 * WIDE, WIDE) for _ in DILATIONS)
        self.told = nn.Linear(WIDE, 1)
        self.whole = nn.Linear(HELD + 7, 1)

    def forward(self, b: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        """Log-odds of each token against no answer, (B, L), and of each sentence (B, S)."""
        q, p, sid = b["question"], b["paragraph"], b["sentence"]
        there_q = (q != self.nothing).float()[:, :, None]
        there_p = (p != self.nothing).float()[:, :, None]
        mq = self.meaning(self.unit[q]) * there_q
        mp = self.meaning(self.unit[p]) * there_p
        enc = torch.relu(self.asked(around(torch.cat([mq, self.norms[q][:, :, None] * there_q], 2), 1))) * there_q
        weight = (self.weigh(enc) - 1e4 * (1 - there_q)).softmax(1)
        u = (weight * enc).sum(1)
        sought = self.sought(u)
        size, most, length = b["held"].shape[:3]
        seen = torch.cat([b["held"].float(), mq[:, None].expand(-1, most, -1, -1)], 3) * there_q[:, None]
        mask = there_q[:, None].expand(-1, most, -1, -1).reshape(size * most, length, 1)
        hidden = torch.relu(self.held1(around(seen.reshape(size * most, length, -1), 1))) * mask
        hidden = hidden + torch.relu(self.held2(around(hidden, 1)))
        told = self.held3(hidden)
        gate = torch.sigmoid(told[:, :, :1]) * mask
        v = ((gate * told[:, :, 1:]).sum(1) / gate.sum(1).clamp_min(1e-6)).reshape(size, most, HELD)
        sent = torch.cat([v, b["shape"].float()], 2)
        spread = sent.gather(1, sid[:, :, None].expand(-1, -1, sent.shape[2]))
        x = torch.cat([mp, mp * sought[:, None], torch.bmm(b["aligned"].float(), mq), b["match"].float(), spread], 2)
        x = torch.relu(self.enter(functional.dropout(x, 0.05, self.training)) + self.tone(u)[:, None]) * there_p
        for layer, d in zip(self.layers, DILATIONS, strict=True):
            x = x + torch.relu(layer(around(x, d))) * there_p
        x = functional.dropout(x, 0.1, self.training)
        whole = self.whole(sent)[:, :, 0]
        tokens = self.told(x)[:, :, 0] + whole.gather(1, sid) - 1e4 * (1 - there_p[:, :, 0])
        onehot = functional.one_hot(sid, most).transpose(1, 2).bool()
        sent_scores = tokens[:, None].masked_fill(~onehot, -1e4).logsumexp(2)
        return tokens, sent_scores


def around(values: Tensor, d: int) -> Tensor:
    padded = functional.pad(values, (0, 0, d, d))
    return torch.cat([padded[:, : -2 * d], padded[:, d:-d], padded[:, 2 * d :]], dim=2)


def collate(batch: list[Example], nothing: int) -> dict[str, Tensor]:
    """Examples side by side, padded."""
    size = len(batch)
    asked = max(len(e.seen.question) for e in batch)
    read = max(len(e.seen.paragraph) for e in batch)
    most = max(len(e.seen.held) for e in batch)
    out = {
        "question": np.full((size, asked), nothing, np.int64),
        "paragraph": np.full((size, read), nothing, np.int64),
        "sentence": np.zeros((size, read), np.int64),
        "held": np.zeros((size, most, asked, 9), np.float16),
        "match": np.zeros((size, read, 6), np.float16),
        "aligned": np.zeros((size, read, asked), np.float16),
        "shape": np.zeros((size, most, 7), np.float16),
        "gold": np.zeros((size, read), bool),
        "answers": np.zeros(size, bool),
    }
    for i, e in enumerate(batch):
        v = e.seen
        q, n, s = len(v.question), len(v.paragraph), len(v.held)
        out["question"][i, :q] = v.question
        out["paragraph"][i, :n] = v.paragraph
        out["sentence"][i, :n] = v.sentence
        out["held"][i, :s, :q] = v.held
        out["match"][i, :n] = v.match
        out["aligned"][i, :n, :q] = v.aligned
        out["shape"][i, :s] = v.shape
        out["gold"][i, e.gold] = True
        out["answers"][i] = e.answers
    return {name: torch.from_numpy(values) for name, values in out.items()}


def loss_of(net: Network, b: dict[str, Tensor]) -> tuple[Tensor, dict[str, float]]:
    tokens, sents = net(b)
    zero = torch.zeros(len(tokens), 1)
    every = torch.cat([tokens, zero], 1).logsumexp(1)
    gold_tokens = tokens.masked_fill(~b["gold"], -1e4).logsumexp(1)
    onehot = functional.one_hot(b["sentence"], sents.shape[1]).bool()
    gold_sents = (onehot & b["gold"][:, :, None]).any(1)
    right = sents.masked_fill(~gold_sents, -1e4).logsumexp(1)
    null = -every
    answers = b["answers"]
    token_loss = torch.where(answers, every - gold_tokens, every)
    sent_loss = torch.where(answers, every - right, every)
    loss = (0.4 * token_loss + sent_loss).mean()
    top = sents.argmax(1)
    hit = gold_sents.gather(1, top[:, None])[:, 0][answers].float()
    return loss, {"hit": hit.sum().item(), "n": float(answers.sum()), "loss": loss.item(), "null": null.mean().item()}


def batches(examples: list[Example], size: int, draw: random.Random) -> list[list[Example]]:
    order = sorted(range(len(examples)), key=lambda i: len(examples[i].seen.paragraph) // 24 + draw.random())
    found = [[examples[i] for i in order[a : a + size]] for a in range(0, len(order), size)]
    draw.shuffle(found)
    return found


def save(net: Network, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(folder / FILE, **{k: v.numpy().astype(np.float16) for k, v in net.state_dict().items()})


def main() -> None:
    global DATA
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=40)
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--start", type=Path, help="a folder with weights to go on from")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    DATA = args.data
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    draw = random.Random(args.seed)
    table = StaticEmbedder()
    data = Data(args.data, draw)
    print(len(data.asked), "questions", len(data.passages), "passages", flush=True)
    maker = Maker(data, table, draw)
    net = Network(table.rows(np.arange(table.tokenizer.get_vocab_size(), dtype=np.int32)))
    if args.start:
        with np.load(args.start / FILE) as held:
            net.load_state_dict({k: torch.from_numpy(held[k].astype(np.float32)) for k in held})
    optimiser = torch.optim.AdamW(net.parameters(), args.rate, weight_decay=1e-3)
    began, steps, seen, done = time.monotonic(), 0, defaultdict(float), 0.0
    while done < 1:
        chunk = draw.sample(data.asked, min(4000, len(data.asked)))
        made = [e for one in chunk for e in maker.make(one)]
        if steps == 0:
            print(len(made), "examples in", round(time.monotonic() - began), "s", flush=True)
        for batch in batches(made, 32, draw):
            done = (time.monotonic() - began) / 60 / args.minutes
            for group in optimiser.param_groups:
                group["lr"] = (
                    args.rate * min(1.0, steps / 50 + 0.02) * max(0.02, (1 + math.cos(math.pi * min(done, 1))) / 2)
                )
            if done >= 1:
                break
            loss, told = loss_of(net, collate(batch, net.nothing))
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            steps += 1
            for k, v in told.items():
                seen[k] += v
            seen["b"] += 1
            if steps % 100 == 0:
                mean, first = seen["loss"] / seen["b"], seen["hit"] / max(seen["n"], 1)
                print(f"step {steps}, {time.monotonic() - began:.0f} s, loss {mean:.3f}, first {first:.3f}", flush=True)
                seen.clear()
            if steps % 250 == 0:
                save(net, args.out)
    save(net, args.out)


if __name__ == "__main__":
    main()
