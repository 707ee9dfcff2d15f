#include "providers/entra/federated_proof.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "providers/http/allowed_hosts.h"
#include "providers/http/secret_json.h"

namespace patform::entra {
namespace {

constexpr http::SecretJson::Limits kLimits = {256 << 10, 8};
// What Entra wants to be the audience of a federated JWT.
constexpr char kAudience[] = "api%3A%2F%2FAzureADTokenExchange";

// A CI whose jobs have an identity.
struct Ci {
  const char* name;            // of `assertion`
  const char* url_variable;    // where to ask
  const char* token_variable;  // with which token
  const char* member;          // of the answer
  const char* method;
  std::vector<std::string> hosts;
  const char* how;  // what the pipeline lacks where a variable is missing
};

// Facts: the credentials of the same purpose in Microsoft's SDKs, and GitHub's
// page "About security hardening with OpenID Connect".
const std::vector<Ci>& Cis() {
  static const auto& rows = *new std::vector<Ci>{
      {"azure-pipelines",
       "SYSTEM_OIDCREQUESTURI",
       "SYSTEM_ACCESSTOKEN",
       "oidcToken",
       "POST",
       {"dev.azure.com", "*.visualstudio.com"},
       "Give the step env: SYSTEM_ACCESSTOKEN: $(System.AccessToken); a job of "
       "Azure Pipelines has the other one"},
      {"github",
       "ACTIONS_ID_TOKEN_REQUEST_URL",
       "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
       "value",
       "GET",
       {"*.actions.githubusercontent.com"},
       "Give the job permissions: id-token: write"}};
  return rows;
}

// It goes into a form, so that any character would do; but nothing else than a
// JWT is of use.
bool IsJwt(std::string_view text) {
  return std::count(text.begin(), text.end(), '.') == 2 &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return c > ' ' && c < 0x7f; });
}

class CiProof : public ClientProof {
 public:
  CiProof(const Ci& ci, std::string service_connection, Machine machine)
      : ci_(ci),
        service_connection_(std::move(service_connection)),
        machine_(std::move(machine)) {}

  absl::Status AddTo(Form& form, const TokenEndpoint&,
                     Deadline deadline) override {
    PATFORM_ASSIGN_OR_RETURN(const http::Url url, Url());
    const Secret token(machine_.environment(ci_.token_variable).value_or(""));
    if (token.empty()) return Missing(ci_.token_variable);
    http::Request request;
    request.method = ci_.method;
    request.url = url;
    // Suppress: answer 401 rather than send a browser to the sign-in page.
    request.headers = {{"Accept", "application/json"},
                       {"X-TFS-FedAuthRedirect", "Suppress"}};
    request.bearer = &token;
    if (request.method == "POST") request.content_type = "application/json";
    // One JWT more does no harm.
    request.harmless_twice = true;
    request.repeat_when_limited = true;
    const auto transport = machine_.new_transport();
    const absl::StatusOr<http::Response> answer = http::SendWithRetry(
        *transport, *machine_.clock, *machine_.retry, request, deadline);
    if (!answer.ok()) {
      return Annotate(
          answer.status(),
          absl::StrCat("asking ", ci_.name, " for the identity of this job"));
    }
    // What vouches for this job opens the app registration for some minutes: it
    // is treated like a token.
    const http::SecretJson body(answer->body.Reveal(), kLimits);
    const std::string_view jwt =
        answer->status != 200 || body.object() == nullptr
            ? std::string_view()
            : http::TextMember(*body.object(), ci_.member);
    if (!IsJwt(jwt)) return Refused(answer->status);
    AddAssertion(form, Secret(jwt));
    return absl::OkStatus();
  }

 private:
  absl::Status Missing(const char* variable) const {
    return absl::UnauthenticatedError(absl::StrCat(
        "signing in: ", variable, " is not set, and assertion = \"", ci_.name,
        "\" needs it. ", ci_.how));
  }

