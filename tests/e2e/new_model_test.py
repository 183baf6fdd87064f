# SPDX-License-Identifier: Apache-2.0
"""new-model: what it writes, what it refuses, and that it never touches what is there (M10)."""

import json
import unittest

from cli_support import GGUF, GOLDEN, TIED, CliTest

CPP = {
    "README.md", "config.h", "model.h", "plugin.cpp", "plugin_manifest.json", "tests/model_test.cpp",
}  # fmt: skip
TINY = {
    f"tests/golden/tiny/{name}"
    for name in (
        "config.json", "golden.json", "golden.safetensors", "model.safetensors", "tokenizer.json", "tokenizer_config.json",
    )
}  # fmt: skip


def code_lines(folder, *suffixes):
    """Lines that a model's author writes: no tests, blanks or comments."""
    lines = []
    for file in sorted(folder.rglob("*")):
        if file.suffix in suffixes and "tests" not in file.relative_to(folder).parts and file.name != "__init__.py":
            lines += [line.strip() for line in file.read_text().splitlines()]
    return [line for line in lines if line and not line.startswith(("//", "#", '"""'))] + [
        line for line in lines if line.startswith(("#include", "#pragma"))
    ]


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
            "text": "no field", "note": "\\\n\"?*/ \u0000", "odd key": 1, "this": 2, "list": list(range(300)), "real": 1e300,
        }))  # fmt: skip
        folder = self.make("mine", "--from", source)
        config = (folder / "config.h").read_text()
        self.assertIn('std::string note = "\\\\\\012\\"\\?*/ \\000";', config)
        for absent in ("odd key", "hidden_size", "int64_t text", "int64_t this"):
            self.assertNotIn(absent, config)
        manifest = json.loads((folder / "plugin_manifest.json").read_text())
        self.assertEqual(manifest["model_types"], ['a"b\\c'])
        for line in (folder / "config.h").read_text().splitlines():
            self.assertFalse(line.endswith("\\"), line)

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
