#include "providers/azure_devops/pat_errors.h"

#include <algorithm>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/clock.h"
#include "engine/base/strings.h"
#include "providers/azure_devops/pat_api.h"
#include "providers/http/retry.h"

// From an answer to a status whose code is for the caller and whose text is
// for a person: what to do. The order of AnswerError() at the end is the heart
// of it: the more specific witness wins. A demand for claims, a named refusal
// (patTokenError), a platform error (typeKey), the look of a sign-in page, and
// last the HTTP status, which the service uses loosely: policy refusals come
// with 200, a missing sign-in with 203 or 302.
//
// A create is special throughout: as soon as it may have made a token, the code
// is kUnknown, so that the executor looks for it by its mark instead of making
// another.
namespace patform::azure_devops {
namespace {

using Code = absl::StatusCode;

// In characters. The service's messages may quote names and whole requests.
constexpr int kMaxShown = 300;
constexpr char kSignInAgain[] =
    "Sign in again (az login, then a fresh PATFORM_ACCESS_TOKEN) as a user of "
    "this organization.";
// The nil GUID: an organization of Microsoft accounts.
constexpr char kNoTenant[] = "00000000-0000-0000-0000-000000000000";

// Text of the service for people: visible, cut at 300 characters.
std::string Shown(std::string_view text) {
  std::string_view kept = text;
  for (size_t at = 0, count = 0; at < text.size(); ++at) {
    // Continuation bytes of UTF-8 do not begin a character, and are never cut
    // off.
    if ((static_cast<unsigned char>(text[at]) & 0xc0) == 0x80) continue;
    if (++count > kMaxShown) {
      kept = text.substr(0, at);
      break;
    }
  }
  // Visible(): what the service says reaches terminals, logs and pull requests.
  return absl::StrCat(Visible(kept), kept.size() < text.size() ? " …" : "");
}

// Quoted, so that nobody takes it for patform's own advice.
std::string ServiceAdds(std::string_view message) {
  if (message.empty()) return "";
  return absl::StrCat(" The service says: \"", Shown(message), "\"");
}

// A clause as the beginning of a sentence.
std::string Sentence(std::string clause) {
  if (!clause.empty()) {
    clause[0] = absl::ascii_toupper(static_cast<unsigned char>(clause[0]));
  }
  return clause;
}

absl::Status Make(Code code, const AnswerContext& context,
                  const std::string& text) {
  return absl::Status(code, absl::StrCat(Doing(context), ": ", text));
}

// Letters, digits, dots and dashes: a GUID or the name of a host or tenant. A
// tenant or a host goes into a command that people copy.
bool IsPlainName(std::string_view text) {
  return !text.empty() && text.size() <= 253 &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                  c == '.' || c == '-';
         });
}

// The tenant that the service asks to sign in to; "": it names none.
// Headers of a 401; Git Credential Manager reads them as well.
std::string WantedTenant(const http::Response& response) {
  if (const auto tenant = response.Find("X-VSS-ResourceTenant");
      tenant && IsPlainName(*tenant)) {
    return std::string(*tenant);
  }
  // WWW-Authenticate: Bearer authorization_uri=https://login.../TENANT
  const auto challenge = response.Find("WWW-Authenticate");
  if (!challenge) return "";
  constexpr std::string_view kKey = "authorization_uri=";
  const size_t found = challenge->find(kKey);
  if (found == std::string_view::npos) return "";
  std::string_view uri = challenge->substr(found + kKey.size());
  uri = uri.substr(0, uri.find_first_of(", \""));
  const std::string_view tenant = uri.substr(uri.rfind('/') + 1);
  return IsPlainName(tenant) ? std::string(tenant) : "";
}

std::string TenantAdvice(const http::Response& response) {
  const std::string tenant = WantedTenant(response);
  if (tenant.empty()) return "";
  if (tenant == kNoTenant) {
    return " The organization is not connected to an Entra tenant, and without "
           "one tokens can only be managed in the browser.";
  }
  return absl::StrCat(" The organization belongs to the tenant ", tenant,
                      ": sign in there (az login --tenant).");
}

// Is the bearer one of another tenant than the organization's? Both are known
// by their ids, or it is not.
bool OtherTenant(const AnswerContext& context, const std::string& wanted) {
  constexpr size_t kGuid = 36;
  const std::string& own = context.bearer.tenant;
  return own.size() == kGuid && wanted.size() == kGuid && IsPlainName(own) &&
         wanted != kNoTenant && !absl::EqualsIgnoreCase(own, wanted);
}

