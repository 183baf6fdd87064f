// SPDX-License-Identifier: Apache-2.0
#include "pio/formats/safetensors.h"

#include <algorithm>
#include <tuple>

#include "pio/base/error.h"
#include "pio/formats/byte_reader.h"
#include "pio/formats/safetensors_header.h"

namespace pio::formats {
namespace {

constexpr uint64_t kMaxHeaderBytes = 100'000'000;

std::string_view read_header_text(ByteReader& reader) {
  if (reader.remaining() < sizeof(uint64_t)) {
    reader.reject(concat("header too small: the file has ", reader.remaining(), " bytes"));
  }
  const auto size = reader.read<uint64_t>("header length");
  if (size == 0) {
    reader.reject("header too small: its length is 0");
  }
  if (size > kMaxHeaderBytes) {
    reader.reject(concat("header too large: ", size, " bytes, the limit is ", kMaxHeaderBytes));
  }
  const auto bytes = reader.take(size, "header");
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

SafetensorsFile::SafetensorsFile(const std::filesystem::path& path)
    : path_(path.string()), file_(path) {
  parse(file_->bytes());
}

SafetensorsFile::SafetensorsFile(std::span<const std::byte> bytes, std::string name)
    : path_(std::move(name)) {
  parse(bytes);
}

void SafetensorsFile::parse(std::span<const std::byte> bytes) {
  ByteReader reader(bytes, path_);
  const std::string_view text = read_header_text(reader);
  SafetensorsHeader header = parse_safetensors_header(text, sizeof(uint64_t), path_);
  metadata_ = std::move(header.metadata);
  std::stable_sort(header.entries.begin(), header.entries.end(), [](const auto& a, const auto& b) {
    return std::tie(a.begin, a.end) < std::tie(b.begin, b.end);
  });
  const auto data = bytes.subspan(reader.offset());
  uint64_t expected = 0;
  for (SafetensorsEntry& entry : header.entries) {
    const auto reject = [&](const std::string& what) {
      fail_at(path_, entry.at, concat("tensor \"", escaped(entry.name), "\": ", what));
    };
    if (entry.begin != expected) {
      reject(concat("its data begin at offset ", entry.begin, ", expected ", expected, ": ",
                    entry.begin < expected ? "overlap" : "hole"));
    }
    if (entry.end > data.size()) {
      reject(concat("its data end at offset ", entry.end, ", the file has ", data.size(),
                    " bytes of data"));
    }
    expected = entry.end;
    const auto view = data.subspan(entry.begin, entry.end - entry.begin);
    if (entry.dtype->weight) {
      table_.add(
          TensorInfo{std::move(entry.name), *entry.dtype->weight, std::move(entry.shape), view});
    } else {
      table_.add(OtherTensor{std::move(entry.name), std::string(entry.dtype->name),
                             std::move(entry.shape), view});
    }
  }
  if (expected != data.size()) {
    fail_at(path_, reader.offset() + expected,
            concat(data.size() - expected, " bytes that belong to no tensor"));
  }
  static_cast<void>(table_.build_index());  // the header parser has refused duplicate keys
}

}  // namespace pio::formats
