#include "providers/sinks/remote/aws_secrets_manager_sink.h"

#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "providers/sinks/remote/keep_versions.h"

namespace patform::sinks {
namespace {

using State = HeldRecord::State;

// DescribeSecret is allowed some ten thousand times a second.
constexpr int kAtOnce = 16;
// Of a list: ten thousand secrets.
constexpr int kMostPages = 100;
constexpr size_t kLargestValue = 65536;
constexpr std::string_view kTagPrefix = "patform-";
// For a question that must be refused; of the form that AWS takes.
constexpr char kNoVersion[] = "patform-asks-whether-it-may-do-this";

// Hands off, unless a delivery says `adopt`: then this version is the expected
// one.
HeldRecord Foreign(const AwsSecret& secret, const std::string& why) {
  HeldRecord held;
  held.state = State::kForeign;
  held.version = secret.current;
  held.why = absl::FailedPreconditionError(why);
  return held;
}

std::string NamedCurrent(const AwsSecret& secret) {
  return absl::StrCat("its current version ", Visible(secret.current));
}

// The whole reading of a secret. The order matters: who wrote the version that
// is served, then whether it is served at all, then what it is.
HeldRecord HeldIn(const AwsSecret& secret) {
  // Somebody made it for a value that has yet to come.
  if (secret.current.empty()) return HeldRecord::Absent();
  if (!IsOurVersion(secret.current)) {
    if (secret.deleted) {
      return Foreign(secret,
                     "it is scheduled for deletion, which keeps its name: "
                     "wait, or restore it (aws secretsmanager restore-secret)");
    }
    return Foreign(secret, NamedCurrent(secret) + " is of another program");
  }
  // Ours or what was ours: nobody is served it any more.
  if (secret.deleted) return HeldRecord::Absent();
  const std::optional<AwsSlot> slot = SlotOf(secret.tags, secret.current);
  if (!slot) {
    return RecordBehind(secret.changed, secret.now, secret.current,
                        secret.name);
  }
  HeldRecord held;
  held.state = State::kPresent;
  held.record = RecordIn(secret.tags, *slot);
  if (!held.record) {
    return Foreign(secret,
                   "its record is of a newer patform; use that, or a newer");
  }
  held.version = secret.current;
  if (secret.rotated) {
    held.caution = absl::StrCat(
        "AWS rotates \"", Visible(secret.name),
        "\" by a function of its own, which would replace the token. Turn that "
        "off: aws secretsmanager cancel-rotate-secret");
  }
  return held;
}

// The version under AWSPREVIOUS, where that and the current one are deliveries
// of one configuration to `place` and the current one came by `time`; "": there
// is none, or it may be somebody's.
std::string Superseded(const AwsSecret& secret, const Delivery& place,
                       absl::Time time) {
  const HeldRecord held = HeldIn(secret);
  if (!held.record || held.record->address != place.Address() ||
      held.record->written_at > time) {
    return "";
  }
  const std::optional<AwsSlot> slot = SlotOf(secret.tags, secret.previous);
  if (!slot) return "";
  const std::optional<SinkRecord> record = RecordIn(secret.tags, *slot);
  // A newer one was superseded by whoever went back to the one before, and
  // nobody knows when.
  const bool ours = record && record->address == held.record->address &&
                    record->workspace == held.record->workspace &&
                    record->written_at <= held.record->written_at;
  return ours ? secret.previous : "";
}

// ResourceNotFoundException is the one answer that means absent: whoever may
// not see a secret gets AccessDeniedException.
HeldRecord ReadOne(AwsSecretsManager& aws, const Delivery& place,
                   Deadline deadline) {
  const absl::StatusOr<AwsSecret> secret = aws.Describe(place.at, deadline);
  if (absl::IsNotFound(secret.status())) return HeldRecord::Absent();
  if (!secret.ok()) return HeldRecord::Unknown(secret.status());
  return HeldIn(*secret);
}

// Whether a role may list is the administrator's choice: without, nothing is
// found, and nothing fails.
std::vector<StrayPlace> ListRecorded(AwsSecretsManager& aws,
                                     Deadline deadline) {
  std::vector<StrayPlace> found;
  std::string next;
  for (int page = 0; page < kMostPages; ++page) {
    const absl::StatusOr<std::vector<AwsSecret>> secrets =
        aws.List(std::string(kTagPrefix), next, deadline);
    if (!secrets.ok()) break;
    for (const AwsSecret& secret : *secrets) {
      StrayPlace stray;
      stray.place.at = secret.name;
      stray.held = HeldIn(secret);
      if (stray.held.state == State::kPresent) found.push_back(stray);
    }
    if (next.empty()) break;
  }
  return found;
}

// Before the commit nothing of a delivery is served, whatever became of a
// request: what it left behind, the next one takes over.
absl::Status NothingServed(const absl::Status& status) {
  if (!absl::IsUnknown(status)) return status;
  return absl::UnavailableError(status.message());
}

}  // namespace

HeldRecord AwsReader::Read(const Delivery& place, Deadline deadline) {
  return ReadOne(*aws_, place, deadline);
}

// Absence of a list means nothing while it trails: each is asked for itself.
std::vector<HeldRecord> AwsReader::ReadAll(
    absl::Span<const Delivery* const> places, Deadline deadline) {
  return ReadSideBySide(*this, places, kAtOnce, deadline);
}

std::vector<StrayPlace> AwsReader::Recorded(const std::set<std::string>&,
                                            Deadline deadline) {
  return ListRecorded(*aws_, deadline);
}

HeldRecord AwsSink::Read(const Delivery& place, Deadline deadline) {
  return ReadOne(*aws_, place, deadline);
}

std::vector<HeldRecord> AwsSink::ReadAll(
    absl::Span<const Delivery* const> places, Deadline deadline) {
  return ReadSideBySide(*this, places, kAtOnce, deadline);
}

std::vector<StrayPlace> AwsSink::Recorded(const std::set<std::string>&,
                                          Deadline deadline) {
  return ListRecorded(*aws_, deadline);
}

// Whatever DescribeSecret can tell, and one question that changes nothing. The
// rest shows in the delivery, before its commit.
absl::Status AwsSink::Check(const Delivery& place, Deadline deadline) {
  const absl::StatusOr<AwsSecret> secret = aws_->Describe(place.at, deadline);
  // Whether it may be created shows when it is.
  if (absl::IsNotFound(secret.status())) return absl::OkStatus();
  PATFORM_RETURN_IF_ERROR(secret.status());
  const std::string name = absl::StrCat("\"", Visible(place.at), "\" ");
  if (!secret->owning_service.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat(name, "is managed by ", Visible(secret->owning_service),
                     ", which alone may write it. Deliver to another secret."));
  }
  if (!secret->primary_region.empty()) {
    return absl::FailedPreconditionError(absl::StrCat(
        name, "is a copy of the secret in ", Visible(secret->primary_region),
        ". Write there: region = \"", Visible(secret->primary_region), "\"."));
  }
  if (secret->rotated) {
    return absl::FailedPreconditionError(absl::StrCat(
        name,
        "is rotated by a function of its own, which would replace the token. "
        "Turn that off: aws secretsmanager cancel-rotate-secret"));
  }
  if (secret->current.empty() || secret->deleted) return absl::OkStatus();
  // AWS checks permissions first: whoever may not do it is told that.
  const absl::Status asked =
      aws_->Promote(place.at, kNoVersion, secret->current, deadline);
  const bool refused = asked.ok() || absl::IsNotFound(asked) ||
                       absl::IsFailedPrecondition(asked);
  return refused ? absl::OkStatus() : NothingServed(asked);
}

