// SPDX-License-Identifier: Apache-2.0
#include "pio/base/buffer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "pio/base/error.h"

namespace pio {
namespace {

TEST(Buffer, IsZeroedAndWritable) {
  for (const bool huge : {false, true}) {
    const Buffer buffer((int64_t{3} << 20) + 5, huge);
    EXPECT_EQ(buffer.size_bytes(), (int64_t{3} << 20) + 5);
    EXPECT_TRUE(std::all_of(buffer.data(), buffer.data() + buffer.size_bytes(),
                            [](std::byte b) { return b == std::byte{0}; }));
    buffer.data()[buffer.size_bytes() - 1] = std::byte{1};
    if (huge) {
      EXPECT_EQ(reinterpret_cast<uintptr_t>(buffer.data()) % (2u << 20), 0u);
    }
  }
}

TEST(Buffer, MovesItsMemory) {
  Buffer from(100);
  const std::byte* data = from.data();
  Buffer to(std::move(from));
  EXPECT_EQ(to.data(), data);
  Buffer assigned;
  assigned = std::move(to);
  EXPECT_EQ(assigned.data(), data);
  EXPECT_EQ(assigned.size_bytes(), 100);
}

void expect_error(int64_t size, ErrorCode code) {
  try {
    const Buffer buffer(size);
    FAIL() << size;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code);
    EXPECT_NE(std::string(error.what()).find(std::to_string(size)), std::string::npos)
        << error.what();
  }
}

TEST(Buffer, RefusesSizesThatCannotBe) {
  EXPECT_EQ(Buffer(0).data(), nullptr);
  expect_error(-1, ErrorCode::kInvalidArgument);
  expect_error(int64_t{1} << 60, ErrorCode::kOutOfMemory);
}

}  // namespace
}  // namespace pio
