#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "engine/base/diagnostic.h"
#include "engine/model/policy.h"
#include "engine/model/realm.h"
#include "engine/model/token.h"

namespace patform {

using SettingValue =
    std::variant<std::string, int64_t, bool, std::vector<std::string>>;

// What the operator has to allow before a sink is used.
enum class Reach { kThisMachine, kNetwork, kProgram };

// [sink.NAME]: its type and that type's own keys, checked by the reader
// against the table of sink types.
struct SinkConfig {
  std::string name;
  std::string type;
  // With ${NAME} filled in and paths resolved: to be used, never to be shown.
  // Whoever wrote the configuration need not be allowed to see what the
  // environment of this machine holds.
  std::map<std::string, SettingValue> settings;
  // The same as the file has them: no ${NAME} filled in, no path resolved. What
  // every output shows.
  std::map<std::string, SettingValue> written;
  // A fingerprint of what the environment put into `settings`; empty where it
  // put in nothing. Two values are two plans, and neither is shown.
  std::string filled_in;
  SourceLocation where;
  // Of its type; as `print`, no part of the file.
  Reach reach = Reach::kThisMachine;
  // Tells what this sink's places are from those of another one of its name
  // (model/places.h). Of this run, not of the file: it takes no part where
  // configurations are compared. "": was not asked for.
  std::string print;
  // What Sinks::Canonical answered; "": it is not known. Of this run, too.
  std::string store;

  // The setting, or `otherwise` where it is absent.
  std::string Text(const std::string& key, std::string otherwise = "") const;
  bool Flag(const std::string& key, bool otherwise = false) const;
  // The text or path for people: where the environment filled in something, as
  // it is written.
  std::string Shown(const std::string& key, std::string otherwise = "") const;
};

// A place of a sink that a setting names as SINK:PLACE.
struct KeptPlace {
  SinkConfig sink;
  Delivery place;
};

// [auth], or [identity.NAME]: how a user signs in.
struct AuthConfig {
  std::string identity;  // the NAME of [identity.NAME]; "": of [auth]
  std::string source = "environment";
  std::map<std::string, SettingValue> settings;
  std::map<std::string, SettingValue> written;  // as in SinkConfig
  std::string filled_in;                        // as in SinkConfig
  // Where its refresh token is kept between runs; nullopt: nowhere, or on this
  // machine.
  std::optional<KeptPlace> kept_at;
  SourceLocation where;
  // The source that whoever runs the program put in this one's place, by a flag
  // or a variable of theirs; "": none. Of this run, not of the file.
  std::string overridden_by;
};

// Everything in the configuration, defaults and interpolation done.
struct DesiredState {
  std::string workspace;
  std::string organization;  // of tokens that name none of their own
  AuthConfig auth;
  std::vector<AuthConfig> identities;  // in file order
  std::vector<SinkConfig> sinks;       // in file order
  PolicyConfig policy;
  // Both [policy] as the files have them, by key: what two runs compare.
  std::map<std::string, std::string> policy_written;
  // In file order. A deque, because a vector of a hundred thousand would need
  // twice their memory while it grows.
  std::deque<DesiredToken> tokens;
  // What else a token can do that has this scope ("*": everything). Two sets
  // of scopes that come to the same are not a difference.
  std::map<std::string, std::vector<std::string>> implied_scopes;
  std::vector<std::string> files;  // read, the main one first

  const SinkConfig* FindSink(const std::string& name) const;
  // How the user of [identity.NAME] signs in; "": the one of [auth]. Null:
  // there is no such identity.
  const AuthConfig* FindAuth(const std::string& identity) const;
  // The sinks that some token is delivered to, by name: one that nobody uses
  // need not work.
  std::map<std::string, const SinkConfig*> UsedSinks() const;
  // Do these allow the same?
  bool SameScopes(const ScopeSet& a, const ScopeSet& b) const;
  // What people call a token: token.NAME. In another organization than the
  // configuration's own (or, without one, the first token's) the name of that
  // comes before it, fabrikam/token.NAME; of another user than the one of
  // [auth] theirs, identity.build-bot/token.NAME; of both,
  // fabrikam/identity.build-bot/token.NAME. Each of them may have a token of
  // one name.
  std::string AddressOf(const std::string& name, const Realm& realm) const;
  // Every organization that a token is in, sorted, each once.
  std::vector<std::string> Organizations() const;
  // Whose tokens are to be read, and where: sorted, each once. An identity that
  // no token names any more may still have some to be ended, in the
  // configuration's own organization.
  std::vector<Realm> Realms() const;
};

}  // namespace patform
