# SPDX-License-Identifier: Apache-2.0
"""chat: its commands, its errors, what of a conversation it keeps."""

import unittest

from cli_support import GGUF, TIED, CliTest, call


class Chat(CliTest):
    def setUp(self):
        super().setUp()
        self.template = self.tmp / "t.jinja"
        self.template.write_text("{% for m in messages %}{{ m.role }}:{{ m.content }}\n{% endfor %}")

    def chat(self, *lines, options=("-n", 2)):
        done = call("chat", GGUF, "--template", self.template, *options, stdin="".join(f"{line}\n" for line in lines))
        return done.returncode, done.stdout.decode(), done.stderr.decode().replace("> ", "")

    def test_what_it_needs_is_told_at_the_start(self):
        self.fails(3, "no tokenizer", "chat", TIED)
        self.fails(1, "pass --template", "chat", GGUF)
        self.fails(1, "none.jinja", "chat", GGUF, "--template", self.tmp / "none.jinja")

    def test_commands(self):
        for line, message in [("/clear now", "/clear takes no text"), ("/system", "/system needs a text"),
                              ("/undo 2", "/undo takes no text"), ("/nope", "no command /nope"),
                              ("/regen", "no message to answer"), ("/no\x1b[31m", "no command /no\\x1b[31m")]:
            code, out, err = self.chat(line)
            self.assertEqual((code, out), (0, ""), line)
            self.assertIn(message, err)
            self.assertEqual(err.count("\n"), 1, err)

    def test_help_names_every_command(self):
        listed = self.chat("/help")[2]
        for command in ("/help", "/system a", "/clear", "/regen", "/undo", "/bye"):
            self.assertIn(command.split()[0], listed)
            self.assertNotIn("no command", self.chat(command)[2])

    def test_clear_with_a_text_is_no_system_message(self):
        self.template.write_text("{{ messages | length }}{{ raise_exception('seen ' ~ messages[0].role) }}")
        self.assertIn("seen user", self.chat("/clear system text", "hello")[2])
        self.assertIn("seen system", self.chat("/system text", "hello")[2])

    def test_a_failed_answer_leaves_the_conversation_as_it_was(self):
        self.template.write_text("{% if messages | length > 2 %}{{ raise_exception('long') }}{% endif %}hi")
        code, out, err = self.chat("one", "two", "/regen", "three")
        self.assertEqual((code, err.count("long")), (0, 2), err)
        self.assertEqual(out.count("\n"), 2)

    def test_a_failing_regen_keeps_the_message_and_its_answer(self):
        self.template.write_text("{% if messages[-1].content == 'x' %}{{ raise_exception('x') }}{% endif %}"
                                 "{{ messages | length }}")
        code, _, err = self.chat("x", "a", "/regen", "/undo", "/regen")
        self.assertEqual(code, 0)
        self.assertIn("no message to answer", err)

    def test_where_every_answer_failed_it_fails(self):
        long = "hello " * 300
        code, out, err = self.chat(long, long)
        self.assertEqual((code, out), (1, ""))
        self.assertEqual(err.count("the context holds"), 2)
        self.assertEqual(self.chat(long, "hello")[0], 0)

    def test_a_full_context_is_told(self):
        _, _, err = self.chat("hello", options=("--ctx", 30, "--ignore-eos"))
        self.assertIn("context full: 30 tokens", err)
        self.assertNotIn("context full", self.chat("hello", options=("-n", 2, "--ignore-eos"))[2])


if __name__ == "__main__":
    unittest.main()
