# SPDX-License-Identifier: Apache-2.0
"""The Llama family's model: embedding, layers, norm and head."""

from __future__ import annotations

from ...core.engine.backend import Embedding, Linear, Module, RMSNorm, Tensor, linear
from .architecture import DecoderLayer
from .config import LlamaConfig


class LlamaBody(Module):
    """ids to the hidden states behind the last layer."""

    def __init__(self, c: LlamaConfig) -> None:
        super().__init__()
        self.embed_tokens = Embedding(c.vocab_size, c.hidden_size)
        self.layers = [DecoderLayer(c) for _ in range(c.num_layers)]
        self.norm = RMSNorm(c.hidden_size, c.rms_norm_eps)

    def forward(self, ids: Tensor) -> Tensor:
        h = self.embed_tokens(ids)
        for layer in self.layers:
            h = layer(h)
        return self.norm(h)


class LlamaModel(Module):
    """ids [1, rows] to logits [1, rows, vocab]."""

    def __init__(self, config: LlamaConfig) -> None:
        super().__init__()
        self.model = LlamaBody(config)
        self.lm_head = None
        if not config.tie_word_embeddings:
            self.lm_head = Linear(config.hidden_size, config.vocab_size, bias=False)

    def forward(self, ids: Tensor) -> Tensor:
        h = self.model(ids)
        return self.lm_head(h) if self.lm_head else linear(h, self.model.embed_tokens.weight)
