#include "providers/sinks/remote/key_vault_sink.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "providers/sinks/remote/keep_versions.h"
#include "providers/sinks/remote/key_vault_records.h"
#include "providers/sinks/remote/key_vault_wire.h"

// A delivery is one look and one write. What can be refused for a reason that
// is known beforehand is refused before the write, and most of it before the
// mint (Check). After the write nothing is asked: the answer has the version's
// id, and if it was lost the caller reads the record back.
namespace patform::sinks {
namespace {

using State = HeldRecord::State;

// What the service takes of a tag, and of a content type.
constexpr int kLongestTag = 256;
constexpr int kLongestContentType = 255;
constexpr size_t kLargestValue = 25'600;
// How far back Tidy() looks for what was superseded.
constexpr absl::Duration kTidied = absl::Hours(7 * 24);

// The service's rule for the names of all its objects.
std::string AtFault(std::string_view at) {
  const bool good =
      !at.empty() && at.size() <= 127 &&
      std::all_of(at.begin(), at.end(), [](char c) {
        return c == '-' || absl::ascii_isalnum(static_cast<unsigned char>(c));
      });
  return good ? "" : "1 to 127 of 0-9, a-z, A-Z and -";
}

// In characters, as the service counts.
std::string ContentTypeFault(std::string_view text) {
  return CodePoints(text) <= kLongestContentType && !HasControl(text)
             ? ""
             : "a content type of at most 255 characters";
}

// Nothing was written, and another look may find that all is as it should be.
absl::Status Moved(const Delivery& place) {
  return absl::AbortedError(absl::StrCat(
      "\"", Visible(place.at), "\" has got another version in the meantime"));
}

class KeyVaultSink : public SecretSink {
 public:
  // `keep`: as KeepVersions() has it.
  KeyVaultSink(std::unique_ptr<KeyVault> vault, const SinkConfig& config,
               std::optional<absl::Duration> keep)
      : reader_(std::move(vault)),
        content_type_(config.Text("content_type")),
        keep_(keep) {}

  HeldRecord Read(const Delivery& place, Deadline deadline) override {
    return reader_.Read(place, deadline);
  }
  std::vector<HeldRecord> ReadAll(absl::Span<const Delivery* const> places,
                                  Deadline deadline) override {
    return reader_.ReadAll(places, deadline);
  }
  std::vector<StrayPlace> Recorded(const std::set<std::string>& ats,
                                   Deadline deadline) override {
    return reader_.Recorded(ats, deadline);
  }
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
  absl::StatusOr<bool> IsDeleted(const std::string& name, Deadline deadline);
  void DisableOld(const std::string& name, std::vector<VaultEntry> versions,
                  Deadline deadline);

  key_vault::Reader reader_;
  const std::string content_type_;
  const std::optional<absl::Duration> keep_;  // nullopt: always
  std::mutex mutex_;
  // Guarded by the mutex; nullopt: nobody has asked yet.
  std::optional<std::set<std::string>> deleted_;
};

// What a configuration that was read cannot be, and a saved plan can.
absl::Status CheckPlace(const Delivery& place) {
  if (const std::string want = AtFault(place.at); !want.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", Visible(place.at),
                     "\" cannot be the name of a secret in Azure Key Vault: "
                     "expected ",
                     want));
  }
  if (CodePoints(place.Address()) > kLongestTag) {
    return absl::InvalidArgumentError(
        absl::StrCat("the address ", Visible(place.Address()),
                     " is longer than the 256 characters of a tag: give the "
                     "sink a shorter name"));
  }
  return absl::OkStatus();
}

// Is the name taken by one that was deleted and can be recovered? One list
// serves all places of a run; what is deleted later shows at the write.
absl::StatusOr<bool> KeyVaultSink::IsDeleted(const std::string& name,
                                             Deadline deadline) {
  const std::string key = absl::AsciiStrToLower(name);
  const std::lock_guard<std::mutex> lock(mutex_);
  if (deleted_ && deleted_->count(key) == 0) return false;
  // For the first time, or because somebody may have purged it since.
  PATFORM_ASSIGN_OR_RETURN(deleted_, reader_.vault().DeletedNames(deadline));
  return deleted_->count(key) > 0;
}

