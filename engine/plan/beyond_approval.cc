#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/canonical_json.h"
#include "engine/base/strings.h"
#include "engine/model/json_fields.h"
#include "engine/plan/approval.h"
#include "engine/plan/field_differences.h"

// What one plan asks for beyond another, told by the content of their changes.
namespace patform {
namespace {

namespace json = boost::json;

// Compares what one change is now with what was approved of it.
class Comparison {
 public:
  Comparison(const ApprovedChange& approved, const ApprovedChange& now)
      : address_(now.address),
        approved_(json::parse(approved.content).as_object()),
        now_(json::parse(now.content).as_object()) {}

  std::vector<std::string> Lines() && {
    for (const char* key : {"intent", "name", "exists", "token"}) Plain(key);
    for (const char* key : {"ends", "new_places"}) Fewer(key);
    Members("from", " before the change");
    Members("declared", "");
    return std::move(lines_);
  }

 private:
  static const json::value& At(const json::object& object,
                               json::string_view key) {
    static const json::value& null = *new json::value;
    const json::value* value = object.if_contains(key);
    return value == nullptr ? null : *value;
  }
  static const json::object& ObjectAt(const json::object& object,
                                      const char* key) {
    static const json::object& nothing = *new json::object;
    const json::value& value = At(object, key);
    return value.is_object() ? value.get_object() : nothing;
  }

  void Say(const std::string& what, const char* when, const std::string& was,
           const std::string& is) {
    lines_.push_back(absl::StrCat(Visible(address_), ": ", what, when,
                                  ": approved ", was, ", now ", is));
  }

  void Plain(const char* key) {
    const json::value& was = At(approved_, key);
    const json::value& is = At(now_, key);
    if (Canonical(was) != Canonical(is)) Say(key, "", Drawn(was), Drawn(is));
  }

  // Whatever of the list was not in the approved one.
  void Fewer(const char* key) {
    std::set<std::string> known;
    const json::value& was = At(approved_, key);
    const json::value& is = At(now_, key);
    for (const json::value& item : was.as_array())
      known.insert(Canonical(item));
    for (const json::value& item : is.as_array()) {
      if (known.count(Canonical(item)) == 0)
        return Say(key, "", Drawn(was), Drawn(is));
    }
  }

  void Members(const char* key, const char* when) {
    const json::object& was = ObjectAt(approved_, key);
    const json::object& is = ObjectAt(now_, key);
    for (const FieldDifference& each :
         DifferencesOf(FieldsOf(was), FieldsOf(is))) {
      Say(Visible(each.field), when, each.before, each.now);
    }
  }

  const std::string& address_;
  const json::object approved_;
  const json::object now_;
  std::vector<std::string> lines_;
};

// "[policy]: max_lifetime: approved "90d", now nothing".
void CompareText(const std::string& subject, const std::string& approved,
                 const std::string& now, std::vector<std::string>& lines) {
  if (approved == now) return;
  for (const FieldDifference& each :
       DifferencesOf(FieldsOf(json::parse(approved).as_object()),
                     FieldsOf(json::parse(now).as_object()))) {
    lines.push_back(absl::StrCat(subject, ": ", each.field, ": approved ",
                                 each.before, ", now ", each.now));
  }
}

void CompareRequests(const Approval& approved, const Approval& now,
                     std::vector<std::string>& lines) {
  for (const std::string& name : now.rotate) {
    if (approved.rotate.count(name) > 0) continue;
    lines.push_back(
        absl::StrCat("--rotate ", Visible(name), " was not approved"));
  }
  if (approved.targets != now.targets) {
    lines.push_back(absl::StrCat("--target: approved ",
                                 Drawn(TextsJson(approved.targets)), ", now ",
                                 Drawn(TextsJson(now.targets))));
  }
  if (now.allowed_revocations > approved.allowed_revocations) {
    lines.push_back(absl::StrCat("--allow-revocations ",
                                 now.allowed_revocations, " was not approved"));
  }
  if (now.allow_empty_list && !approved.allow_empty_list) {
    lines.push_back("--allow-empty-list was not approved");
  }
}

void CompareRules(const Approval& approved, const Approval& now,
                  std::vector<std::string>& lines) {
  CompareText("[auth]", approved.auth, now.auth, lines);
  CompareText("[policy]", approved.policy, now.policy, lines);
  for (const auto& [name, content] : now.sinks) {
    const auto known = approved.sinks.find(name);
    // A change that was not approved is reported by itself.
    if (known == approved.sinks.end()) continue;
    CompareText(absl::StrCat("[sink.", Visible(name), "]"), known->second,
                content, lines);
  }
  for (const auto& [name, content] : now.identities) {
    const auto known = approved.identities.find(name);
    if (known == approved.identities.end()) continue;
    CompareText(SignInTable(name), known->second, content, lines);
  }
}

}  // namespace

std::string Intention(const ApprovedChange& change) {
  const json::value content = json::parse(change.content);
  const json::string& intent = content.at("intent").as_string();
  for (const ActionRow& row : kActionWords) {
    if (intent == row.word) return absl::StrCat("to ", row.to_be);
  }
  return "to be changed";
}

std::vector<std::string> BeyondApproval(const Approval& approved,
                                        const Approval& now) {
  std::vector<std::string> lines;
  const auto differs = [&](const char* what, const std::string& was,
                           const std::string& is) {
    if (was == is) return;
    lines.push_back(absl::StrCat(what, ": approved \"", Visible(was),
                                 "\", now \"", Visible(is), "\""));
  };
  differs("workspace", approved.workspace, now.workspace);
  differs("user", approved.user_oid, now.user_oid);
  // What needs no approval does not ask for its flags and rules either.
  if (now.changes.empty()) return lines;
  CompareRequests(approved, now, lines);
  CompareRules(approved, now, lines);
  for (const ApprovedChange& change : now.changes) {
    if (std::binary_search(approved.changes.begin(), approved.changes.end(),
                           change)) {
      continue;
    }
    // If a token has several changes, the one that differs least.
    std::optional<std::vector<std::string>> least;
    for (const ApprovedChange& other : approved.changes) {
      if (other.address != change.address ||
          other.organization != change.organization ||
          other.identity != change.identity) {
        continue;
      }
      std::vector<std::string> found = Comparison(other, change).Lines();
      if (!least || found.size() < least->size()) least = std::move(found);
    }
    if (!least) {
      lines.push_back(absl::StrCat(Visible(change.address), ": ",
                                   Intention(change),
                                   ", which was not approved"));
      continue;
    }
    lines.insert(lines.end(), least->begin(), least->end());
  }
  return lines;
}

}  // namespace patform
