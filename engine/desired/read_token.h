#pragma once

#include <optional>
#include <string>

#include "engine/desired/problems.h"
#include "engine/desired/table_reader.h"
#include "engine/model/desired_state.h"

namespace patform {

// What [defaults] or a [token.NAME] sets, before the two are merged.
struct TokenFields {
  std::optional<std::vector<std::string>> scopes;
  std::optional<absl::Duration> lifetime;
  std::optional<absl::Time> expires;
  std::optional<RotateBefore> rotate_before;
  std::optional<Renewal> renewal;
  std::optional<absl::Duration> grace;
  std::optional<std::vector<Delivery>> deliver;
  std::optional<std::string> owner, purpose, renamed_from, organization,
      identity;
  std::optional<std::vector<AuthorizationId>> replaces;
  std::optional<std::map<std::string, std::string>> labels;
  std::optional<bool> prevent_revoke, all_organizations, verify;
  std::optional<Ensure> ensure;
  // Of the values; line 0: absent.
  Position scopes_at, lifetime_at, expires_at, rotate_at, grace_at, replaces_at;
};

// Facts that the checks of one token need.
struct TokenContext {
  std::string organization;             // of the file; may be empty
  std::vector<std::string> identities;  // the NAMEs of [identity.NAME]
  TokenFields defaults;
  std::shared_ptr<const std::string>
      defaults_file;  // that the places in `defaults` are in
  bool allow_unknown_scopes = false;
  absl::Time now;
};

// `token`: the name in [token.NAME]; null: [defaults].
TokenFields ReadTokenFields(Problems& problems, const TomlValue& table,
                            const std::string* token,
                            const TokenContext& context);

// An organization's name as a file has it at `at`, in lower case; what cannot
// be one is reported.
std::string ReadOrganization(Problems& problems, const Position& at,
                             const std::string& written);

// About how much memory a token takes that sets none of these itself.
size_t BytesOf(const TokenFields& fields);

// [token.NAME], defaults laid under, interpolated and checked by itself. What
// is wrong is in `problems`; the token is then not to be used.
DesiredToken ReadToken(Problems& problems, const TomlValue::Member& member,
                       const TokenContext& context);

}  // namespace patform
