# SPDX-License-Identifier: Apache-2.0
"""Configs written in Python: whose a plugin's is, what its fields take, and what its errors say."""

import enum
import unittest
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Optional

import inference_pio as pio
from inference_pio import BaseConfig, InvalidArgumentError, ModelFactory, ModelPluginInterface
from inference_pio._config_class import field_kinds
from inference_pio.models.llama_python.plugin import LlamaPythonPlugin


class Kind(enum.Enum):
    SMALL = 1


class Point:
    """A type with "int" in its name."""


@dataclass
class Fields(BaseConfig):
    """The only config of this module, so that of every plugin here."""

    hidden_size: int = 8
    point: Point | None = None
    either: int | str = 1
    kind: Kind = Kind.SMALL
    place: Path = Path("here")
    ratio: float = 0.5
    names: list[str] = field(default_factory=list)
    sizes: Sequence[int] = (1, 2)
    table: dict[str, int] = field(default_factory=dict)
    mode: Literal["a", "b"] = "a"
    maybe: Optional[bool] = None  # noqa: UP045
    unset: int = None
    anything: Any = None
    unknown: "NoSuchName" = 3  # noqa: F821
    made: int = field(init=False, default=5)


class Plugin(ModelPluginInterface):
    def initialize(self, **kwargs):
        self.given = kwargs
        self.config = Fields(**kwargs)


class Child(Plugin):
    pass


ModelFactory.register("config_plugin", Plugin)
ModelFactory.register("config_child", Child)


class ByHand(unittest.TestCase):
    def test_the_only_config_of_the_module(self):
        for name in ("config_plugin", "config_child"):
            self.assertEqual(ModelFactory.create(name, hidden_size=4).config.hidden_size, 4)

    def test_config_of_another_module_is_named(self):
        bare = type("Bare", (ModelPluginInterface,), {"__module__": "no_such_module"})
        ModelFactory.register("config_bare", bare)
        with self.assertRaisesRegex(TypeError, '"hidden_size".*config_class'):
            ModelFactory.create("config_bare", hidden_size=4)
        ModelFactory.register("config_named", type("Named", (bare,), {"config_class": Fields}))
        self.assertEqual(ModelFactory.create("config_named", hidden_size=4).config.hidden_size, 4)

    def test_an_unknown_field_is_a_type_error_with_the_known_ones(self):
        with self.assertRaisesRegex(
            TypeError, '"hidden_sise", expected one of model_name, .*hidden_size'
        ) as caught:
            ModelFactory.create("config_plugin", hidden_sise=4)
        self.assertNotIn("config_class", str(caught.exception))

        # A text that begins like that message, in an error of another kind.
        def fails(self, **kwargs):
            raise InvalidArgumentError("unknown config field of my own")

        ModelFactory.register("config_fails", type("Fails", (Plugin,), {"initialize": fails}))
        with self.assertRaisesRegex(InvalidArgumentError, "of my own"):
            ModelFactory.create("config_fails")

    def test_names_that_no_folder_may_have(self):
        for name in ("", "Mine", "a-b", "a b", "a.b"):
            with self.assertRaisesRegex(InvalidArgumentError, "expected a lower-case letter"):
                ModelFactory.register(name, Plugin)


class Annotations(unittest.TestCase):
    def given(self, **values):
        return ModelFactory.create("config_plugin", **values).given

    def test_kinds(self):
        kinds = field_kinds(Fields)
        expected = {
            "model_name": ["str"],
            "bos_token_id": ["int", "null"],
            "hidden_size": ["int"],
            "point": [],
            "either": ["int", "str"],
            "kind": [],
            "place": [],
            "ratio": ["float"],
            "names": ["list"],
            "sizes": ["list"],
            "table": ["dict"],
            "mode": ["str"],
            "maybe": ["bool", "null"],
            "unset": ["int"],
            "anything": [],
            "unknown": [],
        }
        self.assertEqual({name: kinds[name] for name in expected}, expected)

    def test_what_fits_is_passed(self):
        for values in (
            {"point": {"x": 1}},
            {"either": "text"},
            {"either": 2},
            {"kind": "SMALL"},
            {"place": "there"},
            {"ratio": 2},
            {"names": ["a"]},
            {"table": {"a": 1}},
            {"mode": "b"},
            {"maybe": True},
            {"unset": 3},
            {"anything": [1]},
            {"unknown": "x"},
        ):
            with self.subTest(values):
                self.assertEqual(self.given(**values), values)
        self.assertEqual(self.given(unset=None, maybe=None, names=[]), {})

    def test_what_does_not_fit_is_named(self):
        for values, wanted in (
            ({"hidden_size": "8"}, "a whole number from 1"),
            ({"hidden_size": None}, "a whole number from 1"),
            ({"either": 1.5}, "a whole number, or a text"),
            ({"ratio": "x"}, "a number"),
            ({"names": "x"}, "a list"),
            ({"table": [1]}, "an object"),
            ({"maybe": 1}, "true or false, or null"),
            ({"unset": "x"}, "a whole number, or null"),
        ):
            with self.subTest(values), self.assertRaisesRegex(InvalidArgumentError, wanted):
                self.given(**values)
        with self.assertRaisesRegex(TypeError, "made"):
            self.given(made=6)

    def test_a_default_that_is_no_json_stays_the_classs(self):
        plugin = ModelFactory.create("config_plugin")
        self.assertEqual(plugin.given, {})
        self.assertIs(plugin.config.kind, Kind.SMALL)


class Files(unittest.TestCase):
    def test_a_tokenizer_from_a_path(self):
        folder = (
            Path(pio.__file__).parent / "models/llama/tests/golden/gguf_q8_0/llama_gqa.q8_0.gguf"
        )
        try:
            by_path = pio.Tokenizer.from_checkpoint(folder)
        except pio.LoadError as error:  # a checkpoint without one: the path itself was taken
            self.assertIn("has no tokenizer", str(error))
        else:
            self.assertEqual(len(by_path), len(pio.Tokenizer.from_checkpoint(str(folder))))

    def test_an_unknown_isa_is_readable(self):
        model = Path(pio.__file__).parent / "models/llama/tests/golden/llama_tied"
        with self.assertRaisesRegex(InvalidArgumentError, '^isa "sse": expected'):
            pio.load(model, isa="sse")


class LifeCycle(unittest.TestCase):
    def test_load_model_is_called_with_and_without_a_path(self):
        calls = []

        def load_model(self):
            calls.append(self.config.model_path)

        ModelFactory.register("config_loads", type("Loads", (Plugin,), {"load_model": load_model}))
        ModelFactory.create("config_loads")
        self.assertEqual(calls, [""])
        model = Path(pio.__file__).parent / "models/llama/tests/golden/llama_tied"
        ModelFactory.create("config_loads", model_path=model)
        self.assertEqual(calls, ["", str(model)])

    def test_a_decoder_without_a_path_is_fresh(self):
        calls = []

        class Loads(LlamaPythonPlugin):
            def load_model(self):
                calls.append("before")
                super().load_model()
                calls.append("after")

        for name, cls in (
            ("config_decoder", type("Decoder", (LlamaPythonPlugin,), {})),
            ("config_decoder_loads", Loads),
        ):
            ModelFactory.register(name, cls)
            plugin = ModelFactory.create(name, num_layers=1)
            self.assertEqual(plugin.config.num_layers, 1)
            with self.assertRaisesRegex(pio.Error, "model_path"):
                plugin.infer({"ids": [1]})
        self.assertEqual(calls, ["before", "after"])


if __name__ == "__main__":
    unittest.main()