// What the claims show nothing of: `happened` alone, and what may be the cause.
std::string Unexplained(const std::string& happened,
                        const http::Response& response,
                        const AnswerContext& context) {
  const std::string wanted = WantedTenant(response);
  if (OtherTenant(context, wanted)) {
    return absl::StrCat("the access token", context.bearer.who,
                        " is for the tenant ", context.bearer.tenant,
                        ", and the organization belongs to the tenant ", wanted,
                        ". Sign in there (az login --tenant ", wanted,
                        "), then set a fresh PATFORM_ACCESS_TOKEN.");
  }
  if (context.bearer.kind == BearerHint::kFine ||
      context.bearer.kind == BearerHint::kReadsOnly) {
    return absl::StrCat(
        happened, " The access token", context.bearer.who,
        " is for Azure DevOps, so its user may have no access to this "
        "organization, or the sign-in was withdrawn.",
        TenantAdvice(response), " ", kSignInAgain);
  }
  return absl::StrCat(happened,
                      " The access token has expired, or is for another tenant "
                      "or resource.",
                      TenantAdvice(response), " ", kSignInAgain);
}

// `happened`: a sentence on what the service did; `message`: its own words.
absl::Status NotSignedIn(const http::Response& response,
                         const AnswerContext& context,
                         const std::string& happened,
                         std::string_view message = "") {
  const BearerHint& bearer = context.bearer;
  // kReadsOnly: a known state, not a sign-in that went wrong: planning works
  // with it.
  const bool writes = context.operation != Operation::kList &&
                      context.operation != Operation::kGet;
  if (bearer.IsCause() || (bearer.kind == BearerHint::kReadsOnly && writes)) {
    const std::string wanted = WantedTenant(response);
    const bool elsewhere = absl::EndsWith(bearer.fix, entra::kGetAccessToken) &&
                           OtherTenant(context, wanted);
    return Make(
        Code::kUnauthenticated, context,
        absl::StrCat(bearer.cause, "; the service answered ", response.status,
                     ". ", bearer.fix, elsewhere ? " --tenant " + wanted : ""));
  }
  return Make(Code::kUnauthenticated, context,
              absl::StrCat(Unexplained(happened, response, context),
                           ServiceAdds(message)));
}

// The value of a quoted parameter of a challenge; "": it is not there. A
// challenge may have several parameters, in any order (RFC 9110, 11.6.1).
std::string_view Parameter(std::string_view challenge, std::string_view name) {
  const std::string start = absl::StrCat(AbslView(name), "=\"");
  for (size_t at = challenge.find(start); at != std::string_view::npos;
       at = challenge.find(start, at + 1)) {
    // At the beginning of a parameter, not the end of a longer name: "error" is
    // found in "my_error" as well.
    if (at > 0 && challenge[at - 1] != ' ' && challenge[at - 1] != ',') {
      continue;
    }
    const std::string_view value = challenge.substr(at + start.size());
    return value.substr(0, value.find('"'));
  }
  return "";
}

// The claims as the service sent them; nullopt: it did not ask for any.
// Microsoft's claims challenge: Conditional Access or a risk policy wants a
// sign-in that proves more, such as a second factor. Only a new sign-in with
// these claims helps.
std::optional<std::string_view> ClaimsChallenge(
    const http::Response& response) {
  // Only there does it ask for a sign-in.
  if (response.status != 401) return std::nullopt;
  for (const http::Header& header : response.headers) {
    if (!absl::EqualsIgnoreCase(header.name, "WWW-Authenticate")) continue;
    if (Parameter(header.value, "error") != "insufficient_claims") continue;
    return Parameter(header.value, "claims");
  }
  return std::nullopt;
}

absl::Status MoreClaims(const http::Response& response,
                        const std::string& claims,
                        const AnswerContext& context) {
  // Longer ones are not printed as an argument; the claims themselves are
  // shown, cut.
  constexpr size_t kLongest = 1000;
  const std::string_view sent = ClaimsChallenge(response).value_or("");
  // Base64 of either alphabet. Anything else is not put into a command line
  // that people paste into a shell.
  const bool plain =
      !sent.empty() && sent.size() <= kLongest &&
      std::all_of(sent.begin(), sent.end(), [](char c) {
        return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
               std::string_view("+/=-_").find(c) != std::string_view::npos;
      });
  return Make(
      Code::kUnauthenticated, context,
      absl::StrCat(
          "the service answered 401, insufficient_claims: it asks for "
          "a sign-in that meets ",
          claims.empty() ? "claims that cannot be read" : Shown(claims),
          ". The same access token will be refused again. Sign in with "
          "these claims (az login",
          plain ? absl::StrCat(" --claims-challenge ", AbslView(sent)) : "",
          "), then set a fresh PATFORM_ACCESS_TOKEN."));
}

