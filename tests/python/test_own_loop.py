# SPDX-License-Identifier: Apache-2.0
"""Plugins that write their own loop (M11): what they get and may give, and that a broken one ends its request alone."""

import threading
import time
import unittest
from pathlib import Path

from interrupted import interrupted

import inference_pio as pio
from inference_pio import (
    CausalLMPlugin,
    Error,
    GenerationResult,
    InvalidArgumentError,
    LoadError,
    ModelFactory,
    ModelPluginInterface,
    argmax,
)
from inference_pio.models.llama_python.plugin import LlamaPythonPlugin

TIED = Path(pio.__file__).parent / "models" / "llama" / "tests" / "golden" / "llama_tied"
IDS = {"ids": [1, 2, 3]}


def load(infer, base=ModelPluginInterface, **attributes):
    """A model whose plugin class has this infer."""
    name = f"own_{len(ModelFactory.available())}"
    ModelFactory.register(name, type("Own", (base,), {"infer": infer, **attributes}))
    return pio.load(TIED, plugin=name)


class Answers(unittest.TestCase):
    def test_pieces(self):
        def infer(self, input_data):
            yield from (f"{key} " for key in sorted(input_data))

        with load(infer) as model:
            pieces = list(model.stream_generate(IDS, seed=4))
            self.assertEqual(model.generate(IDS).text, "".join(pieces))
        self.assertEqual(
            "".join(pieces).split(),
            "frequency_penalty ids ignore_eos max_tokens min_p presence_penalty prompt repetition_penalty "
            "seed stop temperature top_k top_p".split(),
        )

    def test_the_fields_are_those_of_the_caller(self):
        def infer(self, input_data):
            return repr([input_data[key] for key in ("ids", "max_tokens", "temperature", "stop", "seed")])

        with load(infer) as model:
            out = model.generate(IDS, max_tokens=7, temperature=0.5, stop="x", seed=3)
            self.assertEqual((out.text, out.prompt_tokens), ("[[1, 2, 3], 7, 0.5, ['x'], 3]", 3))
            with self.assertRaisesRegex(TypeError, "no_such"):
                model.generate(IDS, no_such=1)
            with self.assertRaisesRegex(InvalidArgumentError, "top_k"):
                model.generate(IDS, top_k="many")

    def test_messages_stay_messages_without_a_chat_template(self):
        def infer(self, input_data):
            return f"{input_data['messages'][0]['content']} {input_data['prompt']!r}"

        with load(infer) as model:
            said = [{"role": "user", "content": "hello"}, {"role": "user", "content": "again"}]
            self.assertEqual(model.chat(said).text, "hello 'again'")
            self.assertEqual(model.chat([{"role": "user", "content": [{"type": "image"}]}]).text, "[{'type': 'image'}] ''")
            for bad in ([], "text", [1]):
                with self.assertRaisesRegex(InvalidArgumentError, "expected a"):
                    model.chat(bad)

    def test_a_whole_result(self):
        def infer(self, input_data):
            return GenerationResult("whole", [1, 2], "length", 3)

        with load(infer) as model:
            out = model.generate("x")
            self.assertEqual((out.text, out.ids, out.finish_reason), ("whole", [1, 2], "length"))
            self.assertEqual(list(model.stream_generate("x")), ["whole"])

    def test_a_result_behind_pieces(self):
        def infer(self, input_data):
            yield "a"
            yield "b"
            return GenerationResult("ab", [5], "length")

        with load(infer) as model:
            self.assertEqual((model.generate(IDS).text, model.generate(IDS).ids), ("ab", [5]))

    def test_over_a_session(self):
        def infer(self, input_data):
            session = self.session()
            logits = session.prefill(input_data["ids"])
            for _ in range(input_data["max_tokens"]):
                token = int(argmax(logits, 0))
                yield f"{token} "
                logits = session.step(token)

        expected = pio.load(TIED).generate(IDS, max_tokens=6, temperature=0, ignore_eos=True).ids
        with load(infer, LlamaPythonPlugin) as model:
            self.assertEqual([int(t) for t in model.stream_generate(IDS, max_tokens=6)], expected)

    def test_around_the_engine(self):
        def infer(self, input_data):
            out = CausalLMPlugin.infer(self, {"ids": input_data["ids"], "max_tokens": 2, "ignore_eos": True})
            return f"{out.completion_tokens} tokens"

        with load(infer, LlamaPythonPlugin) as model:
            self.assertEqual(model.generate(IDS).text, "2 tokens")


