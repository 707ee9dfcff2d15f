// Two plans of the same intent give the same comment, as far as that can be:
// no instant of planning, no "in 3d" and no time of day is in it, so that a
// bot has nothing to post when nothing changed.
#include "engine/report/markdown.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "engine/base/clock.h"
#include "engine/base/strings.h"
#include "engine/report/attention.h"
#include "engine/report/ending.h"
#include "engine/report/markdown_table.h"
#include "engine/report/markdown_text.h"
#include "engine/report/outline.h"

namespace patform {
namespace {

constexpr size_t kSmallestLimit = 8192;
// For the sentence with what was cut, and its link.
constexpr size_t kReserved = 2000;
// How much is shown of each list of what changes nothing. What ends, widens or
// moves, the table and the details are whole, or the comment is not a basis for
// an approval.
constexpr size_t kIssuesShown = 50;
constexpr size_t kOthersShown = 20;
constexpr size_t kWhole = ~size_t{0};

constexpr char kIncomplete[] =
    "## ⛔ INCOMPLETE: do not approve from this comment\n\n"
    "**The plan is longer than a comment may be, and part of it is not shown "
    "here.** The whole plan, and the digest that an approval needs, are only "
    "in the file of the plan: `patform show FILE`.\n\n";

// One change as lines of a diff: what comes +, what goes -, what differs !.
std::string Detail(const Outline::Block& block) {
  const Change& change = *block.change;
  // Of a change that neither makes nor ends one token alone.
  const char* sign = "!";
  if (change.action == Action::kCreate || change.action == Action::kRevoke) {
    sign = Sign(change.action);
  }
  std::string text = absl::StrCat(sign, " ", block.address, block.identity,
                                  ": ", Word(change.action), "\n");
  if (const SourceLocation where = change.where; !where.file.empty()) {
    absl::StrAppend(&text, "    at ", Visible(where.file), ":", where.line,
                    "\n");
  }
  for (const Outline::Line& line : block.lines) {
    const std::string mark(1, line.sign == '~' ? '!' : line.sign);
    absl::StrAppend(&text, mark, "   ", line.field);
    switch (line.kind) {
      case Outline::Line::Kind::kField:
        absl::StrAppend(&text, ": ", line.value, "\n");
        break;
      case Outline::Line::Kind::kStep:
        absl::StrAppend(&text, " ", line.value, "\n");
        break;
      case Outline::Line::Kind::kPart:
        absl::StrAppend(&text, "  ", line.value, "\n");
        break;
    }
  }
  return text;
}

// The tokens that a pull request is about: what its edit changes, and what
// could not be decided. What time asks for is in every plan.
std::set<std::string> EditedIn(const Plan& plan) {
  std::set<std::string> addresses;
  for (const Change& change : plan.changes.changes) {
    if (change.change_class != ChangeClass::kPolicy) continue;
    addresses.insert(change.address);
  }
  for (const Deferred& deferred : plan.changes.deferred) {
    addresses.insert(deferred.address);
  }
  return addresses;
}

// What can be left out, as it is counted.
struct Words {
  const char* one;
  const char* many;
};

class Comment {
 public:
  // `limit`: kWhole for all of it; else what does not fit is left out, and the
  // comment begins with a warning not to approve from it.
  Comment(const Plan& plan, const Outline& outline,
          const std::vector<Outline::Block>& blocks, const std::string& link,
          size_t limit)
      : plan_(plan),
        outline_(outline),
        blocks_(blocks),
        incomplete_(limit != kWhole),
        link_(MarkdownLink("CI run", link)),
        edited_(EditedIn(plan)),
        head_(Head()),
        foot_(Foot()) {
    left_ = limit - std::min(limit, head_.size() + foot_.size() + kReserved);
  }

  std::string Text() {
    // The order of what matters: who comes late may find no room.
    const std::string revocations = Revocations();
    const std::string ending = Ending();
    const std::string widened =
        Attentions(Attention::Kind::kWidens, "### What widens\n\n",
                   {"thing that widens a token", "things that widen a token"});
    const std::string moved = Attentions(
        Attention::Kind::kMoves, "### What moves\n\n",
        {"secret or token that moves", "secrets and tokens that move"});
    const std::string sinks = Sinks();
    const std::string findings =
        Findings("### Findings\n\n", Whose::kThisPlans);
    const std::string other_findings =
        Findings("### Findings on other tokens\n\n", Whose::kOthers);
    const std::string table = Table();
    const std::string undecided = Undecided();
    const std::string others = Others();
    const std::string details = Details();
    // And the order of reading: what changes, then what was found about it.
    return absl::StrCat(head_, ending, plan_.empty() ? "" : "### Changes\n\n",
                        revocations, table, widened, moved, sinks, details,
                        undecided, findings, other_findings, others, Cut(),
                        foot_);
  }

