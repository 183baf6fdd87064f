# SPDX-License-Identifier: Apache-2.0
"""Values of options and of the environment: what is refused before a model is loaded, and what run says."""

import json
import unittest

from cli_support import CONTEXT, GGUF, GOLDEN, TIED, CliTest, call


class Values(CliTest):
    def run_json(self, *args):
        return json.loads(self.ok("run", TIED, "--ids", "1", "--json", *args))

    def test_whole_numbers_are_decimal(self):
        self.assertEqual(self.run_json("-n", "010", "--ignore-eos")["completion_tokens"], 10)
        for option in ("-n", "--top-k", "--seed", "--threads", "--ctx", "--chunk"):
            for value in ("0x4", " 4", "4 ", "4.0", "1e3", "", "-1", "99999999999999999999"):
                self.fails(2, f'"{value}": expected a whole number from', "run", "/none", option, value)
        for option in ("-p", "-n", "-d", "-r", "--parallel"):
            self.fails(2, "whole number", "bench", "/none", option, "0x4")

    def test_a_seed_has_64_bits(self):
        self.assertEqual(self.run_json("-n", 1, "--seed", 2**64 - 1)["seed"], 2**64 - 1)
        self.fails(2, "--seed", "run", "/none", "--seed", 2**64)

    def test_no_number_is_no_value(self):
        for option in ("temp", "top-p", "min-p", "repetition-penalty", "frequency-penalty", "presence-penalty"):
            for value in ("nan", "inf", "-inf", "1e999", "", " 1", "0x1"):
                self.fails(2, f"--{option}: ", "run", "/none", f"--{option}", value)

    def test_empty_values(self):
        for option in ("isa", "plugin", "disable-pass", "kv", "weights", "stop"):
            self.fails(2, f"--{option}: ", "run", "/none", "--ids", "1", f"--{option}", "")
        for passes in ("residual,", ",", "residual,,rope_kv"):
            self.fails(2, "--disable-pass: ", "run", "/none", "--disable-pass", passes)

    def test_stop_takes_one_value(self):
        done = call("run", "--stop", "x", GGUF, "hello", "--raw", "-n", 1)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.ok("run", GGUF, "hello", "--raw", "-n", 1, "--stop", "x", "--stop", "y")

    def test_isa(self):
        flags = next(line for line in open("/proc/cpuinfo") if line.startswith("flags")).split()
        if "avx512_bf16" in flags:
            self.run_json("-n", 1, "--isa", "avx512_bf16")
            self.ok("models", PIO_ISA="avx512_bf16")
        else:
            self.fails(2, "this CPU lacks it", "run", TIED, "--ids", "1", "--isa", "avx512_bf16")
            self.fails(2, "this CPU lacks it", "models", PIO_ISA="avx512_bf16")

    def test_log_level_before_and_behind_the_command(self):
        args = ["run", TIED, "--ids", "1", "-n", "1"]
        for line in (["--log-level", "debug", *args], [*args, "--log-level", "debug"]):
            error = call(*line).stderr.decode()
            self.assertIn("note: pass residual: ", error)
            self.assertIn("note: load: ", error)
        self.fails(2, 'unknown command "bogus"', "--log-level", "debug", "bogus")
        self.fails(2, "--log-level", "--log-level", "loud", "models")


class Run(CliTest):
    def test_two_prompts_are_one_too_many(self):
        self.fails(2, "--ids", "run", "/none", "hello", "--ids", "1")
        self.fails(2, "--raw", "run", "/none", "--raw", "--ids", "1")

    def test_ids_where_there_is_no_text(self):
        args = ["run", TIED, "--ids", "5,6,7", "-n", "4", "--ignore-eos"]
        done = call(*args)
        self.assertIn(b"no tokenizer", done.stderr)
        ids = json.loads(self.ok(*args, "--json"))["ids"]
        self.assertEqual(done.stdout.decode(), ",".join(map(str, ids)) + "\n")
        self.fails(3, "--stop", *args, "--stop", "x")

    def test_a_full_context_is_told(self):
        args = ["run", TIED, "--ids", "1", "--ignore-eos"]
        self.assertIn(f"context full: {CONTEXT} tokens", call(*args).stderr.decode())
        self.assertNotIn("context full", call(*args, "-n", 5).stderr.decode())


class Checkpoints(CliTest):
    def test_a_folder_that_is_not_there(self):
        for command in (["models"], ["run", TIED, "--ids", "1"]):
            self.fails(2, ["INFERENCE_PIO_MODELS", "/none is not a folder"], *command,
                       INFERENCE_PIO_MODELS=f"{GOLDEN}:/none")

    def test_the_first_of_a_name_is_taken(self):
        folders = [self.tmp / name for name in ("b", "a")]
        for folder in folders:
            (folder / "twice").mkdir(parents=True)
            (folder / "twice/config.json").write_text("{}")
        (folders[0] / "twice.gguf").write_bytes(b"")
        listed = json.loads(self.ok("models", "--json", INFERENCE_PIO_MODELS=":".join(map(str, folders))))
        self.assertEqual([(c["name"], c["path"]) for c in listed["checkpoints"]], [("twice", str(folders[0] / "twice"))])

    def test_an_architecture_lists_its_own(self):
        (self.tmp / "other").mkdir()
        (self.tmp / "other/config.json").write_text('{"model_type": "other"}')
        for name in ("llama_tied", "llama"):
            (self.tmp / f"x_{name}").symlink_to(GOLDEN / "llama_tied")
        error = call("run", "llama", "hello", INFERENCE_PIO_MODELS=str(self.tmp)).stderr.decode()
        self.assertIn("its checkpoints here: x_llama, x_llama_tied\n", error)


if __name__ == "__main__":
    unittest.main()
