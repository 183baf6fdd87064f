// SPDX-License-Identifier: Apache-2.0
#include "pio/formats/safetensors_writer.h"

#include <algorithm>
#include <unordered_set>

#include "pio/base/error.h"
#include "pio/base/json.h"
#include "pio/base/utf8.h"
#include "pio/formats/safetensors_dtype.h"
#include "pio/formats/weight_source.h"

namespace pio::formats {
namespace {

constexpr size_t kDataAlignment = 8;

// Bytes of the tensor.
uint64_t checked_size(const NewTensorInfo& tensor) {
  const std::string shown = concat("[write_safetensors] tensor \"", escaped(tensor.name), "\": ");
  PIO_CHECK(utf8::is_valid(tensor.name), shown, "its name is not UTF-8");
  const SafetensorsDtype* dtype = find_safetensors_dtype(tensor.dtype);
  PIO_CHECK(dtype != nullptr, shown, "unknown dtype \"", escaped(tensor.dtype), "\", known are ",
            safetensors_dtype_names());
  PIO_CHECK(std::all_of(tensor.shape.begin(), tensor.shape.end(), [](int64_t d) { return d >= 0; }),
            shown, "negative dimension in ", shape_text(tensor.shape));
  const SafetensorsSize size = safetensors_size(*dtype, tensor.shape);
  PIO_CHECK(size.problem.empty(), shown, size.problem);
  return size.bytes;
}

// The header, and how many bytes follow it.
std::string header_text(const std::vector<NewTensorInfo>& tensors,
                        const SafetensorsMetadata& metadata, uint64_t& data_size) {
  json::Object header;
  if (!metadata.empty()) {
    json::Object pairs;
    for (const auto& [key, value] : metadata) {
      pairs.emplace_back(key, value);
    }
    header.emplace_back("__metadata__", std::move(pairs));
  }
  std::unordered_set<std::string_view> names{"__metadata__"};
  uint64_t offset = 0;
  for (const NewTensorInfo& tensor : tensors) {
    const uint64_t end = offset + checked_size(tensor);
    PIO_CHECK(names.insert(tensor.name).second, "[write_safetensors] tensor \"",
              escaped(tensor.name), "\": the name is taken");
    json::Object entry;
    entry.emplace_back("dtype", tensor.dtype);
    entry.emplace_back("shape", json::Array(tensor.shape.begin(), tensor.shape.end()));
    entry.emplace_back("data_offsets", json::Array{offset, end});
    header.emplace_back(tensor.name, std::move(entry));
    offset = end;
  }
  data_size = offset;
  std::string text = json::Value(std::move(header)).dump();
  text.resize((text.size() + kDataAlignment - 1) / kDataAlignment * kDataAlignment, ' ');
  return text;
}

}  // namespace

SafetensorsWriter::SafetensorsWriter(const std::filesystem::path& path,
                                     const std::vector<NewTensorInfo>& tensors,
                                     const SafetensorsMetadata& metadata)
    : file_(path) {
  const std::string text = header_text(tensors, metadata, left_);
  const uint64_t size = text.size();
  file_.write(std::as_bytes(std::span(&size, 1)));
  file_.write(std::as_bytes(std::span(text)));
}

void SafetensorsWriter::append(std::span<const std::byte> bytes) {
  PIO_CHECK(bytes.size() <= left_, "[write_safetensors] got ", bytes.size(), " bytes, ", left_,
            " are left");
  file_.write(bytes);
  left_ -= bytes.size();
}

void SafetensorsWriter::commit() {
  if (left_ != 0) {
    fail(ErrorCode::kInternal, concat("[write_safetensors] ", left_, " bytes are missing"));
  }
  file_.commit();
}

void write_safetensors(const std::filesystem::path& path, const std::vector<NewTensor>& tensors,
                       const SafetensorsMetadata& metadata) {
  std::vector<NewTensorInfo> infos;
  for (const NewTensor& tensor : tensors) {
    infos.push_back({tensor.name, tensor.dtype, tensor.shape});
    const uint64_t size = checked_size(infos.back());
    PIO_CHECK(size == tensor.bytes.size(), "[write_safetensors] tensor \"", escaped(tensor.name),
              "\": got ", tensor.bytes.size(), " bytes, ", tensor.dtype, " ",
              shape_text(tensor.shape), " takes ", size);
  }
  SafetensorsWriter writer(path, infos, metadata);
  for (const NewTensor& tensor : tensors) {
    writer.append(tensor.bytes);
  }
  writer.commit();
}

}  // namespace pio::formats
