#include "engine/report/audit_json.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <utility>

#include "engine/base/clock.h"
#include "engine/base/version.h"
#include "engine/model/json_fields.h"
#include "engine/plan/change_json.h"
#include "engine/report/json_line.h"

namespace patform {
namespace {

namespace json = boost::json;

json::object Token(const AuditedToken& audited, size_t rank) {
  const ActualToken& token = audited.token;
  json::array risks;
  for (const TokenRisk& risk : audited.risks) {
    risks.push_back(json::object{{"id", Word(risk.risk)},
                                 {"points", InfoOf(risk.risk).points},
                                 {"what", risk.what},
                                 {"why", InfoOf(risk.risk).why},
                                 {"fix", InfoOf(risk.risk).fix}});
  }
  json::object object = {{"rank", rank},
                         {"level", Word(LevelOf(audited.points))},
                         {"points", audited.points},
                         {"organization", audited.organization},
                         {"authorization_id", token.id.ToString()},
                         {"display_name", token.display_name},
                         {"address", TextOrNull(audited.address)},
                         {"location", LocationJson(audited.where)},
                         {"scopes", ScopesJson(token.scopes)},
                         {"valid_from", FormatInstant(token.valid_from)},
                         {"valid_to", FormatInstant(token.valid_to)},
                         {"all_organizations", token.all_organizations},
                         {"risks", std::move(risks)}};
  if (!audited.identity.empty()) object["identity"] = audited.identity;
  return object;
}

}  // namespace

std::string RenderAuditJson(const AuditReport& report) {
  json::object root;
  root["format_version"] = "1.0";
  root["patform_version"] = kVersion;
  root["workspace"] = TextOrNull(report.workspace);
  root["owner"] = TextOrNull(report.user_oid);
  if (!report.users.empty()) root["users"] = UsersJson(report.users);
  root["organizations"] = TextsJson(report.organizations);
  root["as_of"] = FormatInstant(report.as_of);
  root["snapshot_taken_at"] = InstantJson(report.snapshot_taken_at);
  root["complete"] = report.complete;
  json::object summary;
  for (const RiskLevel level :
       {RiskLevel::kCritical, RiskLevel::kHigh, RiskLevel::kMedium,
        RiskLevel::kLow, RiskLevel::kNone}) {
    summary[Word(level)] = report.CountOf(level);
  }
  root["summary"] = std::move(summary);
  json::array tokens;
  for (const AuditedToken& token : report.tokens) {
    tokens.push_back(Token(token, tokens.size() + 1));
  }
  root["tokens"] = std::move(tokens);
  root["checks"] = ChecksJson(report.findings);
  if (!report.strays.empty()) root["strays"] = NotesJson(report.strays);
  return JsonLine(root);
}

}  // namespace patform