// Whether a new version may be written shows only when one is written; all else
// that could be in the way is looked at.
absl::Status KeyVaultSink::Check(const Delivery& place, Deadline deadline) {
  PATFORM_RETURN_IF_ERROR(CheckPlace(place));
  const key_vault::Seen seen =
      key_vault::Look(reader_.vault(), place.at, deadline);
  if (seen.held.state == State::kUnknown) return seen.held.why;
  // A name that is in use is not a deleted one.
  if (!seen.versions.empty()) return absl::OkStatus();
  const absl::StatusOr<bool> deleted = IsDeleted(place.at, deadline);
  // Not everybody may see what was deleted. Then the write shows it.
  if (absl::IsPermissionDenied(deleted.status())) return absl::OkStatus();
  PATFORM_RETURN_IF_ERROR(deleted.status());
  if (!*deleted) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "a secret of the name \"", Visible(place.at),
      "\" was deleted, and the name is taken until it is recovered or purged: "
      "az keyvault secret recover, or az keyvault secret purge"));
}

absl::StatusOr<std::string> KeyVaultSink::Put(const Delivery& place,
                                              const Secret& value,
                                              const SinkRecord& record,
                                              const std::string& expected,
                                              Deadline deadline) {
  PATFORM_RETURN_IF_ERROR(CheckPlace(place));
  NewVersion version;
  version.tags = key_vault::TagsOf(record);
  version.content_type = content_type_;
  version.expires = record.valid_to;
  // Only the token's own name could be too long, and Azure DevOps takes no
  // longer one either.
  for (const auto& [name, text] : version.tags) {
    if (CodePoints(text) <= kLongestTag) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("the tag ", name, " would be longer than 256 characters"));
  }
  if (value.size() > kLargestValue) {
    return absl::InvalidArgumentError(
        "the secret is longer than the 25 kB that Azure Key Vault takes");
  }
  // The service takes a write whatever is there: this look is all that keeps it
  // from what somebody else wrote since the plan.
  key_vault::Seen seen = key_vault::Look(reader_.vault(), place.at, deadline);
  if (seen.held.state == State::kUnknown) return seen.held.why;
  if (seen.held.version != expected) return Moved(place);
  PATFORM_RETURN_IF_ERROR(
      reader_.vault().Set(place.at, value, version, deadline));
  // Whatever becomes of that, the secret is delivered.
  DisableOld(place.at, std::move(seen.versions), deadline);
  return key_vault::VersionOf(record);
}

// Of those that were there before a new one: what was superseded for so long.
// The last of them was superseded just now. As far as it can.
void KeyVaultSink::DisableOld(const std::string& name,
                              std::vector<VaultEntry> versions,
                              Deadline deadline) {
  if (!keep_) return;
  std::sort(versions.begin(), versions.end(),
            [](const VaultEntry& a, const VaultEntry& b) {
              return a.created < b.created;
            });
  const absl::Time old = reader_.vault().Now() - *keep_;
  for (size_t i = 0; i + 1 < versions.size(); ++i) {
    if (absl::FromUnixSeconds(versions[i + 1].created) > old) return;
    // One of the same second may be the current one, and whoever asks by name
    // has no other.
    if (versions[i].created == versions.back().created) return;
    // What others wrote between ours is theirs to disable.
    if (!versions[i].enabled || !key_vault::IsOurs(versions[i])) continue;
    reader_.vault().Disable(name, versions[i].version, deadline).IgnoreError();
  }
}

