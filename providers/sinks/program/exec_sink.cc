#include "providers/sinks/program/exec_sink.h"

#include <map>
#include <memory>
#include <variant>

#include "absl/strings/str_cat.h"
#include "engine/base/digest.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "providers/sinks/record_json.h"
#include "providers/sinks/remote/rest_store.h"

// What the verbs mean for the port. The program may be twenty lines of shell
// by somebody who has read one page, so each verb asks one thing, and each
// answer that was not foreseen has the careful meaning: a read that fails is
// unknown, never absent; a put that fails is open, unless the program itself
// says with its exit code that nothing was written.
//
// Reader and sink are two classes over one program: what a plan gets has no way
// to say put.
namespace patform::sinks {
namespace {

constexpr int kProgramsAtOnce = 8;

// As execve(2) wants it. Nothing in the environment is secret: every process of
// this user can read it.
std::string Variable(const char* name, const std::string& value) {
  return absl::StrCat(name, "=", value);
}

// Of a list the configuration's reader knows only that it has texts.
std::string SettingsFault(const std::map<std::string, SettingValue>& settings) {
  const auto at = settings.find("command");
  if (at == settings.end()) return "";  // reported where it is missing
  const auto* words = std::get_if<std::vector<std::string>>(&at->second);
  if (words != nullptr && !words->empty() && !words->front().empty()) return "";
  return "`command` is empty: its first item is the program";
}

// Two commands may lead to one store, which nobody can know here; one command
// does in any case.
absl::StatusOr<std::string> Canonical(const SinkConfig& config) {
  const auto at = config.settings.find("command");
  std::string text;
  if (at != config.settings.end()) {
    if (const auto* words =
            std::get_if<std::vector<std::string>>(&at->second)) {
      for (const std::string& word : *words) {
        absl::StrAppend(&text, word.size(), ":", word);
      }
    }
  }
  // The environment may have filled in what nobody is shown.
  return absl::StrCat("exec:", Sha256(text));
}

absl::StatusOr<std::unique_ptr<RecordReader>> OpenReader(
    const Opening& opening) {
  PATFORM_ASSIGN_OR_RETURN(StoreProgram program, StoreProgram::Make(opening));
  return std::make_unique<ExecReader>(std::move(program));
}

absl::StatusOr<std::unique_ptr<SecretSink>> Open(const Opening& opening) {
  PATFORM_ASSIGN_OR_RETURN(StoreProgram program, StoreProgram::Make(opening));
  return std::make_unique<ExecSink>(std::move(program));
}

}  // namespace

HeldRecord ExecReader::Read(const Delivery& place, Deadline deadline) {
  return program_.Read(place, deadline);
}

// A program is a few milliseconds of starting, most of it waiting.
std::vector<HeldRecord> ExecReader::ReadAll(
    absl::Span<const Delivery* const> places, Deadline deadline) {
  return ReadSideBySide(*this, places, kProgramsAtOnce, deadline);
}

std::vector<StrayPlace> ExecReader::Recorded(const std::set<std::string>&,
                                             Deadline deadline) {
  return program_.List(deadline);
}

HeldRecord ExecSink::Read(const Delivery& place, Deadline deadline) {
  return program_.Read(place, deadline);
}

absl::Status ExecSink::Check(const Delivery& place, Deadline deadline) {
  const absl::Status checked =
      program_.Run({"check", place}, deadline).status();
  // Nothing is asked that could be gone or have moved.
  if (absl::IsNotFound(checked) || absl::IsAborted(checked)) {
    return absl::FailedPreconditionError(checked.message());
  }
  return checked;
}

absl::StatusOr<std::string> ExecSink::Put(const Delivery& place,
                                          const Secret& value,
                                          const SinkRecord& record,
                                          const std::string& expected,
                                          Deadline deadline) {
  StoreCall call = {"put", place, /*writes=*/true, &value};
  call.variables = {
      Variable("PATFORM_RECORD", RecordToJson(record)),
      Variable("PATFORM_EXPECTED", expected),
      Variable("PATFORM_VALID_TO", FormatInstant(record.valid_to))};
  const absl::StatusOr<Secret> out = program_.Run(call, deadline);
  // Only what is read can be missing: a place that is empty is written.
  if (absl::IsNotFound(out.status())) {
    return absl::UnknownError(out.status().message());
  }
  PATFORM_RETURN_IF_ERROR(out.status());
  // It says that it has written, and not what: whether the record is there
  // now is what a read tells.
  const absl::StatusOr<std::string> version = PrintedVersion(*out);
  if (!version.ok()) {
    return program_.Malformed(call, StdView(version.status().message()));
  }
  if (version->empty() && program_.compare_and_set()) {
    return program_.Malformed(
        call, "it printed no \"version\", which compare_and_set needs");
  }
  return version->empty() ? VersionOf(record) : *version;
}

// Its exit codes are those that the port wants, 3 and 4 included.
absl::Status ExecSink::Remove(const Delivery& place,
                              const std::string& expected, Deadline deadline) {
  StoreCall call = {"remove", place, /*writes=*/true};
  call.variables = {Variable("PATFORM_EXPECTED", expected)};
  return program_.Run(call, deadline).status();
}

Row ExecRow() {
  using Kind = SettingKey::Kind;
  Row row;
  row.type.name = "exec";
  row.type.doc =
      "Any store, by a program that gets the secret on its standard input. "
      "Needs --allow-programs.";
  row.type.keys = {
      {.name = "command",
       .kind = Kind::kList,
       .required = true,
       .doc = "The program and its arguments, before read, check, put, "
              "remove or list; no shell reads them."},
      {.name = "timeout",
       .kind = Kind::kText,
       .doc = "Of one call, \"1s\" to \"1m\". Default 30s.",
       .fault = TimeoutFault},
      {.name = "compare_and_set",
       .kind = Kind::kFlag,
       .doc = "It prints versions, and exits with 4 where another one than "
              "expected is there. Default false."}};
  row.type.fault = SettingsFault;
  // Each record says whether it holds; the type cannot know a program.
  row.type.can.compare_and_set = false;
  row.type.reach = Reach::kProgram;
  row.type.place.default_at = "{name}";
  row.canonical = Canonical;
  row.open_reader = OpenReader;
  row.open = Open;
  return row;
}

}  // namespace patform::sinks
