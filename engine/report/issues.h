#pragma once

#include <string>
#include <vector>

#include "engine/base/diagnostic.h"
#include "engine/plan/plan.h"

namespace patform {

// What a reviewer should look at, on the line of the file that causes it: the
// common ground of the renderers that annotate.
struct Issue {
  enum class Level { kError, kWarning, kNotice };

  Level level = Level::kError;
  std::string rule;          // stable: a finding's rule, or one of those below
  std::string address;       // of the token; empty: of the plan as a whole
  std::string organization;  // of the token, where the plan has it
  std::string what;          // a sentence with the address, no full stop
  std::string fix;           // what to do; may be empty
  SourceLocation where;      // file empty: not in the configuration
};

// Rule ids of what is not a finding.
inline constexpr char kUndecidedRule[] = "undecided";
inline constexpr char kEndingRule[] = "ends_unrenewed";
inline constexpr char kRevocationRule[] = "revocation";
inline constexpr char kWideningRule[] = "widening";
inline constexpr char kMoveRule[] = "move";
inline constexpr char kNoteRule[] = "note";
inline constexpr char kConfigurationRule[] = "configuration";

// Findings by their severity; what ends and nothing renews, what could not be
// decided and revocations as warnings; what widens or moves (attention.h) and
// notes as notices; the gravest first, else the plan's order.
std::vector<Issue> IssuesOf(const Plan& plan);

// Something of attention.h: no renderer may cut it or leave it out.
bool MustBeShown(const Issue& issue);

// What is wrong with a configuration, as it was found: no plan was made of it,
// or one in spite of the warnings. The gravest first, else in their order.
std::vector<Issue> IssuesOf(const std::vector<Diagnostic>& diagnostics);

// What a rule is about, one sentence: of the policy's, the guards' and the ids
// above. "" for one that is not known.
std::string DescribeRule(const std::string& rule);

// The page that explains such a rule, from the root of this repository, with
// its heading.
std::string PageOf(const std::string& rule);

}  // namespace patform