// What was expected is compared twice: here, so that nothing is left behind in
// vain, and by AWS at the commit, which counts.
absl::StatusOr<std::string> AwsSink::Put(const Delivery& place,
                                         const Secret& value,
                                         const SinkRecord& record,
                                         const std::string& expected,
                                         Deadline deadline) {
  if (value.size() > kLargestValue) {
    return absl::FailedPreconditionError(
        "AWS Secrets Manager takes at most 65,536 bytes");
  }
  const AwsRecord next = RecordForAws(record);
  absl::StatusOr<AwsSecret> found = aws_->Describe(place.at, deadline);
  if (absl::IsNotFound(found.status())) {
    if (!expected.empty()) return MovedMeanwhile(place.at);
    return PutFirst(place, value, next, deadline);
  }
  PATFORM_RETURN_IF_ERROR(found.status());
  // After a lost answer the same is written again, on the same expectation.
  if (found->current == next.VersionId() && !found->deleted) {
    KeepRecord(place.at, next, deadline);
    return found->current;
  }
  // What counts as absent may have a version all the same.
  if (HeldIn(*found).version != expected) return MovedMeanwhile(place.at);
  if (found->deleted) {
    PATFORM_RETURN_IF_ERROR(NothingServed(aws_->Restore(place.at, deadline)));
  }
  return PutOver(*found, value, next, deadline);
}

