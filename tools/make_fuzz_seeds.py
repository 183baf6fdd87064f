# SPDX-License-Identifier: Apache-2.0
"""Writes fuzz/seeds/safetensors and fuzz/seeds/gguf: tiny valid files that the fuzzers start from.

Usage: python tools/make_fuzz_seeds.py [SEEDS_FOLDER], in a virtual environment with gguf==0.19.0 and
safetensors==0.8.0.
"""

from __future__ import annotations

import json
import struct
import sys
from pathlib import Path

import gguf
import numpy as np
from safetensors.numpy import save_file

QUANTIZED = ("F32", "F16", "BF16", "Q4_0", "Q4_1", "Q8_0")


def raw_safetensors(header: dict[str, object], size: int) -> bytes:
    """A file with `header` and `size` bytes of data; for dtypes that numpy lacks."""
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + bytes(i % 256 for i in range(size))


def safetensors_seeds(out: Path) -> None:
    """One plain file, one with metadata and odd shapes, one with small floats, one without tensors."""
    save_file({"w": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.ones(3, np.float16)},
              out / "plain.safetensors")
    save_file({"ids": np.arange(3), "flag": np.array([True]), "none": np.zeros((0, 4), np.float32),
               "scalar": np.array(1.5)}, out / "kinds.safetensors", metadata={"format": "pt"})
    entries = {
        "bf16": {"dtype": "BF16", "shape": [2], "data_offsets": [0, 4]},
        "f8": {"dtype": "F8_E4M3", "shape": [3], "data_offsets": [4, 7]},
        "f4": {"dtype": "F4", "shape": [2], "data_offsets": [7, 8], "extra": [{"a": None}]},
    }
    (out / "small_floats.safetensors").write_bytes(raw_safetensors(entries, 8))
    (out / "empty.safetensors").write_bytes(raw_safetensors({}, 0))


def gguf_file(path: Path, alignment: int | None = None) -> gguf.GGUFWriter:
    """A writer with the keys that every file has."""
    writer = gguf.GGUFWriter(path, "llama")
    if alignment:
        writer.add_custom_alignment(alignment)
    return writer


def finish(writer: gguf.GGUFWriter) -> None:
    """Writes all parts."""
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def gguf_seeds(out: Path) -> None:
    """One with a value of every type, one with tensors of many types, one vocabulary, one aligned to 64."""
    writer = gguf_file(out / "values.gguf")
    for name, value in (("uint8", 1), ("int8", -1), ("uint16", 2), ("int16", -2), ("uint32", 3),
                        ("int32", -3), ("uint64", 4), ("int64", -4), ("float32", 0.5),
                        ("float64", 0.25), ("bool", True), ("string", "text")):
        getattr(writer, f"add_{name}")(f"x.{name}", value)
    writer.add_array("x.strings", ["a", "", "b"])
    writer.add_array("x.ints", [1, -2])
    writer.add_array("x.floats", [0.5, 1.5])
    writer.add_array("x.bools", [True, False])
    finish(writer)

    writer = gguf_file(out / "tensors.gguf")
    rng = np.random.default_rng(1)
    for name in QUANTIZED:
        kind = gguf.GGMLQuantizationType[name]
        data = gguf.quants.quantize(rng.normal(0, 1, (2, 32)).astype(np.float32), kind)
        if name in ("F32", "F16"):
            writer.add_tensor(f"w.{name}", data)
        else:
            writer.add_tensor(f"w.{name}", data, raw_dtype=kind)
    for name, size in (("Q4_K", 144), ("Q6_K", 210), ("Q5_K", 176)):
        writer.add_tensor(f"k.{name}", rng.integers(0, 256, (1, size), dtype=np.uint8),
                          raw_dtype=gguf.GGMLQuantizationType[name])
    writer.add_tensor("ids", np.arange(4, dtype=np.int32))
    finish(writer)

    writer = gguf_file(out / "vocabulary.gguf")
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(["<s>", "a", "b", "ab"])
    writer.add_token_types([3, 1, 1, 1])
    writer.add_token_merges(["a b"])
    finish(writer)

    writer = gguf_file(out / "aligned_64.gguf", 64)
    writer.add_tensor("a", np.ones(3, np.float32))
    writer.add_tensor("b", np.ones(3, np.float32))
    finish(writer)


def main() -> None:
    """Writes both folders."""
    root = Path(sys.argv[1] if len(sys.argv) > 1 else "fuzz/seeds")
    for name, make in (("safetensors", safetensors_seeds), ("gguf", gguf_seeds)):
        (root / name).mkdir(parents=True, exist_ok=True)
        make(root / name)


if __name__ == "__main__":
    main()
