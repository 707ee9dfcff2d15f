#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/ports/ports.h"

namespace patform {

// Ports that refuse; a test overrides what it needs.

class FakeTokenServices : public TokenServices {
 public:
  absl::StatusOr<std::unique_ptr<TokenReader>> OpenReader(
      const Connection&) override {
    return absl::InternalError("no reader here");
  }
  absl::StatusOr<std::unique_ptr<TokenWriter>> OpenWriter(
      const Connection&) override {
    return absl::InternalError("no writer here");
  }
  absl::StatusOr<SignedIn> WhoAmI(const AuthConfig&, Deadline) override {
    return SignedIn();
  }
  const std::vector<SettingsType>& Sources() const override { return sources; }

  std::vector<SettingsType> sources;
};

class FakeSinks : public Sinks {
 public:
  const std::vector<SinkType>& Types() const override { return types; }
  absl::StatusOr<std::string> Canonical(const SinkConfig& config) override {
    return config.name;
  }
  absl::StatusOr<std::unique_ptr<RecordReader>> OpenReader(
      const SinkConfig&, const AuthConfig&) override {
    return absl::InternalError("no sink here");
  }
  absl::StatusOr<std::unique_ptr<SecretSink>> Open(const SinkConfig&,
                                                   const AuthConfig&) override {
    return absl::InternalError("no sink here");
  }

  std::vector<SinkType> types;
};

class FakeRun : public Run {
 public:
  int Signal() override { return signal; }
  std::string Nonce() override { return "nonce0000001any1"; }

  int signal = 0;
};

}  // namespace patform
