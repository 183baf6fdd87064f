# SPDX-License-Identifier: Apache-2.0
"""Writes tests/golden/tokenizer/: token ids as Hugging Face `tokenizers` gives them.

smollm2.json holds ids for the vocabulary of SmolLM2's GGUF, whose tokenizer is rebuilt from the
file's tokens and merges; components.json holds a small trained vocabulary, variants of the
components around it, and ids for each.

    pip install tokenizers==0.23.3 gguf==0.19.0
    python tools/make_tokenizer_golden.py SmolLM2-135M-Instruct.Q4_1.gguf tests/golden/tokenizer
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import tokenizers
from gguf import GGUFReader
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

TEXTS = [
    "",
    " ",
    "  ",
    "Hello world",
    " Hello  world ",
    "hello\nworld\n\n  indented\n\tTab\t\ttabs  \n",
    "\r\n\r\n x \r y",
    "I'll don't WE'RE it's 'S 'twas rock'n'roll o'clock",
    "it'\u017f I'LL you'Ve",
    "0 1 12 123 1234 12345 3.14159 1,000,000 2024-01-31",
    "a1b2c3 x86-64 utf8 3D",
    "\u0661\u0662\u0663 \u00bd \u00b2 \u2167 \u2460 \U0001d7d8",
    "camelCase HTTPServer snake_case kebab-case SCREAMING_CASE \u01c4\u01c5\u01c6",
    "def f(x):\n    return x**2  # comment\n",
    "for (int i = 0; i < n; ++i) { sum += a[i]; }",
    '<div class="a">&nbsp;</div><!-- x -->',
    "https://example.com/path?query=1&b=%20#frag user@host.org",
    "C:\\Users\\x\\file.txt ~/.config/*.json",
    "!!! ??? ... --- === *** ((())) [[]] {{}} <<>> \"\" '' ``",
    "$5.00 \u20ac10 \u00a33 \u00a5 100% \u2030 #1 @me & co.",
    "The quick brown fox jumps over the lazy dog.",
    "El ni\u00f1o a\u00f1ejo comi\u00f3 pi\u00f1a; \u00bfqu\u00e9 tal? \u00a1Ol\u00e9!",
    "Stra\u00dfe \u00dcbergr\u00f6\u00dfe \u00c4rger na\u00efve fa\u00e7ade \u0153uvre",
    "\u041f\u0440\u0438\u0432\u0435\u0442, \u043c\u0438\u0440! \u0401\u043b\u043a\u0430.",
    "\u0393\u03b5\u03b9\u03ac \u03c3\u03bf\u03c5 \u039a\u03cc\u03c3\u03bc\u03b5",
    "\u4f60\u597d\uff0c\u4e16\u754c\uff01\u6211\u5011\u5728\u5b78\u7fd2\u3002",
    "\u3053\u3093\u306b\u3061\u306f\u4e16\u754c\u3001\u30ab\u30bf\u30ab\u30ca\u30fc",
    "\uc548\ub155\ud558\uc138\uc694 \uc138\uacc4 \u1112\u1161\u11ab",
    "\u0645\u0631\u062d\u0628\u0627 \u0628\u0627\u0644\u0639\u0627\u0644\u0645 \u200f123",
    "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd",
    "\u0928\u092e\u0938\u094d\u0924\u0947 \u0926\u0941\u0928\u093f\u092f\u093e"
    " \u0915\u094d\u0937\u093f",
    "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35\u0e0a\u0e32\u0e27\u0e42\u0e25\u0e01",
    "Ti\u1ebfng Vi\u1ec7t \u0111\u1ea7y \u0111\u1ee7 d\u1ea5u",
    "Tie\u0302\u0301ng Vie\u0323\u0302t cafe\u0301 A\u030a",
    "\U0001f600\U0001f680 \U0001f468\u200d\U0001f469\u200d\U0001f467"
    " \U0001f1e9\U0001f1ea \u2764\ufe0f \U0001f44d\U0001f3fd",
    "\u2014 \u2013 \u2026 \u201cquoted\u201d \u2018single\u2019 \u00abguillemets\u00bb",
    "\u00a0\u2003\u3000\u2028\u2029\u0085 spaces",
    "a\u00a0b\u2009c \u00a0 d",
    "\u200b\u200c\u200d\u2060\ufeff invisible",
    "\x00\x01\x1f\x7f control",
    "\ufffd replacement \ue000 private \U0010ffff last",
    "x\u0301\u0302\u0303\u0304\u0305 marks \u0301alone",
    "\u2200x \u2208 \u211d: \u221ax\u00b2 \u2264 \u222b f(x) dx \u2248 \u03c0",
    "\u250c\u2500\u2510 \u2588\u2593\u2592 \u2190\u2191\u2192\u2193",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "antidisestablishmentarianism pneumonoultramicroscopicsilicovolcanoconiosis",
    "                                                                      70 spaces",
    "\n\n\n\n\n\n\n\n\n\n",
    "\t\t\t\t x",
    "end with space ",
    "end with newline\n",
    "end with two spaces  ",
    "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n",
    "<|endoftext|>",
    "x<|im_end|>y <|im_end|> <|im_sta rt|> <|im_start",
    "<repo_name>a/b<file_sep>c.py\n<jupyter_code>1+1",
    "1<|im_end|>2",
    "\u00a7 5 Abs. 1 Nr. 3\u2009a",
    "\U00010400\U00010428 \U00012000 \U0001e900",
    "mixed\u4e2d\u6587and\u82f1\u6587text123\u6570\u5b57",
]

COMPONENT_TEXTS = [
    "",
    " ",
    "hello world, the cat",
    " I'll see 123 cats\n\n  and 4567 dogs!? ",
    "WE'RE \u017f'\u017f caf\u00e9 cafe\u0301 \u1e69\u0323\u0307",
    "<s>x</s> the</s>  the  <t> a<t>b",
    "\u4f60\u597d \u0661\u0662\u0663\u00bd \u2167 HTTPServer",
    "a|b||c |-- d\r\n\te",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
]

CORPUS = [
    "the cat and the hat, hello world",
    "I'll see the 123 cats and 45 dogs",
    "aaaa aa aaaaaaaa caf\u00e9 the   end",
]

LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
QWEN2 = LLAMA3.replace("{1,3}", "")
CASED = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
UPPER = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
SUFFIX = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
TAIL = r"| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
O200K = f"{CASED}{SUFFIX}|{UPPER}{SUFFIX}|" + r"\p{N}{1,3}" + TAIL
TEKKEN = f"{CASED}|{UPPER}|" + r"\p{N}" + TAIL

Json = dict[str, Any]


def byte_level(add_prefix_space: bool = False, use_regex: bool = True) -> Json:
    return {
        "type": "ByteLevel",
        "add_prefix_space": add_prefix_space,
        "trim_offsets": True,
        "use_regex": use_regex,
    }


def sequence(*steps: Json) -> Json:
    return {"type": "Sequence", "pretokenizers": list(steps)}


def split(
    pattern: str, behavior: str = "Isolated", invert: bool = False, kind: str = "Regex"
) -> Json:
    return {"type": "Split", "pattern": {kind: pattern}, "behavior": behavior, "invert": invert}


def digits(individual: bool) -> Json:
    return {"type": "Digits", "individual_digits": individual}


def added(token_id: int, content: str, **flags: bool) -> Json:
    base = {
        "single_word": False,
        "lstrip": False,
        "rstrip": False,
        "normalized": False,
        "special": False,
    }
    return {"id": token_id, "content": content, **base, **flags}


def template(size: int) -> Json:
    """<s> $A </s>"""
    sequence_a = {"Sequence": {"id": "A", "type_id": 0}}
    bos, eos = ({"SpecialToken": {"id": name, "type_id": 0}} for name in ("<s>", "</s>"))
    tokens = {
        name: {"id": name, "ids": [size + i], "tokens": [name]}
        for i, name in enumerate(("<s>", "</s>"))
    }
    return {
        "type": "TemplateProcessing",
        "single": [bos, sequence_a, eos],
        "pair": [bos, sequence_a, {"Sequence": {"id": "B", "type_id": 1}}],
        "special_tokens": tokens,
    }


def variants(size: int) -> dict[str, Json]:
    """What differs from plain byte-level BPE; `size` is that of the model's vocabulary."""
    no_regex = byte_level(use_regex=False)
    special = [added(size, "<s>", special=True), added(size + 1, "</s>", special=True)]
    out: dict[str, Json] = {
        "byte_level": {},
        "prefix_space": {"pre_tokenizer": byte_level(add_prefix_space=True)},
        "no_regex": {"pre_tokenizer": no_regex},
        "smollm": {"pre_tokenizer": sequence(digits(True), byte_level())},
        "digit_runs": {"pre_tokenizer": sequence(digits(False), no_regex)},
        "llama3": {"pre_tokenizer": sequence(split(LLAMA3), no_regex), "ignore_merges": True},
        "qwen2": {"pre_tokenizer": sequence(split(QWEN2), no_regex), "normalizer": {"type": "NFC"}},
        "o200k": {"pre_tokenizer": sequence(split(O200K), no_regex)},
        "o200k_inverted": {"pre_tokenizer": sequence(split(O200K, "Removed", True), no_regex)},
        "tekken": {"pre_tokenizer": sequence(split(TEKKEN), no_regex)},
        "falcon": {
            "pre_tokenizer": sequence(
                {"type": "Punctuation", "behavior": "Contiguous"},
                byte_level(),
                digits(False),
                split("[0-9][0-9][0-9]"),
            )
        },
        "pcre_words": {"pre_tokenizer": sequence(split(r"[\w\-]+|\b"), no_regex)},
        "pcre_lookaround": {
            "pre_tokenizer": sequence(split(r"(?<=a)b|\d{1,3}(?=(?:\d{3})*\b)"), no_regex)
        },
        "pcre_classes": {
            "pre_tokenizer": sequence(split(r"[^\P{L}a-f]+|\p{^Ll}|[a-f[0-9]]{,2}$"), no_regex)
        },
        "removed_spaces": {
            "pre_tokenizer": sequence(split(" ", "Removed", kind="String"), byte_level())
        },
        "nfc_sequence": {"normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"}]}},
        "template": {"added_tokens": special, "post_processor": template(size)},
        "template_sequence": {
            "added_tokens": special,
            "post_processor": {"type": "Sequence", "processors": [byte_level(), template(size)]},
            "decoder": {"type": "Sequence", "decoders": [byte_level(), {"type": "Fuse"}]},
        },
        "added_strip": {
            "added_tokens": [
                added(size, "</s>", special=True, lstrip=True),
                added(size + 1, "<t>", rstrip=True, single_word=True),
                added(size + 2, "cafe\u0301", normalized=True),
            ],
            "normalizer": {"type": "NFC"},
        },
    }
    for behavior in ("MergedWithPrevious", "MergedWithNext", "Contiguous", "Isolated"):
        out[f"bars_{behavior}"] = {
            "pre_tokenizer": sequence(split("|", behavior, kind="String"), no_regex)
        }
    return out


