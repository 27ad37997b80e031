"""`rag.reader.Reader` as a network that reads many paragraphs at once, and its loss."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from reader_examples import Example
from torch import Tensor, nn
from torch.nn import functional

from rag.reader import DILATIONS

MEANING, HELD, WIDE = 24, 16, 64


class Network(nn.Module):
    """`rag.reader.Reader` for many paragraphs at once."""

    def __init__(self, rows: NDArray[np.float32]) -> None:
        super().__init__()
        table = torch.from_numpy(np.concatenate([rows, np.zeros((1, rows.shape[1]), dtype=np.float32)]))
        norms = table.norm(dim=1, keepdim=True)
        self.unit = table / norms.clamp_min(1e-6)
        self.norms = norms[:, 0] * 0.3
        self.nothing = len(rows)
        self.meaning = nn.Linear(rows.shape[1], MEANING)
        self.asked = nn.Linear(3 * (MEANING + 1), 48)
        self.weigh = nn.Linear(48, 1)
        self.sought = nn.Linear(48, MEANING)
        self.tone = nn.Linear(48, WIDE)
        self.held1 = nn.Linear(3 * (9 + MEANING), 32)
        self.held2 = nn.Linear(3 * 32, 32)
        self.held3 = nn.Linear(32, 1 + HELD)
        self.enter = nn.Linear(3 * MEANING + 6 + HELD + 7, WIDE)
        self.layers = nn.ModuleList(nn.Linear(3 * WIDE, WIDE) for _ in DILATIONS)
        self.told = nn.Linear(WIDE, 1)
        self.whole = nn.Linear(HELD + 7, 1)

    def forward(self, b: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        """Log-odds of each token against no answer, (B, L), and of each sentence (B, S)."""
        q, p, sid = b["question"], b["paragraph"], b["sentence"]
        there_q = (q != self.nothing).float()[:, :, None]
        there_p = (p != self.nothing).float()[:, :, None]
        mq = self.meaning(self.unit[q]) * there_q
        mp = self.meaning(self.unit[p]) * there_p
        enc = torch.relu(self.asked(around(torch.cat([mq, self.norms[q][:, :, None] * there_q], 2), 1))) * there_q
        weight = (self.weigh(enc) - 1e4 * (1 - there_q)).softmax(1)
        u = (weight * enc).sum(1)
        sought = self.sought(u)
        size, most, length = b["held"].shape[:3]
        seen = torch.cat([b["held"].float(), mq[:, None].expand(-1, most, -1, -1)], 3) * there_q[:, None]
        mask = there_q[:, None].expand(-1, most, -1, -1).reshape(size * most, length, 1)
        hidden = torch.relu(self.held1(around(seen.reshape(size * most, length, -1), 1))) * mask
        hidden = hidden + torch.relu(self.held2(around(hidden, 1)))
        told = self.held3(hidden)
        gate = torch.sigmoid(told[:, :, :1]) * mask
        v = ((gate * told[:, :, 1:]).sum(1) / gate.sum(1).clamp_min(1e-6)).reshape(size, most, HELD)
        sent = torch.cat([v, b["shape"].float()], 2)
        spread = sent.gather(1, sid[:, :, None].expand(-1, -1, sent.shape[2]))
        x = torch.cat([mp, mp * sought[:, None], torch.bmm(b["aligned"].float(), mq), b["match"].float(), spread], 2)
        x = torch.relu(self.enter(functional.dropout(x, 0.05, self.training)) + self.tone(u)[:, None]) * there_p
        for layer, d in zip(self.layers, DILATIONS, strict=True):
            x = x + torch.relu(layer(around(x, d))) * there_p
        x = functional.dropout(x, 0.1, self.training)
        whole = self.whole(sent)[:, :, 0]
        tokens = self.told(x)[:, :, 0] + whole.gather(1, sid) - 1e4 * (1 - there_p[:, :, 0])
        onehot = functional.one_hot(sid, most).transpose(1, 2).bool()
        sent_scores = tokens[:, None].masked_fill(~onehot, -1e4).logsumexp(2)
        return tokens, sent_scores


def around(values: Tensor, d: int) -> Tensor:
    padded = functional.pad(values, (0, 0, d, d))
    return torch.cat([padded[:, : -2 * d], padded[:, d:-d], padded[:, 2 * d :]], dim=2)


def collate(batch: list[Example], nothing: int) -> dict[str, Tensor]:
    """Examples side by side, padded."""
    size = len(batch)
    asked = max(len(e.seen.question) for e in batch)
    read = max(len(e.seen.paragraph) for e in batch)
    most = max(len(e.seen.held) for e in batch)
    out = {
        "question": np.full((size, asked), nothing, np.int64),
        "paragraph": np.full((size, read), nothing, np.int64),
        "sentence": np.zeros((size, read), np.int64),
        "held": np.zeros((size, most, asked, 9), np.float16),
        "match": np.zeros((size, read, 6), np.float16),
        "aligned": np.zeros((size, read, asked), np.float16),
        "shape": np.zeros((size, most, 7), np.float16),
        "gold": np.zeros((size, read), bool),
        "answers": np.zeros(size, bool),
    }
    for i, e in enumerate(batch):
        v = e.seen
        q, n, s = len(v.question), len(v.paragraph), len(v.held)
        out["question"][i, :q] = v.question
        out["paragraph"][i, :n] = v.paragraph
        out["sentence"][i, :n] = v.sentence
        out["held"][i, :s, :q] = v.held
        out["match"][i, :n] = v.match
        out["aligned"][i, :n, :q] = v.aligned
        out["shape"][i, :s] = v.shape
        out["gold"][i, e.gold] = True
        out["answers"][i] = e.answers
    return {name: torch.from_numpy(values) for name, values in out.items()}


def loss_of(net: Network, b: dict[str, Tensor]) -> tuple[Tensor, dict[str, float]]:
    tokens, sents = net(b)
    zero = torch.zeros(len(tokens), 1)
    every = torch.cat([tokens, zero], 1).logsumexp(1)
    gold_tokens = tokens.masked_fill(~b["gold"], -1e4).logsumexp(1)
    onehot = functional.one_hot(b["sentence"], sents.shape[1]).bool()
    gold_sents = (onehot & b["gold"][:, :, None]).any(1)
    right = sents.masked_fill(~gold_sents, -1e4).logsumexp(1)
    null = -every
    answers = b["answers"]
    token_loss = torch.where(answers, every - gold_tokens, every)
    sent_loss = torch.where(answers, every - right, every)
    loss = (0.4 * token_loss + sent_loss).mean()
    top = sents.argmax(1)
    hit = gold_sents.gather(1, top[:, None])[:, 0][answers].float()
    return loss, {"hit": hit.sum().item(), "n": float(answers.sum()), "loss": loss.item(), "null": null.mean().item()}
