"""Training examples out of questions: the right paragraph, wrong ones, and lines that only look like an answer."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from opencc import OpenCC
from reader_data import Asked, Data, Passage, marked, plain, subject
from records import Record, record

from index.late_interaction import late_interaction
from index.sentences import sentences
from index.static_model import StaticEmbedder
from index.text import fold, is_cjk
from rag.reader import View, shapes, view

SIMPLIFIED = ("cmrc2018-dev.zh", "qa2.zh.cmrc2018-train", "xquad-half.zh")


@dataclass(frozen=True, slots=True)
class Example:
    """One question over one paragraph; `gold` are the tokens of the answer, empty for none."""

    seen: View
    gold: NDArray[np.int32]
    answers: bool


class Maker:
    """Examples out of questions: right paragraphs, wrong ones, and lines that only look like an answer."""

    def __init__(
        self, data: Data, table: StaticEmbedder, words: dict[str, dict[str, list[str]]], draw: random.Random
    ) -> None:
        self.data, self.table, self.draw = data, table, draw
        self.by_source: dict[str, list[int]] = defaultdict(list)
        self.by_title: dict[tuple[str, str], list[int]] = defaultdict(list)
        for i, passage in enumerate(data.passages):
            self.by_source[passage.source].append(i)
            if passage.title:
                self.by_title[passage.source, passage.title].append(i)
        self.by_passage: dict[int, list[Asked]] = defaultdict(list)
        for one in data.asked:
            if one.answers:
                self.by_passage[one.passage].append(one)
        self.titles = {s: sorted({t for src, t in self.by_title if src == s}) for s, _ in self.by_title}
        self.vectors = table.embed_passages([p.text[:600] for p in data.passages])
        self.words = words
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
            if self.draw.random() < 0.35:
                found.append(self._swapped(question, one, passage))
            if self.draw.random() < 0.45:
                found += self._records(question, one, passage)
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
        name = subject(passage.title)
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

    def _swapped(self, question: str, one: Asked, passage: Passage) -> Example | None:
        """Another figure or name in the question than the paragraph has, which then does not answer it."""
        held = fold(f"{passage.title} {passage.text}")
        figures = [figure for figure in re.findall(r"\d+", question) if figure in held]
        record = self._record(one, passage)
        if figures:
            old = self.draw.choice(figures)
            new = str(int(old) + self.draw.choice((-3, -2, -1, 1, 2, 3, 10))).lstrip("-").zfill(len(old))
        elif record and record.subject:
            other = self.draw.choice(self.data.asked)
            strange = self._record(other, self.data.passages[other.passage]) if other.answers else None
            old, new = record.subject, strange.subject if strange else ""
        else:
            return None
        if not new or fold(new) in held or is_cjk(new) != is_cjk(old):
            return None
        edge = "" if is_cjk(old) else r"\b"
        asked, count = re.subn(f"{edge}{re.escape(old)}{edge}", lambda _: new, question, count=1, flags=re.IGNORECASE)
        return self._example(asked, passage.text, passage.title, (), -1) if count else None

    def _records(self, question: str, one: Asked, passage: Passage) -> list[Example | None]:
        """The same as a label, row, item or clause, and others of these that do not answer."""
        own = self._record(one, passage)
        if own is None:
            return []
        others = [other for other in self.by_passage[one.passage] if other.question != one.question]
        self.draw.shuffle(others)
        beside = [r for other in others[:3] if (r := self._record(other, passage)) and not _tells(one, r.value)]
        beside = [r for r in beside if plain(r.value) not in map(plain, one.answers)]
        rivals = []
        for i in [i for i in self._near(question, one.passage, passage.source) if self.by_passage[i]][:2]:
            rival = self._record(self.draw.choice(self.by_passage[i]), self.data.passages[i])
            if rival and not _tells(one, f"{rival.subject} {rival.label} {rival.value} {rival.clause}"):
                rivals.append(rival)
        kind = self.draw.choice(("label", "label", "row", "row", "clause", "item", "lines", "led"))
        if kind == "row":
            return self._rows(question, passage, [own, *beside[:2]], rivals)
        if kind == "led":
            return self._led(question, own, beside + rivals)
        title = passage.title if self.draw.random() < 0.7 else ""
        lines = [r.line("label" if kind == "lines" else kind, self.draw) for r in (own, *beside)]
        if own.value not in lines[0]:
            return []
        if kind == "lines":
            first, rest = lines[0], lines[1:]
            self.draw.shuffle(lines)
            text = "\n".join(lines)
            found = [self._example(question, text, title, (own.value,), _place(text, first, own.value), shown=True)]
            return [*found, self._example(question, "\n".join(rest), title, (), -1, shown=True)] if rest else found
        found = [self._example(question, lines[0], title, (own.value,), lines[0].rindex(own.value), shown=True)]
        wrong = [*lines[1:2], *(r.line(kind, self.draw) for r in rivals[:1])]
        return found + [self._example(question, w, title, (), -1, shown=True) for w in wrong if not _tells(one, w)]

    def _rows(
        self, question: str, passage: Passage, records: list[Record], rivals: list[Record]
    ) -> list[Example | None]:
        """A row of a table under its header; that of another subject; the same without the column asked for."""
        own, bar = records[0], self.draw.choice((" | ", ",", "\t", " | "))
        columns = list(records)
        self.draw.shuffle(columns)
        name = own.subject or passage.title or own.label
        corner = self.draw.choice(("", "名称" if own.cjk else "name"))
        title = passage.title if self.draw.random() < 0.5 else ""
        found: list[Example | None] = []
        header = "\n".join(filter(None, [title, " | ".join([corner, *(r.label for r in columns)])]))
        row = bar.join([name, *(r.value for r in columns)])
        start = row.index(own.value, len(name))
        found.append(self._example(question, row, header, (own.value,), start, shown=True))
        if rivals:
            other = bar.join([rivals[0].subject or rivals[0].label, *(r.value for r in rivals)])
            found.append(self._example(question, other, header, (), -1, shown=True))
        rest = [r for r in columns if r is not own]
        if rest and self.draw.random() < 0.6:
            row = bar.join([name, *(r.value for r in rest)])
            found.append(self._example(question, row, " | ".join(["", *(r.label for r in rest)]), (), -1, shown=True))
        return found

    def _led(self, question: str, own: Record, others: list[Record]) -> list[Example | None]:
        """An item that holds the value alone, behind the line that introduces it; another item behind another line."""
        found: list[Example | None] = []
        for one in (own, *others[:1]):
            lead = f"{one.subject}{'' if one.cjk else ' '}{one.label}".strip() + ("：" if one.cjk else ":")
            text = f"{self.draw.choice(('- ', '1. ', '2. ', '（一）', ''))}{one.value}{'。' if one.cjk else '.'}"
            right = one is own
            start = text.index(one.value) if right else -1
            found.append(self._example(question, text, lead, (one.value,) if right else (), start, shown=True))
        return found

    def _record(self, one: Asked, passage: Passage) -> Record | None:
        known = one.start >= 0 and passage.text.startswith(one.answers[0], one.start)
        return record(self.table, one.question, passage.text, one.answers, one.start if known else -1)

    def _example(
        self, question: str, text: str, title: str, answers: tuple[str, ...], start: int, *, shown: bool = False
    ) -> Example | None:
        """`shown` when the text is all there is, under just that title."""
        pieces, gold = marked(text, answers, start)
        if answers and not any(gold):
            return None
        if not shown:
            pieces, gold = self._distracted(question, title, pieces, gold)
        context = title if shown or self.draw.random() < 0.6 else ""
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


def _tells(one: Asked, text: str) -> bool:
    return any(plain(answer) in plain(text) for answer in one.answers)


def _place(text: str, line: str, value: str) -> int:
    return text.index(line) + line.rindex(value)
