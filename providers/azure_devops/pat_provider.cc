#include "providers/azure_devops/pat_provider.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "engine/model/encode.h"
#include "providers/azure_devops/pat_api.h"

// Two ports on top of one PatService: reading alone (PatReader, for plans, with
// nothing in it that could change a token) and everything (PatProvider). What
// both do is in free functions.
namespace patform::azure_devops {
namespace {

// A success by its status and by its looks; the body is judged after that.
bool IsSuccess(const http::Response& response) {
  return response.status >= 200 && response.status < 300 &&
         !IsSignInPage(response);
}

// By name, upwards: of the three orders that the service has, the only one in
// which time moves no row. A date moves when a token is extended or retired,
// and the status when it ends. A row that appears while pages are read can
// then only push others to a later page, where they are read twice and
// ListTokens folds them.
std::string ListQuery(TokenFilter filter, const std::string& continuation) {
  // $top=100 is the most that the service takes; its default may be 20.
  std::string query =
      absl::StrCat("displayFilterOption=", Word(StateOf(filter)),
                   "&sortByOption=displayName&isSortAscending=true&$top=100");
  // Every page repeats the filter: the service does not keep it in the token.
  if (!continuation.empty()) {
    absl::StrAppend(&query, "&continuationToken=", PercentEncode(continuation));
  }
  return query;
}

absl::StatusOr<TokenPage> List(PatService& service, TokenFilter filter,
                               const std::string& continuation,
                               Deadline deadline) {
  AnswerContext context = service.Context(Operation::kList);
  const absl::StatusOr<http::Response> sent = service.Send(
      "GET", ListQuery(filter, continuation), "", context, deadline);
  // The deadline of the whole list rather than of this page: worth other words.
  if (absl::IsDeadlineExceeded(sent.status()) &&
      service.Monotonic() >= deadline) {
    return absl::DeadlineExceededError(absl::StrCat(
        Doing(context),
        ": the time for the whole list is up and it has not come to its end: "
        "the service answers too slowly. Nothing was changed; try again "
        "later"));
  }
  if (!sent.ok()) return sent.status();
  const http::Response& response = *sent;
  if (!IsSuccess(response)) return AnswerError(response, context);
  absl::StatusOr<TokenPage> page = ParsePage(response.body.Reveal(), filter);
  if (page.ok()) {
    const std::optional<absl::Time> date = http::DateOf(response);
    // How far the service is ahead, as of this page. Ages are measured with it.
    if (date) page->clock_ahead = *date - service.Now();
    return page;
  }
  // A named refusal explains more than the lack of a list.
  const absl::Status named = AnswerError(response, context);
  if (named.code() != absl::StatusCode::kDataLoss) return named;
  return Annotate(page.status(), Doing(context));
}

// A result that reports success and is about the token asked for.
absl::StatusOr<TokenResult> ReadResult(PatService& service,
                                       const http::Response& response,
                                       const AnswerContext& context) {
  if (!IsSuccess(response)) return AnswerError(response, context);
  absl::StatusOr<TokenResult> result = ParseResult(response.body.Reveal());
  // Not a result: what is it then? AnswerError() may know a better answer, such
  // as a sign-in page or a platform error in a success.
  if (!result.ok()) {
    const absl::Status named = AnswerError(response, context);
    const bool unnamed = named.code() == absl::StatusCode::kDataLoss ||
                         named.code() == absl::StatusCode::kUnknown;
    return unnamed ? Annotate(result.status(), Doing(context)) : named;
  }
  // Success needs both: "none", and a token. Either alone was seen.
  if (result->error != "none" || !result->token) {
    return RefusalStatus(result->error, result->message, context);
  }
  // By the service's clock: it decides when a token ends.
  const absl::Time now = http::DateOf(response).value_or(service.Now());
  result->token->state = result->token->valid_to <= now ? TokenState::kExpired
                                                        : TokenState::kActive;
  return result;
}

// What was done is not known when the answer to a change cannot be read.
absl::Status Unread(const absl::Status& status, const AnswerContext& context) {
  if (status.code() != absl::StatusCode::kDataLoss) return status;
  return absl::UnknownError(
      absl::StrCat(status.message(), " ", MayHaveBeenDone(context.operation)));
}

// An answer about another token than the one asked for, as a cache in between
// could give it. Acting on it would change what nobody named.
absl::Status OtherToken(const AnswerContext& context,
                        const AuthorizationId& asked,
                        const AuthorizationId& answered) {
  return absl::DataLossError(absl::StrCat(
      Doing(context), ": the service was asked about the token ",
      asked.ToString(), " and answered about ", answered.ToString(),
      ". The answer cannot be trusted; run patform again."));
}

absl::StatusOr<ActualToken> Get(PatService& service, const AuthorizationId& id,
                                Deadline deadline) {
  AnswerContext context = service.Context(Operation::kGet);
  PATFORM_ASSIGN_OR_RETURN(
      const http::Response response,
      service.Send("GET", absl::StrCat("authorizationId=", id.ToString()), "",
                   context, deadline));
  PATFORM_ASSIGN_OR_RETURN(TokenResult result,
                           ReadResult(service, response, context));
  // The service's own example shows one id asked for and another answered.
  if (result.token->id != id) return OtherToken(context, id, result.token->id);
  return *std::move(result.token);
}

// What both ports read with. A plan's object has no method that changes
// anything: not even a cast finds one.
template <typename Port>
class PatReading : public Port {
 public:
  explicit PatReading(std::unique_ptr<PatService> service)
      : service_(std::move(service)) {}

