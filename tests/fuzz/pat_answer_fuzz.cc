// Answers of the PAT API: the first byte is the status, the rest the body.
// What is not understood is an error; no error shows control characters, the
// bearer or a token, or grows with the body.
#include <cstdint>

#include "providers/azure_devops/pat_api.h"
#include "providers/azure_devops/pat_errors.h"
#include "tests/fuzz/fuzz.h"

namespace patform::azure_devops {
namespace {

constexpr size_t kLongestMessage = 4000;

void CheckMessage(const absl::Status& status, std::string_view input) {
  const std::string message(status.message());
  FUZZ_CHECK(fuzz::FitForTerminal(message), message);
  FUZZ_CHECK(!message.empty() && message.size() < kLongestMessage, input);
}

FUZZ_TARGET(std::string_view input) {
  if (input.empty()) return;
  static constexpr int kStatuses[] = {200, 201, 203, 204, 302, 400, 401, 403,
                                      404, 409, 413, 429, 500, 502, 503, 599};
  const int status = kStatuses[static_cast<uint8_t>(input[0]) % 16];
  const std::string_view body = input.substr(1);

  for (TokenFilter filter :
       {TokenFilter::kActive, TokenFilter::kExpired, TokenFilter::kRevoked}) {
    const absl::StatusOr<TokenPage> page = ParsePage(body, filter);
    if (!page.ok()) {
      FUZZ_CHECK(absl::IsDataLoss(page.status()), body);
      const std::string message(page.status().message());
      FUZZ_CHECK(fuzz::FitForTerminal(message), message);
      continue;
    }
    for (const ActualToken& token : page->tokens) {
      FUZZ_CHECK(!token.id.IsNil(), body);
    }
  }
  const absl::StatusOr<TokenResult> result = ParseResult(body);
  if (result.ok()) {
    FUZZ_CHECK(!result->token || !result->token->id.IsNil(), body);
    FUZZ_CHECK(result->secret.empty() || result->token.has_value(), body);
  } else {
    FUZZ_CHECK(absl::IsDataLoss(result.status()), body);
    CheckMessage(result.status(), body);
  }

  http::Response response;
  response.status = status;
  response.headers.push_back({"Content-Type", "application/json"});
  response.body = Secret(body);
  for (Operation operation : {Operation::kList, Operation::kCreate,
                              Operation::kUpdate, Operation::kRevoke}) {
    const AnswerContext context = {operation, "contoso", BearerHint::kNone};
    const absl::Status error = AnswerError(response, context);
    FUZZ_CHECK(!error.ok(), body);
    CheckMessage(error, body);
    if (result.ok() && result->error != "none") {
      CheckMessage(RefusalStatus(result->error, result->message, context),
                   body);
    }
  }
}

}  // namespace
}  // namespace patform::azure_devops
