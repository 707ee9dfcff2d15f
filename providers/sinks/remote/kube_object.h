#pragma once

#include <boost/json.hpp>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/secret.h"
#include "engine/model/record.h"

namespace patform::sinks {

// On every Secret that holds a record, so that a list finds them.
inline constexpr char kManagedLabel[] = "patform.dev/managed";
inline constexpr char kNotePrefix[] = "patform.dev/";

// An entry of metadata.managedFields: what one client has set.
struct KubeManager {
  std::string name;
  bool applies = false;  // by server-side apply, of the object itself
  std::string time;
  std::set<std::string> keys;   // of data
  std::set<std::string> notes;  // annotations
  bool type = false;
};

// What the API server tells of a Secret without its data.
struct KubeObject {
  std::string space, name, uid, resource_version;
  std::map<std::string, std::string> notes;  // ours: patform.dev/…
  std::vector<KubeManager> managers;
};

// nullopt: `metadata` is not that of an object.
std::optional<KubeObject> ParseKubeObject(const boost::json::object& metadata);

// One entry of one Secret, as patform keeps it.
struct KubeEntry {
  std::string space, name, key;
  std::string prefix;   // of all managers of ours
  std::string manager;  // field manager of this entry alone
  std::string note;     // annotation with its record

  KubeEntry(std::string space_in, std::string name_in, std::string key_in,
            const std::string& manager_prefix);
  // "ado/ci, entry token".
  std::string Shown() const;
};

// What `object` holds at `entry`; null: there is no such Secret.
HeldRecord HeldAt(const KubeObject* object, const KubeEntry& entry);

// Who else has set the value, or the record: "argocd", or "" for nobody.
std::string OthersAt(const KubeObject& object, const KubeEntry& entry);

// Is there anything in `object` beside `entry`: another entry of ours, or what
// somebody else has set?
bool HoldsMore(const KubeObject& object, const KubeEntry& entry);

// The body of an apply. `object`: as it was read; null: there is none, and
// there must be none. `fenced`: to be carried out on just that state.
// `type`: of a new Secret.
Secret ApplyBody(const KubeEntry& entry, const KubeObject* object, bool fenced,
                 const std::string& type, std::string_view value,
                 const SinkRecord& record);

// The body of a merge patch that takes the entry out, fenced.
Secret RemoveBody(const KubeEntry& entry, const KubeObject& object);

// The body of a DELETE, fenced.
Secret DeleteBody(const KubeObject& object);

}  // namespace patform::sinks
