#include "engine/report/doctor_json.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <utility>

#include "engine/base/clock.h"
#include "engine/base/version.h"
#include "engine/report/json_line.h"

namespace patform {

namespace json = boost::json;

std::string RenderDoctorJson(const std::vector<Check>& checks, absl::Time now) {
  json::object summary;
  // Each verdict is there, those that no check has as well: a program need not
  // ask whether a member exists.
  for (const auto& row : kVerdictWords) summary[row.word] = 0;
  json::array all;
  for (const Check& check : checks) {
    json::value& count = summary[Word(check.verdict)];
    count = count.as_int64() + 1;
    all.push_back(json::object{{"id", check.id},
                               {"about", TextOrNull(check.about)},
                               {"verdict", Word(check.verdict)},
                               {"what", check.what},
                               {"fix", TextOrNull(check.fix)}});
  }
  json::object root;
  root["format_version"] = "1.0";
  root["patform_version"] = kVersion;
  root["as_of"] = FormatInstant(now);
  root["summary"] = std::move(summary);
  root["checks"] = std::move(all);
  return JsonLine(root);
}

}  // namespace patform
