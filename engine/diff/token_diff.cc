#include "engine/diff/token_diff.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/clock.h"
#include "engine/base/strings.h"
#include "engine/diff/decide.h"
#include "engine/diff/life.h"
#include "engine/diff/unrenewed.h"
#include "engine/diff/wanted_update.h"

namespace patform {
namespace {

class TokenDiff {
 public:
  TokenDiff(const TokenDiffInput& input, ChangeSet& out)
      : in_(input), out_(out) {}

  void Run() const {
    NoteStrangers();
    NoteFormer();
    // Their notes go when they end.
    for (const ActualToken& token : in_.view.strangers) Until(token.valid_to);
    for (const ActualToken& token : in_.view.unmarked) Until(token.valid_to);
    switch (in_.desired.ensure) {
      case Ensure::kAbsent:
        return Absent();
      case Ensure::kReleased:
        return Release();
      case Ensure::kPresent:
        return in_.desired.deliver.empty() ? Watched() : Delivered();
    }
  }

 private:
  std::string Address() const {
    return in_.state.AddressOf(in_.desired.name, in_.desired.realm());
  }

  Change NewChange(Action action, Reason reason) const {
    Change change;
    change.action = action;
    change.reason = reason;
    change.name = in_.desired.name;
    change.address = Address();
    change.organization = in_.desired.organization;
    change.identity = in_.desired.identity;
    change.owner = in_.desired.owner;
    change.purpose = in_.desired.purpose;
    change.labels = in_.desired.labels;
    change.where = in_.desired.where;
    return change;
  }

  void Say(std::string text) const {
    out_.notes.push_back({Address(), std::move(text)});
  }

  void Defer(std::string why, bool contention = false) const {
    out_.deferred.push_back({Address(), in_.desired.organization,
                             std::move(why), contention, in_.desired.where,
                             in_.desired.name, in_.desired.identity});
  }

  // The plan reads differently from `at` on.
  void Until(absl::Time at) const {
    if (at > in_.now) out_.stable_until = std::min(out_.stable_until, at);
  }

  void NoteStrangers() const {
    for (const ActualToken& token : in_.view.strangers) Say(CopiedMark(token));
  }

  void NoteFormer() const {
    for (const auto& [own, successor] : in_.view.former) {
      Until(own.token.valid_to);
      Say(absl::StrCat(Which(own.generation, own.token.id),
                       " was superseded by ", successor,
                       ", which was called this before; it is not this token "
                       "and ends ",
                       FormatMinute(own.token.valid_to)));
    }
  }

  void Absent() const {
    Change change = NewChange(Action::kRevoke, Reason::kDeclaredAbsent);
    for (const OwnToken& own : in_.view.ours) {
      change.revoke.push_back(
          EndNow(own.token, own.generation, Reason::kDeclaredAbsent));
      change.before = FactsOf(own.token, own.generation);
    }
    // In the same plan as ours: else the next plan would still have a change.
    if (in_.view.unmarked.size() == 1) {
      const ActualToken& token = in_.view.unmarked[0];
      change.revoke.push_back(EndNow(token, 0, Reason::kDeclaredAbsent));
      if (!change.before) change.before = FactsOf(token, 0);
    }
    const bool ambiguous = in_.view.unmarked.size() > 1;
    if (ambiguous) Defer(Ambiguous());
    if (!change.revoke.empty()) {
      out_.changes.push_back(std::move(change));
    } else if (!ambiguous) {
      ++out_.unchanged;
    }
  }

