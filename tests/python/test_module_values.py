# SPDX-License-Identifier: Apache-2.0
"""Values of modules: what load_state_dict and tying change, and what they leave alone; layers as Python sees them."""

import unittest
from pathlib import Path

import inference_pio as pio
from inference_pio import (
    Conv1d,
    CustomModelLoader,
    Decoder,
    DecoderSpec,
    Embedding,
    InvalidArgumentError,
    LayerNorm,
    Linear,
    ModelFactory,
    Module,
    Parameter,
    Tensor,
)

GOLDEN = Path(pio.__file__).parent / "models" / "llama" / "tests" / "golden"
SPEC = {"vocab": 8, "hidden": 4, "intermediate": 8, "layers": 1, "heads": 2, "kv_heads": 1, "head_dim": 2}


class Pair(Module):
    def __init__(self):
        super().__init__()
        self.a = Linear(2, 2, bias=False)
        self.b = Linear(2, 2, bias=False)

    def forward(self, x):
        return self.b(self.a(x))


class Held(Module):
    """Parameters in every container that has names."""

    def __init__(self):
        super().__init__()
        self.plain = Parameter([1])
        self.listed = [Parameter([1]), [Parameter([1])]]
        self.fixed = (Parameter([1]), Parameter([1]), Linear(1, 1))
        self.named = {"one": Parameter([1])}


