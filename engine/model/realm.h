#pragma once

#include <compare>
#include <string>
#include <utility>

namespace patform {

// Whose tokens, and where: a user lists, makes and ends their own in one
// organization, and neither another user's nor those elsewhere.
struct Realm {
  std::string identity;  // the NAME of [identity.NAME]; "": the user of [auth]
  std::string organization;

  Realm() = default;
  // Of the user of [auth], which most configurations know no other than.
  Realm(std::string in)  // NOLINT: an organization is a realm
      : organization(std::move(in)) {}
  Realm(const char* in) : organization(in) {}  // NOLINT: likewise
  Realm(std::string of, std::string in)
      : identity(std::move(of)), organization(std::move(in)) {}

  friend auto operator<=>(const Realm&, const Realm&) = default;
  friend bool operator==(const Realm&, const Realm&) = default;

  // For people: "contoso", "contoso as build-bot".
  std::string ToString() const {
    return identity.empty() ? organization : organization + " as " + identity;
  }
};

}  // namespace patform
