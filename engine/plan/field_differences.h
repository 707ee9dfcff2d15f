#pragma once

#include <boost/json/object.hpp>
#include <map>
#include <string>
#include <vector>

namespace patform {

// Canonical JSON by name: what is compared. What is shown is drawn from it.
using Fields = std::map<std::string, std::string>;

Fields FieldsOf(const boost::json::object& object);

// One field of two things that should be the same, drawn for people.
struct FieldDifference {
  std::string field;
  std::string before;  // "nothing" where there is none
  std::string now;
};

// In the order of the fields' names. A field that is absent is the same as one
// that is null: neither says anything.
std::vector<FieldDifference> DifferencesOf(const Fields& before,
                                           const Fields& now);

}  // namespace patform
