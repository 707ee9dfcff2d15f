#include "providers/entra/device_code.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"

// The clock decides everything here, and a test's clock needs no time: the
// pauses, the end of the code, and how a signal ends both.
namespace patform::entra {
namespace {

constexpr char kGrant[] = "urn:ietf:params:oauth:grant-type:device_code";
// RFC 8628, section 3.5: by so much, for this and all later questions.
constexpr absl::Duration kSlower = absl::Seconds(5);
// A service that asks for more of a pause would let the code run out.
constexpr absl::Duration kLongestPause = absl::Minutes(1);

}  // namespace

absl::StatusOr<TokenAnswer> SignInByDeviceCode(TokenEndpoint& endpoint,
                                               ClientProof* proof,
                                               LoginListener& listener,
                                               Clock& clock,
                                               Deadline deadline) {
  PATFORM_ASSIGN_OR_RETURN(const DeviceCode code,
                           endpoint.AskDeviceCode(deadline));
  listener.OnCode(code.verification_uri, code.user_code, code.message,
                  clock.Now() + code.lifetime);
  const Deadline ends = std::min(deadline, After(clock, code.lifetime));
  absl::Duration interval =
      std::clamp(code.interval, absl::Seconds(1), kLongestPause);
  absl::Duration pause = interval;
  // The first question comes after the first pause: nobody is that fast.
  while (After(clock, pause) < ends) {
    if (!clock.SleepUntil(After(clock, pause))) {
      return absl::CancelledError("interrupted while waiting for the code");
    }
    // The scopes were named with the code and are not repeated: RFC 8628, 3.4.
    Form form;
    form.Add("grant_type", kGrant)
        .Add("device_code", code.device_code.Reveal());
    // Each time: a proof is good for minutes, and people take longer.
    if (proof != nullptr) {
      PATFORM_RETURN_IF_ERROR(proof->AddTo(form, endpoint, ends));
    }
    Refusal refusal;
    absl::StatusOr<TokenAnswer> answer =
        endpoint.Redeem(form, Resend::kHarmless, ends, &refusal);
    if (answer.ok() || absl::IsCancelled(answer.status())) return answer;
    if (refusal.error == "slow_down") {
      interval = std::min(interval + kSlower, kLongestPause);
    } else if (absl::IsUnavailable(answer.status()) ||
               absl::IsDeadlineExceeded(answer.status())) {
      // The network, or the service: it may pass, and the code goes on ageing.
      pause = std::min(pause * 2, kLongestPause);
      continue;
    } else if (refusal.error != "authorization_pending") {
      return answer;
    }
    pause = interval;
  }
  return absl::UnauthenticatedError(
      absl::StrCat("signing in: nobody used the code in time. Run `",
                   endpoint.login(), " --device-code` for a new one"));
}

}  // namespace patform::entra
