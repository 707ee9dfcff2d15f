#include "engine/inquiry/doctor.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/clock.h"
#include "engine/base/strings.h"
#include "engine/model/lifecycle_scopes.h"

namespace patform {
namespace {

// Certificates and access tokens of Entra allow for five minutes.
constexpr absl::Duration kSkewNoticed = absl::Minutes(1);
constexpr absl::Duration kSkewRefused = absl::Minutes(5);
// A plan and its apply in a large organization take that long.
constexpr absl::Duration kShortLived = absl::Minutes(10);
// A sign-in that ends: a person may be on holiday.
constexpr absl::Duration kSignInEnds = absl::Hours(24 * 30);

constexpr char kAppOnly[] =
    "Sign in as a user: `patform help service-principals` says which ways "
    "there are";

// The words of a status; its code is for the exit code alone.
std::string Message(const absl::Status& status) {
  return std::string(status.message());
}

// One constructor for each verdict, so that none can be without what belongs
// to it: a failure has a status, a warning has a way out, and what was not
// tried has a reason.
Check Ok(std::string id, std::string what) {
  return {.id = std::move(id), .what = std::move(what)};
}

Check Warning(std::string id, std::string what, std::string fix) {
  return {.id = std::move(id),
          .verdict = Verdict::kWarning,
          .what = std::move(what),
          .fix = std::move(fix)};
}

Check Failed(std::string id, const absl::Status& status, std::string fix) {
  return {.id = std::move(id),
          .verdict = Verdict::kFailed,
          .what = Message(status),
          .fix = std::move(fix),
          .status = status};
}

Check NotTried(std::string id, std::string why) {
  return {.id = std::move(id),
          .verdict = Verdict::kNotTried,
          .what = std::move(why)};
}

Check About(std::string about, Check check) {
  check.about = std::move(about);
  return check;
}

// The first mistake is enough here: `validate` shows them all, with their lines
// and carets. Of a valid file the warnings count, because a page that says "ok"
// above a secret which git would add is wrong.
Check OfConfiguration(const Symptoms& symptoms) {
  const auto& all = symptoms.diagnostics;
  const auto is_error = [](const Diagnostic& diagnostic) {
    return diagnostic.severity == Diagnostic::Severity::kError;
  };
  const auto first = std::find_if(all.begin(), all.end(), is_error);
  const auto place = [](const Diagnostic& diagnostic) {
    return diagnostic.where.file.empty()
               ? diagnostic.summary
               : absl::StrCat(diagnostic.where.file, ":", diagnostic.where.line,
                              ": ", diagnostic.summary);
  };
  if (!symptoms.configuration.ok()) {
    const absl::Status status(
        symptoms.configuration.code(),
        first == all.end() ? Message(symptoms.configuration) : place(*first));
    return Failed("configuration", status,
                  "`patform validate` shows all that is wrong with it");
  }
  if (!all.empty()) {
    return Warning(
        "configuration",
        absl::StrCat(place(all.front()),
                     all.size() > 1
                         ? absl::StrCat(" (and ", all.size() - 1, " more)")
                         : ""),
        "`patform validate` shows every warning");
  }
  return Ok("configuration", absl::StrCat(Count(symptoms.files, "file"), ", ",
                                          Count(symptoms.tokens, "token")));
}

// Plans correct for a clock that is wrong; certificates, access tokens and
// assertions do not, and fail with messages about anything but the time. So it
// is compared before them.
Check OfClock(const Symptoms& symptoms) {
  if (!symptoms.route->clock_ahead) {
    return NotTried("clock", "the service did not say what time it is");
  }
  // Dates of answers are whole seconds.
  const absl::Duration ahead = *symptoms.route->clock_ahead;
  const absl::Duration off = absl::AbsDuration(ahead);
  const std::string what = absl::StrCat(
      "this machine's clock is ", FormatSpan(absl::Ceil(off, absl::Seconds(1))),
      ahead > absl::ZeroDuration() ? " behind" : " ahead of", " the service's");
  const char* fix = "Set the clock, for example with NTP";
  if (off > kSkewRefused) {
    return Failed("clock", absl::FailedPreconditionError(what), fix);
  }
  if (off > kSkewNoticed) return Warning("clock", what, fix);
  return Ok("clock", "within a minute of the service's");
}

// DNS, proxy, TLS: what comes before anybody signs in. Each is shown although
// an earlier one failed: with a proxy that resolves names itself, DNS may fail
// here and everything works.
void AddRoute(const Symptoms& symptoms, std::vector<Check>& checks) {
  const Route& route = *symptoms.route;
  const std::string& first = route.proxy.empty() ? route.host : route.proxy;
  if (route.addresses.ok()) {
    checks.push_back(
        Ok("dns",
           absl::StrCat(first, " is ", absl::StrJoin(*route.addresses, ", "))));
  } else {
    checks.push_back(
        Failed("dns", route.addresses.status(),
               route.proxy.empty()
                   ? "Check the name server, or set HTTPS_PROXY if this "
                     "network has a proxy"
                   : "Check the proxy's name in HTTPS_PROXY"));
  }
  if (!route.proxy_settings.ok()) {
    checks.push_back(Failed("proxy", route.proxy_settings,
                            "Correct HTTPS_PROXY: http://HOST:PORT"));
  } else {
    checks.push_back(Ok("proxy", route.proxy.empty() ? "none" : route.proxy));
  }
  // Whatever is answered, 401 and 404 too, came through a verified connection:
  // the request carried no credential and asked for nothing.
  if (!route.answered.ok() && !route.addresses.ok()) {
    checks.push_back(NotTried("tls", absl::StrCat(first, " was not found")));
  } else if (!route.answered.ok()) {
    checks.push_back(
        Failed("tls", route.answered,
               absl::StrCat("Trusted certificates: ", route.trust,
                            ". SSL_CERT_FILE names others; where a proxy "
                            "inspects TLS, its own has to be among them")));
  } else {
    checks.push_back(Ok(
        "tls", route.tls ? absl::StrCat(route.host,
                                        " answers; trusted "
                                        "certificates: ",
                                        route.trust)
                         : absl::StrCat(route.host,
                                        " answers, without TLS (loopback)")));
  }
}

// Who is signed in, and for how long that goes on without a person. A sign-in
// that ends in the middle of the night is found out by a job that is red; here
// it is a line on a page that somebody reads.
Check OfSignIn(const Symptoms& symptoms) {
  const absl::StatusOr<SignedIn>& signed_in = *symptoms.signed_in;
  if (!signed_in.ok()) {
    return Failed("sign-in", signed_in.status(),
                  "`patform help sign-in` lists the ways to sign in");
  }
  const std::string& name =
      signed_in->name.empty() ? signed_in->oid : signed_in->name;
  const std::string what =
      absl::StrCat(name.empty() ? "an access token" : name,
                   symptoms.source.empty() ? "" : ", by ", symptoms.source);
  if (signed_in->rests_until - symptoms.now < kSignInEnds) {
    return Warning(
        "sign-in",
        absl::StrCat(what, "; it ends ",
                     FormatRelative(signed_in->rests_until, symptoms.now),
                     signed_in->rests_why.empty() ? "" : ": ",
                     signed_in->rests_why),
        "Sign in again before then: patform login");
  }
  return Ok("sign-in", what);
}

// What the access token says of itself; nullopt: nothing is wrong. In the order
// of what helps: a new access token for the wrong service, or of an
// application, would be refused like this one. Claims are hints: one that is
// missing is never a fault, and the service has the last word under "list".
std::optional<Check> WrongClaim(const Symptoms& symptoms) {
  const SignedIn& user = **symptoms.signed_in;
  const auto failed = [](const std::string& what, const char* fix) {
    return Failed("claims", absl::UnauthenticatedError(what), fix);
  };
  if (user.app_only) {
    return failed(
        "an application is signed in, without a user: the service makes no "
        "tokens for service principals and managed identities",
        kAppOnly);
  }
  if (!user.audience.empty() && user.audience != "Azure DevOps") {
    return failed(absl::StrCat("the access token is for ", user.audience,
                               " and not for Azure DevOps"),
                  "Ask for the resource 499b84ac-1321-427f-aa17-267ca6975798");
  }
  if (user.expires <= symptoms.now) {
    return failed(absl::StrCat("the access token ended ",
                               FormatRelative(user.expires, symptoms.now)),
                  "Get a new one; if it is new, compare the clock");
  }
  const std::string& tenant =
      symptoms.route ? symptoms.route->tenant : std::string();
  if (!tenant.empty() && !user.tenant.empty() && tenant != user.tenant) {
    return failed(absl::StrCat("the sign-in is of the tenant ", user.tenant,
                               ", the organization belongs to ", tenant),
                  "Name the organization's tenant: [auth] tenant = \"…\"");
  }
  if (user.expires - symptoms.now < kShortLived) {
    return Warning("claims",
                   absl::StrCat("the access token ends ",
                                FormatRelative(user.expires, symptoms.now)),
                   "A long apply may need another one: get a new one first, or "
                   "use a source that renews it");
  }
  return std::nullopt;
}

// Opaque access tokens are in order: Microsoft calls their content nobody's
// business but the service's.
Check OfClaims(const Symptoms& symptoms) {
  if (!(*symptoms.signed_in).ok()) {
    return NotTried("claims", "nobody is signed in");
  }
  if (std::optional<Check> wrong = WrongClaim(symptoms)) return *wrong;
  const SignedIn& user = **symptoms.signed_in;
  if (user.expires == absl::InfiniteFuture() && !user.scopes) {
    return Ok("claims", "the access token cannot be read, which is no fault");
  }
  return Ok("claims",
            user.expires == absl::InfiniteFuture()
                ? "a user's access token"
                : absl::StrCat("a user's access token, ends ",
                               FormatRelative(user.expires, symptoms.now)));
}

// A plan is green and its apply red where this fails. Nothing may be created to
// find that out: each token that is made sends two mails and stays in the
// organization's log. The organization's policy has no documented address, so
// what it would say is known at the first create and not before.
Check OfCreate(const Symptoms& symptoms) {
  if (!symptoms.signed_in || !(*symptoms.signed_in).ok()) {
    return NotTried("create", "nobody is signed in");
  }
  const SignedIn& user = **symptoms.signed_in;
  if (!user.scopes || user.scopes->empty()) {
    return NotTried("create", "the access token does not say what it may do");
  }
  for (const std::string_view scope : user.scopes->items()) {
    const LifecycleScope* known = FindLifecycleScope(scope);
    if (known != nullptr && known->may_mint) {
      return Ok("create",
                absl::StrCat("the access token may (", AbslView(scope),
                             "); nothing was created, so the organization's "
                             "policies show at the first apply"));
    }
  }
  return Failed(
      "create",
      absl::PermissionDeniedError(absl::StrCat(
          "the access token may list tokens and not create any: it carries ",
          user.scopes->text())),
      "Add the delegated permission vso.pats_manage of Azure DevOps to the app "
      "registration and consent to it; for plans alone it is not needed");
}

// One line for each organization: a user may be a member of one and have been
// removed from another. The first page is enough; reading all of them is what
// `status` does.
void AddLists(const Symptoms& symptoms, std::vector<Check>& checks) {
  if (symptoms.lists.empty()) {
    checks.push_back(NotTried("list", "nobody is signed in"));
  }
  for (const Symptoms::Listed& list : symptoms.lists) {
    checks.push_back(About(
        list.organization,
        list.status.ok() ? Ok("list", absl::StrCat(Count(list.tokens, "token"),
                                                   list.more ? " or more" : ""))
                         : Failed("list", list.status, "")));
  }
}

// What an apply asks of a sink before it mints. The message of a sink says what
// to mend by itself, so there is no advice of ours.
void AddStores(const Symptoms& symptoms, std::vector<Check>& checks) {
  if (symptoms.stores.empty()) {
    checks.push_back(NotTried("sink", "no token is delivered anywhere"));
  }
  for (const Symptoms::Store& store : symptoms.stores) {
    Check check;
    if (store.status.ok()) {
      check = Ok("sink",
                 absl::StrCat(Count(store.places, "place"), " can be written"));
    } else {
      check = Failed("sink", store.status, "");
      if (!store.place.empty()) {
        check.what = absl::StrCat(store.place, ": ", check.what);
      }
    }
    checks.push_back(About(store.name, std::move(check)));
  }
}

// Rules of the work tree alone: what somebody's own git ignores elsewhere does
// not protect the others who commit to it.
Check OfGit(const Symptoms& symptoms) {
  const std::vector<std::string>& places = *symptoms.committed;
  if (places.empty()) return Ok("git", "would add no place of a secret");
  return Warning(
      "git",
      absl::StrCat("would add ", places.front(),
                   places.size() > 1 ? absl::StrCat(" and ", places.size() - 1,
                                                    " more places of secrets")
                                     : ", a place of a secret"),
      "Add it to .gitignore, or deliver elsewhere");
}

}  // namespace

// Every check has its line on every page, so that two pages can be compared and
// a line that is missing is not taken for one that is well.
std::vector<Check> Diagnose(const Symptoms& symptoms) {
  std::vector<Check> checks = {OfConfiguration(symptoms)};
  if (symptoms.route) {
    AddRoute(symptoms, checks);
    checks.push_back(OfClock(symptoms));
  } else {
    for (const char* id : {"dns", "proxy", "tls", "clock"}) {
      checks.push_back(NotTried(id, "no organization is known"));
    }
  }
  if (symptoms.signed_in) {
    checks.push_back(OfSignIn(symptoms));
    checks.push_back(OfClaims(symptoms));
  } else {
    for (const char* id : {"sign-in", "claims"}) {
      checks.push_back(NotTried(id, "the configuration is not valid"));
    }
  }
  AddLists(symptoms, checks);
  checks.push_back(OfCreate(symptoms));
  AddStores(symptoms, checks);
  checks.push_back(symptoms.committed
                       ? OfGit(symptoms)
                       : NotTried("git", "the configuration is not valid"));
  return checks;
}

// Causes come before what follows from them: the first failure is the one to
// mend, and the exit code is its.
absl::Status WorstOf(const std::vector<Check>& checks) {
  for (const Check& check : checks) {
    if (check.verdict == Verdict::kFailed) return check.status;
  }
  return absl::OkStatus();
}

}  // namespace patform
