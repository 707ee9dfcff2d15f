#include "engine/saved/clearance.h"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/canonical_json.h"
#include "engine/base/clock.h"
#include "engine/base/strings.h"
#include "engine/model/mark.h"
#include "engine/plan/configuration.h"
#include "engine/plan/field_differences.h"

// What of today's plan the saved or approved one allows. Plans are compared as
// fields of canonical JSON: what is not in the fields is free to differ (places
// in files, the clock), everything else has to be the same. The messages name
// both values, for somebody has to find out whether a person or a machine moved
// it.
namespace patform {
namespace {

namespace json = boost::json;

std::string Text(const std::string& value) {
  return Canonical(json::string(value));
}

// "scopes: "a" → "b"" for each field that differs.
std::vector<std::string> Differences(const Fields& before, const Fields& now) {
  std::vector<std::string> lines;
  for (const FieldDifference& each : DifferencesOf(before, now)) {
    lines.push_back(
        absl::StrCat(Visible(each.field), ": ", each.before, " → ", each.now));
  }
  return lines;
}

// Where it is in the file of today.
std::string At(const SourceLocation& where) {
  if (where.file.empty()) return "";
  return absl::StrCat(" (", Visible(where.file), ":", where.line, ")");
}

// One table of a configuration.
struct Table {
  std::string subject;
  SourceLocation where;
  Fields fields;
};

// Settings are fields like the others: no type has one of its own names.
Fields SettingsOf(const json::object& object) {
  Fields fields = FieldsOf(object);
  const json::value* written = object.if_contains("written");
  if (written != nullptr && written->is_object()) {
    fields.erase("written");
    fields.merge(FieldsOf(written->get_object()));
  }
  return fields;
}

// Everything in a configuration, by what makes a table the same one: a
// kind, an identity, an organization and a name, which no two tables share.
using TableKey = std::array<std::string, 4>;
const TableKey& kPolicy = *new TableKey{"3"};
const TableKey& kPolicyWritten = *new TableKey{"4"};

std::map<TableKey, Table> TablesOf(const DesiredState& desired) {
  std::map<TableKey, Table> tables;
  // The numbers only keep the order: head, auth, policy, sinks, tokens.
  Fields head = {{"workspace", Text(desired.workspace)},
                 {"organization", Text(desired.organization)}};
  tables[{"1"}] = {"patform", {}, std::move(head)};
  tables[{"2"}] = {"[auth]", desired.auth.where,
                   SettingsOf(AuthJson(desired.auth, Places::kWithout))};
  for (const AuthConfig& each : desired.identities) {
    tables[{"2", each.identity}] = {
        SignInTable(each.identity), each.where,
        SettingsOf(AuthJson(each, Places::kWithout))};
  }
  Fields policy = FieldsOf(PolicyJson(desired.policy, Places::kWithout));
  tables[kPolicy] = {"[policy]", desired.policy.where, std::move(policy)};
  // As each of the two files has it, although they may come to the same.
  Fields written;
  for (const auto& [key, value] : desired.policy_written) {
    written[key] = Text(value);
  }
  tables[kPolicyWritten] = {"[policy]", desired.policy.where,
                            std::move(written)};
  for (const SinkConfig& sink : desired.sinks) {
    tables[{"5", "", "", sink.name}] = {
        absl::StrCat("[sink.", sink.name, "]"), sink.where,
        SettingsOf(SinkJson(sink, Places::kWithout))};
  }
  for (const DesiredToken& token : desired.tokens) {
    tables[{"6", token.identity, token.organization, token.name}] = {
        desired.AddressOf(token.name, token.realm()), token.where,
        FieldsOf(TokenJson(token, Places::kWithout))};
  }
  return tables;
}

// What differs between two configurations.
std::vector<std::string> EditedConfiguration(const DesiredState& before,
                                             const DesiredState& now) {
  const auto was = TablesOf(before);
  const auto is = TablesOf(now);
  std::vector<std::string> lines;
  // Something of the policy was named already.
  bool policy = false;
  for (const auto& [key, table] : is) {
    if (policy && key == kPolicyWritten) continue;  // once is enough
    const auto old = was.find(key);
    const std::string subject =
        absl::StrCat("  ", Visible(table.subject), At(table.where), ": ");
    if (old == was.end()) {
      lines.push_back(subject + "was not in the file");
      continue;
    }
    for (const std::string& line :
         Differences(old->second.fields, table.fields)) {
      lines.push_back(subject + line);
      policy = policy || key == kPolicy;
    }
  }
  // What is not there any more has no line to point at.
  for (const auto& [key, table] : was) {
    if (is.count(key) > 0) continue;
    lines.push_back(absl::StrCat("  ", Visible(table.subject),
                                 ": is not in the file any more"));
  }
  return lines;
}

// A set: the order of ends is not a difference.
std::string Ids(const std::vector<Collect>& ends) {
  std::set<std::string> ids;
  for (const Collect& end : ends) ids.insert(end.id.ToString());
  return Canonical(TextsJson({ids.begin(), ids.end()}));
}

// The structured binding fails to compile when a fact is added, so that none is
// forgotten here.
void AddFacts(const char* prefix, const std::optional<TokenFacts>& facts,
              bool with_end, Fields& fields) {
  if (!facts) return;
  const auto& [id, display_name, scopes, valid_from, valid_to,
               all_organizations, generation] = *facts;
  const auto add = [&](const char* name, std::string value) {
    fields[absl::StrCat(prefix, name)] = std::move(value);
  };
  if (id) add("token", Text(id->ToString()));
  add("name", Text(display_name));
  add("scopes", Text(scopes.text()));
  add("valid in", Text(ValidIn(all_organizations)));
  if (generation > 0) add("generation", absl::StrCat(generation));
  // An end that follows from the clock is different in every plan.
  if (with_end && valid_to) add("valid until", Text(FormatInstant(*valid_to)));
}

// What makes a change the one that was reviewed. The end of the life that it
// gives follows from the clock and from the configuration, which is compared
// by itself; so does when what it supersedes ends.
Fields Identity(const Change& change) {
  Fields fields;
  fields["action"] = Text(Word(change.action));
  fields["class"] = Text(Word(change.change_class));
  AddFacts("before: ", change.before, /*with_end=*/true, fields);
  AddFacts("after: ", change.after, /*with_end=*/false, fields);
  // Only a new token has a generation to compare.
  if (change.decision->kind == Decision::Kind::kMake) {
    fields["new generation"] = absl::StrCat(change.decision->generation);
  }
  json::array deliver;
  for (const Delivery& place : change.deliver) {
    deliver.push_back(json::object{{"sink", place.sink},
                                   {"at", place.at},
                                   {"key", place.key},
                                   {"encoding", Word(place.encoding)},
                                   {"adopt", place.adopt}});
  }
  if (!deliver.empty()) fields["deliver"] = Canonical(deliver);
  if (!change.revoke.empty()) fields["revokes"] = Ids(change.revoke);
  return fields;
}

// Which change of one plan is which of the other. A token can have two: an
// update and what an interrupted run left; and two tokens that nobody manages
// can have one name.
using ChangeKey = std::tuple<std::string, std::string, bool, std::string>;

ChangeKey KeyOf(const Change& change) {
  std::string id;
  if ((change.action == Action::kRelease ||
       change.reason == Reason::kUnmanaged) &&
      change.before && change.before->id) {
    id = change.before->id->ToString();
  }
  return {change.organization, change.address, change.action == Action::kFinish,
          std::move(id)};
}

// One thing that is not as it was, and what it is about.
struct Move {
  Realm realm;
  std::string name;   // a token's human name
  std::string place;  // a delivery's address
  std::set<AuthorizationId> ids;
  std::string line;
};

Fields FactsOf(const ActualToken& token) {
  return {{"name", Text(token.display_name)},
          {"scopes", Text(token.scopes.text())},
          {"valid until", Text(FormatInstant(token.valid_to))},
          {"valid in", Text(ValidIn(token.all_organizations))},
          {"state", Text(Word(token.state))}};
}

// What became of the tokens that the plan had read, one line for each
// difference.
void TokenMoves(const TokenList& before, const TokenList& now,
                std::vector<Move>& moves) {
  std::map<AuthorizationId, const ActualToken*> was, is;
  for (const ActualToken& token : before.tokens) was[token.id] = &token;
  for (const ActualToken& token : now.tokens) is[token.id] = &token;
  const auto add = [&](const ActualToken& token, const std::string& what) {
    moves.push_back({before.realm(),
                     std::string(HumanName(token.display_name)),
                     "",
                     {token.id},
                     absl::StrCat("token ", token.id.Short(), " \"",
                                  Visible(token.display_name), "\": ", what)});
  };
  for (const auto& [id, token] : was) {
    // Ended and gone from the list, or not listed for another reason.
    const auto found = is.find(id);
    if (found == is.end()) {
      add(*token, "lived until " + FormatMinute(token->valid_to) +
                      " → is not listed any more");
      continue;
    }
    for (const std::string& line :
         Differences(FactsOf(*token), FactsOf(*found->second))) {
      add(*token, line);
    }
  }
  for (const auto& [id, token] : is) {
    // Tokens that are new but not active were not there to be planned with.
    if (was.count(id) > 0 || token->state != TokenState::kActive) continue;
    add(*token, absl::StrCat("did not exist → lives until ",
                             FormatMinute(token->valid_to)));
  }
}

// What a place holds, in words.
std::string Says(const HeldRecord& held) {
  switch (held.state) {
    case HeldRecord::State::kAbsent:
      return "nothing";
    case HeldRecord::State::kForeign:
      return "a value that patform did not write";
    case HeldRecord::State::kUnknown:
      return absl::StrCat("could not be read: ",
                          Visible(std::string(held.why.message())));
    case HeldRecord::State::kPresent:
      return absl::StrCat("generation ", held.record->generation, " of ",
                          Visible(held.record->token), " (",
                          held.record->id.Short(), ")");
    case HeldRecord::State::kTorn:
      return "a secret and the record of another one";
    case HeldRecord::State::kSilent:
      return "what it was given last, without a record";
  }
  return "";
}

// Only places that both have read: others follow from the configuration.
void RecordMoves(const ActualState& before, const ActualState& now,
                 std::vector<Move>& moves) {
  for (const auto& [address, held] : before.records) {
    const auto found = now.records.find(address);
    if (found == now.records.end()) continue;
    const HeldRecord& other = found->second;
    if (held.state == other.state && held.record == other.record) continue;
    Move move;
    move.place = address;
    for (const HeldRecord* one : {&held, &other}) {
      if (one->record) move.ids.insert(one->record->id);
    }
    move.line = absl::StrCat(Visible(address), ": held ", Says(held), " → ",
                             Says(other));
    moves.push_back(std::move(move));
  }
}

// Everything that moved. Which of it explains a refusal is asked of Concerns().
std::vector<Move> Moves(const ActualState& before, const ActualState& now) {
  std::vector<Move> moves;
  for (const auto& [realm, snapshot] : before.organizations) {
    const auto found = now.organizations.find(realm);
    if (found != now.organizations.end()) {
      TokenMoves(snapshot, found->second, moves);
    }
  }
  RecordMoves(before, now, moves);
  return moves;
}

// By place, by name, or by an id that the change is about.
bool Concerns(const Move& move, const Change& change) {
  for (const Delivery& place : change.deliver) {
    if (place.Address() == move.place) return true;
  }
  if (!move.name.empty() && move.realm == change.realm() &&
      move.name == change.name) {
    return true;
  }
  if (change.before && change.before->id &&
      move.ids.count(*change.before->id) > 0) {
    return true;
  }
  return std::any_of(
      change.revoke.begin(), change.revoke.end(),
      [&](const Collect& end) { return move.ids.count(end.id) > 0; });
}

// Two runners' clocks may differ by this much.
constexpr absl::Duration kClockSkew = absl::Minutes(5);

// Sooner than a reviewer could expect, beyond what two clocks may differ.
bool Sooner(const Collect& end, const Collect& reviewed) {
  if (!reviewed.retire_at) return false;  // at once
  return !end.retire_at || *end.retire_at < *reviewed.retire_at - kClockSkew;
}

// Ends nothing that the reviewed change did not end, and no sooner.
void KeepReviewed(const std::vector<Collect>& reviewed,
                  std::vector<Collect>& ends) {
  std::erase_if(ends, [&](const Collect& end) {
    return std::none_of(reviewed.begin(), reviewed.end(),
                        [&](const Collect& one) {
                          return one.id == end.id && !Sooner(end, one);
                        });
  });
}

// For `apply PLAN`: the saved plan or nothing. Each of its changes has to be in
// today's plan, with the same identity; what today's plan has beyond them is
// left out.
class ExactRelease {
 public:
  ExactRelease(const SavedPlan& saved, const ActualState& actual,
               const Plan& now)
      : saved_(saved), actual_(actual), now_(now) {
    for (const Change& change : now.changes.changes) {
      current_[KeyOf(change)] = &change;
    }
  }

