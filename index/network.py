"""Small networks in numpy: the weights of a file, linear layers, and the neighbours of each token."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from index.errors import InputError

Floats = NDArray[np.float32]


class Network:
    """What was trained, read from a file."""

    def __init__(self, file: Path) -> None:
        """`file` is a `.npz` of float16 or float32; what is neither stays as it is. Raises InputError for another."""
        self._weights: dict[str, Floats] = {}
        self._others: dict[str, NDArray[Any]] = {}
        try:
            with np.load(file) as arrays:
                for name in arrays:
                    values = arrays[name]
                    if values.dtype.kind == "f":
                        self._weights[name] = values.astype(np.float32)
                    else:
                        self._others[name] = values
        except (OSError, ValueError, EOFError, BadZipFile) as error:
            raise InputError(f"{file} cannot be read ({error}); copy the model again.") from None

    def linear(self, name: str, values: Floats) -> Floats:
        """A layer by its name, over the last axis."""
        out: Floats = values @ self._weights[f"{name}.weight"].T
        out += self._weights[f"{name}.bias"]
        return out


def around(values: Floats, distance: int = 1) -> Floats:
    """Every token's values between those of the tokens `distance` before and after it: (..., n, d) to (..., n, 3d)."""
    edge = np.zeros((*values.shape[:-2], distance, values.shape[-1]), dtype=values.dtype)
    padded = np.concatenate([edge, values, edge], axis=-2)
    return np.concatenate([padded[..., : -2 * distance, :], values, padded[..., 2 * distance :, :]], axis=-1)


def relu(values: Floats) -> Floats:
    """What is above zero."""
    return np.maximum(values, 0)


def softmax(values: Floats) -> Floats:
    """Shares that sum to 1, shape (n,)."""
    weights = np.exp(values - values.max())
    shares: Floats = weights / weights.sum()
    return shares
