#include "providers/sinks/remote/github_secrets_sink.h"

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "providers/sinks/record_json.h"
#include "providers/sinks/remote/github_record.h"
#include "providers/sinks/remote/github_wire.h"

namespace patform::sinks {
namespace {

using State = HeldRecord::State;

constexpr size_t kLargestValue = 48 << 10;
// Of more places the lists are asked: a hundred secrets, or thirty variables,
// in a request.
constexpr size_t kFewPlaces = 4;

// What is at a place, with all that Put() needs of it.
struct Seen {
  std::optional<GithubSecret> secret;
  bool has_variable = false;
  HeldRecord held;
};

// Two requests, three where there is no secret. The secret comes first: see
// below.
absl::StatusOr<Seen> Look(GithubActions& github, const std::string& name,
                          Deadline deadline) {
  Seen seen;
  // The record first would be taken for that of a secret written meanwhile.
  PATFORM_ASSIGN_OR_RETURN(seen.secret, github.FindSecret(name, deadline));
  PATFORM_ASSIGN_OR_RETURN(
      const std::optional<std::string> variable,
      github.FindVariable(GithubRecordName(name), deadline));
  seen.has_variable = variable.has_value();
  seen.held = HeldByGithub(name, seen.secret, variable);
  return seen;
}

// For plans. Everything that it sends is a GET.
class GithubReader : public RecordReader {
 public:
  explicit GithubReader(std::unique_ptr<GithubActions> github)
      : github_(std::move(github)) {}

  HeldRecord Read(const Delivery& place, Deadline deadline) override;
  std::vector<HeldRecord> ReadAll(absl::Span<const Delivery* const> places,
                                  Deadline deadline) override;
  std::vector<StrayPlace> Recorded(const std::set<std::string>& ats,
                                   Deadline deadline) override;

 private:
  const std::unique_ptr<GithubActions> github_;
};

// Two connections of the same kind: one for the reader, which is whole without
// what writes, and one for the rest.
class GithubSink : public SinkOverReader {
 public:
  GithubSink(std::unique_ptr<RecordReader> reader,
             std::unique_ptr<GithubActions> github)
      : SinkOverReader(std::move(reader)), github_(std::move(github)) {}

  absl::Status Check(const Delivery& place, Deadline deadline) override;
  absl::StatusOr<std::string> Put(const Delivery& place, const Secret& value,
                                  const SinkRecord& record,
                                  const std::string& expected,
                                  Deadline deadline) override;
  absl::Status Remove(const Delivery& place, const std::string& expected,
                      Deadline deadline) override;

 private:
  // Has a PUT of that record been sent, with whatever end?
  bool Tried(const Delivery& place, const std::string& record);
  absl::Status NextSecond(const Seen& seen, Deadline deadline);
  absl::StatusOr<std::string> Describe(const Delivery& place,
                                       const Seen& before,
                                       const SinkRecord& record,
                                       Deadline deadline);