  // Taking the mark off is what makes a token nobody's.
  void Release() const {
    if (in_.view.ours.empty()) ++out_.unchanged;
    for (const OwnToken& own : in_.view.ours) {
      if (own.copied) {
        // Without the first carrier the copy would be taken for ours.
        Defer(absl::StrCat(
            "token ", own.token.id.Short(),
            " cannot be released while another token carries a copy of its "
            "mark, which would then count as made by patform: rename or "
            "revoke the copy in the portal, then apply again"));
        continue;
      }
      if (in_.renews) {
        Defer(absl::StrCat("token ", own.token.id.Short(),
                           " cannot be released: taking its mark off is an "
                           "update, and this service would end the secret "
                           "that is in use"));
        continue;
      }
      out_.changes.push_back(ReleaseOf(own));
    }
  }

  Change ReleaseOf(const OwnToken& own) const {
    const std::string& name = in_.desired.name;
    Change change = NewChange(Action::kRelease, Reason::kDeclaredReleased);
    change.before = FactsOf(own.token, own.generation);
    change.after = change.before;
    change.after->display_name = name;
    change.after->generation = 0;
    return change;
  }

  bool IsReplaced(const ActualToken& token) const {
    const std::vector<AuthorizationId>& named = in_.desired.replaces;
    return std::find(named.begin(), named.end(), token.id) != named.end();
  }

  std::string Ambiguous() const {
    std::string ids;
    for (const ActualToken& token : in_.view.unmarked) {
      absl::StrAppend(&ids, ids.empty() ? "" : ", ", token.id.ToString());
    }
    return absl::StrCat(
        Count(static_cast<int>(in_.view.unmarked.size()), "token"),
        " bear the name \"", in_.desired.name,
        "\" and none carries this workspace's mark (", ids,
        "): patform cannot tell which one is meant; rename "
        "or revoke all but one in the portal");
  }

  // Of several of one name those that `replaces` names are not the one that is
  // meant. They end when it has a secret of its own to take their place with.
  std::vector<ActualToken> Meant() const {
    std::vector<ActualToken> meant;
    for (const ActualToken& token : in_.view.unmarked) {
      if (!IsReplaced(token)) meant.push_back(token);
    }
    return meant;
  }
  void NoteNotYetReplaced() const {
    for (const ActualToken& token : in_.view.replaced) {
      Say(absl::StrCat("token ", token.id.Short(), " \"", token.display_name,
                       "\" lives on until ", FormatMinute(token.valid_to),
                       ": `replaces` names it, which ends nothing without "
                       "`deliver`"));
    }
  }

  // Without a place for the secret a token can be changed, not made.
  void Watched() const {
    NoteNotYetReplaced();
    if (!in_.view.ours.empty()) {
      const OwnToken& newest = in_.view.ours.back();
      return Watch(newest.token, newest.generation);
    }
    const std::vector<ActualToken> meant = Meant();
    if (meant.size() == 1) return Watch(meant[0], 0);
    if (meant.size() > 1) return Defer(Ambiguous());
    const std::optional<absl::Time>& expires = in_.desired.expires;
    if (expires && *expires <= in_.now) {
      Say(absl::StrCat("ended ", FormatRelative(*expires, in_.now),
                       "; its table can go"));
      ++out_.unchanged;
      return;
    }
    Defer(absl::StrCat("no live token named \"", in_.desired.name,
                       "\" exists, and without `deliver` patform cannot "
                       "create it: its secret would have nowhere to go. Add "
                       "`deliver`, or create the token in the portal"));
  }

  void Watch(const ActualToken& token, int64_t generation) const {
    if (in_.rotate) {
      return Defer(
          "a rotation was asked for, but without `deliver` the new secret "
          "would have nowhere to go; add `deliver`");
    }
    const Life life(in_.state, in_.desired, DatesOf(token), in_.now);
    Until(life.ChangesAt());
    if (in_.renews && Wanted(token, generation, life).reason != Reason::kNone) {
      Defer(
          "it is to be updated, and this service would end the secret that is "
          "in use: without `deliver` another one would have nowhere to go");
      // Nor is it extended any more.
      AddUnrenewed(UnrenewedOf(in_.state, in_.desired, token, generation)
                       .value_or(patform::HeldBack(in_.state, in_.desired,
                                                   token, generation)));
      return;
    }
    const bool updated = Update(token, generation, life);
    NoteUnrenewed(token, generation, updated);
    if (!updated) ++out_.unchanged;
  }

