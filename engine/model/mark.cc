#include "engine/model/mark.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"

namespace patform {
namespace {

// A space and a sign that nobody types in a name.
constexpr std::string_view kOpening = " ~pf:";

// Lower case and digits, and `extra`. The service may change the case of a name
// in what it answers; a mark has no case to change.
bool AllOf(std::string_view text, std::string_view extra) {
  return std::all_of(text.begin(), text.end(), [extra](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           extra.find(c) != std::string_view::npos;
  });
}

}  // namespace

// NAME ~pf:WORKSPACE#GENERATION.NONCE
std::string DisplayName(std::string_view name, const Mark& mark) {
  return absl::StrCat(AbslView(name), AbslView(kOpening), mark.workspace, "#",
                      mark.generation, ".", mark.nonce);
}

// The last one in the name: a human name may have such a text in it.
std::optional<MarkedName> ParseDisplayName(std::string_view display_name) {
  const size_t opening = display_name.rfind(kOpening);
  if (opening == std::string_view::npos || opening == 0) return std::nullopt;
  std::string_view mark = display_name.substr(opening + kOpening.size());
  const size_t hash = mark.find('#');
  // A workspace may have dots, so the dot is looked for behind the hash.
  const size_t dot = mark.find('.', hash == std::string_view::npos ? 0 : hash);
  if (hash == std::string_view::npos || dot == std::string_view::npos) {
    return std::nullopt;
  }
  MarkedName result;
  result.name = display_name.substr(0, opening);
  result.workspace = mark.substr(0, hash);
  result.nonce = mark.substr(dot + 1);
  // Strict: what was not written by DisplayName() is a name like any other, and
  // its token somebody else's.
  if (result.workspace.empty() || result.workspace.size() > kMaxWorkspace ||
      !AllOf(result.workspace, "-_.") || result.nonce.size() != kNonceLength ||
      !AllOf(result.nonce, "")) {
    return std::nullopt;
  }
  const std::string_view digits = mark.substr(hash + 1, dot - hash - 1);
  // No leading zeros: one number has one spelling. The limit keeps the sum
  // below from overflowing.
  if (digits.empty() || digits.size() > kMaxGenerationDigits ||
      digits[0] == '0') {
    return std::nullopt;
  }
  for (char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    result.generation = result.generation * 10 + (c - '0');
  }
  return result;
}

std::string_view HumanName(std::string_view display_name) {
  const std::optional<MarkedName> marked = ParseDisplayName(display_name);
  return marked ? marked->name : display_name;
}

}  // namespace patform
