#include "providers/entra/environment_credential.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "providers/entra/claims.h"

namespace patform::entra {
namespace {

// The only sign-in of this version: a token in the environment, or in a file
// that the environment names. Variables of a CI or of other tools are not
// looked at.
constexpr char kVariable[] = "PATFORM_ACCESS_TOKEN";
constexpr char kFileVariable[] = "PATFORM_ACCESS_TOKEN_FILE";

// What is wrong with a value, as a predicate.
struct Fault {
  bool (*has)(std::string_view value);
  const char* what;
};

bool IsWord(std::string_view value, std::string_view word) {
  return absl::EqualsIgnoreCase(AbslView(value), AbslView(word));
}

bool Contains(std::string_view value, std::string_view part) {
  return value.find(part) != std::string_view::npos;
}

// RFC 6750, section 2.1.
bool InBearer(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
         std::string_view("-._~+/=").find(c) != std::string_view::npos;
}

// The typographic ones, as word processors and chats have them.
constexpr std::string_view kQuotes[] = {
    "\"",           "'",           "`", "\xe2\x80\x9c", "\xe2\x80\x9d",
    "\xe2\x80\x98", "\xe2\x80\x99"};

bool IsQuoted(std::string_view value) {
  return std::any_of(
      std::begin(kQuotes), std::end(kQuotes), [value](std::string_view quote) {
        return value.starts_with(quote) || value.ends_with(quote);
      });
}

// What people and pipelines get wrong, the first that applies. Sent, each of
// these would be answered like a token that has expired.
constexpr Fault kFaults[] = {
    {[](std::string_view v) {
       return IsWord(v, "null") || IsWord(v, "none") || IsWord(v, "undefined");
     },
     "is a word for \"nothing\": the command that should have printed the "
     "token printed none"},
    {[](std::string_view v) {
       return v.starts_with("\xef\xbb\xbf") || v.starts_with("\xff\xfe") ||
              v.starts_with("\xfe\xff");
     },
     "begins with a byte order mark, as Windows PowerShell's > writes it"},
    {IsQuoted, "has quotation marks around it, which az prints without -o tsv"},
    {[](std::string_view v) {
       return v.starts_with('{') || v.starts_with('[');
     },
     "is JSON, which az prints without --query accessToken -o tsv"},
    {[](std::string_view v) {
       return Contains(v, "$(") || Contains(v, "${") || v.starts_with('$') ||
              Contains(v, "{{") || (v.starts_with('%') && v.ends_with('%'));
     },
     "is the name of a variable, such as $(NAME), that nothing has replaced by "
     "its value"},
    {[](std::string_view v) { return IsWord(v.substr(0, 7), "Bearer "); },
     "begins with the word Bearer"},
    {[](std::string_view v) { return Contains(v, "\\"); },
     "contains a backslash, as in an escaped line break"},
    {[](std::string_view v) {
       return !std::all_of(v.begin(), v.end(), InBearer);
     },
     "contains a space, a line break or another character that an access token "
     "never contains"},
};

// `holder` is what messages name; the value is never shown.
absl::Status CheckBearer(std::string_view value, std::string_view holder) {
  for (const Fault& fault : kFaults) {
    if (!fault.has(value)) continue;
    return absl::UnauthenticatedError(
        absl::StrCat(AbslView(holder), " ", fault.what,
                     ". It must be the token and nothing else, without quotes "
                     "(the value is not shown)"));
  }
  return absl::OkStatus();
}

// Without the line end that editors and shells put there. A copy: `text` stays
// with whoever read the file.
Secret OneLine(const Secret& text) {
  std::string_view value = text.Reveal();
  if (value.ends_with('\n')) value.remove_suffix(1);
  if (value.ends_with('\r')) value.remove_suffix(1);
  return Secret(value);
}

}  // namespace

EnvironmentCredential::EnvironmentCredential(EnvironmentLookup environment,
                                             ReadFile read_file)
    : environment_(std::move(environment)), read_file_(std::move(read_file)) {}

absl::StatusOr<Secret> EnvironmentCredential::Bearer(Deadline) {
  // Read at each call: the variable may be replaced in a long run.
  const std::optional<std::string> value = environment_(kVariable);
  const std::optional<std::string> path = environment_(kFileVariable);
  const bool has_value = value && !value->empty();
  // Both set: two users' tokens, perhaps, and no rule could pick the right one.
  if (path && !path->empty()) {
    if (!has_value) return FromFile(*path);
    return absl::UnauthenticatedError(absl::StrCat(
        kVariable, " and ", kFileVariable,
        " are both set, and could be two users' tokens: unset one"));
  }
  if (!has_value) {
    return absl::UnauthenticatedError(absl::StrCat(
        "no credential: ", kVariable,
        " is not set. It takes a Microsoft Entra access token of a user for "
        "Azure DevOps, for example from: ",
        kGetAccessToken));
  }
  PATFORM_RETURN_IF_ERROR(CheckBearer(*value, kVariable));
  return Secret(*value);
}

// Kept until the service refuses it: a file that a sidecar writes afresh is
// then read again, and a run of many requests does not read it each time.
absl::StatusOr<Secret> EnvironmentCredential::FromFile(
    const std::string& path) {
  // One thread reads, the others wait for what it got.
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!from_file_.empty()) return from_file_.Clone();
  // The code becomes kUnauthenticated whatever the file's fault is: exit code
  // 4.
  const absl::StatusOr<Secret> text = read_file_(path);
  if (!text.ok()) {
    return absl::UnauthenticatedError(
        absl::StrCat("the access token of ", kFileVariable,
                     " cannot be read: ", text.status().message()));
  }
  Secret bearer = OneLine(*text);
  if (bearer.empty()) {
    return absl::UnauthenticatedError(absl::StrCat(
        "the file of ", kFileVariable, " (", Visible(path),
        ") is empty: whatever keeps it fresh has not signed in yet"));
  }
  PATFORM_RETURN_IF_ERROR(CheckBearer(
      bearer.Reveal(), absl::StrCat("the file of ", kFileVariable)));
  // After the checks, so that a half-written file is not kept.
  from_file_ = bearer.Clone();
  return bearer;
}

void EnvironmentCredential::Refused(const Secret& bearer) {
  const std::lock_guard<std::mutex> lock(mutex_);
  // Another thread may have been here, and the new one is good.
  if (from_file_.Reveal() == bearer.Reveal()) from_file_ = Secret();
}

SourceRow EnvironmentRow() {
  SourceRow row;
  row.type.name = "environment";
  row.type.doc =
      "PATFORM_ACCESS_TOKEN, or the file that PATFORM_ACCESS_TOKEN_FILE names.";
  row.make = [](const AuthConfig&,
                const Machine& machine) -> std::unique_ptr<CredentialSource> {
    return std::make_unique<EnvironmentCredential>(machine.environment,
                                                   machine.read_secret);
  };
  return row;
}

}  // namespace patform::entra