  // By the end that it has once this plan is done.
  void NoteUnrenewed(ActualToken token, int64_t generation,
                     bool updated) const {
    if (updated) {
      const TokenFacts& after = *out_.changes.back().after;
      token.valid_to = after.valid_to.value_or(token.valid_to);
    }
    if (auto row = UnrenewedOf(in_.state, in_.desired, token, generation)) {
      AddUnrenewed(*std::move(row));
    }
  }

  void AddUnrenewed(Unrenewed row) const {
    // What is undecided has no time of its own.
    if (row.why != Unrenewed::Why::kHeldBack) {
      Until(row.shown_from);
      Until(row.ends);
    }
    out_.unrenewed.push_back(std::move(row));
  }

  // The protocol decides; what it knows nothing of is the token's life.
  void Delivered() const {
    Decision decision = DecideNow(in_.rotate);
    if (Undecided(decision)) return HoldBack(decision);
    if (const std::string why = WhyNotMade(decision); !why.empty()) {
      return NotMade(why);
    }
    NoteUnmarked();
    NoteNotReplaced();
    if (decision.kind == Decision::Kind::kMake) {
      return Make(std::move(decision));
    }
    const OwnToken current = *decision.current;
    const Life life(in_.state, in_.desired, DatesOf(current.token), in_.now);
    Until(life.ChangesAt());
    Until(decision.collect_more_at + kDateTolerance);
    if (life.NeedsSuccessor()) {
      return Succeed(life, life.IsDue() ? Reason::kInRotationWindow
                                        : Reason::kLifetimeTooLong);
    }
    // An update would end the secret in its places before they have another.
    if (in_.renews) {
      const WantedUpdate wanted =
          Wanted(current.token, current.generation, life);
      if (wanted.reason != Reason::kNone) {
        return Succeed(life, wanted.reason, wanted.ends_unrenewed);
      }
    }
    NoteLaterDate(current.token);
    NoteShorterLife(current.token);
    const bool updated = Update(current.token, current.generation, life);
    NoteUnrenewed(current.token, current.generation, updated);
    NoteInFlight(decision);
    if (!decision.collect.empty()) return Finish(std::move(decision));
    if (!updated) ++out_.unchanged;
  }

  // What is in service could stay, were it not for `reason`.
  void Succeed(const Life& life, Reason reason,
               bool ends_unrenewed = false) const {
    if (const std::string why = ClockDoubt(life); !why.empty()) {
      return HoldBack(why);
    }
    Decision decision = DecideNow(/*rotate=*/true);
    if (Undecided(decision)) return HoldBack(decision);
    if (const std::string why = WhyNotMade(decision); !why.empty()) {
      return NotMade(why);
    }
    NoteShorterLife(decision.current->token);
    decision.reason = reason;
    Make(std::move(decision));
    out_.changes.back().ends_unrenewed = ends_unrenewed;
  }

  // The calendar keeps nothing else from being done, and makes no file invalid:
  // why no secret can be made for this table any more; "" if it can.
  std::string WhyNotMade(const Decision& decision) const {
    const std::optional<absl::Time>& expires = in_.desired.expires;
    if (expires && *expires <= in_.now) {
      return absl::StrCat("`expires` has passed (", FormatMinute(*expires),
                          "): set a later date, or end it with ensure = "
                          "\"absent\"");
    }
    if (decision.kind == Decision::Kind::kMake &&
        in_.desired.all_organizations && in_.now >= GlobalTokensEnd()) {
      return absl::StrCat(
          "the service retired tokens for all organizations on ",
          FormatDay(GlobalTokensEnd()),
          ", so none can be made: declare one token per organization");
    }
    return "";
  }

