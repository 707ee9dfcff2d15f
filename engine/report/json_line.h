#pragma once

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <string>

#include "engine/base/strings.h"

namespace patform {

// `document` on one line, fit to be printed into a log, and a newline.
inline std::string JsonLine(const boost::json::object& document) {
  return JsonForLogs(boost::json::serialize(document)) + "\n";
}

}  // namespace patform
