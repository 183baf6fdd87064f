"""Records what a reference model gives: logits, hidden rows and a greedy continuation."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from safetensors.numpy import save_file

PROMPT_LENGTHS = (1, 7, 33, 200)
GREEDY_PROMPT = "p7"
GREEDY_TOKENS = 24


def make_prompts(vocab: int) -> dict[str, list[int]]:
    """Returns the prompts of every case, by name: random ids below `vocab`, above the specials."""
    rng = np.random.default_rng(20250101)
    return {f"p{n}": rng.integers(3, vocab, size=n).tolist() for n in PROMPT_LENGTHS}


def rows_of(length: int) -> list[int]:
    """Returns the recorded rows of a prompt: the middle one and the last."""
    return sorted({length // 2, length - 1})


@torch.no_grad()
def trace_hidden(
    model: transformers.PreTrainedModel, ids: list[int]
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Runs `model` on one prompt.

    Args:
        model: a causal language model with `model.model.{layers,norm}`.
        ids: the prompt.

    Returns:
        The hidden states by name, `embed`, `0` ... `final`, each [len(ids), hidden], and the
        logits [len(ids), vocab]. `<i>` is what layer i gives, before the final norm.
    """
    base = model.model
    seen: dict[str, torch.Tensor] = {}

    def keep(name: str) -> Any:
        def hook(_module: Any, _args: Any, output: Any) -> None:
            seen[name] = (output[0] if isinstance(output, tuple) else output).clone()

        return hook

    hooks = [base.embed_tokens.register_forward_hook(keep("embed"))]
    hooks += [layer.register_forward_hook(keep(str(i))) for i, layer in enumerate(base.layers)]
    hooks.append(base.norm.register_forward_hook(keep("final")))
    logits = model(torch.tensor([ids]), use_cache=False).logits[0]
    for hook in hooks:
        hook.remove()
    hidden = {name: x.reshape(len(ids), -1).float().numpy() for name, x in seen.items()}
    return hidden, logits.float().numpy()


@torch.no_grad()
def greedy(
    model: transformers.PreTrainedModel, ids: list[int], count: int
) -> tuple[list[int], list[float]]:
    """Continues a prompt greedily, past any end token.

    Args:
        model: a causal language model.
        ids: the prompt.
        count: how many tokens to add.

    Returns:
        The added ids, and for each the gap between the best and the second logit.
    """
    sequence, margins = list(ids), []
    for _ in range(count):
        top = model(torch.tensor([sequence]), use_cache=False).logits[0, -1].float().topk(2)
        margins.append(round(float(top.values[0] - top.values[1]), 5))
        sequence.append(int(top.indices[0]))
    return sequence[len(ids) :], margins


def write_golden(
    folder: Path, model: transformers.PreTrainedModel, facts: dict[str, Any]
) -> dict[str, float]:
    """Writes `golden.safetensors` and `golden.json` of one case.

    Args:
        folder: the case's folder.
        model: the reference, in f32.
        facts: further keys of the JSON file.

    Returns:
        `logits_std` over the last rows and `min_margin` of the greedy continuation.
    """
    prompts = make_prompts(model.config.vocab_size)
    tensors: dict[str, np.ndarray] = {}
    last_rows = []
    for name, ids in prompts.items():
        hidden, logits = trace_hidden(model, ids)
        rows = rows_of(len(ids))
        for key, value in hidden.items():
            tensors[f"{name}.hidden.{key}"] = np.ascontiguousarray(value[rows])
        tensors[f"{name}.logits"] = np.ascontiguousarray(logits[-1:])
        last_rows.append(logits[-1])
    added, margins = greedy(model, prompts[GREEDY_PROMPT], GREEDY_TOKENS)
    std = float(np.std(np.stack(last_rows)))
    save_file(tensors, folder / "golden.safetensors")
    document = facts | {
        "transformers": transformers.__version__,
        "torch": torch.__version__.split("+")[0],
        "layers": model.config.num_hidden_layers,
        "logits_std": round(std, 4),
        "rows": {name: rows_of(len(ids)) for name, ids in prompts.items()},
        "greedy": {"prompt": GREEDY_PROMPT, "ids": added, "margins": margins},
        "prompts": prompts,
    }
    write_json(folder / "golden.json", document)
    return {"logits_std": std, "min_margin": min(margins)}


def write_json(path: Path, document: dict[str, Any]) -> None:
    """Writes a JSON file with one top-level key, or one key of a nested object, per line."""

    def inner(value: Any) -> str:
        if not isinstance(value, dict):
            return json.dumps(value)
        body = ",\n".join(f"    {json.dumps(k)}: {json.dumps(v)}" for k, v in value.items())
        return "{\n" + body + "\n  }"

    body = ",\n".join(f"  {json.dumps(k)}: {inner(v)}" for k, v in document.items())
    path.write_text("{\n" + body + "\n}\n", encoding="utf-8")
