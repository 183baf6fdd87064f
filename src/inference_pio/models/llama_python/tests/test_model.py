# SPDX-License-Identifier: Apache-2.0
"""The model without a checkpoint, and what its configuration refuses."""

import unittest

from ....common.factory.model_factory import ModelFactory
from ....core.engine.backend import Tensor
from ..config import LlamaConfig
from ..model import LlamaModel

SIZES = {"hidden_size": 32, "num_layers": 2, "num_attention_heads": 4, "intermediate_size": 48, "vocab_size": 40}


class LlamaModelTest(unittest.TestCase):
    """A fresh model runs eagerly; its names are the checkpoint's."""

    def test_logits(self) -> None:
        logits = LlamaModel(LlamaConfig(**SIZES))(Tensor([[1, 2, 3]]))
        self.assertEqual(logits.shape, (1, 3, 40))

    def test_causal(self) -> None:
        model = LlamaModel(LlamaConfig(**SIZES))
        short, long = model(Tensor([[1, 2]])), model(Tensor([[1, 2, 3]]))
        self.assertEqual(short[0, 1].to_list(), long[0, 1].to_list())

    def test_parameter_names(self) -> None:
        names = dict(LlamaModel(LlamaConfig(**SIZES)).named_parameters())
        self.assertIn("model.layers.1.self_attn.q_proj.weight", names)
        self.assertIn("lm_head.weight", names)
        tied = LlamaModel(LlamaConfig(**SIZES, tie_word_embeddings=True))
        self.assertNotIn("lm_head.weight", dict(tied.named_parameters()))

    def test_config(self) -> None:
        config = LlamaConfig(**SIZES, num_key_value_heads=2)
        self.assertEqual((config.head_dim, config.num_key_value_heads), (8, 2))
        with self.assertRaises(ValueError):
            LlamaConfig(num_attention_heads=4, num_key_value_heads=3)
        with self.assertRaises(ValueError):
            LlamaConfig(hidden_act="gelu")
        with self.assertRaises(TypeError):
            ModelFactory.create("llama_python", no_such_field=1)


if __name__ == "__main__":
    unittest.main()
