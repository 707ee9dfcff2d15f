#include "engine/inquiry/doctor.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/report/doctor_json.h"
#include "engine/report/doctor_text.h"

namespace patform {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1795420800);

SignedIn Bot() {
  SignedIn user;
  user.oid = "5d2e";
  user.name = "bot@contoso.example";
  user.scopes = ScopeSet::Parse("vso.pats vso.pats_manage");
  user.expires = kNow + absl::Hours(1);
  user.tenant = "t1";
  user.audience = "Azure DevOps";
  return user;
}

// Where nothing is wrong.
Symptoms Healthy() {
  Symptoms symptoms;
  symptoms.now = kNow;
  symptoms.files = 1;
  symptoms.tokens = 2;
  symptoms.source = "azure-cli";
  Route route;
  route.host = "vssps.dev.azure.com:443";
  route.addresses = std::vector<std::string>{"192.0.2.1", "192.0.2.2"};
  route.answered = absl::OkStatus();
  route.trust = "the system's";
  route.clock_ahead = absl::Seconds(1);
  route.tenant = "t1";
  symptoms.route = route;
  symptoms.signed_in = Bot();
  symptoms.lists = {{"contoso", absl::OkStatus(), 100, true}};
  symptoms.stores = {{"files", 2, absl::OkStatus(), ""}};
  symptoms.committed.emplace();
  return symptoms;
}

// "failed tls: … -> …" for each check that is not ok.
std::string Dump(const Symptoms& symptoms) {
  std::string text;
  for (const Check& check : Diagnose(symptoms)) {
    if (check.verdict == Verdict::kOk) continue;
    absl::StrAppend(&text, text.empty() ? "" : "\n", Word(check.verdict), " ",
                    check.id, check.about.empty() ? "" : " ", check.about, ": ",
                    check.what, check.fix.empty() ? "" : " -> ", check.fix);
  }
  return text;
}

TEST(Doctor, TheWholePage) {
  EXPECT_EQ(RenderDoctor(Diagnose(Healthy()), Style(false)),
            R"(configuration   ok        1 file, 2 tokens
dns             ok        vssps.dev.azure.com:443 is 192.0.2.1, 192.0.2.2
proxy           ok        none
tls             ok        vssps.dev.azure.com:443 answers; trusted certificates: the system's
clock           ok        within a minute of the service's
sign-in         ok        bot@contoso.example, by azure-cli
claims          ok        a user's access token, ends in 1h
list contoso    ok        100 tokens or more
create          ok        the access token may (vso.pats_manage); nothing was created, so the organization's policies show at the first apply
sink files      ok        2 places can be written
git             ok        would add no place of a secret

Nothing is in the way of a run.
)");
  EXPECT_TRUE(WorstOf(Diagnose(Healthy())).ok());
}

