#pragma once

#include <string>

#include "absl/time/time.h"
#include "engine/base/secret.h"
#include "providers/http/transport.h"

// AWS Signature Version 4 (docs.aws.amazon.com/IAM/latest/UserGuide,
// "Create a signed AWS API request"): the secret key never leaves the machine;
// what is sent is an HMAC over the request, good for some minutes, for one
// region and one service.
//
// By hand: Debian has no small library for it (aws-sdk-cpp brings a second
// HTTP client, a second JSON and a second TLS), and it is forty lines over
// the HMAC of engine/base/digest.h.
namespace patform::sinks {

struct AwsKeys {
  std::string id;  // AKIA… or ASIA…: not secret
  Secret secret;
  Secret session_token;  // empty: keys of a user, which do not end
  absl::Time expires = absl::InfiniteFuture();

  AwsKeys Clone() const;
};

// What a signature is good for.
struct AwsScope {
  std::string region;   // "eu-west-1"
  std::string service;  // "secretsmanager"
};

// Adds X-Amz-Date, X-Amz-Security-Token and Authorization to `request`, which
// has no query and a path that needs no escapes. Its headers must not change
// afterwards; all of them are signed.
void SignAws(const AwsKeys& keys, const AwsScope& scope, absl::Time now,
             http::Request& request);

}  // namespace patform::sinks
