#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "engine/base/clock.h"
#include "engine/base/secret.h"
#include "engine/model/record.h"
#include "engine/model/token.h"
#include "engine/ports/secret_sink.h"

namespace patform::sinks {

namespace fs = std::filesystem;

// Long enough for any machine; no test waits for it.
inline Deadline Soon() {
  return std::chrono::steady_clock::now() + std::chrono::seconds(60);
}
inline Deadline Past() {
  return std::chrono::steady_clock::now() - std::chrono::seconds(1);
}

// Of the alphabet and length of a real one, and nothing like one otherwise.
inline std::string FakeToken(int number) {
  return absl::StrCat("not-a-pat-", number, "-", std::string(60, 'x'));
}

inline Delivery At(std::string at, std::string key = "") {
  Delivery delivery;
  delivery.sink = "s";
  delivery.at = std::move(at);
  delivery.key = std::move(key);
  return delivery;
}

inline SinkRecord RecordOf(int64_t generation, const Delivery& place) {
  SinkRecord record;
  record.id = *AuthorizationId::Parse(
      absl::StrCat("00000000-0000-4000-8000-0000000000",
                   absl::Dec(generation, absl::kZeroPad2)));
  record.generation = generation;
  record.workspace = "w";
  record.organization = "contoso";
  record.token = "ci \"packaging\"\n";
  record.address = place.Address();
  record.user_oid = "oid";
  record.valid_to =
      absl::FromUnixSeconds(1'800'000'000) + absl::Nanoseconds(103'333'300);
  record.written_at = absl::FromUnixSeconds(1'790'000'000);
  return record;
}

// "absent", "present 3", "foreign", "unknown: why".
inline std::string Show(const HeldRecord& held) {
  std::string text = Word(held.state);
  if (held.record) absl::StrAppend(&text, " ", held.record->generation);
  if (held.state == HeldRecord::State::kUnknown) {
    absl::StrAppend(&text, ": ", std::string(held.why.message()));
  }
  return text;
}

inline std::string ReadFileText(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

inline void WriteFileText(const fs::path& path, std::string_view text,
                          fs::perms perms = fs::perms::owner_read |
                                            fs::perms::owner_write) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
  fs::permissions(path, perms);
}

inline mode_t ModeOf(const fs::path& path) {
  struct stat info;
  return lstat(path.c_str(), &info) == 0 ? info.st_mode & 07777 : 0;
}

// A directory of the test's own, mode 0700, removed with it.
class TempDirTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "patform-sinks-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
  }
  void TearDown() override { fs::remove_all(root_); }

  // Every entry below the root, as paths from it, sorted.
  std::string Tree() const {
    std::map<std::string, int> names;
    for (const auto& entry : fs::recursive_directory_iterator(root_)) {
      names[fs::relative(entry.path(), root_).string()] = 1;
    }
    std::string text;
    for (const auto& [name, one] : names) {
      absl::StrAppend(&text, text.empty() ? "" : " ", name);
    }
    return text;
  }

  // The files in which `bytes` occur, as paths from the root.
  std::string FilesWith(const std::string& bytes) const {
    std::string text;
    for (const auto& entry : fs::recursive_directory_iterator(root_)) {
      if (!entry.is_regular_file()) continue;
      if (ReadFileText(entry.path()).find(bytes) == std::string::npos) continue;
      absl::StrAppend(&text, text.empty() ? "" : " ",
                      fs::relative(entry.path(), root_).string());
    }
    return text;
  }

  std::string root_;
};

}  // namespace patform::sinks
