#include "engine/report/text.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"
#include "engine/report/attention.h"
#include "engine/report/ending.h"
#include "engine/report/findings_text.h"
#include "engine/report/outline.h"

namespace patform {
namespace {

// Of what changes nothing this many are shown by name; the rest is counted.
constexpr size_t kUnmanagedShown = 10;
constexpr size_t kLeftOutShown = 20;
constexpr size_t kBytesOfABlock = 256;
constexpr int kWarningsShown = 10;  // of one rule

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

// Draws an outline for a terminal.
class PlanText {
 public:
  PlanText(const Plan& plan, const Style& style)
      : plan_(plan),
        style_(style),
        ending_(ShownOf(plan.changes.unrenewed, plan.as_of)),
        outline_(OutlineOf(plan, {.comment = false,
                                  .most_unmanaged = kUnmanagedShown,
                                  .most_left_out = kLeftOutShown,
                                  .most_warnings = kWarningsShown})) {}

  std::string Text() {
    // About as long as it gets, for the same reason as in a diff.
    text_.reserve(outline_.blocks.size() * kBytesOfABlock);
    Head();
    std::string identity;
    for (const Outline::Block& block : outline_.blocks) {
      // They come grouped.
      if (block.change->identity != identity) {
        identity = block.change->identity;
        User(identity);
      }
      Block(block);
    }
    for (const Outline::Item& item : outline_.undecided.items) {
      Line(absl::StrCat("  ", style_.Yellow(item.sign), " ",
                        style_.Bold(Visible(item.subject)), " is undecided"));
      Line(absl::StrCat("      ", Visible(item.text)));
      Line("");
    }
    Notes();
    Unmanaged();
    Findings();
    LeftOut();
    Waiting();
    Ending();
    Closing();
    return std::move(text_);
  }

 private:
  void Line(const std::string& line) { absl::StrAppend(&text_, line, "\n"); }

  void Head() {
    if (!outline_.age.empty()) {
      Line(outline_.age);
      Line("");
    }
    if (!outline_.signature.empty()) {
      Line(style_.Yellow(outline_.signature));
      Line("");
    }
    // What they are comes behind the changes, next to the closing line.
    if (!plan_.empty() && !plan_.findings.empty()) {
      Line(absl::StrCat("The policy has ", CountFindings(plan_.findings),
                        ", listed below the changes."));
      Line("");
    }
    if (!plan_.empty()) {
      Line("patform will do the following:");
      Line("");
    }
  }

  // Whose the following changes are.
  void User(const std::string& identity) {
    std::string text = absl::StrCat("As ", Visible(identity));
    const auto user = plan_.users.find(identity);
    if (user != plan_.users.end() && !user->second.empty()) {
      absl::StrAppend(&text, ", the user ", Visible(user->second));
    }
    Line(text + ":");
    Line("");
  }

  void Block(const Outline::Block& block) {
    const std::string title =
        absl::StrCat("# ", block.address, " ", block.title);
    Line(absl::StrCat("  ", style_.Bold(title), " (", block.why, ")"));
    Line(absl::StrCat("  ", ColoredSign(block.change->action, style_), " ",
                      block.address, block.identity));
    for (const Outline::Line& line : block.lines) Draw(line);
    for (const Attention& each : block.attention) {
      Line(absl::StrCat("      ", style_.Yellow("!"), " ", Visible(each.what)));
    }
    Line("");
  }

  void Draw(const Outline::Line& line) {
    const std::string sign(1, line.sign);
    if (line.kind == Outline::Line::Kind::kPart) {
      Line(
          absl::StrCat("          ",
                       line.sign == '-' ? style_.Red(sign) : style_.Green(sign),
                       " ", line.value));
      return;
    }
    std::string field = line.field + ":";
    field.resize(std::max<size_t>(14, field.size() + 1), ' ');
    Line(absl::StrCat("      ", sign, " ", field, line.value));
  }

  // Last: where people look first.
  void Ending() {
    if (ending_.empty()) return;
    Line(RenderEnding(ending_, plan_.as_of, style_));
  }

  void Notes() {
    for (const Outline::Item& note : outline_.notes.items) {
      Line(absl::StrCat("Note: ", Visible(note.subject), ": ",
                        Visible(note.text)));
    }
    if (!outline_.notes.items.empty()) Line("");
  }

  void Omitted(const Outline::List& list) {
    if (list.omitted == 0) return;
    Line(absl::StrCat("    … and ", list.omitted, " more"));
  }

