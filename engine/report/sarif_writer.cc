#include "engine/report/sarif_writer.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "engine/base/digest.h"
#include "engine/base/strings.h"
#include "engine/base/version.h"

namespace patform {
namespace {

namespace json = boost::json;

constexpr char kSchema[] =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/"
    "sarif-schema-2.1.0.json";

// Where the rules are explained. The schemas have their addresses below it,
// too.
constexpr char kHome[] = "https://patform.dev/";

// "max_lifetime" as "MaxLifetime": SARIF's name of a rule is an identifier,
// which viewers show in place of the id.
std::string RuleName(const std::string& id) {
  std::string name;
  bool first = true;
  for (const char c : id) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte)) {
      name += first ? absl::ascii_toupper(byte) : c;
    }
    first = !absl::ascii_isalnum(byte);
  }
  return name;
}

json::object Message(const std::string& text) {
  // In SARIF's plain text [words](target) is a link.
  return {{"text", absl::StrReplaceAll(Visible(text), {{"](", "]\\x28"}})}};
}

// A path as a URI reference. An absolute one is a file: URI.
std::string Uri(std::string_view path) {
  const std::string uri = PercentEncode(path, "-._~/");
  return path.substr(0, 1) == "/" ? "file://" + uri : uri;
}

json::object Place(const SourceLocation& where) {
  json::object artifact = {{"uri", Uri(where.file)}};
  if (where.file.substr(0, 1) != "/") artifact["uriBaseId"] = "%SRCROOT%";
  json::object place = {{"artifactLocation", std::move(artifact)}};
  if (where.line > 0) {
    json::object region = {{"startLine", where.line}};
    if (where.column > 0) {
      region["startColumn"] = where.column;
      region["endColumn"] = where.column + std::max(1, where.length);
    }
    place["region"] = std::move(region);
  }
  return place;
}

json::object Rule(const SarifResult& first) {
  json::object rule = {{"id", Visible(first.rule)},
                       {"name", RuleName(first.rule)}};
  if (!first.description.empty()) {
    rule["shortDescription"] = Message(first.description);
  }
  // A viewer that shows the help of a rule needs some.
  const std::string& help = first.why.empty() ? first.description : first.why;
  if (!help.empty()) rule["help"] = Message(help);
  if (!first.page.empty()) rule["helpUri"] = kHome + first.page;
  return rule;
}

json::object Result(const SarifResult& result, size_t rule_index, int nth) {
  json::object object = {{"ruleId", Visible(result.rule)},
                         {"ruleIndex", rule_index},
                         {"level", result.level},
                         {"message", Message(result.message)}};
  json::object location;
  if (!result.where.file.empty()) {
    location["physicalLocation"] = Place(result.where);
  }
  if (!result.address.empty()) {
    location["logicalLocations"] = json::array{json::object{
        {"fullyQualifiedName", Visible(result.address)}, {"kind", "resource"}}};
  }
  if (!location.empty()) {
    object["locations"] = json::array{std::move(location)};
  }
  const std::string same =
      absl::StrCat(result.rule, "\n", result.address, "\n", nth);
  object["partialFingerprints"] =
      json::object{{"patform/v1", Sha256(same).substr(0, 32)}};
  return object;
}

}  // namespace

std::string WriteSarif(const std::vector<SarifResult>& results,
                       const SarifProperties& properties) {
  std::map<std::string, const SarifResult*> used;
  for (const SarifResult& result : results) used.emplace(result.rule, &result);
  json::array rules;
  std::map<std::string, size_t> index;
  for (const auto& [id, first] : used) {
    index[id] = rules.size();
    rules.push_back(Rule(*first));
  }
  json::array list;
  std::map<std::pair<std::string, std::string>, int> seen;
  for (const SarifResult& result : results) {
    const int nth = seen[{result.rule, result.address}]++;
    list.push_back(Result(result, index[result.rule], nth));
  }
  json::object bag;
  for (const auto& [name, value] : properties) bag[name] = Visible(value);
  json::object run = {
      {"tool",
       json::object{{"driver", json::object{{"name", "patform"},
                                            {"informationUri", kHome},
                                            {"semanticVersion", kVersion},
                                            {"rules", std::move(rules)}}}}},
      {"columnKind", "unicodeCodePoints"},
      {"results", std::move(list)},
      {"properties", std::move(bag)}};
  const json::object document = {{"$schema", kSchema},
                                 {"version", "2.1.0"},
                                 {"runs", json::array{std::move(run)}}};
  return JsonForLogs(json::serialize(document)) + "\n";
}

}  // namespace patform
