"""A table as it is packaged: int8 rows with a scale each, beside tokenizer.json."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file
from tokenizers import Tokenizer


def write(folder: Path, tokenizer: Tokenizer, rows: NDArray[np.float32]) -> None:
    """Write tokenizer.json and model.int8.safetensors; row = int8 * scale, off by half a scale at most."""
    folder.mkdir(parents=True, exist_ok=True)
    scale = np.abs(rows).max(axis=1) / 127
    scale[scale == 0] = 1
    quantised = np.rint(rows / scale[:, None]).astype(np.int8)
    save_file({"embedding.int8": quantised, "scale": scale.astype(np.float32)}, folder / "model.int8.safetensors")
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
