"""The model proposes what else to search for, when the settings say so: each of two things that are compared.

One round: it sees the question and no source, so that no document can order a search.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from index.errors import CassetteError, EndpointError
from index.records import Hit
from prompts.injection import visible
from prompts.templates import SEARCHES_VERSION, fill_in_language
from rag.checking.quantities import quantities
from rag.llm.model import ChatModel

MOST, PASSAGES = 3, 3
"""Searches of one question, and passages that each adds at most."""
_LONGEST = 120
_NUMBER = re.compile(r"^[\s\-*•·]*(?:\(?\d{1,2}[.)、．:：）]\s*)?")


def proposed(question: str, model: ChatModel) -> list[str]:
    """Searches that the model proposes beside the question itself; none where it fails or only quotes.

    A line that is long, or that has a figure of its own, is none.
    """
    content = fill_in_language("searches", question, asked=visible(question), most=str(MOST))
    try:
        reply = model.write([{"role": "user", "content": content}], prompt=SEARCHES_VERSION)
    except CassetteError:  # a reply that was not recorded must not pass for a model that failed
        raise
    except EndpointError:
        return []
    values = {quantity.value for quantity in quantities(question, loose=True)}
    lines = [_NUMBER.sub("", line).strip(' "“”「」') for line in (reply.text if reply else "").splitlines()]
    usable = [
        line
        for line in dict.fromkeys(lines)
        if 2 <= len(line) <= _LONGEST and line != question and values.issuperset(q.value for q in quantities(line))
    ]
    return usable[:MOST]


def with_searches(
    hits: Sequence[Hit], searches: Sequence[str], search: Callable[[str, int], Sequence[Hit]]
) -> list[Hit]:
    """The hits, then what further searches find: of each the best passage, then of each the second, and so on."""
    known, rows = {hit.paragraph_ids for hit in hits}, [search(text, PASSAGES) for text in searches]
    further: list[Hit] = []
    for place in range(PASSAGES):
        for row in rows:
            if place < len(row) and row[place].paragraph_ids not in known:
                known.add(row[place].paragraph_ids)
                further.append(row[place])
    return [*hits, *(replace(hit, rank=rank) for rank, hit in enumerate(further, start=len(hits) + 1))]
