# SPDX-License-Identifier: Apache-2.0
"""One decoder layer: attention, then a gated feed-forward, each behind a norm."""

from __future__ import annotations

from functools import partial

from ....core.engine.backend import (
    Linear,
    Module,
    RMSNorm,
    Tensor,
    rope,
    scaled_dot_product_attention,
    silu,
)
from ..config import LlamaConfig


class Attention(Module):
    """Grouped-query attention with rotary positions."""

    def __init__(self, c: LlamaConfig) -> None:
        super().__init__()
        self.config = c
        self.q_proj = Linear(c.hidden_size, c.num_attention_heads * c.head_dim, c.attention_bias)
        self.k_proj = Linear(c.hidden_size, c.num_key_value_heads * c.head_dim, c.attention_bias)
        self.v_proj = Linear(c.hidden_size, c.num_key_value_heads * c.head_dim, c.attention_bias)
        self.o_proj = Linear(c.num_attention_heads * c.head_dim, c.hidden_size, c.attention_bias)

    def forward(self, x: Tensor) -> Tensor:
        c = self.config
        batch, seq, _ = x.shape
        q = self.q_proj(x).reshape(batch, seq, c.num_attention_heads, c.head_dim)
        k = self.k_proj(x).reshape(batch, seq, c.num_key_value_heads, c.head_dim)
        v = self.v_proj(x).reshape(batch, seq, c.num_key_value_heads, c.head_dim)
        rotary = partial(
            rope,
            theta=c.rope_theta,
            scaling=c.rope_scaling,
            max_positions=c.max_position_embeddings,
        )
        q, k = rotary(q), rotary(k)
        y = scaled_dot_product_attention(q, k, v, is_causal=True, window=c.sliding_window)
        return self.o_proj(y.reshape(batch, seq, c.num_attention_heads * c.head_dim))


class Mlp(Module):
    """down(silu(gate(x)) * up(x))."""

    def __init__(self, c: LlamaConfig) -> None:
        super().__init__()
        self.gate_proj = Linear(c.hidden_size, c.intermediate_size, c.mlp_bias)
        self.up_proj = Linear(c.hidden_size, c.intermediate_size, c.mlp_bias)
        self.down_proj = Linear(c.intermediate_size, c.hidden_size, c.mlp_bias)

    def forward(self, x: Tensor) -> Tensor:
        return self.down_proj(silu(self.gate_proj(x)) * self.up_proj(x))


class DecoderLayer(Module):
    """x + attention(norm(x)), then h + mlp(norm(h))."""

    def __init__(self, c: LlamaConfig) -> None:
        super().__init__()
        self.self_attn = Attention(c)
        self.mlp = Mlp(c)
        self.input_layernorm = RMSNorm(c.hidden_size, c.rms_norm_eps)
        self.post_attention_layernorm = RMSNorm(c.hidden_size, c.rms_norm_eps)

    def forward(self, x: Tensor) -> Tensor:
        h = x + self.self_attn(self.input_layernorm(x))
        return h + self.mlp(self.post_attention_layernorm(h))
