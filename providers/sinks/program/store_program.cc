#include "providers/sinks/program/store_program.h"

#include <string.h>

#include <algorithm>
#include <boost/json.hpp>
#include <optional>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/digest.h"
#include "engine/base/duration.h"
#include "engine/base/pat_shape.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "providers/entra/printed_token.h"
#include "providers/http/secret_json.h"
#include "providers/sinks/program/without_secret.h"
#include "providers/sinks/record_json.h"

// A program is trusted with the secret and with nothing else: what it prints
// is bounded, parsed in memory that is wiped, and shown only where it cannot be
// the secret. Nothing that it leaves unsaid is taken for success.
namespace patform::sinks {
namespace {

namespace json = boost::json;

constexpr absl::Duration kDefaultTimeout = absl::Seconds(30);
// The engine gives a place no longer.
constexpr absl::Duration kLongestTimeout = absl::Minutes(1);
constexpr int64_t kMostOutput = 64 << 10;
constexpr int64_t kMostListed = 16 << 20;
constexpr size_t kLongestVersion = 256;

// What a person is told that it was at.
std::string Doing(const StoreCall& call) {
  const std::string_view verb = call.verb;
  return absl::StrCat(verb == "read"    ? "reading the record of "
                      : verb == "check" ? "checking "
                      : verb == "put"   ? "writing to "
                      : verb == "list"  ? "listing places"
                                        : "removing what is at ",
                      verb == "list" ? "" : Visible(call.place.Address()));
}

const std::vector<std::string>* WordsIn(
    const std::map<std::string, SettingValue>& settings) {
  const auto at = settings.find("command");
  return at == settings.end()
             ? nullptr
             : std::get_if<std::vector<std::string>>(&at->second);
}

// Checked before: what cannot be read here came from a test.
absl::Duration TimeoutOf(const SinkConfig& config) {
  const std::string text = config.Text("timeout");
  if (text.empty()) return kDefaultTimeout;
  return ParseDuration(text).value_or(kDefaultTimeout);
}

// "" too: it stands for "nothing is there".
bool IsVersion(std::string_view text) {
  return !text.empty() && text.size() <= kLongestVersion &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return c > ' ' && c <= '~'; }) &&
         // Versions are shown and kept; a token never is.
         !IsPatShaped(text);
}

// Not shown where it is wrong: a program that mixes up its outputs may have
// printed the secret there.
absl::StatusOr<std::string> VersionIn(const json::object& object) {
  const json::value* version = object.if_contains("version");
  if (version == nullptr) return "";
  const json::string* text = version->if_string();
  if (text == nullptr ||
      !IsVersion(std::string_view(text->data(), text->size()))) {
    return absl::InvalidArgumentError(absl::StrCat(
        "its \"version\" is not 1 to ", kLongestVersion,
        " printable characters of ASCII without spaces (it is not shown)"));
  }
  return std::string(text->data(), text->size());
}

// With a version, so that a delivery with adopt = true can name what it
// replaces.
HeldRecord Foreign(const StoreCall& call, std::string version) {
  HeldRecord held;
  held.state = HeldRecord::State::kForeign;
  held.version = version.empty() ? "foreign" : std::move(version);
  held.why = absl::FailedPreconditionError(absl::StrCat(
      Visible(call.place.Address()),
      " holds a value without a record of patform's. Move it away, deliver to "
      "another place, or set adopt = true on this delivery to replace it."));
  return held;
}

}  // namespace

// Below a second a shell would hardly have started on a busy machine.
std::string TimeoutFault(std::string_view text) {
  const absl::StatusOr<absl::Duration> span = ParseDuration(text);
  const bool fits =
      span.ok() && *span >= absl::Seconds(1) && *span <= kLongestTimeout;
  return fits ? ""
              : absl::StrCat("a span from \"1s\" to \"",
                             DurationText(kLongestTimeout), "\"");
}

// Of the whole record: a token whose secret was renewed keeps its id.
std::string VersionOf(const SinkRecord& record) {
  return absl::StrCat("record-", Sha256(RecordToJson(record)).substr(0, 16));
}

