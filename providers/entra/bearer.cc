#include "providers/entra/bearer.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"

namespace patform::entra {
namespace {

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
    {[](std::string_view v) { return v == "System.Security.SecureString"; },
     "is what PowerShell prints for a protected text: put it through "
     "ConvertFrom-SecureString -AsPlainText first"},
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

}  // namespace

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

Secret OneLine(const Secret& text) {
  std::string_view value = text.Reveal();
  if (value.ends_with('\n')) value.remove_suffix(1);
  if (value.ends_with('\r')) value.remove_suffix(1);
  return Secret(value);
}

}  // namespace patform::entra