 private:
  std::string Headline() const {
    if (plan_.empty()) {
      return plan_.complete() ? "no changes" : "no changes, incomplete";
    }
    return std::string(
        absl::StripSuffix(absl::StripPrefix(outline_.summary, "Plan: "), "."));
  }

  std::string Head() const {
    std::string text = absl::StrCat(
        MarkdownMarker(plan_), "\n<!-- patform:digest ",
        incomplete_ ? "incomplete" : CommentWord(plan_.digest), " -->\n",
        incomplete_ ? kIncomplete : "", "## patform plan (",
        MarkdownCode(plan_.workspace, 60), "): ", Headline(), "\n\n");
    if (const std::string facts = Facts(); !facts.empty()) {
      absl::StrAppend(&text, facts, "\n\n");
    }
    if (!outline_.signature.empty()) {
      absl::StrAppend(&text, "**", outline_.signature, "**\n\n");
    }
    if (Forbids(plan_.findings)) {
      text += "**This cannot be applied: a policy or guard forbids it.**\n\n";
    }
    if (!plan_.complete()) {
      absl::StrAppend(
          &text, "**The plan is incomplete: ",
          Count(static_cast<long long>(plan_.changes.deferred.size()), "token"),
          " could not be decided.**\n\n");
    }
    if (plan_.empty() && plan_.complete()) {
      text += "Your tokens match the configuration.\n\n";
    }
    return text;
  }

  // What the plan was made from, with and under, in one line.
  std::string Facts() const {
    std::vector<std::string> facts;
    if (!link_.empty()) facts.push_back(link_);
    if (plan_.policy_changes > 0 && !incomplete_) {
      facts.push_back("digest " + MarkdownCode(plan_.digest));
    }
    if (plan_.stable_until != absl::InfiniteFuture()) {
      facts.push_back("stable until " + FormatMinute(plan_.stable_until));
    }
    if (plan_.snapshot_taken_at) {
      facts.push_back("from a snapshot of " +
                      FormatMinute(*plan_.snapshot_taken_at));
    }
    if (!plan_.rules.empty()) facts.push_back(Rules());
    if (plan_.identity && plan_.identity->scopes) {
      facts.push_back(absl::StrCat(
          "planned with ", MarkdownCode(plan_.identity->scopes->text()),
          *plan_.identity->MayMint() ? ", which **could also make tokens**"
                                     : ""));
    }
    return absl::StrJoin(facts, " · ");
  }

  // That rules were asked at all: an edit may have taken some of them away.
  std::string Rules() const {
    std::set<std::string_view> found;
    for (const Finding& finding : plan_.findings) found.insert(finding.rule);
    const auto broken = std::count_if(
        plan_.rules.begin(), plan_.rules.end(),
        [&](const std::string& rule) { return found.count(rule) > 0; });
    return absl::StrCat(
        Count(static_cast<long long>(plan_.rules.size()), "rule"), " checked, ",
        broken == 0 ? "all hold" : absl::StrCat(broken, " broken"));
  }

  std::string Foot() const {
    // What policy forbids is not offered; the head has the reason.
    if (plan_.empty() || incomplete_ || Forbids(plan_.findings)) return "";
    if (plan_.policy_changes == 0) {
      return "All of this is maintenance, which the merged file authorises: "
             "`patform apply --maintenance`\n";
    }
    return absl::StrCat("To apply exactly this: ",
                        MarkdownCode("patform apply --approve " + plan_.digest),
                        "\n");
  }

  // Takes `text` if there is room for it.
  bool Fits(const std::string& text) {
    if (text.size() > left_) return false;
    left_ -= text.size();
    return true;
  }

