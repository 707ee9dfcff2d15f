#include "engine/plan/sealed_json.h"

#include <boost/json/parse.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/sha256.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "engine/plan/canonical_json.h"

namespace patform {
namespace {

namespace json = boost::json;

constexpr char kIntegrity[] = "integrity";
constexpr char kSignature[] = "signature";
// Far deeper than what Seal() writes.
constexpr size_t kMaxDepth = 24;

std::string TextAt(const json::object& object, const char* key) {
  const json::value* value = object.if_contains(key);
  const json::string* text = value == nullptr ? nullptr : value->if_string();
  return text == nullptr ? "" : std::string(text->data(), text->size());
}

std::string Integrity(std::string_view canonical) {
  return absl::StrCat("sha256:", Sha256(canonical));
}

std::string Signature(std::string_view key, std::string_view canonical) {
  return absl::StrCat("hmac-sha256:", HmacSha256(key, canonical));
}

}  // namespace

std::string Seal(const SealedKind& kind, json::object body,
                 std::string_view key) {
  body["format"] = kind.format;
  body["format_version"] = kind.version;
  body["patform_version"] = PATFORM_VERSION;
  const std::string canonical = Canonical(body);
  body[kIntegrity] = Integrity(canonical);
  if (!key.empty()) body[kSignature] = Signature(key, canonical);
  return Canonical(body) + "\n";
}

absl::StatusOr<json::object> Unseal(const SealedKind& kind,
                                    std::string_view text,
                                    std::string_view key) {
  json::parse_options options;
  options.max_depth = kMaxDepth;
  json::error_code error;
  json::value value = json::parse(json::string_view(text.data(), text.size()),
                                  error, json::storage_ptr(), options);
  json::object* parsed = error ? nullptr : value.if_object();
  if (parsed == nullptr || TextAt(*parsed, "format") != kind.format) {
    return absl::InvalidArgumentError(absl::StrCat(
        "it is no ", kind.noun, "; `", kind.command, "` writes one"));
  }
  const json::value* version = parsed->if_contains("format_version");
  if (version == nullptr || !version->is_int64() ||
      version->get_int64() != kind.version) {
    return absl::InvalidArgumentError(absl::StrCat(
        "it is a ", kind.noun, " of a format that this patform (",
        PATFORM_VERSION, ") does not know; it was written by patform ",
        Visible(TextAt(*parsed, "patform_version")), ". Write it anew: `",
        kind.command, "`"));
  }
  json::object document = std::move(*parsed);
  const std::string integrity = TextAt(document, kIntegrity);
  const std::string signature = TextAt(document, kSignature);
  const bool is_signed = document.if_contains(kSignature) != nullptr;
  document.erase(kIntegrity);
  document.erase(kSignature);
  const std::string canonical = Canonical(document);
  const std::string expected = Integrity(canonical);
  if (!SameInConstantTime(integrity, expected)) {
    return StaleError(absl::StrCat(
        "it was changed after it was written: its content has the digest ",
        expected, ", it says ",
        integrity.empty() ? "none" : Visible(integrity)));
  }
  if (!key.empty()) {
    if (!is_signed) {
      return StaleError(
          "it is not signed, and PATFORM_PLAN_KEY is set: only what was signed "
          "with that key is taken");
    }
    if (!SameInConstantTime(signature, Signature(key, canonical))) {
      return StaleError("it was not signed with the key in PATFORM_PLAN_KEY");
    }
  }
  if (is_signed) document[kSignature] = signature;
  return document;
}

bool IsSigned(const json::object& document) {
  return document.if_contains(kSignature) != nullptr;
}

}  // namespace patform
