#include "engine/report/page/plan_page.h"

#include <array>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/clock.h"
#include "engine/base/strings.h"
#include "engine/report/attention.h"
#include "engine/report/ending.h"
#include "engine/report/issues.h"
#include "engine/report/outline.h"
#include "engine/report/page/html.h"
#include "engine/report/page/page.h"
#include "engine/report/page/time_scale.h"
#include "engine/report/page/timeline.h"

namespace patform {
namespace {

using Line = Outline::Line;

// How a sign looks, and what it is to whoever hears it.
struct SignRow {
  char sign;
  const char* look;
  const char* word;
};
constexpr SignRow kSigns[] = {{'+', "plus", "added"},
                              {'-', "minus", "removed"},
                              {'~', "differs", "changed"},
                              {' ', "same", ""}};

const SignRow& LookOf(char sign) {
  for (const SignRow& row : kSigns) {
    if (row.sign == sign) return row;
  }
  return kSigns[3];
}

std::string Anchor(size_t change) { return absl::StrCat("c", change); }

class PlanPage {
 public:
  explicit PlanPage(const Plan& plan)
      : plan_(plan),
        outline_(OutlineOf(plan, {})),
        blocks_(outline_.blocks.All()),
        scale_(ScaleOf(plan)),
        page_(BeginPage(absl::StrCat("Plan for ", plan.workspace))) {}

  std::string Text() {
    Head();
    Overview();
    Ending();
    for (const auto& [kind, title] :
         {std::pair(Attention::Kind::kEnds, "What ends"),
          std::pair(Attention::Kind::kWidens, "What widens"),
          std::pair(Attention::Kind::kMoves, "What moves")}) {
      Attentions(kind, title);
    }
    Changes();
    Items("Undecided", outline_.undecided, ": ");
    Findings();
    Items("Notes", outline_.notes, ": ");
    Items("Left out by the targets given", outline_.left_out, ": ");
    Items("Waiting for approval, and left alone", outline_.waiting, ": ");
    Items("Unmanaged: in no configuration, left alone", outline_.unmanaged,
          " ");
    Foot();
    return EndPage(std::move(page_));
  }

 private:
  void Head() {
    BeginHead("Plan for ", plan_.workspace, plan_.organizations, plan_.as_of,
              page_);
    if (plan_.stable_until != absl::InfiniteFuture()) {
      page_.Dot().Text("reads the same until ").Minute(plan_.stable_until);
    }
    if (plan_.identity && plan_.identity->scopes) {
      page_.Dot().Text("planned with ").Name(plan_.identity->scopes->text());
      if (*plan_.identity->MayMint()) {
        page_.Text(", which could also make tokens");
      }
    }
    EndHeadLine(plan_.as_of, page_);
    if (Forbids(plan_.findings)) {
      Note("note grave",
           "This cannot be applied: a policy or guard forbids it.");
    }
    if (!plan_.complete()) {
      Note("note grave",
           absl::StrCat(
               "The plan is incomplete: ",
               Count(static_cast<int64_t>(plan_.changes.deferred.size()),
                     "token"),
               " could not be decided."));
    }
    if (!outline_.signature.empty()) Note("note", outline_.signature);
    if (!outline_.age.empty()) Note("note", outline_.age);
    page_.End().Line();
  }

  void Note(const char* look, const std::string& text) {
    page_.Element("p", text, {{"class", look}}).Line();
  }

  // A number that is zero is not what anybody looks for.
  void Number(const char* look, int64_t number, const std::string& what) {
    Tile(number > 0 ? look : "none", number, what, page_);
  }

  void Overview() {
    page_.Begin("section", {{"aria-labelledby", "glance"}})
        .Element("h2", "At a glance", {{"id", "glance"}, {"class", "unseen"}})
        .Begin("dl", {{"class", "tiles even"}})
        .Line();
    for (const ActionRow& row : kActionWords) {
      const int count = plan_.counts[row.value];
      if (row.value == Action::kNoOp ||
          (row.value > Action::kRevoke && count == 0)) {
        continue;
      }
      Number(row.value == Action::kRevoke ? "is-ends" : "some", count,
             absl::StrCat("to ", row.word));
    }
    Number("is-undecided", static_cast<int64_t>(plan_.changes.deferred.size()),
           "undecided");
    Number(HasErrors(plan_.findings) ? "is-ends" : "is-undecided",
           static_cast<int64_t>(plan_.findings.size()), "findings");
    Number("some", plan_.changes.unchanged, "unchanged");
    page_.End().End().Line();
  }

