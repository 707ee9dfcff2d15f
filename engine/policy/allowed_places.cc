#include "engine/policy/allowed_places.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/strings.h"

namespace patform {
namespace {

bool Lets(const AllowedPlaces& allowed, std::string_view scope,
          const std::string& type, const std::string& address) {
  const std::vector<std::string>& types = allowed.types;
  return GlobMatchAny(allowed.scopes, scope) &&
         (types.empty() ||
          std::find(types.begin(), types.end(), type) != types.end()) &&
         GlobMatchAny(allowed.addresses, address);
}

}  // namespace

std::string WhatItIs(const DesiredState& desired, const Delivery& place) {
  const SinkConfig* sink = desired.FindSink(place.sink);
  if (sink == nullptr || sink->store.empty()) return "";
  return absl::StrCat(sink->store, "/", place.at, place.key.empty() ? "" : "#",
                      place.key);
}

bool IsAllowedPlace(const PolicyConfig& policy, std::string_view scope,
                    const std::string& type, const std::string& address) {
  return std::all_of(policy.allowed_places.begin(), policy.allowed_places.end(),
                     [&](const std::vector<AllowedPlaces>& list) {
                       return std::any_of(list.begin(), list.end(),
                                          [&](const AllowedPlaces& allowed) {
                                            return Lets(allowed, scope, type,
                                                        address);
                                          });
                     });
}

std::string AllowedPlacesFor(const PolicyConfig& policy,
                             std::string_view scope) {
  std::vector<std::string> lists;
  for (const std::vector<AllowedPlaces>& list : policy.allowed_places) {
    std::vector<std::string> addresses;
    for (const AllowedPlaces& allowed : list) {
      if (!GlobMatchAny(allowed.scopes, scope)) continue;
      addresses.insert(addresses.end(), allowed.addresses.begin(),
                       allowed.addresses.end());
    }
    lists.push_back(addresses.empty() ? "none"
                                      : absl::StrJoin(addresses, " or "));
  }
  return absl::StrJoin(lists, ", and of these ");
}

}  // namespace patform
