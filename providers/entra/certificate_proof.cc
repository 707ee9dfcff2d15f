#include "providers/entra/certificate_proof.h"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"

namespace patform::entra {
namespace {

namespace json = boost::json;

// As short as clocks that differ allow: whoever sees it could use it so long.
constexpr absl::Duration kGood = absl::Minutes(5);

}  // namespace

absl::Status CertificateProof::AddTo(Form& form, const TokenEndpoint& endpoint,
                                     Deadline) {
  const absl::Time now = clock_->Now();
  // Entra's own refusal would not say which of both is wrong.
  if (now >= certificate_.not_after() || now < certificate_.not_before()) {
    return absl::UnauthenticatedError(absl::StrCat(
        "signing in: the certificate of `certificate` is good from ",
        FormatDay(certificate_.not_before()), " to ",
        FormatDay(certificate_.not_after()), ", and today is ", FormatDay(now),
        " by this machine's clock. Add a new one to the app registration"));
  }
  // `x5t`, the SHA-1 of older clients, is left out.
  const json::object header = {{"alg", "PS256"},
                               {"typ", "JWT"},
                               {"x5t#S256", certificate_.thumbprint()}};
  const std::string& client = endpoint.registration().client_id;
  const json::object claims = {
      {"aud", endpoint.Address("token")},
      {"iss", client},
      {"sub", client},
      {"jti", absl::StrCat(absl::Hex(random_(), absl::kZeroPad16),
                           absl::Hex(random_(), absl::kZeroPad16))},
      {"iat", absl::ToUnixSeconds(now)},
      {"nbf", absl::ToUnixSeconds(now)},
      {"exp", absl::ToUnixSeconds(now + kGood)}};
  Secret assertion(absl::StrCat(Base64Url(json::serialize(header)), ".",
                                Base64Url(json::serialize(claims))));
  const std::string signature = certificate_.Sign(assertion.Reveal());
  assertion.Append(".");
  assertion.Append(signature);
  AddAssertion(form, assertion);
  return absl::OkStatus();
}

}  // namespace patform::entra
