#include "providers/sinks/remote/aws_sign.h"

#include <map>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "engine/base/digest.h"
#include "engine/base/strings.h"

namespace patform::sinks {
namespace {

constexpr char kAlgorithm[] = "AWS4-HMAC-SHA256";

// Each step's result is the next one's key, and the last one as good as the
// secret key for a day.
Secret SigningKey(const AwsKeys& keys, const AwsScope& scope,
                  const std::string& day) {
  Secret key("AWS4");
  key.Append(keys.secret.Reveal());
  for (const std::string& part :
       {day, scope.region, scope.service, std::string("aws4_request")}) {
    key = HmacSha256Key(key, part);
  }
  return key;
}

// As they are sent, by name in lower case. What the transport adds beside Host
// and Content-Type (User-Agent, Content-Length) a proxy may change: not signed.
std::map<std::string, std::string> SignedHeaders(const http::Request& request) {
  std::map<std::string, std::string> headers;
  headers["host"] = request.url.Authority();
  if (!request.body.empty()) headers["content-type"] = request.content_type;
  for (const http::Header& header : request.headers) {
    headers[absl::AsciiStrToLower(header.name)] = header.value;
  }
  return headers;
}

}  // namespace

AwsKeys AwsKeys::Clone() const {
  return {id, secret.Clone(), session_token.Clone(), expires};
}

// The three steps of the documentation: the request in canonical form, the
// string to sign with its digest, and the HMAC of that.
void SignAws(const AwsKeys& keys, const AwsScope& scope, absl::Time now,
             http::Request& request) {
  const std::string moment =
      absl::FormatTime("%Y%m%dT%H%M%SZ", now, absl::UTCTimeZone());
  const std::string day = moment.substr(0, 8);
  // In place of Date, which the transport or a proxy might set.
  request.headers.push_back({"X-Amz-Date", moment});
  if (!keys.session_token.empty()) {
    // Useless without the secret key, so a header like any other.
    request.headers.push_back(
        {"X-Amz-Security-Token", std::string(keys.session_token.Reveal())});
  }
  std::string names, canonical = absl::StrCat(request.method, "\n",
                                              request.url.target, "\n\n");
  for (const auto& [name, value] : SignedHeaders(request)) {
    absl::StrAppend(&canonical, name, ":", value, "\n");
    absl::StrAppend(&names, names.empty() ? "" : ";", name);
  }
  // The body's digest is in what is signed: no other body is taken for it.
  absl::StrAppend(&canonical, "\n", names, "\n", Sha256(request.body.Reveal()));
  const std::string where =
      absl::StrCat(day, "/", scope.region, "/", scope.service, "/aws4_request");
  const Secret signature =
      HmacSha256Key(SigningKey(keys, scope, day),
                    absl::StrCat(kAlgorithm, "\n", moment, "\n", where, "\n",
                                 Sha256(canonical)));
  request.headers.push_back(
      {"Authorization",
       absl::StrCat(kAlgorithm, " Credential=", keys.id, "/", where,
                    ", SignedHeaders=", names, ", Signature=",
                    absl::BytesToHexString(AbslView(signature.Reveal())))});
}

}  // namespace patform::sinks
