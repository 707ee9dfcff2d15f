#pragma once

#include <cstddef>

#include "engine/base/words.h"

namespace patform {

// Why something is done to a token. It explains; it decides nothing.
enum class Reason {
  kNone,
  kNotFound,          // nothing of that name exists
  kExpired,           // the recorded token has expired
  kGone,              // the recorded token was revoked by somebody
  kRecordNotOurs,     // the record names a token that is not ours
  kSecretNotInSink,   // it lives, the primary sink does not have it
  kSinkOutOfDate,     // a secondary sink holds another generation
  kRequested,         // the user asked for a rotation
  kInRotationWindow,  // due
  kScopeChanged,
  kLifetimeTooLong,
  kExpiresChanged,
  kAllOrganizationsChanged,
  kRenamed,
  kUndeclared,  // ours, not in the file any more
  kDeclaredAbsent,
  kDeclaredReleased,
  kUnmanaged,   // not ours; the policy says revoke
  kSuperseded,  // a newer generation is in service
  kOrphan,      // minted by a run that died, never delivered
};

struct ReasonRow {
  Reason value;
  const char* word;  // stable snake_case: part of the JSON formats
  const char* explanation;
};
inline constexpr ReasonRow kReasonWords[] = {
    {Reason::kNone, "none", "nothing to do"},
    {Reason::kNotFound, "not_found", "no such token exists"},
    {Reason::kExpired, "expired", "the token in service has expired"},
    {Reason::kGone, "gone", "the token in service was revoked elsewhere"},
    {Reason::kRecordNotOurs, "record_not_ours",
     "the sink's record names a token that patform did not make"},
    {Reason::kSecretNotInSink, "secret_not_in_sink",
     "the token lives, but its secret is not in the sink"},
    {Reason::kSinkOutOfDate, "sink_out_of_date",
     "a sink does not hold the secret that is in service"},
    {Reason::kRequested, "requested", "asked for"},
    {Reason::kInRotationWindow, "in_rotation_window", "due"},
    {Reason::kScopeChanged, "scope_changed", "the scopes changed"},
    {Reason::kLifetimeTooLong, "lifetime_too_long",
     "it lives longer than declared"},
    {Reason::kExpiresChanged, "expires_changed", "the date changed"},
    {Reason::kAllOrganizationsChanged, "all_organizations_changed",
     "the organizations it is valid in changed"},
    {Reason::kRenamed, "renamed", "renamed"},
    {Reason::kUndeclared, "undeclared", "not in the configuration any more"},
    {Reason::kDeclaredAbsent, "declared_absent",
     "the configuration says absent"},
    {Reason::kDeclaredReleased, "declared_released",
     "the configuration says released"},
    {Reason::kUnmanaged, "unmanaged", "unmanaged; the policy says revoke"},
    {Reason::kSuperseded, "superseded", "a newer secret is in service"},
    {Reason::kOrphan, "orphan",
     "minted by a run that did not finish, never delivered"}};
constexpr auto& WordsOf(Reason) { return kReasonWords; }
static_assert(AllInOrder(kReasonWords, Reason::kOrphan));

// For people: "the scopes changed".
constexpr const char* Explain(Reason reason) {
  return kReasonWords[static_cast<size_t>(reason)].explanation;
}

}  // namespace patform