  const std::unique_ptr<GithubActions> github_;
  std::mutex mutex_;
  // The record of the last PUT to each place. Guarded by the mutex.
  std::map<std::string, std::string> tried_;
};

HeldRecord GithubReader::Read(const Delivery& place, Deadline deadline) {
  const absl::StatusOr<Seen> seen = Look(*github_, place.at, deadline);
  return seen.ok() ? seen->held : HeldRecord::Unknown(seen.status());
}

// GitHub counts requests, five thousand an hour for all that a user does, so a
// list is worth it early.
std::vector<HeldRecord> GithubReader::ReadAll(
    absl::Span<const Delivery* const> places, Deadline deadline) {
  if (places.size() <= kFewPlaces) {
    return RecordReader::ReadAll(places, deadline);
  }
  const auto secrets = github_->ListSecrets(deadline);
  const auto variables = github_->ListVariables(deadline);
  std::vector<HeldRecord> all;
  for (const Delivery* place : places) {
    if (!secrets.ok() || !variables.ok()) {
      all.push_back(HeldRecord::Unknown(secrets.ok() ? variables.status()
                                                     : secrets.status()));
      continue;
    }
    const auto secret = secrets->find(place->at);
    const auto variable = variables->find(GithubRecordName(place->at));
    // What is missing may have been between two pages.
    all.push_back(
        secret == secrets->end() || variable == variables->end()
            ? Read(*place, deadline)
            : HeldByGithub(place->at, secret->second, variable->second));
  }
  return all;
}

// Of secrets with a variable of ours beside them. A variable whose secret is
// gone is nobody's place any more.
std::vector<StrayPlace> GithubReader::Recorded(const std::set<std::string>&,
                                               Deadline deadline) {
  std::vector<StrayPlace> found;
  const auto secrets = github_->ListSecrets(deadline);
  const auto variables = github_->ListVariables(deadline);
  if (!secrets.ok() || !variables.ok()) return found;
  for (const auto& [name, secret] : *secrets) {
    const auto variable = variables->find(GithubRecordName(name));
    if (variable == variables->end()) continue;
    StrayPlace stray;
    stray.place.at = name;
    stray.held = HeldByGithub(name, secret, variable->second);
    if (stray.held.state == State::kPresent) found.push_back(std::move(stray));
  }
  return found;
}

// GitHub has no question that a writer alone is answered. Where there is a
// record, it is written as it is, which changes nothing.
absl::Status GithubSink::Check(const Delivery& place, Deadline deadline) {
  PATFORM_RETURN_IF_ERROR(github_->FindSecret(place.at, deadline).status());
  const std::string name = GithubRecordName(place.at);
  PATFORM_ASSIGN_OR_RETURN(const std::optional<std::string> variable,
                           github_->FindVariable(name, deadline));
  if (!variable) return absl::OkStatus();
  const absl::Status written =
      github_->PutVariable(name, /*exists=*/true, *variable, deadline);
  if (!absl::IsUnknown(written)) return written;
  return absl::UnavailableError(written.message());
}

// In this run's memory alone: another run does not write this record again.
bool GithubSink::Tried(const Delivery& place, const std::string& record) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto tried = tried_.find(place.at);
  return tried != tried_.end() && tried->second == record;
}

// A secret that was updated in this second would not be told from the next.
absl::Status GithubSink::NextSecond(const Seen& seen, Deadline deadline) {
  if (!seen.secret) return absl::OkStatus();
  Clock& clock = *github_->machine().clock;
  const absl::Duration wait =
      seen.secret->Updated() + absl::Seconds(1) - seen.secret->now;
  // Of another clock than theirs, or of a secret from the future: not here.
  if (wait <= absl::ZeroDuration() || wait > absl::Seconds(1)) {
    return absl::OkStatus();
  }
  // The Date of an answer has whole seconds.
  const Deadline until = patform::After(clock, wait + absl::Milliseconds(50));
  if (until >= deadline) return absl::DeadlineExceededError("no time is left");
  return clock.SleepUntil(until) ? absl::OkStatus()
                                 : absl::CancelledError("interrupted");
}

// The steps of the header. Up to the PUT an error of any kind has changed
// nothing that is served.
absl::StatusOr<std::string> GithubSink::Put(const Delivery& place,
                                            const Secret& value,
                                            const SinkRecord& record,
                                            const std::string& expected,
                                            Deadline deadline) {
  if (value.size() > kLargestValue) {
    return absl::FailedPreconditionError("GitHub takes at most 48 KB");
  }
  const std::string text = RecordToJson(record);
  PATFORM_ASSIGN_OR_RETURN(const Seen seen, Look(*github_, place.at, deadline));
  if (seen.held.version != expected && !Tried(place, text)) {
    return MovedMeanwhile(place.at);
  }
  if (!seen.has_variable) {
    const absl::Status made =
        github_->PutVariable(GithubRecordName(place.at), /*exists=*/false,
                             GithubRecordText("", record), deadline);
    // It describes nothing, whether it is there or not.
    if (absl::IsUnknown(made)) return absl::UnavailableError(made.message());
    PATFORM_RETURN_IF_ERROR(made);
  }
  // The last look was some requests ago, and may be older than it seems; what
  // matters is that this second is another than that of what is there.
  PATFORM_RETURN_IF_ERROR(NextSecond(seen, deadline));
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    tried_[place.at] = text;
  }
  PATFORM_RETURN_IF_ERROR(
      github_->PutSecret(place.at, seen.secret, value, deadline));
  // From here on it is served: whatever fails, it may not be called unwritten.
  absl::StatusOr<std::string> version = Describe(place, seen, record, deadline);
  if (version.ok()) return version;
  return absl::UnknownError(version.status().message());
}

// The record of what was just written.
absl::StatusOr<std::string> GithubSink::Describe(const Delivery& place,
                                                 const Seen& before,
                                                 const SinkRecord& record,
                                                 Deadline deadline) {
  PATFORM_ASSIGN_OR_RETURN(const std::optional<GithubSecret> now,
                           github_->FindSecret(place.at, deadline));
  // GitHub may answer from a copy that is behind.
  if (!now || (before.secret && before.secret->updated_at == now->updated_at)) {
    return absl::UnavailableError(absl::StrCat(
        "\"", Visible(place.at), "\" was written, and does not show it yet"));
  }
  PATFORM_RETURN_IF_ERROR(github_->PutVariable(
      GithubRecordName(place.at), /*exists=*/true,
      GithubRecordText(now->updated_at, record), deadline));
  return now->updated_at;
}

