#pragma once

#include <boost/json/object.hpp>

#include "engine/model/desired_state.h"
#include "engine/model/json_fields.h"

// The configuration as structured JSON, and back: what saved plans hold, and
// what digests and comparisons are over. Each field of each struct is in it, by
// name and with its type (a list is a list, a place is an object), so that two
// configurations that differ never read the same. The writers take the structs
// apart with structured bindings: a new field does not compile until somebody
// has decided what it means here.
namespace patform {

// With the places in the files, for people, or without: they are not part of
// the meaning.
enum class Places { kWithout, kWith };

boost::json::object TokenJson(const DesiredToken& token, Places places);
DesiredToken ReadToken(const JsonFields& fields);

// Its settings as the file writes them, and the fingerprint of what the
// environment filled in.
boost::json::object SinkJson(const SinkConfig& sink, Places places);
boost::json::object AuthJson(const AuthConfig& auth, Places places);

// The rules in force, of the configuration and of the policy file together.
boost::json::object PolicyJson(const PolicyConfig& policy, Places places);
PolicyConfig ReadPolicy(const JsonFields& fields);

boost::json::object ConfigurationJson(const DesiredState& desired,
                                      Places places);
// The same as far as a plan depends on it: the settings of sinks are there as
// written only.
DesiredState ReadConfiguration(const JsonFields& fields);

boost::json::value WhereJson(const SourceLocation& where);
SourceLocation ReadWhere(const JsonFields& fields, const char* key);

// "30d", "36h": exact, unlike FormatSpan.
boost::json::string SpanJson(absl::Duration span);

}  // namespace patform
