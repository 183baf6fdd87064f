# SPDX-License-Identifier: Apache-2.0
"""A loaded model: text in, text out."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, overload

from ._own_loop import OwnAnswer
from ._pio import (
    Error,
    GenerationResult,
    InvalidArgumentError,
    _Engine,
    _load,
    _own_loop_fields,
    _resolve_model,
)

Prompt = str | Sequence[int] | Mapping[str, Any]


class Model:
    """Answers prompts and conversations; threads may share it, and their requests share its steps.

    Sampling arguments of all methods: max_tokens, temperature, top_k, top_p, min_p, repetition_penalty,
    frequency_penalty, presence_penalty, seed, stop, ignore_eos; unset ones are the checkpoint's own.
    """

    def __init__(self, plugin: Any) -> None:
        """Take a loaded plugin; load() makes one."""
        self._plugin = plugin
        self._engine = None if plugin._has_own_loop else _Engine(plugin)

    @property
    def plugin(self) -> Any:
        """The plugin: config, model, tokenizer, session()."""
        if self._plugin is None:
            raise Error("[model] is closed")
        return self._plugin

    @overload
    def generate(self, prompt: str | Mapping[str, Any], **sampling: Any) -> GenerationResult: ...
    @overload
    def generate(self, prompt: Sequence[str], **sampling: Any) -> list[GenerationResult]: ...
    def generate(self, prompt: Any, **sampling: Any) -> Any:
        """Continue a text, or each text of a list; {"ids": [...]} passes token ids. No chat template is applied."""
        if isinstance(prompt, (str, Mapping)):
            return self._submit(prompt, sampling).result()
        if any(isinstance(item, int) for item in prompt):
            raise InvalidArgumentError('[generate] got token ids, expected texts: pass {"ids": [...]}')
        answers = [self._submit(item, sampling) for item in prompt]
        return [answer.result() for answer in answers]

    def stream_generate(self, prompt: str | Mapping[str, Any], **sampling: Any) -> Iterator[str]:
        """Continue a text, piece by piece; dropping the iterator ends the request."""
        pieces: Iterator[str] = self._submit(prompt, sampling)
        return pieces

    def chat(self, messages: Sequence[Mapping[str, Any]], **sampling: Any) -> GenerationResult:
        """Answer a conversation: [{"role": "user", "content": "..."}], through the chat template."""
        return self.generate({"messages": list(messages)}, **sampling)

    def stream_chat(self, messages: Sequence[Mapping[str, Any]], **sampling: Any) -> Iterator[str]:
        """Answer a conversation, piece by piece."""
        return self.stream_generate({"messages": list(messages)}, **sampling)

    def embed(self, texts: str | Sequence[str]) -> list[list[float]]:
        """Embeddings of texts, where the model gives them."""
        raise Error(f"[embed] {type(self.plugin).__name__} gives no embeddings of texts")

    def close(self) -> None:
        """Free the model; what is not answered yet ends as cancelled, and a stream of it raises."""
        if self._engine is not None:
            self._engine.close()
        self._plugin = None

    def __enter__(self) -> Model:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the model."""
        self.close()

    def _submit(self, prompt: Prompt, sampling: dict[str, Any]) -> Any:
        if self._engine is None:
            return OwnAnswer(self.plugin, _own_loop_fields(self.plugin, prompt, **sampling))
        return self._engine.submit(prompt, **sampling)


def load(path: str | os.PathLike[str], *, plugin: str = "", **options: Any) -> Model:
    """Load a checkpoint: a folder, a .gguf file, or the name of one that `inference-pio models` lists.

    plugin: the architecture, by default the one that the checkpoint names. Options, as on the command
    line: weights, kv, ctx, chunk, threads, parallel (requests that share steps, 4), allow_extra, isa,
    disable_pass. Errors: LoadError; what a trace refuses is an InvalidArgumentError "[trace] ...".
    """
    known = {"parallel": 4} | options
    made = _load(_resolve_model(os.fspath(path)), plugin, known)
    return Model(made)
