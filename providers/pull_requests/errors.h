#pragma once

#include "absl/status/status.h"
#include "engine/ports/pull_request.h"
#include "providers/http/transport.h"
#include "providers/pull_requests/host.h"

// From what a code host answered to what people read. No text holds a token;
// words of the host are made visible and cut.
namespace patform::pull_requests {

// The variable that holds the job's token.
const char* TokenVariable(PullRequestTarget::System system);

// kUnauthenticated, with the lines that a pipeline needs.
absl::Status MissingToken(PullRequestTarget::System system);

// A page of HTML or 203 in the place of an answer.
bool IsSignInPage(const http::Response& response);

// Any answer that is not a success. One that leaves open whether something that
// must not happen twice was done is kUnknown.
absl::Status AnswerError(const http::Response& response,
                         const PullRequestTarget& target,
                         const Purpose& purpose);

// No answer at all. kUnknown only where that matters, see AnswerError.
absl::Status TransportError(const absl::Status& status, const Purpose& purpose);

// An answer of another shape than the API's; `what` is missing in it.
absl::Status Unreadable(const std::string& what, const Purpose& purpose);

}  // namespace patform::pull_requests
