#include "engine/base/secret.h"

#include <string.h>

#include <algorithm>
#include <utility>

namespace patform {

// Exactly as large as the value: nothing behind it is left unwiped.
Secret::Secret(std::string_view value) : bytes_(value.begin(), value.end()) {}

// The vector's buffer moves; other.bytes_ is empty afterwards, by contract or
// by the next line.
Secret::Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)) {
  other.bytes_.clear();
}

Secret& Secret::operator=(Secret&& other) noexcept {
  // Wiped first, or what was here would be freed as it is.
  if (this != &other) {
    Wipe();
    bytes_ = std::move(other.bytes_);
    other.bytes_.clear();
  }
  return *this;
}

Secret::~Secret() { Wipe(); }

// Valid as long as this object neither changes nor moves.
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

// A call of its own rather than a copy constructor, so that copies of a secret
// are found by searching for it.
Secret Secret::Clone() const { return Secret(Reveal()); }

void Secret::Wipe() {
  // explicit_bzero(), for a memset() right before the end of an object's life
  // is removed by the compiler.
  if (!bytes_.empty()) explicit_bzero(bytes_.data(), bytes_.size());
  bytes_.clear();
}

// Makes gtest, logs and stream operators harmless.
std::ostream& operator<<(std::ostream& out, const Secret&) {
  return out << "[redacted]";
}

}  // namespace patform
