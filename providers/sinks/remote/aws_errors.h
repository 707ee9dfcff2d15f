#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "providers/http/secret_json.h"
#include "providers/http/transport.h"
#include "providers/sinks/remote/rest_store.h"

// What the errors of AWS's JSON services mean. Nearly all of them have status
// 400; what they are is in `__type` of the body ("Common Errors" of the API
// reference).
namespace patform::sinks {

// Of an answer. A page of a list has 100 secrets of at most 50 tags.
inline constexpr http::SecretJson::Limits kAwsLimits = {16 << 20, 8};

// "ResourceNotFoundException"; "": the answer does not tell.
std::string AwsErrorOf(const http::SecretJson& body);

// Was it refused only because of how many requests there were?
bool IsAwsThrottling(std::string_view error);

// The error that an answer is. By its type where that is known, otherwise as
// RestStore::Refused has it: kAlreadyExists for ResourceExistsException,
// kUnauthenticated for whatever is wrong with keys and signatures.
absl::Status AwsRefusal(const RestStore& store, const http::Response& answer,
                        const http::SecretJson& body, const Purpose& purpose);

}  // namespace patform::sinks