def train() -> Json:
    """The "model" member of a small byte-level BPE."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=310, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(CORPUS, trainer)
    return json.loads(tokenizer.to_str())["model"]


def document(model: Json, variant: Json) -> str:
    """A whole tokenizer.json."""
    members = dict(variant)
    model = {**model, "ignore_merges": members.pop("ignore_merges", False)}
    base = {
        "version": "1.0",
        "added_tokens": [],
        "normalizer": None,
        "pre_tokenizer": byte_level(),
        "post_processor": None,
        "decoder": byte_level(),
        "model": model,
    }
    return json.dumps({**base, **members})


def components() -> Json:
    model = train()
    out = []
    for name, variant in variants(len(model["vocab"])).items():
        tokenizer = Tokenizer.from_str(document(model, variant))
        ids = [tokenizer.encode(text).ids for text in COMPONENT_TEXTS]
        tokenizer.encode_special_tokens = True
        plain = [tokenizer.encode(text, add_special_tokens=False).ids for text in COMPONENT_TEXTS]
        out.append({"name": name, "members": variant, "ids": ids, "ids_without_special": plain})
    return {"model": model, "texts": COMPONENT_TEXTS, "variants": out}


def smollm2(path: Path) -> Json:
    fields = GGUFReader(path).fields
    tokens = fields["tokenizer.ggml.tokens"].contents()
    types = fields["tokenizer.ggml.token_type"].contents()
    merges = [tuple(merge.split(" ")) for merge in fields["tokenizer.ggml.merges"].contents()]
    tokenizer = Tokenizer(
        models.BPE(vocab={token: i for i, token in enumerate(tokens)}, merges=merges)
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    control = [token for token, kind in zip(tokens, types, strict=True) if kind == 3]
    tokenizer.add_special_tokens(
        [AddedToken(token, normalized=False, special=True) for token in control]
    )
    return {
        "model": path.name,
        "cases": [{"text": text, "ids": tokenizer.encode(text).ids} for text in TEXTS],
    }


def write(path: Path, content: Json) -> None:
    """One line per element of the top-level lists."""
    made = {"made_by": "tools/make_tokenizer_golden.py", "tokenizers": tokenizers.__version__}
    lines = []
    for key, value in {**made, **content}.items():
        if isinstance(value, list):
            rows = ",\n".join(json.dumps(row) for row in value)
            lines.append(f"{json.dumps(key)}: [\n{rows}\n]")
        else:
            lines.append(f"{json.dumps(key)}: {json.dumps(value)}")
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def main() -> None:
    gguf_path, folder = Path(sys.argv[1]), Path(sys.argv[2])
    write(folder / "components.json", components())
    write(folder / "smollm2.json", smollm2(gguf_path))


if __name__ == "__main__":
    main()
