#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "engine/base/clock.h"
#include "engine/base/secret.h"
#include "engine/model/record.h"
#include "engine/ports/grants.h"
#include "engine/ports/secret_sink.h"
#include "providers/http/transport.h"
#include "providers/sinks/machine.h"
#include "providers/sinks/row.h"
#include "tests/fakes/fake_clock.h"

// What every store over HTTP has to do for patform, whatever its wire: the same
// tests for each, on a fake that a sink's own test brings along. A sink's test
// instantiates them:
//
//   INSTANTIATE_TEST_SUITE_P(Vault, SinkContract, testing::Values(&VaultCase));
namespace patform::sinks {

// A store in memory, behind its wire.
class StoreFake {
 public:
  virtual ~StoreFake() = default;
  // Carries `request` out. Bodies that it answers with may repeat what was
  // sent, as the real one does.
  virtual http::Response Answer(const http::Request& request) = 0;
  // What a consumer gets at `place`; nullopt: nothing.
  virtual std::optional<std::string> Served(const Delivery& place) const = 0;
  // Another client writes there, in the way that people do it.
  virtual void WriteAsOther(const Delivery& place,
                            const std::string& value) = 0;

  FakeClock* clock = nullptr;  // the store's, set before the first request
};

struct ContractCase {
  Row row;
  SinkConfig config;  // at a host that is in `grants`, or well known
  Grants grants;
  std::map<std::string, std::string> environment;
  Delivery place;
  // Each as long, or as odd, as it may be.
  std::vector<Delivery> limits;
  size_t largest = 0;  // bytes of a secret that the store takes
  std::set<std::string> reading = {"GET", "LIST"};  // methods of a plan
  // What a plan's bodies may ask where one method does everything: is this
  // request one that only reads? Null: `reading` decides.
  bool (*only_reads)(const http::Request& request) = nullptr;
  std::function<std::unique_ptr<StoreFake>()> store;
  // More of the machine, where the sink uses it: `bearer`, `programs`.
  std::function<void(Machine&)> furnish = [](Machine&) {};
};

// What becomes of one request.
enum class Mishap {
  kNone,
  kUnreachable,   // nothing of it arrives
  kLostRequest,   // it does not arrive, which nobody knows
  kLostAnswer,    // it is carried out, which nobody knows
  kLate,          // it is carried out after everything else
  kThrottled,     // 429, not carried out
  kForbidden,     // 403, not carried out
  kUnavailable,   // 503, not carried out
  kGatewayError,  // 502, carried out
  kGarbage,       // carried out, the answer is cut and repeats the request
};

// The store at the end of a bad line.
class BadLine {
 public:
  explicit BadLine(std::unique_ptr<StoreFake> store);

  std::unique_ptr<http::Transport> NewTransport();
  // Of all requests from now on: what becomes of number `index`, from 0; of the
  // same one sent again, too, if `lasting`.
  void Break(int index, Mishap mishap, bool lasting);
  void Mend();
  // Carries out what was late.
  void CatchUp();

  StoreFake& store() { return *store_; }
  FakeClock& clock() { return clock_; }
  int requests() const { return requests_; }

  std::vector<std::string> methods;  // of every request
  std::vector<bool> reads;           // by ContractCase::only_reads
  bool (*only_reads)(const http::Request& request) = nullptr;

 private:
  class Connection;
  struct Late {
    http::Request request;
    Secret bearer;  // the sender's own is gone by then
  };
  // One request at a time: a sink may read with several threads.
  absl::StatusOr<http::Response> Send(const http::Request& request);

  std::mutex mutex_;
  FakeClock clock_{absl::FromUnixSeconds(1796000000)};
  std::unique_ptr<StoreFake> store_;
  int requests_ = 0;
  int break_from_ = -1;
  int broken_ = 0;
  Mishap mishap_ = Mishap::kNone;
  bool lasting_ = false;
  std::vector<Late> late_;
};

class SinkContract : public testing::TestWithParam<ContractCase (*)()> {
 protected:
  void SetUp() override;
  // A store and a sink of its own.
  void Fresh();

  SinkRecord RecordOf(int n, const Delivery& place) const;
  std::string ValueOf(int n) const;
  absl::StatusOr<std::string> Put(int n, const std::string& expected);
  // What is recorded is what is served: the promise that all others rest on.
  void ExpectTruth(const std::string& when);
  Deadline Soon() { return After(line_->clock(), absl::Seconds(60)); }

  ContractCase case_;
  std::unique_ptr<BadLine> line_;
  Machine machine_;
  AuthConfig auth_;
  std::unique_ptr<SecretSink> sink_;
  std::unique_ptr<RecordReader> reader_;
};

}  // namespace patform::sinks