class Loading(unittest.TestCase):
    def test_two_weights_change_places(self):
        net = Pair()
        a, b = net.a.weight.to_list(), net.b.weight.to_list()
        state = net.state_dict()
        net.load_state_dict({"a.weight": state["b.weight"], "b.weight": state["a.weight"]})
        self.assertEqual((net.a.weight.to_list(), net.b.weight.to_list()), (b, a))

    def test_results_and_snapshots_keep_their_values(self):
        layer = Linear(2, 2)
        x = Tensor([[1.0, 2.0]])
        expected = layer(x).to_list()
        before, snapshot = layer(x), layer.state_dict()
        layer.load_state_dict({"weight": [[0.0, 0.0], [0.0, 0.0]], "bias": [5.0, 6.0]})
        self.assertEqual(before.to_list(), expected)
        self.assertEqual(layer(x).to_list(), [[5.0, 6.0]])
        layer.load_state_dict(snapshot)
        self.assertEqual(layer(x).to_list(), expected)

    def test_a_file_leaves_results_alone(self):
        spec = {"vocab_size": 16, "hidden_size": 8, "num_layers": 1, "num_attention_heads": 2, "intermediate_size": 8}
        plugin = ModelFactory.create("llama_python", **spec)
        ids = Tensor([[1, 2]])
        expected = plugin.model(ids).to_list()
        later = plugin.model(ids)
        with self.assertRaises(pio.LoadError):  # a model of another size
            CustomModelLoader(GOLDEN / "llama_tied").load_into(plugin.model)
        self.assertEqual(later.to_list(), expected)

    def test_a_second_root_changes_no_values(self):
        net = Pair()
        x = Tensor([[1.0, 2.0]])
        before = net.a(x).to_list()
        net(x)
        self.assertEqual(net.a(x).to_list(), before)

    def test_every_container(self):
        net = Held()
        names = [name for name, _ in net.named_parameters()]
        self.assertIn("fixed.2.weight", names)
        net.load_state_dict({name: Tensor.full(t.shape, i) for i, (name, t) in enumerate(net.named_parameters())})
        self.assertEqual([t.to_list() for _, t in net.named_parameters() if t.ndim == 1],
                         [[float(i)] for i, name in enumerate(names) if name != "fixed.2.weight"])
        self.assertEqual([net.fixed[0].item(), net.fixed[1].item()],
                         [float(names.index("fixed.0")), float(names.index("fixed.1"))])

    def test_a_bad_value_is_named(self):
        with self.assertRaisesRegex(InvalidArgumentError, r"\[load_state_dict\] weight: .*got a str"):
            Linear(1, 1, bias=False).load_state_dict({"weight": "abc"})

    def test_tied_weights(self):
        class Tied(Module):
            def __init__(self):
                super().__init__()
                self.embed = Embedding(4, 2)
                self.lm_head = Linear(2, 4, bias=False)
                self.lm_head.weight = self.embed.weight

            def forward(self, ids):
                return self.lm_head(self.embed(ids))

        net = Tied()
        self.assertEqual(list(net.state_dict()), ["embed.weight"])
        net.load_state_dict({"embed.weight": [[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [0.0, 0.0]]})
        self.assertEqual(net(Tensor([2])).to_list(), [[1.0, 1.0, 2.0, 0.0]])
        net.lm_head.weight = [[1.0, 1.0]] * 4
        self.assertEqual(len(net.state_dict()), 2)
        with self.assertRaisesRegex(InvalidArgumentError, r'"weight" got shape \[1\], expected \[4, 2\]'):
            net.lm_head.weight = [1.0]


class Trees(unittest.TestCase):
    def test_a_list_in_itself(self):
        net = Module()
        endless = []
        endless.append(endless)
        net.layers = endless
        with self.assertRaisesRegex(InvalidArgumentError, '"layers" holds lists'):
            net.named_parameters()

    def test_a_chain_of_modules(self):
        first = last = Module()
        for _ in range(100_000):
            last.next = Module()
            last = last.next
        with self.assertRaisesRegex(InvalidArgumentError, "next.next.*more than 200 modules"):
            first.named_parameters()
        while first is not None:  # taken apart from the front: nothing recurses
            first = first.__dict__.pop("next", None)

    def test_init_without_super(self):
        class Bad(Module):
            def __init__(self):
                self.fc = Linear(1, 1)

        for use in (Bad.named_parameters, Bad.state_dict, lambda bad: bad(Tensor([1.0])), repr):
            with self.assertRaisesRegex(InvalidArgumentError, r"super\(\).__init__\(\)"):
                use(Bad())
        outer = Module()
        outer.inner = Bad()
        with self.assertRaisesRegex(InvalidArgumentError, r"super\(\).__init__\(\)"):
            outer.named_parameters()

    def test_repr(self):
        self.assertEqual(
            repr(Pair()), "Pair()\n  a: Linear(weight=[2, 2])\n  b: Linear(weight=[2, 2])"
        )
        self.assertEqual(repr(LayerNorm(3)), "LayerNorm(weight=[3], bias=[3])")

    def test_modules_written_in_cpp(self):
        model = ModelFactory.create("llama", model_path=str(GOLDEN / "llama_tied")).model
        logits = model(Tensor([[1, 2]]))
        self.assertEqual(logits.shape[:2], (1, 2))
        body = dict(model.named_modules())["model"]
        self.assertEqual(body(Tensor([[1, 2]])).shape[:2], (1, 2))
        self.assertEqual(logits.to_list(), model.forward(Tensor([[1, 2]])).to_list())
        with self.assertRaisesRegex(InvalidArgumentError, "expected one tensor"):
            model(1)


class Layers(unittest.TestCase):
    def test_weights(self):
        for layer in (LayerNorm(3), Conv1d(2, 2, 3), Linear(2, 2)):
            self.assertEqual(sorted(layer.state_dict()), ["bias", "weight"])
            self.assertEqual(layer.weight.to_list(), layer.state_dict()["weight"].to_list())
            self.assertEqual(layer.bias.shape, layer.state_dict()["bias"].shape)
        self.assertIsNone(LayerNorm(3, bias=False).bias)

    def test_decoder_spec(self):
        spec = DecoderSpec(**SPEC, window=4)
        self.assertEqual((spec.vocab, spec.window, spec.tied_head, spec.rope_theta), (8, 4, False, 10000.0))
        self.assertEqual(Decoder(spec)(Tensor([[1, 2]])).shape, (1, 2, 8))
        normed = Decoder(DecoderSpec(**SPEC, qk_norm=True)).state_dict()
        names = ["model.layers.0.self_attn.k_norm.weight", "model.layers.0.self_attn.q_norm.weight"]
        self.assertEqual(sorted(set(normed) - set(Decoder(spec).state_dict())), names)
        for field, value in (("vocab", "x"), ("vocab", None), ("tied_head", "yes"), ("rope_theta", [])):
            with self.subTest(field), self.assertRaisesRegex(InvalidArgumentError, f"got {field}=.*expected"):
                DecoderSpec(**{**SPEC, field: value})
        with self.assertRaisesRegex(TypeError, '"vocabulary": its fields are vocab, hidden'):
            DecoderSpec(vocabulary=8)


class Names(unittest.TestCase):
    def test_a_star_leaves_builtins_alone(self):
        import builtins

        for module in ("inference_pio", "inference_pio.core.engine.backend"):
            scope: dict[str, object] = {}
            exec(f"from {module} import *", scope)
            taken = {name for name in scope if hasattr(builtins, name) and not name.startswith("__")}
            self.assertEqual(taken | {"main", "config_aliases", "annotations"} & set(scope), set())
            self.assertIn("Tensor", scope)
        self.assertEqual(pio.abs(Tensor([-1.0])).to_list(), [1.0])


if __name__ == "__main__":
    unittest.main()