TEST(Doctor, SaysWhatIsWrongAndHowToMendIt) {
  const struct {
    std::function<void(Symptoms&)> change;
    std::string want;
  } kCases[] = {
      {[](Symptoms& s) {
         Diagnostic d;
         d.severity = Diagnostic::Severity::kWarning;
         d.summary = "git would add files:ci, which gets a secret";
         d.where = {"patform.toml", 7, 1};
         s.diagnostics = {d, d};
       },
       "warning configuration: patform.toml:7: git would add files:ci, which "
       "gets a secret (and 1 more) -> `patform validate` shows every warning"},
      {[](Symptoms& s) { s.route->clock_ahead = absl::Minutes(-3); },
       "warning clock: this machine's clock is 3m ahead of the service's -> "
       "Set the clock, for example with NTP"},
      {[](Symptoms& s) { s.route->clock_ahead = absl::Hours(2); },
       "failed clock: this machine's clock is 2h behind the service's -> Set "
       "the clock, for example with NTP"},
      {[](Symptoms& s) { s.route->clock_ahead.reset(); },
       "not_tried clock: the service did not say what time it is"},
      {[](Symptoms& s) {
         s.route->addresses = absl::UnavailableError("no such host");
         s.route->answered = absl::UnavailableError("no such host");
       },
       "failed dns: no such host -> Check the name server, or set HTTPS_PROXY "
       "if this network has a proxy\nnot_tried tls: vssps.dev.azure.com:443 "
       "was "
       "not found"},
      {[](Symptoms& s) {
         s.route->proxy_settings = absl::InvalidArgumentError("no port");
       },
       "failed proxy: no port -> Correct HTTPS_PROXY: http://HOST:PORT"},
      {[](Symptoms& s) {
         s.route->answered = absl::UnavailableError("self-signed");
       },
       "failed tls: self-signed -> Trusted certificates: the system's. "
       "SSL_CERT_FILE names others; where a proxy inspects TLS, its own has to "
       "be among them"},
      {[](Symptoms& s) { s.route->tenant = "t2"; },
       "failed claims: the sign-in is of the tenant t1, the organization "
       "belongs to t2 -> Name the organization's tenant: [auth] tenant = "
       "\"…\""},
      {[](Symptoms& s) { (*s.signed_in)->app_only = true; },
       "failed claims: an application is signed in, without a user: the "
       "service "
       "makes no tokens for service principals and managed identities -> Sign "
       "in as a user: `patform help service-principals` says which ways there "
       "are"},
      {[](Symptoms& s) { (*s.signed_in)->audience = "Microsoft Graph"; },
       "failed claims: the access token is for Microsoft Graph and not for "
       "Azure DevOps -> Ask for the resource "
       "499b84ac-1321-427f-aa17-267ca6975798"},
      {[](Symptoms& s) { (*s.signed_in)->expires = kNow - absl::Hours(2); },
       "failed claims: the access token ended 2h ago -> Get a new one; if it "
       "is "
       "new, compare the clock"},
      {[](Symptoms& s) { (*s.signed_in)->expires = kNow + absl::Minutes(9); },
       "warning claims: the access token ends in 9m -> A long apply may need "
       "another one: get a new one first, or use a source that renews it"},
      {[](Symptoms& s) {
         (*s.signed_in)->rests_until = kNow + absl::Hours(24 * 5);
         (*s.signed_in)->rests_why = "it is good for 90 days without use";
       },
       "warning sign-in: bot@contoso.example, by azure-cli; it ends in 5d: it "
       "is good for 90 days without use -> Sign in again before then: patform "
       "login"},
      {[](Symptoms& s) {
         (*s.signed_in)->scopes = ScopeSet::Parse("vso.pats");
       },
       "failed create: the access token may list tokens and not create any: it "
       "carries vso.pats -> Add the delegated permission vso.pats_manage of "
       "Azure DevOps to the app registration and consent to it; for plans "
       "alone "
       "it is not needed"},
      {[](Symptoms& s) { (*s.signed_in)->scopes.reset(); },
       "not_tried create: the access token does not say what it may do"},
      {[](Symptoms& s) {
         s.lists[0].status = absl::PermissionDeniedError("not a member");
       },
       "failed list contoso: not a member"},
      {[](Symptoms& s) {
         s.stores[0].status = absl::PermissionDeniedError("no folder");
         s.stores[0].place = "files:ci";
       },
       "failed sink files: files:ci: no folder"},
      {[](Symptoms& s) {
         s.committed->assign({"files:a", "files:b"});
       },
       "warning git: would add files:a and 1 more places of secrets -> Add it "
       "to .gitignore, or deliver elsewhere"},
      {[](Symptoms& s) {
         s.signed_in = absl::UnauthenticatedError("no credential");
         s.lists.clear();
       },
       "failed sign-in: no credential -> `patform help sign-in` lists the ways "
       "to sign in\nnot_tried claims: nobody is signed in\nnot_tried list: "
       "nobody is signed in\nnot_tried create: nobody is signed in"},
  };
  for (const auto& each : kCases) {
    Symptoms symptoms = Healthy();
    each.change(symptoms);
    EXPECT_EQ(Dump(symptoms), each.want);
  }
}

TEST(Doctor, ABrokenConfigurationLeavesTheRestUntried) {
  Symptoms symptoms;
  symptoms.now = kNow;
  symptoms.configuration = absl::InvalidArgumentError("not valid");
  EXPECT_EQ(Dump(symptoms),
            "failed configuration: not valid -> `patform validate` shows all "
            "that is wrong with it\n"
            "not_tried dns: no organization is known\n"
            "not_tried proxy: no organization is known\n"
            "not_tried tls: no organization is known\n"
            "not_tried clock: no organization is known\n"
            "not_tried sign-in: the configuration is not valid\n"
            "not_tried claims: the configuration is not valid\n"
            "not_tried list: nobody is signed in\n"
            "not_tried create: nobody is signed in\n"
            "not_tried sink: no token is delivered anywhere\n"
            "not_tried git: the configuration is not valid");
  EXPECT_EQ(WorstOf(Diagnose(symptoms)).code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(Doctor, TheFirstFailureDecides) {
  Symptoms symptoms = Healthy();
  symptoms.stores[0].status = absl::FailedPreconditionError("full");
  (*symptoms.signed_in)->app_only = true;
  const std::vector<Check> checks = Diagnose(symptoms);
  EXPECT_EQ(WorstOf(checks).code(), absl::StatusCode::kUnauthenticated);
  EXPECT_NE(RenderDoctor(checks, Style(false)).find("2 failures, 0 warnings."),
            std::string::npos);
}

TEST(Doctor, AsJson) {
  Symptoms symptoms = Healthy();
  symptoms.stores[0].status = absl::FailedPreconditionError("a\x1b[0m");
  const std::string text = RenderDoctorJson(Diagnose(symptoms), kNow);
  EXPECT_NE(text.find(R"("summary":{"ok":10,"warning":0,"failed":1,)"
                      R"("not_tried":0})"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find(R"({"id":"sink","about":"files","verdict":"failed",)"
                      R"("what":"a\u001b[0m","fix":null})"),
            std::string::npos)
      << text;
}

}  // namespace
}  // namespace patform
