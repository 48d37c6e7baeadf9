#!/usr/bin/env python3
"""Writes tests/golden/tiny_gpt.json: a tiny GPT in PyTorch, in double, as judge of ours.

Needs PyTorch (any version from 1.13): scripts/make_golden.py > tests/golden/tiny_gpt.json
Parameters are in the order of the .bin file; weights are (out, in).
"""
import json
import math
import sys

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
V, T, C, H, L, B = 19, 8, 8, 2, 2, 3
LR, BETAS, EPS, DECAY, CLIP, STEPS = 0.01, (0.9, 0.999), 1e-8, 0.1, 1.0, 10


def tensor_shapes():
    shapes = [("tokens", (V, C)), ("positions", (T, C))]
    for layer in range(L):
        shapes += [(f"{layer}.norm1", (C,)), (f"{layer}.wqkv", (3 * C, C)), (f"{layer}.wo", (C, C)),
                   (f"{layer}.norm2", (C,)), (f"{layer}.w1", (4 * C, C)), (f"{layer}.w2", (C, 4 * C))]
    return shapes + [("norm", (C,)), ("head", (V, C))]


def norm(x, gain):
    return F.layer_norm(x, (C,), weight=gain, eps=1e-5)


def logits(p, ids):
    x = p["tokens"][ids] + p["positions"]
    mask = torch.full((T, T), -math.inf).triu(1)
    for layer in range(L):
        q, k, v = (norm(x, p[f"{layer}.norm1"]) @ p[f"{layer}.wqkv"].T).split(C, dim=2)
        q, k, v = (t.view(B, T, H, C // H).transpose(1, 2) for t in (q, k, v))
        weights = F.softmax(q @ k.transpose(2, 3) / math.sqrt(C // H) + mask, dim=3)
        x = x + (weights @ v).transpose(1, 2).reshape(B, T, C) @ p[f"{layer}.wo"].T
        hidden = F.gelu(norm(x, p[f"{layer}.norm2"]) @ p[f"{layer}.w1"].T, approximate="tanh")
        x = x + hidden @ p[f"{layer}.w2"].T
    return norm(x, p["norm"]) @ p["head"].T


def main():
    torch.manual_seed(7)
    # Large weights, gains off 1 and repeated ids: so that no term is too small to be seen.
    p = {name: (torch.randn(shape) * 0.3 + (1 if len(shape) == 1 else 0)).requires_grad_()
         for name, shape in tensor_shapes()}
    stream = torch.randint(0, V, (B, T + 1))
    ids, targets = stream[:, :-1], stream[:, 1:]
    start = [x for t in p.values() for x in t.flatten().tolist()]

    out = logits(p, ids)
    F.cross_entropy(out.reshape(-1, V), targets.reshape(-1)).backward()
    gradient = [x for t in p.values() for x in t.grad.flatten().tolist()]

    matrices = [t for t in p.values() if t.dim() == 2]
    gains = [t for t in p.values() if t.dim() == 1]
    optimizer = torch.optim.AdamW([{"params": matrices, "weight_decay": DECAY}, {"params": gains, "weight_decay": 0}],
                                  lr=LR, betas=BETAS, eps=EPS)
    losses = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = F.cross_entropy(logits(p, ids).reshape(-1, V), targets.reshape(-1))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(list(p.values()), CLIP)
        optimizer.step()
        losses.append(loss.item())
    json.dump({"made_by": "scripts/make_golden.py", "torch": torch.__version__.split("+")[0],
               "vocab": V, "context": T, "d_model": C, "n_head": H, "n_layer": L, "rows": B,
               "learning_rate": LR, "beta1": BETAS[0], "beta2": BETAS[1], "epsilon": EPS, "weight_decay": DECAY,
               "clip_norm": CLIP, "ids": ids.flatten().tolist(), "targets": targets.flatten().tolist(),
               "parameters": start, "logits": out.flatten().tolist(), "gradient": gradient, "losses": losses},
              sys.stdout)


main()
