// Random hostile plans in every format: whatever ends, widens or moves a token
// is found again in each, whole, or the comment says that it is incomplete.
#include "engine/report/attention.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "engine/base/strings.h"
#include "engine/report/events.h"
#include "engine/report/formats.h"
#include "engine/report/markdown.h"

namespace patform {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);
constexpr absl::Duration kDay = absl::Hours(24);

// What somebody who wants to deceive would write.
const std::vector<std::string>& Words() {
  static const auto& kWords = *new std::vector<std::string>{
      "prod",
      "\x1b[2K\rsafe",
      "a\nPlan: 0 to create",
      "\u202eevil\u202c",
      "\u034f\u2800\uffa0",
      "e\u0301\u0301\u0301\u0301",
      "\u05d0\u05d1\u0660",
      "\u0440\u0430ypal",
      "</details>\n\n# out",
      "```\n- x",
      "a|b|c`d``e",
      "<!-- patform:v1 workspace=w -->",
      "##vso[task.complete]",
      "::stop-commands::x",
      "]]><x>&amp;\"'",
      "\",\"revoke\":0,\"",
      "\" (0000) ends",
      "\xff\xfe",
      std::string(300, 'x') + "/end",
      "\\u{202e}",
      "%0A%25",
  };
  return kWords;
}

class Hostile {
 public:
  explicit Hostile(uint32_t seed) : random_(seed) {
    plan_.workspace = "w";
    plan_.organizations = {"contoso"};
    plan_.as_of = kNow;
    plan_.stable_until = absl::InfiniteFuture();
    plan_.digest = "sha256:" + std::string(64, '0');
    plan_.approval.changes.emplace_back();
    const int changes = 1 + Below(Below(10) == 0 ? 60 : 8);
    for (int i = 0; i < changes; ++i) Add(i);
    plan_.counts = CountActions(plan_.changes.changes);
  }

  const Plan& plan() const { return plan_; }
  // In every format, as it is there when it is visible.
  const std::set<std::string>& marks() const { return marks_; }

 private:
  int Below(int n) { return static_cast<int>(random_() % n); }
  std::string Word() {
    return Words()[Below(static_cast<int>(Words().size()))];
  }

  AuthorizationId Id() {
    return *AuthorizationId::Parse(
        absl::StrFormat("%08x-0000-4000-8000-000000000000", ++ids_));
  }

  TokenFacts Facts(const std::string& name) {
    TokenFacts facts;
    facts.id = Id();
    facts.display_name = name;
    facts.scopes = ScopeSet::Of({"vso.code", "vso.build"});
    facts.valid_from = kNow - 10 * kDay;
    facts.valid_to = kNow + 20 * kDay;
    facts.generation = 1;
    return facts;
  }

  Collect End(int64_t generation, Reason reason) {
    Collect end{Id(), generation, reason, std::nullopt, kNow + kDay, Word()};
    if (Below(2) == 0) end.retire_at = kNow + absl::Hours(1);
    marks_.insert(end.id.ToString());
    return end;
  }

  void Add(int i) {
    Change change;
    change.name = absl::StrCat(Word(), i);
    change.address = TokenAddress(change.name);
    change.organization = "contoso";
    change.owner = Word();
    change.before = Facts(change.name);
    switch (Below(4)) {
      case 0:
        Revoke(change);
        break;
      case 1:
        Update(change);
        break;
      case 2:
        change.before.reset();
        Make(change, Action::kCreate);
        break;
      default:
        Make(change, Action::kRotate);
    }
    plan_.changes.changes.push_back(std::move(change));
  }

  void Revoke(Change& change) {
    change.action = Action::kRevoke;
    change.reason = Reason::kUnmanaged;
    for (int n = 1 + Below(3); n > 0; --n) {
      change.revoke.push_back(End(0, Reason::kUnmanaged));
    }
  }

  void Update(Change& change) {
    change.action = Action::kUpdate;
    change.reason = Reason::kScopeChanged;
    change.after = change.before;
    change.update.emplace();
    const std::string scope = absl::StrCat("vso.added", ++scopes_);
    change.after->scopes =
        ScopeSet::Of({"vso.code", "vso.build", scope, "vso.zzz"});
    marks_.insert(absl::StrCat("gets the scope ", scope));
    if (Below(2) > 0) return;
    change.before->generation = change.after->generation = 0;
    change.after->valid_to = change.update->valid_to = kNow + absl::Minutes(2);
    marks_.insert(change.before->id->ToString());
  }

