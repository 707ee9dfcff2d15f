#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"

namespace patform::emulator {

// One version of a secret. The value never changes.
struct VaultVersion {
  std::string id;  // 32 hexadecimal digits
  std::string value;
  std::string content_type;  // "": none
  boost::json::object tags;  // of texts
  bool enabled = true;
  int64_t created = 0;  // Unix seconds, as the next four
  int64_t updated = 0;
  std::optional<int64_t> expires;
  std::optional<int64_t> not_before;
};

struct VaultSecret {
  std::string name;                    // as it was first written
  std::vector<VaultVersion> versions;  // the last one is the current one
  int64_t deleted = 0;                 // Unix seconds; of those that are
};

// The secrets of one vault with soft delete, in memory. Names have no case. Not
// for two threads at once.
class Vault {
 public:
  using Secrets = std::map<std::string, VaultSecret>;  // by lower-case name

  // The secret, or nullptr: there is none, or it was deleted.
  VaultSecret* Find(std::string_view name);
  // The same of those that were deleted and can be recovered.
  VaultSecret* FindDeleted(std::string_view name);
  // A version, the current one for ""; nullptr: there is none.
  static VaultVersion* FindVersion(VaultSecret& secret, std::string_view id);

  // The new version, whose id and dates are set here.
  VaultVersion& Add(const std::string& name, VaultVersion version,
                    absl::Time now);
  // Each of a name that Find() or FindDeleted() has.
  VaultSecret& Delete(std::string_view name, absl::Time now);
  VaultSecret& Recover(std::string_view name);
  void Purge(std::string_view name);

  const Secrets& secrets() const { return secrets_; }
  const Secrets& deleted() const { return deleted_; }

 private:
  Secrets secrets_;
  Secrets deleted_;
};

}  // namespace patform::emulator