  // A list with its first line, as far as there is room and not more than
  // `most`; what is left out is noted under the name of `things`.
  std::string List(const std::string& first,
                   const std::vector<std::string>& items, size_t most,
                   const Words& things) {
    if (items.empty()) return "";
    // And the line that ends it. A heading over nothing is worse than none.
    const size_t room = left_ > first.size() ? left_ - first.size() : 0;
    const bool any = std::any_of(
        items.begin(), items.end(),
        [room](const std::string& item) { return item.size() < room; });
    if (!any || !Fits(first + "\n")) {
      NoteCut(items.size(), things);
      return "";
    }
    std::string text = first;
    size_t shown = 0;
    for (const std::string& item : items) {
      // One that is too long does not take the others with it.
      if (shown >= most || !Fits(item)) continue;
      text += item;
      ++shown;
    }
    NoteCut(items.size() - shown, things);
    return text + "\n";
  }

  void NoteCut(size_t n, const Words& things) {
    if (n == 0) return;
    cut_.push_back(Count(static_cast<long long>(n), things.one, things.many));
  }

  std::string Revocations() {
    const std::string first = absl::StrCat(
        "> ⚠ **", Count(plan_.counts[Action::kRevoke], "token"),
        " will be revoked.** Whoever uses ",
        plan_.counts[Action::kRevoke] == 1 ? "its secret" : "their secrets",
        " is cut off.\n>\n");
    return Attentions(Attention::Kind::kEnds, first,
                      {"token that ends", "tokens that end"}, "> ");
  }

  std::string Ending() {
    const std::vector<Unrenewed> shown =
        ShownOf(plan_.changes.unrenewed, plan_.as_of);
    std::vector<std::string> items;
    for (const Unrenewed& token : shown) {
      // The day alone: the same plan an hour later reads the same.
      items.push_back(absl::StrCat(
          "> - ", MarkdownCode(token.address, kWhole),
          token.ends > plan_.as_of ? " ends on " : " ended on ",
          FormatDay(token.ends), ": ", RowOf(token.why).why, "\n"));
    }
    return List(absl::StrCat("> ⚠ **", EndingTitle(shown), ".**\n>\n"), items,
                kWhole,
                {"token that ends and nothing renews",
                 "tokens that end and nothing renews"});
  }

  std::string Attentions(Attention::Kind kind, const std::string& first,
                         const Words& things, const char* before = "") {
    std::vector<std::string> items;
    for (const Outline::Block& block : blocks_) {
      for (const Attention& each : block.attention) {
        if (each.kind != kind) continue;
        items.push_back(absl::StrCat(
            before, "- ", MarkdownCode(block.change->address, kWhole), " ",
            MarkdownProse(each.what, kWhole), "\n"));
      }
    }
    return List(first, items, kWhole, things);
  }

  // What the places of the table mean.
  std::string Sinks() {
    std::map<std::string, std::string> sinks;
    for (const Change& change : plan_.changes.changes) {
      for (size_t i = 0; i < change.places.size(); ++i) {
        sinks[change.deliver[i].sink] = change.places[i].sink;
      }
    }
    std::vector<std::string> items;
    for (const auto& [name, settings] : sinks) {
      items.push_back(absl::StrCat("- ", MarkdownCode(name, kWhole), ": ",
                                   MarkdownCode(settings, kWhole), "\n"));
    }
    return List("### Sinks that secrets go to\n\n", items, kWhole,
                {"sink", "sinks"});
  }

  // Of the plan as a whole, or of a token that somebody edits here; or of one
  // that is as it was before, which nobody here may be able to mend.
  enum class Whose { kThisPlans, kOthers };

  Whose WhoseIs(const Finding& finding) const {
    if (finding.address.empty()) return Whose::kThisPlans;
    return edited_.count(finding.address) > 0 ? Whose::kThisPlans
                                              : Whose::kOthers;
  }

  std::string Findings(const std::string& first, Whose whose) {
    std::vector<std::string> items;
    for (const Finding* finding : outline_.findings.items) {
      if (WhoseIs(*finding) != whose) continue;
      std::string item = absl::StrCat("- **", Word(finding->severity), "** ",
                                      MarkdownCode(finding->rule, 60));
      if (!finding->where.file.empty()) {
        absl::StrAppend(&item, " at ",
                        MarkdownCode(absl::StrCat(finding->where.file, ":",
                                                  finding->where.line)));
      }
      absl::StrAppend(&item, ": ");
      if (!finding->address.empty()) {
        absl::StrAppend(&item, MarkdownCode(finding->address), " ");
      }
      absl::StrAppend(&item, MarkdownProse(finding->what, 300));
      if (!finding->fix.empty()) {
        absl::StrAppend(&item,
                        "; to fix it: ", MarkdownProse(finding->fix, 200));
      }
      items.push_back(item + "\n");
    }
    return List(first, items, kIssuesShown,
                whose == Whose::kThisPlans ? Words{"finding", "findings"}
                                           : Words{"finding on another token",
                                                   "findings on other tokens"});
  }

