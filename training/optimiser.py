"""Adam that touches only the rows of a batch, with a step count per row: a rare word is not stale."""

from __future__ import annotations

import torch
from torch import Tensor


class RowAdam:
    """Moments of every row; `step` updates the given ones in place."""

    def __init__(self, table: Tensor, betas: tuple[float, float] = (0.9, 0.99), epsilon: float = 1e-8) -> None:
        self.table, self.betas, self.epsilon = table, betas, epsilon
        self.first, self.second = torch.zeros_like(table), torch.zeros_like(table)
        self.count = torch.zeros(len(table), 1)

    @torch.no_grad()
    def step(self, ids: Tensor, gradient: Tensor, rate: float) -> None:
        """`ids` distinct, shape (n,); `gradient` of shape (n, dim)."""
        a, b = self.betas
        count = self.count[ids] + 1
        first = self.first[ids].lerp_(gradient, 1 - a)
        second = self.second[ids].mul_(b).addcmul_(gradient, gradient, value=1 - b)
        self.count[ids], self.first[ids], self.second[ids] = count, first, second
        change = (first / (1 - a**count)) / ((second / (1 - b**count)).sqrt_() + self.epsilon)
        self.table[ids] -= rate * change
