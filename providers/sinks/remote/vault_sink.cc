#include "providers/sinks/remote/vault_sink.h"

#include <boost/json.hpp>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "providers/http/secret_json.h"
#include "providers/sinks/remote/keep_versions.h"
#include "providers/sinks/remote/rest_store.h"
#include "providers/sinks/remote/vault_keeper.h"
#include "providers/sinks/remote/vault_place.h"
#include "providers/sinks/remote/vault_session.h"
#include "providers/sinks/remote/vault_wire.h"

namespace patform::sinks {
namespace {

namespace json = boost::json;

// A server's own limit of requests at once is far above.
constexpr int kAtOnce = 16;
// Of strays: folders that are listed, and records that are read.
constexpr size_t kMostFolders = 64;
constexpr size_t kMostStrays = 2000;
constexpr http::SecretJson::Limits kList = {16 << 20, 16};

// With its version: a delivery with adopt has to find it unchanged.
HeldRecord Foreign(const VaultMetadata& entry, const Delivery& place) {
  HeldRecord held;
  held.state = HeldRecord::State::kForeign;
  held.version = entry.Version();
  held.why = absl::FailedPreconditionError(absl::StrCat(
      "\"", Visible(place.Address()),
      "\" holds a secret that patform did not write. Deliver to another path, "
      "delete it, or set adopt = true on this delivery to replace its field \"",
      VaultKey(place), "\"."));
  return held;
}

// What a path's metadata says about the place. In this order: nothing is
// served; the record is of what is served; nothing of ours was ever here; ours,
// and its record is behind.
HeldRecord HeldOf(const VaultMetadata& entry, const Delivery& place,
                  absl::Time now) {
  // Deleted and destroyed are absent: consumers get nothing. The number that a
  // write has to name goes on, but that is for Put() to look up.
  if (!entry.served) return HeldRecord::Absent();
  if (std::optional<SinkRecord> record = entry.Record()) {
    HeldRecord held;
    held.state = HeldRecord::State::kPresent;
    held.record = *std::move(record);
    held.version = entry.Version();
    return held;
  }
  if (!entry.Ours() || entry.BeforeUs()) return Foreign(entry, place);
  return RecordBehind(entry.created, now, entry.Version(), place.Address());
}

// Both the reader of a plan and the sink.
class VaultSink : public SecretSink {
 public:
  // `keep`: as KeepVersions() has it.
  VaultSink(std::unique_ptr<VaultSession> session,
            std::optional<absl::Duration> keep)
      : session_(std::move(session)), keep_(keep) {}

  HeldRecord Read(const Delivery& place, Deadline deadline) override;
  std::vector<HeldRecord> ReadAll(absl::Span<const Delivery* const> places,
                                  Deadline deadline) override {
    return ReadSideBySide(*this, places, kAtOnce, deadline);
  }
  std::vector<StrayPlace> Recorded(const std::set<std::string>& ats,
                                   Deadline deadline) override;

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
  HeldRecord Held(const Delivery& place, Deadline deadline);
  void DestroyOld(VaultPlace& there, const VaultMetadata& entry);
  // The paths in a folder, without the folders in it.
  std::vector<std::string> List(const std::string& folder, Deadline deadline);

  const std::unique_ptr<VaultSession> session_;
  const std::optional<absl::Duration> keep_;  // nullopt: always
  std::mutex mutex_;
  std::set<std::string> asked_;  // every `at` of Read(); guarded
};

HeldRecord VaultSink::Read(const Delivery& place, Deadline deadline) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    asked_.insert(place.at);
  }
  return Held(place, deadline);
}

HeldRecord VaultSink::Held(const Delivery& place, Deadline deadline) {
  if (const absl::Status ready = session_->Prepare(deadline); !ready.ok()) {
    return HeldRecord::Unknown(ready);
  }
  VaultPlace there(*session_, place, deadline);
  const absl::StatusOr<VaultMetadata> entry = there.Look();
  if (!entry.ok()) return HeldRecord::Unknown(entry.status());
  return HeldOf(*entry, place, there.now());
}

