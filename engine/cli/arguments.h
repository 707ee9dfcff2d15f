#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "engine/cli/exit_code.h"
#include "engine/ports/ports.h"

namespace patform::cli {

// What the user typed, checked.
struct Arguments {
  std::string command;
  std::string directory;  // -C; empty: stay
  std::string config = "patform.toml";
  std::string policy;
  ServiceOptions service;
  bool no_color = false;
  bool quiet = false;

  // plan, apply
  std::string format = "text";
  // --json-into FILE …: format and path of views beside the main output.
  std::vector<std::pair<std::string, std::string>> into;
  bool detailed_exitcode = false;
  std::vector<std::string> rotate;
  std::vector<std::string> targets;
  std::optional<absl::Time> now;
  bool auto_approve = false;
  int parallelism = 8;
  int allow_revocations = -1;
  bool json = false;
  std::string out;        // plan, snapshot, import: the file; empty: none
  std::string snapshot;   // plan, verify: plan from this file
  std::string baseline;   // an earlier snapshot or saved plan
  std::string plan_file;  // apply [PLAN], show PLAN, verify DIGEST [PLAN]
  std::string approve;    // apply --approve DIGEST, verify DIGEST
  bool allow_empty_list = false;

  std::vector<std::string> ids;            // import --id
  std::vector<std::string> organizations;  // import, audit
  bool force = false;                      // import --out over a file
  // comment PLAN
  std::vector<std::string> allow_hosts;
  bool dry_run = false;
  bool post_no_changes = false;
  bool no_status = false;

  std::string word;  // scopes [WORD], schema [NAME], init [FILE]
};

// Either what to do, or that it is done: help was printed, or the usage was
// wrong and said so.
struct Parsed {
  std::optional<Arguments> arguments;
  ExitCode exit_code = kDone;
  std::string out;
  std::string err;
};

// Never exits, never throws. `arguments` without the program's name.
Parsed ParseArguments(const std::vector<std::string>& arguments);

}  // namespace patform::cli
