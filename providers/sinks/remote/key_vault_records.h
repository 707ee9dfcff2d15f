#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/ports/secret_sink.h"
#include "providers/sinks/remote/key_vault_wire.h"

// Whose secrets a vault of Azure Key Vault holds, told from its lists alone.
// key_vault_sink.h says what counts as what.
namespace patform::sinks::key_vault {

// The record as tags: "patform-id" and others.
std::map<std::string, std::string> TagsOf(const SinkRecord& record);

// HeldRecord::version of a version with that record.
std::string VersionOf(const SinkRecord& record);
// The same of an entry that has one; another text if it has none.
std::string VersionOf(const VaultEntry& entry);

// Did patform write it? Whatever the workspace: two of them cannot deliver to
// one name.
bool IsOurs(const VaultEntry& entry);

// What a name holds, and what its versions are.
struct Seen {
  HeldRecord held;
  std::vector<VaultEntry> versions;  // all, in no order; empty if kUnknown
};
Seen Look(KeyVault& vault, const std::string& name, Deadline deadline);

// For plans. Safe from several threads.
class Reader : public RecordReader {
 public:
  explicit Reader(std::unique_ptr<KeyVault> vault) : vault_(std::move(vault)) {}

  HeldRecord Read(const Delivery& place, Deadline deadline) override;
  // Of more than a few places: as many requests as the vault has pages of 25.
  std::vector<HeldRecord> ReadAll(absl::Span<const Delivery* const> places,
                                  Deadline deadline) override;
  std::vector<StrayPlace> Recorded(const std::set<std::string>& ats,
                                   Deadline deadline) override;

  KeyVault& vault() { return *vault_; }

 private:
  const std::unique_ptr<KeyVault> vault_;
};

}  // namespace patform::sinks::key_vault
