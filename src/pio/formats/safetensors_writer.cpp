// SPDX-License-Identifier: Apache-2.0
#include "pio/formats/safetensors_writer.h"

#include <algorithm>
#include <unordered_set>

#include "pio/base/error.h"
#include "pio/base/json.h"
#include "pio/base/utf8.h"
#include "pio/formats/atomic_file.h"
#include "pio/formats/safetensors_dtype.h"
#include "pio/formats/weight_source.h"

namespace pio::formats {
namespace {

constexpr size_t kDataAlignment = 8;

void check(const NewTensor& tensor) {
  const std::string shown = concat("[write_safetensors] tensor \"", escaped(tensor.name), "\": ");
  PIO_CHECK(utf8::is_valid(tensor.name), shown, "its name is not UTF-8");
  const SafetensorsDtype* dtype = find_safetensors_dtype(tensor.dtype);
  PIO_CHECK(dtype != nullptr, shown, "unknown dtype \"", escaped(tensor.dtype), "\", known are ",
            safetensors_dtype_names());
  PIO_CHECK(std::all_of(tensor.shape.begin(), tensor.shape.end(), [](int64_t d) { return d >= 0; }),
            shown, "negative dimension in ", shape_text(tensor.shape));
  const SafetensorsSize size = safetensors_size(*dtype, tensor.shape);
  PIO_CHECK(size.problem.empty(), shown, size.problem);
  PIO_CHECK(size.bytes == tensor.bytes.size(), shown, "got ", tensor.bytes.size(), " bytes, ",
            tensor.dtype, " ", shape_text(tensor.shape), " takes ", size.bytes);
}

std::string header_text(const std::vector<NewTensor>& tensors,
                        const std::vector<std::pair<std::string, std::string>>& metadata) {
  json::Object header;
  if (!metadata.empty()) {
    json::Object pairs;
    for (const auto& [key, value] : metadata) {
      pairs.emplace_back(key, value);
    }
    header.emplace_back("__metadata__", std::move(pairs));
  }
  std::unordered_set<std::string_view> names{"__metadata__"};
  int64_t offset = 0;
  for (const NewTensor& tensor : tensors) {
    check(tensor);
    PIO_CHECK(names.insert(tensor.name).second, "[write_safetensors] tensor \"",
              escaped(tensor.name), "\": the name is taken");
    const int64_t end = offset + static_cast<int64_t>(tensor.bytes.size());
    json::Object entry;
    entry.emplace_back("dtype", tensor.dtype);
    entry.emplace_back("shape", json::Array(tensor.shape.begin(), tensor.shape.end()));
    entry.emplace_back("data_offsets", json::Array{offset, end});
    header.emplace_back(tensor.name, std::move(entry));
    offset = end;
  }
  std::string text = json::Value(std::move(header)).dump();
  text.resize((text.size() + kDataAlignment - 1) / kDataAlignment * kDataAlignment, ' ');
  return text;
}

}  // namespace

void write_safetensors(const std::filesystem::path& path, const std::vector<NewTensor>& tensors,
                       const std::vector<std::pair<std::string, std::string>>& metadata) {
  const std::string text = header_text(tensors, metadata);
  const uint64_t size = text.size();
  AtomicFile file(path);
  file.write(std::as_bytes(std::span(&size, 1)));
  file.write(std::as_bytes(std::span(text)));
  for (const NewTensor& tensor : tensors) {
    file.write(tensor.bytes);
  }
  file.commit();
}

}  // namespace pio::formats
