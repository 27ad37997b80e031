"""Libraries of other versions and models: refused with the command that helps, or brought up to date."""

import json
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from index.errors import InputError, LibraryMismatchError
from index.library import Library
from index.migration import migrate
from index.static_model import StaticEmbedder
from tests.support.two_files import first


@pytest.mark.parametrize("schema", ["99", "", "abc"])
def test_a_library_of_an_unknown_schema_is_refused(library, tmp_path, schema):
    library.add([tmp_path / "one.txt"])
    library.store.set_meta(schema=schema)
    migrate(tmp_path / "lib")
    with pytest.raises(LibraryMismatchError, match="index its documents into a new library"):
        Library.open(tmp_path / "lib")


@pytest.mark.parametrize("entry", ["words", "chunking", "dim", "embedder"])
def test_a_manifest_without_an_entry_is_one_sentence_or_works(library, tmp_path, entry):
    library.add([tmp_path / "one.txt"])
    library.engine.records.db.execute("DELETE FROM meta WHERE name = ?", (entry,))
    with Library.open(tmp_path / "lib") as opened:
        if entry in ("words", "chunking"):
            with pytest.raises(LibraryMismatchError, match="--reembed"):
                opened.search("实验室")
            opened.reembed()
        assert first(opened, "新建实验室").source == "one.txt"


@pytest.mark.parametrize("schema", [2, 3])
def test_a_library_of_an_earlier_version_is_brought_up_to_date(tmp_path, schema):
    """The file is what that version wrote, without vectors: documents with equal words under two headings, a table."""
    (tmp_path / "lib" / "words").mkdir(parents=True)
    (tmp_path / "lib" / "vectors.faiss").touch()
    data = Path(__file__).parents[1] / "data" / f"library-schema-{schema}.sql"
    with sqlite3.connect(tmp_path / "lib" / "library.sqlite") as db:
        db.executescript(data.read_text(encoding="utf-8"))
        before = set(db.execute("SELECT id, text FROM paragraphs"))
    with pytest.raises(LibraryMismatchError, match="bring it up to date with: footnote index --reembed"):
        Library.open(tmp_path / "lib")
    migrate(tmp_path / "lib")
    assert sorted(file.name for file in (tmp_path / "lib").iterdir()) == ["library.sqlite", "segments", "write.lock"]
    with Library.open(tmp_path / "lib") as opened:
        sources = [str(d["source"]) for d in opened.store.documents()]
        assert sources == ["old.txt", "report.md", "table.md"]
        keys = [key for source in sources for key in opened.store.document_paragraphs(source)]
        assert {(p.id, p.text) for p in opened.store.paragraphs(keys).values()} == before
        assert first(opened, "西岭区新建实验室").heading == ("西岭区",)
        assert first(opened, "How many laboratories has Harbour?").source == "table.md"
        assert opened.store.document_text("old.txt") == "南湖区发布行动方案，投入2.5亿元。\n"


@pytest.fixture
def other_model(tmp_path):
    """A tiny static model of another dimension, in sentence-transformers' own layout."""
    from safetensors.numpy import save_file

    folder = tmp_path / "tiny"
    folder.mkdir()
    packaged = StaticEmbedder()
    rows = np.random.default_rng(0).normal(size=(packaged.tokenizer.get_vocab_size(), 8)).astype(np.float32)
    save_file({"embedding.weight": rows}, folder / "model.safetensors")
    packaged.tokenizer.save(str(folder / "tokenizer.json"))
    module = {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.StaticEmbedding"}
    (folder / "modules.json").write_text(json.dumps([module]))
    return str(folder)


def test_another_embedder_is_refused_with_the_command_that_helps(library, tmp_path, other_model):
    library.add([tmp_path / "one.txt"])
    with Library.open(tmp_path / "lib", other_model) as wrong:
        with pytest.raises(LibraryMismatchError, match="--reembed"):
            wrong.search("实验室")
        with pytest.raises(LibraryMismatchError, match="--reembed"):
            wrong.add([tmp_path / "two.txt"])
        assert wrong.reembed() == 1
        assert first(wrong, "新建实验室").source == "one.txt"
    with Library.open(tmp_path / "lib") as reopened:  # the library remembers its new embedder
        assert reopened.embedder.dim == 8
        assert first(reopened, "新建实验室").source == "one.txt"


def test_a_reader_notices_that_the_library_was_embedded_anew(library, tmp_path, other_model):
    library.add([tmp_path / "one.txt"])
    library.search("实验室")
    with Library.open(tmp_path / "lib", other_model) as other:
        other.reembed()
    with pytest.raises(LibraryMismatchError, match="--reembed"):
        library.search("实验室")


@pytest.mark.parametrize("version", ["words", "chunking"])
def test_an_older_way_of_indexing_is_refused_until_brought_up_to_date(library, tmp_path, version):
    library.add([tmp_path / "one.txt"])
    library.store.set_meta(**{version: 0})
    with Library.open(tmp_path / "lib") as opened:
        with pytest.raises(LibraryMismatchError, match="another version"):
            opened.search("实验室")
        opened.reembed()
        assert first(opened, "新建实验室").source == "one.txt"
        assert len(opened.searcher.words) == 1


@pytest.mark.slow
def test_a_wrong_embedder_leaves_no_library_behind(tmp_path):
    with pytest.raises(InputError, match="no-such-model"):
        Library.open(tmp_path / "new", "no-such-model", create=True)
    assert not (tmp_path / "new").exists()
