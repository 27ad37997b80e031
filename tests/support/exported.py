"""The packaged table as a sentence-transformers folder: the format of the models that users bring."""

import json
import shutil

import numpy as np
from safetensors.numpy import save_file

from index.static_model import PACKAGED, StaticEmbedder

MODULES = [
    {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.StaticEmbedding"},
    {"idx": 1, "name": "1", "path": "1_Normalize", "type": "sentence_transformers.models.Normalize"},
]
"""`modules.json`, under names that every release since 3.3 can read."""


def export(folder):
    """Write it in float32; that library reads it to the same vectors (within 1e-5)."""
    (folder / "1_Normalize").mkdir(parents=True, exist_ok=True)
    shutil.copyfile(PACKAGED / "tokenizer.json", folder / "tokenizer.json")
    table = StaticEmbedder()
    rows = table.rows(np.arange(len(table._rows), dtype=np.int32))
    save_file({"embedding.weight": rows}, folder / "model.safetensors")
    (folder / "modules.json").write_text(json.dumps(MODULES), encoding="utf-8")
