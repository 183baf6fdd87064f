// SPDX-License-Identifier: Apache-2.0
// Text to token ids and back, exactly as Hugging Face `tokenizers` does it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pio/text/vocabulary.h"

namespace pio::text {

/// What a tokenizer is built from, whatever the file format: a GGUF's metadata fills it.
struct VocabSpec {
  std::string source;                    ///< file name, for messages
  std::string pre;                       ///< tokenizer.ggml.pre: "smollm", "qwen2", "llama-bpe" ...
  std::vector<std::string_view> tokens;  ///< index = id; used only during the call
  std::vector<int64_t> token_types;      ///< GGUF's token type numbers, or empty
  std::vector<std::string_view> merges;  ///< "a b", lowest rank first
  std::optional<int64_t> bos;
  std::optional<int64_t> eos;
  std::optional<int64_t> unk;
  std::optional<int64_t> pad;
  std::optional<int64_t> eot;
  std::optional<bool> add_bos;  ///< absent: as `pre` has it
  std::optional<bool> add_eos;
};

/// Ids of the tokens that have a role, where the files name them.
struct SpecialIds {
  std::optional<int32_t> bos;
  std::optional<int32_t> eos;
  std::optional<int32_t> unk;
  std::optional<int32_t> pad;
  std::optional<int32_t> eot;  ///< end of turn
};

/// Immutable, so that threads may share it.
class Tokenizer {
 public:
  /// Byte-level BPE from GGUF metadata (tokenizer.ggml.model "gpt2").
  /// Errors: kBadFile (ids, sizes, merges that name no token), kUnsupported (an unknown `pre`).
  [[nodiscard]] static std::shared_ptr<const Tokenizer> from_vocab(const VocabSpec& spec);

  /// From the text of a tokenizer.json and, where there is one, of the tokenizer_config.json beside
  /// it, which names the special tokens. Truncation and padding settings are the caller's business
  /// and ignored. Errors: kBadFile, kUnsupported naming the component.
  [[nodiscard]] static std::shared_ptr<const Tokenizer> from_json(
      std::string_view text, std::string_view source, std::string_view config_text = {},
      std::string_view config_source = {});

  struct EncodeOptions {
    bool add_special = true;    ///< BOS, EOS and the like, as the tokenizer's files say
    bool parse_special = true;  ///< special tokens written in the text are tokens, not text
  };
  /// Token ids of `utf8`; invalid UTF-8 counts as U+FFFD.
  /// Errors: kInvalidArgument above 1 GiB, where the text passes 4 GiB in NFC or the byte alphabet,
  /// or when a split pattern of the file takes too long.
  [[nodiscard]] std::vector<int32_t> encode(std::string_view utf8, EncodeOptions options) const;
  [[nodiscard]] std::vector<int32_t> encode(std::string_view utf8) const {
    return encode(utf8, EncodeOptions());
  }

  /// The text of `ids`; invalid UTF-8 becomes U+FFFD. Ids without a token give nothing.
  [[nodiscard]] std::string decode(std::span<const int32_t> ids, bool skip_special = false) const;

  /// What one token stands for, which may be part of a UTF-8 character; control tokens give their
  /// text, ids without a token nothing. Valid as long as the tokenizer.
  [[nodiscard]] std::string_view token_bytes(int32_t id) const noexcept;
  /// Whether decode() leaves the token out under skip_special.
  [[nodiscard]] bool is_special(int32_t id) const noexcept;
  [[nodiscard]] TokenKind kind(int32_t id) const noexcept;
  /// The id of a token as files spell it ("<|im_end|>", "Ġthe").
  [[nodiscard]] std::optional<int32_t> id_of(std::string_view token) const noexcept;
  /// Largest id + 1, added tokens included.
  [[nodiscard]] int64_t size() const noexcept;

  [[nodiscard]] const SpecialIds& special_ids() const noexcept;
  [[nodiscard]] std::optional<int32_t> bos_id() const noexcept { return special_ids().bos; }
  [[nodiscard]] std::optional<int32_t> eos_id() const noexcept { return special_ids().eos; }
  [[nodiscard]] std::optional<int32_t> unk_id() const noexcept { return special_ids().unk; }
  [[nodiscard]] std::optional<int32_t> pad_id() const noexcept { return special_ids().pad; }
  [[nodiscard]] std::optional<int32_t> eot_id() const noexcept { return special_ids().eot; }

  /// The stages of a tokenizer (tokenizer_parts.h); the loaders fill them.
  struct Parts;
  explicit Tokenizer(std::unique_ptr<const Parts> parts);
  ~Tokenizer();
  Tokenizer(const Tokenizer&) = delete;
  Tokenizer& operator=(const Tokenizer&) = delete;

 private:
  std::unique_ptr<const Parts> parts_;
};

}  // namespace pio::text