  // One that has ended with its date is over; what still lives is undecided.
  void NotMade(const std::string& why) const {
    const std::optional<absl::Time>& expires = in_.desired.expires;
    const bool lives = std::any_of(
        in_.view.ours.begin(), in_.view.ours.end(),
        [this](const OwnToken& own) { return own.token.valid_to > in_.now; });
    if (lives || !expires || *expires > in_.now) return HoldBack(why);
    AddUnrenewed(Over(in_.state, in_.desired));
    ++out_.unchanged;
  }

  // Undecided, and so nothing renews what is in service.
  void HoldBack(std::string why, bool contention = false) const {
    Defer(std::move(why), contention);
    const std::optional<ActualToken>& token = in_.view.recorded;
    if (!token || token->state != TokenState::kActive) return;
    int64_t generation = 0;
    for (const OwnToken& own : in_.view.ours) {
      if (own.token.id == token->id) generation = own.generation;
    }
    AddUnrenewed(patform::HeldBack(in_.state, in_.desired, *token, generation));
  }

  void HoldBack(const Decision& decision) const {
    HoldBack(decision.explanation, decision.kind == Decision::Kind::kWait);
  }

  // One of two clocks is wrong, and which one cannot be told from here. Where
  // they differ by more than any time zone explains, a rotation is not begun by
  // one of them alone: it waits well, and one too many may lock people out.
  std::string ClockDoubt(const Life& life) const {
    if (absl::AbsDuration(in_.clock_ahead) <= kClockDoubt || !life.IsDue() ||
        life.due() <= in_.now - in_.clock_ahead) {
      return "";
    }
    return absl::StrCat(
        "it is due by the service's clock and not by this machine's, which "
        "are ",
        FormatSpan(absl::AbsDuration(in_.clock_ahead)),
        " apart: set this machine's clock, then apply again");
  }

  Dates DatesOf(const ActualToken& token) const {
    return {token.valid_from, token.valid_to, GrantedEnd(in_.view, token)};
  }

  // The service shortens a life without an error, and every rotation would
  // promise the whole of it again.
  void NoteShorterLife(const ActualToken& token) const {
    std::string text = ShorterLife(in_.desired, DatesOf(token));
    if (!text.empty()) Say(std::move(text));
  }

  Decision DecideNow(bool rotate) const {
    DecideInput input;
    input.name = in_.desired.name;
    input.workspace = in_.state.workspace;
    input.organization = in_.desired.organization;
    input.user_oid = in_.user_oid;
    input.deliver = in_.desired.deliver;
    input.grace = in_.desired.grace;
    input.rotate = rotate;
    return Decide(input, in_.view, in_.now);
  }

  static bool Undecided(const Decision& decision) {
    return decision.kind == Decision::Kind::kBlocked ||
           decision.kind == Decision::Kind::kWait;
  }

  void NoteUnmarked() const {
    for (const ActualToken& token : in_.view.unmarked) {
      if (IsReplaced(token)) continue;
      Say(absl::StrCat("an unmarked token of this name exists too (",
                       token.id.Short(),
                       "); patform did not make it and leaves it alone. If "
                       "this one is to take its place: replaces = [\"",
                       token.id.ToString(), "\"]"));
    }
  }

  void NoteNotReplaced() const {
    for (const auto& [token, why] : in_.view.not_replaced) {
      Say(absl::StrCat("token ", token.id.Short(), " \"", token.display_name,
                       "\" is not replaced: ", why));
    }
  }

  void NoteLaterDate(const ActualToken& token) const {
    if (!in_.desired.expires ||
        token.valid_to >= *in_.desired.expires - kDateTolerance) {
      return;
    }
    Say(absl::StrCat("lives until ", FormatMinute(token.valid_to),
                     "; `expires` is ", FormatMinute(*in_.desired.expires),
                     ": the next rotation asks for it, or --rotate ",
                     in_.desired.name, " now"));
  }

