# SPDX-License-Identifier: Apache-2.0
"""Own loops of Python plugins in the commands: run, chat, models and check-model."""

import json
import os
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

import inference_pio as pio

GOLDEN = Path(pio.__file__).parent / "models" / "llama" / "tests" / "golden"
TIED = GOLDEN / "llama_tied"

GENERIC = """
import json
import time

from ...common.interfaces.improved_base_plugin_interface import ModelPluginInterface


class Own(ModelPluginInterface):
    def infer(self, input_data):
        prompt = input_data["prompt"]
        if prompt == "nothing":
            return None
        if prompt == "messages":
            return json.dumps(input_data.get("messages"))
        return self.pieces(prompt)

    def pieces(self, prompt):
        for word in prompt.split():
            if word == "raise":
                raise OSError("mid-request")
            if word == "wait":
                time.sleep(1)
            yield word + " "
"""

CAUSAL = """
from ...common.interfaces.improved_base_plugin_interface import CausalLMPlugin
from ..llama_python.config import LlamaConfig
from ..llama_python.model import LlamaModel


class Own(CausalLMPlugin):
    config_class = LlamaConfig
    model_class = LlamaModel
    paired_qk_rows = True

    def infer(self, input_data):
        ids = input_data["ids"]
        kept = [(m["role"], m["content"]) for m in input_data.get("messages", [])]
        return f"{len(ids)} ids, messages {kept}, prompt {input_data['prompt']!r}"
"""


BARE = """
from ..llama_python.plugin import LlamaPythonPlugin


class Own(LlamaPythonPlugin):
    def load_model(self):
        pass

    def infer(self, input_data):
        return "said " + input_data["prompt"]
"""


class OwnLoop(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.env = {**os.environ, "INFERENCE_PIO_PLUGIN_PATH": str(self.root), "INFERENCE_PIO_MODELS": str(GOLDEN)}
        for name, text in (("generic_own", GENERIC), ("causal_own", CAUSAL), ("bare_own", BARE)):
            (self.root / name).mkdir()
            (self.root / name / "plugin.py").write_text(text)
            manifest = {"name": name, "version": "1", "type": "model", "description": "a loop of its own"}
            (self.root / name / "plugin_manifest.json").write_text(json.dumps(manifest))

    def start(self, *args):
        command = [sys.executable, "-m", "inference_pio", *map(str, args)]
        return subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=self.env
        )

    def call(self, *args, stdin="", code=0):
        """What a command writes to stdout, and to stderr without the prompts of chat."""
        child = self.start(*args)
        out, err = child.communicate(stdin, timeout=60)
        self.assertEqual(child.returncode, code, out + err)
        return out, [line.replace("> ", "") for line in err.splitlines() if line.replace("> ", "")]

    def errors(self, lines):
        return [line for line in lines if line.startswith("error: ")]

    def test_models_lists_it(self):
        found = {a["name"]: a for a in json.loads(self.call("models", "--json")[0])["architectures"]}
        for name in ("generic_own", "causal_own"):
            self.assertEqual(found[name]["status"], "ok", found[name])
            self.assertIn("own loop", found[name].values())

    def test_run(self):
        out, err = self.call("run", TIED, "two words", "--plugin", "generic_own")
        self.assertEqual((out, self.errors(err)), ("two words \n", []))
        out, _ = self.call("run", TIED, "two words", "--plugin", "generic_own", "--json")
        self.assertEqual(json.loads(out)["text"], "two words ")

    def test_run_streams(self):
        child = self.start("run", TIED, "first wait last", "--plugin", "generic_own")
        self.assertEqual(child.stdout.read(6), "first ")
        came = time.monotonic()
        rest, _ = child.communicate(timeout=60)
        self.assertEqual(rest, "wait last \n")
        self.assertGreater(time.monotonic() - came, 0.5)

    def test_run_where_the_loop_raises(self):
        out, err = self.call("run", TIED, "one raise two", "--plugin", "generic_own", code=1)
        self.assertEqual(out, "one ")
        self.assertEqual(len(err), 1)
        self.assertRegex(err[0], r"^error: OSError: mid-request \(.*generic_own/plugin\.py, line \d+\)$")

    def test_run_where_the_loop_answers_nothing(self):
        out, err = self.call("run", TIED, "nothing", "--plugin", "generic_own", code=3)
        self.assertEqual(out, "")
        self.assertEqual(len(err), 1)
        self.assertIn("gave None: it is not generative", err[0])

    def test_chat(self):
        out, err = self.call("chat", TIED, "--plugin", "generic_own", stdin="one word\nmessages\n")
        first, second, end = out.split("\n")
        self.assertEqual((first, end, self.errors(err)), ("one word ", "", []))
        said = [("user", "one word"), ("assistant", "one word "), ("user", "messages")]
        self.assertEqual([(m["role"], m["content"]) for m in json.loads(second)], said)

    def test_chat_goes_on_behind_an_exception(self):
        out, err = self.call("chat", TIED, "--plugin", "generic_own", stdin="a raise\nb\n")
        self.assertEqual(out, "a b \n")
        self.assertEqual(len(self.errors(err)), 1)
        self.assertIn("OSError: mid-request", self.errors(err)[0])
        self.call("chat", TIED, "--plugin", "generic_own", stdin="raise\n", code=1)

    def test_chat_with_a_loop_that_answers_nothing(self):
        out, err = self.call("chat", TIED, "--plugin", "generic_own", stdin="nothing\nb\n", code=3)
        self.assertEqual((out, len(err)), ("", 1))
        self.assertIn("gave None", err[0])

    def test_chat_over_the_engines_parts(self):
        # No tokenizer and no template: the loop gets what was said.
        out, _ = self.call("chat", TIED, "--plugin", "causal_own", stdin="hello\n")
        self.assertEqual(out, "0 ids, messages [('user', 'hello')], prompt 'hello'\n")
        # With a template it gets what the engine would.
        template = self.root / "t.jinja"
        template.write_text("{% for m in messages %}[{{ m.content }}]{% endfor %}")
        (gguf,) = (GOLDEN / "gguf_q8_0").glob("*.gguf")
        out, _ = self.call("chat", gguf, "--plugin", "causal_own", "--template", template, stdin="hello\n")
        self.assertRegex(out, r"^[1-9]\d* ids, messages \[\('user', 'hello'\)\], prompt '\[hello\]'\n$")

    def test_a_language_model_that_loads_nothing(self):
        self.assertEqual(self.call("run", TIED, "hello", "--plugin", "bare_own")[0], "said hello\n")
        self.assertEqual(self.call("chat", TIED, "--plugin", "bare_own", stdin="hello\n")[0], "said hello\n")
        _, err = self.call("logits", TIED, "--ids", "1", "--out", self.root / "l", "--plugin", "bare_own", code=3)
        self.assertIn("loaded no model: it must call load_model of CausalLMPlugin", err[0])

    def test_a_template_that_nobody_could_use(self):
        template = self.root / "t.jinja"
        template.write_text("x")
        _, err = self.call("chat", TIED, "--plugin", "generic_own", "--template", template, code=1)
        self.assertIn("--template: this architecture has no tokenizer", err[0])

    def test_check_model_measures_the_engine(self):
        self.call("new-model", "checked", "--lang", "python", "--dir", self.root)
        plugin = self.root / "checked" / "plugin.py"
        plugin.write_text(plugin.read_text() + '\n    def infer(self, input_data):\n        return "mine"\n')
        out, _ = self.call("check-model", "checked")
        self.assertRegex(out, "ok +greedy ids tiny")
        self.assertNotIn("FAILED", out)


if __name__ == "__main__":
    unittest.main()
