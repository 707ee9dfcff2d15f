#include "engine/saved/snapshot_file.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/clock.h"
#include "engine/base/status.h"
#include "engine/model/organization.h"
#include "engine/saved/sealed_json.h"

namespace patform {
namespace {

namespace json = boost::json;

constexpr SealedKind kKind = {"patform-snapshot", 2, "snapshot",
                              "patform snapshot --out FILE"};

json::object ListedJson(const ActualToken& token) {
  return {{"authorization_id", token.id.ToString()},
          {"display_name", token.display_name},
          {"scopes", ScopesJson(token.scopes)},
          {"valid_from", FormatInstant(token.valid_from)},
          {"valid_to", FormatInstant(token.valid_to)},
          {"all_organizations", token.all_organizations},
          {"state", Word(token.state)}};
}

// The organization's id stays out: attribution was done before.
ActualToken ReadListed(const JsonFields& fields) {
  ActualToken token;
  token.id = fields.Id("authorization_id");
  token.display_name = fields.Text("display_name");
  token.scopes = fields.Scopes("scopes");
  token.valid_from = fields.Instant("valid_from");
  token.valid_to = fields.Instant("valid_to");
  token.all_organizations = fields.Flag("all_organizations");
  token.state = fields.Word<TokenState>("state");
  return token;
}

// Not the text that sinks keep: see providers/sinks/record_json.h.
json::value RecordJson(const std::optional<SinkRecord>& record) {
  if (!record) return nullptr;
  json::object object = {{"authorization_id", record->id.ToString()},
                         {"generation", record->generation},
                         {"workspace", record->workspace},
                         {"organization", record->organization},
                         {"token", record->token},
                         {"address", record->address},
                         {"owner", record->user_oid},
                         {"valid_to", FormatInstant(record->valid_to)},
                         {"written_at", FormatInstant(record->written_at)}};
  if (record->renewed_by_update) object["renewed_by_update"] = true;
  return object;
}

SinkRecord ReadRecord(const JsonFields& fields) {
  SinkRecord record;
  record.id = fields.Id("authorization_id");
  record.generation = fields.Integer("generation");
  record.workspace = fields.Text("workspace");
  record.organization = OrganizationKey(fields.Text("organization"));
  record.token = fields.Text("token");
  record.address = fields.Text("address");
  record.user_oid = fields.Text("owner");
  record.valid_to = fields.Instant("valid_to");
  record.written_at = fields.Instant("written_at");
  // Only where it is so.
  record.renewed_by_update =
      fields.KindOf("renewed_by_update") != json::kind::null &&
      fields.Flag("renewed_by_update");
  return record;
}

// `why` is an error's text; its code does not survive, nor does anybody decide
// by it.
HeldRecord ReadHeld(const JsonFields& fields) {
  HeldRecord held;
  held.state = fields.Word<HeldRecord::State>("state");
  held.compare_and_set = fields.Flag("compare_and_set");
  if (const std::string why = fields.Text("why"); !why.empty()) {
    held.why = absl::UnknownError(why);
  }
  if (fields.KindOf("caution") != json::kind::null) {
    held.caution = fields.Text("caution");
  }
  // Other states have no record, or none that counts.
  if (held.state == HeldRecord::State::kPresent) {
    held.record = ReadRecord(fields.Object("record"));
  }
  return held;
}

// The lists that could not be read, and stay unread for whoever plans with
// this, and those that are not whole.
void AddIncomplete(const ActualState& world, json::object& object) {
  json::object unread, untold;
  json::array unread_of_users, untold_of_users;
  const auto add = [](const Realm& realm, const char* key, json::value value,
                      json::object& own, json::array& others) {
    if (realm.identity.empty()) {
      own[realm.organization] = std::move(value);
      return;
    }
    others.push_back(json::object{{"identity", realm.identity},
                                  {"organization", realm.organization},
                                  {key, std::move(value)}});
  };
  for (const auto& [realm, why] : world.unread) {
    add(realm, "why", json::string(std::string(why.message())), unread,
        unread_of_users);
  }
  for (const auto& [realm, count] : world.untold) {
    add(realm, "count", count, untold, untold_of_users);
  }
  object["unread"] = std::move(unread);
  object["untold"] = std::move(untold);
  if (!unread_of_users.empty()) {
    object["unread_of_users"] = std::move(unread_of_users);
  }
  if (!untold_of_users.empty()) {
    object["untold_of_users"] = std::move(untold_of_users);
  }
}

}  // namespace

json::object WorldJson(const ActualState& world) {
  json::array organizations;
  for (const auto& [realm, snapshot] : world.organizations) {
    json::array tokens;
    for (const ActualToken& token : snapshot.tokens) {
      tokens.push_back(ListedJson(token));
    }
    json::object list = {{"organization", realm.organization},
                         {"has_history", snapshot.has_history},
                         {"tokens", std::move(tokens)}};
    if (!realm.identity.empty()) list["identity"] = realm.identity;
    organizations.push_back(std::move(list));
  }
  json::array records;
  for (const auto& [address, held] : world.records) {
    // A version stays out: it is the sink's own affair, and a later run reads
    // its own.
    json::object each = {{"address", address},
                         {"state", Word(held.state)},
                         {"compare_and_set", held.compare_and_set},
                         {"why", std::string(held.why.message())},
                         {"record", RecordJson(held.record)}};
    // Seldom there, and earlier versions did not write it.
    if (!held.caution.empty()) each["caution"] = held.caution;
    records.push_back(std::move(each));
  }
  json::array strays;
  for (const auto& [address, stray] : world.strays) {
    strays.push_back(json::object{{"sink", stray.place.sink},
                                  {"at", stray.place.at},
                                  {"key", stray.place.key},
                                  {"record", RecordJson(stray.held.record)}});
  }
  // As an instant rather than a difference, which people could not read.
  json::value service_time;
  if (world.clock_ahead) {
    service_time = FormatInstant(world.ServiceTime(world.taken_at));
  }
  json::object object = {{"taken_at", FormatInstant(world.taken_at)},
                         {"service_time", std::move(service_time)},
                         {"owner", world.user_oid},
                         {"organizations", std::move(organizations)},
                         {"records", std::move(records)}};
  // Seldom there, and earlier versions did not write it.
  if (!strays.empty()) object["strays"] = std::move(strays);
  AddIncomplete(world, object);
  if (!world.users.empty()) object["users"] = TextMapJson(world.users);
  return object;
}

namespace {

// What is of the users of [identity.*], which few configurations have.
void ReadUsers(const JsonFields& fields, ActualState& world) {
  if (!fields.IsNull("users")) world.users = fields.TextMap("users");
  const auto realm = [](const JsonFields& each) {
    return Realm(each.Text("identity"), each.Text("organization"));
  };
  if (!fields.IsNull("unread_of_users")) {
    fields.Each("unread_of_users", [&](const JsonFields& each) {
      world.unread[realm(each)] = absl::UnknownError(each.Text("why"));
    });
  }
  if (!fields.IsNull("untold_of_users")) {
    fields.Each("untold_of_users", [&](const JsonFields& each) {
      world.untold[realm(each)] = static_cast<int>(each.Integer("count"));
    });
  }
}

}  // namespace

ActualState ReadWorld(const JsonFields& fields) {
  ActualState world;
  world.taken_at = fields.Instant("taken_at");
  // Absent: no answer carried a date, so nothing may end because of its age.
  world.clock_ahead.reset();
  if (const auto service_time = fields.InstantOrNull("service_time")) {
    world.clock_ahead = *service_time - world.taken_at;
  }
  world.user_oid = fields.Text("owner");
  fields.Each("organizations", [&](const JsonFields& each) {
    TokenList snapshot;
    snapshot.organization = OrganizationKey(each.Text("organization"));
    if (!each.IsNull("identity")) snapshot.identity = each.Text("identity");
    snapshot.has_history = each.Flag("has_history");
    each.Each("tokens", [&](const JsonFields& token) {
      snapshot.tokens.push_back(ReadListed(token));
      // FindToken() searches by halving; two entries of one id would be two
      // states.
      const size_t n = snapshot.tokens.size();
      if (n > 1 && !(snapshot.tokens[n - 2].id < snapshot.tokens[n - 1].id)) {
        token.Fail("authorization_id", "tokens sorted by id, each once");
      }
    });
    const Realm realm = snapshot.realm();
    world.organizations[realm] = std::move(snapshot);
  });
  fields.Each("records", [&](const JsonFields& each) {
    const std::string address = each.Text("address");
    // Of two entries the later one would silently win.
    const bool first =
        world.records.empty() || world.records.rbegin()->first < address;
    if (!first) each.Fail("address", "records sorted by address, each once");
    world.records[address] = ReadHeld(each);
  });
  if (fields.KindOf("strays") != json::kind::null) {
    fields.Each("strays", [&](const JsonFields& each) {
      StrayPlace stray;
      stray.place.sink = each.Text("sink");
      stray.place.at = each.Text("at");
      stray.place.key = each.Text("key");
      stray.held.state = HeldRecord::State::kPresent;
      stray.held.record = ReadRecord(each.Object("record"));
      std::string address = stray.place.Address();
      world.strays[std::move(address)] = std::move(stray);
    });
  }
  for (auto& [name, why] : fields.TextMap("unread")) {
    world.unread[name] = absl::UnknownError(why);
  }
  const JsonFields untold = fields.Object("untold");
  for (const std::string& name : untold.Keys()) {
    world.untold[name] = static_cast<int>(untold.Integer(name.c_str()));
  }
  ReadUsers(fields, world);
  return world;
}

std::string WriteSnapshot(const ActualState& world, std::string_view key) {
  return Seal(kKind, {{"world", WorldJson(world)}}, key);
}

absl::StatusOr<ActualState> ReadSnapshot(std::string_view text,
                                         std::string_view key) {
  PATFORM_ASSIGN_OR_RETURN(const json::object document,
                           Unseal(kKind, text, key));
  absl::Status status;
  const json::value value(document);
  // As with saved plans: what is read is written again and compared.
  ActualState world = ReadWorld(JsonFields(value, "", status).Object("world"));
  if (!status.ok()) return status;
  const std::string disagreement = Disagreement(
      Inside(document), json::object{{"world", WorldJson(world)}}, "");
  if (!disagreement.empty()) {
    return StaleError(absl::StrCat("its parts disagree: ", disagreement, ".",
                                   WrittenBy(document), " Write a new one: `",
                                   kKind.command, "`"));
  }
  return world;
}

namespace {

absl::Status NotInSnapshot(const Realm& realm) {
  if (!realm.identity.empty()) {
    return IncompleteError(
        absl::StrCat("the snapshot does not hold the tokens of \"",
                     realm.identity, "\" in \"", realm.organization,
                     "\"; take one with a configuration that names them"));
  }
  return IncompleteError(absl::StrCat(
      "the snapshot does not hold the organization \"", realm.organization,
      "\"; take one with a configuration that names it"));
}

// The places of the snapshot that this file names no more, with what its own
// file had left already.
void AddStrays(const ActualState& snapshot, const DesiredState& desired,
               ActualState& world) {
  std::set<std::string> declared;
  for (const DesiredToken& token : desired.tokens) {
    if (token.ensure == Ensure::kAbsent) continue;
    for (const Delivery& place : token.deliver) {
      declared.insert(place.Address());
    }
  }
  world.strays = snapshot.strays;
  for (const auto& [address, held] : snapshot.records) {
    if (!held.record || held.record->address != address ||
        held.record->workspace != desired.workspace) {
      continue;
    }
    StrayPlace stray;
    // Shown only: an apply looks for itself.
    const size_t colon = address.find(':');
    stray.place.sink = address.substr(0, colon);
    stray.place.at = colon == address.npos ? "" : address.substr(colon + 1);
    stray.held = held;
    world.strays.emplace(address, std::move(stray));
  }
  std::erase_if(world.strays, [&](const auto& each) {
    return declared.count(each.first) > 0 ||
           desired.FindSink(each.second.place.sink) == nullptr;
  });
}

}  // namespace

// `now`: when the plan is made, perhaps hours after the snapshot.
absl::StatusOr<ActualState> WorldOfSnapshot(const ActualState& snapshot,
                                            const DesiredState& desired,
                                            absl::Time now,
                                            std::set<std::string>& assumed) {
  ActualState world;
  world.taken_at = now;
  // This machine's clock may be another one. Nothing is older than it was then.
  world.clock_ahead = snapshot.clock_ahead;
  if (world.clock_ahead) {
    world.clock_ahead = std::max(absl::ZeroDuration(),
                                 snapshot.ServiceTime(snapshot.taken_at) - now);
  }
  world.user_oid = snapshot.user_oid;
  world.users = snapshot.users;
  for (const Realm& realm : desired.Realms()) {
    const auto found = snapshot.organizations.find(realm);
    // Incomplete, not empty: an empty list would look as if every token were
    // gone.
    if (found == snapshot.organizations.end()) {
      absl::Status missing = NotInSnapshot(realm);
      if (desired.identities.empty()) return missing;
      // It may have been taken of some users only.
      world.unread.emplace(realm, std::move(missing));
      continue;
    }
    TokenList& tokens = world.organizations[realm];
    tokens = found->second;
    // What has expired since. Nothing else can be known of it.
    for (ActualToken& token : tokens.tokens) {
      if (token.state == TokenState::kActive && token.valid_to <= now) {
        token.state = TokenState::kExpired;
      }
    }
  }
  if (world.organizations.empty() && !world.unread.empty()) {
    return world.unread.begin()->second;
  }
  for (const DesiredToken& token : desired.tokens) {
    if (token.ensure != Ensure::kPresent) continue;
    for (const Delivery& place : token.deliver) {
      const std::string address = place.Address();
      const auto found = snapshot.records.find(address);
      if (found != snapshot.records.end()) {
        world.records[address] = found->second;
      } else {
        // A place that the snapshot does not know was added to the file since.
        // It is assumed to be empty, and the plan names it.
        world.records.emplace(address, HeldRecord::Absent());
        assumed.insert(address);
      }
    }
  }
  AddStrays(snapshot, desired, world);
  return world;
}

}  // namespace patform
