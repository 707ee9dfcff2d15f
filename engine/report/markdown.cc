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
#include "engine/report/issues.h"
#include "engine/report/markdown_text.h"
#include "engine/report/text.h"

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
    "in "
    "the file of the plan: `patform show FILE`.\n\n";

std::string Day(const std::optional<absl::Time>& time) {
  if (!time) return "";
  return absl::FormatTime("%E4Y-%m-%d", *time, absl::UTCTimeZone());
}

std::string EndOf(const std::optional<TokenFacts>& facts) {
  return facts ? Day(facts->valid_to) : "";
}

// Revocations first, then what somebody has to approve, then maintenance.
int Rank(const Change& change) {
  if (change.action == Action::kRevoke) return 0;
  return change.change_class == ChangeClass::kPolicy ? 1 : 2;
}

std::vector<const Change*> InOrder(const std::vector<Change>& changes) {
  std::vector<const Change*> order;
  for (const Change& change : changes) order.push_back(&change);
  std::stable_sort(
      order.begin(), order.end(),
      [](const Change* a, const Change* b) { return Rank(*a) < Rank(*b); });
  return order;
}

std::string Why(const Change& change) {
  std::string why = Explain(change.reason);
  if (change.change_class == ChangeClass::kMaintenance) {
    why += " (maintenance)";
  }
  return why;
}

// "+ `vso.tokens`, - `vso.code`", or all of them.
std::string Scopes(const Change& change) {
  const std::optional<TokenFacts>& facts =
      change.after ? change.after : change.before;
  if (!facts) return "";
  if (!change.before || !change.after ||
      change.before->scopes == change.after->scopes) {
    return MarkdownCode(facts->scopes.text(), kWhole);
  }
  std::vector<std::string> words;
  const ScopeSet come = change.after->scopes.Without(change.before->scopes);
  for (std::string_view scope : come.items()) {
    words.push_back("+ " + MarkdownCode(scope, kWhole));
  }
  const ScopeSet gone = change.before->scopes.Without(change.after->scopes);
  for (std::string_view scope : gone.items()) {
    words.push_back("- " + MarkdownCode(scope, kWhole));
  }
  return absl::StrJoin(words, ", ");
}

// When the token ends, and its earlier generations.
std::string Expires(const Change& change) {
  const std::optional<TokenFacts>& facts =
      change.after ? change.after : change.before;
  std::vector<std::string> words;
  if (facts && facts->valid_to) {
    std::string expires = Day(facts->valid_to);
    if (change.before && change.after && EndOf(change.before) != expires) {
      expires = absl::StrCat(EndOf(change.before), " → ", expires);
    }
    if (change.action == Action::kRevoke) expires += " → now";
    words.push_back(expires);
  }
  for (const Ending& ending : EndingsOf(change)) {
    if (ending.revocation || change.update) continue;
    words.push_back(
        absl::StrCat(Which(ending.generation, ending.id), " ends ",
                     ending.at ? Day(ending.at) : std::string("at once")));
  }
  return absl::StrJoin(words, ", ");
}

std::string Row(const Change& change, bool many_organizations) {
  std::vector<std::string> places;
  for (const Delivery& place : change.deliver) {
    places.push_back(MarkdownCode(place.Address(), kWhole));
    if (place.encoding != Encoding::kRaw) {
      absl::StrAppend(&places.back(), " (", Word(place.encoding), ")");
    }
  }
  std::string token = MarkdownCode(change.address, kWhole);
  if (many_organizations) {
    absl::StrAppend(&token, " in ", MarkdownCode(change.organization, kWhole));
  }
  return absl::StrCat("| `", Sign(change.action), "` ", Word(change.action),
                      " | ", token, " | ", Why(change), " | ", Scopes(change),
                      " | ", Expires(change), " | ",
                      absl::StrJoin(places, ", "), " |\n");
}

// One change as lines of a diff: what comes +, what goes -, what differs !.
class Detail {
 public:
  explicit Detail(const Change& change) : change_(change) {}

  std::string Text() {
    std::string head = Visible(change_.address);
    if (change_.before && change_.before->id) {
      absl::StrAppend(&head, " (", change_.before->id->Short());
      if (change_.before->generation > 0) {
        absl::StrAppend(&head, ", generation ", change_.before->generation);
      }
      head += ")";
    }
    Line(HeadSign(), absl::StrCat(head, ": ", Word(change_.action)));
    if (!change_.where.file.empty()) {
      Line(" ", absl::StrCat("  at ", Visible(change_.where.file), ":",
                             change_.where.line));
    }
    if (change_.action == Action::kCreate) New();
    for (const FieldChange& field : change_.fields) Differs(field);
    for (const Collect& end : change_.decision.collect_first) {
      Line("-", end.retire_at ? absl::StrCat("  first let ",
                                             Which(end.generation, end.id),
                                             " end ", Day(*end.retire_at))
                              : absl::StrCat("  first revoke ",
                                             Which(end.generation, end.id)));
    }
    if (change_.decision.kind == Decision::Kind::kMake) Made();
    for (const Collect& end : change_.decision.collect) Ends(end);
    for (const Collect& end : change_.revoke) {
      Line("-", absl::StrCat("  revoke ", Which(end.generation, end.id),
                             ", which would live until ", Day(end.valid_to)));
    }
    return std::move(text_);
  }