absl::Status KeyVaultSink::Remove(const Delivery& place,
                                  const std::string& expected,
                                  Deadline deadline) {
  // Versions that others wrote stay as they are, and one of theirs that is the
  // newest makes this another place than the plan's.
  key_vault::Seen seen = key_vault::Look(reader_.vault(), place.at, deadline);
  if (seen.held.state == State::kUnknown) return seen.held.why;
  if (seen.held.state == State::kAbsent) {
    return absl::NotFoundError(
        absl::StrCat("\"", Visible(place.at), "\" holds nothing of ours"));
  }
  if (seen.held.version != expected) return Moved(place);
  // The newest last: until then the place is as it was, and is tried again.
  std::sort(seen.versions.begin(), seen.versions.end(),
            [&](const VaultEntry& a, const VaultEntry& b) {
              if (a.created != b.created) return a.created < b.created;
              const auto current = [&](const VaultEntry& each) {
                return key_vault::VersionOf(each) == expected;
              };
              return current(a) < current(b);
            });
  for (const VaultEntry& each : seen.versions) {
    if (!each.enabled || !key_vault::IsOurs(each)) continue;
    PATFORM_RETURN_IF_ERROR(
        reader_.vault().Disable(place.at, each.version, deadline));
  }
  return absl::OkStatus();
}

// Of the whole vault, one list of which has them all.
void KeyVaultSink::Tidy(absl::Span<const Delivery* const>, Deadline deadline) {
  if (!keep_) return;
  KeyVault& vault = reader_.vault();
  // By this machine's clock, which may be wrong: a version that is disabled an
  // hour early was superseded all the same.
  std::vector<std::string> names;
  const absl::Time old = vault.Now() - *keep_;
  vault
      .Secrets(
          [&](const VaultEntry& entry) {
            const absl::Time created = absl::FromUnixSeconds(entry.created);
            if (key_vault::IsOurs(entry) && created <= old &&
                created > old - kTidied) {
              names.push_back(entry.name);
            }
            return true;
          },
          deadline)
      .IgnoreError();
  // After the list: nothing is changed while it is read.
  for (const std::string& name : names) {
    absl::StatusOr<std::vector<VaultEntry>> versions =
        vault.Versions(name, deadline);
    if (!versions.ok()) return;
    DisableOld(name, *std::move(versions), deadline);
  }
}

}  // namespace

Row KeyVaultRow() {
  using Kind = SettingKey::Kind;
  Row row;
  row.type.name = "key-vault";
  row.type.doc =
      "A secret of Azure Key Vault; the record is its tags. Takes the sign-in "
      "of [auth].";
  row.type.reach = Reach::kNetwork;
  row.type.keys = {
      {.name = "vault",
       .kind = Kind::kText,
       .required = true,
       .doc = "Its address, https://NAME.vault.azure.net.",
       .example = "\"https://contoso.vault.azure.net\""},
      {.name = "content_type",
       .kind = Kind::kText,
       .doc = "The content type of new versions.",
       .fault = ContentTypeFault},
      KeepVersionsKey("How long a superseded version stays enabled, such as "
                      "\"24h\". Without it, always.")};
  row.type.can.compare_and_set = false;
  row.type.place.default_at = "{name}";
  row.type.place.ignores_case = true;
  row.type.place.key = PlaceRules::Key::kNone;
  row.type.place.key_doc = "a secret of Key Vault is one value";
  row.type.place.at_fault = AtFault;
  row.canonical = [](const SinkConfig& config) {
    return CanonicalAddress(config, "vault");
  };
  row.open_reader = [](const Opening& opening)
      -> absl::StatusOr<std::unique_ptr<RecordReader>> {
    PATFORM_RETURN_IF_ERROR(KeepVersions(opening.config).status());
    PATFORM_ASSIGN_OR_RETURN(std::unique_ptr<KeyVault> vault,
                             KeyVault::Open(opening));
    return std::make_unique<key_vault::Reader>(std::move(vault));
  };
  row.open = [](const Opening& opening)
      -> absl::StatusOr<std::unique_ptr<SecretSink>> {
    PATFORM_ASSIGN_OR_RETURN(const std::optional<absl::Duration> keep,
                             KeepVersions(opening.config));
    PATFORM_ASSIGN_OR_RETURN(std::unique_ptr<KeyVault> vault,
                             KeyVault::Open(opening));
    return std::make_unique<KeyVaultSink>(std::move(vault), opening.config,
                                          keep);
  };
  return row;
}

}  // namespace patform::sinks