  std::string Undecided() {
    std::vector<std::string> items;
    for (const Outline::Item& item : outline_.undecided.items) {
      items.push_back(absl::StrCat("- ", MarkdownCode(item.subject), ": ",
                                   MarkdownProse(item.text, 400), "\n"));
    }
    return List("### Undecided\n\n", items, kIssuesShown,
                {"undecided token", "undecided tokens"});
  }

  std::string Table() {
    std::vector<std::string> rows;
    for (const Outline::Block& block : blocks_) {
      rows.push_back(MarkdownRow(block, plan_.organizations.size() > 1));
    }
    return List(kMarkdownTableHead, rows, rows.size(),
                {"change of the table", "changes of the table"});
  }

  std::string Details() {
    if (plan_.empty()) return "";
    constexpr char kFirst[] = "<details><summary>Details</summary>\n\n";
    constexpr char kLast[] = "\n</details>\n\n";
    std::string text;
    size_t shown = 0;
    const bool room = Fits(absl::StrCat(kFirst, kLast));
    for (const Outline::Block& block : blocks_) {
      const std::string next = Detail(block);
      // The fence grows with the backticks inside. One around each, which none
      // gets, is more than the one around all.
      if (!room || !Fits(MarkdownFence("diff", next) + "\n")) continue;
      absl::StrAppend(&text, text.empty() ? "" : "\n", next);
      ++shown;
    }
    NoteCut(blocks_.size() - shown,
            {"change of the details", "changes of the details"});
    if (shown == 0) return "";
    return absl::StrCat(kFirst, MarkdownFence("diff", text), kLast);
  }

  std::string Others() {
    std::string text;
    std::vector<std::string> items;
    for (const Outline::Item& item : outline_.left_out.items) {
      items.push_back(absl::StrCat("- `", item.sign, "` ",
                                   MarkdownCode(item.subject), ": ", item.text,
                                   "\n"));
    }
    text += List("### Left out by `--target`\n\n", items, kOthersShown,
                 {"change that `--target` left out",
                  "changes that `--target` left out"});
    items.clear();
    for (const Outline::Item& item : outline_.notes.items) {
      items.push_back(absl::StrCat("- ", MarkdownCode(item.subject), ": ",
                                   MarkdownProse(item.text, 300), "\n"));
    }
    text += List("### Notes\n\n", items, kOthersShown, {"note", "notes"});
    items.clear();
    for (const Outline::Item& item : outline_.unmanaged.items) {
      items.push_back(
          absl::StrCat("- ", MarkdownCode(item.subject), " ", item.text, "\n"));
    }
    text += List("### Unmanaged: in no configuration, left alone\n\n", items,
                 kOthersShown, {"unmanaged token", "unmanaged tokens"});
    return text;
  }

  std::string Cut() const {
    if (cut_.empty()) return "";
    return absl::StrCat(
        "**Not shown here:** ", absl::StrJoin(cut_, ", "),
        ". The whole plan is in the ",
        link_.empty() ? "log of the CI run" : link_,
        " and, where it was saved, in its file: `patform show FILE`.\n\n");
  }

  const Plan& plan_;
  const Outline& outline_;
  const std::vector<Outline::Block>& blocks_;
  const bool incomplete_;
  const std::string link_;
  const std::set<std::string> edited_;  // addresses
  const std::string head_;
  const std::string foot_;
  size_t left_ = 0;               // bytes that may yet be filled
  std::vector<std::string> cut_;  // what was left out
};

}  // namespace

std::string MarkdownMarker(const Plan& plan) {
  return absl::StrCat("<!-- patform:v1 workspace=", CommentWord(plan.workspace),
                      " -->");
}

std::string RenderPlanMarkdown(const Plan& plan,
                               const MarkdownOptions& options) {
  const size_t limit = std::max(options.limit, kSmallestLimit);
  const Outline outline = OutlineOf(plan, {.comment = true});
  // Made once: a comment goes through them for each of its parts, and again
  // where it has to be cut.
  const std::vector<Outline::Block> blocks = outline.blocks.All();
  std::string whole =
      Comment(plan, outline, blocks, options.link, kWhole).Text();
  if (whole.size() <= limit) return whole;
  return Comment(plan, outline, blocks, options.link, limit).Text();
}

}  // namespace patform
