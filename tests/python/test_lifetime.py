# SPDX-License-Identifier: Apache-2.0
"""What lives how long: models that come and go, tensors that outlive theirs, exceptions, threads. Also under ASan."""

import gc
import threading
import unittest
import weakref
from pathlib import Path

import inference_pio as pio
from inference_pio import Linear, Module, Tensor, silu
from inference_pio.models.llama_python.plugin import LlamaPythonPlugin

TIED = Path(pio.__file__).parent / "models" / "llama" / "tests" / "golden" / "llama_tied"
MIB = 1 << 20


class Net(Module):
    def __init__(self):
        super().__init__()
        self.fc = Linear(2, 3)
        self.blocks = [Linear(3, 3, bias=False) for _ in range(2)]

    def forward(self, x):
        y = silu(self.fc(x))
        for block in self.blocks:
            y = y + block(y)
        return y


def resident():
    """Bytes of this process in memory."""
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * 4096


class Growth(unittest.TestCase):
    def assert_no_growth(self, body, count, warm_up, bound):
        for _ in range(warm_up):
            body()
        gc.collect()
        before = resident()
        for _ in range(count):
            body()
        gc.collect()
        self.assertLess(resident() - before, bound)

    def test_a_thousand_modules(self):
        self.assert_no_growth(lambda: Net()(Tensor([[1.0, 2.0]])).to_list(), 1000, 200, 4 * MIB)

    def test_a_thousand_loaded_models(self):
        def body():
            with pio.load(TIED, plugin="llama_python", ctx=64) as model:
                model.generate({"ids": [1, 2]}, max_tokens=1, ignore_eos=True)

        self.assert_no_growth(body, 1000, 50, 8 * MIB)

    def test_models_never_closed(self):
        def body():
            model = pio.load(TIED, plugin="llama_python", ctx=64)
            stream = model.stream_generate({"ids": [1, 2]}, ignore_eos=True)
            next(iter(stream), None)

        self.assert_no_growth(body, 200, 50, 4 * MIB)

    def test_exceptions_in_forward(self):
        class Bad(Net):
            def forward(self, x):
                y = super().forward(x)
                raise KeyError(y)

        def body():
            with self.assertRaises(KeyError):
                Bad()(Tensor([[1.0, 2.0]]))

        self.assert_no_growth(body, 1000, 200, 4 * MIB)


class Outlive(unittest.TestCase):
    def test_tensors_and_modules(self):
        net = Net()
        weight, block, alive = net.fc.weight, net.blocks[1], weakref.ref(net)
        y = net(Tensor([[1.0, 2.0]]))
        del net
        gc.collect()
        self.assertIsNone(alive())
        self.assertEqual((weight.shape, y.shape), ((3, 2), (1, 3)))
        self.assertEqual(len(y.to_list()[0]), 3)
        self.assertEqual(block(Tensor([[1.0, 2.0, 3.0]])).shape, (1, 3))

    def test_a_buffer_and_its_tensor(self):
        data = bytearray(8 * 4)
        x = Tensor(memoryview(data).cast("f"))
        del data
        view = memoryview(x + 1)
        del x
        gc.collect()
        self.assertEqual(list(view), [1.0] * 8)

    def test_what_a_model_gave(self):
        model = pio.load(TIED, plugin="llama_python", ctx=64)
        session, net = model.plugin.session(), model.plugin.model
        weight = net.state_dict()["model.norm.weight"]
        logits = session.prefill([1, 2])
        model.close()
        del model
        gc.collect()
        self.assertEqual((weight.shape, logits.shape[0]), ((64,), session.step(3).shape[0]))
        self.assertEqual(len(weight.to_list()), 64)

    def test_a_stream_whose_model_is_closed(self):
        model = pio.load(TIED, ctx=64)
        streams = [model.stream_generate({"ids": [1, 2]}, ignore_eos=True, max_tokens=60) for _ in range(50)]
        model.close()
        del model
        gc.collect()
        with self.assertRaisesRegex(pio.Error, "closed before the answer ended"):
            for stream in streams:
                list(stream)

    def test_a_stream_keeps_its_model(self):
        stream = pio.load(TIED, ctx=64).stream_generate({"ids": [1, 2]}, ignore_eos=True, max_tokens=20)
        gc.collect()
        list(stream)

    def test_a_plugin_that_keeps_its_session(self):
        model = pio.load(TIED, plugin="llama_python", ctx=64)
        plugin = model.plugin
        plugin.kept = plugin.session()
        alive = weakref.ref(plugin)
        model.close()
        del model, plugin
        gc.collect()
        self.assertIsNone(alive())


