#include "engine/base/secret.h"

#include <string.h>

#include <algorithm>
#include <utility>

namespace patform {

Secret::Secret(std::string_view value) : bytes_(value.begin(), value.end()) {}

Secret::Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)) {
  other.bytes_.clear();
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    Wipe();
    bytes_ = std::move(other.bytes_);
    other.bytes_.clear();
  }
  return *this;
}

Secret::~Secret() { Wipe(); }

std::string_view Secret::Reveal() const {
  return std::string_view(bytes_.data(), bytes_.size());
}

void Secret::Append(std::string_view more) {
  if (bytes_.size() + more.size() > bytes_.capacity()) {
    // A growing vector would free the old buffer unwiped.
    std::vector<char> larger;
    larger.reserve(
        std::max(bytes_.capacity() * 2, bytes_.size() + more.size()));
    larger.assign(bytes_.begin(), bytes_.end());
    Wipe();
    bytes_ = std::move(larger);
  }
  bytes_.insert(bytes_.end(), more.begin(), more.end());
}

Secret Secret::Clone() const { return Secret(Reveal()); }

void Secret::Wipe() {
  if (!bytes_.empty()) explicit_bzero(bytes_.data(), bytes_.size());
  bytes_.clear();
}

std::ostream& operator<<(std::ostream& out, const Secret&) {
  return out << "[redacted]";
}

}  // namespace patform
