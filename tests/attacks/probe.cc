// Puts each text of a corpus everywhere where text comes from outside, renders
// everything that patform prints, and writes what came out for read_outputs.py,
// which reads it with other people's parsers.
//
//   attack_probe CORPUS.json OUT_DIRECTORY
//
// Standard output: one JSON object a line: attack, renderer, and the bytes in
// base64. The directory gets for each attack N the files N.plan.json and
// N.snapshot.json, for the real program.
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/base/diagnostic.h"
#include "engine/base/strings.h"
#include "engine/inquiry/audit.h"
#include "engine/inquiry/import.h"
#include "engine/inquiry/status.h"
#include "engine/report/audit_json.h"
#include "engine/report/audit_sarif.h"
#include "engine/report/audit_text.h"
#include "engine/report/calendar.h"
#include "engine/report/events.h"
#include "engine/report/formats.h"
#include "engine/report/markdown.h"
#include "engine/report/metrics.h"
#include "engine/report/page/status_page.h"
#include "engine/report/progress.h"
#include "engine/report/status_json.h"
#include "engine/report/status_text.h"
#include "engine/report/text.h"
#include "engine/saved/clearance.h"
#include "engine/saved/plan_file.h"
#include "engine/saved/snapshot_file.h"
#include "tests/fakes/fake_clock.h"

namespace patform {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);
constexpr absl::Duration kDay = absl::Hours(24);

// A world and a plan that consist of one word.
class Scene {
 public:
  explicit Scene(const std::string& word) : word_(word) {
    desired_.workspace = word;
    desired_.organization = word;
    desired_.policy.where = Where(1);
    actual_.taken_at = kNow;
    actual_.user_oid = word;
    TokenList& snapshot = actual_.organizations[word];
    snapshot.organization = word;
    snapshot.has_history = true;
    Want("created", "a", HeldRecord::Absent());
    Want("unreadable", "b",
         HeldRecord::Unknown(absl::PermissionDeniedError(word)));
    HeldRecord foreign;
    foreign.state = HeldRecord::State::kForeign;
    foreign.why = absl::FailedPreconditionError(word);
    Want("foreign", "c", foreign);
    Want("scopes", "d", Holds(1));
    Live(Marked("scopes"), 1, 20);
    Want("due", "e", Holds(2));
    Live(Marked("due"), 2, 1);
    Want("gone", "f", Holds(3)).ensure = Ensure::kAbsent;
    Live(Marked("gone"), 3, 20);
    Live(word, 4, 20);
    Live(absl::StrCat(word, word), 5, 20);
    plan_ = MakePlan(desired_, actual_, {}, kNow);
    Corrupt();
  }

  const DesiredState& desired() const { return desired_; }
  const ActualState& actual() const { return actual_; }
  const Plan& plan() const { return plan_; }

 private:
  SourceLocation Where(int line) const { return {word_, line, 2, 3}; }

  std::string Name(const char* suffix) const {
    return absl::StrCat(word_, suffix);
  }

  std::string Marked(const char* suffix) const {
    return DisplayName(Name(suffix),
                       {"w", 1, absl::StrCat("nonce00000", suffix)});
  }

  HeldRecord Holds(int id) const {
    HeldRecord held;
    held.state = HeldRecord::State::kPresent;
    held.version = word_;
    SinkRecord record;
    record.id = Id(id);
    record.generation = 1;
    record.workspace = word_;
    record.organization = word_;
    record.token = word_;
    held.record = record;
    return held;
  }

  static AuthorizationId Id(int n) {
    return *AuthorizationId::Parse(
        absl::StrFormat("%08x-0000-4000-8000-000000000000", n));
  }

  DesiredToken& Want(const char* suffix, const char* at,
                     const HeldRecord& held) {
    DesiredToken token;
    token.name = Name(suffix);
    token.organization = word_;
    token.scopes = ScopeSet::Of({"vso.code_write", word_});
    token.owner = token.purpose = token.renamed_from = word_;
    token.labels = {{word_, word_}};
    token.where = Where(static_cast<int>(desired_.tokens.size()) + 3);
    token.scopes_where = token.where;
    Delivery place;
    place.sink = word_;
    place.at = absl::StrCat(word_, at);
    place.key = word_;
    actual_.records[place.Address()] = held;
    token.deliver.push_back(place);
    desired_.tokens.push_back(token);
    return desired_.tokens.back();
  }

  void Live(const std::string& display_name, int id, int days) {
    ActualToken token;
    token.id = Id(id);
    token.display_name = display_name;
    token.scopes = ScopeSet::Of({"vso.work", word_});
    token.valid_from = kNow - kDay;
    token.valid_to = kNow + days * kDay;
    actual_.organizations[word_].tokens.push_back(token);
  }

