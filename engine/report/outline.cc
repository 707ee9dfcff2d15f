#include "engine/report/outline.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/clock.h"
#include "engine/base/strings.h"

namespace patform {
namespace {

using Kind = Outline::Line::Kind;

std::string When(const std::optional<absl::Time>& time, const Plan& plan,
                 const OutlineOptions& options) {
  if (!time) return "";
  if (options.comment) return Day(time);
  return absl::StrCat(FormatMinute(*time), " (",
                      FormatRelative(*time, plan.as_of), ")");
}

std::string WillBe(const Change& change) {
  std::string text = absl::StrCat("will ", RowOf(change.action).to_be);
  if (change.action == Action::kUpdate) text += " in place";
  if (change.action == Action::kFinish) {
    // An edit that ends an older token (`replaces`) is nobody's leftover.
    text += change.change_class == ChangeClass::kPolicy
                ? ": what it replaces ends"
                : ": an earlier run left something behind";
  }
  return text;
}

// The id and date by which a person finds the token in the portal.
std::string IdentityOf(const Change& change) {
  if (!change.before || !change.before->id) return "";
  std::string text = absl::StrCat(" (", change.before->id->Short());
  if (change.before->generation > 0) {
    absl::StrAppend(&text, ", generation ", change.before->generation);
  }
  return text + ")";
}

// One change, line by line.
class BlockOf {
 public:
  BlockOf(const Change& change, const Plan& plan, const OutlineOptions& options)
      : change_(change),
        plan_(plan),
        options_(options),
        comment_(options.comment) {
    block_.change = &change;
  }

  Outline::Block Take() && {
    block_.address = Visible(change_.address);
    block_.identity = IdentityOf(change_);
    block_.title = WillBe(change_);
    block_.why = Why();
    block_.attention = AttentionOf(change_, plan_.as_of);
    if (plan_.organizations.size() > 1 && !comment_) {
      Field(' ', "organization", Visible(change_.organization));
    }
    if (change_.action == Action::kCreate) New();
    // A token that is made again may differ from the one that ended. In a
    // terminal nobody compares with what is gone.
    if (change_.action != Action::kCreate || comment_) Differences();
    CollectFirst();
    if (change_.decision->kind == Decision::Kind::kMake) Made();
    if (change_.action == Action::kFinish && !comment_) {
      Finished();
    } else {
      CollectThen();
    }
    Revoked();
    return std::move(block_);
  }

 private:
  void Add(Kind kind, char sign, std::string field, std::string value) {
    block_.lines.push_back({kind, sign, std::move(field), std::move(value)});
  }
  void Field(char sign, std::string field, std::string value) {
    Add(Kind::kField, sign, std::move(field), std::move(value));
  }
  void Step(std::string verb, std::string what) {
    Add(Kind::kStep, '-', std::move(verb), std::move(what));
  }

  std::string At(const std::optional<absl::Time>& time) const {
    return When(time, plan_, options_);
  }

  static std::string Token(const Collect& end) {
    return Which(end.generation, end.id);
  }

  std::string Why() const {
    const bool maintenance = change_.change_class == ChangeClass::kMaintenance;
    std::string why = Explain(change_.reason);
    if (comment_) return maintenance ? why + " (maintenance)" : why;
    if (change_.reason == Reason::kInRotationWindow && change_.before) {
      why =
          absl::StrCat("due: it expires ",
                       FormatRelative(*change_.before->valid_to, plan_.as_of));
    }
    return maintenance ? why + "; maintenance" : why;
  }

  void New() {
    if (!change_.after) return;
    Field('+', "scopes", Visible(change_.after->scopes.text()));
    Field('+', "valid_to", At(change_.after->valid_to));
    if (change_.after->all_organizations) {
      Field('+', "valid_in", ValidIn(true));
    }
  }