std::vector<std::string> VaultSink::List(const std::string& folder,
                                         Deadline deadline) {
  VaultRequest request;
  request.path =
      absl::StrCat(PercentEncode(session_->mount(), "-._~/"), "/metadata/",
                   PercentEncode(folder, "-._~/"), "?list=true");
  // Not every policy allows it. Strays are for tidying up: a plan without them
  // is as right as one with them, so this is not an error.
  const auto answer =
      session_->Send(std::move(request), {"listing paths"}, deadline);
  std::vector<std::string> paths;
  if (!answer.ok() || answer->status != 200) return paths;
  const http::SecretJson body(answer->body.Reveal(), kList);
  const json::value* data =
      body.object() == nullptr ? nullptr : body.object()->if_contains("data");
  const json::value* keys = data == nullptr || !data->is_object()
                                ? nullptr
                                : data->get_object().if_contains("keys");
  if (keys == nullptr || !keys->is_array()) return paths;
  for (const json::value& key : keys->get_array()) {
    if (!key.is_string()) continue;
    const std::string name(key.get_string().data(), key.get_string().size());
    // Folders have a slash at their end, in this list alone.
    if (!name.ends_with('/')) paths.push_back(folder + name);
  }
  return paths;
}

std::vector<StrayPlace> VaultSink::Recorded(const std::set<std::string>& ats,
                                            Deadline deadline) {
  std::set<std::string> asked;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    asked = asked_;
  }
  // A folder at a time and not the whole engine, which may hold a company's
  // secrets: where a table delivers, others have delivered before.
  std::set<std::string> folders;
  std::set<std::string> paths;
  for (const std::string& at : ats) {
    folders.insert(at.substr(0, at.rfind('/') + 1));
    paths.insert(at);
  }
  size_t listed = 0;
  for (const std::string& folder : folders) {
    if (++listed > kMostFolders) break;
    for (std::string& path : List(folder, deadline)) {
      paths.insert(std::move(path));
    }
  }
  std::vector<Delivery> places;
  for (const std::string& path : paths) {
    if (asked.contains(path) || places.size() >= kMostStrays) continue;
    places.emplace_back().at = path;
  }
  std::vector<const Delivery*> all;
  for (const Delivery& place : places) all.push_back(&place);
  // Not by Read(): a later look finds them again.
  class Quiet : public RecordReader {
   public:
    explicit Quiet(VaultSink& sink) : sink_(sink) {}
    HeldRecord Read(const Delivery& place, Deadline deadline) override {
      return sink_.Held(place, deadline);
    }

   private:
    VaultSink& sink_;
  } quiet(*this);
  std::vector<HeldRecord> held = ReadSideBySide(quiet, all, kAtOnce, deadline);
  std::vector<StrayPlace> found;
  for (size_t i = 0; i < places.size(); ++i) {
    if (held[i].state != HeldRecord::State::kPresent) continue;
    // The metadata knows no fields; the record tells which one it was, at the
    // end of the address that it was delivered to.
    const std::string& address = held[i].record->address;
    const size_t hash = address.rfind('#');
    if (hash != std::string::npos) places[i].key = address.substr(hash + 1);
    found.push_back({std::move(places[i]), std::move(held[i])});
  }
  return found;
}

absl::Status VaultSink::Check(const Delivery& place, Deadline deadline) {
  PATFORM_RETURN_IF_ERROR(session_->Prepare(deadline));
  // The look itself proves that the record can be read; without it Put() would
  // not know which version to write on.
  VaultPlace there(*session_, place, deadline);
  PATFORM_ASSIGN_OR_RETURN(const VaultMetadata entry, there.Look());
  return there.Allowed(entry);
}