absl::StatusOr<std::string> PrintedVersion(const Secret& out) {
  const std::string_view text = out.Reveal();
  if (text.find_first_not_of(" \t\r\n") == text.npos) return "";
  const http::SecretJson document(text, {kMostOutput, 4});
  if (document.object() == nullptr) {
    return absl::InvalidArgumentError(
        "it printed something that is not a JSON object (it is not shown)");
  }
  return VersionIn(*document.object());
}

// Settings first, the permission last: a configuration that cannot work is
// reported as that, also where it would not be allowed.
absl::StatusOr<StoreProgram> StoreProgram::Make(const Opening& opening) {
  const SinkConfig& config = opening.config;
  StoreProgram program;
  program.sink_ = Visible(config.name);
  const std::vector<std::string>* words = WordsIn(config.settings);
  if (words == nullptr || words->empty() || words->front().empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("sink \"", program.sink_,
                     "\": command is empty: its first item is the program"));
  }
  const std::string timeout = config.Text("timeout");
  if (const std::string want = timeout.empty() ? "" : TimeoutFault(timeout);
      !want.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("sink \"", program.sink_, "\": timeout \"",
                     Visible(config.Shown("timeout")), "\": expected ", want));
  }
  if (!opening.machine.grants->programs) {
    return absl::PermissionDeniedError(absl::StrCat(
        "sink \"", program.sink_,
        "\" runs a program, which a configuration alone may not. Where you "
        "trust it: --allow-programs, or PATFORM_ALLOW_PROGRAMS=1"));
  }
  program.words_ = *words;
  // As it is written: what ${NAME} stands for is shown to nobody.
  const std::vector<std::string>* written = WordsIn(config.written);
  program.program_ =
      Visible(written == nullptr || written->empty() ? words->front()
                                                     : written->front());
  program.timeout_ = TimeoutOf(config);
  program.compare_and_set_ = config.Flag("compare_and_set");
  program.machine_ = &opening.machine;
  return program;
}

// One time limit for all verbs, and never beyond what the engine allows.
absl::StatusOr<Secret> StoreProgram::Run(const StoreCall& call,
                                         Deadline deadline) const {
  Clock& clock = *machine_->clock;
  // A program that is ended right away may have done its work nevertheless.
  if (deadline <= clock.Monotonic()) {
    return Error(absl::StatusCode::kDeadlineExceeded, call,
                 "the time was up before the program was started");
  }
  ProgramCall run;
  run.words = words_;
  run.words.push_back(call.verb);
  run.input = call.value;
  run.max_output =
      call.verb == std::string_view("list") ? kMostListed : kMostOutput;
  run.variables = call.variables;
  run.variables.push_back(absl::StrCat("PATFORM_AT=", call.place.at));
  run.variables.push_back(absl::StrCat("PATFORM_KEY=", call.place.key));
  absl::StatusOr<ProgramResult> result =
      machine_->programs->Run(run, std::min(deadline, After(clock, timeout_)));
  if (!result.ok()) return NotEnded(call, result.status());
  absl::Status failed = absl::OkStatus();
  if (result->exit_code != 0) failed = Failed(call, *result);
  // They may repeat the secret, and are not a Secret.
  explicit_bzero(result->errors.data(), result->errors.size());
  if (!failed.ok()) return failed;
  return std::move(result->out);
}

// It was not started, or it was ended by force.
absl::Status StoreProgram::NotEnded(const StoreCall& call,
                                    const absl::Status& why) const {
  switch (why.code()) {
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kPermissionDenied:
      return Error(absl::StatusCode::kFailedPrecondition, call,
                   absl::IsNotFound(why)
                       ? absl::StrCat("there is no program ", program_)
                       : absl::StrCat(program_, " may not be run"));
    case absl::StatusCode::kDeadlineExceeded:
      return Error(call.writes ? absl::StatusCode::kUnknown : why.code(), call,
                   absl::StrCat(program_, " did not end within ",
                                FormatSpan(timeout_), " and was ended"));
    default:
      // More output than allowed, or the user's interrupt.
      return Error(call.writes ? absl::StatusCode::kUnknown : why.code(), call,
                   absl::StrCat(program_, ": ", std::string(why.message())));
  }
}

