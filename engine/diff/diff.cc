#include "engine/diff/diff.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "engine/base/clock.h"
#include "engine/base/strings.h"

namespace patform {
namespace {

// The service's own limit on any token's life.
constexpr absl::Duration kYear = absl::Hours(365 * 24);
// A token's birth is dated by the service's clock, the end that was asked for
// by ours: a life longer than declared by this much is still as declared.
constexpr absl::Duration kClockSkew = absl::Minutes(5);

absl::Time WholeSecond(absl::Time time) {
  return absl::FromUnixSeconds(absl::ToUnixSeconds(time));
}

TokenFacts Facts(const ActualToken& token, int64_t generation) {
  TokenFacts facts;
  facts.id = token.id;
  facts.display_name = token.display_name;
  facts.scopes = token.scopes;
  facts.valid_from = token.valid_from;
  facts.valid_to = token.valid_to;
  facts.all_organizations = token.all_organizations;
  facts.generation = generation;
  return facts;
}

TokenFacts Wanted(const DesiredToken& desired, absl::Time now,
                  int64_t generation) {
  TokenFacts facts;
  // The nonce is drawn when the token is minted; until then the name
  // has no mark.
  facts.display_name = desired.name;
  facts.scopes = desired.scopes;
  facts.valid_to = WantedValidTo(desired, now);
  facts.all_organizations = desired.all_organizations;
  facts.generation = generation;
  return facts;
}

const char* Reach(bool all_organizations) {
  return all_organizations ? "all organizations" : "this organization";
}

std::vector<FieldChange> Compare(const TokenFacts& before,
                                 const TokenFacts& after) {
  std::vector<FieldChange> fields;
  const auto human = [](const TokenFacts& facts) {
    const auto marked = ParseDisplayName(facts.display_name);
    return marked ? std::string(marked->name) : facts.display_name;
  };
  if (human(before) != human(after)) {
    fields.push_back({"display_name", human(before), human(after)});
  }
  if (before.scopes != after.scopes) {
    fields.push_back({"scopes", before.scopes.text(), after.scopes.text()});
  }
  if (before.valid_to && after.valid_to &&
      absl::AbsDuration(*before.valid_to - *after.valid_to) > kDateTolerance) {
    fields.push_back({"valid_to", FormatInstant(*before.valid_to),
                      FormatInstant(*after.valid_to)});
  }
  if (before.all_organizations != after.all_organizations) {
    fields.push_back({"valid_in", Reach(before.all_organizations),
                      Reach(after.all_organizations)});
  }
  return fields;
}

// One token's way through the diff.
class TokenDiff {
 public:
  TokenDiff(const DesiredState& state, const DesiredToken& desired,
            const TokenView& view, const ActualState& actual,
            const DiffOptions& options, absl::Time now, ChangeSet& out)
      : state_(state),
        desired_(desired),
        view_(view),
        actual_(actual),
        options_(options),
        now_(now),
        out_(out) {}

  void Run() {
    NoteStrangers();
    for (const ActualToken& token : view_.strangers) Until(token.valid_to);
    for (const ActualToken& token : view_.unmarked) Until(token.valid_to);
    switch (desired_.ensure) {
      case Ensure::kAbsent:
        return Absent();
      case Ensure::kReleased:
        return Release();
      case Ensure::kPresent:
        return desired_.deliver.empty() ? Watched() : Delivered();
    }
  }

 private:
  std::string Address() const {
    return state_.AddressOf(desired_.name, desired_.organization);
  }

  // The user asked for a rotation, by name or by address.
  bool Requested() const {
    return !options_.rotate.empty() &&
           (options_.rotate.count(desired_.name) > 0 ||
            options_.rotate.count(Address()) > 0);
  }

  Change NewChange(Action action, Reason reason) const {
    Change change;
    change.action = action;
    change.reason = reason;
    change.name = desired_.name;
    change.address = Address();
    change.organization = desired_.organization;
    change.owner = desired_.owner;
    change.where = desired_.where;
    return change;
  }

  void Say(std::string text) const {
    out_.notes.push_back({Address(), std::move(text)});
  }

