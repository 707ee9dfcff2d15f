#include "providers/entra/exec_credential.h"

#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"
#include "providers/entra/key_vault_token.h"
#include "providers/entra/printed_token.h"
#include "providers/entra/program_credential.h"

namespace patform::entra {
namespace {

// The words of a command, one item each. Nothing is split, nothing expanded: no
// shell reads them, so quoting is nobody's concern.
std::vector<std::string> Words(
    const std::map<std::string, SettingValue>& settings) {
  const auto at = settings.find("command");
  const auto* words = at == settings.end()
                          ? nullptr
                          : std::get_if<std::vector<std::string>>(&at->second);
  return words == nullptr ? std::vector<std::string>() : *words;
}

// Asked at each call: what is allowed is known before anything runs, but not
// when this is made.
class ExecCredential : public ProgramCredential {
 public:
  ExecCredential(TokenProgram program, std::string where,
                 const Machine& machine)
      : ProgramCredential(program, machine),
        has_command_(!program.call.words.empty() &&
                     !program.call.words[0].empty()),
        where_(std::move(where)),
        grants_(machine.grants),
        environment_(machine.environment) {}

  absl::StatusOr<Secret> Bearer(Deadline deadline) override {
    if (!has_command_) {
      return absl::InvalidArgumentError(absl::StrCat(
          where_, "[auth] command is empty: its first item is the program"));
    }
    if (!grants_->programs) {
      return absl::UnauthenticatedError(absl::StrCat(
          where_,
          "[auth] source = \"exec\" runs a program, which a configuration "
          "alone may not. Where you trust it: --allow-programs, or "
          "PATFORM_ALLOW_PROGRAMS=1"));
    }
    return ProgramCredential::Bearer(deadline);
  }

  // Its words are the configuration's and name one audience: nothing tells the
  // program of another.
  absl::StatusOr<Secret> BearerFor(const std::string& resource,
                                   Deadline) override {
    return KeyVaultToken(environment_, resource, "exec");
  }

 private:
  const bool has_command_;
  const std::string where_;
  const Grants* const grants_;
  const EnvironmentLookup environment_;
};

std::unique_ptr<CredentialSource> Make(const AuthConfig& auth,
                                       const Machine& machine) {
  TokenProgram program;
  program.call.words = Words(auth.settings);
  // As it is written: what ${NAME} stands for is shown to nobody.
  const std::vector<std::string> written = Words(auth.written);
  program.name = written.empty() ? "" : Visible(written[0]);
  const std::string name = program.name;
  program.not_run = [name](const absl::Status& status) {
    const bool missing = absl::IsNotFound(status);
    return absl::UnauthenticatedError(
        absl::StrCat("the program of [auth] command cannot be run: ",
                     missing ? absl::StrCat("there is no ", name)
                             : std::string(status.message())));
  };
  program.failed = [name](const ProgramResult& result, const std::string&) {
    const std::string errors = ShownErrors(result.errors);
    return absl::UnauthenticatedError(absl::StrCat(
        "the program of [auth] command failed: ", name, ", exit code ",
        result.exit_code, errors.empty() ? "" : ": ", errors));
  };
  program.renew = "Sign in again with it";
  const SourceLocation& at = auth.where;
  return std::make_unique<ExecCredential>(
      std::move(program),
      at.file.empty()
          ? ""
          : absl::StrCat(Visible(at.file), ":", at.line, ":", at.column, ": "),
      machine);
}

}  // namespace

SourceRow ExecRow() {
  SourceRow row;
  row.type.name = "exec";
  row.type.doc =
      "A program that prints an access token, alone or as JSON of az, azd or "
      "AzureAuth. Needs --allow-programs.";
  row.type.keys = {{.name = "command",
                    .kind = SettingKey::Kind::kList,
                    .required = true,
                    .doc = "The program and its arguments; no shell reads "
                           "them."}};
  row.make = Make;
  return row;
}

}  // namespace patform::entra
