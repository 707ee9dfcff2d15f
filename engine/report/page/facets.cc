#include "engine/report/page/facets.h"

#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/inquiry/standing.h"

// What the tokens of a page can be told apart by. A choice is a number in the
// page: a name that somebody chose is text there, and never a part of a script
// or of an attribute that a script reads.
namespace patform {
namespace {

std::vector<std::string> Scopes(const TokenStatus& token) {
  std::vector<std::string> scopes;
  for (std::string_view scope : token.scopes.items()) {
    scopes.emplace_back(scope);
  }
  return scopes;
}

std::vector<std::string> Sinks(const TokenStatus& token) {
  std::vector<std::string> sinks;
  for (const PlaceStatus& place : token.places) sinks.push_back(place.sink);
  return sinks;
}

}  // namespace

// In the order of the controls: what most people look for comes first.
const std::vector<Facet>& PageFacets() {
  static const auto& facets = *new std::vector<Facet>{
      {"state", "State", "Any state", "data-state",
       [](const TokenStatus& token) {
         return std::vector<std::string>{Shown(StandingOf(token))};
       }},
      {"owner", "Owner", "Any owner", "data-owner",
       [](const TokenStatus& token) {
         return std::vector<std::string>{token.owner.empty() ? "nobody"
                                                             : token.owner};
       }},
      {"identity", "Identity", "Any identity", "data-identity",
       [](const TokenStatus& token) {
         return std::vector<std::string>{
             token.identity.empty() ? "[auth]" : token.identity};
       }},
      {"organization", "Organization", "Any organization", "data-organization",
       [](const TokenStatus& token) {
         return std::vector<std::string>{token.organization};
       }},
      {"scope", "Scope", "Any scope", "data-scope", Scopes},
      {"sink", "Sink", "Any sink", "data-sink", Sinks}};
  return facets;
}

Facets::Facets(const StatusReport& report) {
  // Sorted by the map; the numbers are given when all values are known.
  for (const Facet& facet : PageFacets()) {
    Choices& choices = choices_.emplace_back();
    for (const TokenStatus& token : report.tokens) {
      for (std::string& value : facet.values(token)) {
        choices.emplace(std::move(value), 0);
      }
    }
    size_t number = 0;
    for (auto& [value, at] : choices) at = number++;
  }
}

// Hidden until the script runs: without it there is nothing to choose with.
void Facets::DrawChoices(Html& page) const {
  const std::vector<Facet>& facets = PageFacets();
  for (size_t i = 0; i < facets.size(); ++i) {
    // Nothing to choose from.
    if (choices_[i].size() < 2) continue;
    page.Begin("label").Element("span", facets[i].label, {{"class", "quiet"}});
    page.Begin("select", {{"data-facet", facets[i].name}});
    page.Element("option", facets[i].all, {{"value", ""}});
    for (const auto& [value, number] : choices_[i]) {
      page.Element("option", value, {{"value", absl::StrCat(number)}});
    }
    page.End().End().Line();
  }
}

std::vector<std::string> Facets::Of(const TokenStatus& token) const {
  std::vector<std::string> numbers;
  const std::vector<Facet>& facets = PageFacets();
  for (size_t i = 0; i < facets.size(); ++i) {
    // A token may have several: its scopes, its sinks.
    std::vector<size_t> of;
    for (const std::string& value : facets[i].values(token)) {
      of.push_back(choices_[i].at(value));
    }
    numbers.push_back(absl::StrJoin(of, " "));
  }
  return numbers;
}

}  // namespace patform