  absl::StatusOr<TokenPage> List(TokenFilter filter,
                                 const std::string& continuation,
                                 Deadline deadline) override {
    return azure_devops::List(*service_, filter, continuation, deadline);
  }
  absl::StatusOr<ActualToken> Get(const AuthorizationId& id,
                                  Deadline deadline) override {
    return azure_devops::Get(*service_, id, deadline);
  }
  void Abandon() override { service_->Abandon(); }

 protected:
  const std::unique_ptr<PatService> service_;
};

using PatReader = PatReading<TokenReader>;

class PatWriter : public PatReading<TokenWriter> {
 public:
  using PatReading::PatReading;

  absl::StatusOr<Minted> Create(const CreateRequest& request,
                                Deadline deadline) override;
  absl::StatusOr<Minted> Update(const UpdateRequest& request,
                                Deadline deadline) override;
  absl::Status Prove(const Secret& secret, Deadline deadline) override;
  absl::Status Revoke(const AuthorizationId& id, Deadline deadline) override;
};

// The one request that must never go out: the service reads an absent or empty
// scope as full access.
absl::Status NoScopes() {
  return absl::InternalError(
      "patform was about to ask for a token without scopes, which the service "
      "takes for full access. Nothing was sent. That is a defect of patform: "
      "please report it.");
}

// A service that echoes what it was sent could otherwise have the access token,
// which can make tokens, written to every place.
bool IsHeldBy(const std::shared_ptr<const Secret>& bearer,
              const Secret& secret) {
  return bearer != nullptr && !bearer->empty() &&
         secret.Reveal().find(bearer->Reveal()) != std::string_view::npos;
}

absl::StatusOr<Minted> PatWriter::Create(const CreateRequest& request,
                                         Deadline deadline) {
  // Diff and reader refuse it before; this is the last line.
  if (request.scopes.empty()) return NoScopes();
  AnswerContext context = service_->Context(Operation::kCreate);
  PATFORM_ASSIGN_OR_RETURN(
      const http::Response response,
      service_->Send("POST", "", WriteCreate(request), context, deadline));
  absl::StatusOr<TokenResult> result = ReadResult(*service_, response, context);
  // The body could not be read, but the service reported success: Unread()
  // makes kUnknown of it.
  if (!result.ok()) return Unread(result.status(), context);
  Minted minted;
  // From here on a token exists. Whatever is wrong with it is a flaw for the
  // caller to see, not an error: it has an id that must be revoked.
  minted.token = *std::move(result->token);
  minted.flaw = FlawOf(result->secret);
  if (minted.flaw.empty() && IsHeldBy(context.sent, result->secret)) {
    minted.flaw = "the access token of this run in the place of a secret";
  }
  if (minted.flaw.empty()) minted.secret = std::move(result->secret);
  // More than it was asked for, and more than its places should have.
  if (result->accounts > 1) {
    absl::StrAppend(&minted.flaw, minted.flaw.empty() ? "" : "; ", "valid in ",
                    result->accounts, " organizations instead of in one");
  }
  return minted;
}

absl::StatusOr<Minted> PatWriter::Update(const UpdateRequest& request,
                                         Deadline deadline) {
  if (request.scopes && request.scopes->empty()) return NoScopes();
  AnswerContext context = service_->Context(Operation::kUpdate);
  PATFORM_ASSIGN_OR_RETURN(
      const http::Response response,
      service_->Send("PUT", "", WriteUpdate(request), context, deadline));
  absl::StatusOr<TokenResult> result = ReadResult(*service_, response, context);
  if (!result.ok()) return Unread(result.status(), context);
  // kUnknown, since something was changed, only perhaps not this token.
  if (result->token->id != request.id) {
    return Unread(OtherToken(context, request.id, result->token->id), context);
  }
  Minted updated;
  updated.token = *std::move(result->token);
  if (result->secret.empty()) return updated;
  // A service that gives the token a new secret: who reads the old one has
  // none.
  std::string flaw = FlawOf(result->secret);
  if (flaw.empty() && IsHeldBy(context.sent, result->secret)) {
    flaw = "the access token of this run in the place of a secret";
  }
  if (!flaw.empty()) {
    return absl::UnknownError(absl::StrCat(
        "the service answered an update with ", flaw,
        ". Its places may hold a secret that does not work any more; rotate "
        "the token"));
  }
  updated.secret = std::move(result->secret);
  return updated;
}

// connectionData is what Git Credential Manager asks with a new token, too.
// Whether every scope may read it is documented nowhere; 403 comes after the
// sign-in, so it proves the same.
absl::Status PatWriter::Prove(const Secret& secret, Deadline deadline) {
  const AnswerContext context = service_->Context(Operation::kProve);
  PATFORM_ASSIGN_OR_RETURN(
      const http::Response response,
      service_->AskWithSecret(EncodeSecret(secret, Encoding::kBasic),
                              deadline));
  const bool refused = response.status == 401 || IsSignInPage(response);
  if (response.status == 403 || (IsSuccess(response) && !refused)) {
    return absl::OkStatus();
  }
  const std::string what =
      absl::StrCat(Doing(context), ": the service answered ", response.status);
  if (!refused) return absl::UnavailableError(what);
  return absl::UnauthenticatedError(
      absl::StrCat(what, ": it does not accept the secret that it has given"));
}

// Any 2xx: 200 by the specification, 204 by its examples.
absl::Status PatWriter::Revoke(const AuthorizationId& id, Deadline deadline) {
  AnswerContext context = service_->Context(Operation::kRevoke);
  PATFORM_ASSIGN_OR_RETURN(
      const http::Response response,
      service_->Send("DELETE", absl::StrCat("authorizationId=", id.ToString()),
                     "", context, deadline));
  if (!IsSuccess(response)) return AnswerError(response, context);
  const absl::StatusOr<TokenResult> result =
      ParseResult(response.body.Reveal());
  // A refusal may come with 200 here, too.
  if (result.ok() && result->error != "none") {
    return RefusalStatus(result->error, result->message, context);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<TokenReader>> MakeTokenReader(Config config) {
  PATFORM_ASSIGN_OR_RETURN(std::unique_ptr<PatService> service,
                           PatService::Make(std::move(config)));
  return std::make_unique<PatReader>(std::move(service));
}

absl::StatusOr<std::unique_ptr<TokenWriter>> MakeTokenWriter(Config config) {
  PATFORM_ASSIGN_OR_RETURN(std::unique_ptr<PatService> service,
                           PatService::Make(std::move(config)));
  return std::make_unique<PatWriter>(std::move(service));
}

}  // namespace patform::azure_devops
