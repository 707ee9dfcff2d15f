#pragma once

#include <compare>
#include <string_view>
#include <utility>

namespace patform {

// What makes a token the one that is meant, wherever tokens are looked up: no
// two tables share an identity, an organization and a name. `name` is the name
// or, where what is looked up may be in no table, the address; never both in
// one index. Views: the key must not outlive what it was made of.
struct TokenKey {
  // No default for the identity: it would be forgotten.
  TokenKey(std::string_view of, std::string_view in, std::string_view called)
      : identity(of), organization(in), name(called) {}

  std::string_view identity;
  std::string_view organization;
  std::string_view name;

  friend auto operator<=>(const TokenKey&, const TokenKey&) = default;
  template <typename H>
  friend H AbslHashValue(H state, const TokenKey& key) {
    return H::combine(std::move(state), key.identity, key.organization,
                      key.name);
  }
};

}  // namespace patform
