# SPDX-License-Identifier: Apache-2.0
"""Writes tests/golden/quant/<type>.json with the gguf package: packed blocks and what they decode to.

Each file holds `decode` cases (block bytes as hex, f32 bits as whole numbers) and, where the package
has a quantizer, `encode` cases. Usage: python tools/make_quant_golden.py [OUT_FOLDER], in a virtual
environment with gguf==0.19.0.
"""

from __future__ import annotations

import importlib.metadata
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import gguf
import numpy as np

TYPES = ("F32", "F16", "BF16", "Q4_0", "Q4_1", "Q8_0", "Q4_K", "Q6_K")
ENCODED = ("F32", "F16", "BF16", "Q4_0", "Q4_1", "Q8_0")
# Byte offsets of the f16 scales in a block.
SCALES = {"Q4_0": (0,), "Q4_1": (0, 2), "Q8_0": (0,), "Q4_K": (0, 2), "Q6_K": (208,)}
PLAIN_WEIGHTS = 32  # a "block" of an unquantized type in these files


def block_size(name: str) -> tuple[int, int]:
    """Weights and bytes of one golden block of type `name`."""
    weights, size = gguf.GGML_QUANT_SIZES[gguf.GGMLQuantizationType[name]]
    return (weights, size) if weights > 1 else (PLAIN_WEIGHTS, PLAIN_WEIGHTS * size)


def with_scales(name: str, body: np.ndarray, *bits: int) -> bytes:
    """`body` with its f16 scales set to `bits` (the last one repeated)."""
    raw = bytearray(body.tobytes())
    for i, at in enumerate(SCALES.get(name, ())):
        raw[at : at + 2] = bits[min(i, len(bits) - 1)].to_bytes(2, "little")
    return bytes(raw)


def decode_blocks(name: str, rng: np.random.Generator) -> Iterator[tuple[str, bytes]]:
    """Named blocks to decode; F32, F16 and BF16 get special values instead of scale edges."""
    _, size = block_size(name)
    for i in range(8):
        body = rng.integers(0, 256, size, dtype=np.uint8)
        if name in SCALES:
            scales = rng.normal(0, 0.05, 2).astype(np.float16).view(np.uint16)
            yield f"random {i}", with_scales(name, body, int(scales[0]), int(scales[1]))
        else:
            values = rng.normal(0, 10.0 ** rng.integers(-6, 4), PLAIN_WEIGHTS).astype(np.float32)
            kind = gguf.GGMLQuantizationType[name]
            yield f"random {i}", gguf.quants.quantize(values, kind).tobytes()
    random = rng.integers(0, 256, size, dtype=np.uint8)
    yield "zero", bytes(size)
    if name in SCALES:
        yield "zero scale", with_scales(name, random, 0)
        yield "negative zero scale", with_scales(name, random, 0x8000)
        yield "negative scales", with_scales(name, random, 0xAE66, 0xB2A3)
        yield "smallest subnormal scale", with_scales(name, random, 0x0001)
        yield "largest subnormal scale", with_scales(name, random, 0x03FF, 0x83FF)
        yield "all ones, scale 1", with_scales(name, np.full(size, 255, np.uint8), 0x3C00)
        yield "largest scales", with_scales(name, np.full(size, 0x7F, np.uint8), 0x7BFF)
        yield "lowest scales", with_scales(name, np.full(size, 0x80, np.uint8), 0xFBFF)
    else:
        special = {
            "F32": [0x80000000, 1, 0x807FFFFF, 0x7F7FFFFF, 0xFF800000, 0x7F800000, 0x7FC00000, 0x3F800000],
            "F16": [0x8000, 1, 0x83FF, 0x7BFF, 0xFC00, 0x7C00, 0x7E00, 0x3C00],
            "BF16": [0x8000, 1, 0x807F, 0x7F7F, 0xFF80, 0x7F80, 0x7FC0, 0x3F80],
        }[name]
        dtype = np.uint32 if name == "F32" else np.uint16
        yield "special values", np.array(special * 4, dtype).tobytes()


def encode_values(name: str, rng: np.random.Generator) -> Iterator[tuple[str, np.ndarray]]:
    """Named rows of f32 to encode, one block each."""
    weights, _ = block_size(name)
    for i in range(8):
        yield f"random {i}", rng.normal(0, 10.0 ** rng.integers(-4, 3), weights)
    yield "zero", np.zeros(weights)
    yield "constant", np.full(weights, 0.375)
    yield "negative constant", np.full(weights, -1.5)
    yield "all positive", rng.uniform(0.5, 1.0, weights)
    yield "all negative", rng.uniform(-1.0, -0.5, weights)
    yield "ramp with ties", np.arange(weights) - 15.5
    yield "half steps", np.concatenate([[127.0], (np.arange(weights - 1) - 15) * 0.5])
    yield "one outlier", np.concatenate([[-1000.0], rng.normal(0, 1, weights - 1)])
    yield "tiny (f16 scale is subnormal)", rng.normal(0, 3e-6, weights)
    yield "huge (f16 overflow)", rng.normal(0, 3e5, weights)
    yield "two equal extremes", np.where(np.arange(weights) % 2 == 0, 2.0, -2.0)


def lines(cases: list[dict[str, object]]) -> str:
    """The cases as JSON, one a line."""
    return ",\n  ".join(json.dumps(case, separators=(",", ":")) for case in cases)


def main() -> None:
    """Writes one file per type."""
    out = Path(sys.argv[1] if len(sys.argv) > 1 else "tests/golden/quant")
    out.mkdir(parents=True, exist_ok=True)
    version = importlib.metadata.version("gguf")
    for index, name in enumerate(TYPES):
        rng = np.random.default_rng(1000 + index)
        kind = gguf.GGMLQuantizationType[name]
        decode, encode = [], []
        for label, raw in decode_blocks(name, rng):
            values = gguf.quants.dequantize(np.frombuffer(raw, np.uint8).copy(), kind)
            bits = np.ascontiguousarray(values, np.float32).view(np.uint32)
            decode.append({"name": label, "block": raw.hex(), "f32": bits.ravel().tolist()})
        if name in ENCODED:
            for label, values in encode_values(name, rng):
                row = values.astype(np.float32)
                with np.errstate(over="ignore"):
                    raw = gguf.quants.quantize(row, kind).tobytes()
                encode.append({"name": label, "block": raw.hex(), "f32": row.view(np.uint32).tolist()})
        text = f'{{"type":"{name}","tool":"gguf {version}",\n "decode":[\n  {lines(decode)}],\n'
        text += f' "encode":[\n  {lines(encode)}]}}\n'
        (out / f"{name.lower()}.json").write_text(text)


if __name__ == "__main__":
    main()
