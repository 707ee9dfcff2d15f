#include "providers/sinks/remote/kubernetes_sink.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "providers/sinks/remote/kube_client.h"
#include "providers/sinks/remote/kube_object.h"
#include "providers/sinks/remote/rest_store.h"

// What can happen between the look and the write, and what comes of it:
//
//   another run writes the place     409 by the fence; the next look finds
//                                    another version: kAborted
//   a person sets the value          the same
//   a controller adds a label        409 by the fence; the next look finds the
//                                    same version, and the write is tried again
//   somebody deletes the Secret      409, because its uid is gone: kAborted
//   somebody makes it meanwhile      409, because the fence of a create fits no
//                                    object: kAborted, or another turn if they
//                                    have made it without this entry
//   the answer is lost               sent again, 409 by its own success; the
//                                    next look finds this call's record: done
//   all answers are lost             kUnknown; the engine reads the place
//
// The same holds for a removal, with a merge patch or a DELETE in place of the
// apply: an apply that leaves the entry out would remove it only while nobody
// else owns it as well.
namespace patform::sinks {
namespace {

// What people call it in most Secrets of this kind.
constexpr char kDefaultKey[] = "token";
// The server takes JSON under this type as well: JSON is YAML. The body is
// built as JSON because its value has to be appended from wiped memory.
constexpr char kApply[] = "application/apply-patch+yaml";
constexpr char kMerge[] = "application/merge-patch+json";
// What Check() applies without storing it: visibly no token.
constexpr char kPlaceholder[] = "patform-check";
// How often other clients may change the rest of the object in between.
// Each turn costs a read and a write; a controller that changes a Secret more
// often than that has lost itself.
constexpr int kTurns = 5;
// Well below what an API server lets one client do (flow control).
constexpr int kAtOnce = 8;
// From here on one list is cheaper than a request for each.
constexpr size_t kListFrom = 3;

// RFC 1123, as the server checks it: labels with dots between them.
// Lower case alone: the server does not fold names, it refuses them.
bool IsLabel(std::string_view text, size_t longest) {
  const auto outside = [](char c) {
    return (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-';
  };
  return !text.empty() && text.size() <= longest && text.front() != '-' &&
         text.back() != '-' && std::none_of(text.begin(), text.end(), outside);
}

// Unlike DNS it allows a single label of all 253 characters.
bool IsName(std::string_view text) {
  if (text.size() > 253) return false;
  for (const auto label : absl::StrSplit(AbslView(text), '.')) {
    if (!IsLabel(StdView(label), 253)) return false;
  }
  return true;
}

// Checked here, because a name that the server refuses would be found only
// after other tokens were minted.
std::string AtFault(std::string_view at) {
  const size_t slash = at.find('/');
  const bool good =
      slash == std::string_view::npos
          ? IsName(at)
          : IsLabel(at.substr(0, slash), 63) && IsName(at.substr(slash + 1));
  return good ? ""
              : "the name of a Secret, or NAMESPACE/NAME: a-z, 0-9, - and ., "
                "at most 253 characters, 63 of a namespace";
}

// As the server validates entries of data: they become names of files.
std::string KeyFault(std::string_view key) {
  const auto outside = [](char c) {
    return !absl::ascii_isalnum(static_cast<unsigned char>(c)) && c != '-' &&
           c != '.' && c != '_';
  };
  const bool good = !key.empty() && key.size() <= 253 && key != "." &&
                    key.substr(0, 2) != ".." &&
                    std::none_of(key.begin(), key.end(), outside);
  return good ? "" : "1 to 253 of a-z, A-Z, 0-9, -, . and _";
}

// An RFC 1123 label; unlike names of Secrets it has no dots.
std::string NamespaceFault(std::string_view text) {
  return IsLabel(text, 63) ? "" : "a namespace: 1 to 63 of a-z, 0-9 and -";
}

// Short enough for "-" and most keys within the server's 128 characters.
std::string ManagerFault(std::string_view text) {
  const bool good =
      !text.empty() && text.size() <= 64 &&
      std::all_of(text.begin(), text.end(), [](char c) {
        return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' ||
               c == '.' || c == '_';
      });
  return good ? "" : "1 to 64 of a-z, A-Z, 0-9, -, . and _";
}

// Reads an object, decides, and writes on just that object. What is kept
// between calls is the client alone: places may be delivered to side by side.
std::vector<std::string> RestartsOf(
    const std::map<std::string, SettingValue>& settings) {
  const auto found = settings.find("restart");
  if (found == settings.end()) return {};
  const auto* items = std::get_if<std::vector<std::string>>(&found->second);
  return items == nullptr ? std::vector<std::string>() : *items;
}

class KubernetesSink : public SecretSink {
 public:
  KubernetesSink(const SinkConfig& config, std::unique_ptr<KubeClient> client)
      : manager_(config.Text("field_manager", "patform")),
        type_(config.Text("secret_type", "Opaque")),
        restart_(RestartsOf(config.settings)),
        client_(std::move(client)) {
    // The server's own default: what is not applied need not be kept.
    if (type_ == "Opaque") type_.clear();
  }

  HeldRecord Read(const Delivery& place, Deadline deadline) override;
  std::vector<HeldRecord> ReadAll(absl::Span<const Delivery* const> places,
                                  Deadline deadline) override;
  std::vector<StrayPlace> Recorded(const std::set<std::string>& ats,
                                   Deadline deadline) override;
  absl::Status Check(const Delivery& place, Deadline deadline) override;
  absl::StatusOr<std::string> Put(const Delivery& place, const Secret& value,
                                  const SinkRecord& record,
                                  const std::string& expected,
                                  Deadline deadline) override;
  absl::Status Remove(const Delivery& place, const std::string& expected,
                      Deadline deadline) override;
  absl::StatusOr<std::vector<std::string>> After(
      const std::vector<Delivery>& places, Deadline deadline) override;

 private:
  KubeEntry EntryOf(const Delivery& place) const;
  // The place as `address` of its record has it: a namespace and a key may be
  // left out. Where none fits, it is a copy, of any spelling.
  Delivery SpelledAs(const std::string& address, const std::string& space,
                     const std::string& name, const std::string& key) const;

  // Both come from the configuration alone, so that every run of it is the same
  // client to the server.
  const std::string manager_;
  std::string type_;                        // "": the server's default
  const std::vector<std::string> restart_;  // "deployment/agents"
  const std::unique_ptr<KubeClient> client_;
};

// An apply takes fields from other clients only where it has to: what is
// present is ours alone, or shared with somebody who should be asked.
bool MustForce(const Delivery& place, const HeldRecord& held) {
  return place.adopt || held.state != HeldRecord::State::kPresent;
}

// A place is NAME or NAMESPACE/NAME, and its key an entry.
KubeEntry KubernetesSink::EntryOf(const Delivery& place) const {
  const size_t slash = place.at.find('/');
  const bool named = slash != std::string::npos;
  return KubeEntry(
      named ? place.at.substr(0, slash) : client_->default_namespace(),
      named ? place.at.substr(slash + 1) : place.at,
      place.key.empty() ? kDefaultKey : place.key, manager_);
}

// One request. 404 of that very Secret is absence; anything else that is not
// its metadata is unknown, or a token would be minted for each hiccup.
HeldRecord KubernetesSink::Read(const Delivery& place, Deadline deadline) {
  const KubeEntry entry = EntryOf(place);
  const auto object = client_->Get(entry, deadline);
  if (!object.ok()) return HeldRecord::Unknown(object.status());
  return HeldAt(object->has_value() ? &**object : nullptr, entry);
}

// A list shows a moment of a whole namespace; a Secret that is not in it may
// still be there under another label, so absence is asked for one by one. In a
// settled store nothing is absent, and a plan costs one request a namespace.
std::vector<HeldRecord> KubernetesSink::ReadAll(
    absl::Span<const Delivery* const> places, Deadline deadline) {
  std::map<std::string, size_t> spaces;
  for (const Delivery* place : places) ++spaces[EntryOf(*place).space];
  std::map<std::string, std::map<std::string, KubeObject>> listed;
  for (const auto& [space, count] : spaces) {
    if (count < kListFrom) continue;
    // A role may allow single Secrets alone: those are read one by one.
    auto objects = client_->List(space, deadline);
    if (objects.ok()) listed[space] = *std::move(objects);
  }
  std::vector<HeldRecord> held(places.size());
  std::vector<const Delivery*> single;
  std::vector<size_t> where;
  for (size_t i = 0; i < places.size(); ++i) {
    const KubeEntry entry = EntryOf(*places[i]);
    // Empty where there was no list: everything is then read alone.
    const auto& objects = listed[entry.space];
    const auto object = objects.find(entry.name);
    if (object != objects.end()) {
      held[i] = HeldAt(&object->second, entry);
      continue;
    }
    // Not absent: it may be there without our label.
    single.push_back(places[i]);
    where.push_back(i);
  }
  std::vector<HeldRecord> others =
      ReadSideBySide(*this, single, kAtOnce, deadline);
  for (size_t i = 0; i < where.size(); ++i) {
    held[where[i]] = std::move(others[i]);
  }
  return held;
}

// The engine compares addresses as text, on purpose: what is spelled otherwise
// could be another place. So the spelling of the delivery is found again.
Delivery KubernetesSink::SpelledAs(const std::string& address,
                                   const std::string& space,
                                   const std::string& name,
                                   const std::string& key) const {
  Delivery place;
  // At most four spellings, the full one first.
  for (const bool with_key : {true, false}) {
    for (const bool with_space : {true, false}) {
      if (!with_space && space != client_->default_namespace()) continue;
      if (!with_key && key != kDefaultKey) continue;
      place.at = with_space ? absl::StrCat(space, "/", name) : name;
      place.key = with_key ? key : "";
      // Without the sink's name, which is before the first colon.
      const std::string spelled = place.Address();
      if (address.substr(std::min(address.find(':'), address.size())) ==
          spelled.substr(spelled.find(':'))) {
        return place;
      }
    }
  }
  return place;
}

std::vector<StrayPlace> KubernetesSink::Recorded(
    const std::set<std::string>& ats, Deadline deadline) {
  // No namespace but those that the configuration names is looked through: the
  // role need not reach further than the deliveries do.
  std::set<std::string> spaces = {client_->default_namespace()};
  for (const std::string& at : ats) {
    const size_t slash = at.find('/');
    if (slash != std::string::npos) spaces.insert(at.substr(0, slash));
  }
  // Our label finds the Secrets, managedFields the entries in them.
  std::vector<StrayPlace> found;
  for (const std::string& space : spaces) {
    const auto objects = client_->List(space, deadline);
    if (!objects.ok()) continue;
    for (const auto& [name, object] : *objects) {
      std::set<std::string> keys;
      for (const KubeManager& manager : object.managers) {
        keys.insert(manager.keys.begin(), manager.keys.end());
      }
      for (const std::string& key : keys) {
        HeldRecord held =
            HeldAt(&object, KubeEntry(space, name, key, manager_));
        if (held.state != HeldRecord::State::kPresent) continue;
        StrayPlace stray;
        stray.place = SpelledAs(held.record->address, space, name, key);
        stray.held = std::move(held);
        found.push_back(std::move(stray));
      }
    }
  }
  return found;
}

// `force`: fields that others own are taken over. Safe only on an object that
// was just looked at.
std::string ApplyQuery(const KubeEntry& entry, bool force) {
  return absl::StrCat("?fieldManager=", PercentEncode(entry.manager),
                      force ? "&force=true" : "");
}

// What to do about clients that the server names.
std::string ConflictWith(const KubeAnswer& answer) {
  return absl::StrCat(
      absl::StrJoin(answer.conflicts, ", "),
      ". Leave the entry to one of the two, or set adopt = true on this "
      "delivery to take it over");
}

absl::Status KubernetesSink::Check(const Delivery& place, Deadline deadline) {
  const KubeEntry entry = EntryOf(place);
  // Not as a write: a dry run whose answer is lost has changed nothing.
  const Purpose purpose = {absl::StrCat("checking ", entry.Shown())};
  PATFORM_ASSIGN_OR_RETURN(const auto object, client_->Get(entry, deadline));
  const KubeObject* there = object.has_value() ? &*object : nullptr;
  // A record that RecordFromJson() refuses: should a server store it in spite
  // of dryRun, it describes no token.
  SinkRecord record;
  record.address = place.Address();
  record.valid_to = record.written_at = client_->Now();
  // Asks for the same permissions, and finds quotas, admission and Secrets
  // that are immutable.
  KubeClient::Write write;
  write.query = absl::StrCat(
      ApplyQuery(entry, MustForce(place, HeldAt(there, entry))), "&dryRun=All");
  write.content_type = kApply;
  write.body =
      ApplyBody(entry, there, /*fenced=*/false, type_, kPlaceholder, record);
  PATFORM_ASSIGN_OR_RETURN(
      const KubeAnswer answer,
      client_->Send(entry, std::move(write), purpose, deadline));
  if (answer.good()) return absl::OkStatus();
  if (!answer.conflicts.empty()) {
    return client_->Failed(absl::StatusCode::kFailedPrecondition, purpose,
                           ConflictWith(answer));
  }
  // A namespace that does not exist, or a Secret that was just changed.
  if (absl::IsNotFound(answer.refused) || absl::IsAborted(answer.refused)) {
    return absl::FailedPreconditionError(answer.refused.message());
  }
  return answer.refused;
}

absl::StatusOr<std::string> KubernetesSink::Put(const Delivery& place,
                                                const Secret& value,
                                                const SinkRecord& record,
                                                const std::string& expected,
                                                Deadline deadline) {
  const KubeEntry entry = EntryOf(place);
  const Purpose purpose = {absl::StrCat("writing ", entry.Shown()),
                           /*writes=*/true};
  // An answer was lost on the way, and the request sent again.
  bool perhaps = false;
  const auto given_up = [&](absl::Status why) {
    return perhaps ? absl::UnknownError(why.message()) : why;
  };
  for (int turn = 0; turn < kTurns; ++turn) {
    const auto object = client_->Get(entry, deadline);
    if (!object.ok()) return given_up(object.status());
    const KubeObject* there = object->has_value() ? &**object : nullptr;
    const HeldRecord held = HeldAt(there, entry);
    // The comparison. The fence carries what was compared to the server.
    if (held.version != expected) {
      // A lost try of this very call counts as done if its record is there.
      if (perhaps && held.record == record) return held.version;
      return client_->Failed(absl::StatusCode::kAborted, purpose,
                             "something else is there now");
    }
    KubeClient::Write write;
    write.query = ApplyQuery(entry, MustForce(place, held));
    write.content_type = kApply;
    write.body =
        ApplyBody(entry, there, /*fenced=*/true, type_, value.Reveal(), record);
    PATFORM_ASSIGN_OR_RETURN(
        const KubeAnswer answer,
        client_->Send(entry, std::move(write), purpose, deadline));
    // The answer has the metadata of what was stored, as a read would show it:
    // no third request is needed for the new version.
    if (answer.good()) {
      const HeldRecord now =
          HeldAt(answer.object ? &*answer.object : nullptr, entry);
      if (now.record == record) return now.version;
      return client_->Malformed(purpose, "not what was written");
    }
    perhaps = perhaps || answer.repeated;
    if (!answer.conflicts.empty()) {
      return given_up(client_->Failed(absl::StatusCode::kFailedPrecondition,
                                      purpose, ConflictWith(answer)));
    }
    // Only the object has moved, or the place: the next turn compares.
    if (answer.status != 409) return given_up(answer.refused);
  }
  // Nothing of it was stored: each try was refused by its fence.
  return given_up(
      client_->Failed(absl::StatusCode::kUnavailable, purpose,
                      "other clients kept changing the Secret; try again"));
}

absl::Status KubernetesSink::Remove(const Delivery& place,
                                    const std::string& expected,
                                    Deadline deadline) {
  const KubeEntry entry = EntryOf(place);
  const Purpose purpose = {absl::StrCat("removing ", entry.Shown()),
                           /*writes=*/true};
  bool perhaps = false;  // as in Put()
  bool whole = true;     // the object goes, if nothing else is in it
  for (int turn = 0; turn < kTurns; ++turn) {
    const auto object = client_->Get(entry, deadline);
    if (!object.ok()) {
      return perhaps ? absl::UnknownError(object.status().message())
                     : object.status();
    }
    const KubeObject* there = object->has_value() ? &**object : nullptr;
    const HeldRecord held = HeldAt(there, entry);
    if (held.state == HeldRecord::State::kAbsent) {
      if (perhaps) return absl::OkStatus();
      return client_->Failed(absl::StatusCode::kNotFound, purpose,
                             "nothing is there");
    }
    if (held.version != expected)
      return client_->Failed(absl::StatusCode::kAborted, purpose,
                             "something else is there now");
    // An empty Secret that only patform has filled is nobody's any more; what
    // has a label of its owner's stays.
    const bool all = whole && !HoldsMore(*there, entry);
    KubeClient::Write write;
    write.method = all ? "DELETE" : "PATCH";
    if (all) {
      write.body = DeleteBody(*there);
    } else {
      write.query = ApplyQuery(entry, false);
      write.content_type = kMerge;
      write.body = RemoveBody(entry, *there);
    }
    PATFORM_ASSIGN_OR_RETURN(
        const KubeAnswer answer,
        client_->Send(entry, std::move(write), purpose, deadline));
    if (answer.good()) return absl::OkStatus();
    perhaps = perhaps || answer.repeated;
    // A role that may not delete can still empty it.
    if (all && answer.status == 403 && !perhaps) {
      whole = false;
      continue;
    }
    if (answer.status != 409 && answer.status != 404) return answer.refused;
  }
  return client_->Failed(
      perhaps ? absl::StatusCode::kUnknown : absl::StatusCode::kUnavailable,
      purpose, "other clients kept changing the Secret; try again");
}

// The same object reads for a plan and writes for an apply. What a plan may do
// is decided by its credential; it calls nothing that writes.
absl::StatusOr<std::unique_ptr<SecretSink>> Open(const Opening& opening) {
  PATFORM_ASSIGN_OR_RETURN(auto client,
                           KubeClient::Open(opening.config, opening.machine));
  return std::make_unique<KubernetesSink>(opening.config, std::move(client));
}

absl::StatusOr<std::unique_ptr<RecordReader>> OpenReader(
    const Opening& opening) {
  return Open(opening);
}

std::string FaultOfRestart(
    const std::map<std::string, SettingValue>& settings) {
  for (const std::string& each : RestartsOf(settings)) {
    if (WorkloadOf(each) != nullptr) continue;
    return absl::StrCat("`restart` cannot have \"", each,
                        "\": expected deployment/NAME, statefulset/NAME or "
                        "daemonset/NAME");
  }
  return "";
}

// All of them, although one fails: they know nothing of each other.
absl::StatusOr<std::vector<std::string>> KubernetesSink::After(
    const std::vector<Delivery>& places, Deadline deadline) {
  static_cast<void>(places);
  std::vector<std::string> done;
  if (!restart_.empty() && deadline <= client_->Monotonic()) {
    return absl::DeadlineExceededError("not restarted: there was no time left");
  }
  absl::Status failed;
  for (const std::string& workload : restart_) {
    const absl::Status status =
        client_->Restart(client_->default_namespace(), workload, deadline);
    failed.Update(status);
    if (status.ok()) done.push_back(absl::StrCat("restarted ", workload));
  }
  if (!failed.ok()) return failed;
  return done;
}

// What names the store: which cluster that is, only files of the machine tell.
// Two names of one cluster are found by the records, whose addresses differ.
absl::StatusOr<std::string> Canonical(const SinkConfig& config) {
  return absl::StrCat("kubeconfig=", config.Text("kubeconfig"),
                      " context=", config.Text("context"),
                      " namespace=", config.Text("namespace"));
}

}  // namespace

Row KubernetesRow() {
  Row row;
  row.type.name = "kubernetes";
  row.type.doc =
      "Entries of Kubernetes Secrets, by server-side apply; each record is an "
      "annotation of its Secret. No value is ever read.";
  row.type.keys = {
      {.name = "namespace",
       .doc = "Where places are that name none; the context's, or \"default\", "
              "otherwise.",
       .fault = NamespaceFault},
      {.name = "context",
       .doc = "The context of the kubeconfig; its current one otherwise."},
      {.name = "kubeconfig",
       .kind = SettingKey::Kind::kPath,
       .doc = "A kubeconfig; otherwise the operator's: KUBECONFIG, a pod's "
              "service account, ~/.kube/config. The server of one that is "
              "named here needs --allow-host."},
      {.name = "secret_type",
       .doc = "The type of Secrets that patform makes, \"Opaque\" otherwise; "
              "those that are there keep theirs."},
      {.name = "field_manager",
       .doc = "What patform is called in managedFields, \"patform\" otherwise; "
              "-KEY is added to it.",
       .fault = ManagerFault},
      {.name = "restart",
       .kind = SettingKey::Kind::kList,
       .doc = "Workloads of the namespace to restart after a delivery, such as "
              "\"deployment/agents\"."},
  };
  row.type.fault = FaultOfRestart;
  row.type.reach = Reach::kNetwork;
  row.type.place.default_at = "{name}";
  row.type.place.key_doc = "the entry of the Secret, \"token\" if it is absent";
  row.type.place.at_fault = AtFault;
  row.type.place.key_fault = KeyFault;
  row.canonical = Canonical;
  row.open_reader = OpenReader;
  row.open = Open;
  return row;
}

}  // namespace patform::sinks
