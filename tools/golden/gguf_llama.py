"""Tiny GGUF files of Llama's form, each with what transformers gives on its dequantized weights."""

import math
import shutil
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from gguf import GGMLQuantizationType, GGUFWriter, LlamaFileType, TokenType
from gguf.quants import quantize
from transformers import PreTrainedModel

from .gguf_read import LAYER_NAMES, MODEL_NAMES, load_reference, permute
from .random_blocks import MAKERS
from .record import write_golden
from .tiny_llama import LLAMA3_SCALING, build, llama3

VOCAB = 288
PRE_TOKENIZERS = {"llama": "smollm", "qwen3": "qwen2"}


@dataclass
class GgufCase:
    """One GGUF file: the model it is made from and the type of each kind of tensor."""

    file: str
    config: dict[str, Any]
    seed: int
    note: str
    matrix: str
    file_type: LlamaFileType
    types: dict[str, str] = field(default_factory=dict)

    @property
    def arch(self) -> str:
        """The file's architecture."""
        return self.config["model_type"]


def base(**changes: Any) -> dict[str, Any]:
    """Returns a config whose rows are whole 32-blocks and whose vocabulary has a tokenizer."""
    return (
        llama3(
            vocab_size=VOCAB,
            intermediate_size=128,
            rope_theta=10000.0,
            bos_token_id=VOCAB - 3,
            eos_token_id=VOCAB - 1,
        )
        | changes
    )


CASES = {
    "gguf_q8_0": GgufCase(
        "llama_gqa.q8_0.gguf", base(), 69, "every matrix Q8_0", "Q8_0", LlamaFileType.MOSTLY_Q8_0
    ),
    "gguf_q4_0": GgufCase(
        "llama_gqa.q4_0.gguf",
        base(),
        2,
        "Q4_0, with a Q8_0 head",
        "Q4_0",
        LlamaFileType.MOSTLY_Q4_0,
        {"output": "Q8_0"},
    ),
    "gguf_mixed": GgufCase(
        "llama_mixed.q4_1.gguf",
        base(attention_bias=True, num_hidden_layers=2),
        233,
        "Q4_1, F16 embedding and down, BF16 head and v; biases in attention, q and k permuted",
        "Q4_1",
        LlamaFileType.MOSTLY_Q4_1,
        {"token_embd": "F16", "ffn_down": "F16", "output": "BF16", "attn_v": "BF16"},
    ),
    "gguf_rope_llama3": GgufCase(
        "llama3_rope.f32.gguf",
        base(
            rope_scaling=LLAMA3_SCALING,
            rope_theta=500000.0,
            num_attention_heads=2,
            num_key_value_heads=1,
            head_dim=32,
            num_hidden_layers=2,
            intermediate_size=64,
            tie_word_embeddings=True,
        ),
        20,
        "F32 with rope_freqs.weight",
        "F32",
        LlamaFileType.ALL_F32,
    ),
    "gguf_q4_k": GgufCase(
        "llama_k.q4_k.gguf",
        base(hidden_size=256, intermediate_size=256, num_hidden_layers=2, num_key_value_heads=1),
        10,
        "Q4_K, with Q6_K v, down and head; random blocks rather than quantized values",
        "Q4_K",
        LlamaFileType.MOSTLY_Q4_K_M,
        {"attn_v": "Q6_K", "ffn_down": "Q6_K", "output": "Q6_K"},
    ),
}


def byte_chars() -> list[str]:
    """Returns GPT-2's printable characters for the 256 bytes, in byte order."""
    keep = [*range(33, 127), *range(161, 173), *range(174, 256)]
    extra = iter(range(256, 512))
    return [chr(b if b in keep else next(extra)) for b in range(256)]


