#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "engine/model/policy.h"
#include "engine/policy/rules.h"

namespace patform {

// What becomes of a broken rule: a finding as grave as the policy says, or,
// under an exception that holds, a note.
class Judge {
 public:
  Judge(const PolicyConfig& policy, absl::Time now, std::vector<Finding>& out,
        std::vector<Note>* excepted)
      : policy_(policy), now_(now), out_(out), excepted_(excepted) {}

  // `name`: of the token, which exceptions are matched with; "": of none.
  // `exists`: it is a fact of the service, not of the configuration.
  void Broken(Finding finding, const std::string& name, bool exists = false);

 private:
  const PolicyException* ExceptionFor(const std::string& rule,
                                      const std::string& name) const;

  const PolicyConfig& policy_;
  const absl::Time now_;
  std::vector<Finding>& out_;
  std::vector<Note>* excepted_;
};

}  // namespace patform