  void Unmanaged() {
    const size_t all = plan_.changes.unmanaged.size();
    if (all == 0) return;
    Line(absl::StrCat("Unmanaged: ", Count(static_cast<int>(all), "live token"),
                      " in no configuration, left alone:"));
    for (const Outline::Item& item : outline_.unmanaged.items) {
      Line(absl::StrCat("    \"", Visible(item.subject), "\" ", item.text));
    }
    Omitted(outline_.unmanaged);
    Line("");
  }

  void Findings() {
    const std::string findings = RenderFindings(
        outline_.findings.items, outline_.findings.omitted, style_);
    if (findings.empty()) return;
    absl::StrAppend(&text_, findings, "\n");
  }

  void LeftOut() {
    const size_t all = plan_.left_out.size();
    if (all == 0) return;
    Line(absl::StrCat("Limited to the targets given; left out: ",
                      Count(static_cast<int>(all), "change"), "."));
    for (const Outline::Item& item : outline_.left_out.items) {
      Line(absl::StrCat("    ", item.sign, " ", Visible(item.subject), " (",
                        item.text, ")"));
    }
    Omitted(outline_.left_out);
    Line("");
  }

  void Waiting() {
    const size_t all = plan_.waiting.size();
    if (all == 0) return;
    Line(absl::StrCat(Count(static_cast<int>(all), "change"),
                      all == 1 ? " waits" : " wait", " for approval and ",
                      all == 1 ? "is" : "are",
                      " left alone; `patform plan` shows all of ",
                      all == 1 ? "it:" : "them:"));
    for (const Outline::Item& item : outline_.waiting.items) {
      Line(absl::StrCat("    ", item.sign, " ", Visible(item.subject), " (",
                        item.text, ")"));
    }
    Line("");
  }

