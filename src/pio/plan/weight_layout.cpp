// SPDX-License-Identifier: Apache-2.0
#include "pio/plan/weight_layout.h"

#include <algorithm>
#include <atomic>
#include <functional>

#include "pio/base/checked.h"
#include "pio/base/error.h"
#include "pio/base/mmap_file.h"
#include "pio/kernels/layouts/packed.h"

namespace pio::plan {
namespace {

using kernels::kStripRows;
using tensor::Slot;

// One row of a source; no slot: a row of zeros that fills up a strip.
struct RowSource {
  const Slot* slot = nullptr;
  int64_t row = 0;
};

// The packed row order: sources one after another, or strip by strip in turn, each padded to whole strips.
std::vector<RowSource> row_order(const PackedWeight& weight) {
  std::vector<RowSource> order;
  if (weight.interleave == 0) {
    for (const auto& slot : weight.sources) {
      for (int64_t row = 0; row < slot->rows(); ++row) {
        order.push_back({slot.get(), row});
      }
    }
  } else {
    const int64_t rows = weight.sources[0]->rows();
    for (int64_t begin = 0; begin < rows; begin += weight.interleave) {
      for (const auto& slot : weight.sources) {
        for (int64_t row = begin; row < begin + weight.interleave; ++row) {
          order.push_back(row < rows ? RowSource{slot.get(), row} : RowSource{});
        }
      }
    }
  }
  order.resize(static_cast<size_t>(align_up(static_cast<int64_t>(order.size()), kStripRows)));
  return order;
}

// Rows of one strip in the packed format, straight from the file or converted through f32.
class StripReader {
 public:
  StripReader(const PackedWeight& weight, const std::map<const Slot*, std::vector<float>>& made)
      : weight_(weight), made_(made), row_bytes_(quant::size_bytes(weight.type, weight.cols)) {
    converted_.resize(static_cast<size_t>(kStripRows * row_bytes_));
    floats_.resize(static_cast<size_t>(weight.cols));
  }

  kernels::StripRows read(std::span<const RowSource> sources) {
    kernels::StripRows rows{};
    for (size_t i = 0; i < sources.size(); ++i) {
      rows[i] = sources[i].slot == nullptr ? nullptr : row(sources[i], i);
    }
    return rows;
  }

 private:
  const std::byte* row(const RowSource& source, size_t index) {
    const Slot& slot = *source.slot;
    const auto made = made_.find(&slot);
    const float* values = nullptr;
    if (made != made_.end()) {
      values = made->second.data() + source.row * weight_.cols;
    } else {
      const int64_t from =
          slot.row_order.empty() ? source.row : slot.row_order[static_cast<size_t>(source.row)];
      const std::byte* data = slot.data.data() + from * quant::size_bytes(slot.type, weight_.cols);
      if (slot.type == weight_.type) {
        return data;
      }
      quant::traits(slot.type).dequantize(data, floats_.data(), weight_.cols);
      values = floats_.data();
    }
    std::byte* out = converted_.data() + static_cast<int64_t>(index) * row_bytes_;
    quant::traits(weight_.type).quantize(values, out, weight_.cols);
    return out;
  }

