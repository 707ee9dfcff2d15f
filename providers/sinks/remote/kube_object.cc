#include "providers/sinks/remote/kube_object.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/base64.h"
#include "engine/base/digest.h"
#include "engine/base/strings.h"
#include "providers/http/secret_json.h"
#include "providers/sinks/record_json.h"

// Whose a value is, without the value: the API server writes down which client
// has set which field (managedFields). Each entry of data has a manager of its
// own, patform-KEY, because an apply takes back whatever its manager had set
// before and does not send again: with one manager for all, a delivery to one
// entry would remove the others.
//
// Source: kubernetes.io/docs/reference/using-api/server-side-apply.
namespace patform::sinks {
namespace {

namespace json = boost::json;

// Of a fieldManager; the server refuses a longer one.
constexpr size_t kLongestManager = 128;
constexpr size_t kLongestNote = 63;  // of the part behind the slash
constexpr size_t kDigest = 40;       // hexadecimal digits
// The server's own trust in its first write: no object ever has it (etcd's
// revisions begin at 1, which is the empty store).
constexpr char kNoRevision[] = "1";

// 160 bits, as git has them: two keys, or two states of a place, do not meet.
std::string Digest(std::string_view text) {
  return absl::BytesToHexString(Sha256(text)).substr(0, kDigest);
}

bool IsAlnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
         (c >= 'A' && c <= 'Z');
}

const json::object* Child(const json::object& parent, json::string_view name) {
  const json::value* found = parent.if_contains(name);
  return found == nullptr ? nullptr : found->if_object();
}

std::string Text(const json::object& object, const char* name) {
  return std::string(http::TextMember(object, name));
}

// A set of fields, as managedFields spells it. The names of {"f:token": {},
// ".": {}}.
std::set<std::string> Fields(const json::object* fields) {
  std::set<std::string> names;
  if (fields == nullptr) return names;
  for (const auto& member : *fields) {
    const std::string_view name(member.key().data(), member.key().size());
    if (name.starts_with("f:")) names.emplace(name.substr(2));
  }
  return names;
}

// Fields of other kinds (labels of others, owner references) decide nothing
// here and are not kept.
KubeManager ParseManager(const json::object& entry) {
  KubeManager manager;
  manager.name = Text(entry, "manager");
  manager.time = Text(entry, "time");
  manager.applies =
      Text(entry, "operation") == "Apply" && Text(entry, "subresource").empty();
  const json::object* fields = Child(entry, "fieldsV1");
  if (fields == nullptr) return manager;
  manager.keys = Fields(Child(*fields, "f:data"));
  manager.type = fields->contains("f:type");
  if (const json::object* metadata = Child(*fields, "f:metadata")) {
    manager.notes = Fields(Child(*metadata, "f:annotations"));
  }
  return manager;
}

// As JSON. For what is not secret.
std::string Quoted(std::string_view text) {
  return json::serialize(json::string(text.data(), text.size()));
}

// An update under our name is somebody's who has taken it: patform itself only
// applies, and what it removes it does not own.
bool IsMine(const KubeManager& manager, const KubeEntry& entry) {
  return manager.applies && manager.name == entry.manager;
}

// Everything that changes when the value or its record does, and nothing that
// changes with the rest of the object, as its resourceVersion would.
std::string VersionOf(const KubeObject& object, const KubeEntry& entry) {
  std::string all = absl::StrCat(object.uid, "\n");
  const auto note = object.notes.find(entry.note);
  absl::StrAppend(&all, note == object.notes.end() ? "" : note->second, "\n");
  for (const KubeManager& manager : object.managers) {
    const bool value = manager.keys.count(entry.key) > 0;
    const bool record = manager.notes.count(entry.note) > 0;
    if (!value && !record) continue;
    absl::StrAppend(&all, manager.name, "\n", manager.applies, "\n",
                    manager.time, "\n", value, record, "\n");
  }
  return Digest(all);
}

}  // namespace

