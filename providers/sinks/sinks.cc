#include "providers/sinks/sinks.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "providers/sinks/after.h"
#include "providers/sinks/local/dotenv_sink.h"
#include "providers/sinks/local/file_sink.h"
#include "providers/sinks/local/template_sink.h"
#include "providers/sinks/outputs/azure_pipelines_sink.h"
#include "providers/sinks/outputs/github_actions_sink.h"
#include "providers/sinks/program/exec_sink.h"
#include "providers/sinks/remote/aws_secrets_manager_sink.h"
#include "providers/sinks/remote/github_secrets_sink.h"
#include "providers/sinks/remote/key_vault_sink.h"
#include "providers/sinks/remote/kubernetes_sink.h"
#include "providers/sinks/remote/variable_group_sink.h"
#include "providers/sinks/remote/vault_sink.h"
#include "providers/sinks/row.h"

namespace patform::sinks {
namespace {

// Sorted by name.
const std::vector<Row>& Rows() {
  static const auto& rows = *new std::vector<Row>{AwsSecretsManagerRow(),
                                                  AzurePipelinesRow(),
                                                  DotenvRow(),
                                                  ExecRow(),
                                                  FileRow(),
                                                  GitHubActionsRow(),
                                                  GithubSecretsRow(),
                                                  KeyVaultRow(),
                                                  KubernetesRow(),
                                                  TemplateRow(),
                                                  VariableGroupRow(),
                                                  VaultRow()};
  return rows;
}

// A configuration is checked against the same table, so this is an error of
// ours, or of a saved plan from a program that has more.
absl::StatusOr<const Row*> RowOf(const SinkConfig& config) {
  for (const Row& row : Rows()) {
    if (row.type.name == config.type) return &row;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "sink \"", Visible(config.name),
      "\": this program has no sink of type \"", Visible(config.type), "\""));
}

// A store that this run may not ask: a plan goes on without it.
class ClosedReader : public RecordReader {
 public:
  explicit ClosedReader(absl::Status why) : why_(std::move(why)) {}
  HeldRecord Read(const Delivery&, Deadline) override {
    return HeldRecord::Unknown(why_);
  }

 private:
  const absl::Status why_;
};

}  // namespace

const std::vector<SinkType>& KnownSinks::Types() const {
  // Copied out of the rows once: the engine must not see how sinks are opened.
  static const auto& types = *[] {
    auto* all = new std::vector<SinkType>();
    for (const Row& row : Rows()) {
      all->push_back(row.type);
      std::vector<SettingKey>& keys = all->back().keys;
      keys.insert(keys.end(), AfterKeys().begin(), AfterKeys().end());
    }
    return all;
  }();
  return types;
}

absl::StatusOr<std::string> KnownSinks::Canonical(const SinkConfig& config) {
  PATFORM_ASSIGN_OR_RETURN(const Row* row, RowOf(config));
  return row->canonical(config);
}

absl::StatusOr<std::unique_ptr<RecordReader>> KnownSinks::OpenReader(
    const SinkConfig& config, const AuthConfig& auth) {
  PATFORM_ASSIGN_OR_RETURN(const Row* row, RowOf(config));
  absl::StatusOr<std::unique_ptr<RecordReader>> reader =
      row->open_reader({config, &auth, machine_});
  if (!absl::IsPermissionDenied(reader.status())) return reader;
  return std::make_unique<ClosedReader>(reader.status());
}

absl::StatusOr<std::unique_ptr<SecretSink>> KnownSinks::Open(
    const SinkConfig& config, const AuthConfig& auth) {
  PATFORM_ASSIGN_OR_RETURN(const Row* row, RowOf(config));
  const Opening opening = {config, &auth, machine_};
  PATFORM_ASSIGN_OR_RETURN(std::unique_ptr<SecretSink> sink,
                           row->open(opening));
  return WithAfter(opening, std::move(sink));
}

absl::StatusOr<std::unique_ptr<SecretKeeper>> KnownSinks::OpenKeeper(
    const SinkConfig& config) {
  PATFORM_ASSIGN_OR_RETURN(const Row* row, RowOf(config));
  if (row->open_keeper == nullptr) return Sinks::OpenKeeper(config);
  return row->open_keeper({config, nullptr, machine_});
}

}  // namespace patform::sinks
