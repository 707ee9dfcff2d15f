#include "engine/diff/change.h"

#include <algorithm>
#include <string_view>

#include "engine/base/clock.h"
#include "engine/base/likeness.h"
#include "engine/diff/generation_state.h"
#include "engine/model/mark.h"

namespace patform {

TokenFacts FactsOf(const ActualToken& token, int64_t generation) {
  TokenFacts facts;
  facts.id = token.id;
  facts.display_name = token.display_name;
  facts.scopes = token.scopes;
  facts.valid_from = token.valid_from;
  facts.valid_to = token.valid_to;
  facts.all_organizations = token.all_organizations;
  facts.generation = generation;
  return facts;
}

std::vector<FieldChange> CompareFacts(const TokenFacts& before,
                                      const TokenFacts& after) {
  std::vector<FieldChange> fields;
  const std::string_view was = HumanName(before.display_name);
  const std::string_view is = HumanName(after.display_name);
  // Another encoding is not another name.
  if (!SameDecoded(was, is)) {
    fields.push_back({"display_name", std::string(was), std::string(is)});
  }
  if (before.scopes != after.scopes) {
    fields.push_back({"scopes", before.scopes.text(), after.scopes.text()});
  }
  if (before.valid_to && after.valid_to &&
      absl::AbsDuration(*before.valid_to - *after.valid_to) > kDateTolerance) {
    fields.push_back({"valid_to", FormatInstant(*before.valid_to),
                      FormatInstant(*after.valid_to)});
  }
  if (before.all_organizations != after.all_organizations) {
    fields.push_back({"valid_in", ValidIn(before.all_organizations),
                      ValidIn(after.all_organizations)});
  }
  return fields;
}

std::vector<FieldChange> FieldChangesOf(const Change& change) {
  if (!change.before || !change.after) return {};
  // Taking the mark off is all that a release does.
  if (change.action == Action::kRelease) {
    return {{"display_name", change.before->display_name,
             change.after->display_name}};
  }
  return CompareFacts(*change.before, *change.after);
}

bool IsEdited(const Change& change) {
  const std::vector<FieldChange> fields = FieldChangesOf(change);
  return std::any_of(
      fields.begin(), fields.end(),
      [](const FieldChange& field) { return field.field != "valid_to"; });
}

// What was wanted is in `after` only where it differs from what is, so nothing
// is sent that nobody asked for.
UpdateRequest RequestOf(const Change& change) {
  const TokenFacts& before = *change.before;
  const TokenFacts& after = *change.after;
  UpdateRequest request;
  request.id = *before.id;
  if (after.display_name != before.display_name) {
    request.display_name = after.display_name;
  }
  if (after.scopes != before.scopes) request.scopes = after.scopes;
  if (after.valid_to != before.valid_to) request.valid_to = after.valid_to;
  if (after.all_organizations != before.all_organizations) {
    request.all_organizations = after.all_organizations;
  }
  return request;
}

}  // namespace patform