  const PackedWeight& weight_;
  const std::map<const Slot*, std::vector<float>>& made_;
  int64_t row_bytes_;
  std::vector<std::byte> converted_;
  std::vector<float> floats_;
};

// Whole strips of one weight that one worker packs at a time: a megabyte at most.
struct Job {
  const PackedWeight* weight;
  int64_t first_strip;
  int64_t strips;
};

// Worker by worker, as many for each: parallel_for gives every worker the strips that are its own range in a matmul of
// few rows. Who touches memory first places it: near the worker that will read it (NUMA).
std::vector<Job> pack_jobs(const std::vector<PackedWeight>& weights, int workers) {
  constexpr int64_t kJobBytes = int64_t{1} << 20;
  std::vector<Job> jobs;
  for (int worker = 0; worker < workers; ++worker) {
    for (const PackedWeight& weight : weights) {
      if (!weight.is_matrix) {
        continue;
      }
      const int64_t strips = weight.size_bytes / kernels::strip_bytes(weight.type, weight.cols);
      const int64_t parts = div_up(weight.size_bytes, workers * kJobBytes);
      for (int64_t part = worker * parts; part < (worker + 1) * parts; ++part) {
        const int64_t first = strips * part / (workers * parts);
        jobs.push_back({&weight, first, strips * (part + 1) / (workers * parts) - first});
      }
    }
  }
  return jobs;
}

// A row is often less than a page: what lies between the first and the last of a source goes at once. Rows that
// another worker still wants come back from the page cache.
void drop_pages(std::span<const RowSource> sources, int64_t cols) {
  std::map<const Slot*, std::pair<int64_t, int64_t>> used;
  for (const RowSource& source : sources) {
    if (source.slot != nullptr && source.slot->loaded) {
      const auto& order = source.slot->row_order;
      const int64_t row = order.empty() ? source.row : order[static_cast<size_t>(source.row)];
      auto& [first, last] = used.try_emplace(source.slot, row, row).first->second;
      first = std::min(first, row);
      last = std::max(last, row);
    }
  }
  for (const auto& [slot, rows] : used) {
    const int64_t bytes = quant::size_bytes(slot->type, cols);
    MmapFile::drop(slot->data.subspan(static_cast<size_t>(rows.first * bytes),
                                      static_cast<size_t>((rows.second + 1 - rows.first) * bytes)));
  }
}

void pack_dense(const PackedWeight& weight, kernels::Device& device, std::byte* memory) {
  device.fill(memory + weight.offset, weight.size_bytes, [&](std::byte* host) {
    for (const auto& slot : weight.sources) {
      if (weight.dtype == DType::kI32) {
        host = std::ranges::copy(slot->data, host).out;
      } else {
        const std::vector<float> values = tensor::slot_values(*slot);
        host = std::ranges::copy(std::as_bytes(std::span(values)), host).out;
      }
    }
  });
}

bool is_constant(const Slot& slot) { return slot.name.empty(); }

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool same_source(const std::shared_ptr<Slot>& a, const std::shared_ptr<Slot>& b) {
  return a == b || (is_constant(*a) && is_constant(*b) && as_text(a->data) == as_text(b->data));
}

}  // namespace

const PackedWeight& WeightLayout::find_or_add(const NodePtr& leaf, bool matrix) {
  PackedWeight weight;
  weight.is_matrix = matrix;
  weight.dtype = leaf->dtype();
  const auto add_source = [&](const NodePtr& source) {
    weight.sources.push_back(source->slot());
    weight.name += (weight.name.empty() ? "" : "+") + source->slot()->name;
  };
  if (leaf->is(ops::kStack)) {
    weight.interleave = leaf->attrs().get_int("interleave");
    for (const NodePtr& source : leaf->inputs()) {
      add_source(source);
    }
  } else {
    add_source(leaf);
  }
  // A constant is new in every trace: it is known by its form and its bytes, a parameter by its slot.
  std::string key = concat(matrix ? "m" : "v", weight.interleave, name(weight.dtype), leaf->shape().to_string());
  for (const auto& slot : weight.sources) {
    key += concat(" ", is_constant(*slot) ? std::hash<std::string_view>()(as_text(slot->data))
                                          : reinterpret_cast<uintptr_t>(slot.get()));
  }
  for (;; key += '*') {  // constants of one hash and other bytes
    const auto [found, is_new] = known_.emplace(key, weights_.size());
    if (is_new) {
      break;
    }
    const PackedWeight& known = weights_[found->second];
    if (std::ranges::equal(known.sources, weight.sources, same_source)) {
      return known;
    }
  }
  if (matrix) {
    weight.type = packed_type(leaf);
    weight.rows = leaf->shape()[0].to_int();
    weight.cols = leaf->shape()[1].to_int();
    weight.size_bytes = static_cast<int64_t>(row_order(weight).size()) / kStripRows *
                        kernels::strip_bytes(weight.type, weight.cols);
  } else {
    weight.cols = leaf->shape().elements();
    weight.size_bytes = weight.cols * 4;
  }
  weight.offset = size_;
  size_ = align_up(size_ + weight.size_bytes, 64);
  weights_.push_back(std::move(weight));
  return weights_.back();
}

ops::WeightView WeightLayout::matrix(const NodePtr& leaf) {
  const PackedWeight& weight = find_or_add(leaf, true);
  return {.ref = {.space = ops::Space::kWeights, .id = 0, .offset = weight.offset},
          .type = weight.type,
          .rows = weight.rows,
          .cols = weight.cols};
}

ops::Ref WeightLayout::values(const NodePtr& leaf) {
  return {.space = ops::Space::kWeights, .id = 0, .offset = find_or_add(leaf, false).offset};
}

void WeightLayout::pack(kernels::Device& device, std::byte* memory,
                        const std::function<void(int64_t, int64_t)>& progress) const {
  std::map<const Slot*, std::vector<float>> made;  // parameters that were never loaded
  int64_t total = 0;
  std::map<const PackedWeight*, std::vector<RowSource>> orders;
  for (const PackedWeight& weight : weights_) {
    if (!weight.is_matrix) {
      pack_dense(weight, device, memory);
      continue;
    }
    for (const auto& slot : weight.sources) {
      if (!slot->loaded && !made.contains(slot.get())) {
        made.emplace(slot.get(), tensor::slot_values(*slot));
      }
    }
    orders.emplace(&weight, row_order(weight));
    total += weight.size_bytes;
  }
  const std::vector<Job> jobs = pack_jobs(weights_, device.workers());
  std::atomic<int64_t> done{0};
  device.parallel_for(static_cast<int64_t>(jobs.size()), [&](int64_t i) {
    const Job& job = jobs[static_cast<size_t>(i)];
    const PackedWeight& weight = *job.weight;
    const auto& order = orders.at(job.weight);
    const int64_t strip_size = kernels::strip_bytes(weight.type, weight.cols);
    StripReader reader(weight, made);
    for (int64_t strip = job.first_strip; strip < job.first_strip + job.strips; ++strip) {
      const std::span<const RowSource> sources(order.data() + strip * kStripRows,
                                               static_cast<size_t>(kStripRows));
      device.fill(memory + weight.offset + strip * strip_size, strip_size, [&](std::byte* host) {
        kernels::pack_strip(weight.type, reader.read(sources), weight.cols, host);
      });
    }
    drop_pages(std::span(order).subspan(static_cast<size_t>(job.first_strip * kStripRows),
                                        static_cast<size_t>(job.strips * kStripRows)),
               weight.cols);
    const int64_t finished = done += job.strips * strip_size;
    if (progress) {
      progress(finished, total);
    }
  });
}

}  // namespace pio::plan
