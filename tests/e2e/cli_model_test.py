# SPDX-License-Identifier: Apache-2.0
"""inspect, models, logits and perplexity, and check-model and doctor where they succeed."""

import json
import os
import shutil
import signal
import struct
import subprocess
import time
import unittest

from cli_support import (
    BINARY,
    GGUF,
    MODEL,
    ROOT,
    TIED,
    CliTest,
    call,
    environment,
    joined,
    read_safetensors,
)


class Inspect(CliTest):
    def test_metadata_of_a_gguf(self):
        text = self.ok("inspect", GGUF)
        for line in ["  format        GGUF v3", "  architecture  llama", "  llama.block_count  u32  2",
                     "  llama.attention.layer_norm_rms_epsilon  f32  1e-05",
                     '  general.architecture  string  "llama"', "  tokenizer.ggml.add_bos_token  bool  "]:
            self.assertIn("\n" + line, text)
        self.assertRegex(text, r'\n  tokenizer.ggml.tokens  array of string  [0-9]+ of \["')
        self.assertRegex(text, r"\n  tokenizer.ggml.token_type  array of i32  [0-9]+ of \[[0-9], ")

    def test_json(self):
        facts = json.loads(self.ok("inspect", GGUF, "--json"))
        self.assertEqual(set(facts), {"path", "format", "architecture", "reason", "parameters", "file_bytes",
                                      "metadata", "tensors"})
        self.assertEqual((facts["path"], facts["architecture"], facts["reason"]), (str(GGUF), "llama", ""))
        self.assertEqual(facts["file_bytes"], GGUF.stat().st_size)
        self.assertEqual(facts["metadata"]["llama.attention.layer_norm_rms_epsilon"], 1e-05)
        tokens = facts["metadata"]["tokenizer.ggml.tokens"]
        self.assertEqual((tokens["type"], len(tokens["first"])), ("array of string", 5))
        sizes = {"F32": 4, "F16": 2}
        parameters = 0
        for tensor in facts["tensors"]:
            count = 1
            for dim in tensor["shape"]:
                count *= dim
            parameters += count
            if tensor["type"] in sizes:
                self.assertEqual(tensor["bytes"], count * sizes[tensor["type"]])
        self.assertEqual(facts["parameters"], parameters)
        folder = json.loads(self.ok("inspect", TIED, "--json"))
        self.assertEqual(folder["metadata"], json.loads((TIED / "config.json").read_text()))
        self.assertEqual(folder["format"], "safetensors")
        self.assertEqual(folder["file_bytes"], sum(f.stat().st_size for f in TIED.glob("*.safetensors")))

    def test_an_architecture_that_nothing_opens(self):
        folder = self.tmp / "m"
        shutil.copytree(TIED, folder)
        config = json.loads((folder / "config.json").read_text())
        (folder / "config.json").write_text(json.dumps({**config, "model_type": "nope", "architectures": []}))
        facts = json.loads(self.ok("inspect", folder, "--json"))
        self.assertEqual(facts["architecture"], "")
        self.assertIn('"nope"', facts["reason"])
        self.assertIn('none: ', self.ok("inspect", folder))

    def test_options_that_do_not_go_together(self):
        out = self.tmp / "o"
        for options in (["--tensor", "t", "--out", out, "--plan"], ["--out", out], ["--tensor", "t"], ["--hidden"],
                        ["--json", "--plan"], ["--json", "--tensor", "t", "--out", out]):
            self.fails(2, "--", "inspect", TIED, *options)
        self.fails(3, '""', "inspect", TIED, "--tensor=", "--out", out)
        self.assertIn("copy ", self.ok("inspect", TIED, "--plan", "--hidden"))


