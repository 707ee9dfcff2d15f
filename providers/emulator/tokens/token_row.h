#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "providers/emulator/tokens/wire.h"

namespace patform::emulator {

// One token as the service keeps it. Its secret is known only by a hash.
struct TokenRow {
  std::string id;            // GUID, lower case
  std::string user;          // object id of the owner
  std::string user_name;     // upn
  std::string organization;  // id of the one that it was made in
  std::string display_name;
  std::string scope;
  Ticks valid_from = 0;
  Ticks valid_to = 0;
  bool all_organizations = false;
  bool revoked = false;
  std::string secret_hash;  // SHA-256

  // Made by the store.
  int64_t sequence = 0;      // order of creation
  std::string sort_name;     // the name without case
  std::string json_members;  // all but the secret, for an answer
};

enum class RowState { kActive, kExpired, kRevoked };

inline RowState StateOf(const TokenRow& row, Ticks now) {
  if (row.revoked) return RowState::kRevoked;
  return row.valid_to <= now ? RowState::kExpired : RowState::kActive;
}

inline std::string_view StateName(RowState state) {
  return state == RowState::kActive    ? "active"
         : state == RowState::kExpired ? "expired"
                                       : "revoked";
}

// A PatToken object; `secret` is null in all answers but that of a create.
inline void AppendRow(std::string& out, const TokenRow& row) {
  out += row.json_members;
  out += "null}";
}

}  // namespace patform::emulator
