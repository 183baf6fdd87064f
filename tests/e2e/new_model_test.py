# SPDX-License-Identifier: Apache-2.0
"""new-model: what it writes, what it refuses, and that it never touches what is there (M10)."""

import json
import os
import py_compile
import re
import shutil
import subprocess
import sys
import unittest

from cli_support import GGUF, GOLDEN, ROOT, TIED, CliTest, call

CPP = {
    "README.md", "config.h", "model.h", "plugin.cpp", "plugin_manifest.json", "tests/model_test.cpp",
}  # fmt: skip
PYTHON = {
    "README.md", "__init__.py", "config.py", "model.py", "plugin.py", "plugin_manifest.json", "tests/__init__.py",
    "tests/test_model.py",
}  # fmt: skip
QWEN3 = ROOT / "src/inference_pio/models/qwen3/tests/golden"
TINY = {
    f"tests/golden/tiny/{name}"
    for name in (
        "config.json", "golden.json", "golden.safetensors", "model.safetensors", "tokenizer.json", "tokenizer_config.json",
    )
}  # fmt: skip


# What a Python folder imports, without the engine: it shows what the folder asks for.
STUBS = {
    "common/config/model_config_base.py": """
from dataclasses import dataclass
@dataclass
class BaseConfig:
    model_name: str = ""
    max_position_embeddings: int = 2048
""",
    "core/engine/backend.py": """
def DecoderSpec(**fields):
    return fields
class Decoder:
    def __init__(self, spec):
        self.spec = spec
""",
    "common/interfaces/improved_base_plugin_interface.py": "class CausalLMPlugin: pass",
}
ASK = """
import json, sys
from dataclasses import asdict
from importlib import import_module
plugin = import_module(f"inference_pio.models.{sys.argv[1]}.plugin")
(kind,) = (c for n, c in vars(plugin).items() if n.endswith("Plugin") and n != "CausalLMPlugin")
config = kind.config_class()
assert kind.config_class(**asdict(config)) == config
try:
    kind.config_class(hidden_act="gelu")
except ValueError as error:
    assert "gelu" in str(error)
else:
    raise AssertionError
print(json.dumps([asdict(config), kind.model_class(config).spec, getattr(kind, "paired_qk_rows", False)]))
"""


def code_lines(folder, *suffixes):
    """Lines that a model's author writes: no tests, no __init__.py, no blanks, no comments."""
    out = []
    for file in folder.rglob("*"):
        if file.suffix in suffixes and "tests" not in file.relative_to(folder).parts and file.name != "__init__.py":
            lines = (line.strip() for line in file.read_text().splitlines())
            out += [line for line in lines if line and not line.startswith(("//", "# "))]
    return out


