#include "providers/emulator/variable_groups/api.h"

#include <boost/json.hpp>
#include <optional>
#include <utility>
#include <variant>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"
#include "providers/emulator/tokens/vss_error.h"
#include "providers/emulator/tokens/wire.h"

namespace patform::emulator {
namespace {

namespace json = boost::json;

// Where `_apis` stands: after the organization, or after its project.
std::optional<size_t> ApisAt(const Target& target) {
  for (size_t i = 1; i <= 2; ++i) {
    if (target.Is(i, "_apis") && target.Is(i + 1, "distributedtask") &&
        target.Is(i + 2, "variablegroups")) {
      return i;
    }
  }
  return std::nullopt;
}

// The last part of the path; a list has none.
std::optional<int64_t> IdOf(const Target& target) {
  int64_t id = 0;
  if (target.path.empty() || !absl::SimpleAtoi(target.path.back(), &id)) {
    return std::nullopt;
  }
  return id;
}

// The first reference's project; a group belongs to one here.
std::string ProjectOf(const json::object& body) {
  const json::value* references =
      body.if_contains("variableGroupProjectReferences");
  const json::array* list =
      references == nullptr ? nullptr : references->if_array();
  if (list == nullptr || list->empty() || !list->front().is_object()) return "";
  const json::value* project =
      list->front().get_object().if_contains("projectReference");
  if (project == nullptr || !project->is_object()) return "";
  const json::value* name = project->get_object().if_contains("name");
  if (name == nullptr || !name->is_string()) return "";
  return absl::AsciiStrToLower(std::string(name->get_string()));
}

// A variable is plain unless it says otherwise, as in the service.
bool IsSecret(const json::object& variable) {
  const json::value* secret = variable.if_contains("isSecret");
  return secret != nullptr && secret->is_bool() && secret->get_bool();
}

// What every answer leaves out.
json::object Shown(const VariableGroup& group) {
  json::object shown = group.body;
  for (auto& variable : shown["variables"].as_object()) {
    json::object& fields = variable.value().as_object();
    if (IsSecret(fields)) fields["value"] = nullptr;
  }
  return shown;
}

http::ServerResponse NotFound(int64_t id) {
  return VssError(404, "VariableGroupNotFoundException",
                  absl::StrCat("Variable group with id ", id,
                               " does not exist. Or, you do not have "
                               "permissions to view the variable group."));
}

http::ServerResponse NotAllowed() {
  return VssError(403, "AccessDeniedException",
                  "You do not have permissions to perform this operation on "
                  "the variable group. A variable group administrator should "
                  "add you to the administrator role.");
}

class Call {
 public:
  Call(Service& service, const http::ServerRequest& request,
       const Target& target, const Caller& caller)
      : service_(service),
        request_(request),
        target_(target),
        caller_(caller),
        organization_(
            service.organizations.at(absl::AsciiStrToLower(target.path[0]))) {}

  http::ServerResponse List() {
    const std::string project = absl::AsciiStrToLower(target_.path[1]);
    const std::string wanted = target_.Find("groupName").value_or("");
    const bool manage = absl::EqualsIgnoreCase(
        target_.Find("actionFilter").value_or(""), "manage");
    json::array found;
    for (const auto& [id, group] : service_.variable_groups.groups) {
      if (group.organization != organization_ || group.project != project) {
        continue;
      }
      const json::value* name = group.body.if_contains("name");
      // Names are compared without case, and a * at the end matches.
      const std::string called(name->get_string());
      const bool fits = wanted.empty() ||
                        absl::EqualsIgnoreCase(called, wanted) ||
                        (wanted.ends_with('*') &&
                         absl::StartsWithIgnoreCase(
                             called, wanted.substr(0, wanted.size() - 1)));
      if (!fits || (manage && !caller_.manages_variables)) continue;
      found.push_back(Shown(group));
    }
    const size_t count = found.size();
    return JsonAnswer(200, json::serialize(json::object{
                               {"count", count}, {"value", std::move(found)}}));
  }

  http::ServerResponse Get() {
    VariableGroup* group = Find();
    if (group == nullptr) return NotFound(IdOf(target_).value_or(0));
    return JsonAnswer(200, json::serialize(Shown(*group)));
  }

