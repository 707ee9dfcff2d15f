#include "providers/sinks/remote/github_record.h"

#include <boost/json.hpp>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"
#include "providers/sinks/record_json.h"
#include "providers/sinks/remote/rest_store.h"

namespace patform::sinks {
namespace {

namespace json = boost::json;
using State = HeldRecord::State;

// What a variable of ours holds.
struct Mark {
  std::string updated_at;  // of the secret; "": it was not written yet
  SinkRecord record;
};

// nullopt: not ours, or of a version of patform that writes it otherwise; then
// the secret is somebody else's until a person decides.
std::optional<Mark> ParseMark(std::string_view text) {
  json::error_code error;
  const json::value value =
      json::parse(json::string_view(text.data(), text.size()), error);
  const json::object* object = error ? nullptr : value.if_object();
  if (object == nullptr) return std::nullopt;
  const json::value* updated = object->if_contains("updated_at");
  const json::value* body = object->if_contains("record");
  if (updated == nullptr || !updated->is_string() || body == nullptr) {
    return std::nullopt;
  }
  std::optional<SinkRecord> record = RecordFromJson(json::serialize(*body));
  if (!record) return std::nullopt;
  return Mark{
      std::string(updated->get_string().data(), updated->get_string().size()),
      *std::move(record)};
}

// The secret decides: without it the variable says nothing, and without the
// variable nobody knows whose the secret is.
HeldRecord StateOf(const std::string& name,
                   const std::optional<GithubSecret>& secret,
                   const std::optional<std::string>& variable) {
  if (!secret) return HeldRecord::Absent();
  const std::optional<Mark> mark =
      variable ? ParseMark(*variable) : std::nullopt;
  HeldRecord held;
  held.version = secret->updated_at;
  if (!mark) {
    held.state = State::kForeign;
    held.why = absl::FailedPreconditionError(
        absl::StrCat(variable ? "the variable " : "there is no variable ",
                     GithubRecordName(name),
                     variable ? " is not a record of this version of patform"
                              : ", in which patform keeps its record"));
    return held;
  }
  if (mark->updated_at != secret->updated_at) {
    return RecordBehind(secret->Updated(), secret->now, secret->updated_at,
                        name);
  }
  held.state = State::kPresent;
  held.record = mark->record;
  return held;
}

}  // namespace

// Beside the secret in every list, and in nobody's way: variables have a name
// space of their own.
std::string GithubRecordName(const std::string& name) {
  return absl::StrCat(name, AbslView(kGithubRecordSuffix));
}

// Both parts are of letters that JSON needs no escapes for: a moment, and JSON.
std::string GithubRecordText(const std::string& updated_at,
                             const SinkRecord& record) {
  return absl::StrCat("{\"updated_at\":\"", updated_at,
                      "\",\"record\":", RecordToJson(record), "}");
}

// Of a store that compares nothing when it writes.
HeldRecord HeldByGithub(const std::string& name,
                        const std::optional<GithubSecret>& secret,
                        const std::optional<std::string>& variable) {
  HeldRecord held = StateOf(name, secret, variable);
  held.compare_and_set = false;
  return held;
}

}  // namespace patform::sinks