def add_metadata(writer: GGUFWriter, case: GgufCase) -> None:
    """Writes the keys that llama.cpp's converter writes, and a tokenizer of single bytes."""
    config = case.config
    heads = config["num_attention_heads"]
    head_dim = config.get("head_dim") or config["hidden_size"] // heads
    writer.add_type("model")
    writer.add_name(case.file.removesuffix(".gguf"))
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(heads)
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_rope_freq_base(config["rope_theta"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    if "head_dim" in config:
        writer.add_key_length(head_dim)
        writer.add_value_length(head_dim)
    writer.add_file_type(case.file_type)
    writer.add_vocab_size(VOCAB)
    writer.add_rope_dimension_count(head_dim)
    writer.add_quantization_version(2)

    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    tokens = [*byte_chars(), "he"]
    dummies = VOCAB - len(tokens) - len(special)
    kinds = [TokenType.NORMAL] * len(tokens) + [TokenType.UNUSED] * dummies
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(PRE_TOKENIZERS[case.arch])
    writer.add_token_list([*tokens, *(f"<dummy{i}>" for i in range(dummies)), *special])
    writer.add_token_types([*kinds, *[TokenType.CONTROL] * len(special)])
    writer.add_token_merges(["h e"])
    writer.add_bos_token_id(VOCAB - 3)
    writer.add_eos_token_id(VOCAB - 1)
    writer.add_pad_token_id(VOCAB - 3)
    writer.add_add_bos_token(False)


def rope_factors(config: dict[str, Any]) -> np.ndarray:
    """Returns what each rotary frequency is divided by under `llama3` scaling, [head_dim / 2]."""
    scaling, dim = config["rope_scaling"], config["head_dim"]
    context = scaling["original_max_position_embeddings"]
    low, high = scaling["low_freq_factor"], scaling["high_freq_factor"]
    factors = []
    for i in range(0, dim, 2):
        wavelength = 2 * math.pi * config["rope_theta"] ** (i / dim)
        smooth = min(max((context / wavelength - low) / (high - low), 0.0), 1.0)
        factors.append(1 / ((1 - smooth) / scaling["factor"] + smooth))
    return np.array(factors, dtype=np.float32)


def add_tensors(writer: GGUFWriter, case: GgufCase, model: PreTrainedModel) -> None:
    """Writes the weights of `model`, Llama's q and k permuted, each in the type its case names."""
    weights = {name: p.detach().numpy() for name, p in model.named_parameters()}
    names = [(gguf.split(".")[0], gguf, hf) for gguf, hf in MODEL_NAMES.items()]
    for i in range(case.config["num_hidden_layers"]):
        for part, hf in LAYER_NAMES.items():
            for kind in ("weight", "bias"):
                names.append((part, f"blk.{i}.{part}.{kind}", f"model.layers.{i}.{hf}.{kind}"))
    heads = {
        "attn_q": case.config["num_attention_heads"],
        "attn_k": case.config["num_key_value_heads"],
    }
    if case.arch != "llama":
        heads = {}
    if case.config["rope_scaling"]:
        writer.add_tensor("rope_freqs.weight", rope_factors(case.config))
    for part, gguf, hf in names:
        if hf not in weights:
            continue
        value = weights[hf]
        if part in heads:
            value = np.ascontiguousarray(permute(value, heads[part]))
        kind = case.types.get(part, case.matrix) if value.ndim == 2 else "F32"
        if kind == "F32":
            writer.add_tensor(gguf, value)
            continue
        qtype = GGMLQuantizationType[kind]
        if kind in MAKERS:
            rng = np.random.default_rng([case.seed, zlib.crc32(gguf.encode())])
            data = MAKERS[kind](rng, *value.shape, float(value.std()))
        else:
            data = quantize(value, qtype)
        writer.add_tensor(gguf, data, raw_dtype=qtype)


def write_gguf(path: Path, case: GgufCase) -> None:
    """Writes the GGUF file of one case."""
    writer = GGUFWriter(path, case.arch)
    add_metadata(writer, case)
    add_tensors(writer, case, build(case.config, case.seed))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def write_cases(out: Path, only: list[str] | None, cases: dict[str, GgufCase] = CASES) -> None:
    """Writes those of `cases` that are named in `only`, or all, below `out`."""
    for name, case in cases.items():
        if only and name not in only:
            continue
        folder = out / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        path = folder / case.file
        write_gguf(path, case)
        facts = {
            "note": case.note,
            "model": case.file,
            "reference": "the file's dequantized weights in f32, eager attention",
            "weights_dtype": case.matrix,
            "seed": case.seed,
        }
        stats = write_golden(folder, load_reference(path), facts)
        print(
            f"{name}: logits std {stats['logits_std']:.2f}, "
            f"least greedy margin {stats['min_margin']:.4f}, {path.stat().st_size / 1000:.0f} kB"
        )