class Reload(unittest.TestCase):
    """A second load makes another model; whoever has the first goes on with it."""

    def check(self, name):
        model = pio.load(TIED, plugin=name, ctx=64)
        plugin = model.plugin
        session, net = plugin.session(), plugin.model
        expected = session.prefill([1, 2]).to_list()
        plugin.load_model(ctx=32)
        self.assertEqual(session.step(3).shape, (len(expected),))
        self.assertEqual(plugin.session().prefill([1, 2]).to_list(), expected)
        self.assertIn("model.norm.weight", dict(net.named_parameters()))
        self.assertEqual(len(model.generate({"ids": [1] * 40}, max_tokens=2, ignore_eos=True).ids), 2)
        with self.assertRaisesRegex(pio.Error, "40.*32"):
            plugin.infer({"ids": [1] * 40})

    def test_cpp(self):
        self.check("llama")

    def test_python(self):
        self.check("llama_python")

    def test_a_load_that_fails_can_be_repeated(self):
        class Once(LlamaPythonPlugin):
            fails = True

            def load_model(self):
                if Once.fails:
                    raise KeyError("mine")
                super().load_model(ctx=32)

        pio.ModelFactory.register("once", Once)
        made = Once()
        made.initialize(model_path=str(TIED))
        with self.assertRaisesRegex(KeyError, "mine"):
            pio.load(TIED, plugin="once")
        Once.fails = False
        made.load_model()
        self.assertEqual(made.infer({"ids": [1], "max_tokens": 2, "ignore_eos": True}).completion_tokens, 2)
        with pio.load(TIED, plugin="once", ctx=64) as model, self.assertRaisesRegex(pio.Error, "40.*32"):
            model.generate({"ids": [1] * 40})  # what it passes on itself stands above the caller's

    def test_a_load_of_its_own_that_loads_nothing(self):
        class Never(LlamaPythonPlugin):
            def load_model(self):
                pass

        pio.ModelFactory.register("never", Never)
        with self.assertRaisesRegex(pio.LoadError, "load_model of architecture \"never\" loaded no model"):
            pio.load(TIED, plugin="never")


class Threads(unittest.TestCase):
    def run_all(self, body, count=4):
        threads = [threading.Thread(target=body) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def test_evaluate_at_once(self):
        net, x = Net(), Tensor([[1.0, 2.0]])
        expected = net(x).to_list()
        got = []
        self.run_all(lambda: got.extend(net(x).to_list() == expected for _ in range(50)))
        self.assertEqual(got, [True] * 200)

    def test_load_generate_and_close_at_once(self):
        want = {"max_tokens": 8, "temperature": 0, "ignore_eos": True}
        with pio.load(TIED) as model:
            expected = model.generate({"ids": [1, 2, 3]}, **want).ids
        got = []

        def body():
            for _ in range(10):
                with pio.load(TIED, plugin="llama_python", ctx=64) as model:
                    got.append(model.generate({"ids": [1, 2, 3]}, **want).ids)

        self.run_all(body)
        self.assertEqual(got, [expected] * 40)

    def test_infer_at_once_beside_requests(self):
        want = {"max_tokens": 20, "temperature": 0, "ignore_eos": True}
        with pio.load(TIED) as model:
            expected = model.generate({"ids": [1, 2, 3]}, **want).ids
            got = []

            def body():
                for _ in range(10):
                    got.append(model.plugin.infer({"ids": [1, 2, 3], **want}).ids)
                    got.append(model.generate({"ids": [1, 2, 3]}, **want).ids)

            self.run_all(body)
        self.assertEqual(got, [expected] * 80)


if __name__ == "__main__":
    unittest.main()
