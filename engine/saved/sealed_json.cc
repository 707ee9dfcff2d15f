#include "engine/saved/sealed_json.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/canonical_json.h"
#include "engine/base/digest.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "engine/base/version.h"

// Both the integrity and the signature are over the canonical JSON without the
// two of them, so each can be checked without the other.
namespace patform {
namespace {

namespace json = boost::json;

constexpr char kIntegrity[] = "integrity";
constexpr char kSignature[] = "signature";
// Far deeper than what Seal() writes.
constexpr size_t kMaxDepth = 24;

// "": absent, or not a text.
std::string TextAt(const json::object& object, const char* key) {
  const json::value* value = object.if_contains(key);
  const json::string* text = value == nullptr ? nullptr : value->if_string();
  return text == nullptr ? "" : std::string(text->data(), text->size());
}

// With the name of the algorithm, so that another one can follow.
std::string Integrity(std::string_view canonical) {
  return absl::StrCat("sha256:", Sha256(canonical));
}

std::string Signature(std::string_view key, std::string_view canonical) {
  return absl::StrCat("hmac-sha256:", HmacSha256(key, canonical));
}

// The bytes of the file, with a line end, as a file of text has it. Jobs print
// such files, and names of tokens in it may be commands to the CI's log.
std::string Written(const json::object& document) {
  return JsonForLogs(Canonical(document)) + "\n";
}

}  // namespace

std::string Seal(const SealedKind& kind, json::object body,
                 std::string_view key) {
  // The version of the program is in it, and therefore under the signature: a
  // file cannot claim to be of another one.
  body["format"] = kind.format;
  body["format_version"] = kind.version;
  body["patform_version"] = kVersion;
  // Before either of them is in the body.
  const std::string canonical = Canonical(body);
  body[kIntegrity] = Integrity(canonical);
  if (!key.empty()) body[kSignature] = Signature(key, canonical);
  return Written(body);
}

absl::StatusOr<json::object> Unseal(const SealedKind& kind,
                                    std::string_view text,
                                    std::string_view key) {
  // The file may come from anybody: a deep one would exhaust the stack.
  json::parse_options options;
  options.max_depth = kMaxDepth;
  json::error_code error;
  json::value value = json::parse(json::string_view(text.data(), text.size()),
                                  error, json::storage_ptr(), options);
  // `format` first: a JSON file that is something else gets a message about
  // that, not about its digest.
  json::object* parsed = error ? nullptr : value.if_object();
  if (parsed == nullptr || TextAt(*parsed, "format") != kind.format) {
    return absl::InvalidArgumentError(absl::StrCat(
        "it is not a ", kind.noun, "; `", kind.command, "` writes one"));
  }
  // Then the version: what another one means by its members is not known here.
  const json::value* version = parsed->if_contains("format_version");
  if (version == nullptr || !version->is_int64() ||
      version->get_int64() != kind.version) {
    return absl::InvalidArgumentError(absl::StrCat(
        "it is a ", kind.noun, " of format ",
        version == nullptr ? "unknown" : Canonical(*version),
        ", written by patform ", Visible(TextAt(*parsed, "patform_version")),
        "; this patform (", kVersion, ") reads format ", kind.version,
        ". Write a new one: `", kind.command, "`"));
  }
  json::object document = std::move(*parsed);
  const std::string integrity = TextAt(document, kIntegrity);
  const std::string signature = TextAt(document, kSignature);
  const bool is_signed = document.if_contains(kSignature) != nullptr;
  // What is left is what was digested.
  document.erase(kIntegrity);
  document.erase(kSignature);
  const std::string canonical = Canonical(document);
  // The digest first, so that an accident is not reported as a forgery.
  const std::string expected = Integrity(canonical);
  if (!SameInConstantTime(integrity, expected)) {
    return StaleError(absl::StrCat(
        "it was changed after it was written: its content has the digest ",
        expected, ", it names ",
        integrity.empty() ? "none" : Visible(integrity)));
  }
  // The bytes themselves, not only what they mean: two members of one name, or
  // other spaces, may be read differently by another program.
  json::object whole = document;
  whole[kIntegrity] = integrity;
  if (is_signed) whole[kSignature] = signature;
  if (Written(whole) != text) {
    return StaleError(
        "it was changed after it was written: its layout is not the one that "
        "patform writes, or a member is in it twice");
  }
  // With a key, only signed files; without one, a signature is not looked at,
  // and the plan is shown as unsigned or unchecked.
  if (!key.empty()) {
    if (!is_signed) {
      return StaleError(
          "it is not signed, and PATFORM_PLAN_KEY is set: only what was signed "
          "with that key is accepted");
    }
    // In constant time, so that a forger does not learn it byte by byte.
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

// The body, without the members of the envelope.
json::object Inside(json::object document) {
  for (const char* key : {"format", "format_version", "patform_version",
                          kIntegrity, kSignature}) {
    document.erase(key);
  }
  return document;
}

std::string WrittenBy(const json::object& document) {
  const std::string version = TextAt(document, "patform_version");
  if (version == kVersion) return "";
  return absl::StrCat(" It was written by patform ", Visible(version),
                      "; this is ", kVersion, ".");
}

// The first place where two documents differ, as a phrase; "": they are the
// same. `written` is in the file, `follows` is what the file's own inputs lead
// to.
std::string Disagreement(const json::value& written, const json::value& follows,
                         const std::string& path) {
  if (written == follows) return "";
  const auto below = [&](std::string_view key) {
    return absl::StrCat(path, path.empty() ? "" : ".", AbslView(key));
  };
  if (written.is_object() && follows.is_object()) {
    // Sorted, so that the first difference is the same in each run.
    std::map<std::string_view,
             std::pair<const json::value*, const json::value*>>
        members;
    for (const json::key_value_pair& each : written.get_object()) {
      members[{each.key().data(), each.key().size()}].first = &each.value();
    }
    for (const json::key_value_pair& each : follows.get_object()) {
      members[{each.key().data(), each.key().size()}].second = &each.value();
    }
    for (const auto& [key, pair] : members) {
      const auto& [one, other] = pair;
      // A member that nobody reads could still be believed by a person or a
      // script.
      if (other == nullptr) {
        return absl::StrCat(Visible(below(key)), " means nothing here");
      }
      if (one == nullptr)
        return absl::StrCat(Visible(below(key)), " is missing");
      std::string found = Disagreement(*one, *other, below(key));
      if (!found.empty()) return found;
    }
    return "";
  }
  if (written.is_array() && follows.is_array()) {
    const json::array& one = written.get_array();
    const json::array& other = follows.get_array();
    // The common part first: an entry that differs explains a missing one.
    for (size_t i = 0; i < std::min(one.size(), other.size()); ++i) {
      std::string found =
          Disagreement(one[i], other[i], absl::StrCat(path, "[", i, "]"));
      if (!found.empty()) return found;
    }
    if (one.size() == other.size()) return "";
    return absl::StrCat(Visible(path), " has ",
                        Count(static_cast<int>(one.size()), "entry", "entries"),
                        "; by the rest of the file it has ", other.size());
  }
  // Numbers may be equal as text and differ in kind (1 and 1u).
  if (Canonical(written) == Canonical(follows)) return "";
  return absl::StrCat(Visible(path), " is ", Drawn(written),
                      "; by the rest of the file it is ", Drawn(follows));
}

}  // namespace patform
