"""Compares two logits files over the same windows: KL divergence, top-1 agreement, perplexity."""

import json
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file


def open_logits(path: Path) -> np.ndarray:
    """Maps `logits` f32 [windows, ctx, vocab] of a safetensors file that holds only it."""
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        entry = json.loads(file.read(size))["logits"]
    if entry["dtype"] != "F32":
        raise ValueError(f"{path}: logits are {entry['dtype']}, wanted F32")
    return np.memmap(path, dtype="<f4", mode="r", offset=8 + size, shape=tuple(entry["shape"]))


def compare(reference: Path, other: Path, golden: Path) -> dict[str, float]:
    """Compares over the windows that both files hold, every row but each window's last.

    Args:
        reference: logits of the reference.
        other: logits to judge.
        golden: `perplexity.safetensors`, for the ids.

    Returns:
        `windows`, `positions`, `kl_mean` and `kl_max` of KL(reference || other) in nats,
        `same_top` (share of positions), `argmax_differs_margin_over_0.3` (positions whose best
        id differs though the reference's margin exceeds 0.3), `perplexity` of both and
        `perplexity_gap_percent`.
    """
    ref, oth = open_logits(reference), open_logits(other)
    ids = load_file(golden)["ids"]
    windows, ctx = min(len(ref), len(oth)), ref.shape[1]
    kl, same, clear, ref_loss, oth_loss = [], [], [], [], []
    for w in range(windows):
        # float64: with f32 the rounding of 49152 terms is near the KL to be measured.
        p = torch.from_numpy(ref[w, :-1].copy())
        q = torch.from_numpy(oth[w, :-1].copy())
        top = p.topk(2)
        differs = top.indices[:, 0] != q.argmax(-1)
        same.append(~differs)
        clear.append(differs & (top.values[:, 0] - top.values[:, 1] > 0.3))
        p, q = torch.log_softmax(p.double(), -1), torch.log_softmax(q.double(), -1)
        kl.append((p.exp() * (p - q)).sum(-1))
        target = torch.from_numpy(ids[w * ctx + 1 : (w + 1) * ctx])[:, None].long()
        ref_loss.append(-p.gather(1, target)[:, 0])
        oth_loss.append(-q.gather(1, target)[:, 0])
    ref_ppl = float(torch.cat(ref_loss).mean().exp())
    oth_ppl = float(torch.cat(oth_loss).mean().exp())
    every = torch.cat(kl)
    return {
        "windows": windows,
        "positions": len(every),
        "kl_mean": float(every.mean()),
        "kl_max": float(every.max()),
        "same_top": float(torch.cat(same).double().mean()),
        "argmax_differs_margin_over_0.3": int(torch.cat(clear).sum()),
        "reference_perplexity": ref_ppl,
        "perplexity": oth_ppl,
        "perplexity_gap_percent": 100 * (oth_ppl / ref_ppl - 1),
    }