  void Defer(const Decision& decision) const {
    out_.deferred.push_back({Address(), desired_.organization,
                             decision.explanation,
                             decision.kind == Decision::Kind::kWait,
                             desired_.where, desired_.name});
  }

  // The plan reads differently from `at` on.
  void Until(absl::Time at) const {
    if (at > now_) out_.stable_until = std::min(out_.stable_until, at);
  }

  void NoteStrangers() const {
    for (const ActualToken& token : view_.strangers) {
      Say(absl::StrCat("token ", token.id.Short(), " \"", token.display_name,
                       "\" carries a copied mark; patform did not mint it "
                       "and leaves it alone"));
    }
  }

  void Absent() const {
    Change change = NewChange(Action::kRevoke, Reason::kDeclaredAbsent);
    for (const OwnToken& own : view_.ours) {
      change.revoke.push_back({own.token.id, own.generation,
                               Reason::kDeclaredAbsent, std::nullopt,
                               own.token.valid_to, own.token.display_name});
      change.before = Facts(own.token, own.generation);
    }
    // In the same plan as ours: else the next plan would still have a change.
    if (view_.unmarked.size() == 1) {
      const ActualToken& token = view_.unmarked[0];
      change.revoke.push_back({token.id, 0, Reason::kDeclaredAbsent,
                               std::nullopt, token.valid_to,
                               token.display_name});
      if (!change.before) change.before = Facts(token, 0);
    }
    const bool ambiguous = view_.unmarked.size() > 1;
    if (ambiguous) {
      Decision decision;
      decision.explanation = Ambiguous();
      Defer(decision);
    }
    if (change.revoke.empty()) {
      if (!ambiguous) ++out_.unchanged;
      return;
    }
    out_.changes.push_back(std::move(change));
  }

  // Taking the mark off is what makes a token nobody's.
  void Release() const {
    if (view_.ours.empty()) {
      ++out_.unchanged;
      return;
    }
    for (const OwnToken& own : view_.ours) {
      if (own.copied) {
        // Without the first carrier the copy would be taken for ours.
        Decision decision;
        decision.explanation = absl::StrCat(
            "token ", own.token.id.Short(),
            " cannot be released while another token carries a copy of its "
            "mark, which would then count as made by patform: rename or "
            "revoke the copy in the portal, then apply again");
        Defer(decision);
        continue;
      }
      Change change = NewChange(Action::kRelease, Reason::kDeclaredReleased);
      change.before = Facts(own.token, own.generation);
      change.after = change.before;
      change.after->display_name = desired_.name;
      change.after->generation = 0;
      change.fields.push_back(
          {"display_name", own.token.display_name, desired_.name});
      change.update.emplace();
      change.update->id = own.token.id;
      change.update->display_name = desired_.name;
      out_.changes.push_back(std::move(change));
    }
  }

  std::string Ambiguous() const {
    std::string ids;
    for (const ActualToken& token : view_.unmarked) {
      absl::StrAppend(&ids, ids.empty() ? "" : ", ", token.id.ToString());
    }
    return absl::StrCat(Count(static_cast<int>(view_.unmarked.size()), "token"),
                        " bear the name \"", desired_.name,
                        "\" and none carries this workspace's mark (", ids,
                        "): patform cannot tell which one is meant; rename "
                        "or revoke all but one in the portal");
  }

  // Without a place for the secret a token can be changed, not made.
  void Watched() const {
    const ActualToken* token = nullptr;
    int64_t generation = 0;
    if (!view_.ours.empty()) {
      token = &view_.ours.back().token;
      generation = view_.ours.back().generation;
    } else if (view_.unmarked.size() == 1) {
      token = &view_.unmarked[0];
    } else if (view_.unmarked.empty() && desired_.expires &&
               *desired_.expires <= now_) {
      Say(absl::StrCat("ended ", FormatRelative(*desired_.expires, now_),
                       "; its table can go"));
      ++out_.unchanged;
      return;
    } else {
      Decision decision;
      decision.explanation =
          view_.unmarked.empty()
              ? absl::StrCat("no live token named \"", desired_.name,
                             "\" exists, and without `deliver` patform "
                             "cannot create it: its secret would have nowhere "
                             "to go. Add `deliver`, or create the token in "
                             "the portal")
              : Ambiguous();
      return Defer(decision);
    }
    if (Requested()) {
      Decision decision;
      decision.explanation =
          "a rotation was asked for, but without `deliver` the new secret "
          "would have nowhere to go; add `deliver`";
      return Defer(decision);
    }
    const absl::Time due = DueAt(desired_, token->valid_from, token->valid_to);
    Until(std::min(due, token->valid_to));
    const bool is_due = due <= now_;
    if (Update(*token, generation, is_due)) return;
    if (is_due) {
      Say(absl::StrCat("expires ", FormatRelative(token->valid_to, now_),
                       " and has no `deliver`: patform cannot rotate it"));
    }
    ++out_.unchanged;
  }

