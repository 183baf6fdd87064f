"""Tiny random Qwen3 checkpoints, safetensors and GGUF."""

from typing import Any

from gguf import LlamaFileType

from .gguf_llama import VOCAB, GgufCase
from .tiny_llama import Case


def qwen3(**changes: Any) -> dict[str, Any]:
    """Returns a config in the spelling of the Qwen3 releases."""
    return {
        "architectures": ["Qwen3ForCausalLM"],
        "attention_bias": False,
        "attention_dropout": 0.0,
        "bos_token_id": 254,
        "eos_token_id": 255,
        "head_dim": 32,
        "hidden_act": "silu",
        "hidden_size": 48,
        "initializer_range": 0.02,
        "intermediate_size": 80,
        "max_position_embeddings": 256,
        "max_window_layers": 3,
        "model_type": "qwen3",
        "num_attention_heads": 4,
        "num_hidden_layers": 3,
        "num_key_value_heads": 2,
        "rms_norm_eps": 1e-06,
        "rope_scaling": None,
        "rope_theta": 1000000,
        "sliding_window": None,
        "tie_word_embeddings": True,
        "torch_dtype": "bfloat16",
        "transformers_version": "4.51.0",
        "use_cache": True,
        "use_sliding_window": False,
        "vocab_size": 256,
    } | changes


YARN = {"factor": 4.0, "original_max_position_embeddings": 64, "rope_type": "yarn"}

CASES = {
    "qwen3_tied": Case(
        qwen3(),
        "bfloat16",
        114,
        "as Qwen3-0.6B: head_dim 32 where hidden / heads is 12; one matrix for embedding and head",
    ),
    "qwen3_untied": Case(
        qwen3(
            hidden_size=64,
            head_dim=16,
            num_key_value_heads=1,
            sliding_window=16,
            tie_word_embeddings=False,
            torch_dtype="float32",
        ),
        "float32",
        65,
        "4 query heads on 1 KV head; a window that use_sliding_window switches off",
    ),
    "qwen3_yarn": Case(
        qwen3(rope_scaling=YARN, num_attention_heads=3, num_key_value_heads=3, num_hidden_layers=2),
        "bfloat16",
        71,
        "as many KV heads as query heads; yarn, as the releases' notes advise for long texts",
    ),
}

GGUF_CASES = {
    "gguf_q8_0": GgufCase(
        "qwen3_gqa.q8_0.gguf",
        qwen3(
            hidden_size=64,
            intermediate_size=128,
            vocab_size=VOCAB,
            bos_token_id=VOCAB - 3,
            eos_token_id=VOCAB - 1,
        ),
        4,
        "every matrix Q8_0, one for embedding and head; rows of q and k as in safetensors",
        "Q8_0",
        LlamaFileType.MOSTLY_Q8_0,
    ),
}
