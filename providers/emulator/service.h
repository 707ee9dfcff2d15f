#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "providers/emulator/auth.h"
#include "providers/emulator/code_hosts/code_hosts.h"
#include "providers/emulator/faults.h"
#include "providers/emulator/key_vault/vault.h"
#include "providers/emulator/request_log.h"
#include "providers/emulator/switches.h"
#include "providers/emulator/tokens/store.h"
#include "providers/emulator/variable_groups/variable_groups.h"

namespace patform::emulator {

// This service's time: the machine's, moved.
class ServiceClock {
 public:
  explicit ServiceClock(std::function<absl::Time()> machine)
      : machine_(std::move(machine)) {}

  absl::Time Now() const { return machine_() + moved_; }
  void Set(absl::Time now) { moved_ = now - machine_(); }
  void Advance(absl::Duration by) { moved_ += by; }
  void Reset() { moved_ = absl::ZeroDuration(); }

 private:
  std::function<absl::Time()> machine_;
  absl::Duration moved_;
};

// All that the service is. Not for two threads at once: Emulator locks it.
struct Service {
  Service(ServiceClock clock_, std::unique_ptr<SqliteLog> log,
          std::string signing_key)
      : clock(std::move(clock_)),
        store(std::move(log)),
        auth(std::move(signing_key)) {}

  bool tls = false;  // how clients reach it
  ServiceClock clock;
  Store store;
  Authenticator auth;
  Switches switches;
  Faults faults;
  RequestLog requests;
  CodeHosts code_hosts;
  Vault vault;
  VariableGroups variable_groups;
  // Refresh tokens that were exchanged, where those end (switch sign_in).
  std::set<std::string> exchanged;
  int64_t sessions_from = 0;  // Unix seconds; bearers from before have ended
  std::map<std::string, std::string> organizations;  // lower case → id
};

}  // namespace patform::emulator
