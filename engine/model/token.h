#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "engine/base/source_ref.h"
#include "engine/base/words.h"
#include "engine/model/authorization_id.h"
#include "engine/model/realm.h"
#include "engine/model/scope_set.h"

namespace patform {

// How a secret is written down. kBasic is base64 of ":" + secret, what the
// Authorization header of Basic authentication carries.
enum class Encoding { kRaw, kBase64, kBasic };
inline constexpr WordFor<Encoding> kEncodingWords[] = {
    {Encoding::kRaw, "raw"},
    {Encoding::kBase64, "base64"},
    {Encoding::kBasic, "basic"}};
constexpr auto& WordsOf(Encoding) { return kEncodingWords; }
static_assert(AllInOrder(kEncodingWords, Encoding::kBasic));

// Where one secret goes.
struct Delivery {
  std::string sink;  // the name in [sink.NAME]
  std::string at;    // the sink's address: a path; interpolated, checked
  std::string key;   // the entry at that address, where the sink has entries
  Encoding encoding = Encoding::kRaw;
  // Take the place over although it holds a value that patform did not write.
  bool adopt = false;
  SourceRef where;

  // "agents:.env#NUGET_PAT": the place, for people and for the record.
  std::string Address() const;
};

enum class Renewal { kRotate, kExtend };
inline constexpr WordFor<Renewal> kRenewalWords[] = {
    {Renewal::kRotate, "rotate"}, {Renewal::kExtend, "extend"}};
constexpr auto& WordsOf(Renewal) { return kRenewalWords; }
static_assert(AllInOrder(kRenewalWords, Renewal::kExtend));

enum class Ensure { kPresent, kAbsent, kReleased };
inline constexpr WordFor<Ensure> kEnsureWords[] = {
    {Ensure::kPresent, "present"},
    {Ensure::kAbsent, "absent"},
    {Ensure::kReleased, "released"}};
constexpr auto& WordsOf(Ensure) { return kEnsureWords; }
static_assert(AllInOrder(kEnsureWords, Ensure::kReleased));

// The service shortens a longer life without an error. Its documentation says
// one year and does not tell whether a leap year's 366 days are one, so what
// holds in every year is taken: a longer life would be asked for and not given.
inline constexpr absl::Duration kLongestLife = absl::Hours(365 * 24);

// How long before the end a token is due: a span, or a share of its lifetime.
struct RotateBefore {
  std::optional<absl::Duration> span;
  double share = 0.25;  // in (0, 1); used without a span
};

// One token as the configuration wants it, defaults filled in.
struct DesiredToken {
  std::string name;  // the display name without the mark
  ScopeSet scopes;
  absl::Duration lifetime = absl::Hours(30 * 24);  // unless `expires`
  std::optional<absl::Time> expires;
  RotateBefore rotate_before;
  Renewal renewal = Renewal::kRotate;
  absl::Duration grace = absl::Hours(24);  // zero: revoke at once
  std::vector<Delivery> deliver;           // the first is the primary
  std::string owner;
  std::string purpose;
  std::string renamed_from;  // empty: not renamed
  // Tokens that patform did not make and that end, after the grace, once this
  // one's secret is in service.
  std::vector<AuthorizationId> replaces;
  std::string organization;
  std::string identity;  // whose token it is, as in Realm
  std::map<std::string, std::string> labels;
  bool prevent_revoke = false;
  bool all_organizations = false;
  bool verify = false;  // a new secret has to work before it is delivered
  Ensure ensure = Ensure::kPresent;
  SourceRef where;         // the table's header
  SourceRef scopes_where;  // the value of `scopes`

  Realm realm() const { return {identity, organization}; }
};

enum class TokenState { kActive, kExpired, kRevoked };
inline constexpr WordFor<TokenState> kTokenStateWords[] = {
    {TokenState::kActive, "active"},
    {TokenState::kExpired, "expired"},
    {TokenState::kRevoked, "revoked"}};
constexpr auto& WordsOf(TokenState) { return kTokenStateWords; }
static_assert(AllInOrder(kTokenStateWords, TokenState::kRevoked));

// One token as the service lists it. Never holds a secret.
struct ActualToken {
  AuthorizationId id;
  std::string display_name;
  ScopeSet scopes;
  absl::Time valid_from;
  absl::Time valid_to;
  bool all_organizations = false;  // targetAccounts is null
  // The id of the organization that it is valid in; nil: of several, or not
  // known. Only the service knows whose name is whose id.
  AuthorizationId organization_id;
  TokenState state = TokenState::kActive;
};

// Where a token is valid, for people.
constexpr const char* ValidIn(bool all_organizations) {
  return all_organizations ? "all organizations" : "this organization";
}

// "generation 3 (27e59f42)"; "27e59f42" of one without a mark.
std::string Which(int64_t generation, const AuthorizationId& id);

// token.ci-packaging, token."with blanks": as the key is in the file.
std::string TokenAddress(const std::string& name);
// identity.build-bot
std::string IdentityAddress(const std::string& name);
// How that user's sign-in is written in the file: [identity.build-bot]; of ""
// [auth].
std::string SignInTable(const std::string& identity);

}  // namespace patform