// The host in a Location header; "": it names none. For the message only: no
// redirect is followed, since whoever answers there would get the bearer.
std::string LocationHost(const http::Response& response) {
  const auto location = response.Find("Location");
  if (!location) return "";
  // A relative Location stays on the host, and names none.
  const size_t scheme = location->find("://");
  if (scheme == std::string_view::npos) return "";
  std::string_view host = location->substr(scheme + 3);
  host = host.substr(0, host.find_first_of("/?#"));
  // User names are cut off: "https://dev.azure.com@evil.example" is
  // evil.example.
  host = host.substr(host.rfind('@') + 1);
  host = host.substr(0, host.find(':'));
  return IsPlainName(host) ? std::string(host) : "";
}

// The type may be missing or wrong; JSON never begins with '<'.
bool IsHtml(const http::Response& response) {
  const auto type = response.Find("Content-Type");
  if (type && absl::StartsWithIgnoreCase(AbslView(*type), "text/html")) {
    return true;
  }
  const std::string_view body = response.body.Reveal();
  // The three bytes of a byte order mark, too.
  const size_t first = body.find_first_not_of(" \t\r\n\xef\xbb\xbf");
  return first != std::string_view::npos && body[first] == '<';
}

// A browser would be sent to login.microsoftonline.com; for a program it means
// that the bearer was not accepted. The answer may have 203, which is a success
// to most HTTP libraries, and a page in the place of JSON.
absl::Status SignInPage(const http::Response& response,
                        const AnswerContext& context) {
  const bool redirects = response.status >= 300 && response.status < 400;
  const std::string host = LocationHost(response);
  const std::string what =
      redirects ? absl::StrCat("a redirect", host.empty() ? "" : " to ", host)
                : std::string("a page of HTML");
  return NotSignedIn(
      response, context,
      absl::StrCat("the service asks for a sign-in (", response.status, ", ",
                   what, "), or a proxy on the way answered in its place."));
}

// The errors of the platform that are known. nullopt: this one is not. typeKey,
// not the message: the text is translated into the user's language.
std::optional<absl::Status> KnownPlatformError(const PlatformError& error,
                                               const http::Response& response,
                                               const AnswerContext& context) {
  const std::string& key = error.type_key;
  const std::string adds = ServiceAdds(error.message);
  // A preview version that was switched off, or one that this server does not
  // have.
  if (key == "VssInvalidPreviewVersionException" ||
      key == "VssVersionOutOfRangeException" ||
      key == "VssVersionNotSpecifiedException") {
    return Make(Code::kInvalidArgument, context,
                absl::StrCat("the service does not offer the version of the "
                             "API that was asked for. Use 7.1-preview.1 or "
                             "7.2-preview.1.",
                             adds));
  }
  // What the service answers to a revocation of a token that is gone already;
  // the executor counts it as done.
  if (key == "SessionTokenNotFoundException") {
    return Make(Code::kNotFound, context,
                "the service has no such token. It was revoked or removed "
                "before, or belongs to another user or organization. Run "
                "patform plan again.");
  }
  // Service principals, managed identities and personal access tokens alike. No
  // other sign-in of theirs will be accepted, so "sign in again" would mislead.
  if (key == "InvalidAccessException") {
    if (context.bearer.IsCause()) {
      return Make(Code::kPermissionDenied, context,
                  absl::StrCat(context.bearer.cause, ". ", context.bearer.fix));
    }
    return Make(
        Code::kPermissionDenied, context,
        absl::StrCat("only a user who signed in through Entra may manage "
                     "tokens; this is a service principal, a managed identity "
                     "or a personal access token. Sign in as a user.",
                     adds));
  }
  if (key == "UnauthorizedRequestException") {
    return NotSignedIn(response, context,
                       "the service does not accept the sign-in.",
                       error.message);
  }
  if (key == "AccessCheckException") {
    return Make(
        Code::kPermissionDenied, context,
        absl::StrCat("the signed-in user lacks a permission. Ask an "
                     "administrator of the organization for it, or sign in as "
                     "another user.",
                     adds));
  }
  // TF400898 with this key: the body was not JSON. We wrote it.
  if (key == "JsonReaderException") {
    return Make(Code::kInternal, context,
                absl::StrCat("the service could not read the request "
                             "(TF400898). That is a defect of patform: please "
                             "report it.",
                             adds));
  }
  // ASP.NET refuses a path with reserved characters before the API sees it.
  if (key == "HttpException") {
    return Make(Code::kInvalidArgument, context,
                absl::StrCat("the service does not accept the address of the "
                             "request. Check the name of the organization.",
                             adds));
  }
  return std::nullopt;
}

