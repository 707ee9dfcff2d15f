#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "engine/base/secret.h"
#include "providers/azure_devops/bearer_hint.h"
#include "providers/azure_devops/token_errors.h"
#include "providers/http/transport.h"

// From what the service answered to what people read: what happened, what it
// means, what to do next. No text holds a bearer, a token or a whole body;
// words of the service are made visible and cut.
namespace patform::azure_devops {

struct AnswerContext {
  Operation operation;
  std::string organization;
  BearerHint bearer = BearerHint::kNone;
  std::shared_ptr<const Secret> sent;  // of a create: the bearer that went out
};

// "creating a token in organization \"contoso\"".
std::string Doing(const AnswerContext& context);

// The message when the answer to a change did not arrive or cannot be read.
const char* MayHaveBeenDone(Operation operation);

// A result whose error is `name`, with the service's own words.
absl::Status RefusalStatus(std::string_view name, std::string_view message,
                           const AnswerContext& context);

// Does the answer want somebody to sign in? 203, a redirect, or a page of HTML
// in the place of an answer.
bool IsSignInPage(const http::Response& response);

// The claims that a 401 asks for (continuous access evaluation), decoded;
// nullopt: it does not ask for any. Whoever answered so will refuse the same
// bearer again.
std::optional<std::string> WantedClaims(const http::Response& response);

// Any answer that is not a success. A named error in the body counts for more
// than the status; `typeKey` comes next. For a create, an answer that leaves
// open whether the token was made is kUnknown.
absl::Status AnswerError(const http::Response& response,
                         const AnswerContext& context);

}  // namespace patform::azure_devops