  void Closing() {
    if (plan_.empty() && plan_.complete() && !plan_.waiting.empty()) {
      Line("No maintenance is due.");
      return;
    }
    if (plan_.empty() && plan_.complete()) {
      Line("No changes. Your tokens match the configuration.");
      return;
    }
    Line(style_.Bold(outline_.summary));
    if (plan_.policy_changes > 0) {
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
  const std::vector<Unrenewed> ending_;
  const Outline outline_;
  std::string text_;
};

// What became of each change, then the counts.
class ResultText {
 public:
  ResultText(const Plan& plan, const ApplyResult& result, const Style& style)
      : undecided_(static_cast<int>(plan.changes.deferred.size())),
        waiting_(static_cast<int>(plan.waiting.size())),
        result_(result),
        style_(style) {}

  std::string Text() {
    for (const ApplyResult::Entry& entry : result_.entries) Entry(entry);
    const std::string counts = CountsText(done_, /*done=*/true);
    if (failed_ + half_done_ + not_started_ + undecided_ + result_.StepsLeft() >
        0) {
      Incomplete(counts);
      return std::move(text_);
    }
    absl::StrAppend(
        &text_, "\n",
        style_.Green(absl::StrCat(waiting_ > 0 ? "Maintenance" : "Apply",
                                  " complete! Tokens: ", counts, ".")),
        "\n", secrets_);
    FollowUps();
    if (waiting_ > 0) {
      absl::StrAppend(&text_, Count(waiting_, "change"),
                      waiting_ == 1 ? " waits" : " wait",
                      " for approval, as listed above.\n");
    }
    return std::move(text_);
  }

 private:
  void Entry(const ApplyResult::Entry& entry) {
    switch (entry.outcome.kind) {
      case Outcome::Kind::kDone:
        return Done(entry);
      case Outcome::Kind::kNothing:
        return;
      case Outcome::Kind::kInterrupted:
        ++not_started_;
        return NotDone(entry, style_.Yellow("Unchanged"), "");
      case Outcome::Kind::kFailed:
        ++failed_;
        return NotDone(entry, style_.Red("Error"), "");
      case Outcome::Kind::kIncomplete:
        ++half_done_;
        // The new secret may well be in service: only the old one is left.
        return NotDone(
            entry, style_.Red("Incomplete"),
            entry.change.action == Action::kRotate ? " to the end" : "");
    }
  }

  void Done(const ApplyResult::Entry& entry) {
    done_.Add(entry.change);
    Secret(entry.change);
    for (const std::string& line : entry.outcome.notes) {
      absl::StrAppend(&text_, "\nNote: ", Visible(entry.change.address), " ",
                      Visible(line), "\n");
    }
    for (const std::string& line : entry.outcome.left) {
      absl::StrAppend(&text_, "\nNote: ", Visible(entry.change.address),
                      " is done; left for the next apply: ", Visible(line),
                      "\n");
    }
  }

  // Where whoever needs it finds it now.
  void Secret(const Change& change) {
    if (change.decision->kind != Decision::Kind::kMake) return;
    const char* separator = ": ";
    for (size_t i = 0; i < change.deliver.size(); ++i) {
      if (i == 0) {
        absl::StrAppend(&secrets_, "Secret of ", Visible(change.address));
      }
      absl::StrAppend(&secrets_, separator, Visible(WhereTo(change, i)));
      separator = "; ";
    }
    if (!change.deliver.empty()) secrets_ += "\n";
  }

  // What the stores did for whoever reads those secrets.
  void FollowUps() {
    for (const ApplyResult::FollowUp& each : result_.follow_ups) {
      for (const std::string& line : each.done) {
        absl::StrAppend(&text_, "After sink.", Visible(each.sink), ": ",
                        Visible(line), "\n");
      }
      if (each.status.ok()) continue;
      absl::StrAppend(
          &text_, style_.Yellow("Warning"), ": after the delivery to sink.",
          Visible(each.sink), ": ", Visible(std::string(each.status.message())),
          ". The secrets are in place; their consumers may not know yet.\n");
    }
  }

  void NotDone(const ApplyResult::Entry& entry, const std::string& label,
               const char* to_the_end) {
    absl::StrAppend(&text_, "\n", label, ": ", Visible(entry.change.address),
                    " was not ", RowOf(entry.change.action).past, to_the_end,
                    "\n    ",
                    Visible(std::string(entry.outcome.status.message())), "\n");
    for (const std::string& line : entry.outcome.done) {
      absl::StrAppend(&text_, "    done: ", Visible(line), "\n");
    }
    for (const std::string& line : entry.outcome.left) {
      absl::StrAppend(&text_, "    left for the next apply: ", Visible(line),
                      "\n");
    }
  }

  void Incomplete(const std::string& counts) {
    std::string why;
    if (failed_ + half_done_ + not_started_ > 0) {
      why = absl::StrCat(
          "; ", failed_, " failed, ",
          half_done_ > 0 ? absl::StrCat(half_done_, " half-done, ") : "",
          not_started_, " not started");
    }
    absl::StrAppend(&text_, "\n",
                    style_.Red(absl::StrCat(
                        "Apply incomplete. Tokens: ", counts, why, ".")),
                    "\n", secrets_);
    FollowUps();
    if (undecided_ > 0) {
      absl::StrAppend(&text_, Count(undecided_, "token"),
                      " could not be decided (marked ? above).\n");
    }
    const int left = result_.StepsLeft();
    if (left > 0) {
      absl::StrAppend(&text_,
                      "Left for the next apply, as listed above: ", left,
                      left == 1 ? " step.\n" : " steps.\n");
    }
    if (left > 0 || !why.empty()) {
      absl::StrAppend(&text_,
                      "Run `patform apply` again: it continues from here.\n");
    }
  }

  const int undecided_, waiting_;
  const ApplyResult& result_;
  const Style& style_;
  std::string text_;
  std::string secrets_;  // a line for each secret that was delivered
  ActionCounts done_;
  int failed_ = 0, half_done_ = 0, not_started_ = 0;
};

}  // namespace

std::string RenderPlan(const Plan& plan, const Style& style) {
  return PlanText(plan, style).Text();
}

std::string RenderResult(const Plan& plan, const ApplyResult& result,
                         const Style& style) {
  return ResultText(plan, result, style).Text();
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
    case Effect::Kind::kProve:
      return "trying the new secret";
    case Effect::Kind::kDeliver:
      return absl::StrCat("delivering to ",
                          Visible(change.deliver[effect.place].Address()));
    case Effect::Kind::kUpdate:
      return "updating";
    case Effect::Kind::kRetire:
      return absl::StrCat("retiring ", effect.id.Short());
    case Effect::Kind::kRevoke:
      return absl::StrCat("revoking ", effect.id.Short());
    case Effect::Kind::kRemove:
      return absl::StrCat("removing its secret from ",
                          Visible(change.remove[effect.place].place.Address()));
  }
  return "";
}

}  // namespace patform