class Broken(unittest.TestCase):
    """Whatever one request does, the next is answered."""

    def check(self, infer, error, pattern, **attributes):
        """infer breaks where input_data["seed"] is 1."""
        with load(infer, **attributes) as model:
            for _ in range(2):
                with self.assertRaisesRegex(error, pattern):
                    model.generate(IDS, seed=1)
                with self.assertRaisesRegex(error, pattern):
                    for _ in model.stream_generate(IDS, seed=1):
                        pass
                self.assertEqual(model.generate(IDS, seed=2).text, "fine")

    def test_raises_before_the_first_piece(self):
        def infer(self, input_data):
            if input_data["seed"] == 1:
                raise KeyError("mine")
            return "fine"

        self.check(infer, KeyError, "mine")

    def test_raises_after_a_piece(self):
        def infer(self, input_data):
            yield "fine"
            if input_data["seed"] == 1:
                raise OSError("mid-request")

        self.check(infer, OSError, "mid-request")

    def test_gives_nothing(self):
        self.check(lambda self, d: None if d["seed"] == 1 else "fine", LoadError, "infer of Own gave None: it is not generative")

    def test_gives_a_wrong_type(self):
        self.check(
            lambda self, d: 7 if d["seed"] == 1 else "fine", InvalidArgumentError, "infer of Own gave a int, expected a text"
        )

    def test_gives_a_piece_of_a_wrong_type(self):
        self.check(
            lambda self, d: iter(["fi", 7]) if d["seed"] == 1 else iter(["fi", "ne"]),
            InvalidArgumentError,
            "a piece of type int, expected str",
        )

    def test_loops_forever(self):
        def infer(self, input_data):
            while input_data["seed"] == 1:
                pass
            return "fine"

        self.check(infer, Error, r"infer of Own gave nothing for 0\.1 s and was ended", infer_timeout=0.1)

    def test_loops_forever_after_a_piece(self):
        def infer(self, input_data):
            yield "fine"
            while input_data["seed"] == 1:
                pass

        self.check(infer, Error, r"gave nothing for 0\.1 s", infer_timeout=0.1)

    def test_loops_forever_and_swallows_what_ends_it(self):
        def infer(self, input_data):
            for _ in range(2 if input_data["seed"] == 1 else 0):
                try:
                    while True:
                        pass
                except BaseException:
                    pass
            return "fine"

        with load(infer, infer_timeout=0.1) as model:
            with self.assertRaisesRegex(Error, "gave nothing"):
                model.generate(IDS, seed=1)
            with self.assertRaisesRegex(Error, r"Own is still busy with another request after 0\.1 s"):
                model.generate(IDS, seed=2)  # and raises in the loop again
            self.assertEqual(model.generate(IDS, seed=2).text, "fine")

    def test_sleeps(self):
        def infer(self, input_data):
            time.sleep(0.5 if input_data["seed"] == 1 else 0)
            return "fine"

        with load(infer, infer_timeout=0.1) as model:
            started = time.monotonic()
            with self.assertRaisesRegex(Error, "gave nothing"):
                model.generate(IDS, seed=1)
            self.assertLess(time.monotonic() - started, 0.4)
            time.sleep(0.5)
            self.assertEqual(model.generate(IDS, seed=2).text, "fine")

    def test_time_between_pieces_is_the_readers(self):
        with load(lambda self, d: iter(["a", "b"]), infer_timeout=0.1) as model:
            for _ in model.stream_generate(IDS):
                time.sleep(0.2)

    def test_a_timeout_that_is_none(self):
        for bad in (0, -1.0):
            with load(lambda self, d: "x", infer_timeout=bad) as model:
                with self.assertRaisesRegex(InvalidArgumentError, "infer_timeout"):
                    model.generate(IDS)
        with load(lambda self, d: "x", infer_timeout=None) as model:
            self.assertEqual(model.generate(IDS).text, "x")


class Interrupt(unittest.TestCase):
    """Ctrl-C ends a loop that gives nothing, from Python and on the command line."""

    PLUGIN = (
        "import inference_pio as p, sys\n"
        "class Own(p.ModelPluginInterface):\n"
        "    def infer(self, input_data):\n"
        "        yield 'ready\\n'\n"
        "        while True: pass\n"
        "p.ModelFactory.register('own', Own)\n"
    )

    def test_python(self):
        code = f"for piece in p.load({str(TIED)!r}, plugin='own').stream_generate('x'): print(piece, end='', flush=True)"
        self.assertIn(b"KeyboardInterrupt", interrupted(self.PLUGIN + code)[1])

    def test_command_line(self):
        code = f"sys.exit(p._pio.main(['inference-pio', 'run', {str(TIED)!r}, 'x', '--plugin', 'own']))"
        self.assertEqual(interrupted(self.PLUGIN + code)[0], 130)


class Turns(unittest.TestCase):
    """One request at a time."""

    def test_threads_wait_for_each_other(self):
        inside = []

        def infer(self, input_data):
            inside.append(1)
            yield str(len(inside))
            time.sleep(0.01)
            inside.pop()

        with load(infer) as model:
            got = []
            threads = [threading.Thread(target=lambda: got.append(model.generate(IDS).text)) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        self.assertEqual(got, ["1"] * 8)

    def test_a_second_request_of_one_thread(self):
        closed = []

        def infer(self, input_data):
            try:
                yield "a"
                yield "b"
            finally:
                closed.append(True)

        with load(infer) as model:
            first = model.stream_generate(IDS)
            self.assertEqual(next(first), "a")
            self.assertEqual(model.generate(IDS).text, "ab")  # the first runs ahead of its reader
            self.assertEqual(closed, [True, True])
            self.assertEqual(list(first), ["b"])

    def test_a_dropped_stream_ends_its_generator(self):
        closed = []

        def infer(self, input_data):
            try:
                while True:
                    yield "a"
            finally:
                closed.append(True)

        with load(infer) as model:
            stream = model.stream_generate(IDS)
            self.assertEqual(next(stream), "a")
            del stream
            self.assertEqual(next(model.stream_generate(IDS)), "a")
            self.assertEqual(closed[0], True)

    def test_a_list_is_answered_one_by_one(self):
        with load(lambda self, d: iter([d["prompt"], "!"])) as model:
            self.assertEqual([out.text for out in model.generate(["x", "y"])], ["x!", "y!"])


if __name__ == "__main__":
    unittest.main()
