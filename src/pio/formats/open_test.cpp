// SPDX-License-Identifier: Apache-2.0
// Opening checkpoints by path: both kinds, and the P02 rows.
#include "pio/formats/open.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "pio/formats/gguf_test_builder.h"
#include "pio/formats/safetensors_test_builder.h"

namespace pio::formats {
namespace {

namespace fs = std::filesystem;

void rejects(const fs::path& path, ErrorCode code, std::string_view message) {
  expect_rejected({code, message, path.filename().string(), false},
                  [&] { static_cast<void>(open_checkpoint(path)); });
}

TEST(Open, HuggingFaceFolder) {
  const TempFolder folder;
  folder.write("config.json", R"({"model_type": "llama"})");
  folder.write("model.safetensors", one("F32", "[1]", "[0,4]", 4));
  const Checkpoint checkpoint = open_checkpoint(folder.path());
  EXPECT_EQ(checkpoint.kind, CheckpointKind::kHuggingFace);
  EXPECT_EQ(checkpoint.config->require_string("model_type"), "llama");
  EXPECT_NE(checkpoint.weights->find("a"), nullptr);
  EXPECT_EQ(checkpoint.gguf, nullptr);
}

TEST(Open, GgufFileUnderAnyName) {
  const TempFolder folder;
  const std::string bytes = GgufBuilder().tensor("w", {8}, 0, 32).build();
  for (const char* name : {"x.gguf", "x.bin"}) {
    const Checkpoint checkpoint = open_checkpoint(folder.write(name, bytes));
    EXPECT_EQ(checkpoint.kind, CheckpointKind::kGguf);
    EXPECT_EQ(checkpoint.weights.get(), checkpoint.gguf.get());
    EXPECT_NE(checkpoint.weights->find("w"), nullptr);
    EXPECT_EQ(checkpoint.config, nullptr);
  }
}

TEST(Open, NothingThere) {
  const TempFolder folder;
  rejects(folder.path() / "absent", ErrorCode::kNotFound, "no such file");
  rejects(folder.path() / "absent" / "x.gguf", ErrorCode::kNotFound, "no such file");
  rejects(folder.path(), ErrorCode::kNotFound, "no config.json");
  folder.write("config.json", "{}");
  rejects(folder.path(), ErrorCode::kNotFound, "no model.safetensors");
}

TEST(Open, FolderWithAGgufInsideSaysSo) {
  const TempFolder folder;
  folder.write("y.gguf", "");
  rejects(folder.path(), ErrorCode::kNotFound, "it holds y.gguf");
}

TEST(Open, OtherFiles) {
  const TempFolder folder;
  rejects(folder.write("x.txt", "hello, world"), ErrorCode::kBadFile, "not a GGUF file");
  rejects(folder.write("empty.gguf", ""), ErrorCode::kBadFile, "truncated");
  rejects(folder.write("model.safetensors", "x"), ErrorCode::kUnsupported, "name the folder");
  const std::string split =
      GgufBuilder().key("split.count", GgufType::kU16, raw(uint16_t{3})).build();
  rejects(folder.write("x-00001-of-00003.gguf", split), ErrorCode::kUnsupported, "3 parts");
}

TEST(Open, P02FifoDeviceFolderAndLoop) {
  const TempFolder folder;
  const fs::path fifo = folder.path() / "fifo.gguf";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  rejects(fifo, ErrorCode::kBadFile, "not a regular file");
  rejects("/dev/zero", ErrorCode::kBadFile, "not a regular file");
  fs::create_directory(folder.path() / "x.gguf");
  rejects(folder.path() / "x.gguf", ErrorCode::kNotFound, "no config.json");
  fs::create_symlink("loop.gguf", folder.path() / "loop.gguf");
  rejects(folder.path() / "loop.gguf", ErrorCode::kBadFile, "symbolic links");
}

TEST(Open, P02InsideAFolder) {
  const auto with = [](const std::function<void(const fs::path&)>& spoil,
                       std::string_view message) {
    const TempFolder folder;
    folder.write("config.json", "{}");
    folder.write("model.safetensors", one("F32", "[1]", "[0,4]", 4));
    spoil(folder.path());
    expect_rejected({ErrorCode::kBadFile, message, folder.path().filename().string(), false},
                    [&] { static_cast<void>(open_checkpoint(folder.path())); });
  };
  for (const char* name : {"config.json", "model.safetensors", "generation_config.json"}) {
    SCOPED_TRACE(name);
    with(
        [name](const fs::path& folder) {
          fs::remove(folder / name);
          ASSERT_EQ(::mkfifo((folder / name).c_str(), 0600), 0);
        },
        "not a regular file");
    with(
        [name](const fs::path& folder) {
          fs::remove(folder / name);
          fs::create_directory(folder / name);
        },
        "not a regular file");
    with(
        [name](const fs::path& folder) {
          fs::remove(folder / name);
          fs::create_symlink(name, folder / name);
        },
        "symbolic links");
  }
}

}  // namespace
}  // namespace pio::formats