class NewModel(CliTest):
    def make(self, *args, **env):
        out = self.ok("new-model", *args, "--dir", self.tmp, **env)
        folder = self.tmp / args[0]
        self.assertEqual(out, f"{folder}\n")
        return folder

    def files(self, folder):
        return {str(f.relative_to(folder)) for f in folder.rglob("*") if f.is_file()}

    def test_a_cpp_folder(self):
        folder = self.make("mine")
        self.assertEqual(self.files(folder), CPP | TINY)
        self.assertLessEqual(len(code_lines(folder, ".h", ".cpp")), 60)
        manifest = json.loads((folder / "plugin_manifest.json").read_text())
        self.assertEqual((manifest["name"], manifest["language"]), ("mine", "cpp"))
        self.assertNotIn("model_types", manifest)  # it takes no checkpoint from another architecture
        golden = json.loads((folder / "tests/golden/tiny/golden.json").read_text())
        self.assertEqual(golden["source"], "self-made")
        for file in self.files(folder):
            if not file.endswith(".safetensors"):
                self.assertNotRegex((folder / file).read_text(), "%[A-Z_]+%", file)

    def test_a_python_folder(self):
        folder = self.make("mine", "--lang", "python")
        self.assertEqual(self.files(folder), PYTHON | TINY)
        manifest = json.loads((folder / "plugin_manifest.json").read_text())
        self.assertEqual((manifest["name"], manifest["language"]), ("mine", "python"))
        for args in ([], ["--from", TIED], ["--from", GOLDEN / "llama_rope_yarn"], ["--from", GGUF]):
            shutil.rmtree(folder)
            self.make("mine", "--lang", "python", *args)
            for file in folder.rglob("*.py"):
                py_compile.compile(str(file), doraise=True, cfile=str(self.tmp / "compiled"))
            self.assertLessEqual(len(code_lines(folder, ".py")), 60, args)

    def ask_python(self, *args):
        """The defaults, the decoder's spec and the row order of a new Python folder."""
        package = self.tmp / "package" / "inference_pio"
        for name, text in STUBS.items():
            (package / name).parent.mkdir(parents=True, exist_ok=True)
            (package / name).write_text(text)
        (package / "models").mkdir(exist_ok=True)
        self.ok("new-model", "mine", "--lang", "python", "--dir", package / "models", *args)
        done = subprocess.run([sys.executable, "-c", ASK, "mine"], cwd=package.parent, capture_output=True, text=True,
                              check=False, env={**os.environ, "PYTHONPATH": ""})  # the stubs alone
        self.assertEqual(done.returncode, 0, done.stderr)
        shutil.rmtree(package / "models" / "mine")
        return json.loads(done.stdout)

    def test_a_python_folder_describes_the_decoder(self):
        config, spec, paired = self.ask_python("--from", TIED)
        self.assertEqual((config["model_name"], config["rope_theta"], config["pretraining_tp"]), ("mine", 100000.0, 1))
        self.assertEqual(spec, {
            "vocab": 256, "hidden": 64, "intermediate": 96, "layers": 3, "heads": 4, "kv_heads": 2, "head_dim": 16,
            "norm_eps": 1e-5, "attention_bias": False, "output_bias": False, "mlp_bias": False, "tied_head": True,
            "window": None, "rope_theta": 100000.0, "rope_scaling": None, "max_positions": 256,
        })  # fmt: skip
        self.assertTrue(paired)
        for source in (QWEN3 / "qwen3_untied", QWEN3 / "gguf_q8_0/qwen3_gqa.q8_0.gguf"):
            _, spec, paired = self.ask_python("--from", source)
            self.assertEqual((spec["qk_norm"], spec["window"], paired), (True, None, False))
        _, spec, _ = self.ask_python("--from", GOLDEN / "llama_rope_yarn")
        self.assertEqual(spec["rope_theta"], 10000.0)
        self.assertEqual((spec["rope_scaling"]["rope_type"], spec["rope_scaling"]["factor"]), ("yarn", 4.0))
        _, spec, _ = self.ask_python("--from", GOLDEN / "mistral_window")
        self.assertEqual(spec["window"], 16)
        source = self.tmp / 'st"range\\u\n.json'
        strange = {"note": 'a"\\\n\u00e4\u2028\x00', "kinds": [1, None, True, "x"], "big": 2**64, "real": 1e300}
        source.write_text(json.dumps({"model_type": "other", "rope_scaling": {"type": "x", "a": [1, {"b": None}]}, **strange}))
        config, spec, paired = self.ask_python("--from", source)
        self.assertEqual({key: config[key] for key in strange}, strange)
        self.assertEqual(spec["rope_scaling"], {"type": "x", "a": [1, {"b": None}]})
        self.assertFalse(paired)

    def test_two_runs_write_the_same_bytes(self):
        first, second = self.make("one"), self.make("two")
        for name in TINY:
            self.assertEqual((first / name).read_bytes(), (second / name).read_bytes(), name)

    def test_from_config_folder_and_gguf(self):
        for name, source in [("a", TIED), ("b", TIED / "config.json"), ("c", GOLDEN / "llama_rope_yarn")]:
            folder = self.make(name, "--from", source)
            self.assertLessEqual(len(code_lines(folder, ".h", ".cpp")), 60)
            manifest = json.loads((folder / "plugin_manifest.json").read_text())
            self.assertEqual(manifest["model_types"], ["llama"])
            self.assertEqual(manifest["architectures"], ["LlamaForCausalLM"])
            self.assertIn("pretraining_tp = 1;", (folder / "config.h").read_text())
        folder = self.make("d", "--from", GGUF)
        manifest = json.loads((folder / "plugin_manifest.json").read_text())
        self.assertEqual(manifest["gguf_architectures"], ["llama"])

    def test_the_tiny_checkpoint_runs(self):
        for i, case in enumerate(sorted(GOLDEN.iterdir())):
            weights = next(iter(case.glob("*.gguf")), case)
            folder = self.make(f"m{i}", "--from", weights)
            tiny = folder / "tests/golden/tiny"
            answer = json.loads(self.ok("run", tiny, "Hi", "--plugin", "llama", "-n", 8, "--ignore-eos", "--json"))
            self.assertEqual(len(answer["ids"]), 8, case)
            self.ok("check-model", "llama", "--goldens", tiny)

    def test_bad_values(self):
        for name, message in [
            ("Mine", "expected a lower-case letter"),
            ("../mine", "expected a lower-case letter"),
            ("class", "is a word of C++ or Python"),
            ("nn", "is a name of the engine's own"),
            ("llama", '"llama" is taken'),
        ]:
            self.fails(2, message, "new-model", name, "--dir", self.tmp)
        engine = ROOT / "src" / "pio"
        texts = [file.read_text() for file in engine.rglob("*.h")]
        inner = {name for text in texts for name in re.findall(r"^namespace pio::(\w+)", text, re.MULTILINE)}
        self.assertIn("json", inner)
        for name in inner | {folder.name for folder in engine.iterdir() if folder.is_dir()}:
            self.fails(2, "is a name of the engine's own", "new-model", name, "--dir", self.tmp)
        self.fails(2, "--lang", "new-model", "mine", "--lang", "rust", "--dir", self.tmp)
        self.fails(2, "--dir", "new-model", "mine", "--dir", self.tmp / "nowhere")
        self.fails(2, "--from", "new-model", "mine", "--from", self.tmp / "nowhere", "--dir", self.tmp)
        self.fails(2, "", "new-model")
        self.assertEqual(list(self.tmp.iterdir()), [])

    def test_a_broken_source_leaves_nothing(self):
        out = self.tmp / "out"
        out.mkdir()
        for i, text in enumerate(["", "{", "[]", '{"a": 1, "a": 2}', '{"architectures": 1}', "[" * 5000, '"a"']):
            source = self.tmp / f"{i}.json"
            source.write_text(text)
            self.fails(1, f"{i}.json", "new-model", "mine", "--from", source, "--dir", out)
        (self.tmp / "a.gguf").write_bytes(GGUF.read_bytes()[:1000])
        self.fails(1, "a.gguf", "new-model", "mine", "--from", self.tmp / "a.gguf", "--dir", out)
        self.assertEqual(list(out.iterdir()), [])

    def test_strange_sources_give_code_that_is_whole(self):
        source = self.tmp / "strange\\\n.json"
        source.write_text(json.dumps({
            "model_type": 'a"b\\c', "architectures": ["*/ X"], "hidden_size": "big", "num_hidden_layers": 10**9,
            "text": "no field", "note": "\\\n\"?*/ \u0000", "odd key": 1, "this": 2, "int64_t": 3, "json": 4, "numbers": list(range(300)), "list": [1], "real": 1e300,
        }))  # fmt: skip
        folder = self.make("mine", "--from", source)
        config = (folder / "config.h").read_text()
        self.assertIn('std::string note = "\\\\\\012\\"\\?*/ \\000";', config)
        for absent in ("numbers", "odd key", "hidden_size", "int64_t text", "int64_t this", "int64_t int64_t", "int64_t json"):
            self.assertNotIn(absent, config)
        manifest = json.loads((folder / "plugin_manifest.json").read_text())
        self.assertEqual(manifest["model_types"], ['a"b\\c'])
        for line in (folder / "config.h").read_text().splitlines():
            self.assertFalse(line.endswith("\\"), line)

    def test_an_activation_that_the_model_lacks(self):
        source = self.tmp / "other.json"
        source.write_text(json.dumps({"model_type": "other", "hidden_act": "gelu_new"}))
        for language, file in (("cpp", "config.h"), ("python", "config.py")):
            done = call("new-model", f"in_{language}", "--lang", language, "--from", source, "--dir", self.tmp)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertRegex(done.stderr.decode(), 'note: hidden_act is "gelu_new", the new model computes "silu" and refuses')
            folder = self.tmp / f"in_{language}"
            self.assertIn('says `hidden_act` "gelu_new"', (folder / "README.md").read_text())
            self.assertNotIn("gelu", (folder / file).read_text())
        self.make("usual", "--from", TIED)
        self.assertNotIn("hidden_act", (self.tmp / "usual" / "README.md").read_text())

    def test_m10_what_is_there_stays(self):
        for i, make in enumerate([
            lambda path: path.mkdir(),
            lambda path: path.write_text("mine"),
            lambda path: path.symlink_to("/nonexistent"),
        ]):  # fmt: skip
            make(self.tmp / f"m{i}")
            before = (self.tmp / f"m{i}").lstat()
            self.fails(2, "is there already", "new-model", f"m{i}", "--dir", self.tmp)
            after = (self.tmp / f"m{i}").lstat()
            self.assertEqual((before.st_ino, before.st_mtime_ns), (after.st_ino, after.st_mtime_ns))
        folder = self.make("twice")
        (folder / "config.h").write_text("changed")
        self.fails(2, "is there already", "new-model", "twice", "--dir", self.tmp)
        self.assertEqual((folder / "config.h").read_text(), "changed")


if __name__ == "__main__":
    unittest.main()
