#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/base/secret.h"

namespace patform::entra {

// What is kept of one sign-in between runs.
struct KeptSignIn {
  Secret refresh_token;
  // When it ends unless it is used before. Each use moves it.
  absl::Time rests_until = absl::InfiniteFuture();
  // The access token that it was last exchanged for; empty: none.
  Secret access_token;
  absl::Time access_ends = absl::InfinitePast();
  // How long it was good for when it came; not kept between runs.
  absl::Duration access_lifetime = absl::InfiniteDuration();
  // A JSON document: what the service wants the next sign-in to prove, or "".
  std::string claims;
};

// How long a refresh token of Entra may rest (Microsoft's "Refresh tokens in
// the Microsoft identity platform"); its answers do not say.
inline constexpr absl::Duration kMayRest = absl::Hours(24 * 90);
inline constexpr char kRestsWhy[] =
    "a refresh token is good for 90 days without use";

// As one JSON document. `about` are members for a person who looks at it, such
// as the tenant; nothing reads them back.
Secret WriteKept(const KeptSignIn& kept,
                 const std::vector<std::pair<std::string, std::string>>& about);

// kDataLoss: it is not such a document.
absl::StatusOr<KeptSignIn> ReadKept(const Secret& text);

}  // namespace patform::entra
