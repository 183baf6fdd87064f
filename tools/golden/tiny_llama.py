"""Tiny random Llama and Mistral checkpoints, each with the numbers that transformers gives."""

import json
import shutil
import tempfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedModel

from .record import write_golden

DTYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}


@dataclass
class Case:
    """One checkpoint: its config as a released checkpoint spells it, and how it is stored."""

    config: dict[str, Any]
    dtype: str
    seed: int
    note: str
    shard_size: str = "10GB"


def llama2(**changes: Any) -> dict[str, Any]:
    """Returns a config in the spelling of the Llama 2 releases (no head_dim, no rope_theta)."""
    return {
        "architectures": ["LlamaForCausalLM"],
        "bos_token_id": 1,
        "eos_token_id": 2,
        "hidden_act": "silu",
        "hidden_size": 64,
        "initializer_range": 0.02,
        "intermediate_size": 64,
        "max_position_embeddings": 256,
        "model_type": "llama",
        "num_attention_heads": 4,
        "num_hidden_layers": 3,
        "num_key_value_heads": 2,
        "pretraining_tp": 1,
        "rms_norm_eps": 1e-05,
        "rope_scaling": None,
        "tie_word_embeddings": False,
        "torch_dtype": "float16",
        "transformers_version": "4.32.0.dev0",
        "use_cache": True,
        "vocab_size": 256,
    } | changes


def llama3(**changes: Any) -> dict[str, Any]:
    """Returns a config in the spelling of the Llama 3 releases."""
    return (
        llama2(
            attention_bias=False,
            attention_dropout=0.0,
            bos_token_id=128,
            eos_token_id=[129, 136, 137],
            mlp_bias=False,
            rope_theta=500000.0,
            torch_dtype="bfloat16",
            transformers_version="4.45.0.dev0",
        )
        | changes
    )


def llama_v5(**changes: Any) -> dict[str, Any]:
    """Returns a config as transformers 5 saves it: `dtype`, `rope_parameters`."""
    config = llama3(head_dim=16, pad_token_id=None, transformers_version="5.0.0") | changes
    for old in ("rope_scaling", "rope_theta", "torch_dtype"):
        config.pop(old)
    return config | {"dtype": "bfloat16"}


def mistral(**changes: Any) -> dict[str, Any]:
    """Returns a config in the spelling of the Mistral releases."""
    return {
        "architectures": ["MistralForCausalLM"],
        "attention_dropout": 0.0,
        "bos_token_id": 1,
        "eos_token_id": 2,
        "hidden_act": "silu",
        "hidden_size": 64,
        "initializer_range": 0.02,
        "intermediate_size": 64,
        "max_position_embeddings": 256,
        "model_type": "mistral",
        "num_attention_heads": 4,
        "num_hidden_layers": 3,
        "num_key_value_heads": 2,
        "rms_norm_eps": 1e-05,
        "rope_theta": 10000.0,
        "sliding_window": 16,
        "tie_word_embeddings": False,
        "torch_dtype": "bfloat16",
        "transformers_version": "4.34.0.dev0",
        "use_cache": True,
        "vocab_size": 256,
    } | changes


LLAMA3_SCALING = {
    "factor": 8.0,
    "high_freq_factor": 4.0,
    "low_freq_factor": 1.0,
    "original_max_position_embeddings": 64,
    "rope_type": "llama3",
}

CASES = {
    "llama_gqa_untied": Case(
        llama2(
            hidden_size=48,
            intermediate_size=80,
            num_attention_heads=3,
            num_key_value_heads=1,
            torch_dtype="float32",
        ),
        "float32",
        48,
        "3 query heads on 1 KV head; sizes that are no multiple of 32; no rope_theta",
    ),
    "llama_tied": Case(
        llama3(tie_word_embeddings=True, rope_theta=100000, intermediate_size=96),
        "bfloat16",
        73,
        "one matrix for embedding and head; rope_theta spelled as an integer",
    ),
    "llama_bias": Case(
        llama3(
            attention_bias=True,
            mlp_bias=True,
            torch_dtype="float16",
            rope_theta=10000.0,
            eos_token_id=2,
        ),
        "float16",
        22,
        "biases on q, k, v, o and on gate, up, down",
    ),
    "llama_rope_linear": Case(
        llama2(
            rope_scaling={"type": "linear", "factor": 4.0},
            num_attention_heads=2,
            num_key_value_heads=1,
            tie_word_embeddings=True,
            torch_dtype="bfloat16",
        ),
        "bfloat16",
        74,
        "rope_scaling with the old key `type`",
    ),
    "llama_rope_llama3": Case(
        llama3(
            rope_scaling=LLAMA3_SCALING,
            num_attention_heads=2,
            num_key_value_heads=1,
            head_dim=32,
            tie_word_embeddings=True,
        ),
        "bfloat16",
        204,
        "rope_scaling with `rope_type`, rope_theta beside it; all three frequency bands",
    ),
    "llama_rope_yarn": Case(
        llama_v5(
            rope_parameters={
                "beta_fast": 32.0,
                "beta_slow": 1.0,
                "factor": 4.0,
                "original_max_position_embeddings": 64,
                "rope_theta": 10000.0,
                "rope_type": "yarn",
            },
            num_attention_heads=2,
            num_key_value_heads=1,
            head_dim=32,
            tie_word_embeddings=True,
        ),
        "bfloat16",
        81,
        "rope_parameters (transformers 5); the attention factor is 0.1 ln 4 + 1",
    ),
    "llama_sharded": Case(
        llama_v5(rope_parameters={"rope_theta": 10000.0, "rope_type": "default"}),
        "bfloat16",
        9,
        "shards with an index; rope_parameters of the default kind",
        shard_size="90KB",
    ),
    "mistral_window": Case(
        mistral(), "bfloat16", 81, "sliding window of 16: a row sees itself and 15 rows before it"
    ),
    "mistral_head_dim": Case(
        mistral(
            head_dim=32,
            num_attention_heads=3,
            num_key_value_heads=1,
            sliding_window=None,
            rope_theta=1000000.0,
            intermediate_size=48,
            num_hidden_layers=2,
            transformers_version="4.43.0.dev0",
        ),
        "bfloat16",
        58,
        "head_dim 32 where hidden / heads is 21.3; no window",
    ),
}