absl::StatusOr<std::string> AwsSink::PutFirst(const Delivery& place,
                                              const Secret& value,
                                              const AwsRecord& next,
                                              Deadline deadline) {
  // One request for value and record. It may be sent twice: AWS knows the id of
  // the version, and takes the same again for done.
  const absl::Status created = aws_->Create(
      place.at, next.VersionId(), value, TagsOf(next, 'a'), kms_key_, deadline);
  // Somebody was faster.
  if (absl::IsAlreadyExists(created)) return MovedMeanwhile(place.at);
  PATFORM_RETURN_IF_ERROR(created);
  return next.VersionId();
}

// Nothing but Commit() changes what is served. What an attempt leaves behind, a
// record in the free place and a version with our label, the next one replaces.
absl::StatusOr<std::string> AwsSink::PutOver(const AwsSecret& found,
                                             const Secret& value,
                                             const AwsRecord& next,
                                             Deadline deadline) {
  const std::string version = next.VersionId();
  // Where neither place is of what is served now, either will do.
  const AwsSlot taken = SlotOf(found.tags, found.current).value_or('b');
  absl::Status done =
      aws_->Tag(found.name, TagsOf(next, taken == 'a' ? 'b' : 'a'), deadline);
  if (absl::IsNotFound(done)) return MovedMeanwhile(found.name);
  PATFORM_RETURN_IF_ERROR(NothingServed(done));
  done = aws_->Stage(found.name, version, value, deadline);
  if (absl::IsNotFound(done)) return MovedMeanwhile(found.name);
  // Another value under the id of this record: never, unless by hand.
  if (absl::IsAlreadyExists(done)) {
    return absl::FailedPreconditionError(done.message());
  }
  if (found.current.empty()) {
    // A secret's first version is served at once: whose was it?
    PATFORM_RETURN_IF_ERROR(done);
  } else {
    PATFORM_RETURN_IF_ERROR(NothingServed(done));
  }
  PATFORM_RETURN_IF_ERROR(Commit(found, version, deadline));
  KeepRecord(found.name, next, deadline);
  return version;
}

// The one step after which the new value is served.
absl::Status AwsSink::Commit(const AwsSecret& found, const std::string& version,
                             Deadline deadline) {
  if (!found.current.empty()) {
    const absl::Status moved =
        aws_->Promote(found.name, found.current, version, deadline);
    // What is not valid may be a second try after a first that was.
    if (!absl::IsFailedPrecondition(moved) && !absl::IsNotFound(moved)) {
      return moved;
    }
  }
  const absl::StatusOr<AwsSecret> now = aws_->Describe(found.name, deadline);
  // It was refused, or done before: which, cannot be known now.
  if (!now.ok()) return absl::UnknownError(now.status().message());
  return now->current == version ? absl::OkStatus()
                                 : MovedMeanwhile(found.name);
}

// Another run may have written its record over ours before it was refused. As
// far as it can: without, the value is of us and unknown for a while.
void AwsSink::KeepRecord(const std::string& name, const AwsRecord& next,
                         Deadline deadline) {
  const absl::StatusOr<AwsSecret> now = aws_->Describe(name, deadline);
  if (!now.ok() || now->current != next.VersionId() ||
      SlotOf(now->tags, now->current)) {
    return;
  }
  // Into both: from here on nobody else expects this version to be followed by
  // one of theirs, so both places are ours until the next delivery.
  aws_->Tag(name, TagsOf(next, 'a'), deadline).IgnoreError();
  aws_->Tag(name, TagsOf(next, 'b'), deadline).IgnoreError();
}

// Between the reading and the deletion somebody may write: then their value is
// scheduled for deletion, and can be restored for seven days.
absl::Status AwsSink::Remove(const Delivery& place, const std::string& expected,
                             Deadline deadline) {
  const auto gone = [&] {
    return absl::NotFoundError(
        absl::StrCat("nothing is served at \"", Visible(place.at), "\""));
  };
  absl::StatusOr<AwsSecret> found = aws_->Describe(place.at, deadline);
  PATFORM_RETURN_IF_ERROR(found.status());
  if (found->deleted || found->current.empty()) return gone();
  if (found->current != expected) return MovedMeanwhile(place.at);
  const absl::Status done = aws_->Delete(place.at, deadline);
  if (!absl::IsFailedPrecondition(done)) return done;
  // Refused: because it was done already, perhaps by a try of ours?
  found = aws_->Describe(place.at, deadline);
  return found.ok() && found->deleted ? absl::OkStatus() : done;
}