  // What no honest world gives: a saved plan can hold any text anywhere.
  void Corrupt() {
    ChangeSet& set = plan_.changes;
    set.notes.push_back({word_, word_});
    set.deferred.push_back({word_, word_, word_, true, Where(40), word_});
    for (Action action : {Action::kCreate, Action::kUpdate, Action::kRotate,
                          Action::kRevoke, Action::kFinish, Action::kRelease}) {
      Change change;
      change.action = action;
      change.reason = Reason::kRequested;
      change.name = word_;
      change.address = word_;
      change.organization = word_;
      TokenFacts facts;
      facts.id = Id(77);
      facts.display_name = word_;
      facts.scopes = ScopeSet::Of({word_});
      facts.valid_to = kNow + kDay;
      facts.generation = 3;
      change.before = change.after = facts;
      change.after->scopes = ScopeSet::Of({"vso.code"});
      change.after->display_name = word_ + word_;
      Delivery place;
      place.sink = place.at = place.key = word_;
      place.encoding = Encoding::kBasic;
      change.deliver = {place, place, place, place};
      change.decision.Mutable().kind = Decision::Kind::kMake;
      change.decision.Mutable().explanation = word_;
      change.decision.Mutable().generation = 4;
      Collect end{Id(78), 2, Reason::kSuperseded, kNow + kDay, kNow + 2 * kDay};
      change.decision.Mutable().collect =
          change.decision.Mutable().collect_first = {end};
      change.revoke = {end};
      change.where = Where(50);
      set.changes.push_back(change);
      plan_.left_out.push_back(change);
    }
    for (Severity severity : {Severity::kError, Severity::kWarning}) {
      plan_.findings.push_back(
          {word_, word_, word_, word_, Where(60), severity});
      plan_.findings.push_back({word_, "", word_, word_, {}, severity});
    }
    plan_.organizations.push_back("contoso");
    plan_.snapshot_taken_at = kNow - kDay;
    plan_.counts = CountActions(set.changes);
  }

  const std::string word_;
  DesiredState desired_;
  ActualState actual_;
  Plan plan_;
};

void Put(const std::string& attack, const std::string& renderer,
         const std::string& text) {
  std::cout << boost::json::serialize(
                   boost::json::object{{"attack", attack},
                                       {"renderer", renderer},
                                       {"base64", absl::Base64Escape(text)}})
            << "\n";
}

// An apply in which everything fails, with the words of the service.
void PutRun(const std::string& attack, const std::string& word,
            const Plan& plan) {
  FakeClock clock(kNow);
  std::ostringstream plain, terminal, events;
  ApplyResult result;
  {
    const auto lines = MakeProgress(plain, clock, {});
    const auto live =
        MakeProgress(terminal, clock, {Style(true), true, 200, 9});
    const auto stream = MakeEventStream(events, clock);
    for (const Change& change : plan.changes.changes) {
      Outcome outcome;
      outcome.kind = Outcome::Kind::kIncomplete;
      outcome.status = absl::UnknownError(word);
      outcome.done = {word};
      outcome.left = {word};
      Effect effect;
      effect.kind =
          change.deliver.empty() ? Effect::Kind::kMint : Effect::Kind::kDeliver;
      for (ApplyListener* listener : {lines.get(), live.get(), stream.get()}) {
        listener->Started(change);
        listener->Doing(change, effect);
      }
      clock.Tick(absl::Seconds(11));
      for (ApplyProgress* listener : {lines.get(), live.get(), stream.get()}) {
        listener->Waits({word, absl::Seconds(5), 2, 6});
        listener->Tick();
        listener->Ended(change, outcome);
      }
      result.entries.push_back({change, outcome});
      outcome.kind = Outcome::Kind::kDone;
      result.entries.push_back({change, outcome});
    }
  }
  std::string before = RenderVersionEvent(kNow);
  Diagnostic diagnostic;
  diagnostic.where = {word, 1, 1, 1};
  diagnostic.summary = diagnostic.detail = word;
  absl::StrAppend(&before, RenderDiagnosticEvent(diagnostic, kNow),
                  RenderErrorEvent(word, kNow),
                  RenderPlannedEvents(plan, kNow));
  events << RenderSummaryEvent(result, kNow);
  Put(attack, "progress", plain.str());
  Put(attack, "progress-terminal", terminal.str());
  Put(attack, "events", before + events.str());
  Put(attack, "result", RenderResult(plan, result, Style(false)));
  Put(attack, "result-color", RenderResult(plan, result, Style(true)));
}

void PutAudit(const std::string& attack, const std::string& word,
              const Scene& scene) {
  AuditReport report =
      MakeAudit(scene.desired(), scene.actual(), &scene.plan(), kNow);
  report.findings = scene.plan().findings;
  for (AuditedToken& token : report.tokens) {
    token.address = word;
    token.where = {word, 3, 1, 1};
    token.risks.push_back({Risk::kLongLived, word});
  }
  Put(attack, "audit", RenderAudit(report, Style(false)));
  Put(attack, "audit-color", RenderAudit(report, Style(true)));
  Put(attack, "audit-json", RenderAuditJson(report));
  Put(attack, "audit-sarif", RenderAuditSarif(report));
}