  void Differences() {
    const std::vector<FieldChange> fields = FieldChangesOf(change_);
    for (const FieldChange& field : fields) {
      if (field.field == "valid_to" && change_.before && change_.after) {
        const std::string before = At(change_.before->valid_to);
        const std::string after = At(change_.after->valid_to);
        // The same minute: nobody could see what is different.
        if (before == after && fields.size() > 1) continue;
        Field('~', field.field, absl::StrCat(before, " → ", after));
        continue;
      }
      if (field.before == field.after) continue;
      Field('~', Visible(field.field),
            absl::StrCat(Visible(field.before), " → ", Visible(field.after)));
      if (field.field == "scopes") ScopesThatDiffer();
    }
  }

  void ScopesThatDiffer() {
    if (!change_.before || !change_.after) return;
    const ScopeSet& before = change_.before->scopes;
    const ScopeSet& after = change_.after->scopes;
    const ScopeSet gone = before.Without(after);
    for (std::string_view scope : gone.items()) {
      Add(Kind::kPart, '-', "", Visible(scope));
    }
    const ScopeSet come = after.Without(before);
    for (std::string_view scope : come.items()) {
      Add(Kind::kPart, '+', "", Visible(scope));
    }
  }

  void CollectFirst() {
    for (const Collect& end : change_.decision->collect_first) {
      Step("first", end.retire_at ? absl::StrCat("let ", Token(end), " end ",
                                                 At(end.retire_at))
                                  : "revoke " + Token(end));
    }
  }

  void Made() {
    Field('+', "generation", absl::StrCat(change_.decision->generation));
    for (size_t i = 0; i < change_.deliver.size(); ++i) {
      Field('+', "secret to", Visible(WhereTo(change_, i)));
    }
  }

  void CollectThen() {
    for (const Collect& end : change_.decision->collect) {
      Step("then", end.retire_at ? absl::StrCat("let ", Token(end), " end ",
                                                At(end.retire_at))
                                 : absl::StrCat("revoke ", Token(end), ": ",
                                                Explain(end.reason)));
    }
  }

  // What stays comes first: whoever reads this wants to know what still works.
  void Finished() {
    if (change_.before && change_.before->generation > 0) {
      Field(' ', "stays",
            absl::StrCat("generation ", change_.before->generation,
                         ", whose secret is in service"));
    }
    for (const Collect& end : change_.decision->collect) {
      const std::string at =
          end.retire_at ? " at " + At(end.retire_at) : std::string();
      Step(end.retire_at ? "let end" : "revoke",
           absl::StrCat(Token(end), at, ": ", Explain(end.reason)));
    }
  }

  void Revoked() {
    for (const Collect& end : change_.revoke) {
      Step("revoke", absl::StrCat(Token(end), ", which would live until ",
                                  At(end.valid_to)));
      if (!comment_ && change_.before && change_.before->id == end.id) {
        Field('-', "scopes", Visible(change_.before->scopes.text()));
      }
    }
    for (const Removal& removal : change_.remove) {
      Step("then", absl::StrCat("remove its secret from ",
                                Visible(removal.place.Address())));
    }
  }

