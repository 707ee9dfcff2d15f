// Writes the pages that the suite `page` drives a browser over.
//
//   page_probe DIRECTORY
//
// status-10.html, status-200.html and status-2000.html: so many tokens of some
// teams, in two organizations and of three users, with a year of runs behind
// them, some of which died; plan-….html: what an apply would do with an edit of
// theirs. The same bytes each time.
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/inquiry/status.h"
#include "engine/report/page/plan_page.h"
#include "engine/report/page/status_page.h"
#include "tests/fakes/world.h"

namespace patform {
namespace {

constexpr absl::Duration kDay = absl::Hours(24);

constexpr const char* kTeams[] = {
    "team-build",   "team-release", "team-payments", "team-search",
    "team-mobile",  "platform",     "security",      "data-eng",
    "team-website", "sre",          "team-docs",     ""};
constexpr const char* kJobs[] = {
    "ci-packaging", "nuget-publish", "release-notes", "mirror-git",
    "test-runs",    "deploy-web",    "sync-boards",   "agents-register",
    "code-search",  "audit-export",  "wiki-backup",   "symbols-upload"};
constexpr const char* kScopes[] = {
    "vso.packaging_write", "vso.packaging",         "vso.release_execute",
    "vso.code_write",      "vso.test_write",        "vso.build_execute",
    "vso.work_write",      "vso.agentpools_manage", "vso.code",
    "vso.auditlog",        "vso.wiki_write",        "vso.symbols_write"};
constexpr const char* kPurposes[] = {"publish packages from CI",
                                     "push release notes to the wiki",
                                     "mirror repositories to the backup site",
                                     "upload the results of tests", ""};
constexpr int kLives[] = {30, 90, 30, 60, 30, 180, 365, 14};

template <typename T, size_t N>
T Pick(T const (&of)[N], int i) {
  return of[static_cast<size_t>(i) % N];
}

class Fleet {
 public:
  explicit Fleet(int tokens) {
    world_.desired.workspace = "platform";
    for (const char* sink : {"vault", "agents", "kube", "github"}) {
      world_.AddSink(sink);
    }
    for (FakeService* service :
         {&world_.AddOrganization("fabrikam"), &world_.AddUser("build-bot"),
          &world_.AddUser("release-bot"), &world_.service()}) {
      service->page_size = 1000;
    }
    // They were declared one after the other, over a year; a run every week.
    const int batches = 12;
    for (int batch = 0; batch < batches; ++batch) {
      for (int i = batch; i < tokens; i += batches) Declare(i);
      world_.Run();
      world_.clock.Tick(7 * kDay + absl::Minutes(37 * batch));
    }
    world_.Run();
    world_.clock.Tick(absl::Hours(9));
    Mishaps();
  }

  StatusReport Status() {
    Plan plan = world_.PlanNow();
    plan.identity = Identity{ScopeSet::Of({"vso.pats_manage"})};
    plan.identity->rests_until = plan.as_of + 11 * kDay;
    plan.identity->rests_why =
        "somebody has to run `patform login` again before that";
    return MakeStatus(world_.desired, world_.last_look, plan, {});
  }

  // An edit of the file that somebody has to review.
  Plan Edited() {
    int i = 0;
    for (DesiredToken& token : world_.desired.tokens) {
      switch (i++ % 9) {
        case 0:
          token.scopes = ScopeSet::Of({"vso.code_full", "vso.work"});
          break;
        case 3:
          token.ensure = Ensure::kAbsent;
          break;
        case 5:
          if (!token.deliver.empty()) token.deliver[0].at += "-moved";
          break;
        default:
          break;
      }
    }
    return world_.PlanNow();
  }

 private:
  void Declare(int i) {
    const int job = i * 7 + i / 12;
    const std::string name =
        absl::StrCat(Pick(kJobs, job), i < 12 ? "" : absl::StrCat("-", i / 12));
    std::vector<std::string> places;
    if (i % 17 != 3) {
      const char* sinks[] = {"vault", "vault", "agents", "kube", "github"};
      const char* sink = Pick(sinks, i);
      places.push_back(absl::StrCat(sink, ":ado/", name, "-", i));
      if (i % 4 == 1) {
        places.push_back(absl::StrCat("agents:.env#", "TOKEN_", i));
      }
    }
    DesiredToken& token = world_.Declare(name, places);
    token.owner = Pick(kTeams, i / 2);
    token.purpose = Pick(kPurposes, i);
    token.scopes = i % 5 == 2
                       ? ScopeSet::Of({Pick(kScopes, job), Pick(kScopes, i)})
                       : ScopeSet::Of({Pick(kScopes, job)});
    token.lifetime = Pick(kLives, i) * kDay;
    if (i % 11 == 4) {
      token.expires = world_.clock.Now() + (84 + i % 40) * kDay;
      token.lifetime = *token.expires - world_.clock.Now();
    }
    token.rotate_before.span.reset();
    if (i % 3 == 1) token.identity = i % 2 == 0 ? "build-bot" : "release-bot";
    if (i % 3 == 2 && i % 5 == 0) token.organization = "fabrikam";
    token.where = {
        absl::StrCat("teams/", token.owner.empty() ? "misc" : token.owner,
                     ".toml"),
        7 + i * 5, 2, 5};
    if (places.empty()) {
      world_.services.at(token.realm())
          ->AddStranger(name, token.scopes.text(), 40 * kDay,
                        (40 + 85 + i % 60) * kDay);
    }
  }

  void Mishaps() {
    int i = 0;
    std::vector<std::string> rotated;
    for (DesiredToken& token : world_.desired.tokens) {
      ++i;
      if (i % 23 == 5) rotated.push_back(token.name);
      if (token.deliver.empty() || i % 41 != 7) continue;
      token.deliver[0].at += "-by-hand";
      world_.sinks.at(token.deliver[0].sink)
          ->PutForeign(token.deliver[0].Address(), "a value of their own");
    }
    world_.Run({rotated.begin(), rotated.end()});
    world_.clock.Tick(absl::Hours(3));
    i = 0;
    for (auto& [realm, service] : world_.services) {
      for (FakeService::Row& row : service->rows) {
        // Somebody revoked it in the portal.
        if (++i % 97 == 11) row.revoked = true;
      }
    }
    world_.desired.tokens.erase(world_.desired.tokens.begin() + 1);
  }

  FakeWorld world_;
};

bool Write(const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary);
  out << text;
  return out.good();
}

bool WriteAll(const std::string& folder) {
  for (const int tokens : {10, 200, 2000}) {
    Fleet fleet(tokens);
    if (!Write(absl::StrCat(folder, "/status-", tokens, ".html"),
               RenderStatusPage(fleet.Status()))) {
      return false;
    }
    if (!Write(absl::StrCat(folder, "/plan-", tokens, ".html"),
               RenderPlanPage(fleet.Edited()))) {
      return false;
    }
  }
  return true;
}

}  // namespace
}  // namespace patform

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: page_probe DIRECTORY\n";
    return 3;
  }
  if (!patform::WriteAll(argv[1])) {
    std::cerr << "page_probe: cannot write to " << argv[1] << "\n";
    return 1;
  }
  return 0;
}
