"""A library in Milvus gives what a library on this machine gives."""

import json
from pathlib import Path

import pytest

from index.errors import InputError, LibraryError, LibraryLockedError, LibraryMissingError
from index.library import Library
from index.milvus.tables import Address
from index.words import query_words
from rag.assistant import Assistant
from rag.settings import Settings
from tests.support.milvus import milvus

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
ROWS = map(json.loads, (ROOT / "eval/data/reports.jsonl").open(encoding="utf-8"))
QUESTIONS = [row["question"] for row in ROWS if "question" in row]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with milvus(tmp_path_factory.mktemp("milvus")) as address:
        yield address


@pytest.fixture
def library(server, tmp_path, request):
    (tmp_path / "one.txt").write_text("东岸区新建实验室。\n\n投入3亿元。\n", encoding="utf-8")
    (tmp_path / "two.txt").write_text("南湖区投入5亿元，建成实验室。\n", encoding="utf-8")
    name = f"t{abs(hash(request.node.name))}"
    with Library.open(tmp_path / "lib", create=True, engine=f"{server}/{name}") as opened:
        yield opened


def shown(hits):
    return [(hit.paragraphs, hit.rank) for hit in hits]


def same(ours, theirs):
    """Whether two lists are the same, to the last digits of a score."""
    scores = [pytest.approx(hit.score, abs=1e-4) for hit in theirs]
    return shown(ours) == shown(theirs) and [hit.score for hit in ours] == scores


@pytest.mark.slow
def test_the_same_hits_and_answers_as_on_this_machine(server, tmp_path):
    settings = Settings(library=tmp_path / "local")
    with (
        Assistant.open(settings=settings) as local,
        Assistant.open(settings=settings.model_copy(update={"engine": f"{server}/examples"})) as remote,
    ):
        reports = [assistant.add([ROOT / "examples"]) for assistant in (local, remote)]
        assert reports[0] == reports[1]
        for question in QUESTIONS:
            assert same(local.search(question, 10), remote.search(question, 10)), question
            terms = query_words(question)
            assert local.library.holders(terms) == remote.library.holders(terms)
        for question in QUESTIONS[::5]:
            ours, theirs = local.ask(question), remote.ask(question)
            assert (ours.text, ours.refused, ours.citations) == (theirs.text, theirs.refused, theirs.citations)
        assert shown(local.search("亿元", 10, source="*教育*")) == shown(remote.search("亿元", 10, source="*教育*"))


