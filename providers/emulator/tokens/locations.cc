#include "providers/emulator/tokens/locations.h"

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"
#include "providers/emulator/tokens/api_version.h"
#include "providers/emulator/tokens/vss_error.h"
#include "providers/emulator/tokens/wire.h"

namespace patform::emulator {
namespace {

namespace json = boost::json;

struct Area {
  const char* name;
  const char* id;
};
constexpr Area kTokens = {"tokens", "55967393-20ef-45c6-a96c-b5d5d5986a9a"};
constexpr char kLocation[] = "Location";
// Variable groups belong to pipelines' tasks. On the hosted service that area
// is another host's; here one host has both.
constexpr Area kTaskArea = {"distributedtask",
                            "a85b8835-c1a1-4aac-ae97-1c3d0ba72dbd"};
constexpr const char* kTasks = kTaskArea.name;
constexpr char kGroups[] = "variablegroups";
// Of the part of the platform that has users and their tokens.
constexpr char kServiceOwner[] = "951917ac-a960-4999-8464-e3f0aa25b381";

// As the clients know them by id.
struct Resource {
  const char* id;
  const char* area;
  const char* name;
  const char* route;
};
constexpr std::array<Resource, 5> kResources = {
    {{kTokens.id, kTokens.name, "pats", "_apis/{area}/{resource}"},
     {"00d9565f-ed9c-4a06-9a50-00e7896ccab4", kLocation, "ConnectionData",
      "_apis/{resource}"},
     {"e81700f7-3be2-46de-8624-2eb35882fcaa", kLocation, "ResourceAreas",
      "_apis/{resource}/{areaId}"},
     {"f5b09dd5-9d54-45a1-8b5a-1c8287d634cc", kTasks, kGroups,
      "{project}/_apis/{area}/{resource}/{groupId}"},
     {"ef5b7057-ffc3-4c77-bbad-c10b4a4abcc7", kTasks, kGroups,
      "_apis/{area}/{resource}/{groupId}"}}};

json::object Described(const Resource& resource) {
  return {{"id", resource.id},
          {"area", resource.area},
          {"resourceName", resource.name},
          {"routeTemplate", resource.route},
          {"resourceVersion", kRevision},
          {"minVersion", kOldestVersion},
          {"maxVersion", kNewestVersion},
          // All of it is a preview.
          {"releasedVersion", "0.0"}};
}

http::ServerResponse Wrapped(json::array list) {
  json::object body = {{"count", list.size()}};
  body["value"] = std::move(list);
  return JsonAnswer(200, json::serialize(body));
}

}  // namespace

std::string BaseUrl(const http::ServerRequest& request, bool tls,
                    std::string_view organization) {
  const auto host = request.Find("Host");
  std::string url =
      absl::StrCat(tls ? "https://" : "http://",
                   host ? std::string(*host) : std::string("localhost"));
  if (!organization.empty()) {
    absl::StrAppend(&url, "/", PercentEncode(organization, "-._~"));
  }
  return url;
}

std::string LocationServiceMembers(std::string_view base_url) {
  const json::object mapping = {
      {"moniker", "PublicAccessMapping"},
      {"displayName", "Public Access Mapping"},
      {"accessPoint", absl::StrCat(AbslView(base_url), "/")}};
  const json::object data = {
      {"serviceOwner", kServiceOwner},
      {"defaultAccessMappingMoniker", "PublicAccessMapping"},
      {"lastChangeId", 1},
      {"lastChangeId64", 1},
      {"clientCacheFresh", false},
      {"clientCacheTimeToLive", 3600},
      {"accessMappings", json::array({mapping})},
      {"serviceDefinitions", json::array()}};
  return absl::StrCat(R"(,"locationServiceData":)", json::serialize(data),
                      R"(,"webApplicationRelativeDirectory":"")");
}

http::ServerResponse AnswerLocations(const Target& target, size_t apis) {
  json::array list;
  for (const Resource& resource : kResources) {
    // Names of resources that stand alone in their route are areas of their own
    // to nobody.
    if (target.path.size() > apis + 1 && !target.Is(apis + 1, resource.area)) {
      continue;
    }
    if (target.path.size() > apis + 2 && !target.Is(apis + 2, resource.name)) {
      continue;
    }
    list.push_back(Described(resource));
  }
  return Wrapped(std::move(list));
}

http::ServerResponse AnswerResourceAreas(const Target& target, size_t apis,
                                         std::string_view base_url) {
  json::array all;
  for (const Area& area : {kTokens, kTaskArea}) {
    json::object described = {
        {"id", area.id},
        {"name", area.name},
        {"locationUrl", absl::StrCat(AbslView(base_url), "/")}};
    if (target.path.size() > apis + 2 &&
        ParseGuid(target.path[apis + 2]) == area.id) {
      return JsonAnswer(200, json::serialize(described));
    }
    all.push_back(std::move(described));
  }
  if (target.path.size() == apis + 2) return Wrapped(std::move(all));
  // An area that is not there is null, not an error.
  return JsonAnswer(200, "null");
}

}  // namespace patform::emulator