  void Delivered() const {
    DecideInput in;
    in.name = desired_.name;
    in.workspace = state_.workspace;
    in.organization = desired_.organization;
    in.user_oid = actual_.user_oid;
    in.deliver = desired_.deliver;
    in.places = PlacesPrint(state_, desired_.deliver);
    in.grace = desired_.grace;
    in.rotate = Requested();
    Decision decision = Decide(in, view_, now_);
    if (decision.kind == Decision::Kind::kBlocked ||
        decision.kind == Decision::Kind::kWait) {
      return Defer(decision);
    }
    for (const ActualToken& token : view_.unmarked) {
      const std::vector<AuthorizationId>& named = desired_.replaces;
      if (std::find(named.begin(), named.end(), token.id) != named.end()) {
        continue;
      }
      Say(absl::StrCat("an unmarked token of this name exists too (",
                       token.id.Short(),
                       "); patform did not make it and leaves it alone. If "
                       "this one is to take its place: replaces = [\"",
                       token.id.ToString(), "\"]"));
    }
    NoteNotReplaced();
    if (decision.kind == Decision::Kind::kMake) return Make(decision);

    const OwnToken& current = *decision.current;
    const absl::Time due =
        DueAt(desired_, current.token.valid_from, current.token.valid_to);
    Until(std::min(due, current.token.valid_to));
    Until(decision.collect_more_at + kDateTolerance);
    const bool is_due = due <= now_;
    if ((is_due &&
         (!Extendable(current.token) || LateInWindow(current.token))) ||
        DueOnceShortened(current.token)) {
      in.rotate = true;
      decision = Decide(in, view_, now_);
      if (decision.kind == Decision::Kind::kWait) return Defer(decision);
      decision.reason =
          is_due ? Reason::kInRotationWindow : Reason::kLifetimeTooLong;
      return Make(decision);
    }
    NoteLaterDate(current.token);
    const bool updated = Update(current.token, current.generation, is_due);
    NoteInFlight(decision);
    if (!decision.collect.empty()) return Finish(decision);
    if (!updated) ++out_.unchanged;
  }

  void NoteNotReplaced() const {
    for (const auto& [token, why] : view_.not_replaced) {
      Say(absl::StrCat("token ", token.id.Short(), " \"", token.display_name,
                       "\" is not replaced: ", why));
    }
  }

  void NoteLaterDate(const ActualToken& token) const {
    if (!desired_.expires ||
        token.valid_to >= *desired_.expires - kDateTolerance) {
      return;
    }
    Say(absl::StrCat("lives until ", FormatMinute(token.valid_to),
                     "; `expires` is ", FormatMinute(*desired_.expires),
                     ": the next rotation asks for it, or --rotate ",
                     desired_.name, " now"));
  }

  void NoteInFlight(const Decision& decision) const {
    for (const Decision::InFlight& token : decision.in_flight) {
      Say(absl::StrCat(
          "generation ", token.generation, " (", token.id.Short(),
          ") is in flight: minted ", FormatMinute(token.minted),
          " and delivered nowhere yet. A run may still be working on it; if "
          "none is, ",
          view_.knows_age
              ? absl::StrCat("an apply after ",
                             FormatMinute(token.minted + kAgeFence), " ends it")
              : "an apply ends it once the service dates its answers: they "
                "carry no Date, so nothing is known to be old"));
    }
  }