 private:
  const char* HeadSign() const {
    switch (change_.action) {
      case Action::kCreate:
        return "+";
      case Action::kRevoke:
        return "-";
      default:
        return "!";
    }
  }

  void Line(const char* sign, const std::string& line) {
    absl::StrAppend(&text_, sign, " ", line, "\n");
  }

  void New() {
    if (!change_.after) return;
    Line("+",
         absl::StrCat("  scopes: ", Visible(change_.after->scopes.text())));
    Line("+", absl::StrCat("  valid_to: ", Day(change_.after->valid_to)));
    if (change_.after->all_organizations) {
      Line("+", "  valid_in: all organizations");
    }
  }

  void Differs(const FieldChange& field) {
    if (field.field == "valid_to") {
      Line("!", absl::StrCat("  valid_to: ", EndOf(change_.before), " → ",
                             EndOf(change_.after)));
      return;
    }
    Line("!", absl::StrCat("  ", Visible(field.field), ": ",
                           Visible(field.before), " → ", Visible(field.after)));
    if (field.field != "scopes" || !change_.before || !change_.after) return;
    const ScopeSet gone = change_.before->scopes.Without(change_.after->scopes);
    for (std::string_view scope : gone.items()) {
      Line("-", "    " + Visible(scope));
    }
    const ScopeSet come = change_.after->scopes.Without(change_.before->scopes);
    for (std::string_view scope : come.items()) {
      Line("+", "    " + Visible(scope));
    }
  }

  void Made() {
    Line("+", absl::StrCat("  generation: ", change_.decision.generation));
    for (size_t i = 0; i < change_.deliver.size(); ++i) {
      Line("+", "  secret to: " + Visible(WhereTo(change_, i)));
    }
  }

  void Ends(const Collect& end) {
    if (end.retire_at) {
      Line("-", absl::StrCat("  then let ", Which(end.generation, end.id),
                             " end ", Day(end.retire_at)));
    } else {
      Line("-", absl::StrCat("  then revoke ", Which(end.generation, end.id),
                             ": ", Explain(end.reason)));
    }
  }

  const Change& change_;
  std::string text_;
};

// What can be left out, as it is counted.
struct Words {
  const char* one;
  const char* many;
};

class Comment {
 public:
  // `limit`: kWhole for all of it; else what does not fit is left out, and the
  // comment begins with a warning not to approve from it.
  Comment(const Plan& plan, const std::string& link, size_t limit)
      : plan_(plan),
        incomplete_(limit != kWhole),
        link_(MarkdownLink("CI run", link)),
        many_(plan.organizations.size() > 1),
        head_(Head()),
        foot_(Foot()) {
    left_ = limit - std::min(limit, head_.size() + foot_.size() + kReserved);
  }

  std::string Text() {
    // The order of what matters: who comes late may find no room.
    const std::string revocations = Revocations();
    const std::string widened =
        Attentions(Attention::Kind::kWidens, "### What widens\n\n",
                   {"thing that widens a token", "things that widen a token"});
    const std::string moved = Attentions(
        Attention::Kind::kMoves, "### What moves\n\n",
        {"secret or token that moves", "secrets and tokens that move"});
    const std::string sinks = Sinks();
    const std::string findings = Findings();
    const std::string table = Table();
    const std::string undecided = Undecided();
    const std::string others = Others();
    const std::string details = Details();
    return absl::StrCat(head_, revocations, widened, moved, findings, undecided,
                        table, sinks, details, others, Cut(), foot_);
  }

 private:
  std::string Headline() const {
    if (plan_.empty()) {
      return plan_.complete() ? "no changes" : "no changes, incomplete";
    }
    const std::string summary = RenderSummary(plan_);
    return std::string(
        absl::StripSuffix(absl::StripPrefix(summary, "Plan: "), "."));
  }

