#include "engine/report/metrics.h"

#include <gtest/gtest.h>

#include "absl/strings/match.h"

namespace patform {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1795420800);

TokenStatus Token(const std::string& name, GenerationState state,
                  absl::Duration left) {
  TokenStatus token;
  token.address = "token." + name;
  token.name = name;
  token.organization = "contoso";
  GenerationStatus row;
  row.state = state;
  row.generation = 1;
  row.valid_to = kNow + left;
  token.generations = {row};
  if (state == GenerationState::kCurrent) {
    token.due_at = kNow + left - absl::Hours(24);
  }
  return token;
}

StatusReport Report() {
  StatusReport report;
  report.workspace = "w";
  report.organizations = {"contoso", "fabrikam"};
  report.as_of = kNow;
  return report;
}

TEST(StatusMetrics, OfAWorkspace) {
  StatusReport report = Report();
  report.tokens = {
      Token("a", GenerationState::kCurrent, absl::Seconds(300000)),
      Token("b", GenerationState::kCurrent, absl::Seconds(200000)),
      Token("by-hand", GenerationState::kWatched, absl::Seconds(500000))};
  // What has been replaced ends on purpose.
  report.tokens[0].generations.push_back(
      Token("a", GenerationState::kSuperseded, absl::Seconds(60))
          .generations[0]);
  Unrenewed end;
  end.ends = kNow + absl::Seconds(500000);
  report.tokens[2].unrenewed = end;
  report.tokens[2].ends = true;
  // Neither does what nobody declares need a successor.
  TokenStatus gone =
      Token("gone", GenerationState::kUndeclared, absl::Seconds(1));
  gone.declared = false;
  report.tokens.push_back(gone);
  report.warnings = 3;
  report.sign_in_ends = kNow + absl::Seconds(7);
  EXPECT_EQ(
      RenderStatusMetrics(report, TokenNames::kLeftOut),
      "# HELP patform_observed_timestamp_seconds When the tokens and the "
      "places were read.\n"
      "# TYPE patform_observed_timestamp_seconds gauge\n"
      "patform_observed_timestamp_seconds{workspace=\"w\"} 1795420800\n"
      "# HELP patform_observed_complete 1: every list and every place could be "
      "read.\n"
      "# TYPE patform_observed_complete gauge\n"
      "patform_observed_complete{workspace=\"w\"} 1\n"
      "# HELP patform_tokens Tokens by what can be said of them.\n"
      "# TYPE patform_tokens gauge\n"
      "patform_tokens{workspace=\"w\",organization=\"contoso\",state="
      "\"broken\"} 0\n"
      "patform_tokens{workspace=\"w\",organization=\"contoso\",state="
      "\"changes\"} 0\n"
      "patform_tokens{workspace=\"w\",organization=\"contoso\",state=\"ends\"} "
      "1\n"
      "patform_tokens{workspace=\"w\",organization=\"contoso\",state=\"fine\"} "
      "3\n"
      "patform_tokens{workspace=\"w\",organization=\"contoso\",state="
      "\"undecided\"} 0\n"
      "patform_tokens{workspace=\"w\",organization=\"fabrikam\",state="
      "\"broken\"} 0\n"
      "patform_tokens{workspace=\"w\",organization=\"fabrikam\",state="
      "\"changes\"} 0\n"
      "patform_tokens{workspace=\"w\",organization=\"fabrikam\",state="
      "\"ends\"} 0\n"
      "patform_tokens{workspace=\"w\",organization=\"fabrikam\",state="
      "\"fine\"} 0\n"
      "patform_tokens{workspace=\"w\",organization=\"fabrikam\",state="
      "\"undecided\"} 0\n"
      "# HELP patform_token_valid_to_timestamp_seconds When what consumers "
      "have ends, the earliest of its labels; renewed=\"no\": no run renews "
      "it.\n"
      "# TYPE patform_token_valid_to_timestamp_seconds gauge\n"
      "patform_token_valid_to_timestamp_seconds{workspace=\"w\",organization="
      "\"contoso\",renewed=\"no\"} 1795920800\n"
      "patform_token_valid_to_timestamp_seconds{workspace=\"w\",organization="
      "\"contoso\",renewed=\"yes\"} 1795620800\n"
      "# HELP patform_token_renews_timestamp_seconds From when on an apply "
      "renews the token, the earliest of its labels.\n"
      "# TYPE patform_token_renews_timestamp_seconds gauge\n"
      "patform_token_renews_timestamp_seconds{workspace=\"w\",organization="
      "\"contoso\"} 1795534400\n"
      "# HELP patform_findings What policy and guards found, by severity.\n"
      "# TYPE patform_findings gauge\n"
      "patform_findings{workspace=\"w\",severity=\"error\"} 0\n"
      "patform_findings{workspace=\"w\",severity=\"warning\"} 3\n"
      "# HELP patform_duties What a person must do, by its kind.\n"
      "# TYPE patform_duties gauge\n"
      "patform_duties{workspace=\"w\",kind=\"clock\"} 0\n"
      "patform_duties{workspace=\"w\",kind=\"ending\"} 1\n"
      "patform_duties{workspace=\"w\",kind=\"policy\"} 0\n"
      "patform_duties{workspace=\"w\",kind=\"sign_in\"} 1\n"
      "patform_duties{workspace=\"w\",kind=\"stray\"} 0\n"
      "patform_duties{workspace=\"w\",kind=\"undecided\"} 0\n"
      "patform_duties{workspace=\"w\",kind=\"unread\"} 0\n"
      "# HELP patform_sign_in_ends_timestamp_seconds When the sign-in that "
      "the runs rest on ends.\n"
      "# TYPE patform_sign_in_ends_timestamp_seconds gauge\n"
      "patform_sign_in_ends_timestamp_seconds{workspace=\"w\"} 1795420807\n");
}

