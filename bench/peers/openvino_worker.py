# SPDX-License-Identifier: Apache-2.0
"""What openvino.py runs in the Python that has openvino_genai: one model, one test.

  python openvino_worker.py speed|start MODEL JSON

speed prints the rates of all repetitions as JSON, start the first token behind a text.
"""

import json
import random
import sys
from typing import Any

import numpy as np
import openvino
import openvino_genai

IDS = range(1000, 30000)  # in the vocabulary of every model


def config(tokens: int) -> Any:
    """Greedy, and exactly `tokens` tokens."""
    return openvino_genai.GenerationConfig(
        max_new_tokens=tokens, ignore_eos=True, do_sample=False, apply_chat_template=False
    )


def rate(pipeline: Any, prompt: int, generate: int, parallel: int) -> float:
    """Tokens per second of `prompt` tokens, or where `generate` is not 0 of what follows them."""
    ids = np.array([random.choices(IDS, k=prompt) for _ in range(parallel)], dtype=np.int64)
    inputs = openvino_genai.TokenizedInputs(
        openvino.Tensor(ids), openvino.Tensor(np.ones_like(ids))
    )
    metrics = pipeline.generate(inputs, config(generate + 1)).perf_metrics
    if generate == 0:
        return prompt * 1000 / float(metrics.get_ttft().mean)
    raw = metrics.raw_metrics  # the times are those of steps, in milliseconds
    steps = zip(raw.m_new_token_times, raw.m_batch_sizes, strict=True)
    full = [time for time, size in steps if size == parallel][-generate - 1 :]
    if len(full) <= generate:
        sys.exit(f"{len(full)} steps had all {parallel} sequences, wanted {generate + 1}")
    return parallel * generate * 1000 / float(full[-1] - full[0])


def main() -> None:
    """Do what the command line says."""
    what, model = sys.argv[1:3]
    settings = json.loads(sys.argv[3])
    pipeline = openvino_genai.LLMPipeline(
        model,
        "CPU",
        INFERENCE_NUM_THREADS=settings["threads"],
        KV_CACHE_PRECISION=settings["cache"],
    )
    if what == "start":
        tokenizer = pipeline.get_tokenizer()
        inputs = tokenizer.encode(settings["text"], add_special_tokens=False)
        if (count := inputs.input_ids.shape[1]) != settings["tokens"]:
            sys.exit(f"the prompt comes to {count} tokens, wanted {settings['tokens']}")
        answer = pipeline.generate(inputs, config(1))
        print(repr(tokenizer.decode(answer.tokens[0])), flush=True)
        return
    work = (settings["prompt"], settings["generate"], settings["parallel"])
    rates = [rate(pipeline, *work) for _ in range(settings["repetitions"] + 1)]
    print(json.dumps(rates[1:]))  # the first compiles kernels


if __name__ == "__main__":
    main()
