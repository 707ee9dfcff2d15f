#pragma once

#include <boost/json/value.hpp>
#include <string>

#include "engine/plan/approval.h"

namespace patform {

// JSON as one text that depends on nothing but the value: object keys sorted
// bytewise at every depth, no blanks, integers without a fraction. Arrays keep
// their order. What digests and signatures are over.
std::string Canonical(const boost::json::value& value);

boost::json::object ToJson(const Approval& approval);

}  // namespace patform
