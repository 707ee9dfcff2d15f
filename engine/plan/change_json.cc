#include "engine/plan/change_json.h"

#include <boost/json/object.hpp>

#include "engine/model/json_fields.h"

namespace patform {

namespace json = boost::json;

json::value FactsJson(const std::optional<TokenFacts>& facts) {
  if (!facts) return nullptr;
  return json::object{
      {"authorization_id",
       facts->id ? json::value(json::string(facts->id->ToString()))
                 : json::value(nullptr)},
      {"display_name", facts->display_name},
      {"scopes", ScopesJson(facts->scopes)},
      {"valid_from", InstantJson(facts->valid_from)},
      {"valid_to", InstantJson(facts->valid_to)},
      {"all_organizations", facts->all_organizations},
      {"generation", facts->generation}};
}

json::array FieldsJson(const std::vector<FieldChange>& fields) {
  json::array array;
  for (const FieldChange& field : fields) {
    array.push_back(json::object{{"field", field.field},
                                 {"before", field.before},
                                 {"after", field.after}});
  }
  return array;
}

json::value IdentityJson(const std::optional<Identity>& identity) {
  if (!identity) return nullptr;
  json::object object = {
      {"scopes", identity->scopes ? json::value(ScopesJson(*identity->scopes))
                                  : json::value(nullptr)}};
  // Only where it is known that it ends, and that something is wrong.
  if (identity->rests_until != absl::InfiniteFuture()) {
    object["rests_until"] = InstantJson(identity->rests_until);
    object["rests_why"] = identity->rests_why;
  }
  if (!identity->trouble.empty()) object["trouble"] = identity->trouble;
  return object;
}

json::array NotesJson(const std::vector<Note>& notes) {
  json::array array;
  for (const Note& note : notes) {
    array.push_back(
        json::object{{"address", note.address}, {"text", note.text}});
  }
  return array;
}

}  // namespace patform
