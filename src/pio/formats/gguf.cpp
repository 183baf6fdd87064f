// SPDX-License-Identifier: Apache-2.0
#include "pio/formats/gguf.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <tuple>
#include <utility>

#include "pio/base/checked.h"
#include "pio/base/error.h"
#include "pio/base/log.h"
#include "pio/formats/gguf_types.h"

namespace pio::formats {
namespace {

constexpr uint64_t kMaxKeys = 65536;
constexpr uint64_t kMaxTensors = 1048576;
constexpr uint64_t kMaxNameBytes = 255;
constexpr uint32_t kMaxDims = 4;
constexpr uint64_t kMaxAlignment = uint64_t{1} << 20;
// The least a record takes: key length, one byte of key, type, one byte of value.
constexpr uint64_t kLeastKeyBytes = 8 + 1 + 4 + 1;
// The least a record takes: name length, one byte of name, n_dims, one dim, type, offset.
constexpr uint64_t kLeastTensorBytes = 8 + 1 + 4 + 8 + 4 + 8;

/// A tensor record, checked for itself but not yet placed.
struct Record {
  std::string name;
  const GgufTensorType* type;
  std::vector<int64_t> shape;
  uint64_t offset;  ///< from the start of the tensor data
  uint64_t size_bytes;
  uint64_t at;  ///< where the record lies in the file
};

[[noreturn]] void reject(const ByteReader& reader, std::string_view tensor,
                         const std::string& what) {
  reader.reject(concat("tensor \"", escaped(tensor), "\": ", what));
}

uint32_t read_version(ByteReader& reader) {
  const auto magic = reader.take(4, "magic");
  if (!std::equal(magic.begin(), magic.end(), reinterpret_cast<const std::byte*>("GGUF"))) {
    reader.reject("not a GGUF file: it does not begin with \"GGUF\"");
  }
  const auto version = reader.read<uint32_t>("version");
  if ((version & 0xffff) == 0 && version != 0) {
    reader.reject("big-endian file, expected little-endian");
  }
  if (version != 2 && version != 3) {
    reader.reject(concat("GGUF version ", version, ", expected 2 or 3"));
  }
  return version;
}

uint64_t checked_count(const ByteReader& reader, uint64_t count, uint64_t limit,
                       uint64_t least_bytes, std::string_view what) {
  if (count > limit) {
    reader.reject(concat(count, " ", what, ", the limit is ", limit));
  }
  if (count > reader.remaining() / least_bytes) {
    reader.reject(concat("truncated: ", count, " ", what, " cannot lie in the ", reader.remaining(),
                         " bytes that are left"));
  }
  return count;
}

std::string read_name(ByteReader& reader) {
  const auto size = reader.read<uint64_t>("tensor name length");
  if (size == 0 || size > kMaxNameBytes) {
    reader.reject(concat("tensor name of ", size, " bytes, expected 1 to ", kMaxNameBytes));
  }
  const auto bytes = reader.take(size, "tensor name");
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Outermost first; also gives the number of weights.
std::pair<std::vector<int64_t>, uint64_t> read_shape(ByteReader& reader, std::string_view tensor) {
  const auto n_dims = reader.read<uint32_t>("number of dimensions");
  if (n_dims == 0 || n_dims > kMaxDims) {
    reject(reader, tensor, concat(n_dims, " dimensions, expected 1 to ", kMaxDims));
  }
  constexpr auto kMax = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  std::vector<int64_t> shape(n_dims);
  uint64_t weights = 1;
  for (uint32_t i = 0; i < n_dims; ++i) {
    const auto dim = reader.read<uint64_t>("dimension");
    if (dim == 0 || dim > kMax) {
      reject(reader, tensor, concat("dimension ", i, " is ", dim, ", expected 1 to 2^63-1"));
    }
    const auto product = checked_mul(weights, dim);
    if (!product || *product > kMax) {
      reject(reader, tensor, "overflow: the product of the dimensions exceeds 2^63-1");
    }
    weights = *product;
    shape[n_dims - 1 - i] = static_cast<int64_t>(dim);
  }
  return {std::move(shape), weights};
}

Record read_record(ByteReader& reader) {
  const uint64_t at = reader.offset();
  Record out{read_name(reader), nullptr, {}, 0, 0, at};
  uint64_t weights = 0;
  std::tie(out.shape, weights) = read_shape(reader, out.name);
  const auto type_id = reader.read<uint32_t>("tensor type");
  out.type = find_gguf_tensor_type(type_id);
  if (out.type == nullptr) {
    reject(reader, out.name, concat("unknown type ", type_id));
  }
  if (out.type->block_bytes == 0) {
    reject(reader, out.name, concat("removed type ", out.type->name, " (", type_id, ")"));
  }
  const auto row = static_cast<uint64_t>(out.shape.back());
  if (row % out.type->block_weights != 0) {
    reject(reader, out.name,
           concat("row of ", row, " weights, not a multiple of ", out.type->block_weights, " as ",
                  out.type->name, " needs"));
  }
  const auto size = checked_mul(weights / out.type->block_weights, out.type->block_bytes);
  if (!size) {
    reject(reader, out.name, "overflow: its size in bytes exceeds 2^64-1");
  }
  out.size_bytes = *size;
  out.offset = reader.read<uint64_t>("tensor offset");
  return out;
}

}  // namespace

GgufFile::GgufFile(const std::filesystem::path& path) : path_(path.string()), file_(path) {
  parse(file_->bytes());
}

GgufFile::GgufFile(std::span<const std::byte> bytes, std::string name) : path_(std::move(name)) {
  parse(bytes);
}

void GgufFile::parse(std::span<const std::byte> bytes) {
  ByteReader reader(bytes, path_);
  version_ = read_version(reader);
  const auto n_tensors = reader.read<uint64_t>("number of tensors");
  const auto n_keys = reader.read<uint64_t>("number of keys");
  static_cast<void>(checked_count(reader, n_tensors, kMaxTensors, kLeastTensorBytes, "tensors"));
  read_entries(reader, checked_count(reader, n_keys, kMaxKeys, kLeastKeyBytes, "keys"), path_);
  read_alignment();
  read_tensors(reader, checked_count(reader, n_tensors, kMaxTensors, kLeastTensorBytes, "tensors"),
               bytes);
}

void GgufFile::read_alignment() {
  constexpr std::string_view kKey = "general.alignment";
  const GgufValue* value = get(kKey);
  if (value == nullptr) {
    return;
  }
  if (value->type != GgufType::kU32) {
    fail_at(
        path_, value->offset,
        concat("wrong type: key \"", kKey, "\" has type ", value->type_name(), ", expected u32"));
  }
  alignment_ = std::get<uint64_t>(value->data);
  if (!std::has_single_bit(alignment_) || alignment_ < 8 || alignment_ > kMaxAlignment) {
    fail_at(path_, value->offset,
            concat("key \"", kKey, "\" is ", alignment_, ", expected a power of two from 8 to ",
                   kMaxAlignment));
  }
}

void GgufFile::read_tensors(ByteReader& reader, uint64_t count, std::span<const std::byte> bytes) {
  const auto padded = [this](uint64_t size) { return (size + alignment_ - 1) & ~(alignment_ - 1); };
  std::vector<Record> records;
  records.reserve(std::min<uint64_t>(count, 4096));
  uint64_t expected =
      0;  // the running sum of padded sizes; stays near the file's size, so never wraps
  for (uint64_t i = 0; i < count; ++i) {
    records.push_back(read_record(reader));
    const Record& record = records.back();
    if (record.offset != expected) {
      reject(reader, record.name,
             concat("offset ", record.offset, ", expected ", expected,
                    ", the padded end of the tensor before"));
    }
    if (record.size_bytes > bytes.size() - std::min<uint64_t>(expected, bytes.size())) {
      reject(reader, record.name,
             concat("needs ", record.size_bytes, " bytes behind data offset ", expected,
                    ", the whole file has ", bytes.size()));
    }
    expected = padded(expected + record.size_bytes);
  }
  const uint64_t start = padded(reader.offset());
  for (Record& record : records) {
    const uint64_t begin = start + record.offset;
    if (begin + record.size_bytes > bytes.size()) {
      fail_at(path_, record.at,
              concat("tensor \"", escaped(record.name), "\": its data end at byte ",
                     begin + record.size_bytes, ", the file has ", bytes.size()));
    }
    const auto data = bytes.subspan(begin, record.size_bytes);
    if (const auto type = quant::from_gguf_id(record.type->id)) {
      table_.add(TensorInfo{std::move(record.name), *type, std::move(record.shape), data});
    } else {
      table_.add(OtherTensor{std::move(record.name), std::string(record.type->name),
                             std::move(record.shape), data});
    }
  }
  if (const auto twice = table_.build_index()) {
    reader.reject(concat("duplicate tensor name \"", escaped(*twice), "\""));
  }
  if (bytes.size() > start + expected) {
    log::write(
        log::Level::kWarning,
        concat(escaped(path_, 4096), ": ", bytes.size() - start - expected,
               " bytes of unknown content behind the last tensor, from byte ", start + expected));
  }
}

}  // namespace pio::formats