// The secret first: a run that dies in between leaves a variable that says
// nothing, and no secret that nobody knows of.
absl::Status GithubSink::Remove(const Delivery& place,
                                const std::string& expected,
                                Deadline deadline) {
  PATFORM_ASSIGN_OR_RETURN(const Seen seen, Look(*github_, place.at, deadline));
  if (!seen.secret) {
    return absl::NotFoundError(
        absl::StrCat("there is no secret \"", Visible(place.at), "\""));
  }
  if (seen.held.version != expected) return MovedMeanwhile(place.at);
  PATFORM_RETURN_IF_ERROR(github_->Delete("secrets", place.at, deadline));
  // Without the secret it says nothing.
  github_->Delete("variables", GithubRecordName(place.at), deadline)
      .IgnoreError();
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<RecordReader>> OpenReader(
    const Opening& opening) {
  auto github = GithubActions::Make(opening.config, opening.machine);
  if (!github.ok()) return github.status();
  return std::make_unique<GithubReader>(*std::move(github));
}

// Both are of one configuration, so both are refused, or neither is.
absl::StatusOr<std::unique_ptr<SecretSink>> Open(const Opening& opening) {
  auto reader = OpenReader(opening);
  auto github = GithubActions::Make(opening.config, opening.machine);
  if (!reader.ok()) return reader.status();
  if (!github.ok()) return github.status();
  return std::make_unique<GithubSink>(*std::move(reader), *std::move(github));
}

// GitHub's names are the same in any case of letters.
absl::StatusOr<std::string> Canonical(const SinkConfig& config) {
  SinkConfig resolved = config;
  resolved.settings["address"] = GithubAddress(config);
  PATFORM_ASSIGN_OR_RETURN(const std::string store,
                           CanonicalAddress(resolved, "address"));
  return store + absl::AsciiStrToLower(GithubBase(config));
}

// GitHub's rules for names, and that ours are not taken for a record.
std::string NameFault(std::string_view name) {
  bool good = !name.empty() && name.size() <= 200 &&
              !absl::ascii_isdigit(static_cast<unsigned char>(name[0])) &&
              !name.starts_with("GITHUB_") &&
              !name.ends_with(kGithubRecordSuffix);
  for (const unsigned char c : name) {
    good =
        good && (absl::ascii_isupper(c) || absl::ascii_isdigit(c) || c == '_');
  }
  return good ? ""
              : "1 to 200 of A-Z, 0-9 and _, not beginning with a digit or "
                "GITHUB_, and not ending in _PATFORM";
}

// It becomes two parts of a path.
std::string RepositoryFault(std::string_view text) {
  const size_t slash = text.find('/');
  bool good = slash != std::string_view::npos && slash > 0 &&
              slash + 1 < text.size() &&
              text.find('/', slash + 1) == std::string_view::npos;
  for (const unsigned char c : text) {
    good = good && (absl::ascii_isalnum(c) || c == '-' || c == '_' ||
                    c == '.' || c == '/');
  }
  // A dot alone would lead elsewhere.
  const std::string_view name = good ? text.substr(slash + 1) : "";
  good = good && name != "." && name != ".." && !text.starts_with('.');
  return good ? "" : "OWNER/NAME";
}

// One of three kinds of places, each with its own keys.
std::string Fault(const std::map<std::string, SettingValue>& settings) {
  const auto has = [&](const char* key) { return settings.count(key) > 0; };
  if (has("repository") == has("organization")) {
    return "it needs either `repository` or `organization`";
  }
  if (has("environment") && !has("repository")) {
    return "`environment` is one of a `repository`";
  }
  if (has("visibility") && !has("organization")) {
    return "`visibility` is for an `organization`";
  }
  return "";
}

}  // namespace

// The usual place is not the token's name, which may have hyphens.
Row GithubSecretsRow() {
  using Kind = SettingKey::Kind;
  Row row;
  row.type.name = "github-secrets";
  row.type.doc =
      "Secrets of GitHub Actions; the record is a variable NAME_PATFORM.";
  row.type.keys = {
      {.name = "repository",
       .kind = Kind::kText,
       .doc = "OWNER/NAME; or `organization`.",
       .fault = RepositoryFault,
       .example = "\"contoso/app\""},
      {.name = "environment",
       .kind = Kind::kText,
       .doc = "An environment of the repository."},
      {.name = "organization",
       .kind = Kind::kText,
       .doc = "Secrets of an organization."},
      {.name = "visibility",
       .kind = Kind::kText,
       .doc = "Of new secrets of an organization. Default private.",
       .choices = {"all", "private", "selected"}},
      {.name = "address",
       .kind = Kind::kText,
       .doc = "Of GitHub Enterprise Server: https://HOST/api/v3. Needs "
              "--allow-host."}};
  row.type.fault = Fault;
  row.type.can.compare_and_set = false;
  row.type.can.one_write = false;
  row.type.reach = Reach::kNetwork;
  row.type.place.default_at = "ADO_PAT";
  row.type.place.key = PlaceRules::Key::kNone;
  row.type.place.key_doc = "`at` is the secret's name";
  row.type.place.at_fault = NameFault;
  row.canonical = Canonical;
  row.open_reader = OpenReader;
  row.open = Open;
  return row;
}

}  // namespace patform::sinks
