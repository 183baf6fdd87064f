"""Replaces the self-made goldens of a model folder by what transformers gives on the same checkpoint."""

import json
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, PreTrainedModel

from .record import write_golden


def load_reference(checkpoint: Path) -> PreTrainedModel:
    """Opens a checkpoint in f32.

    Args:
        checkpoint: a folder with config.json and safetensors.

    Returns:
        The model, with eager attention.

    Raises:
        ValueError: if not every parameter is the file's, or the file has others: random weights
            would give numbers that nothing can meet.
    """
    model, info = AutoModelForCausalLM.from_pretrained(
        checkpoint, dtype=torch.float32, attn_implementation="eager", output_loading_info=True
    )
    wrong = {kind: sorted(map(str, names)) for kind, names in info.items() if names}
    if wrong:
        raise ValueError(f"{checkpoint}: transformers does not take it as it is: {wrong}")
    return model.eval()


def write_folder(folder: Path, every: bool = False) -> int:
    """Rewrites golden.json and golden.safetensors of the cases of a model folder.

    Args:
        folder: a model folder, `src/inference_pio/models/<name>` or one elsewhere.
        every: also cases that are the reference's already.

    Returns:
        How many cases were written.
    """
    written = 0
    for file in sorted((folder / "tests" / "golden").glob("*/golden.json")):
        facts = json.loads(file.read_text(encoding="utf-8"))
        if facts.get("source") != "self-made" and not every:
            continue
        kept = {key: facts[key] for key in ("note", "model") if key in facts}
        kept["reference"] = "the stored weights widened to f32, eager attention"
        stats = write_golden(file.parent, load_reference(file.parent / facts["model"]), kept)
        print(
            f"{file.parent}: logits std {stats['logits_std']:.2f}, "
            f"least greedy margin {stats['min_margin']:.4f}"
        )
        written += 1
    return written
