#include "providers/entra/browser_sign_in.h"

#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/digest.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "providers/entra/browser.h"
#include "providers/entra/claims.h"
#include "providers/entra/pkce.h"
#include "providers/entra/redirect.h"
#include "providers/http/loopback.h"

// The order of RFC 8252: listen, then send the browser away, then wait. The
// address holds no secret: the challenge is no verifier. A local user who reads
// it from the browser's command line could still sign in with the same state,
// nonce and challenge and have their account taken for this one, as with every
// program that signs in this way; `login` therefore says who signed in.
namespace patform::entra {
namespace {

// Microsoft's "OAuth 2.0 authorization code flow", the request of a code.
std::string AuthorizeUrl(const TokenEndpoint& endpoint, const Pkce& pkce,
                         const std::string& redirect_uri,
                         const std::string& claims) {
  const Registration& of = endpoint.registration();
  std::vector<std::pair<const char*, std::string>> parameters = {
      {"client_id", of.client_id},
      {"response_type", "code"},
      {"redirect_uri", redirect_uri},
      {"response_mode", "query"},
      {"scope", of.scopes},
      {"state", pkce.state},
      {"nonce", pkce.nonce},
      {"code_challenge", pkce.challenge},
      {"code_challenge_method", "S256"},
      // Whoever runs `login` wants to choose: the browser's own user is often
      // another one than the one whose tokens these are.
      {"prompt", "select_account"}};
  if (!claims.empty()) parameters.emplace_back("claims", claims);
  std::string url = endpoint.Address("authorize");
  char separator = '?';
  for (const auto& [name, value] : parameters) {
    url += separator;
    absl::StrAppend(&url, name, "=", PercentEncode(value));
    separator = '&';
  }
  return url;
}

// Without `openid` in the scopes there is no id_token, and nothing to compare;
// PKCE ties the code to this process as well.
absl::Status CheckNonce(const TokenAnswer& answer, const Pkce& pkce) {
  if (answer.id_token.empty() ||
      SameInConstantTime(ReadClaims(answer.id_token.Reveal()).nonce,
                         pkce.nonce)) {
    return absl::OkStatus();
  }
  return absl::UnauthenticatedError(
      "signing in: the answer is of another sign-in than this one and is not "
      "used. Run the command again, and look for a program that interferes");
}

absl::Status Refused(const Redirect& redirect, const TokenEndpoint& endpoint,
                     absl::Time now) {
  Refusal refusal;
  refusal.error = redirect.error;
  refusal.description = redirect.description;
  refusal.number = NumberIn(redirect.description);
  return SignInError(refusal, {&endpoint.registration(), endpoint.login()},
                     now);
}

// A wrong redirect URI or application shows as a page in the browser, and
// nothing ever comes back.
absl::Status NobodyCame(const TokenEndpoint& endpoint, bool is_public) {
  return absl::UnauthenticatedError(absl::StrCat(
      "signing in: nothing came back from the browser in time. If it shows an "
      "error, add the redirect URI http://localhost to the app registration, "
      "under \"",
      is_public ? "Mobile and desktop applications" : "Web",
      "\". Without a browser: `", endpoint.login(), " --device-code`"));
}

}  // namespace

absl::StatusOr<TokenAnswer> SignInByBrowser(TokenEndpoint& endpoint,
                                            const BrowserRequest& request,
                                            LoginListener& listener,
                                            const Machine& machine,
                                            Deadline deadline) {
  PATFORM_ASSIGN_OR_RETURN(const std::unique_ptr<http::Loopback> loopback,
                           http::Loopback::Listen());
  const Pkce pkce = MakePkce(machine.random);
  const std::string redirect_uri = RedirectUri(loopback->port());
  const std::string url =
      AuthorizeUrl(endpoint, pkce, redirect_uri, request.claims);
  const bool started = request.start && OpenBrowser(machine, url);
  listener.OnBrowser(url, started);
  const absl::StatusOr<Redirect> redirect = WaitForRedirect(
      *loopback, pkce.state, *machine.clock, deadline, machine.interrupted);
  if (absl::IsDeadlineExceeded(redirect.status())) {
    return NobodyCame(endpoint, request.proof == nullptr);
  }
  PATFORM_RETURN_IF_ERROR(redirect.status());
  if (!redirect->error.empty()) {
    return Refused(*redirect, endpoint, machine.clock->Now());
  }
  // The same URI again, although nobody is redirected any more: RFC 6749,
  // section 4.1.3. A code is good for one use, so that nothing is sent twice.
  Form form;
  form.Add("grant_type", "authorization_code")
      .Add("code", redirect->code.Reveal())
      .Add("redirect_uri", redirect_uri)
      .Add("code_verifier", pkce.verifier.Reveal())
      .Add("scope", endpoint.registration().scopes);
  if (request.proof != nullptr) {
    PATFORM_RETURN_IF_ERROR(request.proof->AddTo(form, endpoint, deadline));
  }
  PATFORM_ASSIGN_OR_RETURN(TokenAnswer answer,
                           endpoint.Redeem(form, Resend::kNever, deadline));
  PATFORM_RETURN_IF_ERROR(CheckNonce(answer, pkce));
  return answer;
}

}  // namespace patform::entra
