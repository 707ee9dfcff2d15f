#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "engine/ports/secret_sink.h"
#include "providers/sinks/remote/aws_wire.h"
#include "providers/sinks/row.h"

// The sink type "aws-secrets-manager": one secret of AWS Secrets Manager for
// each place; its value is the token and nothing else.
//
// AWS keeps versions of a value, which never change, and serves the one that
// has the label AWSCURRENT. The id of a version is picked by who writes it: it
// is the digest of our record, which is in the secret's tags (aws_record.h). So
// DescribeSecret alone tells which token is served, and no permission to read
// a value is needed, ever. A first value is one request, CreateSecret with its
// tags. Later ones:
//
//     1  DescribeSecret             which version is served, which of the two
//                                   places for a record is free
//     2  TagResource                the new record, in the free one
//     3  PutSecretValue             the new version, labelled patform-next: it
//                                   is not served yet
//     4  UpdateSecretVersionStage   AWSCURRENT from the version that was
//                                   expected to the new one: the commit
//     5  DescribeSecret             is the record still there?
//
// AWS refuses 4 if AWSCURRENT is not where it is to be taken from: "If the
// label is attached and you either do not specify this parameter, or the
// version ID does not match, then the operation fails" (API reference,
// RemoveFromVersionId). That is a compare-and-set. Stopped before 4: the old
// value, the old record. After it: both new. AWSPREVIOUS keeps the old version
// for whoever still asks for it by that label; older ones lose their labels,
// and AWS throws them away.
//
// With keep_versions, Tidy() takes AWSPREVIOUS away once the current version is
// that old, and only from a version that is certainly ours: the one whose
// record is in the other place, where 2 has left it. What was there before the
// first delivery, or came between two, has no record. If an attempt that died
// has replaced the record, the label stays until the next delivery. AWS refuses
// it where the label has moved since (RemoveFromVersionId again). Whether it
// succeeds decides nothing.
//
// Two runs at once may take the same free place; the one that commits then puts
// its record into the other place (5). If it dies before that, a version of
// ours is served without its record: torn (RecordBehind), never a wrong record.
//
// A value cannot be taken out of a secret, so Remove() schedules the secret for
// deletion, after seven days, within which it can be restored. AWS has no
// condition for that: the version is read right before. While it is scheduled
// nothing is served, and the name is taken: the next delivery restores it.
namespace patform::sinks {

class AwsReader : public RecordReader {
 public:
  explicit AwsReader(std::unique_ptr<AwsSecretsManager> aws)
      : aws_(std::move(aws)) {}
  HeldRecord Read(const Delivery& place, Deadline deadline) override;
  // One DescribeSecret each, side by side: ListSecrets has the same, but is up
  // to five minutes behind, so a plan right after an apply would be wrong.
  std::vector<HeldRecord> ReadAll(absl::Span<const Delivery* const> places,
                                  Deadline deadline) override;
  // By ListSecrets, a hundred in a request; nothing without that permission.
  std::vector<StrayPlace> Recorded(const std::set<std::string>& ats,
                                   Deadline deadline) override;

 private:
  const std::unique_ptr<AwsSecretsManager> aws_;
};

class AwsSink : public SecretSink {
 public:
  // `keep`: as KeepVersions() has it.
  AwsSink(std::unique_ptr<AwsSecretsManager> aws, std::string kms_key,
          std::optional<absl::Duration> keep)
      : aws_(std::move(aws)), kms_key_(std::move(kms_key)), keep_(keep) {}

  HeldRecord Read(const Delivery& place, Deadline deadline) override;
  std::vector<HeldRecord> ReadAll(absl::Span<const Delivery* const> places,
                                  Deadline deadline) override;
  std::vector<StrayPlace> Recorded(const std::set<std::string>& ats,
                                   Deadline deadline) override;
  // Of a secret that exists, a label is moved from a version that does not:
  // refused always, and as forbidden to whoever may not move it.
  absl::Status Check(const Delivery& place, Deadline deadline) override;
  absl::StatusOr<std::string> Put(const Delivery& place, const Secret& value,
                                  const SinkRecord& record,
                                  const std::string& expected,
                                  Deadline deadline) override;
  absl::Status Remove(const Delivery& place, const std::string& expected,
                      Deadline deadline) override;
  void Tidy(absl::Span<const Delivery* const> places,
            Deadline deadline) override;

 private:
  absl::StatusOr<std::string> PutFirst(const Delivery& place,
                                       const Secret& value,
                                       const AwsRecord& next,
                                       Deadline deadline);
  absl::StatusOr<std::string> PutOver(const AwsSecret& found,
                                      const Secret& value,
                                      const AwsRecord& next, Deadline deadline);
  absl::Status Commit(const AwsSecret& found, const std::string& version,
                      Deadline deadline);
  void KeepRecord(const std::string& name, const AwsRecord& next,
                  Deadline deadline);

  const std::unique_ptr<AwsSecretsManager> aws_;
  const std::string kms_key_;
  const std::optional<absl::Duration> keep_;  // nullopt: until the next one
};

Row AwsSecretsManagerRow();

}  // namespace patform::sinks
