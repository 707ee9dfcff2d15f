#include "engine/report/audit_json.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

#include "engine/base/clock.h"
#include "engine/base/strings.h"

namespace patform {
namespace {

namespace json = boost::json;

json::value TextOrNull(const std::string& text) {
  if (text.empty()) return nullptr;
  return json::string(text);
}

json::value Where(const SourceLocation& where) {
  if (where.file.empty()) return nullptr;
  return json::object{
      {"file", where.file}, {"line", where.line}, {"column", where.column}};
}

json::object Token(const AuditedToken& audited, size_t rank) {
  const ActualToken& token = audited.token;
  json::array scopes, risks;
  for (std::string_view scope : token.scopes.items()) {
    scopes.push_back(json::string(scope.data(), scope.size()));
  }
  for (const TokenRisk& risk : audited.risks) {
    risks.push_back(json::object{{"id", Word(risk.risk)},
                                 {"points", InfoOf(risk.risk).points},
                                 {"what", risk.what},
                                 {"why", InfoOf(risk.risk).why},
                                 {"fix", InfoOf(risk.risk).fix}});
  }
  return {{"rank", rank},
          {"level", Word(LevelOf(audited.points))},
          {"points", audited.points},
          {"organization", audited.organization},
          {"authorization_id", token.id.ToString()},
          {"display_name", token.display_name},
          {"address", TextOrNull(audited.address)},
          {"location", Where(audited.where)},
          {"scopes", std::move(scopes)},
          {"valid_from", FormatInstant(token.valid_from)},
          {"valid_to", FormatInstant(token.valid_to)},
          {"all_organizations", token.all_organizations},
          {"risks", std::move(risks)}};
}

}  // namespace

std::string RenderAuditJson(const AuditReport& report) {
  json::object root;
  root["format_version"] = "1.0";
  root["patform_version"] = PATFORM_VERSION;
  root["workspace"] = TextOrNull(report.workspace);
  root["owner"] = TextOrNull(report.user_oid);
  json::array organizations;
  for (const std::string& name : report.organizations) {
    organizations.push_back(json::string(name));
  }
  root["organizations"] = std::move(organizations);
  root["as_of"] = FormatInstant(report.as_of);
  root["snapshot_taken_at"] =
      report.snapshot_taken_at
          ? json::value(json::string(FormatInstant(*report.snapshot_taken_at)))
          : json::value(nullptr);
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
  json::array checks;
  for (const Finding& finding : report.findings) {
    checks.push_back(json::object{{"rule", finding.rule},
                                  {"severity", Word(finding.severity)},
                                  {"address", TextOrNull(finding.address)},
                                  {"what", finding.what},
                                  {"why", std::string(WhyOf(finding.rule))},
                                  {"fix", finding.fix},
                                  {"location", Where(finding.where)}});
  }
  root["checks"] = std::move(checks);

  return JsonForLogs(json::serialize(root)) + "\n";
}

}  // namespace patform