// What a status means where the body has nothing more precise.
struct StatusMeaning {
  int status;
  Code code;
  const char* advice;
};

constexpr StatusMeaning kStatusMeanings[] = {
    {400, Code::kInvalidArgument,
     "It does not accept the request. Check the organization and the token's "
     "settings."},
    {403, Code::kPermissionDenied,
     "The signed-in user may not do this, or a policy of the organization "
     "forbids it. Check who is signed in, or ask an administrator."},
    // The service hides organizations from those who may not see them.
    {404, Code::kPermissionDenied,
     "The organization does not exist, or the signed-in user has no access to "
     "it; the service does not say which. Check the name of the organization "
     "and who is signed in."},
    {409, Code::kAborted,
     "Something changed at the same time. Run patform again."},
    // If a create was carried out nevertheless, its mark shows it.
    {429, Code::kResourceExhausted,
     "This user has asked for too much in the last minutes."},
};

// An answer that nothing of the API's accounts for: a gateway's, a proxy's, or
// none at all.
absl::Status Unexpected(const http::Response& response,
                        const AnswerContext& context,
                        const std::string& answered, const std::string& adds) {
  const bool success = response.status >= 200 && response.status < 300;
  const std::string what =
      response.body.empty()
          ? "The answer is empty, where there should be JSON. "
          : "The answer is not one that the API sends. ";
  // The create may have been carried out, and its answer lost on the way.
  if (success && context.operation == Operation::kCreate) {
    return Make(
        Code::kUnknown, context,
        absl::StrCat(answered, what, MayHaveBeenDone(context.operation), adds));
  }
  return Make(success ? Code::kDataLoss : Code::kFailedPrecondition, context,
              absl::StrCat(answered, what,
                           "A proxy on the way may have answered in the "
                           "service's place; check the address and the proxy "
                           "settings.",
                           adds));
}

// "Run patform again in 5m", or when the service asks for it.
std::string WhenAgain(const http::Response& response, const char* otherwise) {
  const auto asked = response.Find("Retry-After");
  const auto date = response.Find("Date");
  absl::Time sent = absl::InfinitePast();
  std::string why;
  // A date is compared with the service's own clock.
  if (date) {
    absl::ParseTime("%a, %d %b %Y %H:%M:%S GMT", AbslView(*date), &sent, &why);
  }
  const std::optional<absl::Duration> wait =
      asked ? http::ParseRetryAfter(*asked, sent) : std::nullopt;
  if (!wait || *wait <= absl::ZeroDuration() ||
      *wait == absl::InfiniteDuration()) {
    return absl::StrCat("Run patform again in ", otherwise);
  }
  return absl::StrCat("The service asks to wait ", FormatSpan(*wait),
                      ": run patform again after that");
}

absl::Status ByStatus(const http::Response& response,
                      const AnswerContext& context, const std::string& adds) {
  const int status = response.status;
  const std::string answered =
      absl::StrCat("the service answered ", status, ". ");
  for (const StatusMeaning& meaning : kStatusMeanings) {
    if (meaning.status != status) continue;
    std::string advice = meaning.advice;
    if (status == 403 && context.bearer.IsCause()) {
      advice = absl::StrCat(Sentence(context.bearer.cause), ". ",
                            context.bearer.fix);
    } else if (status == 429) {
      absl::StrAppend(&advice, " ", WhenAgain(response, "five minutes"),
                      ", with a lower --parallelism.");
    }
    return Make(meaning.code, context, absl::StrCat(answered, advice, adds));
  }
  if (status < 500 && status != 408) {
    return Unexpected(response, context, answered, adds);
  }
  // A gateway in front of the service may answer this after the work was done;
  // not even a Retry-After promises that it was not.
  if (context.operation == Operation::kCreate) {
    return Make(Code::kUnknown, context,
                absl::StrCat(answered, "It failed on the way. ",
                             MayHaveBeenDone(context.operation), adds));
  }
  return Make(Code::kUnavailable, context,
              absl::StrCat(answered, "It is in trouble. ",
                           WhenAgain(response, "a few minutes"),
                           "; status.dev.azure.com has details.", adds));
}

}  // namespace

