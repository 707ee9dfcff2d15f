#include "providers/sinks/remote/key_vault_records.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/digest.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "providers/sinks/remote/record_fields.h"

// Both lists come to the same answer, version included: what a plan read by the
// list of the vault, an apply reads again by the list of one secret.
namespace patform::sinks::key_vault {
namespace {

using State = HeldRecord::State;

// Of our tags: others may be beside them.
constexpr char kPrefix[] = "patform-";
// So few places are asked for one by one, at once; more by a list of the vault.
constexpr size_t kFew = 4;

// Half of a SHA-256 is enough for a name.
std::string DigestOf(const std::map<std::string, std::string>& tags) {
  std::string all;
  for (const auto& [name, text] : tags) {
    absl::StrAppend(&all, name, "\n", text, "\n");
  }
  return Sha256(all).substr(0, 32);
}

// The store refuses no write, whatever was read.
HeldRecord Unknown(absl::Status why) {
  HeldRecord held = HeldRecord::Unknown(std::move(why));
  held.compare_and_set = false;
  return held;
}

// `entry`: the newest version; nullptr: there is none.
HeldRecord HeldOf(const VaultEntry* entry, const std::string& name) {
  HeldRecord held = HeldRecord::Absent();
  held.compare_and_set = false;
  if (entry == nullptr) return held;
  held.record = RecordFromFields(entry->tags, kPrefix);
  // By us or by somebody else: a consumer gets an error. Older versions are of
  // no use to one that asks by the name alone.
  if (held.record && !entry->enabled) {
    held.record.reset();
    return held;
  }
  if (held.record) {
    held.state = State::kPresent;
    held.version = VersionOf(*held.record);
    return held;
  }
  // Also one with a record that only a later version of patform can read.
  held.state = State::kForeign;
  held.version = VersionOf(*entry);
  held.why = absl::FailedPreconditionError(absl::StrCat(
      "the newest version of \"", Visible(name),
      "\" is not one that patform wrote. Deliver to another name, or set adopt "
      "= true on this delivery to write a version over it."));
  return held;
}

// The one that the name alone leads to. The service shows no order: neither of
// its lists nor of versions that are of one second.
absl::StatusOr<std::optional<VaultEntry>> Newest(
    KeyVault& vault, const std::string& name,
    const std::vector<VaultEntry>& versions, Deadline deadline) {
  std::optional<VaultEntry> newest;
  bool tie = false;
  for (const VaultEntry& each : versions) {
    if (!newest || each.created > newest->created) {
      newest = each;
      tie = false;
    } else if (each.created == newest->created) {
      // The same record in both is a delivery that was sent twice.
      tie = tie || each.tags != newest->tags || each.enabled != newest->enabled;
    }
  }
  if (!tie) return newest;
  // One page where the vault has few secrets, and rare where it has many.
  std::optional<VaultEntry> current;
  PATFORM_RETURN_IF_ERROR(vault.Secrets(
      [&](const VaultEntry& entry) {
        if (absl::EqualsIgnoreCase(entry.name, name)) current = entry;
        return !current;
      },
      deadline));
  if (current) return current;
  return absl::UnavailableError(
      absl::StrCat("\"", Visible(name), "\" was deleted while it was read"));
}

// The secret's name as the delivery had it, whose address the record has; the
// vault keeps the case of the first write. Of a copy, the vault's.
std::string SpelledIn(const std::string& address, const std::string& name) {
  const std::string at = address.substr(address.find(':') + 1);
  return absl::EqualsIgnoreCase(at, name) ? at : name;
}

}  // namespace

std::map<std::string, std::string> TagsOf(const SinkRecord& record) {
  return RecordToFields(record, kPrefix);
}

// Which delivery it was, to the second in which it was made ready. One that was
// sent twice is one: its value is the same.
std::string VersionOf(const SinkRecord& record) {
  return DigestOf(TagsOf(record));
}

std::string VersionOf(const VaultEntry& entry) {
  const std::optional<SinkRecord> record =
      RecordFromFields(entry.tags, kPrefix);
  if (record) return VersionOf(*record);
  // Two values that somebody else wrote in one second are one to us.
  return absl::StrCat(entry.created, "-", DigestOf(entry.tags));
}

bool IsOurs(const VaultEntry& entry) {
  return RecordFromFields(entry.tags, kPrefix).has_value();
}

Seen Look(KeyVault& vault, const std::string& name, Deadline deadline) {
  Seen seen;
  absl::StatusOr<std::vector<VaultEntry>> versions =
      vault.Versions(name, deadline);
  if (!versions.ok()) {
    seen.held = Unknown(versions.status());
    return seen;
  }
  seen.versions = *std::move(versions);
  const absl::StatusOr<std::optional<VaultEntry>> newest =
      Newest(vault, name, seen.versions, deadline);
  seen.held = newest.ok() ? HeldOf(*newest ? &**newest : nullptr, name)
                          : Unknown(newest.status());
  return seen;
}

HeldRecord Reader::Read(const Delivery& place, Deadline deadline) {
  return Look(*vault_, place.at, deadline).held;
}

std::vector<HeldRecord> Reader::ReadAll(
    absl::Span<const Delivery* const> places, Deadline deadline) {
  if (places.size() <= kFew) {
    return ReadSideBySide(*this, places, kFew, deadline);
  }
  // Names have no case.
  std::map<std::string, HeldRecord> found;
  for (const Delivery* place : places) {
    found.emplace(absl::AsciiStrToLower(place->at), HeldOf(nullptr, place->at));
  }
  // The list has the newest version of each, so no tie has to be broken.
  const absl::Status read = vault_->Secrets(
      [&](const VaultEntry& entry) {
        const auto wanted = found.find(absl::AsciiStrToLower(entry.name));
        if (wanted != found.end()) {
          wanted->second = HeldOf(&entry, entry.name);
        }
        return true;
      },
      deadline);
  std::vector<HeldRecord> held;
  held.reserve(places.size());
  for (const Delivery* place : places) {
    // A list that broke off tells nothing of those that it did not show, nor
    // whether the others were shown as they are.
    held.push_back(read.ok() ? found[absl::AsciiStrToLower(place->at)]
                             : Unknown(read));
  }
  return held;
}

std::vector<StrayPlace> Reader::Recorded(const std::set<std::string>& ats,
                                         Deadline deadline) {
  // A place that is declared in another case is that place.
  std::map<std::string, std::string> declared;
  for (const std::string& at : ats) declared[absl::AsciiStrToLower(at)] = at;
  std::vector<StrayPlace> all;
  const absl::Status read = vault_->Secrets(
      [&](const VaultEntry& entry) {
        StrayPlace stray;
        stray.held = HeldOf(&entry, entry.name);
        // Of secrets that were deleted nothing is left to remove.
        if (stray.held.state != State::kPresent) return true;
        const auto known = declared.find(absl::AsciiStrToLower(entry.name));
        stray.place.at = known == declared.end()
                             ? SpelledIn(stray.held.record->address, entry.name)
                             : known->second;
        all.push_back(std::move(stray));
        return true;
      },
      deadline);
  // What cannot be read is left out.
  read.IgnoreError();
  return all;
}

}  // namespace patform::sinks::key_vault
