#pragma once

#include <boost/json/value.hpp>
#include <string>

namespace patform {

// JSON as one text that depends on nothing but the value: object keys sorted
// bytewise at every depth, no spaces, integers without a fraction. Arrays keep
// their order. What digests and signatures are over, and what comparisons
// compare: every text in it is quoted, so that no value reads like another one.
// boost::json::serialize keeps the order of insertion, and Debian 12 has no
// library for RFC 8785.
std::string Canonical(const boost::json::value& value);

// The same for people: ["a", "b"], {at: "x", sink: "main"}, "nothing" for an
// empty value; characters that cannot be seen are made visible. Never to be
// compared.
std::string Drawn(const boost::json::value& value);

// Canonical text, drawn. Text that is not JSON is drawn as it is.
std::string DrawnText(const std::string& canonical);

}  // namespace patform
