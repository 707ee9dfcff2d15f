#include "engine/model/scope_set.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_join.h"
#include "engine/base/strings.h"

namespace patform {

// Sorted, each once: scopes are a set, and its text is what gets compared.
ScopeSet ScopeSet::Of(const std::vector<std::string>& scopes) {
  // The common case needs no list.
  if (scopes.size() == 1) {
    ScopeSet set;
    set.text_ = scopes[0];
    return set;
  }
  std::vector<std::string> sorted;
  for (const std::string& scope : scopes) {
    if (!scope.empty()) sorted.push_back(scope);
  }
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  ScopeSet set;
  set.text_ = absl::StrJoin(sorted, " ");
  return set;
}

namespace {

// Already as Parse() would make it: the common case, and it costs no list.
bool IsCanonical(std::string_view text) {
  std::string_view last;
  for (size_t at = 0; at < text.size();) {
    const size_t begin = at;
    while (at < text.size() &&
           (absl::ascii_islower(static_cast<unsigned char>(text[at])) ||
            absl::ascii_isdigit(static_cast<unsigned char>(text[at])) ||
            text[at] == '.' || text[at] == '_')) {
      ++at;
    }
    const std::string_view scope = text.substr(begin, at - begin);
    // In strictly rising order: sorted, and none of them twice.
    if (scope <= last) return false;
    last = scope;
    if (at == text.size()) return true;
    if (text[at++] != ' ') return false;
  }
  return text.empty();
}

}  // namespace

// The service separates scopes by spaces; people paste commas and lines.
ScopeSet ScopeSet::Parse(std::string_view text) {
  if (IsCanonical(text)) {
    ScopeSet set;
    set.text_ = std::string(text);
    return set;
  }
  std::vector<std::string> scopes;
  size_t at = 0;
  const auto separates = [&](size_t i) {
    return text[i] == ',' ||
           absl::ascii_isspace(static_cast<unsigned char>(text[i]));
  };
  while (at < text.size()) {
    size_t end = at;
    while (end < text.size() && !separates(end)) ++end;
    if (end > at) {
      // Scope names are compared by the service without regard to case.
      scopes.push_back(
          absl::AsciiStrToLower(AbslView(text.substr(at, end - at))));
    }
    at = end + 1;
  }
  return Of(scopes);
}

// Views into text_: valid as long as this object.
std::vector<std::string_view> ScopeSet::items() const {
  std::vector<std::string_view> items;
  const std::string_view all = text_;
  for (size_t at = 0; at < all.size();) {
    const size_t end = std::min(all.find(' ', at), all.size());
    items.push_back(all.substr(at, end - at));
    at = end + 1;
  }
  return items;
}

bool ScopeSet::Contains(std::string_view scope) const {
  const std::vector<std::string_view> all = items();
  return std::find(all.begin(), all.end(), scope) != all.end();
}

ScopeSet ScopeSet::Without(const ScopeSet& other) const {
  std::vector<std::string> rest;
  for (std::string_view scope : items()) {
    if (!other.Contains(scope)) rest.emplace_back(scope);
  }
  return Of(rest);
}

}  // namespace patform
