// SPDX-License-Identifier: Apache-2.0
#include "pio/base/shape.h"

#include <gtest/gtest.h>

#include <limits>

#include "pio/base/error.h"

namespace pio {
namespace {

TEST(Dim, NamedDimsKeepTheirNameThroughConstants) {
  const Dim rows(DimName::kRows, 512);
  EXPECT_EQ((rows * 4).to_string(), "4*rows<=2048");
  EXPECT_EQ(floor_div(rows * 4, 4), rows);
  EXPECT_EQ(floor_div(rows * 12, 6), rows * 2);
  EXPECT_THROW(static_cast<void>(rows.to_int()), Error);
  EXPECT_THROW(static_cast<void>(rows * rows), Error);
}

TEST(Dim, EqualFractionsAreEqual) {
  const Dim patches(DimName::kPatches, 64);
  EXPECT_EQ(floor_div(patches * 6, 4), floor_div(patches * 3, 2));
  EXPECT_EQ(floor_div(floor_div(patches, 2), 2), floor_div(patches, 4));
  EXPECT_EQ(floor_div(patches, 4) * 4, patches);
}

// A part of a dim that holds little must still hold all that its multiple can be.
TEST(Dim, CapacityOfAPartIsRoundedUp) {
  const Dim patches(DimName::kPatches, 6);
  EXPECT_EQ(floor_div(patches, 4).capacity(), 2);
  EXPECT_EQ((floor_div(patches, 4) * 4).capacity(), 6);
}

TEST(Dim, RowsAreNotDivided) {
  const Dim rows(DimName::kRows, 8);
  try {
    static_cast<void>(floor_div(rows, 2));
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "[trace] dim rows<=8 // 2: a step may have any number of rows, also one that 2 does not divide");
  }
}

TEST(Dim, ANamedDimIsNotComparedWithANumber) {
  const Dim rows(DimName::kRows, 8);
  EXPECT_THROW(static_cast<void>(rows == 8), Error);
  EXPECT_THROW(static_cast<void>(rows != int64_t{8}), Error);
  EXPECT_TRUE(Dim(8) == 8);
  EXPECT_FALSE(rows == Dim(8));
}

TEST(Shape, Text) { EXPECT_EQ(Shape({1, Dim(DimName::kRows, 512), 576}).to_string(), "[1, rows<=512, 576]"); }

TEST(Shape, AxesAndSizesAreChecked) {
  const Shape shape({2, 3});
  EXPECT_EQ(shape.with(-1, 5), Shape({2, 5}));
  EXPECT_THROW(static_cast<void>(shape.with(2, 5)), Error);
  EXPECT_THROW(static_cast<void>(shape[-3]), Error);
  constexpr int64_t kHuge = std::numeric_limits<int64_t>::max() / 2;
  EXPECT_THROW(static_cast<void>(Shape({kHuge, 3}).elements()), Error);
  EXPECT_THROW(static_cast<void>(Dim(kHuge) * 3), Error);
}

}  // namespace
}  // namespace pio
