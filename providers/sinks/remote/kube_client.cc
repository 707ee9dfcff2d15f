#include "providers/sinks/remote/kube_client.h"

#include <boost/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/clock.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "providers/http/secret_json.h"

// Reading answers, above all: one that is not understood must never pass for
// "there is no such Secret", and no word of a server may show a value.
namespace patform::sinks {
namespace {

namespace json = boost::json;

// PartialObjectMetadata: an object without its data.
constexpr char kMetadataOnly[] =
    "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
constexpr char kListOnly[] =
    "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
// What kubectl takes, too. 100,000 Secrets in one namespace are nobody's.
constexpr int kPage = 500;
constexpr int kMaxPages = 200;
// managedFields of one object may take tens of KB. In wiped memory, because an
// annotation of kubectl's may repeat a whole Secret.
constexpr http::SecretJson::Limits kLimits = {32 << 20, 32};

// Of one Secret, or of a namespace's where `name` is empty. Names were checked
// when the configuration was read; encoding keeps a saved plan from naming
// another resource.
std::string PathOf(const std::string& space, const std::string& name) {
  return absl::StrCat("/api/v1/namespaces/", PercentEncode(space), "/secrets",
                      name.empty() ? "" : "/", PercentEncode(name));
}

// Null: absent, or of another type. Answers come from outside.
const json::object* Child(const json::object& parent, const char* name) {
  const json::value* found = parent.if_contains(name);
  return found == nullptr ? nullptr : found->if_object();
}

// Likewise of a list.
const json::array* Items(const json::object* parent, const char* name) {
  const json::value* found =
      parent == nullptr ? nullptr : parent->if_contains(name);
  return found == nullptr ? nullptr : found->if_array();
}

// A refusal by server-side apply has a cause for each field that another client
// owns; a moved resourceVersion has none, and the same status and reason.
std::vector<std::string> ConflictsIn(const json::object& details) {
  std::vector<std::string> conflicts;
  const json::array* causes = Items(&details, "causes");
  if (causes == nullptr) return conflicts;
  for (const json::value& each : *causes) {
    const json::object* cause = each.if_object();
    if (cause == nullptr ||
        http::TextMember(*cause, "reason") != "FieldManagerConflict") {
      continue;
    }
    conflicts.push_back(
        absl::StrCat(Visible(http::TextMember(*cause, "message")), ": ",
                     Visible(http::TextMember(*cause, "field"))));
  }
  return conflicts;
}

}  // namespace

const KubeWorkload* WorkloadOf(const std::string& text) {
  const size_t slash = text.find('/');
  if (slash == std::string::npos || slash + 1 == text.size() ||
      text.find('/', slash + 1) != std::string::npos) {
    return nullptr;
  }
  for (const KubeWorkload& each : kWorkloads) {
    if (text.substr(0, slash) == each.word) return &each;
  }
  return nullptr;
}

KubeClient::KubeClient(std::unique_ptr<KubeAccess> access,
                       std::unique_ptr<RestStore> store)
    : access_(std::move(access)), store_(std::move(store)) {}

absl::StatusOr<std::unique_ptr<KubeClient>> KubeClient::Open(
    const SinkConfig& config, const Machine& machine) {
  PATFORM_ASSIGN_OR_RETURN(auto access, KubeAccess::Open(config, machine));
  PATFORM_ASSIGN_OR_RETURN(auto store, RestStore::Make(config, access->server(),
                                                       {}, access->machine()));
  return std::unique_ptr<KubeClient>(
      new KubeClient(std::move(access), std::move(store)));
}

absl::StatusOr<http::Response> KubeClient::Ask(http::Request& request,
                                               const Purpose& purpose,
                                               Deadline deadline) {
  // Twice at most. A server that refuses a fresh token refuses the next one,
  // too.
  for (bool again = false;; again = true) {
    PATFORM_ASSIGN_OR_RETURN(const KubeBearer bearer,
                             access_->Bearer(deadline));
    request.bearer = bearer.token.empty() ? nullptr : &bearer.token;
    absl::StatusOr<http::Response> answer =
        store_->Send(request, purpose, deadline);
    request.bearer = nullptr;
    // Nothing was carried out, and a program may give another token or
    // certificate.
    if (answer.ok() && answer->status == 401 && !answer->repeated && !again &&
        access_->Renew(bearer)) {
      continue;
    }
    return answer;
  }
}

KubeAnswer KubeClient::Read(const http::Response& response,
                            const Purpose& purpose) const {
  KubeAnswer answer;
  answer.status = response.status;
  answer.repeated = response.repeated;
  const http::SecretJson body(response.body.Reveal(), kLimits);
  const json::object* root = body.object();
  std::string_view kind, message;
  if (root != nullptr) kind = http::TextMember(*root, "kind");
  if (kind == "PartialObjectMetadata") {
    if (const json::object* metadata = Child(*root, "metadata")) {
      answer.object = ParseKubeObject(*metadata);
    }
  }
  if (kind == "Status") {
    answer.reason = std::string(http::TextMember(*root, "reason"));
    message = http::TextMember(*root, "message");
    if (const json::object* details = Child(*root, "details")) {
      answer.of_secret = http::TextMember(*details, "kind") == "secrets";
      answer.conflicts = ConflictsIn(*details);
    }
  }
  if (answer.good()) return answer;
  // A message of the server's repeats field names and texts of validation, and
  // Refused() withholds one that looks like a secret.
  answer.refused = store_->Refused(response, purpose, message);
  // An earlier try may have been carried out behind a gateway.
  if (purpose.writes && answer.repeated) {
    answer.refused = absl::UnknownError(answer.refused.message());
  }
  return answer;
}

absl::StatusOr<std::optional<KubeObject>> KubeClient::Get(
    const KubeEntry& entry, Deadline deadline) {
  const Purpose purpose = {
      absl::StrCat("reading the record of ", entry.Shown())};
  http::Request request;
  request.method = "GET";
  request.url = store_->At(PathOf(entry.space, entry.name));
  request.headers = {{"Accept", kMetadataOnly}};
  PATFORM_ASSIGN_OR_RETURN(const http::Response response,
                           Ask(request, purpose, deadline));
  KubeAnswer answer = Read(response, purpose);
  // Any other 404 is of an address that is not a cluster's.
  if (answer.status == 404 && answer.reason == "NotFound" && answer.of_secret) {
    return std::nullopt;
  }
  if (!answer.good()) return answer.refused;
  // Another object's metadata would be compared with this place's record.
  if (answer.object && answer.object->name == entry.name) {
    return std::move(answer.object);
  }
  return store_->Malformed(purpose, "not the metadata of that Secret");
}

// Items of a list of metadata have neither kind nor version of their own, and
// need none: the list was asked for as one of Secrets.
absl::Status KubeClient::AddPage(const http::Response& response,
                                 const Purpose& purpose,
                                 std::map<std::string, KubeObject>& objects,
                                 std::string& next) const {
  const http::SecretJson body(response.body.Reveal(), kLimits);
  const json::object* root = body.object();
  const json::array* items = Items(root, "items");
  if (items == nullptr) return store_->Malformed(purpose, "not a list");
  for (const json::value& item : *items) {
    const json::object* each = item.if_object();
    const json::object* metadata =
        each == nullptr ? nullptr : Child(*each, "metadata");
    if (metadata == nullptr) continue;
    // What cannot be read is left out: its place is then read alone.
    if (auto object = ParseKubeObject(*metadata)) {
      std::string name = object->name;
      objects.emplace(std::move(name), *std::move(object));
    }
  }
  const json::object* metadata = Child(*root, "metadata");
  next = metadata == nullptr
             ? ""
             : std::string(http::TextMember(*metadata, "continue"));
  return absl::OkStatus();
}

absl::StatusOr<std::map<std::string, KubeObject>> KubeClient::List(
    const std::string& space, Deadline deadline) {
  const Purpose purpose = {absl::StrCat("listing the records of ", space)};
  std::map<std::string, KubeObject> objects;
  std::string next;
  // Pages of one moment: an expired `continue` (410) ends the whole list.
  for (int page = 0; page < kMaxPages; ++page) {
    http::Request request;
    request.method = "GET";
    request.url = store_->At(absl::StrCat(
        PathOf(space, ""), "?labelSelector=",
        PercentEncode(absl::StrCat(kManagedLabel, "=true")), "&limit=", kPage,
        next.empty() ? "" : "&continue=", PercentEncode(next)));
    request.headers = {{"Accept", kListOnly}};
    PATFORM_ASSIGN_OR_RETURN(const http::Response response,
                             Ask(request, purpose, deadline));
    if (response.status != 200) return Read(response, purpose).refused;
    PATFORM_RETURN_IF_ERROR(AddPage(response, purpose, objects, next));
    if (next.empty()) return objects;
  }
  return store_->Malformed(purpose, "a list without an end");
}

// Applies, merge patches and deletes alike. Repeating one is harmless, because
// each is fenced with the object that it was decided on.
absl::StatusOr<KubeAnswer> KubeClient::Send(const KubeEntry& entry, Write write,
                                            const Purpose& purpose,
                                            Deadline deadline) {
  http::Request request;
  request.method = write.method;
  request.url =
      store_->At(absl::StrCat(PathOf(entry.space, entry.name), write.query));
  request.headers = {{"Accept", kMetadataOnly}};
  request.content_type = write.content_type;
  request.body = std::move(write.body);
  PATFORM_ASSIGN_OR_RETURN(const http::Response response,
                           Ask(request, purpose, deadline));
  return Read(response, purpose);
}

// The time is all that has to differ from the last restart; kubectl writes one
// as well, under a name of its own.
absl::Status KubeClient::Restart(const std::string& space,
                                 const std::string& workload,
                                 Deadline deadline) {
  const Purpose purpose = {absl::StrCat("restarting ", workload),
                           /*writes=*/true};
  const KubeWorkload* kind = WorkloadOf(workload);
  if (kind == nullptr) {
    return Failed(absl::StatusCode::kInvalidArgument, purpose,
                  "not a workload that can be restarted");
  }
  http::Request request;
  request.method = "PATCH";
  request.url = store_->At(absl::StrCat(
      "/apis/apps/v1/namespaces/", PercentEncode(space), "/", kind->resource,
      "/", PercentEncode(workload.substr(workload.find('/') + 1)),
      "?fieldManager=patform"));
  // A pod template has environments, and these may have secrets.
  request.headers = {{"Accept", kMetadataOnly}};
  request.content_type = "application/merge-patch+json";
  request.body = Secret(absl::StrCat(
      R"({"spec":{"template":{"metadata":{"annotations":{)",
      R"("patform.dev/restarted-at":")", FormatInstant(Now()), R"("}}}}})"));
  PATFORM_ASSIGN_OR_RETURN(const http::Response response,
                           Ask(request, purpose, deadline));
  const KubeAnswer answer = Read(response, purpose);
  return answer.good() ? absl::OkStatus() : answer.refused;
}

}  // namespace patform::sinks