TEST(StatusMetrics, NamesOnlyIfAskedAndInert) {
  StatusReport report = Report();
  report.snapshot_taken_at = kNow - absl::Hours(1);
  report.complete = false;
  report.tokens = {
      Token("a\"} 1\n# \\\x1b", GenerationState::kCurrent, absl::Seconds(200)),
      // The same once it is visible: one series, or the file is refused.
      Token("a\"} 1\\n# \\\\x1b", GenerationState::kCurrent,
            absl::Seconds(100))};
  report.tokens[0].identity = report.tokens[1].identity = "build-bot";
  const std::string counted = RenderStatusMetrics(report, TokenNames::kLeftOut);
  EXPECT_FALSE(absl::StrContains(counted, "token=")) << counted;
  EXPECT_FALSE(absl::StrContains(counted, "build-bot")) << counted;
  EXPECT_TRUE(
      absl::StrContains(counted,
                        "patform_observed_timestamp_seconds{workspace=\"w\"} "
                        "1795417200\n"))
      << counted;
  EXPECT_TRUE(absl::StrContains(
      counted, "patform_observed_complete{workspace=\"w\"} 0\n"))
      << counted;
  const std::string named = RenderStatusMetrics(report, TokenNames::kShown);
  EXPECT_TRUE(absl::StrContains(
      named,
      "gauge\npatform_token_valid_to_timestamp_seconds{workspace=\"w\","
      "organization=\"contoso\",identity=\"build-bot\",token="
      "\"token.a\\\"} 1\\\\n# \\\\\\\\x1b\",renewed=\"yes\"} 1795420900\n# "
      "HELP"))
      << named;
}

TEST(ApplyMetrics, OfARun) {
  LastApply apply;
  apply.workspace = "w";
  apply.ended = kNow;
  apply.exit_code = 7;
  apply.changes = {{Outcome::Kind::kDone, 2}, {Outcome::Kind::kFailed, 1}};
  EXPECT_EQ(RenderApplyMetrics(apply),
            "# HELP patform_last_apply_timestamp_seconds When the last apply "
            "ended.\n"
            "# TYPE patform_last_apply_timestamp_seconds gauge\n"
            "patform_last_apply_timestamp_seconds{workspace=\"w\"} 1795420800\n"
            "# HELP patform_last_apply_success 1: the last apply did all that "
            "it was to do.\n"
            "# TYPE patform_last_apply_success gauge\n"
            "patform_last_apply_success{workspace=\"w\"} 0\n"
            "# HELP patform_last_apply_exit_code The exit code of the last "
            "apply.\n"
            "# TYPE patform_last_apply_exit_code gauge\n"
            "patform_last_apply_exit_code{workspace=\"w\"} 7\n"
            "# HELP patform_last_apply_changes Changes of the last apply, by "
            "their outcome.\n"
            "# TYPE patform_last_apply_changes gauge\n"
            "patform_last_apply_changes{workspace=\"w\",outcome=\"done\"} 2\n"
            "patform_last_apply_changes{workspace=\"w\",outcome=\"failed\"} 1\n"
            "patform_last_apply_changes{workspace=\"w\",outcome=\"incomplete\"}"
            " 0\n"
            "patform_last_apply_changes{workspace=\"w\",outcome=\"interrupted\""
            "} 0\n"
            "patform_last_apply_changes{workspace=\"w\",outcome=\"nothing\"} "
            "0\n");
}

}  // namespace
}  // namespace patform
