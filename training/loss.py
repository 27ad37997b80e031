"""The two scores that searching adds, as losses over a batch: each question against every passage and back."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, normalize

MEAN_TEMPERATURE, LATE_TEMPERATURE = 0.05, 0.04


def losses(rows: Tensor, questions: Tensor, passages: Tensor, same: Tensor) -> tuple[Tensor, Tensor]:
    """InfoNCE of the mean vectors and of late interaction.

    `rows` are the distinct rows of the batch, shape (n, dim), row 0 for padding; `questions` and `passages` hold
    places in it, shapes (b, q) and (b, p); `same` marks pairs that are no negatives of each other, shape (b, b).
    """
    means = normalize(_mean(rows, questions)) @ normalize(_mean(rows, passages)).T
    late = late_scores(rows, questions, passages)
    return _symmetric(means / MEAN_TEMPERATURE, same), _symmetric(late / LATE_TEMPERATURE, same)


def late_scores(rows: Tensor, questions: Tensor, passages: Tensor) -> Tensor:
    """Late interaction of every question with every passage, shape (b, b); as in `index.late_interaction`.

    Which token is the best is found without a gradient, which then flows through one similarity per question token
    and passage: less than half the time of a maximum over all of them. A padding token has similarity 0.
    """
    asked, place = torch.unique(questions, return_inverse=True)
    units = normalize(rows)
    similarity = units[asked] @ units.T
    with torch.no_grad():
        offered = similarity[:, passages.reshape(-1)].view(len(asked), *passages.shape)
        partner = passages[torch.arange(len(passages)), offered.argmax(dim=2)]
    best = similarity.gather(1, partner)
    weights = rows.square().sum(dim=1)[questions] * (questions > 0)
    per_question = torch.zeros(len(questions), len(asked)).scatter_add(1, place, weights)
    return (per_question @ best) / weights.sum(dim=1, keepdim=True).clamp_min(1e-6)


def _mean(rows: Tensor, ids: Tensor) -> Tensor:
    counts = torch.zeros(len(ids), len(rows)).scatter_add(1, ids, (ids > 0).float())
    return counts @ rows


def _symmetric(logits: Tensor, same: Tensor) -> Tensor:
    gold = torch.arange(len(logits))
    open_ = logits.masked_fill(same, -1e4)
    return (cross_entropy(open_, gold) + cross_entropy(open_.T, gold)) / 2
