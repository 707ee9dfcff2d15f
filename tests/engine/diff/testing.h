#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "engine/base/clock.h"
#include "engine/diff/token_view.h"
#include "engine/model/mark.h"
#include "engine/model/places.h"
#include "tests/fakes/world.h"

// Small words for tables of tokens and records.
namespace patform::testing {

inline const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);
inline constexpr absl::Duration kDay = absl::Hours(24);

inline AuthorizationId Id(int n) {
  return *AuthorizationId::Parse(
      absl::StrFormat("%08x-0000-4000-8000-000000000000", n));
}

// What the tokens say of their places: PlacesPrint of main:ci.
inline constexpr char kHere[] = "sruw";

// "5d", "-1s": how far from kNow, to two units.
inline std::string Away(absl::Time at) {
  if (at == absl::InfiniteFuture()) return "never";
  return absl::StrCat(at < kNow ? "-" : "", FormatSpan(at - kNow));
}

// Of a name with these places.
inline TokenView EmptyView() {
  TokenView view;
  view.places = LazyPlaces(kHere);
  return view;
}

inline std::string Nonce(int n) {
  return absl::StrCat("nonce", absl::Dec(n, absl::kZeroPad7), kHere);
}

// A live token of 30 days that was minted `age` ago.
inline ActualToken Token(int id, const std::string& display_name,
                         absl::Duration age, absl::Duration life = 30 * kDay) {
  ActualToken token;
  token.id = Id(id);
  token.display_name = display_name;
  token.scopes = ScopeSet::Of({"vso.build", "vso.code"});
  token.valid_from = kNow - age;
  token.valid_to = token.valid_from + life;
  if (token.valid_to <= kNow) token.state = TokenState::kExpired;
  return token;
}

// "ci ~pf:w#GENERATION.nonce" with the id's own nonce.
inline ActualToken Marked(int id, const std::string& name, int64_t generation,
                          absl::Duration age, absl::Duration life = 30 * kDay) {
  return Token(id, DisplayName(name, Mark{"w", generation, Nonce(id)}), age,
               life);
}

inline OwnToken Own(int id, int64_t generation, absl::Duration age,
                    absl::Duration life = 30 * kDay) {
  return {Marked(id, "ci", generation, age, life), generation, Nonce(id)};
}

// The same, minted by another version of the file for other places.
inline OwnToken OwnElsewhere(int id, int64_t generation, absl::Duration age) {
  OwnToken own = Own(id, generation, age);
  own.nonce = NonceFor(own.nonce, "else");
  own.token.display_name = DisplayName("ci", Mark{"w", generation, own.nonce});
  return own;
}

inline HeldRecord Held(int id, int64_t generation, const Delivery& place,
                       const std::string& name = "ci") {
  HeldRecord held;
  held.state = HeldRecord::State::kPresent;
  held.version = absl::StrCat("v", generation);
  SinkRecord record;
  record.id = Id(id);
  record.generation = generation;
  record.workspace = "w";
  record.organization = "contoso";
  record.token = name;
  record.address = place.Address();
  record.user_oid = "oid-1";
  held.record = record;
  return held;
}

}  // namespace patform::testing