@pytest.fixture(scope="module")
def many(server, tmp_path_factory):
    """More documents than either way to search proposes, many of them alike, on this machine and in Milvus."""
    folder = tmp_path_factory.mktemp("many")
    for number in range(450):  # nine wordings, each with the same words as often, and a head that others share
        kind, place = "实验室 工作站 图书馆".split()[number % 3], "东岸 西岭 南湖".split()[number // 3 % 3]
        (folder / f"{number}.txt").write_text(f"{place}区年报。\n\n" + f"新建{kind}{number}个。" * 40, encoding="utf-8")
    with (
        Library.open(folder / "local", create=True) as local,
        Library.open(folder / "far", create=True, engine=f"{server}/many") as far,
    ):
        for library in (local, far):
            library.add(sorted(folder.glob("*.txt")))
        yield local, far


@pytest.mark.parametrize("question", ["东岸区新建了多少实验室？", "图书馆", "西岭区年报", "新建工作站77个"])
def test_ties_where_the_proposed_end_change_nothing(many, question):
    ours, theirs = (library.search(question, 10) for library in many)
    assert [(hit.score, hit.text) for hit in ours] == [(pytest.approx(hit.score, abs=1e-4), hit.text) for hit in theirs]


def test_changes_and_removals_leave_what_a_fresh_library_holds(library, server, tmp_path):
    library.add([tmp_path / "one.txt", tmp_path / "two.txt"])
    (tmp_path / "one.txt").write_text("东岸区新建候鸟站。\n\n投入3亿元。\n\n另有说明。\n", encoding="utf-8")
    report = library.add([tmp_path])
    assert (report.indexed, report.unchanged, report.paragraphs) == (["one.txt"], ["two.txt"], 2)
    library.remove("two.txt")
    with Library.open(tmp_path / "lib", create=True, engine=f"{server}/fresh") as fresh:
        fresh.add([tmp_path / "one.txt"])
        for question in ("候鸟站", "投入多少亿元", "实验室"):
            assert same(library.search(question, 5), fresh.search(question, 5))
        tables = [one.engine._tables for one in (library, fresh)]
        for name in ("passages", "paragraphs"):
            assert len({len([*one.every(name, ["key"])]) for one in tables}) == 1
        assert tables[0].meta()["totals"] == tables[1].meta()["totals"]


def test_documents_and_paragraphs_are_read_as_from_a_folder(library, tmp_path):
    library.add([tmp_path])
    with Library.open(tmp_path / "local", create=True) as local:
        local.add([tmp_path / "one.txt", tmp_path / "two.txt"])
        assert library.store.documents() == local.store.documents()
        for name in ("documents", "paragraphs", "passages"):
            assert library.store.count(name) == local.store.count(name)
        found = [one.store.paragraphs(one.store.document_paragraphs("one.txt")).values() for one in (library, local)]
        assert [*found[0]] == [*found[1]]
        assert library.paragraph(next(iter(found[1])).id) == next(iter(found[1]))
    first, second = library.store.document_paragraphs("one.txt")
    assert library.store.neighbours(first) == (None, second)
    assert library.store.document_text("one.txt").startswith("东岸区新建实验室。")
    assert library.store.document_text("gone.txt") is None


def test_embedding_anew_keeps_everything(library, tmp_path):
    library.add([tmp_path])
    before = shown(library.search("实验室", 5))
    assert library.reembed() == 2
    assert shown(library.search("实验室", 5)) == before


def test_a_write_that_was_cut_off_is_completed_or_forgotten(library, tmp_path, monkeypatch):
    library.add([tmp_path / "one.txt"])
    before = shown(library.search("实验室", 5))
    for cut_off, seen in (("_carry_out", True), ("_paragraphs", False)):
        with monkeypatch.context() as patch:
            patch.setattr(f"index.milvus.writer.MilvusWriter.{cut_off}", _killed)
            with pytest.raises(KeyboardInterrupt):
                library.add([tmp_path / "two.txt"])
        assert shown(library.search("实验室", 5)) == before
        library.add([tmp_path / "one.txt"])  # any writer mends
        assert ("two.txt" in {d["source"] for d in library.store.documents()}) is seen
        if seen:
            assert len(library.search("实验室", 5)) == 2
            library.remove("two.txt")


def _killed(*_):
    raise KeyboardInterrupt


def test_one_writer_at_a_time(library, server, tmp_path):
    library.add([tmp_path / "one.txt"])
    address = library.engine.where
    with Library.open(tmp_path / "lib", engine=address) as other, other.engine.writing(other.embedder):
        with pytest.raises(LibraryLockedError, match="Another process is writing"):
            library.add([tmp_path / "two.txt"])
        other.engine._tables.set_meta({"writer_seen": 0})  # it was killed long ago
        assert library.add([tmp_path / "two.txt"]).indexed == ["two.txt"]


def test_what_cannot_be_opened_is_named(server, tmp_path):
    with pytest.raises(LibraryMissingError, match="make one with: footnote index PATH --engine"):
        Library.open(tmp_path, engine=f"{server}/nothing")
    with pytest.raises(LibraryError, match=r"Milvus at 127\.0\.0\.1:1 "):
        Library.open(tmp_path, engine="milvus://127.0.0.1:1/lib")


@pytest.mark.parametrize("address", ["milvus://", "milvus://host", "http://host/lib", "milvus://host/a-b"])
def test_an_address_that_is_none(address):
    with pytest.raises(InputError, match="write it as milvus://host:19530/library"):
        Address(address)


def test_a_password_is_not_shown():
    address = Address("milvus+tls://user:secret@host/lib")
    assert address.text == "milvus+tls://host:19530/lib"
    assert (address.uri, address.token) == ("https://host:19530", "user:secret")
