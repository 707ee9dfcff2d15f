#include "engine/report/text.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/clock.h"
#include "engine/base/strings.h"
#include "engine/policy/rule_info.h"
#include "engine/report/attention.h"

namespace patform {
namespace {

// Unmanaged tokens shown by name; the rest is counted.
constexpr size_t kUnmanagedShown = 10;
// The same for changes that the targets leave out.
constexpr size_t kLeftOutShown = 20;
// And for warnings of one rule.
constexpr int kWarningsShown = 10;

std::string When(absl::Time time, absl::Time now) {
  return absl::StrCat(FormatMinute(time), " (", FormatRelative(time, now), ")");
}

std::string ColoredSign(Action action, const Style& style) {
  switch (action) {
    case Action::kCreate:
      return style.Green("+");
    case Action::kUpdate:
      return style.Yellow("~");
    case Action::kRotate:
      return style.Green("+") + "/" + style.Red("-");
    case Action::kRevoke:
      return style.Red("-");
    case Action::kFinish:
      return style.Cyan("»");
    default:
      return Sign(action);
  }
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

// "1 to create, 2 to update, …", "1 created, …": what finishes and releases
// only where there is any.
std::string CountsText(const ActionCounts& counts, bool past) {
  std::vector<std::string> parts;
  for (const ActionRow& row : kActionWords) {
    if (row.value == Action::kNoOp) continue;
    if (row.value > Action::kRevoke && counts[row.value] == 0) continue;
    parts.push_back(absl::StrCat(counts[row.value], past ? " " : " to ",
                                 past ? row.past : row.word));
  }
  return absl::StrJoin(parts, ", ");
}

class PlanText {
 public:
  PlanText(const Plan& plan, const Style& style) : plan_(plan), style_(style) {}

  std::string Text() {
    if (plan_.snapshot_taken_at) {
      Line(RenderAge(plan_));
      Line("");
    }
    if (const std::string line = RenderSignature(plan_); !line.empty()) {
      Line(style_.Yellow(line));
      Line("");
    }
    if (!plan_.empty()) {
      Line("patform will do the following:");
      Line("");
    }
    for (const Change& change : plan_.changes.changes) Block(change);
    for (const Deferred& deferred : plan_.changes.deferred) {
      Line(absl::StrCat("  ", style_.Yellow("?"), " ",
                        style_.Bold(Visible(deferred.address)),
                        " is undecided"));
      Line(absl::StrCat("      ", Visible(deferred.explanation)));
      Line("");
    }
    Notes();
    Unmanaged();
    Findings();
    Closing();
    return std::move(text_);
  }

 private:
  void Line(const std::string& line) { absl::StrAppend(&text_, line, "\n"); }

  void Field(const char* sign, const std::string& name,
             const std::string& value) {
    std::string padded = name + ":";
    padded.resize(std::max<size_t>(14, padded.size() + 1), ' ');
    Line(absl::StrCat("      ", sign, " ", padded, value));
  }

  std::string Header(const Change& change) const {
    std::string why = Explain(change.reason);
    if (change.reason == Reason::kInRotationWindow && change.before) {
      why = absl::StrCat("due: it expires ",
                         FormatRelative(*change.before->valid_to, plan_.as_of));
    }
    if (change.change_class == ChangeClass::kMaintenance) {
      why += "; maintenance";
    }
    return absl::StrCat("  ",
                        style_.Bold(absl::StrCat("# ", Visible(change.address),
                                                 " ", WillBe(change))),
                        " (", why, ")");
  }

  // The id and date by which a person finds the token in the portal.
  std::string Identity(const TokenFacts& facts) const {
    if (!facts.id) return "";
    std::string text = absl::StrCat(" (", facts.id->Short());
    if (facts.generation > 0) {
      absl::StrAppend(&text, ", generation ", facts.generation);
    }
    return text + ")";
  }

  void Block(const Change& change) {
    Line(Header(change));
    Line(absl::StrCat("  ", ColoredSign(change.action, style_), " ",
                      Visible(change.address),
                      change.before ? Identity(*change.before) : ""));
    if (plan_.organizations.size() > 1) {
      Field(" ", "organization", Visible(change.organization));
    }
    switch (change.action) {
      case Action::kCreate:
        Created(change);
        break;
      case Action::kRotate:
        Differences(change);
        Made(change);
        break;
      case Action::kRevoke:
        for (const Collect& end : change.revoke) Ended(end, change);
        break;
      case Action::kFinish:
        Finished(change);
        break;
      default:
        Differences(change);
    }
    for (const Attention& each : AttentionOf(change, plan_.as_of)) {
      Line(absl::StrCat("      ", style_.Yellow("!"), " ", Visible(each.what)));
    }
    Line("");
  }

  void Created(const Change& change) {
    Field("+", "scopes", Visible(change.after->scopes.text()));
    Field("+", "valid_to", When(*change.after->valid_to, plan_.as_of));
    if (change.after->all_organizations) {
      Field("+", "valid_in", "all organizations");
    }
    Made(change);
  }

  void Made(const Change& change) {
    for (const Collect& end : change.decision.collect_first) {
      Field("-", "first",
            end.retire_at
                ? absl::StrCat("let ", Which(end.generation, end.id), " end ",
                               When(*end.retire_at, plan_.as_of))
                : absl::StrCat("revoke ", Which(end.generation, end.id)));
    }
    Field("+", "generation", absl::StrCat(change.decision.generation));
    for (size_t i = 0; i < change.deliver.size(); ++i) {
      Field("+", "secret to", Visible(WhereTo(change, i)));
    }
    Collected(change);
  }

  void Collected(const Change& change) {
    for (const Collect& end : change.decision.collect) {
      if (end.retire_at) {
        Field("-", "then",
              absl::StrCat("let ", Which(end.generation, end.id), " end ",
                           When(*end.retire_at, plan_.as_of)));
      } else {
        Field("-", "then",
              absl::StrCat("revoke ", Which(end.generation, end.id), ": ",
                           Explain(end.reason)));
      }
    }
  }

  // What stays comes first: whoever reads this wants to know what still works.
  void Finished(const Change& change) {
    if (change.before && change.before->generation > 0) {
      Field(" ", "stays",
            absl::StrCat("generation ", change.before->generation,
                         ", whose secret is in service"));
    }
    for (const Collect& end : change.decision.collect) {
      if (end.retire_at) {
        Field("-", "let end",
              absl::StrCat(Which(end.generation, end.id), " at ",
                           When(*end.retire_at, plan_.as_of), ": ",
                           Explain(end.reason)));
      } else {
        Field("-", "revoke",
              absl::StrCat(Which(end.generation, end.id), ": ",
                           Explain(end.reason)));
      }
    }
  }

  void Ended(const Collect& end, const Change& change) {
    Field(
        "-", "revoke",
        absl::StrCat(Which(end.generation, end.id), ", which would live until ",
                     When(end.valid_to, plan_.as_of)));
    if (change.before && change.before->id == end.id) {
      Field("-", "scopes", Visible(change.before->scopes.text()));
    }
  }

  void Differences(const Change& change) {
    for (const FieldChange& field : change.fields) {
      if (field.field == "valid_to") {
        Field("~", field.field,
              absl::StrCat(When(*change.before->valid_to, plan_.as_of), " → ",
                           When(*change.after->valid_to, plan_.as_of)));
        continue;
      }
      Field("~", Visible(field.field),
            absl::StrCat(Visible(field.before), " → ", Visible(field.after)));
      if (field.field != "scopes") continue;
      const ScopeSet gone = change.before->scopes.Without(change.after->scopes);
      for (std::string_view lost : gone.items()) {
        Line(absl::StrCat("          ", style_.Red("-"), " ", Visible(lost)));
      }
      const ScopeSet come = change.after->scopes.Without(change.before->scopes);
      for (std::string_view gained : come.items()) {
        Line(absl::StrCat("          ", style_.Green("+"), " ",
                          Visible(gained)));
      }
    }
  }

  void Notes() {
    for (const Note& note : plan_.changes.notes) {
      Line(absl::StrCat("Note: ", Visible(note.address), ": ",
                        Visible(note.text)));
    }
    if (!plan_.changes.notes.empty()) Line("");
  }

  void Unmanaged() {
    const std::vector<ActualToken>& tokens = plan_.changes.unmanaged;
    if (tokens.empty()) return;
    Line(absl::StrCat(
        "Unmanaged: ", Count(static_cast<int>(tokens.size()), "live token"),
        " in no configuration, left alone:"));
    for (size_t i = 0; i < std::min(tokens.size(), kUnmanagedShown); ++i) {
      Line(absl::StrCat("    \"", Visible(tokens[i].display_name), "\" (",
                        tokens[i].id.Short(), "), until ",
                        When(tokens[i].valid_to, plan_.as_of)));
    }
    if (tokens.size() > kUnmanagedShown) {
      Line(
          absl::StrCat("    … and ", tokens.size() - kUnmanagedShown, " more"));
    }
    Line("");
  }

  // All errors; of the warnings of one rule the first few: what exists can
  // break it ten thousand times.
  void Findings() {
    std::map<std::string, int> warnings;
    for (const Finding& finding : plan_.findings) {
      const bool warning = finding.severity == Severity::kWarning;
      if (warning && ++warnings[finding.rule] > kWarningsShown) continue;
      std::string place;
      if (!finding.where.file.empty()) {
        place = absl::StrCat(Visible(finding.where.file), ":",
                             finding.where.line, ": ");
      }
      Line(absl::StrCat(
          warning ? style_.Yellow("Policy warning") : style_.Red("Policy"), " ",
          Visible(finding.rule), ": ", place,
          finding.address.empty() ? ""
                                  : absl::StrCat(Visible(finding.address), " "),
          Visible(finding.what)));
      Line(absl::StrCat("    why: ", WhyOf(finding.rule)));
      Line(absl::StrCat("    fix: ", Visible(finding.fix)));
    }
    for (const auto& [rule, count] : warnings) {
      if (count <= kWarningsShown) continue;
      Line(absl::StrCat("Policy warning ", Visible(rule), ": … and ",
                        count - kWarningsShown,
                        " more; --format json has all of them"));
    }
    if (!plan_.findings.empty()) Line("");
  }

  // What the targets keep from being done is still worth seeing.
  void LeftOut() {
    if (plan_.left_out.empty()) return;
    Line(absl::StrCat("Limited to the targets given; left out: ",
                      Count(static_cast<int>(plan_.left_out.size()), "change"),
                      "."));
    const size_t shown = std::min(plan_.left_out.size(), kLeftOutShown);
    for (size_t i = 0; i < shown; ++i) {
      const Change& change = plan_.left_out[i];
      Line(absl::StrCat("    ", Sign(change.action), " ",
                        Visible(change.address), " (", Explain(change.reason),
                        ")"));
    }
    if (plan_.left_out.size() > shown) {
      Line(absl::StrCat("    … and ", plan_.left_out.size() - shown, " more"));
    }
    Line("");
  }

  void Closing() {
    LeftOut();
    if (plan_.empty() && plan_.complete()) {
      Line("No changes. Your tokens match the configuration.");
      return;
    }
    Line(style_.Bold(RenderSummary(plan_)));
    if (!plan_.approval.changes.empty()) {
      Line(absl::StrCat("Digest: ", Visible(plan_.digest)));
    }
    if (!plan_.complete()) {
      Line(absl::StrCat(
          "The plan is incomplete: ",
          Count(static_cast<int>(plan_.changes.deferred.size()), "token"),
          " could not be decided (marked ? above)."));
    }
  }

  const Plan& plan_;
  const Style& style_;
  std::string text_;
};

}  // namespace

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

std::string RenderSummary(const Plan& plan) {
  return absl::StrCat("Plan: ", CountsText(plan.counts, /*past=*/false), ".");
}

std::string RenderPlan(const Plan& plan, const Style& style) {
  return PlanText(plan, style).Text();
}

std::string RenderResult(const ApplyResult& result, const Style& style) {
  std::string text;
  ActionCounts done;
  int failed = 0, half_done = 0, not_started = 0;
  for (const ApplyResult::Entry& entry : result.entries) {
    const Outcome& outcome = entry.outcome;
    std::string label;
    const char* to_the_end = "";
    switch (outcome.kind) {
      case Outcome::Kind::kDone:
        done.Add(entry.change);
        for (const std::string& line : outcome.left) {
          absl::StrAppend(&text, "\nNote: ", Visible(entry.change.address),
                          " is done; left for the next apply: ", Visible(line),
                          "\n");
        }
        continue;
      case Outcome::Kind::kNothing:
        continue;
      case Outcome::Kind::kInterrupted:
        ++not_started;
        label = style.Yellow("Unchanged");
        break;
      case Outcome::Kind::kFailed:
        ++failed;
        label = style.Red("Error");
        break;
      case Outcome::Kind::kIncomplete:
        ++half_done;
        label = style.Red("Incomplete");
        to_the_end =
            entry.change.action == Action::kRotate ? " to the end" : "";
        break;
    }
    absl::StrAppend(&text, "\n", label, ": ", Visible(entry.change.address),
                    " was not ", RowOf(entry.change.action).past, to_the_end,
                    "\n    ", Visible(std::string(outcome.status.message())),
                    "\n");
    for (const std::string& line : outcome.done) {
      absl::StrAppend(&text, "    done: ", Visible(line), "\n");
    }
    for (const std::string& line : outcome.left) {
      absl::StrAppend(&text, "    left for the next apply: ", Visible(line),
                      "\n");
    }
  }
  const std::string counts = CountsText(done, /*past=*/true);
  if (failed + half_done + not_started == 0) {
    absl::StrAppend(
        &text, "\n",
        style.Green(absl::StrCat("Apply complete! Tokens: ", counts, ".")),
        "\n");
    return text;
  }
  const std::string halves =
      half_done > 0 ? absl::StrCat(half_done, " half-done, ") : "";
  absl::StrAppend(&text, "\n",
                  style.Red(absl::StrCat("Apply incomplete. Tokens: ", counts,
                                         "; ", failed, " failed, ", halves,
                                         not_started, " not started.")),
                  "\n");
  if (const int left = result.StepsLeft(); left > 0) {
    absl::StrAppend(&text, "Left for the next apply, as listed above: ", left,
                    left == 1 ? " step.\n" : " steps.\n");
  }
  absl::StrAppend(&text,
                  "Run `patform apply` again: it continues from here.\n");
  return text;
}

std::string Describe(const Change& change, const Effect& effect) {
  switch (effect.kind) {
    case Effect::Kind::kNone:
    case Effect::Kind::kDone:
      return "";
    case Effect::Kind::kCheckSinks:
      return "checking the sinks";
    case Effect::Kind::kReadRecords:
    case Effect::Kind::kReadBack:
      return "reading the sinks' records";
    case Effect::Kind::kLook:
      return "looking again";
    case Effect::Kind::kMint:
      return absl::StrCat("minting generation ", effect.generation);
    case Effect::Kind::kDeliver:
      return absl::StrCat("delivering to ",
                          Visible(change.deliver[effect.place].Address()));
    case Effect::Kind::kUpdate:
      return "updating";
    case Effect::Kind::kRetire:
      return absl::StrCat("retiring ", effect.id.Short());
    case Effect::Kind::kRevoke:
      return absl::StrCat("revoking ", effect.id.Short());
  }
  return "";
}

}  // namespace patform
