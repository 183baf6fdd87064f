#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write a GGUF of Qwen3-0.6B's shape with random BF16 weights: for speed, its text is noise.

  python3 bench/peers/synthetic_gguf.py OUT.gguf [--layers N]

A weight is one of 256 values that stand for a normal distribution. 256 tokens are the bytes; words
of no text fill the vocabulary up to its real size. The same seed gives the same file.
"""

import argparse
import random
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist
from typing import BinaryIO

ALIGNMENT = 32
F32, BF16 = 0, 30  # types of tensors
UINT32, INT32, FLOAT32, BOOL, STRING, ARRAY = 4, 5, 6, 7, 8, 9  # types of values
NORMAL, CONTROL = 1, 3  # types of tokens
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]


@dataclass(frozen=True)
class Shape:
    """Sizes of a Qwen3 decoder; the default is Qwen3-0.6B, which has no head of its own."""

    layers: int = 28
    dim: int = 1024
    hidden: int = 3072
    heads: int = 16
    kv_heads: int = 8
    head_dim: int = 128
    vocab: int = 151936
    context: int = 40960
    rope_theta: float = 1e6

    def tensors(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Name and shape of every tensor: (rows, columns), or (size,) of a norm."""
        q, kv = self.heads * self.head_dim, self.kv_heads * self.head_dim
        yield "token_embd.weight", (self.vocab, self.dim)
        for layer in range(self.layers):
            for name, shape in {
                "attn_norm": (self.dim,),
                "attn_q": (q, self.dim),
                "attn_k": (kv, self.dim),
                "attn_v": (kv, self.dim),
                "attn_q_norm": (self.head_dim,),
                "attn_k_norm": (self.head_dim,),
                "attn_output": (self.dim, q),
                "ffn_norm": (self.dim,),
                "ffn_gate": (self.hidden, self.dim),
                "ffn_up": (self.hidden, self.dim),
                "ffn_down": (self.dim, self.hidden),
            }.items():
                yield f"blk.{layer}.{name}.weight", shape
        yield "output_norm.weight", (self.dim,)


def byte_tokens() -> list[str]:
    """The 256 bytes as GPT-2 spells them: itself if it prints, else a character from 256 on."""
    printed = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = [byte for byte in range(256) if byte not in printed]
    return [chr(b if b in printed else 256 + others.index(b)) for b in range(256)]


def text(value: str) -> bytes:
    """A string as GGUF has it."""
    content = value.encode()
    return struct.pack("<Q", len(content)) + content


def array(kind: int, items: list[bytes]) -> bytes:
    """An array, its type in front."""
    return struct.pack("<IIQ", ARRAY, kind, len(items)) + b"".join(items)


def metadata(shape: Shape) -> dict[str, bytes]:
    """Keys, and values with their types in front."""

    def number(value: int) -> bytes:
        return struct.pack("<II", UINT32, value)

    def real(value: float) -> bytes:
        return struct.pack("<If", FLOAT32, value)

    known = [*byte_tokens(), "he"]
    fillers = shape.vocab - len(known) - len(SPECIAL)
    # Fillers are normal tokens: some engines print nothing for an unused one, and the first token
    # is timed by what is printed.
    tokens = [*known, *(f"w{i}" for i in range(fillers)), *SPECIAL]
    types = [NORMAL] * (len(known) + fillers) + [CONTROL] * len(SPECIAL)
    end, _, stop = range(shape.vocab - len(SPECIAL), shape.vocab)
    return {
        "general.architecture": struct.pack("<I", STRING) + text("qwen3"),
        "general.name": struct.pack("<I", STRING) + text("random weights"),
        "qwen3.block_count": number(shape.layers),
        "qwen3.context_length": number(shape.context),
        "qwen3.embedding_length": number(shape.dim),
        "qwen3.feed_forward_length": number(shape.hidden),
        "qwen3.attention.head_count": number(shape.heads),
        "qwen3.attention.head_count_kv": number(shape.kv_heads),
        "qwen3.attention.key_length": number(shape.head_dim),
        "qwen3.attention.value_length": number(shape.head_dim),
        "qwen3.attention.layer_norm_rms_epsilon": real(1e-6),
        "qwen3.rope.freq_base": real(shape.rope_theta),
        "qwen3.rope.dimension_count": number(shape.head_dim),
        "qwen3.vocab_size": number(shape.vocab),
        "tokenizer.ggml.model": struct.pack("<I", STRING) + text("gpt2"),
        "tokenizer.ggml.pre": struct.pack("<I", STRING) + text("qwen2"),
        "tokenizer.ggml.tokens": array(STRING, [text(token) for token in tokens]),
        "tokenizer.ggml.token_type": array(INT32, [struct.pack("<i", kind) for kind in types]),
        "tokenizer.ggml.merges": array(STRING, [text("h e")]),
        "tokenizer.ggml.bos_token_id": number(end),
        "tokenizer.ggml.eos_token_id": number(stop),
        "tokenizer.ggml.padding_token_id": number(end),
        "tokenizer.ggml.add_bos_token": struct.pack("<I?", BOOL, False),
    }


