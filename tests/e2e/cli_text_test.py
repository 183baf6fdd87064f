# SPDX-License-Identifier: Apache-2.0
"""tokenize, detokenize and render."""

import json
import os
import shutil
import subprocess
import unittest

from cli_support import GGUF, TIED, CliTest, call, joined


class Tokenize(CliTest):
    def test_text(self):
        text = "hello w\u00f6rld\n"
        file = self.tmp / "t.txt"
        file.write_text(text)
        ids = json.loads(self.ok("tokenize", GGUF, "--text", text, "--json"))["ids"]
        self.assertEqual(json.loads(self.ok("tokenize", GGUF, "--file", file, "--json"))["ids"], ids)
        plain = json.loads(self.ok("tokenize", GGUF, "--text", text, "--no-special", "--json"))["ids"]
        self.assertEqual(json.loads(self.ok("detokenize", GGUF, "--ids", joined(plain), "--json")), {"text": text})
        self.assertEqual(ids[len(ids) - len(plain) :], plain)
        self.assertEqual(json.loads(self.ok("tokenize", GGUF, "--text", "", "--no-special", "--json")), {"ids": []})

    def test_an_empty_value(self):
        self.assertEqual(json.loads(self.ok("tokenize", GGUF, "--text=", "--no-special", "--json")), {"ids": []})
        self.assertEqual(self.ok("tokenize", GGUF, "--no-special", "--text="), "\n")
        spelled = self.ok("tokenize", GGUF, "--text=--json", "--no-special")
        self.assertEqual(self.ok("tokenize", GGUF, "--no-special", "--text", "--json"), spelled)
        self.assertEqual(self.ok("detokenize", GGUF, "--ids", spelled.strip()), "--json\n")
        self.assertEqual(self.ok("--log-level", "error", "tokenize", GGUF, "--no-special", "--text="), "\n")
        self.fails(2, '""', "render", GGUF, "--messages", self.tmp / "m", "--now=")
        self.fails(2, ["--file", "is empty"], "tokenize", GGUF, "--file=")
        self.fails(2, ["--context", "is empty"], "render", GGUF, "--context=")
        self.fails(2, ["--kl", "is empty"], "perplexity", GGUF, "--file", "f", "--kl=")

    def test_texts_from_pipes(self):
        ids = self.ok("tokenize", GGUF, "--text", "a pipe")
        for name in ("-", "/dev/stdin"):
            done = call("tokenize", GGUF, "--file", name, stdin="a pipe")
            self.assertEqual((done.returncode, done.stdout.decode()), (0, ids), done.stderr)
        fifo = self.tmp / "fifo"
        os.mkfifo(fifo)
        with subprocess.Popen(["sh", "-c", 'printf "a pipe" >"$0"', fifo]):
            self.assertEqual(self.ok("tokenize", GGUF, "--file", fifo), ids)
        template = self.tmp / "t.jinja"
        template.write_text("{{ messages[0] }}")
        for option in ("--messages", "--context"):
            value = [{"role": "x"}] if option == "--messages" else {"messages": ["y"]}
            done = call("render", GGUF, option, "-", "--template", template, stdin=json.dumps(value))
            self.assertEqual(done.returncode, 0, done.stderr)
        done = call("render", GGUF, "--context", "/dev/null", "--template", template)
        self.assertEqual(done.returncode, 1)
        self.fails(1, "irectory", "tokenize", GGUF, "--file", self.tmp)


