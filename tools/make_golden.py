#!/usr/bin/env python3
"""Write the golden numbers that the tests compare against, from the reference libraries.

The oracle environment needs torch, transformers, tokenizers, safetensors, gguf and numpy; nothing
under `src/` imports them. Every step is deterministic, so running it again changes no file unless
a reference library changed its numbers.

  python tools/make_golden.py tiny
  python tools/make_golden.py plain
  python tools/make_golden.py gguf
  python tools/make_golden.py qwen3
  python tools/make_golden.py folder src/inference_pio/models/NAME
  python tools/make_golden.py smollm2 --model SmolLM2-135M-Instruct.Q4_1.gguf
  python tools/make_golden.py compare REFERENCE.safetensors OTHER.safetensors
"""

import argparse
import json
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MODELS = ROOT / "src" / "inference_pio" / "models"
LLAMA_DIR = MODELS / "llama" / "tests" / "golden"
PLAIN_DIR = MODELS / "llama_plain" / "tests" / "golden"
QWEN3_DIR = MODELS / "qwen3" / "tests" / "golden"
SMOLLM2_DIR = ROOT / "tests" / "golden" / "smollm2"
TEXT = ROOT / "tests" / "data" / "alice.txt"


def main() -> None:
    """Parse the command line and run one step."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    steps = parser.add_subparsers(dest="step", required=True)
    for name, folder, text in [
        ("tiny", LLAMA_DIR, "tiny Llama and Mistral checkpoints in safetensors form"),
        ("plain", PLAIN_DIR, "tiny Llama checkpoints that the guide's plain parts can run"),
        ("gguf", LLAMA_DIR, "tiny Llama checkpoints in GGUF form"),
        ("qwen3", QWEN3_DIR, "tiny Qwen3 checkpoints in either form"),
    ]:
        step = steps.add_parser(name, help=text)
        step.add_argument("--out", type=Path, default=folder)
        step.add_argument("--only", nargs="*", help="names of the cases to write (default: all)")
    step = steps.add_parser("smollm2", help="logits and perplexity of SmolLM2 over a text")
    step.add_argument("--model", type=Path, required=True, help="the GGUF file")
    step.add_argument("--text", type=Path, default=TEXT)
    step.add_argument("--out", type=Path, default=SMOLLM2_DIR)
    step.add_argument("--ctx", type=int, default=512, help="tokens of a window")
    step.add_argument("--save-logits", type=Path, help="also write full logits (large)")
    step.add_argument("--save-windows", type=int, default=24, help="windows in --save-logits")
    step = steps.add_parser("folder", help="replace a model folder's self-made goldens")
    step.add_argument("folder", type=Path, help="the model folder")
    step.add_argument("--every", action="store_true", help="not only the self-made ones")
    step = steps.add_parser("compare", help="KL and perplexity of two saved logits files")
    step.add_argument("reference", type=Path)
    step.add_argument("other", type=Path)
    step.add_argument("--golden", type=Path, default=SMOLLM2_DIR / "perplexity.safetensors")
    args = parser.parse_args()

    # Imported here so that --help works without the reference libraries.
    if args.step == "tiny":
        from golden import tiny_llama

        tiny_llama.write_cases(args.out, args.only)
    elif args.step == "plain":
        from golden import tiny_llama

        tiny_llama.write_cases(args.out, args.only, tiny_llama.PLAIN_CASES)
    elif args.step == "gguf":
        from golden import gguf_llama

        gguf_llama.write_cases(args.out, args.only)
    elif args.step == "qwen3":
        from golden import gguf_llama, tiny_llama, tiny_qwen3

        tiny_llama.write_cases(args.out, args.only, tiny_qwen3.CASES)
        gguf_llama.write_cases(args.out, args.only, tiny_qwen3.GGUF_CASES)
    elif args.step == "folder":
        from golden import model_folder

        if not model_folder.write_folder(args.folder, args.every):
            raise SystemExit(f"{args.folder}: no self-made goldens under tests/golden/")
    elif args.step == "compare":
        from golden.compare import compare

        print(json.dumps(compare(args.reference, args.other, args.golden), indent=2))
    else:
        from golden import smollm2

        smollm2.write(args)


if __name__ == "__main__":
    main()