// By AWS's clock: the machine's own may be wrong. As far as it can.
void AwsSink::Tidy(absl::Span<const Delivery* const> places,
                   Deadline deadline) {
  if (!keep_) return;
  SideBySide(places.size(), kAtOnce, [&](size_t i) {
    const absl::StatusOr<AwsSecret> secret =
        aws_->Describe(places[i]->at, deadline);
    if (!secret.ok()) return;
    const std::string old =
        Superseded(*secret, *places[i], secret->now - *keep_);
    if (old.empty()) return;
    aws_->Retire(secret->name, old, deadline).IgnoreError();
  });
}

namespace {

absl::StatusOr<std::unique_ptr<RecordReader>> OpenReader(
    const Opening& opening) {
  PATFORM_RETURN_IF_ERROR(KeepVersions(opening.config).status());
  PATFORM_ASSIGN_OR_RETURN(
      std::unique_ptr<AwsSecretsManager> aws,
      AwsSecretsManager::Make(opening.config, opening.machine));
  return std::make_unique<AwsReader>(std::move(aws));
}

absl::StatusOr<std::unique_ptr<SecretSink>> Open(const Opening& opening) {
  PATFORM_ASSIGN_OR_RETURN(const std::optional<absl::Duration> keep,
                           KeepVersions(opening.config));
  PATFORM_ASSIGN_OR_RETURN(
      std::unique_ptr<AwsSecretsManager> aws,
      AwsSecretsManager::Make(opening.config, opening.machine));
  return std::make_unique<AwsSink>(std::move(aws),
                                   opening.config.Text("kms_key_id"), keep);
}

// A region of an account; which account, only the credentials know.
absl::StatusOr<std::string> Canonical(const SinkConfig& config) {
  SinkConfig resolved = config;
  PATFORM_ASSIGN_OR_RETURN(const std::string address, AwsAddress(config));
  resolved.settings["endpoint"] = address;
  PATFORM_ASSIGN_OR_RETURN(const std::string store,
                           CanonicalAddress(resolved, "endpoint"));
  return absl::StrCat(store, " ", config.Text("region"), " ",
                      config.Text("profile"));
}

// "Creating a secret", Name. Not its advice about six characters after a
// hyphen, which would forbid ci-deploy: patform never asks by a partial ARN.
std::string NameFault(std::string_view name) {
  constexpr std::string_view kMarks = "/_+=.@-";
  bool good = !name.empty() && name.size() <= 512;
  for (const char c : name) {
    good = good && (absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                    kMarks.find(c) != std::string_view::npos);
  }
  return good ? "" : "1 to 512 letters, digits and /_+=.@-";
}

}  // namespace

// one_write: the record is there before its value, and the commit is of both;
// but two runs may take one free place, and then the winner writes again.
Row AwsSecretsManagerRow() {
  using Kind = SettingKey::Kind;
  Row row;
  row.type.name = "aws-secrets-manager";
  row.type.doc =
      "AWS Secrets Manager: one secret a token, the record in its tags.";
  row.type.keys = {
      {.name = "region",
       .kind = Kind::kText,
       .required = true,
       .doc = "Like eu-west-1, or ${AWS_REGION}.",
       .fault = AwsRegionFault,
       .example = "\"eu-west-1\""},
      {.name = "endpoint",
       .kind = Kind::kText,
       .doc = "Another address, of a VPC endpoint. Needs --allow-host."},
      {.name = "kms_key_id",
       .kind = Kind::kText,
       .doc = "The KMS key of secrets that it creates. Default: AWS's own."},
      {.name = "profile",
       .kind = Kind::kText,
       .doc = "Of ~/.aws. Default: as the AWS CLI finds its credentials."},
      KeepVersionsKey(
          "How long a superseded version keeps the label AWSPREVIOUS, such as "
          "\"24h\". Without it, until the next one is superseded.")};
  row.type.can.one_write = false;
  row.type.reach = Reach::kNetwork;
  row.type.place.default_at = "{name}";
  row.type.place.key = PlaceRules::Key::kNone;
  row.type.place.key_doc = "the secret's value is the token alone";
  row.type.place.at_fault = NameFault;
  row.canonical = Canonical;
  row.open_reader = OpenReader;
  row.open = Open;
  return row;
}

}  // namespace patform::sinks