# llama_plain's own, smaller: the same layers, so that few bytes do.
PLAIN_CASES = {
    "plain_heads": Case(
        llama2(
            hidden_size=32,
            intermediate_size=48,
            num_attention_heads=2,
            num_hidden_layers=2,
            vocab_size=96,
            torch_dtype="float32",
        ),
        "float32",
        31,
        "no num_key_value_heads: as many as heads",
    ),
    "plain_grouped_tied": Case(
        llama2(
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=2,
            rope_scaling={"type": "linear", "factor": 4.0},
            tie_word_embeddings=True,
            torch_dtype="bfloat16",
            vocab_size=96,
        ),
        "bfloat16",
        32,
        "4 query heads on 2 KV heads, one matrix for embedding and head, linear rope scaling",
    ),
}
del PLAIN_CASES["plain_heads"].config["num_key_value_heads"]


@torch.no_grad()
def fill(model: PreTrainedModel, seed: int) -> None:
    """Sets every parameter from `seed` and its own name, large enough that layers matter.

    transformers' own initial weights give logits so close to zero that a wrong model passes.
    """
    tied = model.config.tie_word_embeddings
    for name, parameter in model.named_parameters():
        rng = np.random.default_rng([seed, zlib.crc32(name.encode())])
        value = rng.standard_normal(tuple(parameter.shape), dtype=np.float32)
        fan_in = parameter.shape[-1]
        if name.endswith("norm.weight"):
            value = 1.0 + 0.25 * value
        elif name.endswith("bias"):
            value *= 0.3
        elif name.endswith("embed_tokens.weight"):
            value *= 1.6 / fan_in**0.5 if tied else 1.0
        elif name.endswith("lm_head.weight"):
            value *= 1.8 / fan_in**0.5
        elif name.endswith(("q_proj.weight", "k_proj.weight")):
            value *= 1.4 / fan_in**0.5
        else:
            value *= 1.2 / fan_in**0.5
        parameter.copy_(torch.from_numpy(value))


def build(config: dict[str, Any], seed: int) -> PreTrainedModel:
    """Returns a filled f32 model whose config is read from the JSON text of `config`."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "config.json").write_text(json.dumps(config), encoding="utf-8")
        parsed = AutoConfig.from_pretrained(folder)
    model = AutoModelForCausalLM.from_config(
        parsed, dtype=torch.float32, attn_implementation="eager"
    )
    fill(model, seed)
    return model.eval()


def write_case(folder: Path, case: Case) -> dict[str, float]:
    """Writes one checkpoint and its golden numbers into `folder`, which is emptied first."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    model = build(case.config, case.seed)
    model.to(DTYPES[case.dtype]).save_pretrained(folder, max_shard_size=case.shard_size)
    (folder / "generation_config.json").unlink(missing_ok=True)
    # save_pretrained writes its own spelling; a test is to read what is found in the wild.
    text = json.dumps(dict(sorted(case.config.items())), indent=2)
    (folder / "config.json").write_text(text + "\n", encoding="utf-8")
    reference = AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager"
    ).eval()
    facts = {
        "note": case.note,
        "model": ".",
        "reference": "the stored weights widened to f32, eager attention",
        "weights_dtype": case.dtype,
        "seed": case.seed,
    }
    return write_golden(folder, reference, facts)


def write_cases(out: Path, only: list[str] | None, cases: dict[str, Case] = CASES) -> None:
    """Writes those of `cases` that are named in `only`, or all, below `out`."""
    for name, case in cases.items():
        if only and name not in only:
            continue
        folder = out / name
        stats = write_case(folder, case)
        size = sum(file.stat().st_size for file in folder.iterdir())
        print(
            f"{name}: logits std {stats['logits_std']:.2f}, "
            f"least greedy margin {stats['min_margin']:.4f}, {size / 1000:.0f} kB"
        )