absl::StatusOr<std::string> VaultSink::Put(const Delivery& place,
                                           const Secret& value,
                                           const SinkRecord& record,
                                           const std::string& expected,
                                           Deadline deadline) {
  PATFORM_RETURN_IF_ERROR(session_->Prepare(deadline));
  VaultPlace there(*session_, place, deadline);
  // `expected` is what was decided on; the number that is written on is of this
  // look. What comes between the two looks is seen here, what comes after this
  // one by the server.
  PATFORM_ASSIGN_OR_RETURN(VaultMetadata entry, there.Look());
  if (entry.Version() != expected) return there.Moved();
  // Before the secret is there: its record must find room.
  if (!VaultHasRoom(entry, record)) {
    return absl::FailedPreconditionError(absl::StrCat(
        "\"", Visible(place.Address()),
        "\" has too many entries of custom_metadata: there is no room for a "
        "record among the 64 that the server takes"));
  }
  // Until this the path is somebody else's or nobody's, and a secret without a
  // record in it would be somebody else's forever.
  if (!entry.Ours()) {
    PATFORM_RETURN_IF_ERROR(
        there.PatchMetadata(entry, VaultMarkBody(entry), "marking"));
    entry.exists = true;
  }
  PATFORM_ASSIGN_OR_RETURN(const VaultWritten written,
                           there.WriteField(entry, &value));
  const absl::Status recorded = there.PatchMetadata(
      entry, VaultRecordBody(entry, record, written), "recording");
  // Whatever the reason, the secret is served now and nobody can take it back
  // without a race: the caller reads the place again, as after a lost answer.
  if (!recorded.ok()) {
    return absl::UnknownError(
        absl::StrCat("the secret was written, and its record was not: ",
                     std::string(recorded.message())));
  }
  // Whatever becomes of that, the secret is delivered.
  DestroyOld(there, entry);
  return VaultVersion(written.number, written.created);
}

// `entry`: of the last look. The newest of then was superseded just now, if it
// was at all. As far as it can.
void VaultSink::DestroyOld(VaultPlace& there, const VaultMetadata& entry) {
  if (!keep_) return;
  const std::vector<int64_t> old = entry.Superseded(there.now() - *keep_);
  if (!old.empty()) there.Destroy(old).IgnoreError();
}

void VaultSink::Tidy(absl::Span<const Delivery* const> places,
                     Deadline deadline) {
  if (!keep_ || places.empty() || !session_->Prepare(deadline).ok()) return;
  SideBySide(places.size(), kAtOnce, [&](size_t i) {
    VaultPlace there(*session_, *places[i], deadline);
    const absl::StatusOr<VaultMetadata> entry = there.Look();
    if (!entry.ok() || !entry->served) return;
    // Nothing of a place whose newest version somebody else delivered.
    const std::optional<SinkRecord> record = entry->Record();
    if (record && record->address == places[i]->Address()) {
      DestroyOld(there, *entry);
    }
  });
}

absl::Status VaultSink::Remove(const Delivery& place,
                               const std::string& expected, Deadline deadline) {
  PATFORM_RETURN_IF_ERROR(session_->Prepare(deadline));
  VaultPlace there(*session_, place, deadline);
  PATFORM_ASSIGN_OR_RETURN(const VaultMetadata entry, there.Look());
  if (!entry.served) return absl::NotFoundError("nothing is there");
  if (entry.Version() != expected) return there.Moved();
  // Both are exact: a version that somebody writes meanwhile is not among those
  // that are destroyed, and moves the number that the other one is held to.
  if (entry.Shared()) {
    PATFORM_RETURN_IF_ERROR(there.WriteField(entry, nullptr).status());
  } else {
    PATFORM_RETURN_IF_ERROR(there.Destroy(entry.whole));
  }
  // A record of what is not served any more counts for nothing.
  there.PatchMetadata(entry, VaultForgetBody(entry), "forgetting")
      .IgnoreError();
  return absl::OkStatus();
}

absl::StatusOr<std::string> Canonical(const SinkConfig& config) {
  PATFORM_ASSIGN_OR_RETURN(const std::string address,
                           CanonicalAddress(config, "address"));
  // How one signs in there does not make it another store.
  return absl::StrCat(address, "/", config.Text("namespace"), "/",
                      config.Text("mount", "secret"));
}