// The beginning of each message, such as: creating a token in organization
// "contoso".
std::string Doing(const AnswerContext& context) {
  const char* what = "";
  switch (context.operation) {
    case Operation::kList:
      what = "listing the tokens of";
      break;
    case Operation::kGet:
      what = "reading a token of";
      break;
    case Operation::kCreate:
      what = "creating a token in";
      break;
    case Operation::kUpdate:
      what = "changing a token in";
      break;
    case Operation::kRevoke:
      what = "revoking a token in";
      break;
    case Operation::kProve:
      what = "trying a new token's secret in";
      break;
  }
  return absl::StrCat(what, " organization \"", Visible(context.organization),
                      "\"");
}

// What happens next, for an error that leaves open whether anything was done.
const char* MayHaveBeenDone(Operation operation) {
  return operation == Operation::kCreate
             ? "The token may exist: patform looks for it, by its mark, before "
               "it makes another."
             : "It may have been done: patform looks again before it acts.";
}

// A refusal by name. The text is patform's own (token_errors.cc), because the
// service explains none of them; its message, new in 7.2, is added.
absl::Status RefusalStatus(std::string_view name, std::string_view message,
                           const AnswerContext& context) {
  // Names are added now and then, two of them in 2026: unknown ones must end in
  // a message and not in a crash.
  const TokenError* error = FindTokenError(name);
  if (error == nullptr) {
    return Make(Code::kFailedPrecondition, context,
                absl::StrCat("the service refuses with \"", Shown(name),
                             "\", which this version of patform does not know. "
                             "Nothing was done. Look the name up in the "
                             "documentation of the PAT API, or try a newer "
                             "patform.",
                             ServiceAdds(message)));
  }
  // "none" with a create and no token: reported as success, so it may exist.
  const bool lost = context.operation == Operation::kCreate && name == "none";
  return Make(lost ? Code::kUnknown : error->code, context,
              absl::StrCat(error->happened, " (", error->name, "). ",
                           error->means, *error->means ? " " : "",
                           error->what_to_do, ServiceAdds(message)));
}

// 203 Non-Authoritative Information is what Azure DevOps answers with its
// sign-in page. Redirects are never anything else here.
bool IsSignInPage(const http::Response& response) {
  const int status = response.status;
  if (status == 203 || (status >= 300 && status < 400)) return true;
  return status >= 200 && status < 300 && IsHtml(response);
}

std::optional<std::string> WantedClaims(const http::Response& response) {
  // Claims have a few hundred bytes.
  constexpr size_t kLongest = 8192;
  const std::optional<std::string_view> sent = ClaimsChallenge(response);
  if (!sent) return std::nullopt;
  std::string claims;
  // Entra sends base64 with padding; RFC 4648's other alphabet, and a padding
  // that is too long or too short, are seen as well.
  const std::string_view bare =
      sent->substr(0, sent->find_last_not_of('=') + 1);
  if (sent->size() > kLongest ||
      (!absl::Base64Unescape(AbslView(bare), &claims) &&
       !absl::WebSafeBase64Unescape(AbslView(bare), &claims))) {
    return "";
  }
  return claims;
}

absl::Status AnswerError(const http::Response& response,
                         const AnswerContext& context) {
  // First: such a 401 has an ordinary body as well, which would say less.
  if (const auto claims = WantedClaims(response)) {
    return MoreClaims(response, *claims, context);
  }
  const std::string_view body = response.body.Reveal();
  // A named refusal counts whatever the status: it comes with 200, and was seen
  // with 400, 401 and 403.
  const absl::StatusOr<TokenResult> result = ParseResult(body);
  if (result.ok() && result->error != "none") {
    return RefusalStatus(result->error, result->message, context);
  }
  const std::optional<PlatformError> error = ParsePlatformError(body);
  std::string adds;
  if (error) {
    if (const auto known = KnownPlatformError(*error, response, context)) {
      return *known;
    }
    // The older endpoint gives the name of the refusal as the message.
    const TokenError* named = FindTokenError(error->message);
    if (named != nullptr && error->message != "none") {
      return RefusalStatus(error->message, "", context);
    }
    adds = ServiceAdds(error->message);
    if (!error->type_key.empty()) {
      absl::StrAppend(&adds, " (", Shown(error->type_key), ")");
    }
  }
  // After the bodies: a platform error may come with 203, and explains more.
  if (IsSignInPage(response)) return SignInPage(response, context);
  if (response.status == 401) {
    return NotSignedIn(response, context,
                       "the service answered 401, not signed in.",
                       error ? error->message : "");
  }
  return ByStatus(response, context, adds);
}

}  // namespace patform::azure_devops