std::optional<KubeObject> ParseKubeObject(const json::object& metadata) {
  KubeObject object;
  object.space = Text(metadata, "namespace");
  object.name = Text(metadata, "name");
  object.uid = Text(metadata, "uid");
  object.resource_version = Text(metadata, "resourceVersion");
  if (object.name.empty()) return std::nullopt;
  if (const json::object* notes = Child(metadata, "annotations")) {
    for (const auto& [name, value] : *notes) {
      const std::string key(name.data(), name.size());
      const json::string* text = value.if_string();
      // Others may hold anything: kubectl's own repeats the whole object.
      if (text == nullptr || !key.starts_with(kNotePrefix)) continue;
      object.notes[key] = std::string(text->data(), text->size());
    }
  }
  // Absent in objects that were written before Kubernetes 1.18 and never since.
  const json::value* managers = metadata.if_contains("managedFields");
  if (managers != nullptr && managers->is_array()) {
    for (const json::value& each : managers->get_array()) {
      if (const json::object* entry = each.if_object()) {
        object.managers.push_back(ParseManager(*entry));
      }
    }
  }
  return object;
}

KubeEntry::KubeEntry(std::string space_in, std::string name_in,
                     std::string key_in, const std::string& manager_prefix)
    : space(std::move(space_in)),
      name(std::move(name_in)),
      key(std::move(key_in)),
      prefix(absl::StrCat(manager_prefix, "-")) {
  manager = absl::StrCat(prefix, key);
  if (manager.size() > kLongestManager) {
    manager = absl::StrCat(prefix, Digest(key));
  }
  // Annotations have narrower names than entries: no dot at the beginning, and
  // 63 characters. A digest cannot be read back, and need not be: the keys of
  // an object are known from managedFields.
  const bool fits = !key.empty() && key.size() <= kLongestNote &&
                    IsAlnum(key.front()) && IsAlnum(key.back());
  note = absl::StrCat(kNotePrefix, fits ? key : "key-" + Digest(key));
}

std::string KubeEntry::Shown() const {
  return absl::StrCat(space, "/", name, ", entry ", key);
}

// For messages. A person knows "argocd" or "kubectl-edit" better than a digest.
std::string OthersAt(const KubeObject& object, const KubeEntry& entry) {
  std::vector<std::string> names;
  for (const KubeManager& manager : object.managers) {
    const bool has = manager.keys.count(entry.key) > 0 ||
                     manager.notes.count(entry.note) > 0;
    if (has && !IsMine(manager, entry)) names.push_back(InQuotes(manager.name));
  }
  return absl::StrJoin(names, ", ");
}

// The three questions in this order: is the entry there at all, is it still as
// we applied it, and was it ever ours. The value itself is never asked for.
HeldRecord HeldAt(const KubeObject* object, const KubeEntry& entry) {
  if (object == nullptr) return HeldRecord::Absent();
  HeldRecord held;
  if (object->managers.empty()) {
    // Of a cluster that was older than managedFields, or somebody cleared them.
    held.state = HeldRecord::State::kForeign;
    held.version = VersionOf(*object, entry);
    held.why = absl::FailedPreconditionError(absl::StrCat(
        Visible(entry.Shown()),
        ": the Secret has no managedFields, so nobody can tell whose its "
        "values are. Set adopt = true on this delivery to take it over."));
    return held;
  }
  bool there = false, value = false, record = false;
  for (const KubeManager& manager : object->managers) {
    there = there || manager.keys.count(entry.key) > 0;
    if (!IsMine(manager, entry)) continue;
    value = manager.keys.count(entry.key) > 0;
    record = manager.notes.count(entry.note) > 0;
  }
  if (!there) return HeldRecord::Absent();
  held.version = VersionOf(*object, entry);
  const std::string others = OthersAt(*object, entry);
  const auto note = object->notes.find(entry.note);
  if (note != object->notes.end()) {
    held.record = RecordFromJson(note->second);
  }
  // Both are still as this entry's manager applied them, in one request: the
  // record is of that value.
  if (value && record && held.record) {
    held.state = HeldRecord::State::kPresent;
    return held;
  }
  // A record that may describe another value must not leave this function.
  held.record.reset();
  if (value || record) {
    // One of the two is still as patform left it.
    held.state = HeldRecord::State::kTorn;
    held.caution =
        absl::StrCat(Visible(entry.Shown()), " was changed",
                     others.empty() ? "" : absl::StrCat(" by ", others));
    return held;
  }
  // A record alone proves nothing: it comes along with every copy.
  held.state = HeldRecord::State::kForeign;
  held.why = absl::FailedPreconditionError(absl::StrCat(
      Visible(entry.Shown()), " was written by ",
      others.empty() ? "somebody else" : others,
      ". Deliver to another entry, or set adopt = true on this delivery to "
      "replace it."));
  return held;
}