  void Make(Decision& decision) const {
    Change change =
        NewChange(decision.current || !view_.ours.empty() ? Action::kRotate
                                                          : Action::kCreate,
                  decision.reason);
    change.after = Wanted(desired_, now_, decision.generation);
    if (decision.current) {
      change.before =
          Facts(decision.current->token, decision.current->generation);
    } else if (!view_.ours.empty()) {
      change.before =
          Facts(view_.ours.back().token, view_.ours.back().generation);
    } else if (view_.recorded) {
      change.before = Facts(*view_.recorded, decision.generation - 1);
    }
    if (change.before) change.fields = Compare(*change.before, *change.after);
    change.deliver = desired_.deliver;
    change.decision = std::move(decision);
    out_.changes.push_back(std::move(change));
  }

  void Finish(Decision& decision) const {
    Change change = NewChange(Action::kFinish, decision.collect[0].reason);
    for (const Collect& collect : decision.collect) {
      if (collect.reason == Reason::kOrphan) change.reason = Reason::kOrphan;
    }
    change.before =
        Facts(decision.current->token, decision.current->generation);
    change.after = change.before;
    change.deliver = desired_.deliver;
    change.decision = std::move(decision);
    out_.changes.push_back(std::move(change));
  }

  // How far `extend` may carry this very token.
  absl::Time FarthestEnd(const ActualToken& token) const {
    absl::Duration longest = kYear;
    if (state_.policy.max_lifetime) {
      longest = std::min(longest, *state_.policy.max_lifetime);
    }
    return std::min(WantedValidTo(desired_, now_), token.valid_from + longest);
  }

  // Extending is tried in the first half of the window. What is still due in
  // the second was not helped by it: the service keeps lives shorter.
  bool LateInWindow(const ActualToken& token) const {
    const absl::Time due = DueAt(desired_, token.valid_from, token.valid_to);
    return now_ > due + (token.valid_to - due) / 2;
  }

  // The end beyond which a token lives longer than declared.
  absl::Time LatestEnd(const ActualToken& token) const {
    if (desired_.expires) return *desired_.expires;
    const absl::Time from = desired_.renewal == Renewal::kExtend
                                ? std::max(now_, token.valid_from)
                                : token.valid_from;
    return from + desired_.lifetime;
  }
  bool LivesTooLong(const ActualToken& token) const {
    return token.valid_to >
           LatestEnd(token) + (desired_.expires ? kDateTolerance : kClockSkew);
  }

  // Cutting its life to what is declared now would leave it due, or dead: the
  // next generation has to be in service first.
  bool DueOnceShortened(const ActualToken& token) const {
    return LivesTooLong(token) && DueAt(desired_, token.valid_from,
                                        WholeSecond(LatestEnd(token))) <= now_;
  }

  // Worth a PUT: it carries the token out of its window.
  bool Extendable(const ActualToken& token) const {
    if (desired_.renewal != Renewal::kExtend) return false;
    const absl::Time end = WholeSecond(FarthestEnd(token));
    return end > token.valid_to + kDateTolerance &&
           DueAt(desired_, token.valid_from, end) > now_;
  }

  // A token that ends then: does nothing put another one into service, or keep
  // this one alive, before? Nobody has time to notice within a day.
  bool EndsUnrenewed(absl::Time end) const {
    const bool renewed =
        !desired_.expires &&
        (!desired_.deliver.empty() || desired_.renewal == Renewal::kExtend);
    return !renewed || end <= now_ + absl::Hours(24);
  }

