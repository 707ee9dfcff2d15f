#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/base/clock.h"
#include "engine/model/desired_state.h"
#include "engine/ports/secret_sink.h"
#include "providers/http/retry.h"
#include "providers/http/transport.h"
#include "providers/http/url.h"
#include "providers/sinks/machine.h"

namespace patform::sinks {

// What a request is for, in words of errors.
struct Purpose {
  std::string doing;    // "reading the record of ado/ci"
  bool writes = false;  // it changes something
};

// The exchanges with one store over HTTP, the same for all of them: which host
// may be asked, connections for several threads, retries with a budget of the
// store's own, and what an error means. Safe from several threads.
class RestStore {
 public:
  // `address`: where the store is, https://HOST[/PATH]; its setting `setting`
  // said so. `well_known`: hosts that need no permission, as in AllowedHosts.
  // kInvalidArgument: not an address. kPermissionDenied: the operator did not
  // allow that host. Nothing is sent.
  static absl::StatusOr<std::unique_ptr<RestStore>> Make(
      const SinkConfig& config, const std::string& address,
      const std::vector<std::string>& well_known, const Machine& machine);

  // `path`: percent-encoded, with its query; appended to the address.
  http::Url At(std::string_view path) const;

  // One exchange, repeated as retry.h allows; the final answer, of any status.
  // Of what writes every error but kUnknown says that nothing was done.
  absl::StatusOr<http::Response> Send(const http::Request& request,
                                      const Purpose& purpose,
                                      Deadline deadline);

  // The error that an answer is, by its status: 401 kUnauthenticated, 403
  // kPermissionDenied, 404 and 410 kNotFound, 409 and 412 kAborted, 429
  // kResourceExhausted, from 500 on kUnavailable, or kUnknown of what writes;
  // any other kFailedPrecondition. `told`: the store's own words, "" if there
  // are none; they may hold anything.
  absl::Status Refused(const http::Response& answer, const Purpose& purpose,
                       std::string_view told) const;
  // An answer of a good status that is not what it should be.
  absl::Status Malformed(const Purpose& purpose, const std::string& why) const;
  // `sink "vault": reading the record of ado/ci: ` before `why`.
  absl::Status Failed(absl::StatusCode code, const Purpose& purpose,
                      std::string_view why) const;

  // By this machine's clock.
  absl::Time Now() const { return machine_.clock->Now(); }
  const Machine& machine() const { return machine_; }

 private:
  RestStore(const SinkConfig& config, http::Url base, const Machine& machine);

  const std::string name_;   // of the sink
  const std::string shown_;  // the host, for people
  const http::Url base_;
  const Machine& machine_;
  http::RetryState retry_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<http::Transport>> idle_;  // guarded by the mutex
};

// Where `setting` of the sink leads: scheme, host and port, in lower case, and
// the path without a slash at its end. What two sinks at one store have in
// common. kInvalidArgument.
absl::StatusOr<std::string> CanonicalAddress(const SinkConfig& config,
                                             const std::string& setting);

// Calls `each` with every number below `count`, up to `at_once` at a time.
void SideBySide(size_t count, int at_once,
                const std::function<void(size_t)>& each);

// `reader`'s answers for `places`, in their order, with up to `at_once`
// requests under way.
std::vector<HeldRecord> ReadSideBySide(RecordReader& reader,
                                       absl::Span<const Delivery* const> places,
                                       int at_once, Deadline deadline);

// kAborted: `place` is not what it was when it was read.
absl::Status MovedMeanwhile(const std::string& place);

// A sink that reads as its reader does.
class SinkOverReader : public SecretSink {
 public:
  explicit SinkOverReader(std::unique_ptr<RecordReader> reader)
      : reader_(std::move(reader)) {}
  HeldRecord Read(const Delivery& place, Deadline deadline) override;
  std::vector<HeldRecord> ReadAll(absl::Span<const Delivery* const> places,
                                  Deadline deadline) override;
  std::vector<StrayPlace> Recorded(const std::set<std::string>& ats,
                                   Deadline deadline) override;

 private:
  const std::unique_ptr<RecordReader> reader_;
};

// A store that takes two writes holds a secret of ours that its record does
// not describe: kUnknown while a run may be between the two, kTorn afterwards.
// `changed`: when the secret was written, by the store's clock, as `now` is.
HeldRecord RecordBehind(absl::Time changed, absl::Time now,
                        const std::string& version, const std::string& place);

}  // namespace patform::sinks