// The exit code decides, the words are for people. They are covered before
// anything else looks at them: cutting them to a few lines could leave half a
// secret that nothing recognizes.
absl::Status StoreProgram::Failed(const StoreCall& call,
                                  ProgramResult& result) const {
  const std::string told = entra::ShownErrors(
      call.value == nullptr
          ? result.errors
          : WithoutSecret(result.errors, *call.value, call.place.encoding));
  const std::string why =
      absl::StrCat(program_, " ended with exit code ", result.exit_code,
                   told.empty() ? "" : ": ", told);
  switch (result.exit_code) {
    case kNothingThere:
      return Error(absl::StatusCode::kNotFound, call, why);
    case kSomethingElseThere:
      return Error(absl::StatusCode::kAborted, call, why);
    case kNothingChanged:
      return Error(absl::StatusCode::kFailedPrecondition, call, why);
    default:
      return Error(call.writes ? absl::StatusCode::kUnknown
                               : absl::StatusCode::kFailedPrecondition,
                   call, why);
  }
}

// The difference is whether anything may have changed by it.
absl::Status StoreProgram::Malformed(const StoreCall& call,
                                     std::string_view why) const {
  // It has ended well, so that what it was to do is done.
  return Error(
      call.writes ? absl::StatusCode::kUnknown : absl::StatusCode::kDataLoss,
      call, absl::StrCat(program_, ": ", std::string(why)));
}

absl::Status StoreProgram::Error(absl::StatusCode code, const StoreCall& call,
                                 std::string_view why) const {
  return absl::Status(code, absl::StrCat("sink \"", sink_, "\": ", Doing(call),
                                         ": ", std::string(why)));
}

// kNotFound is the one error that says something about the place.
HeldRecord StoreProgram::Read(const Delivery& place, Deadline deadline) const {
  const StoreCall call = {"read", place};
  const absl::StatusOr<Secret> out = Run(call, deadline);
  HeldRecord held = HeldRecord::Unknown(out.status());
  if (absl::IsNotFound(out.status())) held = HeldRecord::Absent();
  if (out.ok()) held = Held(call, out->Reveal());
  held.compare_and_set = compare_and_set_;
  return held;
}

// One place a line, as `read` prints it, with "at" and "key".
std::vector<StrayPlace> StoreProgram::List(Deadline deadline) const {
  std::vector<StrayPlace> found;
  const Delivery nowhere;
  const StoreCall call = {"list", nowhere};
  const absl::StatusOr<Secret> out = Run(call, deadline);
  if (!out.ok()) return found;
  for (const absl::string_view line :
       absl::StrSplit(AbslView(out->Reveal()), '\n', absl::SkipWhitespace())) {
    StrayPlace stray;
    const http::SecretJson document(StdView(line), {kMostOutput, 8});
    if (document.object() == nullptr) continue;
    stray.place.at = http::TextMember(*document.object(), "at");
    stray.place.key = http::TextMember(*document.object(), "key");
    if (stray.place.at.empty()) continue;
    stray.held = Held({"list", stray.place}, StdView(line));
    if (stray.held.state != HeldRecord::State::kPresent) continue;
    stray.held.compare_and_set = compare_and_set_;
    found.push_back(std::move(stray));
  }
  return found;
}

// What cannot be understood is unknown where the program is at fault, and
// foreign where the record is: that one people can repair in the store.
HeldRecord StoreProgram::Held(const StoreCall& call,
                              std::string_view printed) const {
  const auto unknown = [&](std::string_view why) {
    return HeldRecord::Unknown(Malformed(call, why));
  };
  const http::SecretJson document(printed, {kMostOutput, 8});
  if (document.object() == nullptr) {
    return unknown("what it printed is not a JSON object (it is not shown)");
  }
  absl::StatusOr<std::string> version = VersionIn(*document.object());
  if (!version.ok()) return unknown(StdView(version.status().message()));
  if (version->empty() && compare_and_set_) {
    return unknown("it printed no \"version\", which compare_and_set needs");
  }
  const json::value* body = document.object()->if_contains("record");
  if (body == nullptr || body->is_null()) return Foreign(call, *version);
  if (!body->is_object()) {
    return unknown("its \"record\" is not an object (it is not shown)");
  }
  HeldRecord held;
  held.record = RecordFromJson(json::serialize(*body));
  // As in a file that people have edited.
  if (!held.record) return Foreign(call, *version);
  held.state = HeldRecord::State::kPresent;
  held.version = version->empty() ? VersionOf(*held.record) : *version;
  return held;
}

}  // namespace patform::sinks
