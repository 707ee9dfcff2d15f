#include "engine/report/json_line.h"

#include <boost/json/serialize.hpp>

#include "engine/base/strings.h"
#include "engine/policy/rule_info.h"

namespace patform {

namespace json = boost::json;

std::string JsonLine(const json::object& document) {
  return JsonForLogs(json::serialize(document)) + "\n";
}

json::value TextOrNull(const std::string& text) {
  if (text.empty()) return nullptr;
  return json::string(text);
}

json::object UsersJson(const std::map<std::string, std::string>& users) {
  json::object object;
  for (const auto& [identity, user_oid] : users) {
    object[identity] = TextOrNull(user_oid);
  }
  return object;
}

json::value LocationJson(const SourceLocation& where) {
  if (where.file.empty()) return nullptr;
  return json::object{
      {"file", where.file}, {"line", where.line}, {"column", where.column}};
}

json::array ChecksJson(const std::vector<Finding>& findings) {
  json::array checks;
  for (const Finding& finding : findings) {
    checks.push_back(json::object{{"rule", finding.rule},
                                  {"severity", Word(finding.severity)},
                                  {"address", TextOrNull(finding.address)},
                                  {"what", finding.what},
                                  {"why", WhyOf(finding.rule)},
                                  {"fix", finding.fix},
                                  {"location", LocationJson(finding.where)}});
  }
  return checks;
}

json::object CountsJson(const ActionCounts& counts) {
  json::object object;
  for (const ActionRow& row : kActionWords) {
    // What stays as it is makes no change; the plan counts it by itself.
    if (row.value != Action::kNoOp) object[row.word] = counts[row.value];
  }
  return object;
}

}  // namespace patform
