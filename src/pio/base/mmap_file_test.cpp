// SPDX-License-Identifier: Apache-2.0
#include "pio/base/mmap_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <vector>

#include "pio/base/error.h"
#include "pio/base/log.h"

namespace pio {
namespace {

// A file with `text` that is removed at the end of the test.
class TempFile {
 public:
  explicit TempFile(const std::string& text)
      : path_(std::filesystem::path(testing::TempDir()) /
              ("pio_mmap_" + std::to_string(::getpid()))) {
    std::ofstream(path_) << text;
  }
  ~TempFile() { std::filesystem::remove(path_); }
  TempFile(const TempFile&) = delete;
  TempFile& operator=(const TempFile&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

TEST(MmapFile, MapsRegularFilesOnly) {
  const TempFile temp("hello");
  EXPECT_EQ(MmapFile(temp.path()).bytes().size(), 5u);
  EXPECT_THROW(MmapFile(testing::TempDir()), Error);
  EXPECT_THROW(MmapFile("/nonexistent/file"), Error);
  EXPECT_THROW(MmapFile("/dev/null"), Error);
}

TEST(MmapFile, AnEmptyFileHasNoBytes) {
  const TempFile temp("");
  EXPECT_TRUE(MmapFile(temp.path()).bytes().empty());
}

TEST(MmapFile, KnowsWhatIsMapped) {
  const TempFile temp("hello");
  const std::byte* data = nullptr;
  {
    const MmapFile file(temp.path());
    data = file.bytes().data();
    EXPECT_TRUE(MmapFile::is_mapped(data));
    EXPECT_TRUE(MmapFile::is_mapped(data + 4));
    EXPECT_FALSE(MmapFile::is_mapped(data + 5));
    EXPECT_FALSE(MmapFile::is_mapped(&temp));
  }
  EXPECT_FALSE(MmapFile::is_mapped(data));
}

TEST(MmapFile, DropLeavesOtherMemoryAlone) {
  std::vector<std::byte> own(1 << 20, std::byte{7});
  MmapFile::drop(own);
  EXPECT_EQ(own[own.size() / 2], std::byte{7});
  const TempFile temp(std::string(1 << 16, 'x'));
  const MmapFile file(temp.path());
  MmapFile::drop(file.bytes());
  EXPECT_EQ(file.bytes()[5000], std::byte{'x'});
}

TEST(MmapFile, WarnsOnceWhereThereAreTooManyToRemember) {
  const TempFile temp("hello");
  int warnings = 0;
  log::set_sink(
      [&](log::Level level, std::string_view) { warnings += level == log::Level::kWarning; },
      log::Level::kWarning);
  std::vector<MmapFile> files;
  for (int i = 0; i < 4096 + 3; ++i) {
    files.emplace_back(temp.path());
  }
  log::set_sink(nullptr, log::Level::kWarning);
  EXPECT_EQ(warnings, 1);
  EXPECT_TRUE(MmapFile::is_mapped(files[4095].bytes().data()));
  EXPECT_FALSE(MmapFile::is_mapped(files[4096].bytes().data()));
}

void exit_if_mapped(int /*signal*/, siginfo_t* info, void* /*context*/) {
  ::_exit(MmapFile::is_mapped(info->si_addr) ? 3 : 4);
}

TEST(MmapFileDeathTest, AHandlerCanTellAFileCutShort) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto read_behind_the_end = [] {
    struct sigaction action {};
    action.sa_sigaction = exit_if_mapped;
    action.sa_flags = SA_SIGINFO;
    ::sigaction(SIGBUS, &action, nullptr);
    const TempFile temp(std::string(1 << 16, 'x'));
    const MmapFile file(temp.path());
    std::filesystem::resize_file(temp.path(), 100);
    ::_exit(file.bytes()[1 << 15] == std::byte{0} ? 0 : 1);
  };
  EXPECT_EXIT(read_behind_the_end(), testing::ExitedWithCode(3), "");
}

}  // namespace
}  // namespace pio
