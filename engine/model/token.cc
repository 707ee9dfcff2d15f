#include "engine/model/token.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"

namespace patform {

// SINK:AT#KEY, as in plans and messages.
std::string Delivery::Address() const {
  std::string address = absl::StrCat(sink, ":", at);
  if (!key.empty()) absl::StrAppend(&address, "#", key);
  return address;
}

std::string Which(int64_t generation, const AuthorizationId& id) {
  if (generation == 0) return id.Short();
  return absl::StrCat("generation ", generation, " (", id.Short(), ")");
}

namespace {

// As it would be written in TOML: a name that is not a bare key is quoted.
std::string TableName(const char* table, const std::string& name) {
  const bool bare =
      !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' ||
               c == '_';
      });
  return absl::StrCat(table, ".", bare ? name : InQuotes(name));
}

}  // namespace

std::string TokenAddress(const std::string& name) {
  return TableName("token", name);
}

std::string IdentityAddress(const std::string& name) {
  return TableName("identity", name);
}

std::string SignInTable(const std::string& identity) {
  if (identity.empty()) return "[auth]";
  return absl::StrCat("[", IdentityAddress(identity), "]");
}

}  // namespace patform
