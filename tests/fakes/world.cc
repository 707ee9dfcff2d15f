#include "tests/fakes/world.h"

#include <signal.h>

#include <new>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/strings.h"
#include "engine/model/mark.h"
#include "engine/observed/look.h"
#include "tests/fakes/fake_ports.h"

namespace patform {

Delivery PlaceOf(const std::string& text) {
  const size_t colon = text.find(':');
  const size_t hash = text.find('#');
  Delivery place;
  place.sink = text.substr(0, colon);
  place.at =
      text.substr(colon + 1, hash == std::string::npos ? std::string::npos
                                                       : hash - colon - 1);
  if (hash != std::string::npos) place.key = text.substr(hash + 1);
  return place;
}

std::string Dump(const Outcome& outcome) {
  const char* words[] = {"done", "nothing", "failed", "incomplete",
                         "interrupted"};
  std::string text = words[static_cast<int>(outcome.kind)];
  if (!outcome.status.ok()) {
    absl::StrAppend(&text, " (", std::string(outcome.status.message()), ")");
  }
  if (!outcome.done.empty()) {
    absl::StrAppend(&text, ": ", absl::StrJoin(outcome.done, "; "));
  }
  if (!outcome.left.empty()) {
    absl::StrAppend(&text, " | left: ", absl::StrJoin(outcome.left, "; "));
  }
  return text;
}

namespace {

class RunOf : public Run {
 public:
  explicit RunOf(FakeWorld& world) : world_(world) {}
  int Signal() override { return world_.stop() ? SIGINT : 0; }
  void Uninterrupted(absl::FunctionRef<void()> call) override {
    world_.uninterrupted(call);
  }
  std::string Nonce() override {
    const std::lock_guard<std::mutex> lock(world_.misfortune.mutex());
    return absl::StrCat("nonce", absl::Dec(++world_.nonces, absl::kZeroPad7),
                        "any1");
  }
  absl::StatusOr<std::shared_ptr<void>> Reserve() override {
    return world_.reserve();
  }

 private:
  FakeWorld& world_;
};

class TokensOf : public FakeTokenServices {
 public:
  explicit TokensOf(FakeWorld& world) : world_(world) {}
  absl::StatusOr<std::unique_ptr<TokenWriter>> OpenWriter(
      const Connection& connection) override {
    if (world_.open_writer) return world_.open_writer(connection.organization);
    const std::string& identity = connection.auth.identity;
    if (world_.signed_out.count(identity) > 0) {
      return absl::UnauthenticatedError("nobody is signed in");
    }
    return std::make_unique<FakeProvider>(
        *world_.services.at({identity, connection.organization}),
        world_.misfortune);
  }