  // Emits an update where one is needed; true if so.
  bool Update(const ActualToken& token, int64_t generation, bool is_due) const {
    UpdateRequest request;
    Reason reason = Reason::kNone;
    const auto because = [&reason](Reason why) {
      if (reason == Reason::kNone) reason = why;
    };
    const std::optional<MarkedName> marked =
        generation > 0 ? ParseDisplayName(token.display_name) : std::nullopt;
    const std::string_view name =
        marked ? marked->name : std::string_view(token.display_name);
    if (name != desired_.name) {
      request.display_name =
          desired_.name + token.display_name.substr(name.size());
      because(Reason::kRenamed);
    }
    if (!state_.SameScopes(token.scopes, desired_.scopes)) {
      request.scopes = desired_.scopes;
      because(Reason::kScopeChanged);
    }
    const absl::Time latest = WholeSecond(LatestEnd(token));
    if (LivesTooLong(token) && latest <= now_) {
      Say("has lived longer than its `lifetime` already, and without `deliver` "
          "patform cannot rotate it; raise `lifetime`, add `deliver`, or set "
          "`ensure = \"absent\"` to revoke it");
    } else if (LivesTooLong(token)) {
      request.valid_to = latest;
      because(desired_.expires ? Reason::kExpiresChanged
                               : Reason::kLifetimeTooLong);
    } else if (is_due && Extendable(token)) {
      request.valid_to = WholeSecond(FarthestEnd(token));
      because(Reason::kInRotationWindow);
    }
    if (token.all_organizations != desired_.all_organizations) {
      request.all_organizations = desired_.all_organizations;
      because(Reason::kAllOrganizationsChanged);
    }
    if (reason == Reason::kNone) return false;
    request.id = token.id;
    Change change = NewChange(Action::kUpdate, reason);
    change.before = Facts(token, generation);
    change.after = change.before;
    TokenFacts& after = *change.after;
    if (request.display_name) after.display_name = *request.display_name;
    if (request.scopes) after.scopes = *request.scopes;
    if (request.valid_to) after.valid_to = request.valid_to;
    if (request.all_organizations) {
      after.all_organizations = *request.all_organizations;
    }
    change.fields = Compare(*change.before, after);
    change.ends_unrenewed =
        request.valid_to && EndsUnrenewed(*request.valid_to);
    change.update = std::move(request);
    out_.changes.push_back(std::move(change));
    return true;
  }

