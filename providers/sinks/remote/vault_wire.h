#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "engine/base/secret.h"
#include "engine/model/record.h"
#include "engine/model/token.h"

// What a KV engine of version 2 keeps at one path, and what is sent to it: the
// wire alone, without a server.
namespace patform::sinks {

// The metadata of one path. The secret's value is not in it.
struct VaultMetadata {
  bool exists = false;  // there is metadata, with or without a secret
  int64_t current = 0;  // the number of the newest version
  // The newest version can be read: neither deleted nor destroyed.
  bool served = false;
  absl::Time created;  // of the newest version
  // When each version was written, of all that the server lists.
  std::map<int64_t, absl::Time> dates;
  std::vector<int64_t> whole;  // versions that are not destroyed
  std::map<std::string, std::string> custom;

  // Names what is served, for compare-and-set: number and time, because a path
  // that was deleted with its metadata counts from 1 again. "": nothing.
  std::string Version() const;
  // patform has written here, or was about to.
  bool Ours() const;
  // What was there when patform first wrote here, so never a secret of ours.
  bool BeforeUs() const;
  // The record, if it is of the newest version.
  std::optional<SinkRecord> Record() const;
  // Others have, or may have, fields of their own beside ours.
  bool Shared() const;
  // Versions that are not destroyed and that patform wrote, with nothing of
  // others in them, in rising order. What was written before patform kept their
  // numbers is not among them.
  std::vector<int64_t> Written() const;
  // Those of them that another one took the place of, whoever wrote it, no
  // later than `time`. Never the newest; none of a path that is shared, where
  // old versions are the history of others, too.
  std::vector<int64_t> Superseded(absl::Time time) const;
};

// "3 1796000000123456789", of a version and its time.
std::string VaultVersion(int64_t number, absl::Time created);

// `body`: of GET metadata. nullopt: it is not one. `now`: by the store's clock;
// a version may have an end that is still to come.
std::optional<VaultMetadata> ParseVaultMetadata(std::string_view body,
                                                absl::Time now);

// An answer to a write of data, or `data.metadata` of one that reads it.
struct VaultWritten {
  int64_t number = 0;
  absl::Time created;
};
std::optional<VaultWritten> ParseVaultWritten(std::string_view body);

// The field of the secret that a delivery goes to.
std::string VaultKey(const Delivery& place);

// {"options":{"cas":7},"data":{"token":"…"}}; null instead of the value: the
// field goes.
Secret VaultDataBody(const Delivery& place, int64_t cas, const Secret* value);

// The bodies about the metadata, each a merge patch of custom_metadata:
//
// We are about to write the first time; what is there now is not ours.
Secret VaultMarkBody(const VaultMetadata& now);
// `record` describes the version that was `written`, which is ours as well.
Secret VaultRecordBody(const VaultMetadata& before, const SinkRecord& record,
                       const VaultWritten& written);
// Nothing of ours is there any more.
Secret VaultForgetBody(const VaultMetadata& before);

// {"versions":[1,2]}
Secret VaultVersionsBody(const std::vector<int64_t>& versions);

// Whether custom_metadata has room for a record: a server takes 64 entries.
bool VaultHasRoom(const VaultMetadata& entry, const SinkRecord& record);

// Rules of `at` and `key`: "" or what is expected instead.
std::string VaultAtFault(std::string_view at);
std::string VaultKeyFault(std::string_view key);

}  // namespace patform::sinks
