#include "engine/inquiry/overlay.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace patform {
namespace {

std::string Last(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

}  // namespace

void Overlay::Put(const std::string& path, std::string text) {
  const std::string place = Place(path);
  std::erase_if(texts_, [&](const Text& t) { return t.place == place; });
  texts_.push_back({Last(path), place, std::move(text)});
}

Files::Kind Overlay::Stat(const std::string& path) {
  return Find(path) != nullptr ? Kind::kFile : files_.Stat(path);
}

absl::StatusOr<std::string> Overlay::Read(const std::string& path,
                                          int64_t max_bytes) {
  if (const Text* text = Find(path)) return text->text;
  return files_.Read(path, max_bytes);
}

absl::StatusOr<std::string> Overlay::ReadInside(const std::string& directory,
                                                const std::string& path,
                                                int64_t max_bytes) {
  if (const Text* text = Find(path)) return text->text;
  return files_.ReadInside(directory, path, max_bytes);
}

absl::StatusOr<std::vector<std::string>> Overlay::List(
    const std::string& directory) {
  return files_.List(directory);
}

absl::StatusOr<std::string> Overlay::Canonical(const std::string& path) {
  if (const Text* text = Find(path)) return text->place;
  return files_.Canonical(path);
}

absl::Status Overlay::CreateNew(const std::string&, const std::string&) {
  return absl::UnimplementedError("this only reads");
}

absl::Status Overlay::Replace(const std::string&, const std::string&) {
  return absl::UnimplementedError("this only reads");
}

absl::Status Overlay::Publish(const std::string&, const std::string&) {
  return absl::UnimplementedError("this only reads");
}

absl::Status Overlay::CheckReplace(const std::string&) {
  return absl::UnimplementedError("this only reads");
}

// A file that does not exist yet has no links of its own: its folder has.
std::string Overlay::Place(const std::string& path) {
  if (auto whole = files_.Canonical(path); whole.ok()) return *whole;
  const size_t slash = path.rfind('/');
  std::string folder = ".";
  if (slash != std::string::npos) {
    folder = slash == 0 ? "/" : path.substr(0, slash);
  }
  const absl::StatusOr<std::string> real = files_.Canonical(folder);
  return absl::StrCat(real.ok() ? *real : folder,
                      real.ok() && *real == "/" ? "" : "/", Last(path));
}

const Overlay::Text* Overlay::Find(const std::string& path) {
  for (const Text& text : texts_) {
    // Names first: links are asked of the disk, and most files have others.
    if (Last(path) == text.last && Place(path) == text.place) return &text;
  }
  return nullptr;
}

}  // namespace patform
