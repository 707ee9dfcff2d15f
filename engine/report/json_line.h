#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <map>
#include <string>
#include <vector>

#include "engine/base/diagnostic.h"
#include "engine/diff/endings.h"
#include "engine/policy/rules.h"

// What the outputs for programs have in common.
namespace patform {

// `document` on one line, fit to be printed into a log, and a newline.
std::string JsonLine(const boost::json::object& document);

boost::json::value TextOrNull(const std::string& text);  // "": null
// The users of [identity.*]: each name with the oid, null where it is not
// known.
boost::json::object UsersJson(const std::map<std::string, std::string>& users);
// null: nowhere. Where it ends is for the saved plan alone (WhereJson).
boost::json::value LocationJson(const SourceLocation& where);
boost::json::array ChecksJson(const std::vector<Finding>& findings);
// Each action with its count, in the enum's order.
boost::json::object CountsJson(const ActionCounts& counts);

}  // namespace patform