  const DesiredState& state_;
  const DesiredToken& desired_;
  const TokenView& view_;
  const ActualState& actual_;
  const DiffOptions& options_;
  const absl::Time now_;
  ChangeSet& out_;
};

bool Excepted(const PolicyConfig& policy, const std::string& display_name) {
  return std::any_of(policy.unmanaged_except.begin(),
                     policy.unmanaged_except.end(),
                     [&](const std::string& pattern) {
                       return GlobMatch(pattern, display_name);
                     });
}

Change RevokeChange(const DesiredState& desired,
                    const std::string& organization, const std::string& name,
                    Reason reason) {
  Change change;
  change.action = Action::kRevoke;
  change.reason = reason;
  change.name = name;
  change.address = desired.AddressOf(name, organization);
  change.organization = organization;
  return change;
}

// The prints in the marks of tokens that are for places of this file.
std::set<std::string> PlacesInUse(const DesiredState& desired,
                                  const std::string& organization) {
  std::set<std::string> prints;
  for (const DesiredToken& token : desired.tokens) {
    if (token.organization != organization || token.deliver.empty()) continue;
    prints.insert(PlacesPrint(desired, token.deliver));
  }
  return prints;
}

// Tokens of ours whose table left the file. But for those that are on their
// way to places of this file: another version of it, in which a token of these
// places has another name, is being applied.
void DiffUndeclared(const DesiredState& desired,
                    const std::string& organization, const TokenIndex& index,
                    absl::Time now, ChangeSet& out) {
  std::optional<std::set<std::string>> prints;
  for (const std::string& name : index.Undeclared()) {
    const TokenView view = index.ViewUndeclared(name);
    if (view.ours.empty()) continue;
    Change change =
        RevokeChange(desired, organization, name, Reason::kUndeclared);
    if (!prints) prints = PlacesInUse(desired, organization);
    const auto on_its_way = [&](const OwnToken& own) {
      const bool old = view.knows_age && own.token.valid_from + kAgeFence < now;
      return !old && view.served_elsewhere.count(own.token.id) == 0 &&
             std::any_of(prints->begin(), prints->end(),
                         [&](const std::string& print) {
                           return own.ForPlaces(print);
                         });
    };
    for (const OwnToken& own : view.ours) {
      if (on_its_way(own)) {
        out.notes.push_back(
            {change.address,
             absl::StrCat(
                 "generation ", own.generation, " (", own.token.id.Short(),
                 ") is in flight: minted ", FormatMinute(own.token.valid_from),
                 " for places of this configuration, under a name that is in "
                 "no table of it, and delivered nowhere yet. A run with "
                 "another version of the file may still be at work on it; if "
                 "none is, an apply ",
                 FormatSpan(kAgeFence), " later revokes it")});
        continue;
      }
      change.revoke.push_back({own.token.id, own.generation,
                               Reason::kUndeclared, std::nullopt,
                               own.token.valid_to, own.token.display_name});
      change.before = Facts(own.token, own.generation);
    }
    if (!change.revoke.empty()) out.changes.push_back(std::move(change));
  }
}

using Ids = absl::flat_hash_set<AuthorizationId>;

// Tokens that neither the file names nor a mark of ours claims. Those that the
// policy revokes are changes, those that it ignores are counted only.
void DiffUnmanaged(const DesiredState& desired, const Snapshot& snapshot,
                   const TokenIndex& index, const Ids& replaced,
                   ChangeSet& out) {
  const bool revoke = desired.policy.unmanaged == Unmanaged::kRevoke;
  std::vector<const ActualToken*> found;
  for (const ActualToken& token : snapshot.tokens) {
    if (token.state != TokenState::kActive) continue;
    if (ParseDisplayName(token.display_name)) {
      // A token of another workspace, or a copy of ours: reported there, never
      // here.
      continue;
    }
    if (index.IsDeclared(token.display_name) || replaced.contains(token.id)) {
      continue;
    }
    if (desired.policy.unmanaged == Unmanaged::kIgnore ||
        Excepted(desired.policy, token.display_name)) {
      ++out.unmanaged_excepted;
      continue;
    }
    found.push_back(&token);
  }
  std::sort(found.begin(), found.end(), [](const auto* a, const auto* b) {
    return std::tie(a->display_name, a->id) < std::tie(b->display_name, b->id);
  });
  for (const ActualToken* token : found) {
    if (!revoke) {
      out.unmanaged.push_back(*token);
      out.stable_until = std::min(out.stable_until, token->valid_to);
      continue;
    }
    Change change = RevokeChange(desired, snapshot.organization,
                                 token->display_name, Reason::kUnmanaged);
    change.revoke.push_back({token->id, 0, Reason::kUnmanaged, std::nullopt,
                             token->valid_to, token->display_name});
    change.before = Facts(*token, 0);
    out.changes.push_back(std::move(change));
  }
}

// Says of a revocation why it has to wait: a place that is declared serves the
// token, and nothing in this plan puts another there.
class Served {
 public:
  Served(const ActualState& actual, const std::vector<Change>& changes) {
    absl::flat_hash_set<std::string> remade;
    for (const Change& change : changes) {
      if (change.decision.kind != Decision::Kind::kMake) continue;
      for (const Delivery& place : change.deliver) {
        remade.insert(place.Address());
      }
    }
    for (const Entry& entry : actual.records) {
      const HeldRecord& held = entry.second;
      if (held.state == HeldRecord::State::kUnknown && unknown_ == nullptr) {
        unknown_ = &entry;
      }
      if (!held.record || remade.contains(entry.first)) continue;
      places_.try_emplace(held.record->id, &entry);
    }
  }

  // "" when it need not wait; of several reasons the first address's.
  std::string WhyNot(const Change& revocation) const {
    const Entry* first =
        revocation.reason == Reason::kDeclaredAbsent ? nullptr : unknown_;
    const Collect* served = nullptr;
    for (const Collect& end : revocation.revoke) {
      const auto place = places_.find(end.id);
      if (place == places_.end()) continue;
      if (first != nullptr && first->first <= place->second->first) continue;
      first = place->second;
      served = &end;
    }
    if (first == nullptr) return "";
    if (served == nullptr) {
      return absl::StrCat(
          "no token is revoked that a sink may serve, and what ", first->first,
          " holds could not be read: ",
          std::string(first->second.why.message()));
    }
    return absl::StrCat(first->first, " still holds the secret of token ",
                        served->id.Short(),
                        "; it is revoked once another one is there");
  }

