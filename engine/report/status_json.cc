#include "engine/report/status_json.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <map>

#include "engine/base/clock.h"
#include "engine/base/version.h"
#include "engine/diff/reason.h"
#include "engine/model/json_fields.h"
#include "engine/plan/change_json.h"
#include "engine/report/ending.h"
#include "engine/report/json_line.h"

namespace patform {
namespace {

namespace json = boost::json;

json::object Generation(const GenerationStatus& row) {
  json::object object;
  object["state"] = Word(row.state);
  object["generation"] = row.generation;
  object["authorization_id"] = row.id.ToString();
  object["display_name"] = TextOrNull(row.display_name);
  object["nonce"] = TextOrNull(row.nonce);
  object["valid_from"] = InstantJson(row.valid_from);
  object["valid_to"] = InstantJson(row.valid_to);
  object["held_by"] = TextsJson(row.held_by);
  object["next_apply"] =
      json::object{{"step", Word(row.next)}, {"at", InstantJson(row.at)}};
  return object;
}

json::object Place(const PlaceStatus& place) {
  json::object object;
  object["address"] = place.address;
  object["state"] = Word(place.state);
  object["generation"] = place.generation > 0 ? json::value(place.generation)
                                              : json::value(nullptr);
  object["why"] = TextOrNull(place.why);
  return object;
}

json::object Token(const TokenStatus& token) {
  json::object object;
  object["address"] = token.address;
  object["name"] = token.name;
  object["organization"] = token.organization;
  if (!token.identity.empty()) object["identity"] = token.identity;
  object["declared"] = token.declared;
  json::array generations;
  for (const GenerationStatus& row : token.generations) {
    generations.push_back(Generation(row));
  }
  object["generations"] = std::move(generations);
  json::array places;
  for (const PlaceStatus& place : token.places) places.push_back(Place(place));
  object["places"] = std::move(places);
  object["due_at"] = InstantJson(token.due_at);
  object["makes_generation"] =
      token.makes > 0 ? json::value(token.makes) : json::value(nullptr);
  object["because"] = token.makes > 0
                          ? json::value(json::string(Word(token.because)))
                          : json::value(nullptr);
  object["problem"] = TextOrNull(token.problem);
  object["shorter_life"] = TextOrNull(token.shorter);
  object["ends_unrenewed"] = token.unrenewed
                                 ? json::value(UnrenewedJson(*token.unrenewed))
                                 : json::value(nullptr);
  object["location"] = LocationJson(token.where);
  return object;
}

}  // namespace

std::string RenderStatusJson(const StatusReport& report) {
  json::object root;
  root["format_version"] = "1.0";
  root["patform_version"] = kVersion;
  root["workspace"] = report.workspace;
  root["organizations"] = TextsJson(report.organizations);
  root["as_of"] = FormatInstant(report.as_of);
  root["complete"] = report.complete;
  root["applyable"] = !report.forbidden;
  root["checks"] =
      json::object{{"errors", report.errors}, {"warnings", report.warnings}};
  std::map<GenerationState, int> counts;
  json::array tokens;
  for (const TokenStatus& token : report.tokens) {
    for (const GenerationStatus& row : token.generations) ++counts[row.state];
    tokens.push_back(Token(token));
  }
  json::object summary;
  for (const auto& [state, n] : counts) summary[Word(state)] = n;
  root["summary"] = std::move(summary);
  root["tokens"] = std::move(tokens);
  json::array ending;
  for (const Unrenewed& each : report.ending) {
    ending.push_back(UnrenewedJson(each));
  }
  root["ends_unrenewed"] = std::move(ending);
  if (!report.sign_in.empty()) root["sign_in"] = report.sign_in;
  root["left_out"] = TextsJson(report.left_out);
  if (!report.strays.empty()) root["strays"] = NotesJson(report.strays);
  return JsonLine(root);
}

}  // namespace patform
