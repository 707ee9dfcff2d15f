#include "engine/model/desired_state.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

namespace patform {

// `otherwise` where the key is absent, or is not a text, which the reader has
// refused.
std::string SinkConfig::Text(const std::string& key,
                             std::string otherwise) const {
  const auto found = settings.find(key);
  if (found == settings.end()) return otherwise;
  const std::string* text = std::get_if<std::string>(&found->second);
  return text == nullptr ? std::move(otherwise) : *text;
}

// What the file says, with ${NAME} as it is written. Values of variables are in
// no output.
std::string SinkConfig::Shown(const std::string& key,
                              std::string otherwise) const {
  if (filled_in.empty()) return Text(key, std::move(otherwise));
  const auto found = written.find(key);
  if (found == written.end()) return otherwise;
  const std::string* text = std::get_if<std::string>(&found->second);
  return text == nullptr ? std::move(otherwise) : *text;
}

bool SinkConfig::Flag(const std::string& key, bool otherwise) const {
  const auto found = settings.find(key);
  if (found == settings.end()) return otherwise;
  const bool* flag = std::get_if<bool>(&found->second);
  return flag == nullptr ? otherwise : *flag;
}

const SinkConfig* DesiredState::FindSink(const std::string& name) const {
  for (const SinkConfig& sink : sinks) {
    if (sink.name == name) return &sink;
  }
  return nullptr;
}

std::map<std::string, const SinkConfig*> DesiredState::UsedSinks() const {
  std::map<std::string, const SinkConfig*> used;
  for (const DesiredToken& token : tokens) {
    if (token.ensure != Ensure::kPresent) continue;
    for (const Delivery& place : token.deliver) {
      const SinkConfig*& sink = used[place.sink];
      if (sink == nullptr) sink = FindSink(place.sink);
    }
  }
  return used;
}

// The service may answer other scopes than were asked for: it adds what is
// implied, or drops it. Two sets are the same if each gives everything that the
// other one has; otherwise a plan would want the same change for ever.
bool DesiredState::SameScopes(const ScopeSet& a, const ScopeSet& b) const {
  if (a == b) return true;
  const auto gives = [this](const ScopeSet& held, std::string_view scope) {
    // By what a stronger scope implies; "*" is everything.
    if (held.Contains(scope)) return true;
    for (std::string_view stronger : held.items()) {
      const auto implied = implied_scopes.find(std::string(stronger));
      if (implied == implied_scopes.end()) continue;
      if (std::any_of(implied->second.begin(), implied->second.end(),
                      [scope](const std::string& weaker) {
                        return weaker == "*" || weaker == scope;
                      })) {
        return true;
      }
    }
    return false;
  };
  // All of `wanted` are given by `held`.
  const auto gives_all = [&gives](const ScopeSet& held,
                                  const ScopeSet& wanted) {
    const std::vector<std::string_view> scopes = wanted.items();
    return std::all_of(
        scopes.begin(), scopes.end(),
        [&](std::string_view scope) { return gives(held, scope); });
  };
  // The service reads no scopes at all as full access.
  if (a.empty() || b.empty()) return false;
  return gives_all(a, b) && gives_all(b, a);
}

const AuthConfig* DesiredState::FindAuth(const std::string& identity) const {
  if (identity.empty()) return &auth;
  for (const AuthConfig& each : identities) {
    if (each.identity == identity) return &each;
  }
  return nullptr;
}

// Short where a file has one organization and one user, as most have.
std::string DesiredState::AddressOf(const std::string& name,
                                    const Realm& realm) const {
  // The organization of the file, or of its first token.
  const std::string& own = !organization.empty() || tokens.empty()
                               ? organization
                               : tokens.front().organization;
  std::string address = TokenAddress(name);
  // No organization has a dot in its name.
  if (!realm.identity.empty()) {
    address = IdentityAddress(realm.identity) + "/" + address;
  }
  if (own.empty() || realm.organization == own) return address;
  return realm.organization + "/" + address;
}

// Sorted, each once.
std::vector<std::string> DesiredState::Organizations() const {
  std::set<std::string> names;
  const std::string* last = nullptr;
  for (const DesiredToken& token : tokens) {
    // Mostly the one of the token before.
    if (last != nullptr && token.organization == *last) continue;
    last = &token.organization;
    names.insert(*last);
  }
  if (!organization.empty()) names.insert(organization);
  return std::vector<std::string>(names.begin(), names.end());
}

std::vector<Realm> DesiredState::Realms() const {
  std::set<Realm> realms;
  const DesiredToken* last = nullptr;
  for (const DesiredToken& token : tokens) {
    if (last != nullptr && token.organization == last->organization &&
        token.identity == last->identity) {
      continue;
    }
    last = &token;
    realms.emplace(token.identity, token.organization);
  }
  if (!organization.empty()) {
    for (const AuthConfig& each : identities) {
      realms.emplace(each.identity, organization);
    }
    // Where all tokens are of other users, the one of [auth] takes part only if
    // the file says how to sign in.
    if (identities.empty() || auth.where.line > 0) {
      realms.emplace("", organization);
    }
  }
  return std::vector<Realm>(realms.begin(), realms.end());
}

}  // namespace patform