 private:
  FakeWorld& world_;
};

}  // namespace

FakeWorld::FakeWorld() : clock(absl::FromUnixSeconds(1'800'000'000)) {
  desired.workspace = "w";
  desired.organization = "contoso";
  AddOrganization("contoso");
}

FakeService& FakeWorld::AddOrganization(const std::string& name) {
  auto service = std::make_unique<FakeService>(
      clock, absl::StrCat(absl::Hex(10 + services.size()), "0"));
  return *(services[name] = std::move(service));
}

FakeService& FakeWorld::AddUser(const std::string& identity,
                                const std::string& organization) {
  if (desired.FindAuth(identity) == nullptr) {
    AuthConfig& auth = desired.identities.emplace_back();
    auth.identity = identity;
    auth.source = "azure-cli";
  }
  auto service = std::make_unique<FakeService>(
      clock, absl::StrCat(absl::Hex(10 + services.size()), "0"));
  return *(services[{identity, organization}] = std::move(service));
}

FakeSink& FakeWorld::AddSink(const std::string& name, bool compare_and_set) {
  SinkConfig config;
  config.name = name;
  config.type = "file";
  desired.sinks.push_back(config);
  return *(sinks[name] =
               std::make_unique<FakeSink>(misfortune, compare_and_set));
}

DesiredToken& FakeWorld::Declare(const std::string& name,
                                 const std::vector<std::string>& places) {
  DesiredToken token;
  token.name = name;
  token.organization = desired.organization;
  token.scopes = ScopeSet::Of({"vso.code", "vso.build"});
  token.rotate_before.span = absl::Hours(7 * 24);
  for (const std::string& place : places) {
    token.deliver.push_back(PlaceOf(place));
  }
  desired.tokens.push_back(std::move(token));
  return desired.tokens.back();
}

DesiredToken& FakeWorld::Declared(const std::string& name) {
  for (DesiredToken& token : desired.tokens) {
    if (token.name == name) return token;
  }
  return Declare(name, {});
}

absl::StatusOr<ActualState> FakeWorld::LookAs(const DesiredState& file) {
  std::map<Realm, std::unique_ptr<FakeProvider>> providers;
  Readers readers;
  for (const auto& [realm, service] : services) {
    if (file.FindAuth(realm.identity) == nullptr) continue;
    if (signed_out.count(realm.identity) > 0) {
      readers.closed[realm] = absl::UnauthenticatedError("nobody is signed in");
      continue;
    }
    providers[realm] = std::make_unique<FakeProvider>(*service, misfortune);
    readers.organizations[realm] = providers[realm].get();
  }
  for (const auto& [name, sink] : sinks) readers.sinks[name] = sink.get();
  absl::StatusOr<ActualState> state =
      patform::Look(file, readers, clock.Now(), Deadline());
  if (!state.ok()) return state;
  for (const auto& [realm, listed] : state->organizations) {
    if (realm.identity.empty()) {
      state->user_oid = user_oid;
    } else {
      state->users[realm.identity] = realm.identity;
    }
  }
  return state;
}

Plan FakeWorld::PlanNow(const std::set<std::string>& rotate) {
  absl::StatusOr<ActualState> state = Look();
  if (!state.ok()) throw Crash();  // the run ends here, with an error
  last_look = *std::move(state);
  PlanOptions options;
  options.diff.rotate = rotate;
  return MakePlan(desired, last_look, options,
                  last_look.ServiceTime(last_look.taken_at));
}

ApplyResult FakeWorld::Apply(const Plan& plan, int parallelism) {
  return ApplyAs(desired, last_look, plan, parallelism);
}

ApplyResult FakeWorld::ApplyAs(const DesiredState& file,
                               const ActualState& look, const Plan& plan,
                               int parallelism) {
  RunOf run(*this);
  TokensOf tokens(*this);
  ApplyPorts ports;
  ports.clock = &clock;
  ports.run = &run;
  ports.tokens = &tokens;
  for (const auto& [name, sink] : sinks) ports.sinks[name] = sink.get();
  DeafListener deaf;
  return patform::Apply(file, look, plan, ports, parallelism,
                        listener == nullptr ? deaf : *listener);
}

std::string FakeWorld::Run(const std::set<std::string>& rotate) {
  try {
    const Plan plan = PlanNow(rotate);
    std::string text;
    for (const ApplyResult::Entry& entry : Apply(plan).entries) {
      absl::StrAppend(&text, entry.change.address, " ", Dump(entry.outcome),
                      "\n");
    }
    return text;
  } catch (const Crash&) {
    return "crashed";
  } catch (const std::bad_alloc&) {
    return "ended while it planned: no memory\n";  // as main() does
  }
}

std::string FakeWorld::RunAs(const DesiredState& file,
                             const std::set<std::string>& rotate) {
  const absl::StatusOr<ActualState> look = LookAs(file);
  if (!look.ok()) return std::string(look.status().message());
  PlanOptions options;
  options.diff.rotate = rotate;
  const Plan plan =
      MakePlan(file, *look, options, look->ServiceTime(look->taken_at));
  std::string text;
  for (const ApplyResult::Entry& entry :
       ApplyAs(file, *look, plan, 1).entries) {
    absl::StrAppend(&text, entry.change.address, " ", Dump(entry.outcome),
                    "\n");
  }
  return text;
}

FakeService* FakeWorld::HolderOf(const SinkRecord& record) {
  for (const auto& [realm, service] : services) {
    if (realm.organization == record.organization &&
        service->Find(record.id) != nullptr) {
      return service.get();
    }
  }
  return nullptr;
}

std::string FakeWorld::Broken() {
  std::set<std::string> served;
  for (const DesiredToken& token : desired.tokens) {
    if (token.ensure != Ensure::kPresent) continue;
    for (const Delivery& place : token.deliver) served.insert(place.Address());
  }
  for (const auto& [name, sink] : sinks) {
    for (const auto& [address, entry] : sink->entries) {
      if (entry.state != HeldRecord::State::kPresent) continue;
      if (served.count(address) == 0) continue;
      FakeService* const service = HolderOf(entry.record);
      if (service == nullptr) {
        return absl::StrCat("S1: ", address, " names a token that never was");
      }
      FakeService::Row* row = service->Find(entry.record.id);
      if (row->secret != entry.value) {
        return absl::StrCat("S1: ", address, " holds another token's secret");
      }
      if (service->StateOf(*row) != TokenState::kActive) {
        return absl::StrCat("S1: ", address, " serves ",
                            ShortName(row->token.display_name), ", which is ",
                            Word(service->StateOf(*row)));
      }
    }
  }
  // What the file names without a place for its secret, or as absent, it may
  // change by name; what it releases loses its mark.
  std::set<std::string> by_name;
  std::set<std::string> released;
  for (const DesiredToken& token : desired.tokens) {
    if (token.ensure == Ensure::kReleased) released.insert(token.name);
    if (token.ensure == Ensure::kAbsent || token.deliver.empty()) {
      by_name.insert(token.name);
      by_name.insert(token.renamed_from);
    }
  }
  for (const auto& [name, service] : services) {
    for (const FakeService::Row& row : service->rows) {
      if (row.stranger && row.writes > 0 &&
          by_name.count(row.token.display_name) == 0) {
        return absl::StrCat("S2: ", row.token.display_name, " was written to");
      }
      if (released.count(row.token.display_name) > 0) continue;
      if (row.stranger || service->StateOf(row) != TokenState::kActive) {
        continue;
      }
      const auto marked = ParseDisplayName(row.token.display_name);
      if (!marked || marked->workspace != desired.workspace) {
        return absl::StrCat("S4: ", row.token.display_name,
                            " lives without its mark");
      }
    }
  }
  return "";
}

std::string FakeWorld::Summary() {
  std::string text;
  for (const auto& [name, service] : services) {
    for (const FakeService::Row& row : service->rows) {
      if (row.stranger) continue;
      absl::StrAppend(&text, ShortName(row.token.display_name), " ",
                      Word(service->StateOf(row)), "\n");
    }
  }
  for (const auto& [name, sink] : sinks) {
    for (const auto& [address, entry] : sink->entries) {
      absl::StrAppend(&text, address, " holds ",
                      entry.state == HeldRecord::State::kPresent
                          ? absl::StrCat("gen ", entry.record.generation)
                          : "foreign",
                      "\n");
    }
  }
  return text;
}

}  // namespace patform
