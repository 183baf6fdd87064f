# SPDX-License-Identifier: Apache-2.0
"""inference_pio.load and what it gives: answers, streams, batches, threads, errors, and who holds the GIL."""

import ctypes
import sys
import threading
import time
import types
import unittest
from pathlib import Path

from interrupted import interrupted

import inference_pio as pio
from inference_pio import Error, LoadError, ModelFactory, Tensor
from inference_pio.models.llama_python.plugin import LlamaPythonPlugin

GOLDEN = Path(pio.__file__).parent / "models" / "llama" / "tests" / "golden"
TIED = GOLDEN / "llama_tied"  # no tokenizer: token ids
IDS = {"ids": [1, 2, 3]}


class Generate(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.model = pio.load(TIED)
        cls.alone = [
            cls.model.generate({"ids": [i + 1, 7, 9]}, max_tokens=24, temperature=0, ignore_eos=True).ids for i in range(6)
        ]

    @classmethod
    def tearDownClass(cls):
        cls.model.close()

    def test_result(self):
        out = self.model.generate(IDS, max_tokens=5, temperature=0, ignore_eos=True)
        self.assertEqual((len(out.ids), out.completion_tokens, out.prompt_tokens, out.finish_reason), (5, 5, 3, "length"))

    def test_a_list_gives_a_list(self):
        prompts = [{"ids": [i + 1, 7, 9]} for i in range(6)]
        out = self.model.generate(prompts, max_tokens=24, temperature=0, ignore_eos=True)
        self.assertEqual([answer.ids for answer in out], self.alone)

    def test_threads_at_once(self):
        got = [None] * 6

        def ask(i):
            got[i] = self.model.generate({"ids": [i + 1, 7, 9]}, max_tokens=24, temperature=0, ignore_eos=True).ids

        threads = [threading.Thread(target=ask, args=(i,)) for i in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(got, self.alone)

    def test_seed(self):
        one, two = (self.model.generate(IDS, max_tokens=20, temperature=1.0, seed=5, ignore_eos=True).ids for _ in range(2))
        self.assertEqual(one, two)

    def test_bad_arguments(self):
        for kind, kwargs in (
            (TypeError, {"no_such": 1}),
            (ValueError, {"temperature": -1}),
            (ValueError, {"top_p": "x"}),
            (ValueError, {"max_tokens": "many"}),
            (ValueError, {"seed": -1}),
        ):
            with self.subTest(kwargs), self.assertRaises(kind):
                self.model.generate(IDS, **kwargs)
        with self.assertRaisesRegex(ValueError, r"\[seed\] got -1, expected a whole number from 0 to 18446744073709551615"):
            self.model.generate(IDS, seed=-1)
        with self.assertRaisesRegex(ValueError, r'pass \{"ids": \[...\]\}'):
            self.model.generate([1, 2, 3])
        for prompt, text in (({"ids": [10**6]}, "vocabulary"), ({}, "no prompt"), ("text", "tokenizer")):
            with self.subTest(prompt), self.assertRaisesRegex(Error, text):
                self.model.generate(prompt)
        with self.assertRaisesRegex(Error, "template"):
            self.model.chat([{"role": "user", "content": "x"}])
        with self.assertRaisesRegex(Error, "embed"):
            self.model.embed("x")

    def test_a_prompt_beyond_the_context_names_both_numbers(self):
        with pio.load(TIED, ctx=16) as model, self.assertRaisesRegex(Error, "20.*16"):
            model.generate({"ids": [1] * 20})

    def test_closed(self):
        model = pio.load(TIED)
        model.close()
        model.close()
        with self.assertRaisesRegex(Error, "closed"):
            model.generate(IDS)

    def test_unknown_options_of_load(self):
        with self.assertRaisesRegex(TypeError, "no_such"):
            pio.load(TIED, no_such=1)
        with self.assertRaisesRegex(ValueError, "kv"):
            pio.load(TIED, kv="f64")
        for name, value in (("ctx", -1), ("ctx", 1 << 25), ("chunk", 0), ("parallel", 0), ("threads", 100000)):
            with self.subTest(name), self.assertRaisesRegex(ValueError, rf"\[{name}\] got {value}, expected a whole number from 1"):
                pio.load(TIED, **{name: value})

    def test_none_is_what_is_not_given(self):
        given = self.model.generate(IDS, max_tokens=3, seed=None, stop=None, temperature=None, ignore_eos=True)
        self.assertEqual(len(given.ids), 3)

    def test_any_mapping(self):
        prompt = types.MappingProxyType({"ids": [1, 2, 3]})
        self.assertEqual(self.model.generate(prompt, max_tokens=2, ignore_eos=True).prompt_tokens, 3)

    def test_a_session_beside_requests(self):
        expected = self.model.plugin.session().prefill([1, 7, 9]).to_list()
        answers = [self.model._submit({"ids": [i + 1, 7, 9]}, {"max_tokens": 100, "ignore_eos": True}) for i in range(20)]
        for _ in range(50):
            self.assertEqual(self.model.plugin.session().prefill([1, 7, 9]).to_list(), expected)
        for answer in answers:
            self.assertEqual(len(answer.result().ids), 100)

    def test_a_dropped_stream_ends_its_request(self):
        for _ in range(20):
            stream = self.model.stream_generate(IDS, max_tokens=200, ignore_eos=True)
            iter(stream)
            del stream
        self.assertEqual(len(self.model.generate(IDS, max_tokens=3, ignore_eos=True).ids), 3)

    def test_session(self):
        session = self.model.plugin.session()
        logits = session.prefill([1, 7, 9])
        ids = []
        for _ in range(24):
            ids.append(logits.argmax(0).item())
            logits = session.step(ids[-1])
        self.assertEqual(ids, self.alone[0])
        self.assertEqual(len(session), 27)
        other = session.fork()
        session.truncate(3)
        self.assertEqual((len(session), len(other)), (3, 27))


class Gil(unittest.TestCase):
    def test_no_python_call_per_token(self):
        def calls(tokens):
            count = 0

            def profile(*_):
                nonlocal count
                count += 1

            threading.setprofile(profile)
            sys.setprofile(profile)
            try:
                model.generate(IDS, max_tokens=tokens, temperature=0, ignore_eos=True)
            finally:
                sys.setprofile(None)
                threading.setprofile(None)
            return count

        for plugin in ("llama", "llama_python"):
            with pio.load(TIED, plugin=plugin) as model:
                calls(1)  # imports what the first request needs
                self.assertEqual(calls(8), calls(100), plugin)

    def test_the_loop_runs_while_another_thread_holds_the_gil(self):
        hold = ctypes.PyDLL(None).usleep  # PyDLL keeps the GIL
        with pio.load(TIED, plugin="llama_python") as model:
            request = {"temperature": 0, "ignore_eos": True, "max_tokens": 400}
            answers = [model._submit(IDS, request) for _ in range(8000)]

            def steps_during(wait):
                before = model._engine.steps
                wait()
                return model._engine.steps - before

            def round_of_pairs():
                steps = {"free": 0, "held": 0}
                for kind in ("free", "held", "held", "free") * 3:  # in this order a drift of the speed cancels out
                    steps[kind] += steps_during((lambda: time.sleep(0.2)) if kind == "free" else (lambda: hold(200_000)))
                return steps

            rounds = []  # the machine may be busy with something else: one quiet round of eight will do
            while len(rounds) < 8 and (not rounds or rounds[-1]["held"] < 0.85 * rounds[-1]["free"]):
                rounds.append(round_of_pairs())
            for answer in answers:
                answer.cancel()
        self.assertGreater(rounds[-1]["free"], 100)
        self.assertGreaterEqual(rounds[-1]["held"] / rounds[-1]["free"], 0.85, rounds)


class Plugins(unittest.TestCase):
    def test_factory(self):
        with self.assertRaises(TypeError):
            ModelFactory.create("llama_python", no_such_field=1)
        with self.assertRaisesRegex(LoadError, "nearest"):
            ModelFactory.create("lama")
        with self.assertRaisesRegex(Error, "subclass"):
            ModelFactory.register("x", int)
        plugin = ModelFactory.create("llama", model_path=TIED)
        self.assertEqual(plugin.config.hidden_size, 64)
        self.assertEqual(plugin.infer({"ids": [1], "max_tokens": 2}).prompt_tokens, 1)
        with self.assertRaises(AttributeError):
            getattr(plugin, "no_such")  # noqa: B009
        with self.assertRaisesRegex(Error, "load_model"):
            ModelFactory.create("llama_python", num_layers=1).session()

    def test_the_life_cycle_by_hand(self):
        """What initialize computes from defaults does not stand above the file; what it is given does."""
        plugin = LlamaPythonPlugin()
        plugin.initialize(model_path=str(TIED))
        plugin.load_model(ctx=64)
        self.assertEqual((plugin.config.num_attention_heads, plugin.config.num_layers), (4, 3))
        want = {"ids": [1, 2, 3], "max_tokens": 5, "temperature": 0, "ignore_eos": True}
        self.assertEqual(plugin.infer(want).ids, pio.load(TIED).generate(want).ids)
        refused = LlamaPythonPlugin()
        refused.initialize(model_path=str(TIED), num_layers=4)
        with self.assertRaisesRegex(LoadError, "layers.3"):
            refused.load_model()

    def test_loader(self):
        loader = pio.CustomModelLoader(TIED)
        self.assertEqual(loader.config["model_type"], "llama")
        name = "model.norm.weight"
        self.assertIn(name, loader.names())
        self.assertEqual(loader.tensor(name).shape, (64,))
        with self.assertRaisesRegex(LoadError, "missing"):
            loader.load_into(pio.Linear(2, 2))

    def test_eager_equals_the_engine(self):
        plugin = ModelFactory.create("llama_python", model_path=TIED, weights="f32")
        eager = plugin.model(Tensor([[1, 7, 9]]))[0, -1].to_list()
        traced = plugin.session().prefill([1, 7, 9]).to_list()
        self.assertLess(max(abs(a - b) for a, b in zip(eager, traced, strict=True)), 1e-4)


class Interrupt(unittest.TestCase):
    def test_ctrl_c(self):
        code = (
            "import inference_pio as p, sys\n"
            f"m = p.load({str(TIED)!r}, ctx=4096)\n"
            "print('ready', flush=True)\n"
            "while True: m.generate({'ids': [1]}, ignore_eos=True, max_tokens=4000)\n"
        )
        self.assertIn(b"KeyboardInterrupt", interrupted(code)[1])


if __name__ == "__main__":
    unittest.main()
