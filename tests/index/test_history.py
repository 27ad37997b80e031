"""Whatever happened to a library, it answers as a fresh one over the same documents does."""

import shutil
import sqlite3
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import LibraryError
from index.library import Library

PARAGRAPHS = (
    "东岸区新建联合实验室9个，引进博士84人。",
    "东岸区新建联合实验室9个，引进博士84人。",  # as often as the one above: ties
    "西岭区举办成果对接会36场，达成意向2.5亿元。",
    "In 2024 the harbour district opened nine joint laboratories and hired 84 researchers.",
    "The western ridge district held 36 matchmaking meetings.\nThey led to letters of intent.",
    "# 东岸区",
    "# Western ridge",
    "| 区 | 实验室 |\n|---|---|\n| 东岸 | 9 |\n| 西岭 | 7 |",
    "南湖区发布行动方案，" + "投入资金用于公园、泵站和车库的改造。" * 12,
)
QUESTIONS = ("东岸区新建了多少实验室", "How many laboratories were opened?", "西岭 9", "南湖区投入", "Putuo")
NAMES = ("a.md", "b.md", "c.txt", "d.txt")

TEXTS = (
    st.lists(st.sampled_from(PARAGRAPHS), min_size=1, max_size=5)
    .filter(lambda parts: not all(part.startswith("#") for part in parts))  # nothing but headings is not indexed
    .map("\n\n".join)
)
STEPS = st.one_of(
    st.tuples(st.just("write"), st.sampled_from(NAMES), TEXTS),
    st.tuples(st.just("interrupt"), st.sampled_from(NAMES), st.tuples(TEXTS, st.integers(1, 400))),
    st.tuples(st.just("remove"), st.sampled_from(NAMES), st.none()),
    st.tuples(st.just("prune"), st.sampled_from(NAMES), st.none()),
    st.tuples(st.just("reembed"), st.none(), st.none()),
)


def step(library, documents, what, name, given_):
    """One thing that happens to a library. An interrupted write happens again, as a user would do it."""
    file = documents / name if name else documents
    if what == "write":
        file.write_text(given_, encoding="utf-8")
        library.add([file])
    elif what == "interrupt":
        file.write_text(given_[0], encoding="utf-8")
        library.engine.records.db.set_progress_handler(lambda: 1, given_[1])
        with suppress(LibraryError, sqlite3.OperationalError):
            library.add([file])
        library.engine.records.db.set_progress_handler(None, 0)
        library.add([file])
    elif what == "remove" and file.exists():
        file.unlink()
        library.remove(f"documents/{name}")
    elif what == "prune" and file.exists():
        file.unlink()
        library.add([], prune=True)
    elif what == "reembed":
        library.reembed()


def answers(library):
    """All that a search shows; the ordinal of equal words under other headings is the order in which they came."""
    return [[shown(hit) for hit in library.search(question, 8)] for question in QUESTIONS]


def shown(hit):
    ids = [paragraph.id.partition("-")[0] for paragraph in hit.passage]
    place = hit.paragraph.source, hit.paragraph.also, hit.paragraph.start
    return ids, hit.text, place, hit.rank, hit.lexical_rank, hit.dense_rank, pytest.approx(hit.score, abs=1e-6)


@pytest.mark.slow
@settings(max_examples=25)
@given(st.lists(STEPS, min_size=1, max_size=8))
def test_hits_are_those_of_a_fresh_library(steps):
    place = Path(tempfile.mkdtemp())
    try:
        documents = place / "documents"
        documents.mkdir()
        with Library.open(place / "lib", create=True) as library:
            for what, name, given_ in steps:
                step(library, documents, what, name, given_)
            found = answers(library)
        with Library.open(place / "fresh", create=True) as fresh:
            fresh.add([documents]) if any(documents.iterdir()) else None
            assert answers(fresh) == found
    finally:
        shutil.rmtree(place)
