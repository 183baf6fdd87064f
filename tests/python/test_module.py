# SPDX-License-Identifier: Apache-2.0
"""Module in Python: members, names, values, errors in forward, and what a trace refuses."""

import unittest
from pathlib import Path

import inference_pio as pio
from inference_pio import (
    Embedding,
    InvalidArgumentError,
    Linear,
    ModelFactory,
    Module,
    Parameter,
    RMSNorm,
    Tensor,
)
from inference_pio.common.interfaces.improved_base_plugin_interface import CausalLMPlugin
from inference_pio.models.llama_python.config import LlamaConfig
from inference_pio.models.llama_python.model import LlamaModel

GOLDEN = Path(pio.__file__).parent / "models" / "llama" / "tests" / "golden"
TIED = GOLDEN / "llama_tied"


class Net(Module):
    def __init__(self):
        super().__init__()
        self.fc = Linear(2, 3)
        self.layers = [Linear(3, 3, bias=False) for _ in range(2)]
        self.by_name = {"norm": RMSNorm(3)}
        self.scale = Parameter([3], init="ones")

    def forward(self, x):
        x = self.fc(x)
        for layer in self.layers:
            x = layer(x)
        return self.by_name["norm"](x) * self.scale


NAMES = ["scale", "fc.weight", "fc.bias", "layers.0.weight", "layers.1.weight", "by_name.norm.weight"]


class Members(unittest.TestCase):
    def test_names_are_attributes(self):
        net = Net()
        self.assertEqual(sorted(n for n, _ in net.named_parameters()), sorted(NAMES))
        self.assertEqual(len(net.parameters()), len(NAMES))
        self.assertIn("layers.1", [n for n, _ in net.named_modules()])

    def test_members_follow_changes(self):
        net = Net()
        net.layers.append(Linear(3, 3))
        self.assertIn("layers.2.bias", net.state_dict())
        del net.fc
        self.assertNotIn("fc.weight", net.state_dict())

    def test_one_module_in_two_places_has_one_name(self):
        net = Net()
        net.again = net.fc
        net.me = net
        self.assertEqual(sum(n.endswith("fc.weight") for n, _ in net.named_parameters()), 1)
        self.assertNotIn("again.weight", net.state_dict())

    def test_fresh_values_are_the_same_every_time_and_differ_by_name(self):
        x = Tensor([[1.0, 2.0]])
        self.assertEqual(Net()(x).to_list(), Net()(x).to_list())
        net = Net()
        net(x)
        a, b = (net.layers[i].weight.to_list() for i in range(2))
        self.assertNotEqual(a, b)

    def test_state_dict(self):
        x = Tensor([[1.0, 2.0]])
        one, two = Net(), Net()
        one.load_state_dict({n: Tensor.full(t.shape, 0.25) for n, t in one.state_dict().items()})
        self.assertNotEqual(one(x).to_list(), two(x).to_list())
        two.load_state_dict(one.state_dict())
        self.assertEqual(one(x).to_list(), two(x).to_list())

    def test_state_dict_that_does_not_fit_changes_nothing(self):
        net = Net()
        before = net.fc.weight.to_list()
        state = net.state_dict()
        del state["fc.bias"]
        state["fc.weight"] = Tensor.zeros([9, 9])
        state["other"] = Tensor.zeros([1])
        with self.assertRaises(InvalidArgumentError) as caught:
            net.load_state_dict(state)
        for part in ("missing: fc.bias", "expected [3, 2], got [9, 9]", "unexpected: other"):
            self.assertIn(part, str(caught.exception))
        self.assertEqual(net.fc.weight.to_list(), before)
        net.load_state_dict({"fc.bias": [0.0, 1.0, 2.0]}, strict=False)
        self.assertEqual(net.fc.bias.to_list(), [0.0, 1.0, 2.0])

    def test_errors(self):
        with self.assertRaisesRegex(InvalidArgumentError, "has no forward"):
            Module()(Tensor([1.0]))
        with self.assertRaisesRegex(InvalidArgumentError, r"\[Linear\]"):
            Linear(0, 1)
        with self.assertRaisesRegex(InvalidArgumentError, r"\[embedding\]"):
            Embedding(4, 2)(Tensor([1.0]))

    def test_an_exception_in_forward_is_itself(self):
        class Bad(Module):
            def forward(self, x):
                raise KeyError("mine")

        with self.assertRaisesRegex(KeyError, "mine"):
            Bad()(Tensor([1.0]))


