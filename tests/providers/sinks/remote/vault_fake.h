#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/providers/sinks/remote/contract.h"

namespace patform::sinks {

// A KV engine of version 2 at secret/, as strict as the real one: it refuses
// what OpenBao 2.7.2 refuses, in its words.
class VaultFake : public StoreFake {
 public:
  http::Response Answer(const http::Request& request) override;
  std::optional<std::string> Served(const Delivery& place) const override;
  void WriteAsOther(const Delivery& place, const std::string& value) override;

  struct Version {
    std::map<std::string, std::string> fields;
    absl::Time created;
    absl::Time deleted = absl::InfiniteFuture();
    bool destroyed = false;
  };
  struct Path {
    std::vector<Version> versions;  // the first is 1
    std::map<std::string, std::string> custom;
  };

  std::map<std::string, Path> paths;
  // What the token may do, by the beginning of a path: "metadata/" → {"read"}.
  // Root where there is nothing.
  std::map<std::string, std::vector<std::string>> policy;
  bool may_ask = true;  // capabilities-self
  bool sealed = false;
  std::string mounted = "secret/";
  std::string kv_version = "2";
  std::string token = "hvs.given";
  // Logins: what is asked for, and what is given.
  int lease_seconds = 1200;
  bool renewable = true;
  int logins = 0;
  std::vector<std::string> log;  // "PATCH secret/data/x", each request

 private:
  http::Response Route(const http::Request& request, const std::string& path);
  http::Response Auth(const http::Request& request, const std::string& path);
  http::Response Data(const http::Request& request, const std::string& at);
  http::Response Metadata(const http::Request& request, const std::string& at);
  http::Response Destroy(const http::Request& request, const std::string& at);
  http::Response List(const std::string& folder) const;
  http::Response Capabilities(const http::Request& request) const;
  bool Served(const Path& path) const;
  bool Allows(const http::Request& request, const std::string& path) const;
};

}  // namespace patform::sinks
