#pragma once

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <vector>

#include "engine/diff/change.h"
#include "engine/plan/identity.h"

// The parts of a plan that are the same in a saved plan, whose signature is
// over them, and in what is printed for programs.
namespace patform {

// null: there is no token before, or after.
boost::json::value FactsJson(const std::optional<TokenFacts>& facts);
boost::json::array FieldsJson(const std::vector<FieldChange>& fields);
boost::json::array NotesJson(const std::vector<Note>& notes);
// The user's name is not in it: identities in a plan are ids.
boost::json::value IdentityJson(const std::optional<Identity>& identity);

}  // namespace patform
