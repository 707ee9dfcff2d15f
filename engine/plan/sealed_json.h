#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace patform {

// The outside of saved plans and snapshots: one JSON document as canonical
// text and a newline, that says what it is, in which version, and closes with
// an "integrity" (SHA-256 over the rest) and, where there is a key, a
// "signature" (HMAC-SHA256 over the same). The first finds accidents and
// naive edits, the second an author who does not have the key.
struct SealedKind {
  const char* format;  // "patform-plan"
  int version;
  const char* noun;     // "saved plan", for messages
  const char* command;  // that writes one, for messages
};

// `body` with the outside put around it. An empty key: no signature.
std::string Seal(const SealedKind& kind, boost::json::object body,
                 std::string_view key);

// What Seal() was given, and its outside. `key` empty: a signature is not
// looked at. kInvalidArgument: it is no such document, or of a version that
// this program does not know; IsStale(): it was changed after it was
// written, or does not bear the signature that `key` asks for.
absl::StatusOr<boost::json::object> Unseal(const SealedKind& kind,
                                           std::string_view text,
                                           std::string_view key);

// Does the document bear a signature at all?
bool IsSigned(const boost::json::object& document);

}  // namespace patform
