#include "tests/providers/sinks/remote/kube_fake.h"

#include <algorithm>
#include <boost/json.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/base64.h"
#include "engine/base/clock.h"
#include "providers/http/url.h"

namespace patform::sinks {
namespace {

namespace json = boost::json;

constexpr size_t kLargest = 1 << 20;  // of all data of one Secret

http::Response Json(int status, const json::value& body) {
  http::Response response;
  response.status = status;
  response.headers = {{"Content-Type", "application/json"}};
  response.body = Secret(json::serialize(body));
  return response;
}

http::Response Status(int code, const char* reason, const std::string& message,
                      json::object details = {}) {
  return Json(code, json::object{{"kind", "Status"},
                                 {"apiVersion", "v1"},
                                 {"status", "Failure"},
                                 {"message", message},
                                 {"reason", reason},
                                 {"details", std::move(details)},
                                 {"code", code}});
}

http::Response Modified(const std::string& name) {
  return Status(
      409, "Conflict",
      absl::StrCat("Operation cannot be fulfilled on secrets \"", name,
                   "\": the object has been modified; please apply "
                   "your changes to the latest version and try "
                   "again"),
      {{"name", name}, {"kind", "secrets"}});
}

http::Response Invalid(const std::string& name, const std::string& why) {
  return Status(422, "Invalid",
                absl::StrCat("Secret \"", name, "\" is invalid: ", why));
}

std::string TextOf(const json::value* value) {
  return value == nullptr || !value->is_string()
             ? ""
             : std::string(value->get_string().data(),
                           value->get_string().size());
}

const json::object* Child(const json::object& parent, const char* name) {
  const json::value* found = parent.if_contains(name);
  return found == nullptr ? nullptr : found->if_object();
}

// Fields of a body by their paths; what is null has "\0" as its value.
std::map<std::string, std::string> Flat(const json::object& body) {
  std::map<std::string, std::string> fields;
  const auto take = [&fields](const char* kind, const json::object* members,
                              bool encoded) {
    if (members == nullptr) return;
    for (const auto& [name, value] : *members) {
      std::string text =
          value.is_null() ? std::string(1, '\0') : TextOf(&value);
      if (encoded && !value.is_null()) {
        const auto plain = FromBase64(text);
        EXPECT_TRUE(plain.has_value());
        text = plain ? std::string(plain->Reveal()) : "";
      }
      fields[absl::StrCat(kind, "/", std::string(name.data(), name.size()))] =
          text;
    }
  };
  if (const json::object* metadata = Child(body, "metadata")) {
    take("annotations", Child(*metadata, "annotations"), false);
    take("labels", Child(*metadata, "labels"), false);
  }
  take("data", Child(body, "data"), true);
  if (body.contains("type")) fields["type"] = TextOf(body.if_contains("type"));
  EXPECT_FALSE(body.contains("stringData"));
  return fields;
}

}  // namespace

struct KubeFake::Target {
  std::string space, name;
  std::map<std::string, std::string> query;
  std::string path() const { return absl::StrCat(space, "/", name); }
  std::string Query(const std::string& key) const {
    const auto found = query.find(key);
    return found == query.end() ? "" : found->second;
  }
};

http::Response KubeFake::Answer(const http::Request& request) {
  if (before) before(request);
  const std::vector<std::string> halves =
      absl::StrSplit(request.url.target, absl::MaxSplits('?', 1));
  const std::vector<std::string> parts = absl::StrSplit(halves[0], '/');
  // A workload: its pod template is patched, whether it is there or not.
  if (parts.size() == 8 && parts[1] == "apis" && request.method == "PATCH") {
    if (forbidden.count("restart") > 0) {
      return Status(403, "Forbidden", "deployments.apps is forbidden");
    }
    restarts[absl::StrCat(parts[5], "/", parts[6], "/",
                          parts[7].substr(0, parts[7].find('?')))] =
        absl::StrCat(request.content_type, " ",
                     std::string(request.body.Reveal()));
    http::Response response;
    response.status = 200;
    response.body = Secret(R"({"kind":"PartialObjectMetadata","metadata":{}})");
    return response;
  }
  if (parts.size() < 6 || parts[1] != "api" || parts[5] != "secrets") {
    http::Response response;
    response.status = 404;
    response.body = Secret("404 page not found\n");
    return response;
  }
  Target target;
  target.space = http::PercentDecode(parts[4]);
  if (parts.size() > 6) target.name = http::PercentDecode(parts[6]);
  if (halves.size() > 1) {
    for (const auto each : absl::StrSplit(halves[1], '&')) {
      const std::vector<std::string> pair =
          absl::StrSplit(each, absl::MaxSplits('=', 1));
      target.query[pair[0]] = http::PercentDecode(pair[1]);
    }
  }
  lines.push_back(absl::StrCat(request.method, " ", target.path(),
                               target.Query("dryRun").empty() ? "" : " dry",
                               target.Query("force").empty() ? "" : " force"));
  if (!bearer.empty() && request.bearer != nullptr &&
      request.bearer->Reveal() != bearer) {
    return Status(401, "Unauthorized", "Unauthorized");
  }
  const std::string accept = [&request] {
    for (const http::Header& header : request.headers) {
      if (header.name == "Accept") return header.value;
    }
    return std::string();
  }();
  const char* kind = target.name.empty() ? "PartialObjectMetadataList;"
                                         : "PartialObjectMetadata;";
  if (!absl::StrContains(accept, kind)) {
    return Status(406, "NotAcceptable", "this fake shows no data");
  }
  std::string verb = target.name.empty() ? "list" : "get";
  if (request.method == "PATCH") verb = "patch";
  if (request.method == "DELETE") verb = "delete";
  if (forbidden.count(verb) > 0) {
    return Status(403, "Forbidden",
                  absl::StrCat("secrets is forbidden: User \"ci\" cannot ",
                               verb, " resource \"secrets\""),
                  {{"kind", "secrets"}});
  }
  if (verb == "list") return List(target);
  if (verb == "patch") return Patch(request, target);
  if (objects.count(target.path()) == 0) {
    return Status(404, "NotFound",
                  absl::StrCat("secrets \"", target.name, "\" not found"),
                  {{"name", target.name}, {"kind", "secrets"}});
  }
  if (verb == "delete") return Delete(request, target);
  return Shown(200, target.path(), objects[target.path()]);
}

std::string KubeFake::Metadata(const std::string& path,
                               const Object& object) const {
  const std::vector<std::string> names = absl::StrSplit(path, '/');
  json::object annotations, labels;
  for (const auto& [field, value] : object.fields) {
    if (field.rfind("annotations/", 0) == 0) {
      annotations[field.substr(12)] = value;
    }
    if (field.rfind("labels/", 0) == 0) labels[field.substr(7)] = value;
  }
  json::array managed;
  for (const Owner& owner : object.owners) {
    json::object data, notes, marks, fields;
    for (const std::string& field : owner.fields) {
      const size_t slash = field.find('/');
      const std::string name = absl::StrCat("f:", field.substr(slash + 1));
      if (field == "type") fields["f:type"] = json::object();
      if (field.rfind("data/", 0) == 0) data[name] = json::object();
      if (field.rfind("annotations/", 0) == 0) notes[name] = json::object();
      if (field.rfind("labels/", 0) == 0) marks[name] = json::object();
    }
    if (!data.empty()) fields["f:data"] = data;
    fields["f:metadata"] =
        json::object{{"f:annotations", notes}, {"f:labels", marks}};
    managed.push_back(
        json::object{{"manager", owner.manager},
                     {"operation", owner.applies ? "Apply" : "Update"},
                     {"apiVersion", "v1"},
                     {"time", FormatInstant(owner.time)},
                     {"fieldsType", "FieldsV1"},
                     {"fieldsV1", fields}});
  }
  return json::serialize(
      json::object{{"name", names[1]},
                   {"namespace", names[0]},
                   {"uid", object.uid},
                   {"resourceVersion", absl::StrCat(object.revision)},
                   {"annotations", annotations},
                   {"labels", labels},
                   {"managedFields", managed}});
}

http::Response KubeFake::Shown(int status, const std::string& path,
                               const Object& object) const {
  return Json(status,
              json::object{{"kind", "PartialObjectMetadata"},
                           {"apiVersion", "meta.k8s.io/v1"},
                           {"metadata", json::parse(Metadata(path, object))}});
}

http::Response KubeFake::List(const Target& target) const {
  EXPECT_EQ(target.Query("labelSelector"), "patform.dev/managed=true");
  json::array items;
  const std::string from = target.Query("continue");
  std::string next;
  for (const auto& [path, object] : objects) {
    const auto label = object.fields.find("labels/patform.dev/managed");
    if (path.rfind(target.space + "/", 0) != 0 || path < from ||
        label == object.fields.end() || label->second != "true") {
      continue;
    }
    if (items.size() == page) {
      next = path;
      break;
    }
    items.push_back(
        json::object{{"metadata", json::parse(Metadata(path, object))}});
  }
  return Json(200, json::object{{"kind", "PartialObjectMetadataList"},
                                {"metadata", {{"continue", next}}},
                                {"items", items}});
}

http::Response KubeFake::Patch(const http::Request& request,
                               const Target& target) {
  if (target.Query("fieldManager").empty() ||
      target.Query("fieldManager").size() > 128) {
    return Status(422, "Invalid", "fieldManager: Required value");
  }
  if (request.content_type == "application/apply-patch+yaml") {
    return Apply(request, target);
  }
  if (request.content_type == "application/merge-patch+json") {
    return Merge(request, target);
  }
  return Status(415, "UnsupportedMediaType", "not a patch");
}

void KubeFake::Own(Object& object, const std::string& field,
                   const std::string& manager, bool applies, bool shared) {
  for (Owner& owner : object.owners) {
    if (shared) break;
    if (owner.manager != manager || owner.applies != applies) {
      owner.fields.erase(field);
    }
  }
  const auto same = [&](const Owner& owner) {
    return owner.manager == manager && owner.applies == applies;
  };
  auto mine = std::find_if(object.owners.begin(), object.owners.end(), same);
  if (!manager.empty()) {
    if (mine == object.owners.end()) {
      object.owners.push_back({manager, applies, {}, {}});
      mine = object.owners.end() - 1;
    }
    mine->fields.insert(field);
    mine->time = absl::FromUnixSeconds(absl::ToUnixSeconds(clock->Now()));
  }
  object.owners.erase(
      std::remove_if(object.owners.begin(), object.owners.end(),
                     [](const Owner& owner) { return owner.fields.empty(); }),
      object.owners.end());
}

http::Response KubeFake::Apply(const http::Request& request,
                               const Target& target) {
  const json::value parsed = json::parse(std::string(request.body.Reveal()));
  const json::object& body = parsed.get_object();
  const json::object& metadata = *Child(body, "metadata");
  if (TextOf(metadata.if_contains("name")) != target.name) {
    return Status(400, "BadRequest", "the name of the object does not match");
  }
  if (target.space == "missing") {
    return Status(404, "NotFound", "namespaces \"missing\" not found",
                  {{"name", "missing"}, {"kind", "namespaces"}});
  }
  const auto found = objects.find(target.path());
  const bool creates = found == objects.end();
  Object object = creates ? Object() : found->second;
  const std::string uid = TextOf(metadata.if_contains("uid"));
  const std::string version = TextOf(metadata.if_contains("resourceVersion"));
  if (creates && !uid.empty()) return Modified(target.name);
  if (!creates && !version.empty() &&
      version != absl::StrCat(object.revision)) {
    return Modified(target.name);
  }
  if (!creates && !uid.empty() && uid != object.uid) {
    return Invalid(target.name, "metadata.uid: field is immutable");
  }
  const std::string manager = target.Query("fieldManager");
  const std::map<std::string, std::string> wanted = Flat(body);
  std::set<std::string> had;
  json::array causes;
  std::string conflicts;
  for (const Owner& owner : object.owners) {
    const bool mine = owner.applies && owner.manager == manager;
    if (mine) had = owner.fields;
    for (const auto& [field, value] : wanted) {
      const auto now = object.fields.find(field);
      if (mine || owner.fields.count(field) == 0 ||
          (now != object.fields.end() && now->second == value)) {
        continue;
      }
      const std::string message =
          absl::StrCat("conflict with \"", owner.manager, "\"",
                       owner.applies ? "" : " using v1");
      std::string path = absl::StrCat(".", field);
      std::replace(path.begin(), path.end(), '/', '.');
      causes.push_back(json::object{{"reason", "FieldManagerConflict"},
                                    {"message", message},
                                    {"field", path}});
      absl::StrAppend(&conflicts, message, ": ", path);
    }
  }
  if (!causes.empty() && target.Query("force") != "true") {
    return Status(409, "Conflict",
                  absl::StrCat("Apply failed with ", causes.size(),
                               " conflict: ", conflicts),
                  {{"causes", causes}});
  }
  const Object old = object;
  for (const auto& [field, value] : wanted) {
    const bool changes =
        object.fields.count(field) == 0 || object.fields[field] != value;
    object.fields[field] = value;
    if (changes) {
      Own(object, field, manager, true);
    } else if (had.count(field) == 0) {
      // The same value: both own it.
      Own(object, field, manager, true, /*shared=*/true);
    }
  }
  // What was applied before and is not now.
  for (const std::string& field : had) {
    if (wanted.count(field) > 0) continue;
    bool shared = false;
    for (Owner& owner : object.owners) {
      if (owner.applies && owner.manager == manager) {
        owner.fields.erase(field);
      } else if (owner.fields.count(field) > 0) {
        shared = true;
      }
    }
    if (!shared) object.fields.erase(field);
  }
  object.fields.try_emplace("type", "Opaque");
  if (!creates && object.fields["type"] != old.fields.at("type")) {
    return Invalid(target.name, "type: Invalid value: field is immutable");
  }
  size_t size = 0;
  for (const auto& [field, value] : object.fields) {
    if (field.rfind("data/", 0) != 0) continue;
    size += value.size();
    if (old.immutable &&
        (old.fields.count(field) == 0 || old.fields.at(field) != value)) {
      return Invalid(target.name,
                     "data: Forbidden: field is immutable when `immutable` is "
                     "set");
    }
  }
  if (size > kLargest) {
    return Invalid(target.name, "data: Too long: may not be more than 1048576");
  }
  if (!target.Query("dryRun").empty()) {
    return Shown(creates ? 201 : 200, target.path(), object);
  }
  if (creates) {
    object.uid =
        absl::StrCat("00000000-0000-4000-8000-", 100000000000 + ++made_);
  }
  object.revision = ++revision_;
  objects[target.path()] = object;
  return Shown(creates ? 201 : 200, target.path(), object);
}

http::Response KubeFake::Merge(const http::Request& request,
                               const Target& target) {
  const auto found = objects.find(target.path());
  if (found == objects.end()) {
    return Status(404, "NotFound", "secrets not found", {{"kind", "secrets"}});
  }
  const json::value parsed = json::parse(std::string(request.body.Reveal()));
  const json::object& body = parsed.get_object();
  const json::object& metadata = *Child(body, "metadata");
  Object& object = found->second;
  if (TextOf(metadata.if_contains("resourceVersion")) !=
          absl::StrCat(object.revision) ||
      TextOf(metadata.if_contains("uid")) != object.uid) {
    return Modified(target.name);
  }
  for (const auto& [field, value] : Flat(body)) {
    if (value != std::string(1, '\0')) continue;
    object.fields.erase(field);
    Own(object, field, "", false);
  }
  object.revision = ++revision_;
  return Shown(200, target.path(), object);
}

http::Response KubeFake::Delete(const http::Request& request,
                                const Target& target) {
  const json::value parsed = json::parse(std::string(request.body.Reveal()));
  const json::object& wanted = *Child(parsed.get_object(), "preconditions");
  const Object& object = objects.at(target.path());
  if (TextOf(wanted.if_contains("resourceVersion")) !=
          absl::StrCat(object.revision) ||
      TextOf(wanted.if_contains("uid")) != object.uid) {
    return Modified(target.name);
  }
  objects.erase(target.path());
  return Json(200, json::object{{"kind", "Status"}, {"status", "Success"}});
}

std::optional<std::string> KubeFake::Served(const Delivery& place) const {
  const std::string path =
      absl::StrContains(place.at, "/") ? place.at : "ado/" + place.at;
  const auto object = objects.find(path);
  if (object == objects.end()) return std::nullopt;
  const auto data = object->second.fields.find(
      absl::StrCat("data/", place.key.empty() ? "token" : place.key));
  if (data == object->second.fields.end()) return std::nullopt;
  return data->second;
}

void KubeFake::WriteAsOther(const Delivery& place, const std::string& value) {
  Set(absl::StrContains(place.at, "/") ? place.at : "ado/" + place.at,
      absl::StrCat("data/", place.key.empty() ? "token" : place.key), value,
      "kubectl-edit");
}

void KubeFake::Set(const std::string& path, const std::string& field,
                   const std::string& value, const std::string& manager,
                   bool applies) {
  Object& object = objects[path];
  if (object.uid.empty()) {
    object.uid =
        absl::StrCat("00000000-0000-4000-8000-", 100000000000 + ++made_);
    object.fields["type"] = "Opaque";
  }
  object.revision = ++revision_;
  const bool same =
      object.fields.count(field) > 0 && object.fields[field] == value;
  if (value.empty()) {
    object.fields.erase(field);
    Own(object, field, "", false);
    return;
  }
  object.fields[field] = value;
  // An apply of what is there already is shared.
  if (same && applies) {
    Own(object, field, manager, true, /*shared=*/true);
  } else if (!same) {
    Own(object, field, manager, applies);
  }
}

}  // namespace patform::sinks