  Clearance Make() {
    clearance_.plan = now_;
    clearance_.plan.changes.changes.clear();
    // What else cannot be decided now is not part of what was reviewed.
    clearance_.plan.changes.deferred.clear();
    // The approval is that of the reviewed plan, for it is what was approved.
    clearance_.plan.digest = saved_.plan.digest;
    clearance_.plan.policy_changes = saved_.plan.policy_changes;
    for (const Change& reviewed : saved_.plan.changes.changes) One(reviewed);
    // How many changes of today are left for another run.
    clearance_.beyond = static_cast<int>(
        now_.changes.changes.size() - clearance_.plan.changes.changes.size());
    clearance_.plan.counts = CountActions(clearance_.plan.changes.changes);
    return std::move(clearance_);
  }

 private:
  void One(const Change& reviewed) {
    const auto found = current_.find(KeyOf(reviewed));
    if (found == current_.end()) return Refuse(reviewed, Instead(reviewed), {});
    const std::vector<std::string> differences =
        Differences(Identity(reviewed), Identity(*found->second));
    if (!differences.empty()) {
      const bool same = reviewed.action == found->second->action;
      return Refuse(reviewed,
                    same ? "it would not be the same change now"
                         : absl::StrCat("it would now ",
                                        RowOf(found->second->action).to_be),
                    differences);
    }
    // Today's, because it has today's ids and times; but it ends nothing more.
    Change change = *found->second;
    Decision& decision = change.decision.Mutable();
    KeepReviewed(reviewed.decision->collect_first, decision.collect_first);
    KeepReviewed(reviewed.decision->collect, decision.collect);
    std::erase_if(change.remove, [&](const Removal& removal) {
      return std::none_of(reviewed.remove.begin(), reviewed.remove.end(),
                          [&](const Removal& r) {
                            return r.id == removal.id &&
                                   r.place.Address() == removal.place.Address();
                          });
    });
    // Nothing of what was reviewed is left.
    if (change.action == Action::kFinish && change.decision->collect.empty()) {
      return Refuse(reviewed, "there is nothing to do for it now", {});
    }
    clearance_.plan.changes.changes.push_back(std::move(change));
  }

