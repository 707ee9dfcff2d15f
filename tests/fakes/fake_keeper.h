#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/ports/secret_sink.h"

namespace patform {

// One place that a sign-in is kept in, and every call to it.
class FakeKeeper {
 public:
  std::string value;  // empty: nothing is there
  int version = 1;
  absl::Time written_at = absl::InfinitePast();
  absl::Status read_fails;
  // What the next writes answer instead of doing it; kUnknown ones are done if
  // `done_anyway`.
  std::deque<absl::Status> writes_fail;
  bool done_anyway = false;
  std::vector<std::string> log;

  // Another run, between two calls of this one.
  void WriteByAnother(std::string other) {
    value = std::move(other);
    ++version;
  }
  std::unique_ptr<SecretKeeper> Open();

 private:
  friend class OpenFakeKeeper;
  std::mutex mutex_;
};

class OpenFakeKeeper : public SecretKeeper {
 public:
  explicit OpenFakeKeeper(FakeKeeper* keeper) : keeper_(keeper) {}

  absl::StatusOr<KeptSecret> Read(const Delivery& place, Deadline) override {
    const std::lock_guard<std::mutex> lock(keeper_->mutex_);
    keeper_->log.push_back("read " + place.Address());
    if (!keeper_->read_fails.ok()) return keeper_->read_fails;
    if (keeper_->value.empty()) return absl::NotFoundError("nothing");
    KeptSecret kept;
    kept.value = Secret(keeper_->value);
    kept.version = absl::StrCat(keeper_->version);
    kept.written_at = keeper_->written_at;
    return kept;
  }
  absl::Status Replace(const Delivery& place, const Secret& value,
                       const std::string& expected, Deadline) override {
    const std::lock_guard<std::mutex> lock(keeper_->mutex_);
    keeper_->log.push_back(absl::StrCat("write ", place.Address()));
    absl::Status fails;
    if (!keeper_->writes_fail.empty()) {
      fails = keeper_->writes_fail.front();
      keeper_->writes_fail.pop_front();
    }
    if (!fails.ok() && !(absl::IsUnknown(fails) && keeper_->done_anyway)) {
      return fails;
    }
    if (expected != absl::StrCat(keeper_->version)) {
      return absl::AbortedError("moved");
    }
    keeper_->value = std::string(value.Reveal());
    ++keeper_->version;
    return fails;
  }

 private:
  FakeKeeper* const keeper_;
};

inline std::unique_ptr<SecretKeeper> FakeKeeper::Open() {
  return std::make_unique<OpenFakeKeeper>(this);
}

// Sinks that have nothing but that place.
class KeeperSinks : public Sinks {
 public:
  explicit KeeperSinks(FakeKeeper* keeper) : keeper_(keeper) {}
  const std::vector<SinkType>& Types() const override { return types_; }
  absl::StatusOr<std::string> Canonical(const SinkConfig&) override {
    return std::string("store");
  }
  absl::StatusOr<std::unique_ptr<RecordReader>> OpenReader(
      const SinkConfig&, const AuthConfig&) override {
    return absl::UnimplementedError("none");
  }
  absl::StatusOr<std::unique_ptr<SecretSink>> Open(const SinkConfig&,
                                                   const AuthConfig&) override {
    return absl::UnimplementedError("none");
  }
  absl::StatusOr<std::unique_ptr<SecretKeeper>> OpenKeeper(
      const SinkConfig&) override {
    ++opened;
    return keeper_->Open();
  }
  int opened = 0;

 private:
  FakeKeeper* const keeper_;
  const std::vector<SinkType> types_;
};

}  // namespace patform