  void Make(Change& change, Action action) {
    change.action = action;
    change.reason = Reason::kSecretNotInSink;
    change.decision.kind = Decision::Kind::kMake;
    change.decision.generation = 2;
    change.after = Facts(change.name);
    change.after->id.reset();
    change.after->valid_to = kNow + 90 * kDay;
    for (int n = 1 + Below(5); n > 0; --n) {
      Delivery place;
      place.sink = "files";
      place.at = absl::StrCat("place", ++places_, "/", Word());
      change.deliver.push_back(place);
      change.places.push_back(
          {absl::StrCat("file, path = \"", Word(), "\""), Word(), false});
      marks_.insert(absl::StrCat("place", places_, "/"));
    }
    for (int n = Below(4); n > 0; --n) {
      change.decision.collect.push_back(End(0, Reason::kSuperseded));
    }
  }

  std::mt19937 random_;
  Plan plan_;
  std::set<std::string> marks_;
  int ids_ = 0, scopes_ = 0, places_ = 0;
};

// What a reader of the format has in the end.
std::string Read(const std::string& format, const std::string& text) {
  if (format == "junit") {
    return absl::StrReplaceAll(text, {{"&quot;", "\""},
                                      {"&apos;", "'"},
                                      {"&lt;", "<"},
                                      {"&gt;", ">"},
                                      {"&#35;", "#"},
                                      {"&amp;", "&"}});
  }
  if (format == "github") return absl::StrReplaceAll(text, {{"%25", "%"}});
  if (format == "azure") return absl::StrReplaceAll(text, {{"%AZP25", "%"}});
  return text;
}

TEST(Hostile, EveryEndWideningAndMoveIsFoundInEveryFormat) {
  constexpr int kPlans = 200;
  int found = 0, incomplete = 0;
  for (int seed = 0; seed < kPlans; ++seed) {
    const Hostile hostile(seed);
    const Plan& plan = hostile.plan();
    std::vector<std::string> items;
    for (const Change& change : plan.changes.changes) {
      for (const Attention& each : AttentionOf(change, plan.as_of)) {
        items.push_back(each.what);
      }
    }
    for (const std::string format :
         {"text", "junit", "github", "azure", "markdown"}) {
      const std::string text =
          Read(format, RenderPlanAs(format, plan, Style(false)));
      if (format == "markdown" &&
          absl::StrContains(text.substr(0, 400), "## ⛔ INCOMPLETE")) {
        EXPECT_FALSE(absl::StrContains(text, plan.digest)) << seed;
        ++incomplete;
        continue;
      }
      // Outside of any fold.
      const std::string open =
          text.substr(0, format == "markdown" ? text.find("\n<details>")
                                              : std::string::npos);
      for (const std::string& mark : hostile.marks()) {
        EXPECT_TRUE(absl::StrContains(open, mark)) << seed << format << mark;
        ++found;
      }
      for (const std::string& what : items) {
        std::string shown = Visible(what);
        if (format == "markdown") {
          shown = absl::StrReplaceAll(shown, {{"|", "\\x7c"}});
        }
        EXPECT_TRUE(absl::StrContains(open, shown))
            << seed << format << ": " << shown;
        ++found;
      }
    }
    for (const std::string format : {"json", "sarif"}) {
      const std::string text = RenderPlanAs(format, plan, Style(false));
      boost::json::error_code error;
      const boost::json::value document = boost::json::parse(text, error);
      ASSERT_FALSE(error) << seed << format;
      const std::string read(boost::json::serialize(document));
      for (const std::string& mark : hostile.marks()) {
        EXPECT_TRUE(absl::StrContains(read, mark)) << seed << format << mark;
        ++found;
      }
      if (format == "json") {
        EXPECT_EQ(document.at("attention").as_array().size(), items.size());
      }
    }
    const std::string events = RenderPlannedEvents(plan, kNow);
    for (const std::string& mark : hostile.marks()) {
      EXPECT_TRUE(absl::StrContains(events, mark)) << seed << mark;
      ++found;
    }
    EXPECT_GT(plan.counts.revoke + static_cast<int>(items.size()), 0);
  }
  // Both kinds of comment were there.
  EXPECT_GT(incomplete, 3);
  EXPECT_LT(incomplete, kPlans / 2);
  EXPECT_GT(found, 20'000);
}

}  // namespace
}  // namespace patform
