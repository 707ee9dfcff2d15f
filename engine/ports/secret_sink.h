#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "engine/base/clock.h"
#include "engine/base/secret.h"
#include "engine/model/actual_state.h"
#include "engine/model/desired_state.h"
#include "engine/model/record.h"
#include "engine/model/token.h"
#include "engine/ports/settings.h"

namespace patform {

// Port: reading what a sink holds. Never reads a secret where the store lets
// the record be read without it. Safe from several threads.
class RecordReader {
 public:
  virtual ~RecordReader() = default;
  virtual HeldRecord Read(const Delivery& place, Deadline deadline) = 0;
  // Of many places, in their order: in as few requests as the store's lists
  // allow, or in several at once.
  virtual std::vector<HeldRecord> ReadAll(
      absl::Span<const Delivery* const> places, Deadline deadline) {
    std::vector<HeldRecord> all;
    all.reserve(places.size());
    for (const Delivery* place : places) all.push_back(Read(*place, deadline));
    return all;
  }
  // Every place of the store that holds a record, declared or not, as far as
  // the store can be looked through; `ats`: the `at` of all places that are
  // known. Those that this reader was asked for before may be left out, and
  // what cannot be read is. The names of their sinks are left empty. Bounded.
  virtual std::vector<StrayPlace> Recorded(const std::set<std::string>& ats,
                                           Deadline deadline) {
    static_cast<void>(ats);
    static_cast<void>(deadline);
    return {};
  }
};

// Port: a store that secrets are delivered to.
class SecretSink : public RecordReader {
 public:
  // Can `place` be written? Asked before anything is minted. Leaves nothing
  // behind. kInvalidArgument, kPermissionDenied, kFailedPrecondition.
  virtual absl::Status Check(const Delivery& place, Deadline deadline) = 0;
  // Stores `value` (already encoded) with `record` if the place still holds
  // the version `expected` ("" : nothing). The new version on success.
  // kAborted: something else is there now, nothing was written. kUnknown: it
  // may have been written. Any other: nothing was written.
  virtual absl::StatusOr<std::string> Put(const Delivery& place,
                                          const Secret& value,
                                          const SinkRecord& record,
                                          const std::string& expected,
                                          Deadline deadline) = 0;
  // Removes the secret and its record if the place still holds the version
  // `expected`. kNotFound: nothing is there. kAborted: something else is there
  // now, nothing was removed. kUnknown: it may have been removed.
  virtual absl::Status Remove(const Delivery& place,
                              const std::string& expected,
                              Deadline deadline) = 0;
  // Secrets were delivered to `places` of this store: runs or calls what their
  // consumers need, if the sink's settings say anything, and is never given a
  // secret. A line each of what was done. An error is reported and changes
  // nothing. With a deadline that has passed nothing is done: kDeadlineExceeded
  // if there was something to do.
  virtual absl::StatusOr<std::vector<std::string>> After(
      const std::vector<Delivery>& places, Deadline deadline) {
    static_cast<void>(places);
    static_cast<void>(deadline);
    return std::vector<std::string>();
  }
  // Removes what runs that died have left anywhere in the store, in places
  // that no configuration names any more, too, and old versions that the sink's
  // settings do not keep. `places`: those that the configuration delivers to;
  // a store without lists finds nothing but by them. As far as it can.
  virtual void Tidy(absl::Span<const Delivery* const> places,
                    Deadline deadline) {
    static_cast<void>(places);
    static_cast<void>(deadline);
  }
};

// What a place holds that can be read back.
struct KeptSecret {
  Secret value;
  std::string version;                           // for Replace()
  absl::Time written_at = absl::InfinitePast();  // InfinitePast(): unknown
};

// Port: places whose secret this program itself reads again: where a sign-in is
// kept between runs. Safe from several threads.
class SecretKeeper {
 public:
  virtual ~SecretKeeper() = default;
  // kNotFound: the place is empty. kPermissionDenied, kInvalidArgument.
  virtual absl::StatusOr<KeptSecret> Read(const Delivery& place,
                                          Deadline deadline) = 0;
  // Stores `value` if the place still holds the version `expected` ("":
  // nothing), whole or not at all. Errors as SecretSink::Put.
  virtual absl::Status Replace(const Delivery& place, const Secret& value,
                               const std::string& expected,
                               Deadline deadline) = 0;
};

// What the protocol must know of a store (rotation.h says why).
struct Capabilities {
  bool keeps_record = true;     // without one it cannot be primary
  bool compare_and_set = true;  // Put refuses when `expected` is not there
  bool one_write = true;        // secret and record change in one step
  bool gives_back = false;      // Sinks::OpenKeeper
};

// What a delivery to such a sink may say.
struct PlaceRules {
  enum class Key {
    kAny,       // the sink's own matter
    kNone,      // it has none
    kVariable,  // it must name a variable
  };

  bool at_is_path = false;    // below the sink's folder
  bool ignores_case = false;  // of places: A and a are one
  bool one_per_at = false;    // whatever the key: an `at` has one record
  std::string default_at;     // {name} is the token's
  Key key = Key::kAny;
  std::string key_doc;  // shown under an error about the key
  // Nothing but Encoding::kRaw; shown under an error about another. "": any.
  std::string raw_doc;
  // What is wrong with an `at`, or with a key: "" or what is expected instead,
  // "1 to 127 of 0-9, a-z, A-Z and -". Null: nothing can be.
  std::string (*at_fault)(std::string_view at) = nullptr;
  std::string (*key_fault)(std::string_view key) = nullptr;
};

// One value of [sink.NAME] `type`. What the configuration accepts, what the
// JSON Schema offers and what the program can write to are all of this.
struct SinkType : SettingsType {
  Capabilities can;
  Reach reach = Reach::kThisMachine;
  PlaceRules place;
};

// Port: the stores that this program can deliver to.
class Sinks {
 public:
  virtual ~Sinks() = default;
  // Sorted by name. The configuration may use these and no others.
  virtual const std::vector<SinkType>& Types() const = 0;
  // What the store of `config` is called, whatever path or address leads to it:
  // two sinks of one answer keep their places in one store. Opens nothing.
  virtual absl::StatusOr<std::string> Canonical(const SinkConfig& config) = 0;
  // What a plan needs of a sink; nothing that writes is made, and nothing is
  // sent yet. `auth`: how the user of [auth] signs in, for stores that take the
  // same sign-in. A store that this run may not ask is opened, too: every place
  // of it is kUnknown, with the reason.
  // kInvalidArgument: no such type, or a setting is missing or wrong.
  virtual absl::StatusOr<std::unique_ptr<RecordReader>> OpenReader(
      const SinkConfig& config, const AuthConfig& auth) = 0;
  // The same for a sink that is to be written. kPermissionDenied: this run may
  // not; the message tells who can allow it.
  virtual absl::StatusOr<std::unique_ptr<SecretSink>> Open(
      const SinkConfig& config, const AuthConfig& auth) = 0;
  // The same for a sink that keeps a sign-in. kUnimplemented: what is written
  // there cannot be read back.
  virtual absl::StatusOr<std::unique_ptr<SecretKeeper>> OpenKeeper(
      const SinkConfig& config) {
    return absl::UnimplementedError(
        absl::StrCat("sink.", config.name, " gives no secret back"));
  }
};

}  // namespace patform