  void Begin(const char* id, const std::string& title) {
    page_.Begin("section", {{"aria-labelledby", id}})
        .Element("h2", title, {{"id", id}})
        .Line();
  }

  void Ending() {
    const std::vector<Unrenewed> shown =
        ShownOf(plan_.changes.unrenewed, plan_.as_of);
    if (shown.empty()) return;
    Begin("ending", EndingTitle(shown));
    page_.Begin("ul", {{"class", "duties"}}).Line();
    for (const Unrenewed& token : shown) {
      page_.Begin("li", {{"class", "grave"}}).Begin("span", {{"class", "by"}});
      page_.Day(token.ends).Text(" ");
      page_.Element("small", FormatRelative(token.ends, plan_.as_of));
      page_.End().Begin("div").Name(token.address, {{"class", "name"}});
      page_.Text(token.ends > plan_.as_of ? " ends: " : " ended: ")
          .Prose(RowOf(token.why).why)
          .Text(". ");
      page_.Begin("span", {{"class", "fix"}})
          .Text("To do: ")
          .Prose(RowOf(token.why).fix)
          .Text(".")
          .End();
      page_.End().Begin("span", {{"class", "owner"}});
      if (!token.owner.empty()) page_.Name(token.owner);
      page_.End().End().Line();
    }
    page_.End().End().Line();
  }

  // What nobody may approve without having read it.
  // Once, above all changes and not at each: of five hundred changes nobody
  // reads the last as the first. The link leads to the whole of it.
  void Attentions(Attention::Kind kind, const char* title) {
    bool any = false;
    for (size_t i = 0; i < blocks_.size(); ++i) {
      for (const Attention& each : blocks_[i].attention) {
        if (each.kind != kind) continue;
        if (!std::exchange(any, true)) {
          Begin(Word(kind), title);
          page_.Begin("ul", {{"class", "attention"}}).Line();
        }
        page_.Begin("li", {{"class", Word(kind)}})
            .Begin("a", {{"href", "#" + Anchor(i)}})
            .Name(blocks_[i].change->address, {{"class", "name"}})
            .End()
            .Text(" ")
            .Element("bdi", each.what)
            .End()
            .Line();
      }
    }
    if (any) page_.End().End().Line();
  }

  void Changes() {
    Begin("changes", "Changes");
    if (blocks_.empty()) {
      page_.Element("p",
                    !plan_.complete()        ? "None is decided."
                    : !plan_.waiting.empty() ? "No maintenance is due."
                                             : "None. Your tokens match the "
                                               "configuration.",
                    {{"class", "quiet"}});
    }
    std::string identity;
    for (size_t i = 0; i < blocks_.size(); ++i) {
      // They come grouped.
      if (blocks_[i].change->identity != identity) {
        identity = blocks_[i].change->identity;
        User(identity);
      }
      Change(blocks_[i], i);
    }
    page_.End().Line();
  }

  // Whose the following changes are.
  void User(const std::string& identity) {
    page_.Begin("p", {{"class", "user"}}).Text("As ").Name(identity);
    const auto user = plan_.users.find(identity);
    if (user != plan_.users.end() && !user->second.empty()) {
      page_.Text(", the user ").Name(user->second);
    }
    page_.End().Line();
  }