bool HoldsMore(const KubeObject& object, const KubeEntry& entry) {
  const std::set<std::string> keys = {entry.key};
  const std::set<std::string> notes = {entry.note};
  return !std::all_of(
      object.managers.begin(), object.managers.end(),
      [&](const KubeManager& manager) {
        // An entry that was removed before may have left its manager the label
        // or the type, which we all apply.
        return manager.applies && manager.name.starts_with(entry.prefix) &&
               (manager.keys.empty() || manager.keys == keys) &&
               (manager.notes.empty() || manager.notes == notes);
      });
}

Secret ApplyBody(const KubeEntry& entry, const KubeObject* object, bool fenced,
                 const std::string& type, std::string_view value,
                 const SinkRecord& record) {
  std::string head = absl::StrCat(
      "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":",
      Quoted(entry.name), ",\"namespace\":", Quoted(entry.space));
  if (fenced) {
    // A resourceVersion that no object has lets only a create through: without
    // it, two runs that both saw nothing would both write.
    absl::StrAppend(
        &head, ",\"resourceVersion\":",
        Quoted(object == nullptr ? kNoRevision : object->resource_version));
    if (object != nullptr) {
      absl::StrAppend(&head, ",\"uid\":", Quoted(object->uid));
    }
  }
  absl::StrAppend(&head, ",\"labels\":{", Quoted(kManagedLabel),
                  ":\"true\"},\"annotations\":{", Quoted(entry.note), ":",
                  Quoted(RecordToJson(record)), "}}");
  // What was applied once has to be applied each time, or it is taken back. A
  // Secret that somebody else made keeps its own.
  const bool owned =
      object != nullptr &&
      std::any_of(object->managers.begin(), object->managers.end(),
                  [&entry](const KubeManager& manager) {
                    return IsMine(manager, entry) && manager.type;
                  });
  if (!type.empty() && (object == nullptr || owned)) {
    absl::StrAppend(&head, ",\"type\":", Quoted(type));
  }
  absl::StrAppend(&head, ",\"data\":{", Quoted(entry.key), ":\"");
  // The value is the last thing, and the only one that is wiped.
  Secret body(head);
  body.Append(Base64(value).Reveal());
  body.Append("\"}}");
  return body;
}

Secret RemoveBody(const KubeEntry& entry, const KubeObject& object) {
  // The label goes with the last record, but not from a Secret that is ours
  // alone: without any owner nobody could tell later that nothing is in it.
  const bool last = HoldsMore(object, entry) &&
                    std::all_of(object.notes.begin(), object.notes.end(),
                                [&entry](const auto& note) {
                                  return note.first == entry.note;
                                });
  return Secret(absl::StrCat(
      "{\"metadata\":{\"resourceVersion\":", Quoted(object.resource_version),
      ",\"uid\":", Quoted(object.uid), ",\"annotations\":{", Quoted(entry.note),
      ":null}",
      last ? absl::StrCat(",\"labels\":{", Quoted(kManagedLabel), ":null}")
           : "",
      "},\"data\":{", Quoted(entry.key), ":null}}"));
}

// Both preconditions: the uid for a Secret that was made again under its name,
// the resourceVersion for an owner who has just put something into it.
Secret DeleteBody(const KubeObject& object) {
  return Secret(absl::StrCat(
      "{\"apiVersion\":\"v1\",\"kind\":\"DeleteOptions\",\"preconditions\":{"
      "\"resourceVersion\":",
      Quoted(object.resource_version), ",\"uid\":", Quoted(object.uid), "}}"));
}

}  // namespace patform::sinks
