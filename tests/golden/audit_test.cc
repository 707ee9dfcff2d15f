// What an audit looks like: compared with the files beside this one, byte for
// byte. PATFORM_UPDATE_GOLDEN=1 writes them, and fails, so that somebody reads
// them.
#include "engine/inquiry/audit.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/report/audit_json.h"
#include "engine/report/audit_sarif.h"
#include "engine/report/audit_text.h"
#include "tests/fakes/world.h"
#include "tests/golden/golden.h"

namespace patform {
namespace {

// Declared, by hand, global, hostile, old: one of each.
class AuditGolden : public ::testing::Test {
 protected:
  AuditGolden() {
    world_.AddSink("main");
    world_.Declare("fine", {"main:fine"}).scopes =
        ScopeSet::Of({"vso.packaging"});
    world_.Declared("fine").where = {"patform.toml", 9, 2, 4};
    world_.Run();
    constexpr absl::Duration kDay = absl::Hours(24);
    FakeService& service = world_.service();
    service.AddStranger("by hand \x1b[31m##vso[task.setvariable](x)",
                        "vso.code_full vso.work", 30 * kDay, 33 * kDay);
    service.AddStranger("everything", "app_token", kDay, 300 * kDay);
    service.AddStranger("reads code", "vso.code", kDay, 29 * kDay);
    actual_ = *world_.Look();
    for (ActualToken& token : actual_.organizations["contoso"].tokens) {
      if (token.display_name == "everything") token.all_organizations = true;
    }
    world_.desired.policy.deny_full_scope = true;
    world_.desired.policy.existing = Existing::kError;
    world_.desired.policy.where = {"policy.toml", 1, 1, 8};
  }

  AuditReport Audit() {
    const Plan plan =
        MakePlan(world_.desired, actual_, PlanOptions(), world_.clock.Now());
    return MakeAudit(world_.desired, actual_, &plan, world_.clock.Now());
  }

  FakeWorld world_;
  ActualState actual_;
};

TEST_F(AuditGolden, OneOfEverything) {
  const AuditReport report = Audit();
  ExpectGolden("audit.txt", RenderAudit(report, Style(false)));
  ExpectGolden("audit.json", RenderAuditJson(report));
  ExpectGolden("audit.sarif", RenderAuditSarif(report));
}

TEST_F(AuditGolden, TheSameTokensGiveTheSameBytes) {
  const std::string once = RenderAuditJson(Audit());
  auto& tokens = actual_.organizations["contoso"].tokens;
  std::reverse(tokens.begin(), tokens.end());
  AuditReport report = Audit();
  EXPECT_EQ(RenderAuditJson(report), once);
}

}  // namespace
}  // namespace patform