class Render(CliTest):
    def setUp(self):
        super().setUp()
        self.template = self.file("t.jinja", "{{ messages[0].content }}|{{ add_generation_prompt }}|{{ strftime_now('%Y') }}")
        self.common = ["render", GGUF, "--template", self.template]

    def file(self, name, content):
        path = self.tmp / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    def test_messages(self):
        messages = self.file("m.json", [{"role": "user", "content": "h\u00ed"}])
        common = [*self.common, "--now", "2026-01-31T12:00:00", "--messages", messages]
        self.assertEqual(self.ok(*common), "h\u00ed|True|2026")
        self.assertEqual(self.ok(*common, "--no-generation-prompt"), "h\u00ed|False|2026")

    def test_context_is_every_variable(self):
        context = self.file("c.json", {"messages": [{"content": "c"}], "add_generation_prompt": 3})
        self.assertEqual(self.ok(*self.common, "--context", context, "--now", "2026-01-31"), "c|3|2026")
        names = ["messages", "tools", "documents", "add_generation_prompt", "bos_token", "eos_token"]
        self.file("t.jinja", "".join("{{ " + name + " is defined }} " for name in names))
        context.write_text("{}")
        self.assertEqual(self.ok(*self.common, "--context", context), "False " * len(names))
        for more in (["--no-generation-prompt"], ["--tools", context]):
            self.fails(2, ["--context", more[0]], *self.common, "--context", context, *more)

    def test_wrong_kinds(self):
        item, items = self.file("o.json", {}), self.file("l.json", [])
        self.fails(1, ["o.json", "object, a list was wanted"], *self.common, "--messages", item)
        self.fails(1, ["o.json", "object, a list was wanted"], *self.common, "--messages", items, "--tools", item)
        self.fails(1, ["l.json", "array, an object was wanted"], *self.common, "--context", items)
        texts = self.file("t.json", ["hi"])
        self.fails(1, ["t.json", "message 0 is of type string"], *self.common, "--messages", texts)

    def test_now(self):
        self.file("t.jinja", "{{ strftime_now('%Y-%m-%d %H:%M:%S') }}")
        common = [*self.common, "--messages", self.file("m.json", [])]
        for clock, shown in [("2026-01-31", "2026-01-31 00:00:00"), ("2024-02-29T23:59", "2024-02-29 23:59:00"),
                             ("2026-01-31T12:00:01Z", "2026-01-31 12:00:01"),
                             ("2026-01-31T12:00:00+02:30", "2026-01-31 09:30:00"),
                             ("2026-12-31T23:00:00-02:00", "2027-01-01 01:00:00")]:
            self.assertEqual(self.ok(*common, "--now", clock), shown)
        for clock in ["", "2026-02-31", "2026-02-29", "2026-13-01", "2026-01-31T24:00:00", "2026-01-31T12:00:00x",
                      "2026-01-31 12:00:00", "2026-1-31", "26-01-31", "2026-01-31T12:60", "2026-01-31T12:00:00+25:00",
                      "2026-01-31Z", "now"]:
            self.fails(2, ["--now", f'"{clock}"'], *common, "--now", clock)

    def test_variables_are_those_of_transformers(self):
        """Outputs of transformers 5.23 for the same files."""
        folder = self.tmp / "model"
        shutil.copytree(TIED, folder)
        config = {"bos_token": "<s>", "eos_token": {"content": "</s>", "__type": "AddedToken"}, "unk_token": None,
                  "sep_token": "[SEP]", "image_token": "<img>", "additional_special_tokens": ["<x>"],
                  "add_bos_token": True}
        (folder / "tokenizer_config.json").write_text(json.dumps(config))
        (folder / "chat_template.jinja").write_text(
            "{{ bos_token }}{{ eos_token }}{{ sep_token }}{{ image_token }} {{ unk_token is defined }} "
            "{{ add_bos_token is defined }} {{ additional_special_tokens is defined }} "
            "{{ tools is none }} {{ documents is none }} {{ messages[0] | tojson }}")
        messages = self.file("m.json", [{"role": "user", "content": None, "reasoning": "r"}])
        self.assertEqual(
            self.ok("render", folder, "--messages", messages),
            "<s></s>[SEP]<img> False False False True True "
            '{"thinking": "r", "role": "user", "reasoning": "r", "reasoning_content": "r"}')

    def test_special_tokens_of_a_gguf(self):
        self.file("t.jinja", "{{ bos_token }}{{ eos_token }}{{ tools[0] }}")
        self.assertEqual(self.ok(*self.common, "--messages", self.file("m.json", []), "--tools",
                                 self.file("tools.json", ["t"])), "<|endoftext|><|im_end|>t")


if __name__ == "__main__":
    unittest.main()
