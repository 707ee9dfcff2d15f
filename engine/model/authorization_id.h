#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace patform {

// The service's id of one token (a GUID): its only stable identity. Display
// names may repeat; ids do not.
class AuthorizationId {
 public:
  AuthorizationId() = default;  // the nil GUID: names no token
  // 8-4-4-4-12 hexadecimal digits in either case; anything else: nullopt.
  static std::optional<AuthorizationId> Parse(std::string_view text);

  bool IsNil() const { return *this == AuthorizationId(); }
  // Lower case.
  std::string ToString() const;
  // The first sixteen digits as a number: orders ids as far as they go.
  uint64_t Prefix() const;
  // The first eight digits: enough for people to distinguish tokens.
  std::string Short() const { return ToString().substr(0, 8); }

  friend auto operator<=>(const AuthorizationId&,
                          const AuthorizationId&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const AuthorizationId& id) {
    return H::combine(std::move(h), id.bytes_);
  }

 private:
  std::array<uint8_t, 16> bytes_ = {};
};

}  // namespace patform