class Models(CliTest):
    def test_what_cannot_be_used_says_why(self):
        shutil.copytree(TIED, self.tmp / "fine")
        (self.tmp / "broken.gguf").write_bytes(b"GGUF\3\0\0\0")
        shutil.copytree(TIED, self.tmp / "other")
        config = json.loads((TIED / "config.json").read_text())
        (self.tmp / "other/config.json").write_text(json.dumps({**config, "model_type": "nope", "architectures": []}))
        out = json.loads(self.ok("models", "--json", INFERENCE_PIO_MODELS=str(self.tmp)))
        found = {c["name"]: c for c in out["checkpoints"]}
        self.assertEqual(found["fine"], {"name": "fine", "path": str(self.tmp / "fine"), "architecture": "llama",
                                         "status": "ok", "reason": ""})
        self.assertEqual((found["broken"]["status"], found["broken"]["architecture"]), ("broken", ""))
        self.assertIn(str(self.tmp / "broken.gguf"), found["broken"]["reason"])
        self.assertEqual(found["other"]["status"], "unsupported")
        self.assertIn('"nope"', found["other"]["reason"])
        for architecture in out["architectures"]:
            self.assertEqual((architecture["status"], architecture["reason"]), ("ok", ""))
        text = self.ok("models", INFERENCE_PIO_MODELS=str(self.tmp))
        self.assertIn("    broken: ", text)
        self.assertIn("    unsupported: ", text)


