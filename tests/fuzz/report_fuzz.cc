// Reports of a world whose names were chosen by somebody hostile. Each part of
// the input becomes a name, a scope or a purpose; text for people comes out
// fit for a terminal and JSON comes out as JSON.
#include <boost/json/parse.hpp>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/diff/diff.h"
#include "engine/plan/plan.h"
#include "engine/report/events.h"
#include "engine/report/json.h"
#include "engine/report/junit.h"
#include "engine/report/markdown.h"
#include "engine/report/outline.h"
#include "engine/report/progress.h"
#include "engine/report/sarif.h"
#include "engine/report/text.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fuzz/fuzz.h"

namespace patform {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);
constexpr absl::Duration kDay = absl::Hours(24);

void CheckText(const std::string& text) {
  FUZZ_CHECK(fuzz::FitForTerminal(text), text);
}

// One JSON value a line.
void CheckJson(const std::string& text) {
  FUZZ_CHECK(!text.empty() && text.back() == '\n', text);
  boost::json::error_code error;
  const std::string_view document =
      std::string_view(text).substr(0, text.size() - 1);
  FUZZ_CHECK(document.find('\n') == std::string_view::npos, text);
  boost::json::parse(boost::json::string_view(document.data(), document.size()),
                     error);
  FUZZ_CHECK(!error, text);
}

class Scene {
 public:
  explicit Scene(const std::vector<std::string>& words) : words_(words) {
    desired_.workspace = "w";
    desired_.organization = "contoso";
    actual_.taken_at = kNow;
    TokenList& snapshot = actual_.organizations["contoso"];
    snapshot.organization = "contoso";
    snapshot.has_history = true;
    Wanted("created", 0, HeldRecord::Absent());
    Wanted("unreadable", 1,
           HeldRecord::Unknown(absl::PermissionDeniedError(Word(2))));
    HeldRecord foreign;
    foreign.state = HeldRecord::State::kForeign;
    foreign.why = absl::FailedPreconditionError(Word(3));
    Wanted("foreign", 4, foreign);
    Wanted(Word(0), 5, HeldRecord::Absent());
    Live(Word(0), 40);
    Live(Word(1), 20);
    Live(DisplayName(Word(2), {"w", 1, "k7wq2m5tzr4xh1nd"}), 20);
    Live(DisplayName("created", {"w", 1, "k7wq2m5tzr4xh1ne"}), 20);
    desired_.policy.required_fields = {"owner"};
    desired_.policy.forbidden_scopes = {"*_*"};
    desired_.policy.max_revocations = 0;
    desired_.policy.where = {Word(3), 1, 1, 1};
  }

  Plan Make() const { return MakePlan(desired_, actual_, {}, kNow); }
  const std::string& Word(size_t i) const { return words_[i % words_.size()]; }

 private:
  void Wanted(const std::string& name, size_t word, const HeldRecord& held) {
    DesiredToken token;
    token.name = name;
    token.organization = "contoso";
    token.scopes = ScopeSet::Parse(absl::StrCat("vso.code_write ", Word(word)));
    token.purpose = Word(word + 1);
    token.where = {Word(word + 2), 3, 1, 4};
    Delivery place;
    place.sink = "files";
    place.at = absl::StrCat(desired_.tokens.size(), Word(word + 3));
    actual_.records[place.Address()] = held;
    token.deliver.push_back(place);
    desired_.tokens.push_back(token);
  }

  void Live(const std::string& display_name, int days) {
    TokenList& snapshot = actual_.organizations["contoso"];
    ActualToken token;
    token.id = *AuthorizationId::Parse(absl::StrFormat(
        "%08x-0000-4000-8000-000000000000", snapshot.tokens.size() + 1));
    token.display_name = display_name;
    token.scopes = ScopeSet::Parse(Word(snapshot.tokens.size()));
    token.valid_from = kNow - kDay;
    token.valid_to = kNow + days * kDay;
    snapshot.tokens.push_back(token);
  }

  const std::vector<std::string>& words_;
  DesiredState desired_;
  ActualState actual_;
};

void CheckRun(const Plan& plan, const Scene& scene) {
  FakeClock clock(kNow);
  std::ostringstream text, events;
  ApplyResult result;
  {
    const auto progress = MakeProgress(text, clock, {});
    const auto stream = MakeEventStream(events, clock);
    for (const Change& change : plan.changes.changes) {
      Outcome outcome;
      outcome.kind = Outcome::Kind::kIncomplete;
      outcome.status = absl::UnknownError(scene.Word(0));
      outcome.done = {scene.Word(1)};
      outcome.left = {scene.Word(2)};
      for (ApplyListener* listener : {progress.get(), stream.get()}) {
        listener->Started(change);
        listener->Ended(change, outcome);
      }
      result.entries.push_back({change, outcome});
    }
  }
  CheckText(text.str());
  CheckText(RenderResult(plan, result, Style(false)));
  std::istringstream lines(events.str());
  for (std::string line; std::getline(lines, line);) CheckJson(line + "\n");
  CheckJson(RenderSummaryEvent(result, kNow));
}

FUZZ_TARGET(std::string_view input) {
  const std::vector<std::string> words = fuzz::Parts(input, 4);
  const Scene scene(words);
  const Plan plan = scene.Make();
  CheckText(RenderPlan(plan, Style(false)));
  CheckText(RenderSummary(plan));
  CheckText(RenderPlanMarkdown(plan, {}));
  CheckText(RenderPlanJunit(plan));
  CheckJson(RenderPlanSarif(plan));
  std::istringstream planned(RenderPlannedEvents(plan, kNow));
  for (std::string line; std::getline(planned, line);) CheckJson(line + "\n");
  const std::string json = RenderPlanJson(plan);
  CheckJson(json);
  FUZZ_CHECK(RenderPlanJson(scene.Make()) == json, json);
  CheckRun(plan, scene);
}

}  // namespace
}  // namespace patform
