"""What the blocks of a text are to each other, by their shape: question and answer, label and value, lead-in and list.

Nothing here knows what a line is about: a question ends in a question mark, a label in a colon, an item has a number.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from index.reading.headings import number
from index.reading.tables import trim
from index.records import Block
from index.sentences import LABEL_COLUMNS, VALUE_COLUMNS, columns, leads

MAX_BLOCK = 20_000
"""Characters of the longest block; a longer one is several, so that a word without end stays bounded."""
MAX_CONTEXT = 2_000
MAX_HEADING = 300
_QUESTION_MARKS = "?？؟"
_STOPS = "。.!！…｡।۔"
_QUOTES = "\"'“”‘’「『《«—–"
_LONGEST_QUESTION = 300
_LEADING_MARKUP = r"(?:[\s>*_#`]|[-+•]\s)*"
_TRAILING_MARKUP = " \t\u3000*_`"
_FIRST = re.compile(_LEADING_MARKUP)
_MARKER = re.compile(_LEADING_MARKUP + r"([^\W_])\s*\d{0,3}\s*[*_]*[.．:：]")
ITEM = re.compile(
    r"[-*+•·●○▪◦‣–—]\s+\S|[（(](?:\d{1,3}|[A-Za-z]|[一二三四五六七八九十百]{1,4})[)）]\s*\S"
    r"|(?:\d{1,3}|[A-Za-z])(?:[.．)）](?!\d)|、)\s*\S|[一二三四五六七八九十百]{1,4}、\s*\S|[①-⑳]\s*\S"
)
"""A line that is an item of a list, from its first character."""
# The one status that a document gives itself, as a line of its own: "状态：已废止", "Status: superseded", "（已失效）".
_STATUS = re.compile(
    r"^[\W_]*(?:[^\n:：]{1,20}[:：]\W*)?(?:[^\n\W]{0,6})"
    r"(?:已(?:经)?(?:废止|廢止|失效|作废|作廢)|(?:superseded|repealed|withdrawn|obsolete)(?:\s+by\b[^\n]*)?)[\W_]*$",
    re.IGNORECASE,
)
_TITLE_STATUS = re.compile(
    r"[（(\[【](?:已(?:废止|廢止|失效|作废|作廢)|superseded|repealed|withdrawn|obsolete)[)）\]】]\W*$", re.I
)
_HEAD_LINES = 12


def relate(text: str, blocks: Sequence[Block]) -> list[Block]:
    """Questions joined to their answers, labels to their values, below numbered titles; lists with their lead-in."""
    return introduce(text, number(text, join(text, blocks)))


def introduce(text: str, blocks: Sequence[Block]) -> list[Block]:
    """Items of a list and code that follow a line with a colon at its end have that line as context."""
    found: list[Block] = []
    lead = ""
    governed: tuple[str, ...] = ()
    for block in blocks:
        if block.heading != governed:
            lead, governed = "", block.heading
        if lead and block.kind == "paragraph" and ITEM.match(text[block.start : block.start + 12]):
            block = replace(block, kind="list_item")
        if block.kind in ("list_item", "code"):
            found.append(replace(block, context=lead) if lead and not block.context else block)
            continue
        last = text[block.start : block.end].rsplit("\n", 1)[-1]
        lead = last if leads(last) else ""
        found.append(block)
    return found


def join(text: str, blocks: Sequence[Block]) -> list[Block]:
    """Questions with their answers, and labels with their values, as one block each."""
    pairs = _marker_pairs(text, blocks)
    found: list[Block] = []
    i = 0
    while i < len(blocks):
        block, following = blocks[i], blocks[i + 1] if i + 1 < len(blocks) else None
        if block.kind == "table_row":
            pass
        elif block.kind == "paragraph" and _holds_answer(text, block, pairs):
            block = replace(block, kind="faq")
        elif following and following.heading == block.heading:
            if _asks(text, block, following, pairs):
                block = replace(block, end=following.end, kind="faq")
                i += 1
            elif _labels(text, block, following, blocks[i + 2] if i + 2 < len(blocks) else None):
                block = replace(block, end=following.end)
                i += 1
        found.append(block)
        i += 1
    return found


def _is_question(line: str) -> bool:
    line = line.rstrip(_TRAILING_MARKUP)
    if line[-1:] not in _QUESTION_MARKS:
        return False
    plain = _FIRST.sub("", line, count=1)
    # A question in quotation marks is speech, not an FAQ.
    short = 3 < len(plain) <= _LONGEST_QUESTION and plain[0] not in _QUOTES
    return short and not any(mark in plain[:-1] for mark in "。!！?？")


def _marker(line: str) -> str:
    """The single letter that marks a line: "Q" of "**Q1:** ...", "问" of "问：..."."""
    found = _MARKER.match(line)
    return found[1] if found and not found[1].isdigit() else ""


def _marker_pairs(text: str, blocks: Sequence[Block]) -> set[tuple[str, str]]:
    """Markers that follow each other at least twice in a document, Q and A, 问 and 答, question marks or not."""
    spans = [(block.start, block.end) for block in blocks if block.kind != "table_row"]
    marks = [_marker(line) for start, end in spans for line in text[start:end].split("\n")]
    counted = Counter((a, b) for a, b in zip(marks, marks[1:], strict=False) if a and b and a != b)
    first = {pair for pair, count in counted.items() if count > 1}
    # In Q A Q A the pair (A, Q) occurs once less; "A." and "B." are items of a list.
    return {(a, b) for a, b in first if counted[a, b] >= counted[b, a] and ord(b) != ord(a) + 1}


def _holds_answer(text: str, block: Block, pairs: set[tuple[str, str]]) -> bool:
    """Whether the first line of a block asks and those below answer."""
    first, _, rest = text[block.start : block.end].partition("\n")
    return bool(rest) and (_is_question(first) or _paired(first, rest, pairs))


def _paired(asked: str, answer: str, pairs: set[tuple[str, str]]) -> bool:
    return bool(pairs) and (_marker(asked), _marker(answer)) in pairs


def _asks(text: str, block: Block, following: Block, pairs: set[tuple[str, str]]) -> bool:
    asked, answer = text[block.start : block.end], text[following.start : following.end]
    points = block.kind == following.kind == "list_item" and not ITEM.match(answer)  # of a slide
    if not points and (block.kind not in ("paragraph", "list_item") or following.kind != "paragraph"):
        return False
    if _paired(asked, answer, pairs):
        return True
    if "\n" in asked or not _is_question(asked) or _is_question(answer):
        return False
    # A heading below a question is no answer, and ends without a stop.
    return bool(_marker(answer)) or answer.rstrip("\"'”’）)*_")[-1:] in _STOPS


def _labels(text: str, block: Block, following: Block, after: Block | None) -> bool:
    """A short line with a colon at its end, and one short line right below that stands alone."""
    label, value = text[block.start : block.end], text[following.start : following.end]
    if not leads(label) or {block.kind, following.kind} != {"paragraph"}:
        return False
    if "\n" in label or "\n" in value or columns(label) > LABEL_COLUMNS or columns(value) > VALUE_COLUMNS:
        return False
    alone = (
        after is None
        or text.count("\n", following.end, after.start) > 1
        or leads(text[after.start : after.end].split("\n", 1)[0])
    )
    return text.count("\n", block.end, following.start) == 1 and alone and not value.endswith((":", "："))


def superseded(text: str) -> bool:
    """Whether a document declares itself no longer in force, in a status line of its own near the top or its title."""
    lines = [line for line in text[:4000].split("\n") if line.strip()][:_HEAD_LINES]
    return any(len(line) < 120 and _STATUS.match(line) for line in lines) or bool(
        lines and _TITLE_STATUS.search(lines[0][-40:])
    )


def bounded(text: str, block: Block) -> Iterator[Block]:
    """The block, in pieces of at most MAX_BLOCK characters, cut behind a line, a sentence or a word where one ends.

    What is repeated with each of many blocks is bounded too: the context of a table of thousands of columns, headings.
    """
    heading = tuple(title[:MAX_HEADING] for title in block.heading)
    block = replace(block, heading=heading, context=block.context[:MAX_CONTEXT])
    start = block.start
    while block.end - start > MAX_BLOCK:
        limit = start + MAX_BLOCK
        ends = (text.rfind(mark, start + MAX_BLOCK // 2, limit) + len(mark) for mark in ("\n", "。", ". ", " "))
        cut = next((end for end in ends if end > start + MAX_BLOCK // 2), limit)
        left, right = trim(text, start, cut)
        if left < right:
            yield replace(block, start=left, end=right)
        start = trim(text, cut, block.end)[0]
    yield replace(block, start=start)
