"""The dense half of the index: exact search over normalised vectors with FAISS. Derived, never the truth."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.errors import LibraryError

_CJK = 1 << 62
"""Added to the key of a chunk in Chinese, Japanese or Korean: FAISS can search a range of keys alone."""


class VectorIndex:
    """Chunk keys and their vectors (float32, shape (n, dim)); similarity is the inner product."""

    def __init__(self, dim: int) -> None:
        import faiss

        self.dim = dim
        self.last_key = 0
        """The largest chunk key that is inside: what is newer in SQLite has to be added."""
        self._index: Any = faiss.IndexIDMap2(faiss.IndexFlatIP(dim))

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def add(self, keys: Collection[int], vectors: NDArray[np.float32], cjk: Collection[bool]) -> None:
        """Add vectors under their keys, which must be new; `cjk` says of each chunk whether it is in that script."""
        if len(keys):
            ids = np.fromiter(keys, dtype=np.int64, count=len(keys))
            marks = _CJK * np.fromiter(cjk, dtype=np.int64, count=len(keys))
            self._index.add_with_ids(np.ascontiguousarray(vectors, dtype=np.float32), ids + marks)
            self.last_key = max(self.last_key, int(ids.max()))

    def search(
        self, vector: NDArray[np.float32], k: int, *, cjk: bool, keys: Collection[int] | None = None
    ) -> list[tuple[int, float]]:
        """The best k (key, cosine) of one script, best first, ties by key; only among `keys` when given."""
        import faiss

        k = min(k, len(self))
        if k <= 0 or (keys is not None and not keys):
            return []
        mark = _CJK if cjk else 0
        chosen: faiss.IDSelector = faiss.IDSelectorRange(mark, mark + _CJK - 1)
        if keys is not None:
            chosen = faiss.IDSelectorBatch(np.fromiter(keys, dtype=np.int64, count=len(keys)) + mark)
        options = faiss.SearchParameters(sel=chosen)  # type: ignore[call-arg]
        scores, found = self._index.search(vector[None, :], k, params=options)
        pairs = [(int(key) - mark, float(score)) for key, score in zip(found[0], scores[0], strict=True) if key >= 0]
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))

    def save(self, path: Path) -> None:
        """Write to `path` in one step: a reader finds the old file or the new one."""
        import faiss

        partial = path.with_suffix(".partial")
        faiss.write_index(self._index, str(partial))
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        partial.replace(path)

    @classmethod
    def load(cls, path: Path, dim: int) -> VectorIndex:
        """Read what `save` wrote. Raises LibraryError when the file is missing, torn or of another dimension."""
        import faiss

        loaded = cls(dim)
        try:
            loaded._index = faiss.read_index(str(path))
            ids = faiss.vector_to_array(loaded._index.id_map)
        except (RuntimeError, AttributeError) as error:
            raise LibraryError(f"{path} cannot be read: {str(error).splitlines()[0]}") from None
        if loaded._index.d != dim or len(ids) != loaded._index.ntotal:
            raise LibraryError(f"{path} belongs to another embedder.")
        loaded.last_key = int((ids & ~_CJK).max()) if len(ids) else 0
        return loaded
