// SPDX-License-Identifier: Apache-2.0
#include "pio/generation/block_manager.h"

#include <gtest/gtest.h>

namespace pio::generation {
namespace {

TEST(BlockManager, LowestPagesFirstUntilNoneIsLeft) {
  BlockManager blocks(3);
  EXPECT_EQ(blocks.pages(), 3);
  for (int32_t page = 0; page < 3; ++page) {
    EXPECT_EQ(blocks.allocate(), page);
  }
  EXPECT_EQ(blocks.allocate(), -1);
  EXPECT_EQ(blocks.free_pages(), 0);
}

TEST(BlockManager, AReleasedPageComesBackBeforeAFreshOne) {
  BlockManager blocks(4);
  static_cast<void>(blocks.allocate());
  const int32_t page = blocks.allocate();
  blocks.release(page);
  EXPECT_EQ(blocks.free_pages(), 3);
  EXPECT_EQ(blocks.allocate(), page);
}

TEST(BlockManager, ASharedPageStaysUntilItsLastUserLeaves) {
  BlockManager blocks(1);
  const int32_t page = blocks.allocate();
  EXPECT_FALSE(blocks.is_shared(page));
  blocks.share(page);
  blocks.share(page);
  EXPECT_TRUE(blocks.is_shared(page));
  blocks.release(page);
  EXPECT_TRUE(blocks.is_shared(page));
  blocks.release(page);
  EXPECT_FALSE(blocks.is_shared(page));
  EXPECT_EQ(blocks.allocate(), -1);
  blocks.release(page);
  EXPECT_EQ(blocks.allocate(), page);
}

}  // namespace
}  // namespace pio::generation
