#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "engine/model/lifecycle_scopes.h"
#include "engine/model/policy.h"
#include "engine/model/scope_set.h"

namespace patform {

// One scope and the rule that it breaks.
struct ScopeFault {
  std::string rule;
  std::string what;  // "vso.code_full, which the policy forbids"
};

// Every rule about scopes. Asked about many tokens, it matches each scope, and
// each sink, with each pattern once.
class ScopeRules {
 public:
  // `policy` must outlive this.
  explicit ScopeRules(const PolicyConfig& policy) : policy_(policy) {}

  // What is wrong with one token's scopes.
  std::vector<ScopeFault> Check(const ScopeSet& scopes);
  // Is the rule of policy.sinks_for_scopes with this index about `scope`? Full
  // access is every scope.
  bool IsAbout(size_t sink_rule, std::string_view scope);
  // Does it let secrets go to the sink of this name and type?
  bool Allows(size_t sink_rule, const std::string& sink,
              const std::string& type);

 private:
  struct Known {
    // Forbidden, not allowed, and too grave.
    std::array<std::vector<ScopeFault>, 3> faults;
    std::vector<bool> sink_rules;
  };
  const Known& Look(std::string_view scope);

  const PolicyConfig& policy_;
  absl::flat_hash_map<std::string, Known> known_;
  // By the sink's name, for each rule.
  absl::flat_hash_map<std::string, std::vector<bool>> sinks_;
};

// Is there any rule about scopes?
bool HasScopeRules(const PolicyConfig& policy);

}  // namespace patform