  std::string Head() const {
    std::string text = absl::StrCat(
        MarkdownMarker(plan_), "\n<!-- patform:digest ",
        incomplete_ ? "incomplete" : CommentWord(plan_.digest), " -->\n",
        incomplete_ ? kIncomplete : "", "## patform plan (",
        MarkdownCode(plan_.workspace, 60), "): ", Headline(), "\n\n");
    std::vector<std::string> facts;
    if (!link_.empty()) facts.push_back(link_);
    if (!plan_.approval.changes.empty() && !incomplete_) {
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
    if (!facts.empty()) {
      absl::StrAppend(&text, absl::StrJoin(facts, " · "), "\n\n");
    }
    if (const std::string line = RenderSignature(plan_); !line.empty()) {
      absl::StrAppend(&text, "**", line, "**\n\n");
    }
    if (HasErrors(plan_.findings)) {
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
    if (plan_.empty() || incomplete_) return "";
    if (plan_.approval.changes.empty()) {
      return "All of this is maintenance, which the merged file authorises: "
             "`patform apply --auto-approve`\n";
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

  std::string Attentions(Attention::Kind kind, const std::string& first,
                         const Words& things, const char* before = "") {
    std::vector<std::string> items;
    for (const Change* change : InOrder(plan_.changes.changes)) {
      for (const Attention& each : AttentionOf(*change, plan_.as_of)) {
        if (each.kind != kind) continue;
        items.push_back(absl::StrCat(before, "- ",
                                     MarkdownCode(change->address, kWhole), " ",
                                     MarkdownCode(each.what, kWhole), "\n"));
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

  std::string Findings() {
    std::vector<std::string> items;
    for (const Issue& issue : IssuesOf(plan_)) {
      if (issue.rule == kUndecidedRule || MustBeShown(issue)) continue;
      if (issue.level == Issue::Level::kNotice) continue;
      const bool error = issue.level == Issue::Level::kError;
      std::string item = absl::StrCat("- **", error ? "error" : "warning",
                                      "** ", MarkdownCode(issue.rule, 60));
      if (!issue.where.file.empty()) {
        absl::StrAppend(&item, " at ",
                        MarkdownCode(absl::StrCat(issue.where.file, ":",
                                                  issue.where.line)));
      }
      absl::StrAppend(&item, ": ", MarkdownCode(issue.what, 300));
      if (!issue.fix.empty()) {
        absl::StrAppend(&item, "; to fix it: ", MarkdownCode(issue.fix, 200));
      }
      items.push_back(item + "\n");
    }
    return List("### Findings\n\n", items, kIssuesShown,
                {"finding", "findings"});
  }

  std::string Undecided() {
    std::vector<std::string> items;
    for (const Deferred& deferred : plan_.changes.deferred) {
      items.push_back(absl::StrCat("- ", MarkdownCode(deferred.address), ": ",
                                   MarkdownCode(deferred.explanation, 400),
                                   "\n"));
    }
    return List("### Undecided\n\n", items, kIssuesShown,
                {"undecided token", "undecided tokens"});
  }

  std::string Table() {
    std::vector<std::string> rows;
    for (const Change* change : InOrder(plan_.changes.changes)) {
      rows.push_back(Row(*change, many_));
    }
    return List(
        "| action | token | why | scopes | expires | sinks |\n"
        "| --- | --- | --- | --- | --- | --- |\n",
        rows, rows.size(), {"change of the table", "changes of the table"});
  }

  std::string Details() {
    if (plan_.empty()) return "";
    constexpr char kFirst[] = "<details><summary>Details</summary>\n\n";
    constexpr char kLast[] = "\n</details>\n\n";
    const std::vector<const Change*> order = InOrder(plan_.changes.changes);
    std::string text;
    size_t shown = 0;
    const bool room = Fits(absl::StrCat(kFirst, kLast));
    for (const Change* change : order) {
      const std::string next = Detail(*change).Text();
      // The fence grows with the backticks inside. One around each, which none
      // gets, is more than the one around all.
      if (!room || !Fits(MarkdownFence("diff", next) + "\n")) continue;
      absl::StrAppend(&text, text.empty() ? "" : "\n", next);
      ++shown;
    }
    NoteCut(order.size() - shown,
            {"change of the details", "changes of the details"});
    if (shown == 0) return "";
    return absl::StrCat(kFirst, MarkdownFence("diff", text), kLast);
  }

  std::string Others() {
    std::string text;
    std::vector<std::string> items;
    for (const Change& change : plan_.left_out) {
      items.push_back(absl::StrCat("- `", Sign(change.action), "` ",
                                   MarkdownCode(change.address), ": ",
                                   Explain(change.reason), "\n"));
    }
    text += List("### Left out by `--target`\n\n", items, kOthersShown,
                 {"change that `--target` left out",
                  "changes that `--target` left out"});
    items.clear();
    for (const Note& note : plan_.changes.notes) {
      items.push_back(absl::StrCat("- ", MarkdownCode(note.address), ": ",
                                   MarkdownCode(note.text, 300), "\n"));
    }
    text += List("### Notes\n\n", items, kOthersShown, {"note", "notes"});
    items.clear();
    for (const ActualToken& token : plan_.changes.unmanaged) {
      items.push_back(absl::StrCat("- ", MarkdownCode(token.display_name), " (",
                                   token.id.Short(), "), until ",
                                   Day(token.valid_to), "\n"));
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
  const bool incomplete_;
  const std::string link_;
  const bool many_;
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
  std::string whole = Comment(plan, options.link, kWhole).Text();
  if (whole.size() <= limit) return whole;
  return Comment(plan, options.link, limit).Text();
}

}  // namespace patform