 private:
  using Entry = std::map<std::string, HeldRecord>::value_type;
  const Entry* unknown_ = nullptr;  // the first that could not be read
  // Where each token's secret is, the first address of several.
  absl::flat_hash_map<AuthorizationId, const Entry*> places_;
};

// Defers the revocations that would leave a sink with a dead secret.
void HoldBack(const ActualState& actual, ChangeSet& out) {
  const auto revokes = [](const Change& change) {
    return change.action == Action::kRevoke;
  };
  if (std::none_of(out.changes.begin(), out.changes.end(), revokes)) return;
  const Served served(actual, out.changes);
  std::erase_if(out.changes, [&](const Change& change) {
    if (!revokes(change)) return false;
    std::string why = served.WhyNot(change);
    if (why.empty()) return false;
    out.deferred.push_back({change.address, change.organization, std::move(why),
                            false, change.where, change.name});
    return true;
  });
}

// Tokens of an organization that could not be listed are deferred, never
// changed.
Deferred Unlisted(const DesiredState& desired, const ActualState& actual,
                  const DesiredToken& token) {
  Deferred deferred;
  deferred.address = desired.AddressOf(token.name, token.organization);
  deferred.organization = token.organization;
  deferred.name = token.name;
  deferred.where = token.where;
  const auto why = actual.unread.find(token.organization);
  deferred.explanation = absl::StrCat(
      "the tokens of ", token.organization, " could not be listed",
      why == actual.unread.end() ? "" : ": ",
      why == actual.unread.end() ? "" : std::string(why->second.message()));
  return deferred;
}

// A wrong clock breaks nothing here; it will break something else.
void NoteClock(const ActualState& actual, ChangeSet& out) {
  const absl::Duration ahead =
      actual.clock_ahead.value_or(absl::ZeroDuration());
  if (absl::AbsDuration(ahead) <= kClockWarning) return;
  out.notes.push_back(
      {"clock",
       absl::StrCat("this machine's clock is ",
                    FormatSpan(absl::AbsDuration(ahead)),
                    ahead > absl::ZeroDuration() ? " behind" : " ahead of",
                    " the service's. Ages, windows, graces and ends "
                    "are reckoned by the service's clock; set this "
                    "machine's")});
}

}  // namespace

absl::Time WantedValidTo(const DesiredToken& desired, absl::Time now) {
  return WholeSecond(desired.expires ? *desired.expires
                                     : now + desired.lifetime);
}

absl::Time DueAt(const DesiredToken& desired, absl::Time valid_from,
                 absl::Time valid_to) {
  // A date in words is the end that somebody wants: nothing is due before it.
  if (desired.expires && valid_to >= *desired.expires - kDateTolerance) {
    return absl::InfiniteFuture();
  }
  const absl::Duration life = valid_to - valid_from;
  if (!desired.rotate_before.span) {
    return valid_to - life * desired.rotate_before.share;
  }
  const absl::Duration declared =
      desired.expires ? *desired.expires - valid_from : desired.lifetime;
  absl::Duration window = *desired.rotate_before.span;
  // A date may be nearer than the window is long.
  if (desired.expires) window = std::min(window, declared / 2);
  if (life < declared - kDateTolerance) {
    window = window * absl::FDivDuration(life, declared);
  }
  return valid_to - window;
}

ChangeSet Diff(const DesiredState& desired, const ActualState& actual,
               const DiffOptions& options, absl::Time now) {
  ChangeSet out;
  NoteClock(actual, out);
  std::map<std::string_view, TokenIndex> organizations;
  for (const auto& [name, snapshot] : actual.organizations) {
    organizations.try_emplace(name, desired, name, actual);
  }
  Ids replaced;
  for (const DesiredToken& token : desired.tokens) {
    replaced.insert(token.replaces.begin(), token.replaces.end());
    const auto index = organizations.find(token.organization);
    if (index == organizations.end()) {
      out.deferred.push_back(Unlisted(desired, actual, token));
      continue;
    }
    TokenDiff(desired, token, index->second.View(token), actual, options, now,
              out)
        .Run();
  }
  for (const auto& [name, snapshot] : actual.organizations) {
    const TokenIndex& index = organizations.at(name);
    DiffUndeclared(desired, name, index, now, out);
    DiffUnmanaged(desired, snapshot, index, replaced, out);
  }
  for (const auto& [name, count] : actual.untold) {
    out.notes.push_back(
        {name, absl::StrCat("its list contains ", Count(count, "more token"),
                            " that cannot yet be attributed to this "
                            "organization; patform leaves them alone")});
  }
  HoldBack(actual, out);
  return out;
}

}  // namespace patform
