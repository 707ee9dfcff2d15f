#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "providers/entra/registration.h"
#include "providers/http/transport.h"

// From what the sign-in service answered to what people read. `error` and
// `suberror` decide (RFC 6749, 5.2; Microsoft's suberrors); the numbers in the
// text, AADSTS…, may change at any time, says Microsoft, and choose nothing
// but the words. No message holds a token, and none more than three short
// sentences.
namespace patform::entra {

// An answer of the token endpoint that is not a success. Texts are as they
// came: not for people yet. "" or 0: it does not say.
struct Refusal {
  int status = 0;           // of HTTP
  std::string error;        // "invalid_grant"
  std::string suberror;     // "bad_token"
  int number = 0;           // 700082 of AADSTS700082
  std::string description;  // in the service's words
  std::string correlation;  // an id that an administrator finds it by
  std::string timestamp;    // the service's
  std::string claims;       // JSON, for the next interactive sign-in
  absl::Time date = absl::InfinitePast();  // of the answer, by its own clock
  std::optional<absl::Duration> retry_after;
};

Refusal ReadRefusal(const http::Response& response, absl::Time now);

// Who was refused, and what a person does next.
struct SignInContext {
  const Registration* registration = nullptr;
  std::string login;  // the command: "patform login"
};

// kUnauthenticated: a person has to act. kUnavailable: it may pass.
// kFailedPrecondition: something else answered in the service's place.
absl::Status SignInError(const Refusal& refusal, const SignInContext& context,
                         absl::Time now);

// The first number of an AADSTS code in `text`, other programs' output too;
// 0: there is none.
int NumberIn(std::string_view text);

// The words for a number: what is wrong and what to do, two sentences. nullopt:
// they are not known.
std::optional<std::string> WordsFor(int number, const SignInContext& context);

// Text of the service for people: one line, visible, bounded, and nothing in
// it that could be a token.
std::string ShownDescription(std::string_view text);

}  // namespace patform::entra