def padded(size: int) -> int:
    """`size`, up to the next boundary."""
    return -(-size // ALIGNMENT) * ALIGNMENT


def header(shape: Shape) -> bytes:
    """All before the tensors' data."""
    keys = metadata(shape)
    tensors = list(shape.tensors())
    out = [b"GGUF", struct.pack("<IQQ", 3, len(tensors), len(keys))]
    out += [text(key) + value for key, value in keys.items()]
    offset = 0
    for name, sizes in tensors:
        is_matrix = len(sizes) == 2
        out += [text(name), struct.pack("<I", len(sizes))]
        out += [struct.pack("<Q", size) for size in reversed(sizes)]  # columns first
        out += [struct.pack("<IQ", BF16 if is_matrix else F32, offset)]
        offset += padded(sizes[0] * sizes[1] * 2 if is_matrix else sizes[0] * 4)
    content = b"".join(out)
    return content.ljust(padded(len(content)), b"\0")


class Normal:
    """BF16 values of a normal distribution, drawn by the bytes of a generator."""

    def __init__(self, deviation: float, seed: int) -> None:
        self.random = random.Random(seed)
        draw = NormalDist(0, deviation).inv_cdf
        values = [struct.pack("<f", draw((i + 0.5) / 256)) for i in range(256)]
        # A BF16 is the upper half of an F32.
        self.low, self.high = (bytes(value[at] for value in values) for at in (2, 3))

    def bytes_of(self, count: int) -> bytes:
        """`count` values."""
        drawn = self.random.randbytes(count)
        out = bytearray(2 * count)
        out[0::2] = drawn.translate(self.low)
        out[1::2] = drawn.translate(self.high)
        return bytes(out)


def write(file: BinaryIO, shape: Shape, seed: int = 1) -> None:
    """Write the whole file."""
    file.write(header(shape))
    normal = Normal(0.02, seed)
    for _, sizes in shape.tensors():
        if len(sizes) == 1:
            data = struct.pack("<f", 1.0) * sizes[0]
            file.write(data.ljust(padded(len(data)), b"\0"))
            continue
        rows, columns = sizes
        assert columns * 2 % ALIGNMENT == 0
        for first in range(0, rows, 8192):  # the embedding as a whole would take 300 MB
            file.write(normal.bytes_of(min(8192, rows - first) * columns))


def main() -> None:
    """Write the file that the command line names."""
    parser = argparse.ArgumentParser(description="A GGUF of Qwen3-0.6B's shape, random weights.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--layers", type=int, default=Shape.layers)
    options = parser.parse_args()
    with options.out.open("wb") as file:
        write(file, Shape(layers=options.layers))


if __name__ == "__main__":
    main()
