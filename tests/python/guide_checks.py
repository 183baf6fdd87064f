# SPDX-License-Identifier: Apache-2.0
"""What the guide promises of models/my_model; test_guide.py runs this file in a fresh virtual environment."""

import importlib
import math
import sys
import unittest

import inference_pio
from inference_pio import Error, ModelFactory, Tensor, rope, scaled_dot_product_attention

BANNED = ("torch", "numpy", "transformers", "accelerate")
HIDDEN = 6
EPS = 1e-6


def values(shape: tuple[int, ...], seed: int) -> list:
    """Nested lists of numbers that repeat with no small period."""
    if not shape:
        return math.sin(seed * 12.9898) * 2
    step = math.prod(shape[1:])
    return [values(shape[1:], seed + i * step) for i in range(shape[0])]


def linear_then_norm(x: list, state: dict) -> list:
    """The guide's forward for one row, in plain Python."""
    weight, bias = state["embed.weight"].to_list(), state["embed.bias"].to_list()
    h = [
        sum(a * w for a, w in zip(x, row, strict=True)) + b
        for row, b in zip(weight, bias, strict=True)
    ]
    scale = 1 / math.sqrt(sum(v * v for v in h) / len(h) + EPS)
    return [v * scale * w for v, w in zip(h, state["norm.weight"].to_list(), strict=True)]


class MyModel(unittest.TestCase):
    def setUp(self) -> None:
        self.assertIn("my_model", ModelFactory.available())
        self.plugin = ModelFactory.create("my_model", hidden_size=HIDDEN)

    def test_overrides_reach_the_config_and_the_rest_keeps_its_defaults(self) -> None:
        config = self.plugin.config
        self.assertIsInstance(config, inference_pio.BaseConfig)
        self.assertEqual(type(config).__name__, "MyModelConfig")
        self.assertEqual(
            (config.hidden_size, config.num_layers, config.vocab_size, config.model_name),
            (HIDDEN, 32, 32000, "my_model"),
        )
        with self.assertRaises(TypeError):
            ModelFactory.create("my_model", hidden_sise=HIDDEN)

    def test_forward_on_a_tensor(self) -> None:
        state = self.plugin.model.state_dict()
        self.assertEqual(list(state), ["embed.weight", "embed.bias", "norm.weight"])
        data = values((2, 3, HIDDEN), 1)
        out = self.plugin.model(Tensor(data))
        self.assertIsInstance(out, Tensor)
        self.assertEqual(out.shape, (2, 3, HIDDEN))
        for rows, results in zip(data, out.to_list(), strict=True):
            for row, result in zip(rows, results, strict=True):
                for got, wanted in zip(result, linear_then_norm(row, state), strict=True):
                    self.assertAlmostEqual(got, wanted, delta=2e-5 * max(1.0, abs(wanted)))

    def test_values_given_by_name(self) -> None:
        state = {"embed.weight": values((HIDDEN, HIDDEN), 7), "embed.bias": [0.5] * HIDDEN}
        self.plugin.model.load_state_dict(state | {"norm.weight": [2.0] * HIDDEN})
        row = values((HIDDEN,), 3)
        tensors = self.plugin.model.state_dict()
        self.assertEqual(tensors["norm.weight"].to_list(), [2.0] * HIDDEN)
        [result] = self.plugin.model(Tensor([row])).to_list()
        for got, wanted in zip(result, linear_then_norm(row, tensors), strict=True):
            self.assertAlmostEqual(got, wanted, delta=2e-5 * max(1.0, abs(wanted)))

    def test_default_sizes_allocate_nothing_until_they_run(self) -> None:
        plugin = ModelFactory.create("my_model")
        self.assertEqual(plugin.model.state_dict()["embed.weight"].shape, (4096, 4096))

    def test_infer_of_the_guide_gives_none(self) -> None:
        self.assertIsNone(self.plugin.infer("Hello"))
        self.assertIsNone(self.plugin.load_model())

    def test_one_class_under_all_import_paths(self) -> None:
        folder = "inference_pio.models.my_model"
        for file, name in [
            ("config", "MyModelConfig"),
            ("model", "MyModel"),
            ("plugin", "MyModelPlugin"),
        ]:
            ours = importlib.import_module(f"{folder}.{file}")
            theirs = importlib.import_module(f"src.{folder}.{file}")
            self.assertIs(getattr(ours, name), getattr(theirs, name))
            self.assertIs(ours, theirs)
        self.assertIs(type(self.plugin), ours.MyModelPlugin)
        self.assertIs(type(self.plugin.model), importlib.import_module(f"{folder}.model").MyModel)
        backend = importlib.import_module("src.inference_pio.core.engine.backend")
        self.assertIs(backend.Tensor, Tensor)
        self.assertIsInstance(self.plugin.model, backend.Module)

    def test_four_dims_of_rope_and_attention(self) -> None:
        batch, seq, heads, head_dim = 2, 3, 4, 8
        x = Tensor(values((batch, seq, heads, head_dim), 5))
        turned = rope(x)
        self.assertEqual(turned.shape, x.shape)
        # Position 0 is not turned; position 1 turns pair (0, head_dim / 2) by one radian.
        self.assertEqual(turned.to_list()[0][0], x.to_list()[0][0])
        a, b = x.to_list()[0][1][0][0], x.to_list()[0][1][0][head_dim // 2]
        self.assertAlmostEqual(
            turned.to_list()[0][1][0][0], a * math.cos(1) - b * math.sin(1), delta=1e-5
        )
        # The first query of a causal row sees its own value only, whatever the heads' order.
        y = scaled_dot_product_attention(x, x, x, is_causal=True)
        self.assertEqual(y.shape, x.shape)
        for got, wanted in zip(y.to_list()[1][0], x.to_list()[1][0], strict=True):
            for g, w in zip(got, wanted, strict=True):
                self.assertAlmostEqual(g, w, delta=1e-6)
        for op in (rope, lambda t: scaled_dot_product_attention(t, t, t, is_causal=True)):
            with self.assertRaises(Error):
                op(Tensor.zeros([seq, heads, head_dim]))

    def test_no_tensor_library_is_imported(self) -> None:
        found = [name for name in sys.modules if name.partition(".")[0] in BANNED]
        self.assertEqual(found, [])


if __name__ == "__main__":
    unittest.main()