class Perplexity(CliTest):
    def setUp(self):
        super().setUp()
        self.text = self.tmp / "t.txt"
        self.text.write_bytes((ROOT / "tests/data/alice.txt").read_bytes()[:1000])
        self.saved = self.tmp / "l.safetensors"
        self.common = ["perplexity", GGUF, "--ctx", 32, "--json", "--file"]

    def test_saved_logits(self):
        out = json.loads(self.ok(*self.common, self.text, "--save-logits", self.saved))
        _, shape, _ = read_safetensors(self.saved)["logits"]
        self.assertEqual(shape[:2], [out["windows"], 32])
        again = json.loads(self.ok(*self.common, self.text, "--kl", self.saved))
        self.assertEqual({k: again[k] for k in out}, out)
        self.assertEqual((again["same_top"], again["kl_tokens"]), (1, out["tokens"]))
        self.assertAlmostEqual(again["kl_max"], 0, places=9)
        done = call(*self.common, "/dev/stdin", stdin=self.text.read_text())
        self.assertEqual(json.loads(done.stdout), out)

    def test_saved_logits_are_of_one_text(self):
        self.ok(*self.common, self.text, "--save-logits", self.saved)
        other = self.tmp / "other.txt"
        other.write_text("x" + self.text.read_text()[1:])
        self.fails(1, ["l.safetensors", "another text"], *self.common, other, "--kl", self.saved)
        longer = self.tmp / "longer.txt"
        longer.write_text(self.text.read_text() * 2)
        self.fails(1, ["l.safetensors", "windows, the text has"], *self.common, longer, "--kl", self.saved)
        self.fails(1, "expected F32 [windows, 16, ", "perplexity", GGUF, "--ctx", 16, "--file", self.text, "--kl",
                   self.saved)

    def test_logits_of_other_tools_may_be_of_fewer_windows(self):
        self.ok(*self.common, self.text, "--save-logits", self.saved)
        _, (windows, context, vocab), data = read_safetensors(self.saved)["logits"]

        def write(kept):
            size = kept * context * vocab * 4
            header = json.dumps({"logits": {"dtype": "F32", "shape": [kept, context, vocab],
                                            "data_offsets": [0, size]}}).encode()
            body = (data * 2)[:size]
            self.saved.write_bytes(struct.pack("<Q", len(header)) + header + body)

        write(windows - 1)
        done = call(*self.common, self.text, "--kl", self.saved)
        self.assertEqual(json.loads(done.stdout)["kl_tokens"], (windows - 1) * 31)
        self.assertIn(b"does not say of which text", done.stderr)
        write(windows + 1)
        self.fails(1, f"{windows + 1} windows, the text has {windows}", *self.common, self.text, "--kl", self.saved)

    def test_without_a_tokenizer(self):
        self.fails(3, [str(TIED), "tokenizer"], "perplexity", TIED, "--ctx", 64, "--file", self.text)

    def test_interrupted(self):
        self.text.write_bytes((ROOT / "tests/data/alice.txt").read_bytes() * 4)
        before = set(self.tmp.iterdir())
        args = [BINARY, *map(str, self.common), str(self.text), "--save-logits", str(self.saved)]
        process = subprocess.Popen(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
        while set(self.tmp.iterdir()) == before:
            self.assertIsNone(process.poll())
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        out, error = process.communicate(timeout=60)
        self.assertEqual((process.returncode, out, error), (130, b"", b""))
        self.assertEqual(set(self.tmp.iterdir()), before)


class BrokenPipe(CliTest):
    def test_is_not_a_crash(self):
        file = self.tmp / "t.txt"
        file.write_bytes((ROOT / "tests/data/alice.txt").read_bytes())
        for args in (["tokenize", GGUF, "--file", file], ["models"], ["inspect", GGUF, "--json"]):
            read, write = os.pipe()
            os.close(read)
            done = subprocess.run([BINARY, *map(str, args)], stdout=write, stderr=subprocess.PIPE, env=environment(),
                                  timeout=60)
            os.close(write)
            self.assertIn(done.returncode, (0, 1), args)


class CheckModel(CliTest):
    def test_a_folder_that_passes(self):
        goldens = self.tmp / "golden"
        shutil.copytree(TIED, goldens / "llama_tied")
        out = self.ok("check-model", "llama", "--goldens", goldens, "--model", GGUF)
        for check in ("config round-trip", "names and shapes", "finite weights", "layers and logits", "greedy ids",
                      "prefill = decode", "prompt chunks", "batch mix", "thread counts", "quantized drift"):
            self.assertIn(f"ok       {check} llama_tied", out)
        self.assertNotIn("FAILED", out)

    def test_one_instruction_set(self):
        goldens = self.tmp / "golden"
        shutil.copytree(TIED, goldens / "llama_tied")
        common = ["check-model", "llama", "--goldens", goldens]
        out = self.ok(*common, "--isa", "reference")
        self.assertIn("llama_tied reference", out)
        self.assertNotIn("avx", out)
        self.fails(2, ["--isa", "sse9"], *common, "--isa", "sse9")
        self.fails(2, ["--isa", "--all"], *common, "--isa", "reference", "--all")

    def test_goldens_are_found_from_anywhere_and_must_be_there(self):
        out = subprocess.run([os.path.abspath(BINARY), "check-model", "llama_plain"], cwd=self.tmp, capture_output=True,
                             env=environment(), timeout=60)
        self.assertEqual(out.returncode, 0, out.stdout)
        self.assertIn(b"ok       layers and logits plain_heads", out.stdout)
        self.assertIn("layers and logits llama_tied", self.ok("check-model", "llama", "--goldens", TIED))
        self.fails(1, "/nonexist is not a folder", "check-model", "llama", "--goldens", "/nonexist")
        self.fails(1, "no case under", "check-model", "llama", "--goldens", self.tmp)


class Doctor(CliTest):
    def test_a_machine_that_passes(self):
        out = self.ok("doctor")
        for word in ("cpu ", "features ", "threads ", "memory ", "path ", "reference: ", "matmul_q4_k"):
            self.assertIn(word, out)
        self.assertRegex(out, r"\nself-test reference: ok, [0-9]+ cases")
        self.assertNotIn("FAILED", out)

    def test_one_instruction_set(self):
        out = self.ok("doctor", "--isa", "reference", "--threads", 2)
        self.assertIn("threads   2 of ", out)
        self.assertIn("path      reference", out)
        self.assertEqual(out.count("self-test"), 1)
        self.fails(2, ["--isa", "sse9"], "doctor", "--isa", "sse9")
        self.fails(2, "--threads", "doctor", "--threads", "0")


@unittest.skipUnless(MODEL, "PIO_TEST_MODEL is not set")
class Memory(CliTest):
    def test_logits_of_the_last_row_alone(self):
        """The head of one row of the two chunks: the others' logits (100 MB at a time) are never made."""
        ids = joined([i * 131 % 251 + 3 for i in range(1000)])

        command = ["logits", MODEL, "--ids", ids, "--out", str(self.tmp / "o")]
        last, every = self.peak(*command), self.peak(*command, "--all")
        self.assertLess(last + 240e6, every)

    def test_memory_of_a_short_answer(self):
        """Nothing but the packed weights is large: not the file beside them, nor a cache for positions not in use."""
        peak = self.peak("run", MODEL, "--ids", "1,2,3,4,5,6,7,8", "-n", "1", "-c", "4096")
        self.assertLess(peak, os.path.getsize(MODEL) + 48 * 2**20)

    def peak(self, *arguments):
        """The most bytes that are resident in a run of the program."""
        process = subprocess.Popen([BINARY, *arguments], env=environment(), stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(process.returncode, 0)
        return usage.ru_maxrss * 1024


if __name__ == "__main__":
    unittest.main()