  absl::Status Refused(int status) const {
    return absl::Status(
        status >= 500 || status == 429 ? absl::StatusCode::kUnavailable
                                       : absl::StatusCode::kUnauthenticated,
        absl::StrCat("signing in: ", ci_.name,
                     " gave no identity of this job (", status, "). ", ci_.how,
                     service_connection_.empty()
                         ? ""
                         : ", and check `service_connection`: the job must be "
                           "allowed to use it"));
  }

  // Whoever can set a variable of the job would otherwise get its token.
  absl::StatusOr<http::Url> Url() const {
    const std::string text =
        machine_.environment(ci_.url_variable).value_or("");
    if (text.empty()) return Missing(ci_.url_variable);
    absl::StatusOr<http::Url> url = http::ParseUrl(text);
    if (!url.ok() ||
        !http::AllowedHosts{ci_.hosts, machine_.grants->hosts}.Contains(*url)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "signing in: ", ci_.url_variable,
          url.ok() ? absl::StrCat(" names the host ", Visible(url->Authority()),
                                  ", which")
                   : " is an address that",
          " is not ", absl::StrJoin(ci_.hosts, " or "), ", and would get ",
          ci_.token_variable, ". Nothing was sent. If it is yours, allow it ",
          "where the pipeline is defined: --allow-host HOST[:PORT] or "
          "PATFORM_ALLOW_HOSTS"));
    }
    // GitHub's address has a query, that of Azure Pipelines has none.
    const bool has_query = url->target.find('?') != std::string::npos;
    absl::StrAppend(
        &url->target, has_query ? "&" : "?",
        service_connection_.empty()
            ? absl::StrCat("audience=", kAudience)
            : absl::StrCat("api-version=7.1-preview.1&serviceConnectionId=",
                           PercentEncode(service_connection_)));
    return url;
  }

  const Ci& ci_;
  const std::string service_connection_;
  const Machine machine_;
};

class FileProof : public ClientProof {
 public:
  FileProof(std::string path, std::string shown, Machine machine)
      : path_(std::move(path)),
        shown_(std::move(shown)),
        machine_(std::move(machine)) {}

  absl::Status AddTo(Form& form, const TokenEndpoint&, Deadline) override {
    const absl::StatusOr<Secret> text = machine_.read_secret(path_);
    const auto wrong = [this](const char* what) {
      return absl::UnauthenticatedError(absl::StrCat(
          "signing in: the file of `assertion_file` (", Visible(shown_), ") ",
          what, ". Whatever keeps it has to put a JWT there"));
    };
    // Without the system's words: they name the path, a part of which may come
    // from the environment.
    if (!text.ok()) return wrong("cannot be read");
    std::string_view jwt = text->Reveal();
    while (jwt.ends_with('\n') || jwt.ends_with('\r')) jwt.remove_suffix(1);
    if (!IsJwt(jwt)) return wrong("holds no JWT and nothing else");
    AddAssertion(form, Secret(jwt));
    return absl::OkStatus();
  }

 private:
  const std::string path_;
  const std::string shown_;
  const Machine machine_;
};

}  // namespace

void AddAssertion(Form& form, const Secret& assertion) {
  form.Add("client_assertion_type",
           "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
      .Add("client_assertion", assertion.Reveal());
}

std::unique_ptr<ClientProof> MakeCiProof(const std::string& assertion,
                                         const std::string& service_connection,
                                         const Machine& machine) {
  // One of both: the configuration's reader has seen to it.
  const Ci& ci = assertion == Cis().front().name ? Cis().front() : Cis().back();
  return std::make_unique<CiProof>(ci, service_connection, machine);
}

std::unique_ptr<ClientProof> MakeFileProof(const std::string& path,
                                           const std::string& shown,
                                           const Machine& machine) {
  return std::make_unique<FileProof>(path, shown, machine);
}

}  // namespace patform::entra
