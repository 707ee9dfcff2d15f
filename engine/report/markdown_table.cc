#include "engine/report/markdown_table.h"

#include <optional>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/report/markdown_text.h"

namespace patform {
namespace {

std::string EndOf(const std::optional<TokenFacts>& facts) {
  return facts ? Day(facts->valid_to) : "";
}

// "+ `vso.tokens`, - `vso.code`", or all of them.
std::string Scopes(const Change& change) {
  // A revocation has no token after it.
  const std::optional<TokenFacts>& facts =
      change.after ? change.after : change.before;
  if (!facts) return "";
  // All of them where there is nothing to compare with; else the difference
  // alone, because that is what a reviewer has to judge.
  if (!change.before || !change.after ||
      change.before->scopes == change.after->scopes) {
    return MarkdownCell(facts->scopes.text());
  }
  std::vector<std::string> words;
  const ScopeSet come = change.after->scopes.Without(change.before->scopes);
  for (std::string_view scope : come.items()) {
    words.push_back("+ " + MarkdownCell(scope));
  }
  const ScopeSet gone = change.before->scopes.Without(change.after->scopes);
  for (std::string_view scope : gone.items()) {
    words.push_back("- " + MarkdownCell(scope));
  }
  return absl::StrJoin(words, ", ");
}

// When the token ends, and its earlier generations.
std::string Expires(const Change& change) {
  const std::optional<TokenFacts>& facts =
      change.after ? change.after : change.before;
  std::vector<std::string> words;
  if (facts && facts->valid_to) {
    std::string expires = Day(facts->valid_to);
    if (change.before && change.after && EndOf(change.before) != expires) {
      expires = absl::StrCat(EndOf(change.before), " → ", expires);
    }
    // The date alone would read as if it lived until then.
    if (change.action == Action::kRevoke) expires += " → now";
    words.push_back(expires);
  }
  for (const Ending& ending : EndingsOf(change)) {
    // Revocations have rows of their own; an update ends nothing.
    if (ending.revocation || change.InPlace()) continue;
    words.push_back(
        absl::StrCat(Which(ending.generation, ending.id), " ends ",
                     ending.at ? Day(ending.at) : std::string("at once")));
  }
  return absl::StrJoin(words, ", ");
}

}  // namespace

std::string MarkdownRow(const Outline::Block& block, bool many_organizations) {
  const Change& change = *block.change;
  std::vector<std::string> places;
  for (const Delivery& place : change.deliver) {
    places.push_back(MarkdownCell(place.Address()));
    if (place.encoding != Encoding::kRaw) {
      absl::StrAppend(&places.back(), " (", Word(place.encoding), ")");
    }
  }
  std::string token = MarkdownCell(change.address);
  // Where there is one, its name in every row would only be noise.
  if (many_organizations) {
    absl::StrAppend(&token, " in ", MarkdownCell(change.organization));
  }
  return absl::StrCat("| `", Sign(change.action), "` ", Word(change.action),
                      " | ", token, " | ", block.why, " | ", Scopes(change),
                      " | ", Expires(change), " | ",
                      absl::StrJoin(places, ", "), " |\n");
}

}  // namespace patform