  void NoteInFlight(const Decision& decision) const {
    for (const Decision::InFlight& token : decision.in_flight) {
      Say(absl::StrCat(
          "generation ", token.generation, " (", token.id.Short(),
          ") is in flight: minted ", FormatMinute(token.minted),
          " and delivered nowhere yet. A run may still be working on it; if "
          "none is, ",
          in_.view.knows_age
              ? absl::StrCat("an apply after ",
                             FormatMinute(token.minted + kAgeFence), " ends it")
              : "an apply ends it once the service dates its answers: they "
                "carry no Date, so nothing is known to be old"));
    }
  }

  void Make(Decision decision) const {
    const std::vector<OwnToken>& ours = in_.view.ours;
    // Whatever lives of this name, in service or not, is followed.
    const bool follows = decision.current || !ours.empty();
    Change change =
        NewChange(follows ? Action::kRotate : Action::kCreate, decision.reason);
    if (decision.current) {
      change.before =
          FactsOf(decision.current->token, decision.current->generation);
    } else if (!ours.empty()) {
      change.before = FactsOf(ours.back().token, ours.back().generation);
    } else if (in_.view.recorded) {
      change.before = FactsOf(*in_.view.recorded, decision.generation - 1);
    }
    change.after = Minted(decision.generation);
    change.deliver = in_.desired.deliver;
    change.decision = std::move(decision);
    out_.changes.push_back(std::move(change));
  }

  // The nonce is drawn when the token is minted; until then the name has no
  // mark.
  TokenFacts Minted(int64_t generation) const {
    TokenFacts facts;
    facts.display_name = in_.desired.name;
    facts.scopes = in_.desired.scopes;
    facts.valid_to = WantedValidTo(in_.desired, in_.now);
    facts.all_organizations = in_.desired.all_organizations;
    facts.generation = generation;
    return facts;
  }

  void Finish(Decision decision) const {
    Change change = NewChange(Action::kFinish, decision.collect[0].reason);
    // An orphan among them is what a reader has to know of.
    for (const Collect& collect : decision.collect) {
      if (collect.reason == Reason::kOrphan) change.reason = Reason::kOrphan;
    }
    change.before =
        FactsOf(decision.current->token, decision.current->generation);
    change.after = change.before;
    change.deliver = in_.desired.deliver;
    change.decision = std::move(decision);
    out_.changes.push_back(std::move(change));
  }

  WantedUpdate Wanted(const ActualToken& token, int64_t generation,
                      const Life& life) const {
    return UpdateFor(in_.state, in_.desired, token, generation, life, in_.now);
  }

  // Emits an update where one is needed; true if so.
  bool Update(const ActualToken& token, int64_t generation,
              const Life& life) const {
    const WantedUpdate wanted = Wanted(token, generation, life);
    if (wanted.overdue) {
      Say("has lived longer than its `lifetime` already, and without `deliver` "
          "patform cannot rotate it; raise `lifetime`, add `deliver`, or set "
          "`ensure = \"absent\"` to revoke it");
    }
    if (wanted.reason == Reason::kNone) return false;
    Change change = NewChange(Action::kUpdate, wanted.reason);
    change.before = FactsOf(token, generation);
    change.after = Updated(*change.before, wanted.request);
    change.ends_unrenewed = wanted.ends_unrenewed;
    out_.changes.push_back(std::move(change));
    return true;
  }

  const TokenDiffInput& in_;
  ChangeSet& out_;
};

}  // namespace

std::string CopiedMark(const ActualToken& token) {
  return absl::StrCat("token ", token.id.Short(), " \"", token.display_name,
                      "\" carries a copied mark; patform did not mint it and "
                      "leaves it alone");
}

void DiffToken(const TokenDiffInput& input, ChangeSet& out) {
  TokenDiff(input, out).Run();
}

}  // namespace patform