  // Why it is not in today's plan.
  std::string Instead(const Change& reviewed) const {
    for (const Deferred& deferred : now_.changes.deferred) {
      if (deferred.address != reviewed.address ||
          deferred.organization != reviewed.organization) {
        continue;
      }
      return absl::StrCat("it cannot be decided now: ",
                          Visible(deferred.explanation));
    }
    return "there is nothing to do for it now";
  }

  void Refuse(const Change& reviewed, const std::string& instead,
              const std::vector<std::string>& differences) {
    // Computed for the first refusal only: it compares two whole worlds.
    if (!moves_) moves_ = Moves(saved_.world, Relevant(actual_));
    clearance_.stale.push_back(
        absl::StrCat(Visible(reviewed.address), " was to ",
                     RowOf(reviewed.action).to_be, "; ", instead));
    // A move that concerns the change explains more than the fields that differ
    // because of it.
    bool explained = false;
    for (const Move& move : *moves_) {
      if (!Concerns(move, reviewed)) continue;
      explained = true;
      clearance_.stale.push_back("  " + move.line);
    }
    // Time can do it, too.
    if (explained) return;
    for (const std::string& line : differences) {
      clearance_.stale.push_back("  " + line);
    }
  }

  const SavedPlan& saved_;
  const ActualState& actual_;
  const Plan& now_;
  std::map<ChangeKey, const Change*> current_;
  std::optional<std::vector<Move>> moves_;
  Clearance clearance_;
};

}  // namespace

Clearance ClearExactly(const SavedPlan& saved, const DesiredState& desired,
                       const ActualState& actual, const Plan& now) {
  // First of all: with another configuration each difference below would only
  // be a consequence.
  const std::vector<std::string> edits =
      EditedConfiguration(saved.desired, desired);
  if (!edits.empty()) {
    Clearance clearance;
    clearance.stale = {"the configuration was edited"};
    clearance.stale.insert(clearance.stale.end(), edits.begin(), edits.end());
    return clearance;
  }
  return ExactRelease(saved, actual, now).Make();
}

// For `apply --approve FILE`: today's plan, if it does not ask for more than
// the approved one. The comparison of intentions is in plan/approval.
Clearance ClearApproved(const SavedPlan& approved, const Plan& now,
                        const Approval& wanted) {
  Clearance clearance;
  clearance.stale = BeyondApproval(ApprovalOf(approved), wanted);
  clearance.plan = now;
  std::map<ChangeKey, const Change*> reviewed;
  for (const Change& change : approved.plan.changes.changes) {
    reviewed[KeyOf(change)] = &change;
  }
  // A rotation that somebody asked for by name is due once, not once a try.
  std::erase_if(clearance.plan.changes.changes, [&](const Change& change) {
    const auto same = reviewed.find(KeyOf(change));
    return change.reason == Reason::kRequested && same != reviewed.end() &&
           change.before && same->second->before &&
           change.before->id != same->second->before->id;
  });
  clearance.plan.counts = CountActions(clearance.plan.changes.changes);
  return clearance;
}

// For `apply --approve DIGEST`. The digest covers what needs approval; a plan
// of maintenance alone needs none.
Clearance ClearApproved(const std::string& digest, const Plan& now,
                        absl::FunctionRef<Approval()> wanted) {
  Clearance clearance;
  clearance.plan = now;
  if (digest == now.digest || now.policy_changes == 0) return clearance;
  clearance.stale.push_back(absl::StrCat("approved is ", Visible(digest),
                                         "; the plan is now ", now.digest));
  clearance.stale.push_back(absl::StrCat(
      "it holds ", Count(now.policy_changes, "change"), " that need",
      now.policy_changes == 1 ? "s" : "", " the approval:"));
  // A digest cannot be taken apart, so the changes are listed as they are now.
  const Approval approval = wanted();
  for (const ApprovedChange& change : approval.changes) {
    clearance.stale.push_back(
        absl::StrCat("  ", Visible(change.address), ": ", Intention(change)));
  }
  return clearance;
}

}  // namespace patform
