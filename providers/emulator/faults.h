#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "providers/emulator/http/server.h"

namespace patform::emulator {

// What goes wrong. Everything left empty goes as usual.
struct FaultAction {
  int latency_ms = 0;
  // The answer instead of the usual one; the work is not done, unless `after`.
  std::optional<int> status;
  std::optional<std::string> body;
  http::ServerHeaders headers;
  bool after = false;
  std::string pat_token_error;  // 200 with this error; the work is not done
  bool html = false;            // the sign-in page; the work is not done
  bool cut_before = false;      // the connection ends, the work is not done
  bool cut_after = false;       // the connection ends, the work is done
  bool garbage = false;         // the work is done, the answer is not JSON
  bool slow_drip = false;       // the answer comes byte by byte
  // The work is done; these members of the answer's patToken are what they are
  // not: a JSON object. "token_length" is a token of that many letters.
  std::string lie;
  int list_omit = 0;  // a list that lags by the newest so many
  // What happens just before a call is carried out:
  int advance_seconds = 0;  // the service's clock goes on by so much
  // Continuous access evaluation: bearers that are valid since before now are
  // answered with insufficient_claims from here on.
  bool end_sessions = false;
  // Somebody with the caller's account revokes every active token whose name
  // begins so, and makes a token of that name.
  std::string revoke_named;
  std::string make_named;
};

struct FaultRule {
  std::string operation = "any";  // as the request log has it, or any
  std::string organization;       // empty: of any
  int nth = 1;                    // from that call on, counted from now
  int count = 1;                  // for so many calls; 0: for good
  FaultAction action;
};

// {"operation":"create","nth":1,"count":1,"action":{"status":503}}.
// kInvalidArgument with what is wrong.
absl::StatusOr<FaultRule> ParseFaultRule(std::string_view json);

// The rules in force. The first that matches a call is carried out; each
// counts the calls of its own operation.
class Faults {
 public:
  void Add(FaultRule rule);
  void Clear() { rules_.clear(); }
  std::optional<FaultAction> Next(std::string_view operation,
                                  std::string_view organization);

 private:
  struct Active {
    FaultRule rule;
    int seen = 0;
  };
  std::vector<Active> rules_;
};

// The 37 values of patTokenError in the order of the enumeration.
const std::vector<std::string>& PatTokenErrors();

}  // namespace patform::emulator