class Tracing(unittest.TestCase):
    """Each forward runs eagerly; loading traces it and says what to do instead."""

    def load(self, change):
        class Model(LlamaModel):
            def forward(self, ids):
                return change(ids, super().forward)

        class Plugin(CausalLMPlugin):
            config_class = LlamaConfig
            model_class = Model

        name = f"trace_{change.__name__}"
        ModelFactory.register(name, Plugin)
        plugin = ModelFactory.create(name, vocab_size=16, hidden_size=8, num_layers=1, num_attention_heads=2, intermediate_size=8)
        self.assertEqual(plugin.model(Tensor([[1, 2]])).shape[0], 1)  # eager: all dims are ints
        return ModelFactory.create(name, model_path=TIED)

    def assert_trace_error(self, change):
        with self.assertRaisesRegex(InvalidArgumentError, r"\[trace\]"):
            self.load(change)

    def test_refused(self):
        def in_range(ids, forward):
            for _ in range(ids.shape[1]):
                pass
            return forward(ids)

        def in_float(ids, forward):
            return forward(ids) * (1.0 / ids.shape[1])

        def in_if(ids, forward):
            return forward(ids) if ids.shape[1] > 1 else forward(ids)

        def by_value(ids, forward):
            return forward(ids) if ids[0, 0].item() > 0 else forward(ids)

        def in_arange(ids, forward):
            Tensor.arange(ids.shape[1])
            return forward(ids)

        for change in (in_range, in_float, in_if, by_value, in_arange):
            with self.subTest(change.__name__):
                self.assert_trace_error(change)

    def test_operators_of_a_dim(self):
        h = Tensor([1.0])
        operations = {
            "d * 0.5": lambda d: d * 0.5,
            "0.5 * d": lambda d: 0.5 * d,
            "h * d": lambda d: h * d,
            "d * h": lambda d: d * h,
            "h ** d": lambda d: h**d,
            "d // 2.0": lambda d: d // 2.0,
            "d * d": lambda d: d * d,
            "list": lambda d: [0] * d,
            "neg": lambda d: -d,
            "mod": lambda d: 7 % d,
            "pow": lambda d: 2**d,
            "divmod": lambda d: divmod(d, 2),
            "round": round,
            "format": lambda d: f"{d:d}",
            "== 1": lambda d: d == 1,
        }
        for name, operation in operations.items():
            with self.subTest(name):
                ran = []

                def change(ids, forward, operation=operation, ran=ran):
                    if not isinstance(ids.shape[1], int):
                        ran.append(True)
                        with self.assertRaisesRegex(InvalidArgumentError, r"^\[trace\]"):
                            operation(ids.shape[1])
                        self.assertEqual(f"{ids.shape[1]}", repr(ids.shape[1]))
                        self.assertIs(ids.shape[1] == None, False)  # noqa: E711
                        self.assertEqual(hash(ids.shape[1]), hash(ids.shape[1]))
                    return forward(ids)

                change.__name__ = f"dim_{list(operations).index(name)}"
                self.load(change)
                self.assertTrue(ran)

    def test_allowed(self):
        def reshaped(ids, forward):
            rows = ids.shape[1]
            return forward(ids.reshape(rows).reshape(1, rows))

        def sliced(ids, forward):
            rows = ids.shape[1]
            h = forward(ids[:, :rows])
            width = h.shape[2]
            return pio.slice(h[:, 0:rows, :width], 1, 0, rows)

        for change in (reshaped, sliced):
            with self.subTest(change.__name__):
                self.check_runs(change)

    def check_runs(self, change):
        self.assertEqual(self.load(change).infer({"ids": [1, 2], "max_tokens": 2}).completion_tokens, 2)

    def test_a_forward_that_raises_keeps_its_exception(self):
        def raising(ids, forward):
            if not isinstance(ids.shape[1], int):
                raise RuntimeError("mine")
            return forward(ids)

        with self.assertRaisesRegex(RuntimeError, "mine"):
            self.load(raising)


if __name__ == "__main__":
    unittest.main()
