# SPDX-License-Identifier: Apache-2.0
"""Configuration of the Llama family."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...common.config.model_config_base import BaseConfig


@dataclass
class LlamaConfig(BaseConfig):
    """Fields of LlamaForCausalLM's and MistralForCausalLM's config.json."""

    hidden_size: int = 4096
    num_layers: int = 32
    num_attention_heads: int = 32
    num_key_value_heads: int | None = None
    head_dim: int | None = None
    intermediate_size: int = 11008
    vocab_size: int = 32000
    rms_norm_eps: float = 1e-6
    rope_theta: float = 10000.0
    rope_scaling: dict[str, Any] | None = None
    tie_word_embeddings: bool = False
    attention_bias: bool = False
    mlp_bias: bool = False
    sliding_window: int | None = None
    hidden_act: str = "silu"

    def __post_init__(self) -> None:
        """Fill what a file leaves out; refuse what the model cannot do."""
        if self.num_key_value_heads is None:
            self.num_key_value_heads = self.num_attention_heads
        if self.head_dim is None:
            self.head_dim = self.hidden_size // self.num_attention_heads
        if self.num_attention_heads % self.num_key_value_heads:
            raise ValueError(
                f"num_attention_heads {self.num_attention_heads} is not a multiple of "
                f"num_key_value_heads {self.num_key_value_heads}"
            )
        if self.hidden_act != "silu":
            raise ValueError(f'hidden_act is "{self.hidden_act}", expected "silu"')