// Everything that a person can have to do, in words from outside.
StatusReport Duties(const std::string& word, const Scene& scene) {
  StatusReport report =
      MakeStatus(scene.desired(), scene.actual(), scene.plan(), {});
  report.sign_in_ends = kNow + kDay;
  report.sign_in = report.sign_in_why = report.clock = word;
  report.unread = {word, word};
  report.strays = {{word, word}};
  for (TokenStatus& token : report.tokens) {
    token.address = token.identity = token.organization = token.owner = word;
    token.problem = word;
  }
  Unrenewed end;
  end.address = end.organization = end.owner = word;
  end.ends = kNow + 9 * kDay;
  end.why = Unrenewed::Why::kHeldBack;
  report.tokens.front().unrenewed = end;
  report.tokens.front().ends = true;
  return report;
}

void PutDuties(const std::string& attack, const std::string& word,
               const Scene& scene) {
  const StatusReport report = Duties(word, scene);
  Put(attack, "calendar", RenderCalendar(report));
  Put(attack, "metrics", RenderStatusMetrics(report, TokenNames::kShown));
}

void PutImport(const std::string& attack, const std::string& word,
               const Scene& scene) {
  Adoptee adoptee;
  adoptee.token = scene.actual().organizations.begin()->second.tokens[0];
  adoptee.token.display_name = word;
  adoptee.organization = word;
  adoptee.name = word;
  adoptee.says_organization = true;
  adoptee.asked_for = {"owner", word};
  Put(attack, "import", RenderTable(adoptee, kNow));
  adoptee.obstacle = word;
  Put(attack, "import-comment", RenderTable(adoptee, kNow));
}

void PutDiagnostics(const std::string& attack, const std::string& word) {
  std::string text;
  for (const std::string& file : {word, std::string("a.toml")}) {
    for (const int column : {1, 2, 500}) {
      Diagnostic d;
      d.where = {file, 3, column, 4};
      d.summary = d.detail = word;
      d.source_line = word.substr(0, word.find('\n'));
      text += Render(std::vector<Diagnostic>{d});
    }
  }
  Put(attack, "diagnostics", text);
}

void PutRelease(const std::string& attack, const Scene& scene) {
  const SavedPlan saved =
      SavePlan(scene.plan(), {}, scene.desired(), scene.actual());
  DesiredState desired = scene.desired();
  for (DesiredToken& token : desired.tokens) {
    token.scopes = ScopeSet::Of({"vso.wiki"});
    token.labels.clear();
    token.deliver.clear();
  }
  ActualState actual = scene.actual();
  for (auto& [name, snapshot] : actual.organizations) snapshot.tokens.clear();
  const Plan now = MakePlan(desired, actual, {}, kNow + kDay);
  std::string text;
  for (const Clearance& clearance :
       {ClearExactly(saved, desired, actual, now),
        ClearApproved(
            saved, now,
            MakeApproval(desired, actual, {}, now.changes.changes))}) {
    // As the command line prints them.
    for (const std::string& line : clearance.stale) {
      absl::StrAppend(&text, "    ", line, "\n");
    }
  }
  Put(attack, "stale", text);
}

void Attack(const std::string& attack, const std::string& word,
            const std::string& directory, int number) {
  const Scene scene(word);
  for (const std::string& format : PlanFormats()) {
    Put(attack, format, RenderPlanAs(format, scene.plan(), Style(false)));
  }
  Put(attack, "text-color", RenderPlanAs("text", scene.plan(), Style(true)));
  MarkdownOptions small;
  small.limit = 0;
  small.link = absl::StrCat("https://ci.example/", word);
  Put(attack, "markdown-small", RenderPlanMarkdown(scene.plan(), small));
  const StatusReport status =
      MakeStatus(scene.desired(), scene.actual(), scene.plan(), {});
  Put(attack, "status", RenderStatus(status, Style(false)));
  Put(attack, "status-color", RenderStatus(status, Style(true)));
  Put(attack, "status-json", RenderStatusJson(status));
  Put(attack, "status-html", RenderStatusPage(status));
  PutRun(attack, word, scene.plan());
  PutAudit(attack, word, scene);
  PutDuties(attack, word, scene);
  PutImport(attack, word, scene);
  PutDiagnostics(attack, word);
  PutRelease(attack, scene);
  const std::string base = absl::StrCat(directory, "/", number);
  // Of what an honest world gives: anything else is refused when it is read.
  const Plan honest = MakePlan(scene.desired(), scene.actual(), {}, kNow);
  std::ofstream(base + ".plan.json", std::ios::binary)
      << WritePlan(SavePlan(honest, {}, scene.desired(), scene.actual()), "");
  std::ofstream(base + ".snapshot.json", std::ios::binary)
      << WriteSnapshot(scene.actual(), "");
}

int Main(const std::string& corpus, const std::string& directory) {
  std::ifstream in(corpus, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  boost::json::error_code error;
  const boost::json::value attacks = boost::json::parse(text.str(), error);
  if (error || !attacks.is_object()) {
    std::cerr << corpus << " is no JSON object\n";
    return 1;
  }
  int number = 0;
  for (const auto& attack : attacks.get_object()) {
    Attack(std::string(attack.key()), std::string(attack.value().as_string()),
           directory, number++);
  }
  return 0;
}

}  // namespace
}  // namespace patform

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: attack_probe CORPUS.json OUT_DIRECTORY\n";
    return 3;
  }
  return patform::Main(argv[1], argv[2]);
}