  http::ServerResponse Write(bool makes) {
    if (!caller_.manages_variables) return NotAllowed();
    VariableGroup* group = makes ? nullptr : Find();
    if (!makes && group == nullptr) return NotFound(IdOf(target_).value_or(0));
    json::error_code error;
    json::value parsed = json::parse(request_.body, error);
    if (error || !parsed.is_object()) return BadJson();
    json::object body = std::move(parsed.get_object());
    const std::string project = ProjectOf(body);
    // Mandatory since 6.0-preview.2 (vsts-rest-api-specs, issue 531).
    if (project.empty()) {
      return VssError(400, "ArgumentException",
                      "Value cannot be null. Parameter name: "
                      "variableGroupProjectReferences");
    }
    const json::value* variables = body.if_contains("variables");
    const json::value* name = body.if_contains("name");
    if (variables == nullptr || !variables->is_object() || name == nullptr ||
        !name->is_string()) {
      return VssError(400, "ArgumentException",
                      "A variable group needs a name and at least one "
                      "variable.");
    }
    for (auto& variable : body["variables"].get_object()) {
      if (!variable.value().is_object()) return BadJson();
      json::object& fields = variable.value().get_object();
      json::value& value = fields["value"];
      // Null keeps the secret that is there.
      if (value.is_null() && IsSecret(fields)) {
        value =
            group == nullptr ? json::value("") : Before(*group, variable.key());
      }
      if (!value.is_string()) {
        return VssError(400, "ArgumentException",
                        "The value of a variable is a text.");
      }
    }
    if (group == nullptr) {
      const int64_t id = ++service_.variable_groups.last_id;
      group = &service_.variable_groups.groups[id];
      group->id = id;
      group->organization = organization_;
    }
    group->project = project;
    Stamp(*group, std::move(body));
    return JsonAnswer(200, json::serialize(Shown(*group)));
  }

  http::ServerResponse Remove() {
    if (!caller_.manages_variables) return NotAllowed();
    VariableGroup* group = Find();
    if (group == nullptr) return NotFound(IdOf(target_).value_or(0));
    service_.variable_groups.groups.erase(group->id);
    http::ServerResponse response;
    response.status = 204;
    return response;
  }

 private:
  VariableGroup* Find() {
    const auto found =
        service_.variable_groups.groups.find(IdOf(target_).value_or(0));
    const bool here = found != service_.variable_groups.groups.end() &&
                      found->second.organization == organization_;
    return here ? &found->second : nullptr;
  }

  static json::value Before(const VariableGroup& group,
                            json::string_view name) {
    const json::object& variables = group.body.at("variables").as_object();
    const json::value* old = variables.if_contains(name);
    if (old == nullptr) return json::value("");
    return old->as_object().at("value");
  }

  // What the service itself says of a group.
  void Stamp(VariableGroup& group, json::object body) {
    const std::string now = FormatTicks(ToTicks(service_.clock.Now()));
    const json::object person = {{"displayName", caller_.user},
                                 {"id", caller_.object_id},
                                 {"uniqueName", caller_.user}};
    const bool first = group.body.empty();
    const json::value created_by =
        first ? json::value(person) : group.body.at("createdBy");
    const json::value created_on =
        first ? json::value(now) : group.body.at("createdOn");
    body["id"] = group.id;
    if (!body.contains("type")) body["type"] = "Vsts";
    body["createdBy"] = created_by;
    body["createdOn"] = created_on;
    body["modifiedBy"] = person;
    body["modifiedOn"] = now;
    body["isShared"] = false;
    group.body = std::move(body);
  }

  Service& service_;
  const http::ServerRequest& request_;
  const Target& target_;
  const Caller& caller_;
  const std::string organization_;
};

}  // namespace

std::string VariableGroupOperationOf(std::string_view method,
                                     const Target& target) {
  const std::optional<size_t> apis = ApisAt(target);
  if (!apis) return "";
  const size_t more = target.path.size() - *apis - 3;
  const bool one = more == 1 && IdOf(target).has_value();
  if (method == "GET" && more == 0 && *apis == 2) return "group_list";
  if (method == "GET" && one && *apis == 2) return "group_get";
  if (method == "POST" && more == 0) return "group_post";
  if (method == "PUT" && one) return "group_put";
  if (method == "DELETE" && one) return "group_remove";
  return "";
}

http::ServerResponse AnswerVariableGroups(Service& service,
                                          std::string_view operation,
                                          const http::ServerRequest& request,
                                          const Target& target) {
  if (service.organizations.count(absl::AsciiStrToLower(target.path[0])) == 0) {
    return NoSuchResource();
  }
  auto checked = service.auth.Check(request, target.path[0],
                                    service.clock.Now(), service.switches);
  if (auto* refusal = std::get_if<http::ServerResponse>(&checked)) {
    return std::move(*refusal);
  }
  const Caller& caller = std::get<Caller>(checked);
  // A bearer without any scope for groups is as good as none.
  if (!caller.reads_variables) {
    return Authenticator::NotSignedIn(target.path[0], service.switches);
  }
  Call call(service, request, target, caller);
  if (operation == "group_list") return call.List();
  if (operation == "group_get") return call.Get();
  if (operation == "group_remove") return call.Remove();
  return call.Write(operation == "group_post");
}

}  // namespace patform::emulator
