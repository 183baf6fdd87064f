"""Opens a Llama or Qwen3 GGUF as a transformers model over its dequantized weights."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from gguf import GGUFReader
from gguf.quants import dequantize
from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedModel

# transformers' names below `model.layers.<i>.`, by the GGUF names below `blk.<i>.`.
LAYER_NAMES = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_q_norm": "self_attn.q_norm",
    "attn_k_norm": "self_attn.k_norm",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
MODEL_NAMES = {
    "token_embd.weight": "model.embed_tokens.weight",
    "output_norm.weight": "model.norm.weight",
    "output.weight": "lm_head.weight",
}


def hf_name(name: str) -> str:
    """Returns transformers' name of a GGUF tensor."""
    if name in MODEL_NAMES:
        return MODEL_NAMES[name]
    _, layer, part, kind = name.split(".")
    return f"model.layers.{layer}.{LAYER_NAMES[part]}.{kind}"


def permute(weight: np.ndarray, heads: int) -> np.ndarray:
    """Reorders rows of q or k from half-split to interleaved rope, as llama.cpp's converter."""
    rows = weight.shape[0]
    split = weight.reshape(heads, 2, rows // heads // 2, *weight.shape[1:])
    return split.swapaxes(1, 2).reshape(weight.shape)


def unpermute(weight: np.ndarray, heads: int) -> np.ndarray:
    """Undoes `permute`."""
    rows = weight.shape[0]
    split = weight.reshape(heads, rows // heads // 2, 2, *weight.shape[1:])
    return split.swapaxes(1, 2).reshape(weight.shape)


def metadata(reader: GGUFReader) -> Callable[[str], Any]:
    """Returns a function that gives a metadata value by key, or None."""
    return lambda key: field.contents() if (field := reader.get_field(key)) else None


@torch.no_grad()
def load_reference(path: Path) -> PreTrainedModel:
    """Loads a GGUF of architecture `llama` or `qwen3` in f32.

    Args:
        path: the GGUF file.

    Returns:
        The model with eager attention; `rope_freqs.weight`, where present, divides its
        rotary frequencies.
    """
    reader = GGUFReader(path)
    get = metadata(reader)
    names = {tensor.name for tensor in reader.tensors}
    arch = get("general.architecture")
    heads = get(f"{arch}.attention.head_count")
    kv_heads = get(f"{arch}.attention.head_count_kv")
    hidden = get(f"{arch}.embedding_length")
    config = AutoConfig.for_model(
        arch,
        hidden_size=hidden,
        intermediate_size=get(f"{arch}.feed_forward_length"),
        num_hidden_layers=get(f"{arch}.block_count"),
        num_attention_heads=heads,
        num_key_value_heads=kv_heads,
        head_dim=get(f"{arch}.attention.key_length") or hidden // heads,
        max_position_embeddings=get(f"{arch}.context_length"),
        rms_norm_eps=get(f"{arch}.attention.layer_norm_rms_epsilon"),
        rope_parameters={"rope_type": "default", "rope_theta": get(f"{arch}.rope.freq_base")},
        vocab_size=get(f"{arch}.vocab_size"),
        tie_word_embeddings="output.weight" not in names,
        attention_bias="blk.0.attn_q.bias" in names,
        mlp_bias="blk.0.ffn_gate.bias" in names,
    )
    model = AutoModelForCausalLM.from_config(
        config, dtype=torch.float32, attn_implementation="eager"
    ).eval()
    wanted = dict(model.named_parameters())
    for tensor in reader.tensors:
        value = np.array(dequantize(tensor.data, tensor.tensor_type))
        if tensor.name == "rope_freqs.weight":
            model.model.rotary_emb.inv_freq /= torch.from_numpy(value)
            continue
        if arch == "llama" and ".attn_q." in tensor.name:
            value = unpermute(value, heads)
        elif arch == "llama" and ".attn_k." in tensor.name:
            value = unpermute(value, kv_heads)
        parameter = wanted.pop(hf_name(tensor.name))
        if parameter.shape != value.shape:
            raise ValueError(f"{tensor.name}: {value.shape}, wanted {tuple(parameter.shape)}")
        parameter.copy_(torch.from_numpy(value))
    if wanted:
        raise ValueError(f"missing in {path}: {sorted(wanted)}")
    return model
