#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/ports/programs.h"
#include "providers/entra/state_files.h"

// What tests of sign-ins that are kept have in common.
namespace patform::entra {

// Files in memory. A lock is free; `on_lock` runs when it is taken, as another
// run's work before that.
class FakeStateFiles : public StateFiles {
 public:
  absl::StatusOr<std::optional<Secret>> Read(const std::string& name) override {
    if (!fault.ok()) return fault;
    const auto found = files.find(name);
    if (found == files.end()) return std::nullopt;
    return Secret(found->second);
  }
  absl::Status Replace(const std::string& name, const Secret& content,
                       Deadline) override {
    if (!full.ok()) return full;
    files[name] = std::string(content.Reveal());
    return absl::OkStatus();
  }
  absl::Status Remove(const std::string& name) override {
    return files.erase(name) > 0 ? absl::OkStatus()
                                 : absl::NotFoundError("nothing is there");
  }
  absl::StatusOr<std::shared_ptr<void>> Lock(const std::string&,
                                             Deadline) override {
    ++locks;
    if (on_lock) on_lock();
    return std::shared_ptr<void>();
  }
  absl::StatusOr<std::string> PathOf(const std::string& name) override {
    // The name of a digest is of no use in a message that is compared.
    return absl::StrCat("/state/patform/", name.substr(0, 2), "….json");
  }

  std::map<std::string, std::string> files;
  absl::Status fault, full;  // of reading, of writing
  std::function<void()> on_lock;
  int locks = 0;
};

// Programs that answer from a script, in order, and keep what they were given.
class ScriptedPrograms : public Programs {
 public:
  absl::StatusOr<ProgramResult> Run(const ProgramCall& call,
                                    Deadline) override {
    lines.push_back(absl::StrCat(
        absl::StrJoin(call.words, " "), call.input == nullptr ? "" : " < ",
        call.input == nullptr ? "" : std::string(call.input->Reveal())));
    if (script.empty()) return absl::InternalError("the script is at its end");
    auto next = std::move(script.front());
    script.pop_front();
    return next;
  }
  absl::Status Leave(const ProgramCall& call) override {
    lines.push_back(absl::StrJoin(call.words, " "));
    if (on_leave) on_leave(call.words.back());
    return leaves;
  }

  void Answer(int exit_code, std::string out, std::string errors = "") {
    ProgramResult result;
    result.exit_code = exit_code;
    result.out = Secret(out);
    result.errors = std::move(errors);
    script.emplace_back(std::move(result));
  }
  std::string Lines() const { return absl::StrJoin(lines, "\n"); }

  std::deque<absl::StatusOr<ProgramResult>> script;
  std::vector<std::string> lines;
  absl::Status leaves;
  std::function<void(const std::string& last_word)> on_leave;
};

// A JWT with these claims, as JSON, and no signature worth the name.
inline std::string Jwt(const std::string& claims) {
  std::string payload;
  absl::WebSafeBase64Escape(claims, &payload);
  return absl::StrCat("e30.", payload, ".c2ln");
}

}  // namespace patform::entra
