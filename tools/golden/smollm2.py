"""SmolLM2 over its dequantized GGUF weights: logits of three prompts, perplexity of a text."""

import argparse
import hashlib
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from gguf import GGUFReader, TokenType
from safetensors.numpy import save_file
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaForCausalLM

from .gguf_read import load_reference, metadata
from .record import greedy, trace_hidden, write_json

TOP = 64
SAMPLED = 256
GREEDY_TOKENS = 24
SHORT_TEXT = "Once upon a time there was a little robot who"
LONG_SLICE = slice(5000, 5120)


def load_tokenizer(reader: GGUFReader) -> Tokenizer:
    """Builds SmolLM2's tokenizer: byte-level BPE that splits off every digit.

    transformers' own GGUF reader forgets the digits, so the parts are put together here.
    """
    get = metadata(reader)
    if (get("tokenizer.ggml.model"), get("tokenizer.ggml.pre")) != ("gpt2", "smollm"):
        raise ValueError("not a tokenizer of SmolLM2's kind")
    tokens, kinds = get("tokenizer.ggml.tokens"), get("tokenizer.ggml.token_type")
    merges = [tuple(merge.split(" ")) for merge in get("tokenizer.ggml.merges")]
    vocab = {token: i for i, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.BPE(vocab=vocab, merges=merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    special = [t for t, kind in zip(tokens, kinds, strict=True) if kind == TokenType.CONTROL]
    tokenizer.add_special_tokens([AddedToken(t, normalized=False, special=True) for t in special])
    return tokenizer


def split_windows(ids: list[int], ctx: int, bos: int | None) -> np.ndarray:
    """Cuts ids into windows [windows, ctx]; BOS, if any, leads each and counts in `ctx`."""
    size = ctx if bos is None else ctx - 1
    count = len(ids) // size
    windows = np.array(ids[: count * size], dtype=np.int32).reshape(count, size)
    if bos is not None:
        windows = np.insert(windows, 0, bos, axis=1)
    return windows


@torch.no_grad()
def run_windows(model: LlamaForCausalLM, windows: np.ndarray) -> Iterator[torch.Tensor]:
    """Yields the f32 logits [ctx, vocab] of each window."""
    for window in windows:
        yield model(torch.from_numpy(window)[None].long(), use_cache=False).logits[0].float()


def open_logits(path: Path, windows: int, ctx: int, vocab: int) -> np.memmap:
    """Creates a safetensors file with one f32 tensor `logits` [windows, ctx, vocab]."""
    shape = (windows, ctx, vocab)
    size = 4 * windows * ctx * vocab
    entry = {"dtype": "F32", "shape": shape, "data_offsets": [0, size]}
    header = json.dumps({"logits": entry}).encode()
    header += b" " * (-len(header) % 8)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(len(header).to_bytes(8, "little") + header)
    return np.memmap(path, dtype="<f4", mode="r+", offset=8 + len(header), shape=shape)


def score_row(logits: torch.Tensor, targets: np.ndarray) -> dict[str, np.ndarray]:
    """Scores one window.

    Args:
        logits: [ctx - 1, vocab] f32, row i before position i + 1.
        targets: [ctx - 1], the ids that followed.

    Returns:
        `argmax` (i32), `margin` (best less second logit, f32), `logprob` of the target (f32).
    """
    top = logits.topk(2)
    logprob = torch.log_softmax(logits.double(), dim=-1)
    picked = logprob.gather(1, torch.from_numpy(targets)[:, None].long())[:, 0]
    return {
        "argmax": top.indices[:, 0].numpy().astype(np.int32),
        "margin": (top.values[:, 0] - top.values[:, 1]).numpy(),
        "logprob": picked.float().numpy(),
    }


def write_perplexity(
    args: argparse.Namespace, model: LlamaForCausalLM, ids: list[int], facts: dict[str, Any]
) -> None:
    """Writes `perplexity.safetensors` and `perplexity.json`, and the full logits if asked."""
    windows = split_windows(ids, args.ctx, facts["bos"])
    saved = min(args.save_windows, len(windows)) if args.save_logits else 0
    sink = None
    if saved:
        sink = open_logits(args.save_logits, saved, args.ctx, model.config.vocab_size)
    rows, start = [], time.monotonic()
    for i, logits in enumerate(run_windows(model, windows)):
        if sink is not None and i < saved:
            sink[i] = logits.numpy()
        rows.append(score_row(logits[:-1], windows[i, 1:]))
        print(f"window {i + 1}/{len(windows)}, {time.monotonic() - start:.0f} s", flush=True)
    tensors = {key: np.stack([row[key] for row in rows]) for key in rows[0]}
    tensors["ids"] = np.array(ids, dtype=np.int32)
    save_file(tensors, args.out / "perplexity.safetensors")
    per_window = np.exp(-tensors["logprob"].astype(np.float64).mean(axis=1))
    document = facts | {
        "text": args.text.name,
        "text_sha256": hashlib.sha256(args.text.read_bytes()).hexdigest(),
        "ctx": args.ctx,
        "text_tokens": len(ids),
        "windows": len(windows),
        "tokens": int(tensors["logprob"].size),
        "perplexity": float(np.exp(-tensors["logprob"].astype(np.float64).mean())),
        "per_window": [round(float(value), 5) for value in per_window],
        "tensors": "ids [text_tokens] of the whole text; argmax, margin, logprob [windows, ctx - 1]"
        " where column i is what row i of a window says of position i + 1",
        "full_logits": "make_golden.py smollm2 --model GGUF --save-logits OUT.safetensors writes"
        " `logits` f32 [windows, ctx, vocab] of the first 24 windows (2.4 GB, not committed)",
    }
    write_json(args.out / "perplexity.json", document)
    print(f"perplexity {document['perplexity']:.5f} over {document['tokens']} tokens")


def write_logits(
    out: Path, model: LlamaForCausalLM, prompts: dict[str, list[int]], facts: dict[str, Any]
) -> None:
    """Writes `logits.safetensors` and `logits.json`: last rows and greedy continuations."""
    vocab = model.config.vocab_size
    rng = np.random.default_rng(20250101)
    sampled = np.sort(rng.choice(vocab, size=SAMPLED, replace=False)).astype(np.int32)
    tensors: dict[str, np.ndarray] = {"sample_ids": sampled}
    continued = {}
    for name, ids in prompts.items():
        hidden, logits = trace_hidden(model, ids)
        last = logits[-1]
        top = np.argsort(-last, kind="stable")[:TOP].astype(np.int32)
        tensors[f"{name}.top_ids"] = top
        tensors[f"{name}.top_values"] = last[top]
        tensors[f"{name}.sample_values"] = last[sampled]
        if name == "p10":
            for key, value in hidden.items():
                tensors[f"{name}.hidden.{key}"] = np.ascontiguousarray(value[-1:])
        added, margins = greedy(model, ids, GREEDY_TOKENS)
        continued[name] = {"ids": added, "margins": margins}
    save_file(tensors, out / "logits.safetensors")
    write_json(out / "logits.json", facts | {"prompts": prompts, "greedy": continued})


def write(args: argparse.Namespace) -> None:
    """Writes every golden of SmolLM2 below `args.out`."""
    args.out.mkdir(parents=True, exist_ok=True)
    reader = GGUFReader(args.model)
    get = metadata(reader)
    tokenizer = load_tokenizer(reader)
    ids = tokenizer.encode(args.text.read_text(encoding="utf-8")).ids
    model = load_reference(args.model)
    facts = {
        "model": args.model.name,
        "model_sha256": hashlib.sha256(args.model.read_bytes()).hexdigest(),
        "reference": "the file's dequantized weights in f32, eager attention",
        "transformers": transformers.__version__,
        "torch": torch.__version__.split("+")[0],
        "bos": get("tokenizer.ggml.bos_token_id") if get("tokenizer.ggml.add_bos_token") else None,
    }
    prompts = {
        "p1": tokenizer.encode("Hello").ids,
        "p10": tokenizer.encode(SHORT_TEXT).ids,
        "p120": ids[LONG_SLICE],
    }
    for name, prompt in prompts.items():
        if f"p{len(prompt)}" != name:
            raise ValueError(f"{name} has {len(prompt)} tokens")
    write_logits(args.out, model, prompts, facts)
    write_perplexity(args, model, ids, facts)
