#include "providers/sinks/remote/aws_errors.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "engine/base/clock.h"
#include "engine/base/strings.h"

namespace patform::sinks {
namespace {

// A clock that differs by five minutes fails every signature.
constexpr absl::Duration kSkew = absl::Minutes(4);

// nullopt: as its status has it.
std::optional<absl::StatusCode> CodeOf(std::string_view error) {
  // With and without "Exception": the former of JSON services, the latter of
  // what stands before them and checks signatures.
  constexpr std::pair<std::string_view, absl::StatusCode> kCodes[] = {
      {"ResourceNotFoundException", absl::StatusCode::kNotFound},
      {"ResourceExistsException", absl::StatusCode::kAlreadyExists},
      {"AccessDeniedException", absl::StatusCode::kPermissionDenied},
      {"AccessDenied", absl::StatusCode::kPermissionDenied},
      {"UnrecognizedClientException", absl::StatusCode::kUnauthenticated},
      {"InvalidClientTokenId", absl::StatusCode::kUnauthenticated},
      {"ExpiredTokenException", absl::StatusCode::kUnauthenticated},
      {"ExpiredToken", absl::StatusCode::kUnauthenticated},
      {"InvalidSignatureException", absl::StatusCode::kUnauthenticated},
      {"SignatureDoesNotMatch", absl::StatusCode::kUnauthenticated},
      {"RequestExpired", absl::StatusCode::kUnauthenticated},
      {"IncompleteSignature", absl::StatusCode::kUnauthenticated},
      {"MissingAuthenticationToken", absl::StatusCode::kUnauthenticated}};
  for (const auto& [name, code] : kCodes) {
    if (name == error) return code;
  }
  if (IsAwsThrottling(error)) return absl::StatusCode::kResourceExhausted;
  return std::nullopt;
}

// What to do about it, behind AWS's own words.
std::string Advice(std::string_view error, const http::Response& answer,
                   absl::Time now) {
  // Of keys with a session token: an hour, or as long as the role allows.
  if (error.starts_with("ExpiredToken")) {
    return ". Sign in to AWS again";
  }
  if (error == "UnrecognizedClientException" ||
      error == "InvalidClientTokenId") {
    return ". The access key is not one of this partition of AWS, or was "
           "deleted";
  }
  if (CodeOf(error) == absl::StatusCode::kUnauthenticated) {
    // A signature names its moment. What AWS says about it is an essay on
    // canonical requests; the answer's Date tells in a word.
    const std::optional<absl::Time> theirs = http::DateOf(answer);
    if (theirs && absl::AbsDuration(*theirs - now) > kSkew) {
      return absl::StrCat(". The clock of this machine is ",
                          FormatSpan(absl::AbsDuration(*theirs - now)),
                          *theirs > now ? " behind" : " ahead of",
                          " that of AWS: set it");
    }
    return ". Is AWS_SECRET_ACCESS_KEY the one of this key?";
  }
  if (error == "DecryptionFailure" || error == "EncryptionFailure") {
    return ". Its KMS key is disabled, or may not be used by this role";
  }
  return "";
}

}  // namespace

// Some services put their namespace before it, and a '#'.
std::string AwsErrorOf(const http::SecretJson& body) {
  if (body.object() == nullptr) return "";
  std::string_view type = http::TextMember(*body.object(), "__type");
  if (const size_t hash = type.rfind('#'); hash != std::string_view::npos) {
    type.remove_prefix(hash + 1);
  }
  return std::string(type.substr(0, 100));
}

bool IsAwsThrottling(std::string_view error) {
  return error == "ThrottlingException" || error == "Throttling" ||
         error == "TooManyRequestsException" ||
         error == "RequestLimitExceeded" ||
         error == "RequestThrottledException";
}

// The words of AWS are shown as they are, with advice behind them: they name
// the action, the role and the resource, which is what an administrator needs.
absl::Status AwsRefusal(const RestStore& store, const http::Response& answer,
                        const http::SecretJson& body, const Purpose& purpose) {
  const std::string error = AwsErrorOf(body);
  std::string told = error;
  if (!error.empty()) {
    // Spelled both ways: the older errors have a capital letter.
    for (const char* key : {"message", "Message"}) {
      const std::string_view text = http::TextMember(*body.object(), key);
      if (!text.empty()) absl::StrAppend(&told, ": ", AbslView(text));
    }
  }
  const absl::Status refused = store.Refused(answer, purpose, told);
  const std::string message =
      absl::StrCat(refused.message(), Advice(error, answer, store.Now()));
  const absl::StatusCode code = CodeOf(error).value_or(refused.code());
  // An earlier try may have done what this one is refused for. Of those two
  // the caller looks, whatever the reason.
  if (answer.repeated && purpose.writes &&
      code != absl::StatusCode::kAlreadyExists &&
      code != absl::StatusCode::kFailedPrecondition) {
    return absl::UnknownError(message);
  }
  return absl::Status(code, message);
}

}  // namespace patform::sinks
