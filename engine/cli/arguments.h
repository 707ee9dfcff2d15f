#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/base/environment.h"
#include "engine/model/authorization_id.h"
#include "engine/ports/ports.h"

namespace patform::cli {

struct Command;

// A view of the plan beside the main output: --json-into FILE and the like.
struct View {
  std::string format;
  std::string path;
};

// What the user typed, checked. Which command fills in what is in its row, see
// command.h; the values here are what holds when nothing was given.
struct Arguments {
  const Command* command = nullptr;  // null: none was named
  bool help = false;
  bool version = false;
  std::string directory;  // -C; empty: stay
  std::string config = "patform.toml";
  std::string policy;
  ServiceOptions service;
  bool no_color = false;
  bool quiet = false;
  bool as_json = false;  // becomes `format`, or `json` of a command with events

  // plan, apply
  std::string format = "text";
  std::vector<View> into;
  bool detailed_exitcode = false;
  std::string within;  // status: a duration; empty: not given
  std::vector<std::string> rotate;
  std::vector<std::string> targets;
  std::optional<absl::Time> now;
  bool auto_approve = false;
  bool maintenance = false;
  int parallelism = 8;
  int allow_revocations = -1;
  bool json = false;
  std::string out;        // plan, snapshot, import: the file; empty: none
  std::string snapshot;   // plan, verify: plan from this file
  std::string baseline;   // an earlier snapshot or saved plan
  std::string plan_file;  // apply [PLAN], show PLAN, verify DIGEST [PLAN]
  std::string approve;    // apply --approve DIGEST, verify DIGEST
  std::string metrics;    // plan, apply, status: the file; empty: none
  bool metrics_per_token = false;
  bool allow_empty_list = false;

  std::vector<AuthorizationId> ids;        // import --id
  std::vector<std::string> organizations;  // import, audit
  std::vector<std::string> identities;
  bool force = false;                               // import --out over a file
  std::string sink_type, sign_in;                   // init
  std::string deliver_to, deliver_at, deliver_key;  // import --deliver
  // What the operator grants: engine/ports/grants.h.
  std::vector<std::string> allow_hosts;
  bool allow_programs = false;
  bool access_token_stdin = false;

  // login
  bool browser = false;
  bool no_browser = false;
  bool device_code = false;
  std::string seed;  // SINK:PLACE

  // comment PLAN
  bool dry_run = false;
  bool post_no_changes = false;
  bool no_status = false;

  std::string
      word;  // scopes [WORD], schema [NAME], init [FILE], help [COMMAND]
};

// `words` are what was typed behind the program's name. A flag that was not
// given takes its value from its variable in `environment`, if it has one.
// --help and --version come back as the commands of these names. Errors are
// those of UsageError(). Never exits, never throws.
absl::StatusOr<Arguments> ParseArguments(const std::vector<std::string>& words,
                                         const EnvironmentLookup& environment);

}  // namespace patform::cli
