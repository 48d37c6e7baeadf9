#!/usr/bin/env python3
"""The peer of bench.sh --torch: the model of src/model/gpt.h in PyTorch, at the sizes of bench_step, and its training step.

    bench/torch_gpt.py 12M|120M fp32|bf16 ROWS STEPS [compile]

Needs a Python that has torch. A step is what ours is: forward, backward, clipping by the norm of all gradients, AdamW. bf16 is
torch.autocast, compile is torch.compile; attention is PyTorch's own (scaled_dot_product_attention). One step more is made
first and not counted. Prints the median seconds of the others.
"""

import os
import statistics
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

SIZES = {"12M": (384, 12, 6), "120M": (768, 12, 12)}  # width, heads, layers
VOCABULARY, CONTEXT = 8449, 1024


def weight(rows, columns):
    return nn.Parameter(0.02 * torch.randn(rows, columns))


class Layer(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.before_attention, self.before_mlp = nn.LayerNorm(width, bias=False), nn.LayerNorm(width, bias=False)
        self.qkv, self.attended = weight(3 * width, width), weight(width, width)
        self.up, self.down = weight(4 * width, width), weight(width, 4 * width)

    def forward(self, x):
        rows, positions, width = x.shape
        qkv = F.linear(self.before_attention(x), self.qkv).view(rows, positions, 3, self.heads, width // self.heads)
        query, key, value = qkv.permute(2, 0, 3, 1, 4)
        heads = F.scaled_dot_product_attention(query, key, value, is_causal=True)
        x = x + F.linear(heads.transpose(1, 2).reshape(rows, positions, width), self.attended)
        return x + F.linear(F.gelu(F.linear(self.before_mlp(x), self.up), approximate="tanh"), self.down)


class Gpt(nn.Module):
    def __init__(self, width, heads, layers):
        super().__init__()
        self.tokens, self.positions, self.head = weight(VOCABULARY, width), weight(CONTEXT, width), weight(VOCABULARY, width)
        self.layers = nn.ModuleList(Layer(width, heads) for _ in range(layers))
        self.last = nn.LayerNorm(width, bias=False)

    def forward(self, ids, following):
        x = F.embedding(ids, self.tokens) + self.positions
        for layer in self.layers:
            x = layer(x)
        logits = F.linear(self.last(x), self.head)
        return F.cross_entropy(logits.float().flatten(0, 1), following.flatten())


def main(arguments):
    if len(arguments) not in (4, 5) or arguments[0] not in SIZES or arguments[1] not in ("fp32", "bf16") or arguments[4:] not in ([], ["compile"]):
        sys.exit("usage: torch_gpt.py 12M|120M fp32|bf16 ROWS STEPS [compile]")
    size, precision, rows, steps = arguments[0], arguments[1], int(arguments[2]), int(arguments[3])
    torch.manual_seed(1)
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    model = Gpt(*SIZES[size])
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4, betas=(0.9, 0.95), weight_decay=0.1)
    call = torch.compile(model) if arguments[4:] else model
    ids, following = torch.randint(VOCABULARY, (2, rows, CONTEXT))
    times = []
    for _ in range(1 + steps):
        start = time.perf_counter()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=precision == "bf16"):
            loss = call(ids, following)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        times.append(time.perf_counter() - start)
    parameters = sum(p.numel() for p in model.parameters())
    print(f"PyTorch {torch.__version__}, {size}, {parameters / 1e6:.1f}M parameters, {precision}{' compiled' * len(arguments[4:])}, {rows} x {CONTEXT} tokens, "
          f"loss {loss.item():.3f}: median {statistics.median(times[1:]):.3f} s")


if __name__ == "__main__":
    main(sys.argv[1:])
