#include "providers/emulator/faults.h"

#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"

// Faults as JSON: which request (operation, organization, the nth of them, how
// many of those), and what happens to it. Strict, for a fault that is silently
// ignored makes a test pass that tests nothing.
namespace patform::emulator {
namespace {

namespace json = boost::json;

// "any" matches all; the others are what OperationOf() returns.
const std::vector<std::string>& Operations() {
  static const std::vector<std::string> names = {"list",
                                                 "get",
                                                 "create",
                                                 "update",
                                                 "revoke",
                                                 "any",
                                                 "comment_list",
                                                 "comment_post",
                                                 "comment_edit",
                                                 "comment_remove",
                                                 "status_list",
                                                 "status_set",
                                                 "sign_in",
                                                 "vault_list",
                                                 "vault_versions",
                                                 "vault_get",
                                                 "vault_set",
                                                 "vault_update",
                                                 "vault_delete",
                                                 "vault_list_deleted",
                                                 "vault_get_deleted",
                                                 "vault_recover",
                                                 "vault_purge",
                                                 "group_list",
                                                 "group_get",
                                                 "group_post",
                                                 "group_put",
                                                 "group_remove"};
  return names;
}

// One wording for all mistakes in a value.
absl::Status Wrong(std::string_view key, std::string_view want) {
  return absl::InvalidArgumentError(
      absl::StrCat("a fault's \"", Visible(key), "\" is ", AbslView(want)));
}

// Sets `out` or explains what is expected.
absl::Status ReadNumber(const json::value& value, std::string_view key,
                        int64_t low, int64_t high, int& out) {
  const int64_t* number = value.if_int64();
  if (number == nullptr || *number < low || *number > high) {
    return Wrong(key, absl::StrCat("a whole number from ", low, " to ", high));
  }
  out = static_cast<int>(*number);
  return absl::OkStatus();
}

absl::Status ReadFlag(const json::value& value, std::string_view key,
                      bool& out) {
  if (!value.is_bool()) return Wrong(key, "true or false");
  out = value.get_bool();
  return absl::OkStatus();
}

absl::Status ReadText(const json::value& value, std::string_view key,
                      std::string& out) {
  const json::string* text = value.if_string();
  if (text == nullptr) return Wrong(key, "a string");
  out.assign(text->data(), text->size());
  return absl::OkStatus();
}

// One member of an action. The limits keep a test from hanging for a day.
absl::Status ReadMember(const std::string& key, const json::value& value,
                        FaultAction& action) {
  if (key == "latency_ms") {
    return ReadNumber(value, key, 0, 600'000, action.latency_ms);
  }
  if (key == "status") {
    return ReadNumber(value, key, 200, 599, action.status.emplace());
  }
  // A body may be given as JSON, or as a text that is not JSON.
  if (key == "body") {
    if (!value.is_string()) {
      action.body = json::serialize(value);
      return absl::OkStatus();
    }
    return ReadText(value, key, action.body.emplace());
  }
  if (key == "headers") {
    const json::object* headers = value.if_object();
    if (headers == nullptr) return Wrong(key, "an object of strings");
    for (const auto& [name, text] : *headers) {
      std::string content;
      PATFORM_RETURN_IF_ERROR(ReadText(text, key, content));
      action.headers.emplace_back(std::string(name), std::move(content));
    }
    return absl::OkStatus();
  }
  // Together with status, body or headers.
  if (key == "after") return ReadFlag(value, key, action.after);
  if (key == "pat_token_error") {
    PATFORM_RETURN_IF_ERROR(ReadText(value, key, action.pat_token_error));
    // An error that the API gets next year is worth a test too; its name is
    // free, but it has one.
    if (action.pat_token_error.empty()) return Wrong(key, "a name");
    return absl::OkStatus();
  }
  if (key == "html") return ReadFlag(value, key, action.html);
  if (key == "cut_before") return ReadFlag(value, key, action.cut_before);
  if (key == "cut_after") return ReadFlag(value, key, action.cut_after);
  if (key == "garbage") return ReadFlag(value, key, action.garbage);
  if (key == "slow_drip") return ReadFlag(value, key, action.slow_drip);
  // Members of patToken that the answer has instead of the true ones.
  if (key == "lie") {
    if (!value.is_object()) return Wrong(key, "an object");
    action.lie = json::serialize(value);
    return absl::OkStatus();
  }
  // How many of the newest tokens a list does not show yet.
  if (key == "list_omit") {
    return ReadNumber(value, key, 1, 1'000'000, action.list_omit);
  }
  if (key == "advance_seconds") {
    return ReadNumber(value, key, 1, 31'536'000, action.advance_seconds);
  }
  if (key == "end_sessions") return ReadFlag(value, key, action.end_sessions);
  if (key == "revoke_named") return ReadText(value, key, action.revoke_named);
  if (key == "make_named") return ReadText(value, key, action.make_named);
  return absl::InvalidArgumentError(absl::StrCat(
      "a fault has no action \"", Visible(key),
      "\"; there are: latency_ms, status, body, headers, after, "
      "pat_token_error, html, cut_before, cut_after, garbage, slow_drip, "
      "lie, list_omit, advance_seconds, end_sessions, revoke_named, "
      "make_named"));
}

}  // namespace

absl::StatusOr<FaultRule> ParseFaultRule(std::string_view text) {
  json::error_code error;
  const json::value parsed =
      json::parse(json::string_view(text.data(), text.size()), error);
  const json::object* object = error ? nullptr : parsed.if_object();
  if (object == nullptr) {
    return absl::InvalidArgumentError("a fault is a JSON object");
  }
  FaultRule rule;
  for (const auto& [raw_key, value] : *object) {
    const std::string key(raw_key);
    if (key == "operation") {
      PATFORM_RETURN_IF_ERROR(ReadText(value, key, rule.operation));
      if (std::find(Operations().begin(), Operations().end(), rule.operation) ==
          Operations().end()) {
        return Wrong(
            key, absl::StrCat("one of ", absl::StrJoin(Operations(), ", ")));
      }
    } else if (key == "organization") {
      PATFORM_RETURN_IF_ERROR(ReadText(value, key, rule.organization));
    } else if (key == "nth") {
      PATFORM_RETURN_IF_ERROR(ReadNumber(value, key, 1, 1'000'000, rule.nth));
    } else if (key == "count") {
      PATFORM_RETURN_IF_ERROR(ReadNumber(value, key, 0, 1'000'000, rule.count));
    } else if (key == "action") {
      if (const json::string* name = value.if_string()) {
        // "cut_after" is short for {"cut_after": true}.
        PATFORM_RETURN_IF_ERROR(
            ReadMember(std::string(*name), json::value(true), rule.action));
        continue;
      }
      const json::object* members = value.if_object();
      if (members == nullptr) return Wrong(key, "an object");
      for (const auto& [name, member] : *members) {
        PATFORM_RETURN_IF_ERROR(
            ReadMember(std::string(name), member, rule.action));
      }
    } else {
      return absl::InvalidArgumentError(absl::StrCat(
          "a fault has no member \"", Visible(key),
          "\"; there are: operation, organization, nth, count, action"));
    }
  }
  // An empty action is fine: it only counts.
  if (!object->contains("action")) {
    return absl::InvalidArgumentError("a fault needs an \"action\"");
  }
  return rule;
}

void Faults::Add(FaultRule rule) { rules_.push_back({std::move(rule), 0}); }

// Every matching rule counts, the first one in its range acts. So two rules for
// one operation do not depend on each other's order.
std::optional<FaultAction> Faults::Next(std::string_view operation,
                                        std::string_view organization) {
  std::optional<FaultAction> chosen;
  for (Active& active : rules_) {
    const FaultRule& rule = active.rule;
    if (rule.operation != "any" && rule.operation != operation) continue;
    if (!rule.organization.empty() && rule.organization != organization) {
      continue;
    }
    // From 1: nth = 1 is the very next one.
    ++active.seen;
    const bool begun = active.seen >= rule.nth;
    const bool over = rule.count > 0 && active.seen >= rule.nth + rule.count;
    if (begun && !over && !chosen) chosen = rule.action;
  }
  return chosen;
}

// The service's enumeration, in its own order: position is number.
const std::vector<std::string>& PatTokenErrors() {
  static const std::vector<std::string> names = {
      "none",
      "displayNameRequired",
      "invalidDisplayName",
      "invalidValidTo",
      "invalidScope",
      "userIdRequired",
      "invalidUserId",
      "invalidUserType",
      "accessDenied",
      "failedToIssueAccessToken",
      "invalidClient",
      "invalidClientType",
      "invalidClientId",
      "invalidTargetAccounts",
      "hostAuthorizationNotFound",
      "authorizationNotFound",
      "failedToUpdateAccessToken",
      "sourceNotSupported",
      "invalidSourceIP",
      "invalidSource",
      "duplicateHash",
      "sshPolicyDisabled",
      "invalidToken",
      "tokenNotFound",
      "invalidAuthorizationId",
      "failedToReadTenantPolicy",
      "globalPatPolicyViolation",
      "fullScopePatPolicyViolation",
      "patLifespanPolicyViolation",
      "invalidTokenType",
      "invalidAudience",
      "invalidSubject",
      "deploymentHostNotSupported",
      "disablePatCreationPolicyViolation",
      "failedToReadOrgPolicy",
      "globalPATCreationBlocked",
      "expiredPatCannotBeExtended",
  };
  return names;
}

}  // namespace patform::emulator
