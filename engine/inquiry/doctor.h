#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/base/diagnostic.h"
#include "engine/base/words.h"
#include "engine/ports/token_service.h"

// Whether a run would work here, and where it would end: each part of the way
// on its own, so that one that fails hides none of the others. Pure.
namespace patform {

enum class Verdict {
  kOk,
  kWarning,   // works today
  kFailed,    // a run ends here
  kNotTried,  // something before it failed, or nothing uses it
};

// Stable snake_case: part of the JSON format.
inline constexpr WordFor<Verdict> kVerdictWords[] = {
    {Verdict::kOk, "ok"},
    {Verdict::kWarning, "warning"},
    {Verdict::kFailed, "failed"},
    {Verdict::kNotTried, "not_tried"}};
constexpr auto& WordsOf(Verdict) { return kVerdictWords; }
static_assert(AllInOrder(kVerdictWords, Verdict::kNotTried));

struct Check {
  std::string id;     // stable: "configuration", "tls", "sink"
  std::string about;  // of several of one id: the organization, the sink
  Verdict verdict = Verdict::kOk;
  std::string what;
  std::string fix;      // what to do next; "": nothing
  absl::Status status;  // kFailed: what the exit code follows from
};

// What was found by whoever can ask.
struct Symptoms {
  absl::Time now;
  absl::Status configuration;
  std::vector<Diagnostic> diagnostics;  // of it
  int files = 0, tokens = 0;
  std::string source;          // of the sign-in, for people; "": not known
  std::optional<Route> route;  // nullopt: not tried
  std::optional<absl::StatusOr<SignedIn>> signed_in;  // likewise
  struct Listed {
    std::string organization;
    absl::Status status;
    int tokens = 0;  // of the first page
    bool more = false;
  };
  std::vector<Listed> lists;
  struct Store {
    std::string name;
    int places = 0;
    // Of the first place that cannot be written; OK: all can.
    absl::Status status;
    std::string place;  // which that is
  };
  std::vector<Store> stores;
  // Of secrets, which git would add; nullopt: not tried.
  std::optional<std::vector<std::string>> committed;
};

// In the order in which a run meets them.
std::vector<Check> Diagnose(const Symptoms& symptoms);

// OK, or that of the first check that failed.
absl::Status WorstOf(const std::vector<Check>& checks);

}  // namespace patform
