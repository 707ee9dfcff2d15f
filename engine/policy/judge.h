#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "engine/model/policy.h"
#include "engine/policy/rules.h"

namespace patform {

// What becomes of a broken rule: a finding as grave as the policy has it, or,
// under an exception that holds, a note.
class Judge {
 public:
  // The most for one rule; more are counted.
  static constexpr int kMostFindings = 1000;

  Judge(const PolicyConfig& policy, absl::Time now, std::vector<Finding>& out,
        std::vector<Note>* excepted);

  // `name`: of the token, which exceptions are matched with; "": of none.
  // `exists`: it is a fact of the service, not of the configuration.
  void Broken(Finding finding, const std::string& name, bool exists = false);
  // Is one more broken rule only counted? It is then, and Broken() need not be
  // called.
  bool OnlyCounted(const std::string& rule, const std::string& name);
  // To be called last: reports what was only counted.
  void Finish();

 private:
  // The exceptions from one rule that hold: those for one name each, and
  // those with a pattern.
  struct Exceptions {
    absl::flat_hash_map<std::string, const PolicyException*> by_name;
    std::vector<const PolicyException*> patterns;
  };
  using ByRule = std::map<std::string, Exceptions>;
  static const PolicyException* ExceptionFor(const ByRule& exceptions,
                                             const std::string& rule,
                                             const std::string& name);

  const PolicyConfig& policy_;
  const absl::Time now_;
  std::vector<Finding>& out_;
  std::vector<Note>* excepted_;
  ByRule exceptions_;  // that hold
  ByRule lapsed_;      // that have ended
  std::map<std::pair<std::string, Severity>, int> found_;
  std::map<std::string, int> noted_;
};

}  // namespace patform