  void Change(const Outline::Block& block, size_t i) {
    const patform::Change& change = *block.change;
    page_.Begin("article", {{"class", "change"}, {"id", Anchor(i)}});
    page_.Begin("div", {{"class", "title"}})
        .Element("b", Sign(change.action),
                 {{"class", absl::StrCat("sign ", Word(change.action))},
                  {"aria-hidden", "true"}});
    page_.Begin("h3").Name(change.address, {{"class", "name"}});
    if (!block.identity.empty()) {
      page_.Element("span", block.identity, {{"class", "quiet"}});
    }
    page_.Text(" ").Text(block.title).End();
    // The dates of the lines below, for whoever would rather see them.
    DrawChange(change, scale_, plan_.as_of, page_);
    page_.End();
    page_.Begin("p", {{"class", "quiet"}}).Text(block.why);
    if (!change.owner.empty()) page_.Dot().Text("owner ").Name(change.owner);
    if (!change.purpose.empty()) page_.Dot().Name(change.purpose);
    if (const SourceLocation where = change.where; !where.file.empty()) {
      page_.Dot().Name(absl::StrCat(where.file, ":", where.line));
    }
    page_.End();
    page_.Begin("ul", {{"class", "lines"}});
    for (const Line& line : block.lines) Draw(line);
    page_.End().End().Line();
  }

  void Draw(const Line& line) {
    // Neither the color nor a sign alone says what is added and what goes.
    const SignRow& row = LookOf(line.sign);
    const bool part = line.kind == Line::Kind::kPart;
    page_.Begin("li", {{"class", absl::StrCat(row.look, part ? " part" : "")}});
    page_.Element("span", std::string(1, row.sign), {{"aria-hidden", "true"}});
    page_.Begin("span", {{"class", "field"}});
    if (*row.word != '\0' && line.kind != Line::Kind::kStep) {
      page_.Element("span", absl::StrCat(row.word, ": "),
                    {{"class", "unseen"}});
    }
    page_.Text(line.field).End();
    page_.Name(line.value).End();
  }

  void Findings() {
    // All of them, as the outline was not asked to leave any out.
    if (outline_.findings.items.empty()) return;
    Begin("findings", "Findings");
    page_.Begin("ul", {{"class", "findings"}}).Line();
    for (const Finding* finding : outline_.findings.items) {
      const bool error = finding->severity == Severity::kError;
      page_.Begin("li", {{"class", error ? "grave" : "warning"}});
      page_.Element("b", Word(finding->severity)).Text(" ");
      page_.Element("code", finding->rule).Text(" ");
      if (!finding->address.empty()) {
        page_.Name(finding->address, {{"class", "name"}}).Text(" ");
      }
      page_.Element("bdi", finding->what).Text(".");
      if (!finding->fix.empty()) {
        page_.Text(" ").Begin("span", {{"class", "fix"}}).Text("To fix it: ");
        page_.Element("bdi", finding->fix).Text(".").End();
      }
      if (!finding->where.file.empty()) {
        page_.Text(" ").Element("small", absl::StrCat(finding->where.file, ":",
                                                      finding->where.line));
      }
      page_.End().Line();
    }
    page_.End().End().Line();
  }

  void Items(const char* title, const Outline::List& list,
             const char* between) {
    if (list.items.empty()) return;
    const std::string id = absl::StrCat("s", ++sections_);
    page_.Begin("section", {{"aria-labelledby", id}})
        .Element("h2", title, {{"id", id}})
        .Line()
        .Begin("ul", {{"class", "findings"}})
        .Line();
    for (const Outline::Item& item : list.items) {
      page_.Begin("li");
      if (*item.sign != '\0') page_.Element("b", item.sign).Text(" ");
      page_.Name(item.subject, {{"class", "name"}}).Text(between);
      page_.Element("bdi", item.text).End().Line();
    }
    page_.End().End().Line();
  }

  void Foot() {
    // What policy forbids is not offered; the head has the reason.
    if (plan_.empty() || Forbids(plan_.findings)) return;
    page_.Begin("footer").Line().Begin("p");
    if (plan_.policy_changes == 0) {
      page_.Prose(
          "All of this is maintenance, which the merged file authorizes: "
          "`patform apply --maintenance`");
    } else {
      page_.Text("To apply exactly this: ")
          .Element("code",
                   absl::StrCat("patform apply --approve ", plan_.digest));
    }
    page_.End().Line().End().Line();
  }

  const Plan& plan_;
  const Outline outline_;
  const std::vector<Outline::Block> blocks_;
  const TimeScale scale_;
  Html page_;
  int sections_ = 0;
};

}  // namespace

std::string RenderPlanPage(const Plan& plan) { return PlanPage(plan).Text(); }

}  // namespace patform
