#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "engine/base/words.h"
#include "engine/model/authorization_id.h"

namespace patform {

// One run has this long from the POST to the last delivery.
inline constexpr absl::Duration kDeliveryDeadline = absl::Minutes(10);
// So what is older than this and not delivered, or not delivered whole, belongs
// to no run any more. The rest is for clocks that differ.
inline constexpr absl::Duration kAgeFence = absl::Minutes(30);

// What a sink keeps beside a secret: which token it belongs to.
struct SinkRecord {
  AuthorizationId id;
  int64_t generation = 0;
  std::string workspace;
  std::string organization;
  std::string token;     // the human name when it was delivered
  std::string address;   // Delivery::Address() of its own place
  std::string user_oid;  // whose token it is, if known; `owner` in the file
  absl::Time valid_to;   // as granted
  absl::Time written_at;
  // This service gives a token that it changes a new secret: this one came
  // with the answer to an update, or a record said so when it was minted.
  bool renewed_by_update = false;

  friend bool operator==(const SinkRecord&, const SinkRecord&) = default;
};

// The answer to "whose secret do you hold at this place?".
struct HeldRecord {
  enum class State {
    kAbsent,   // nothing is there
    kPresent,  // see `record`
    kForeign,  // a value is there that patform did not put: hands off
    kUnknown,  // could not be read: never taken for absent
    // In a store that takes two writes, the secret and then its record: the
    // record is of another version than the data, and has been for longer
    // than any run takes. Some token of ours is there, nobody knows which.
    // While it is younger the store's adapter answers kUnknown.
    kTorn,
    kSilent,  // the store keeps no record: only what is written is known
  };

  State state = State::kUnknown;
  std::optional<SinkRecord> record;  // kPresent
  // Names this very content for compare-and-set; opaque; "" when absent.
  std::string version;
  absl::Status why;  // kUnknown: the reason; kForeign: what was found
  // The store refuses a write when its content has moved since the read.
  bool compare_and_set = true;
  // What a person should see to about the place itself, though it can be read:
  // "\"secrets/a\" is open to other users (mode 0644)". Decides nothing.
  std::string caution;

  static HeldRecord Absent() { return {State::kAbsent, {}, "", {}}; }
  static HeldRecord Unknown(absl::Status why) {
    return {State::kUnknown, {}, "", std::move(why)};
  }
};

inline constexpr WordFor<HeldRecord::State> kHeldStateWords[] = {
    {HeldRecord::State::kAbsent, "absent"},
    {HeldRecord::State::kPresent, "present"},
    {HeldRecord::State::kForeign, "foreign"},
    {HeldRecord::State::kUnknown, "unknown"},
    {HeldRecord::State::kTorn, "torn"},
    {HeldRecord::State::kSilent, "silent"}};
constexpr auto& WordsOf(HeldRecord::State) { return kHeldStateWords; }
static_assert(AllInOrder(kHeldStateWords, HeldRecord::State::kSilent));

}  // namespace patform
