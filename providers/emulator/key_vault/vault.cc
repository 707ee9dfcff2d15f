#include "providers/emulator/key_vault/vault.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "engine/base/strings.h"
#include "providers/emulator/tokens/wire.h"

// Two maps rather than a flag: a name that was deleted is not there for reads,
// and taken for writes.
namespace patform::emulator {
namespace {

std::string Key(std::string_view name) {
  return absl::AsciiStrToLower(AbslView(name));
}

VaultSecret* In(Vault::Secrets& secrets, std::string_view name) {
  const auto found = secrets.find(Key(name));
  return found == secrets.end() ? nullptr : &found->second;
}

// From one to the other; it is there.
VaultSecret& Move(Vault::Secrets& from, Vault::Secrets& to,
                  std::string_view name) {
  return to.insert(from.extract(Key(name))).position->second;
}

}  // namespace

VaultSecret* Vault::Find(std::string_view name) { return In(secrets_, name); }

VaultSecret* Vault::FindDeleted(std::string_view name) {
  return In(deleted_, name);
}

VaultVersion* Vault::FindVersion(VaultSecret& secret, std::string_view id) {
  if (id.empty()) return &secret.versions.back();
  for (VaultVersion& version : secret.versions) {
    if (version.id == id) return &version;
  }
  return nullptr;
}

VaultVersion& Vault::Add(const std::string& name, VaultVersion version,
                         absl::Time now) {
  VaultSecret& secret = secrets_[Key(name)];
  // The case of the first write stays.
  if (secret.versions.empty()) secret.name = name;
  // Ids are random: their order tells nothing, and a client must not rest on
  // it.
  const std::string bytes = RandomBytes(16);
  version.id = absl::BytesToHexString(bytes);
  version.created = version.updated = absl::ToUnixSeconds(now);
  secret.versions.push_back(std::move(version));
  return secret.versions.back();
}

VaultSecret& Vault::Delete(std::string_view name, absl::Time now) {
  VaultSecret& secret = Move(secrets_, deleted_, name);
  secret.deleted = absl::ToUnixSeconds(now);
  return secret;
}

VaultSecret& Vault::Recover(std::string_view name) {
  return Move(deleted_, secrets_, name);
}

void Vault::Purge(std::string_view name) { deleted_.erase(Key(name)); }

}  // namespace patform::emulator
