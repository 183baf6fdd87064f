// SPDX-License-Identifier: Apache-2.0
// Tokenizer.
#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "bindings.h"
#include "pio/base/error.h"
#include "pio/plugin/text_loader.h"

namespace pio::bindings {

void bind_text(nb::module_& m) {
  using text::Tokenizer;
  nb::class_<Tokenizer>(m, "Tokenizer", "Text to token ids and back, exactly as Hugging Face tokenizers does it.")
      .def_static(
          "from_checkpoint",
          [](const std::filesystem::path& path) {
            auto out = plugin::load_tokenizer(formats::open_checkpoint(path));
            if (out == nullptr) {
              fail(ErrorCode::kUnsupported, concat(escaped(path.string()), " has no tokenizer"));
            }
            return out;
          },
          nb::arg("path"), "The tokenizer of a checkpoint, a folder or a .gguf file.")
      .def("encode",
           [](const Tokenizer& self, const std::string& text, bool add_special, bool parse_special) {
             return self.encode(text, {.add_special = add_special, .parse_special = parse_special});
           },
           nb::arg("text"), nb::arg("add_special") = true, nb::arg("parse_special") = true,
           "Token ids; add_special: BOS and EOS as the files say; parse_special: special tokens written in the text.")
      .def("decode",
           [](const Tokenizer& self, const std::vector<int32_t>& ids, bool skip_special) {
             return self.decode(ids, skip_special);
           },
           nb::arg("ids"), nb::arg("skip_special") = false,
           "The text of ids; skip_special leaves special tokens out.")
      .def("id_of", [](const Tokenizer& self, const std::string& token) { return self.id_of(token); }, nb::arg("token"),
           "The id of a token as files spell it, or None.")
      .def("__len__", &Tokenizer::size, "Largest id + 1, added tokens included.")
      .def_prop_ro("bos_id", &Tokenizer::bos_id, "Where the files name it, else None.")
      .def_prop_ro("eos_id", &Tokenizer::eos_id, "Where the files name it, else None.")
      .def_prop_ro("pad_id", &Tokenizer::pad_id, "Where the files name it, else None.");
}

}  // namespace pio::bindings
