#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace patform {

// The outside of saved plans and snapshots: one JSON document as canonical
// text and a newline, with its kind and version, which closes with
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
// looked at. kInvalidArgument: it is not such a document, or of a version that
// this program does not know; IsStale(): it was changed after it was
// written, if only in its layout, or does not bear the signature that `key`
// asks for. Of a text in which a member is there twice, two readers could
// see two documents; what is accepted is what Seal() writes, byte for byte.
absl::StatusOr<boost::json::object> Unseal(const SealedKind& kind,
                                           std::string_view text,
                                           std::string_view key);

// Does the document bear a signature at all?
bool IsSigned(const boost::json::object& document);

// What Seal() was given, of what Unseal() returned.
boost::json::object Inside(boost::json::object document);

// Where `written`, a part of a document, is not what follows from the rest of
// it;
// "" where it is.
std::string Disagreement(const boost::json::value& written,
                         const boost::json::value& follows,
                         const std::string& path);

// For Disagreement(): `document` was written by another patform, which may see
// things otherwise.
std::string WrittenBy(const boost::json::object& document);

}  // namespace patform
