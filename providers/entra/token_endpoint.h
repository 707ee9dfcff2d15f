#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/base/clock.h"
#include "engine/base/secret.h"
#include "providers/entra/registration.h"
#include "providers/entra/sign_in_errors.h"
#include "providers/entra/sources.h"

namespace patform::entra {

// The body of a request: application/x-www-form-urlencoded, in memory that is
// wiped.
class Form {
 public:
  Form& Add(std::string_view name, std::string_view value);
  // What `more` has as well.
  Form& Add(const Form& more);
  const Secret& body() const { return body_; }

 private:
  Secret body_;
};

// What a grant was exchanged for (RFC 6749, 5.1).
struct TokenAnswer {
  Secret access_token;
  Secret refresh_token;     // empty: the answer has none
  Secret id_token;          // likewise
  absl::Duration lifetime;  // of the access token, from now on
  std::string scope;        // what it carries, separated by spaces
  // How long the refresh token may rest; nullopt: the answer does not say, and
  // Entra's never do. 90 days are what it documents.
  std::optional<absl::Duration> refresh_lifetime;
};

// A sign-in that waits for a person with another device (RFC 8628, 3.2).
struct DeviceCode {
  Secret device_code;
  std::string user_code;         // to be typed in; for people, not made visible
  std::string verification_uri;  // where
  std::string message;           // says so in the service's own words
  absl::Duration lifetime;
  absl::Duration interval;  // between two questions whether it was
};

// May a request be sent again whose answer was lost?
enum class Resend {
  kNever,     // a code is good for one use
  kHarmless,  // Entra leaves the refresh token good that was used
};

// The two addresses of Microsoft Entra ID (v2.0) that answer programs:
// .../oauth2/v2.0/token and .../devicecode. No redirect is followed; an answer
// is bounded; a call takes two minutes at most. Safe from several threads.
class TokenEndpoint {
 public:
  // `machine` has a transport, a clock and the state of retries; `login`:
  // SignInContext::login. Nothing is sent.
  TokenEndpoint(Registration registration, const Machine& machine,
                std::string login);

  // Exchanges what `form` has: grant_type and its fields; client_id is added.
  // Errors: SignInError(), and kUnavailable where no answer came. `refusal`,
  // unless null, gets what was refused; its `error` is "" where nothing was.
  absl::StatusOr<TokenAnswer> Redeem(const Form& form, Resend resend,
                                     Deadline deadline,
                                     Refusal* refusal = nullptr);
  absl::StatusOr<DeviceCode> AskDeviceCode(Deadline deadline);

  const Registration& registration() const { return registration_; }
  const std::string& login() const { return login_; }
  // .../oauth2/v2.0/LEAF, as text. A token endpoint is the audience of an
  // assertion.
  std::string Address(std::string_view leaf) const;

 private:
  absl::StatusOr<http::Response> Post(std::string_view leaf, const Form& form,
                                      Resend resend, Deadline deadline);
  absl::Status Refused(const http::Response& response, Refusal* refusal) const;

  const Registration registration_;
  const Machine machine_;
  const std::string login_;
  std::mutex mutex_;  // of the transport
  std::unique_ptr<http::Transport> transport_;
};

}  // namespace patform::entra