  const Change& change_;
  const Plan& plan_;
  const OutlineOptions& options_;
  const bool comment_;
  Outline::Block block_;
};

// Revocations first, then what somebody has to approve, then maintenance.
int Rank(const Change& change) {
  if (change.action == Action::kRevoke) return 0;
  return change.change_class == ChangeClass::kPolicy ? 1 : 2;
}

// All errors; of the warnings of one rule the first few: what exists can
// break it ten thousand times.
Outline::Findings FindingsOf(const Plan& plan, const OutlineOptions& options) {
  Outline::Findings findings;
  std::map<std::string, int> warnings;
  for (const Finding& finding : plan.findings) {
    if (finding.severity == Severity::kWarning &&
        ++warnings[finding.rule] > options.most_warnings) {
      ++findings.omitted[finding.rule];
      continue;
    }
    findings.items.push_back(&finding);
  }
  if (options.comment) {
    std::stable_sort(findings.items.begin(), findings.items.end(),
                     [](const Finding* a, const Finding* b) {
                       return a->severity < b->severity;
                     });
  }
  return findings;
}

Outline::List UnmanagedOf(const Plan& plan, const OutlineOptions& options) {
  Outline::List list;
  for (const ActualToken& token : plan.changes.unmanaged) {
    if (list.items.size() == options.most_unmanaged) break;
    list.items.push_back({token.display_name,
                          absl::StrCat("(", token.id.Short(), "), until ",
                                       When(token.valid_to, plan, options))});
  }
  list.omitted = plan.changes.unmanaged.size() - list.items.size();
  return list;
}

// What is kept from being done is still worth seeing.
Outline::List NotDone(const std::vector<Change>& changes, size_t most) {
  Outline::List list;
  for (const Change& change : changes) {
    if (list.items.size() == most) break;
    list.items.push_back(
        {change.address, Explain(change.reason), Sign(change.action)});
  }
  list.omitted = changes.size() - list.items.size();
  return list;
}

}  // namespace

Outline::Blocks::Blocks(const Plan& plan, const OutlineOptions& options)
    : plan_(&plan), options_(options) {
  order_.reserve(plan.changes.changes.size());
  for (const Change& change : plan.changes.changes) order_.push_back(&change);
  if (!options.comment) return;
  std::stable_sort(
      order_.begin(), order_.end(),
      [](const Change* a, const Change* b) { return Rank(*a) < Rank(*b); });
}

Outline::Block Outline::Blocks::At(size_t i) const {
  return BlockOf(*order_[i], *plan_, options_).Take();
}

std::vector<Outline::Block> Outline::Blocks::All() const {
  std::vector<Block> all;
  all.reserve(size());
  for (size_t i = 0; i < size(); ++i) all.push_back(At(i));
  return all;
}

Outline OutlineOf(const Plan& plan, const OutlineOptions& options) {
  Outline outline;
  outline.age = RenderAge(plan);
  outline.signature = RenderSignature(plan);
  outline.summary = RenderSummary(plan);
  outline.blocks = Outline::Blocks(plan, options);
  for (const Deferred& deferred : plan.changes.deferred) {
    outline.undecided.items.push_back(
        {deferred.address, deferred.explanation, "?"});
  }
  // First: without it nothing else will be done.
  if (const std::string concern = plan.SignInConcern(); !concern.empty()) {
    outline.notes.items.push_back({"sign-in", concern});
  }
  for (const Note& note : plan.changes.notes) {
    outline.notes.items.push_back({note.address, note.text});
  }
  outline.unmanaged = UnmanagedOf(plan, options);
  outline.left_out = NotDone(plan.left_out, options.most_left_out);
  outline.waiting = NotDone(plan.waiting, plan.waiting.size());
  outline.findings = FindingsOf(plan, options);
  return outline;
}

std::string Day(const std::optional<absl::Time>& time) {
  return time ? FormatDay(*time) : "";
}

std::string CountsText(const ActionCounts& counts, bool done) {
  std::vector<std::string> parts;
  for (const ActionRow& row : kActionWords) {
    if (row.value == Action::kNoOp) continue;
    if (row.value > Action::kRevoke && counts[row.value] == 0) continue;
    parts.push_back(absl::StrCat(counts[row.value], done ? " " : " to ",
                                 done ? row.past : row.word));
  }
  return absl::StrJoin(parts, ", ");
}

std::string RenderSummary(const Plan& plan) {
  return absl::StrCat("Plan: ", CountsText(plan.counts, /*done=*/false), ".");
}

std::string RenderAge(const Plan& plan) {
  if (!plan.snapshot_taken_at) return "";
  return absl::StrCat("From a snapshot of ",
                      FormatMinute(*plan.snapshot_taken_at), ", ",
                      FormatSpan(std::max(plan.as_of - *plan.snapshot_taken_at,
                                          absl::ZeroDuration())),
                      " old: what happened since is not in this plan.");
}

std::string RenderSignature(const Plan& plan) {
  switch (plan.signature) {
    case Plan::Signature::kNone:
      return "This plan is not signed: whoever can write its file decides what "
             "it shows. Approve from it only if nobody but trusted jobs can.";
    case Plan::Signature::kUnchecked:
      return "The signature of this plan was not checked, because "
             "PATFORM_PLAN_KEY is not set: take it as not signed.";
    case Plan::Signature::kNoFile:
    case Plan::Signature::kGood:
      break;
  }
  return "";
}

}  // namespace patform
