"""The floor: vectors in a file, and a question compared with all of them."""

from pathlib import Path

import numpy as np
from peers.measure import Embed, Search

NAME, PACKAGE = "vectors by hand, the floor", "numpy"


def index(texts: list[str], folder: Path, embed: Embed) -> Search:
    vectors = embed(texts)
    np.save(folder / "vectors.npy", vectors)
    (folder / "texts.txt").write_text("\n".join(texts), encoding="utf-8")
    return lambda question, k: np.argsort(-(vectors @ embed([question])[0]))[:k].tolist()
