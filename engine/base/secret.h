#pragma once

#include <cstddef>
#include <ostream>
#include <string_view>
#include <vector>

namespace patform {

// Bytes that must not be seen: the value of a token, a bearer, an answer that
// holds one. Wipes its memory when it goes, when it is assigned over and when
// it grows. Moves; copies only by Clone(). Printing it prints [redacted].
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string_view value);
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret();

  // The bytes; valid while this object lives and is not appended to. The one
  // place where a secret comes out: every call is worth a review.
  std::string_view Reveal() const;

  void Append(std::string_view more);
  Secret Clone() const;
  bool empty() const { return bytes_.empty(); }
  size_t size() const { return bytes_.size(); }

 private:
  void Wipe();

  std::vector<char> bytes_;
};

std::ostream& operator<<(std::ostream& out, const Secret& secret);

}  // namespace patform