absl::StatusOr<std::unique_ptr<SecretSink>> Open(const Opening& opening) {
  PATFORM_ASSIGN_OR_RETURN(const std::optional<absl::Duration> keep,
                           KeepVersions(opening.config));
  PATFORM_ASSIGN_OR_RETURN(std::unique_ptr<VaultSession> session,
                           VaultSession::Make(opening.config, opening.machine));
  return std::make_unique<VaultSink>(std::move(session), keep);
}

absl::StatusOr<std::unique_ptr<RecordReader>> OpenReader(
    const Opening& opening) {
  return Open(opening);
}

std::string PathFault(std::string_view text) {
  return VaultAtFault(text).empty()
             ? ""
             : "a path such as \"secret\" or \"team/kv\", without a slash at "
               "its ends";
}

// Which keys belong together; "": they do. A key of another method would be
// ignored in silence, and people would wonder.
std::string Fault(const std::map<std::string, SettingValue>& settings) {
  const auto text = [&settings](const char* key) {
    SinkConfig config;
    config.settings = settings;
    return config.Text(key);
  };
  const std::string auth = text("auth").empty() ? "token" : text("auth");
  const std::pair<const char*, const char*> wanted[] = {
      {"approle", "role_id"}, {"jwt", "role"}, {"jwt", "jwt_file"}};
  for (const auto& [method, key] : wanted) {
    if (auth == method && text(key).empty()) {
      return absl::StrCat("auth = \"", method, "\" needs `", key, "`");
    }
    if (auth != method && !text(key).empty()) {
      return absl::StrCat("`", key, "` is for auth = \"", method, "\"");
    }
  }
  if (auth != "approle" && !text("secret_id_file").empty()) {
    return "`secret_id_file` is for auth = \"approle\"";
  }
  if (auth == "token" && !text("auth_mount").empty()) {
    return "`auth_mount` is for auth = \"approle\" and \"jwt\"";
  }
  return "";
}

std::vector<SettingKey> Keys() {
  using Kind = SettingKey::Kind;
  SettingKey mount = {"mount", Kind::kText, false,
                      "Where the engine is mounted. Default secret."};
  mount.fault = PathFault;
  SettingKey space = {"namespace", Kind::kText, false,
                      "Of a server that has namespaces."};
  space.fault = PathFault;
  SettingKey auth_mount = {"auth_mount", Kind::kText, false,
                           "Where the sign-in is mounted. Default its name."};
  auth_mount.fault = PathFault;
  return {
      {.name = "address",
       .required = true,
       .doc = "https://HOST[:PORT] of the server.",
       .example = "\"https://vault.contoso.example:8200\""},
      mount,
      space,
      {"auth",
       Kind::kText,
       false,
       "How patform signs in there: VAULT_TOKEN or ~/.vault-token, unless it "
       "is "
       "one of the others.",
       {"token", "approle", "jwt"}},
      auth_mount,
      {"role_id", Kind::kText, false, "Of approle."},
      {"secret_id_file", Kind::kPath, false,
       "Of approle: the file with the secret_id. Default VAULT_SECRET_ID."},
      {"role", Kind::kText, false, "Of jwt."},
      {"jwt_file", Kind::kPath, false,
       "Of jwt: the file with the CI's token, read at each sign-in."},
      KeepVersionsKey(
          "How long a superseded version stays, such as \"24h\". Without it, "
          "as long as the engine keeps it."),
  };
}

}  // namespace

Row VaultRow() {
  Row row;
  row.type.name = "vault";
  row.type.doc =
      "A field of a secret in HashiCorp Vault or OpenBao (KV version 2).";
  row.type.keys = Keys();
  row.type.fault = Fault;
  row.type.can.one_write = false;
  row.type.can.gives_back = true;
  row.type.reach = Reach::kNetwork;
  row.type.place.default_at = "{name}";
  row.type.place.one_per_at = true;
  row.type.place.at_fault = VaultAtFault;
  row.type.place.key_fault = VaultKeyFault;
  row.canonical = Canonical;
  row.open_reader = OpenReader;
  row.open = Open;
  row.open_keeper = OpenVaultKeeper;
  return row;
}

}  // namespace patform::sinks
