// The way of the data, first to last. Read this first.
//
//     patform.toml ───────────► desired ──┐
//     list of tokens ┐                    ├─► diff ─► policy ─► plan ─► report
//     sinks' records ┴────────► observed ─┘                       └───► apply
//
// The stages between reading and applying are pure; this file is where the
// ports meet them.
#include "engine/pipeline.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "engine/desired/read_desired.h"
#include "engine/diff/token_view.h"
#include "engine/model/places.h"
#include "engine/observed/attribute.h"
#include "engine/observed/look.h"
#include "engine/saved/load.h"
#include "engine/saved/snapshot_file.h"

namespace patform {
namespace {

constexpr absl::Duration kSignInDeadline = absl::Seconds(30);
constexpr absl::Duration kTidyDeadline = absl::Seconds(10);

// What stage 2 found, wherever it looked.
struct Found {
  ActualState actual;
  std::optional<Identity> identity;    // of who looked; nullopt: a file did
  std::optional<absl::Time> taken_at;  // of the snapshot; nullopt: looked now
  std::set<std::string> assumed;       // as in WorldOfSnapshot()
};

// Helpers of the stages, below them.
absl::StatusOr<Found> LookNow(Ports& ports, const PipelineRequest& request,
                              const DesiredState& desired,
                              const ListProgress& progress, Prefetch& prefetch);
absl::StatusOr<Found> LookInSnapshot(Ports& ports,
                                     const PipelineRequest& request,
                                     const DesiredState& desired);
absl::StatusOr<ActualState> LookAtEverything(const DesiredState& desired,
                                             const Readers& readers,
                                             absl::Time now, Deadline deadline,
                                             const ListProgress& progress);
absl::StatusOr<ActualState> LookAtTokens(const DesiredState& desired,
                                         const Readers& readers, absl::Time now,
                                         Deadline deadline,
                                         const ListProgress& progress);
SignedIn WhoAmI(Ports& ports, const AuthConfig& auth);
std::string BearerOfOperator(const Ports& ports);
// Fills in whose tokens `actual` has; the answer is what is said of the user of
// [auth], or of the first identity, whose lists were read.
SignedIn NameUsers(Ports& ports, const DesiredState& desired,
                   ActualState& actual);

}  // namespace

absl::StatusOr<DesiredState> LoadDesired(Ports& ports,
                                         const PipelineRequest& request,
                                         std::vector<Diagnostic>& diagnostics,
                                         Prefetch* prefetch) {
  // The configuration is what a stranger proposed: nothing in it is trusted,
  // and it names no host, no program and no variable but PATFORM_VAR_*.
  ReadInput input = ReadInputOf(ports, request, request.config);
  // A key that is too short is reported by whoever signs or reads with it.
  const absl::StatusOr<Secret> key = PlanKey(ports);
  if (key.ok()) input.fingerprint_key = &*key;
  if (prefetch != nullptr && request.snapshot.empty()) {
    input.expects = [prefetch](const AuthConfig& auth, const Realm& realm) {
      prefetch->Begin(auth, realm);
    };
    input.waiting = [prefetch] { return prefetch->HasSinglePendingList(); };
  }
  // Nothing is written here, and a large file takes a while.
  ports.run->EndAtSignal(true);
  ReadResult result = ReadDesired(*ports.files, input);
  ports.run->EndAtSignal(false);
  diagnostics = std::move(result.diagnostics);
  if (!result.state) {
    return absl::InvalidArgumentError(
        "the configuration is not valid; nothing was changed");
  }
  // Relative places mean something else on another machine.
  PrintSinks(ports.run->Machine(), *result.state);
  return *std::move(result.state);
}

absl::StatusOr<Planned> PlanFor(Ports& ports, const PipelineRequest& request,
                                DesiredState desired,
                                const ListProgress& progress,
                                Prefetch& prefetch) {
  Planned planned;
  planned.desired = std::move(desired);
  planned.options = request.plan;
  if (!request.baseline.empty()) {
    PATFORM_ASSIGN_OR_RETURN(planned.options.baseline,
                             LoadBaseline(ports, request.baseline));
  }

  // Desired is valid: defaults and interpolation are done, names are unique,
  // every delivery names a sink. Nothing that could write exists in this
  // function.
  PATFORM_ASSIGN_OR_RETURN(
      Found found,
      request.snapshot.empty()
          ? LookNow(ports, request, planned.desired, progress, prefetch)
          : LookInSnapshot(ports, request, planned.desired));
  planned.actual = std::move(found.actual);

  // Actual is whole (every list was read to its end) and canonical: from here
  // to the plan everything is a function of desired, actual and `now`.
  planned.plan = MakePlan(planned.desired, planned.actual, planned.options,
                          planned.actual.ServiceTime(request.now));
  if (found.taken_at) {
    SetSnapshot(planned.desired, planned.actual, *found.taken_at, found.assumed,
                planned.plan);
  }
  planned.plan.identity = std::move(found.identity);
  return planned;
}

absl::StatusOr<ApplyResult> ApplyPlan(Ports& ports,
                                      const PipelineRequest& request,
                                      const Planned& planned, int parallelism,
                                      ApplyListener& listener) {
  // The plan was shown and approved. Only now are there hands.
  ApplyPorts hands;
  std::vector<std::unique_ptr<SecretSink>> sinks;
  // Before the first mint: a sink that cannot be opened must not be found out
  // with a secret in hand.
  std::map<std::string, const SinkConfig*> used = planned.desired.UsedSinks();
  for (const Change& change : planned.plan.changes.changes) {
    for (const Removal& removal : change.remove) {
      used[removal.place.sink] = planned.desired.FindSink(removal.place.sink);
    }
  }
  for (const auto& [name, config] : used) {
    PATFORM_ASSIGN_OR_RETURN(std::unique_ptr<SecretSink> sink,
                             ports.sinks->Open(*config, planned.desired.auth));
    hands.sinks[name] = sink.get();
    sinks.push_back(std::move(sink));
  }
  hands.clock = ports.clock;
  hands.run = ports.run;
  hands.tokens = ports.tokens;
  hands.service = request.service;
  const int changes = static_cast<int>(planned.plan.changes.changes.size());
  PATFORM_ASSIGN_OR_RETURN(
      const int workers,
      ports.run->AffordableWorkers(
          std::max(1, std::min(parallelism, changes)),
          static_cast<int>(planned.desired.Realms().size())));
  return Apply(planned.desired, planned.actual, planned.plan, hands, workers,
               listener);
}

absl::StatusOr<ActualState> ReadActual(Ports& ports,
                                       const PipelineRequest& request,
                                       const DesiredState& desired,
                                       const ReadOptions& options,
                                       const ListProgress& progress) {
  Prefetch prefetch(ports, request.service);
  if (options.everything) {
    PATFORM_RETURN_IF_ERROR(prefetch.OpenRecords(desired));
  }
  PATFORM_RETURN_IF_ERROR(prefetch.OpenTokens(desired, options.realms));
  const Deadline deadline = After(*ports.clock, kReadDeadline);
  const auto look = options.everything ? LookAtEverything : LookAtTokens;
  PATFORM_ASSIGN_OR_RETURN(
      ActualState actual,
      look(desired, prefetch.readers(), request.now, deadline, progress));
  NameUsers(ports, desired, actual);
  return actual;
}

ReadInput ReadInputOf(Ports& ports, const PipelineRequest& request,
                      const std::string& path) {
  ReadInput input;
  input.path = path;
  input.policy_path = request.policy;
  input.now = request.now;
  input.environment = ports.environment;
  input.sink_types = ports.sinks->Types();
  input.canonical = [&ports](const SinkConfig& config) {
    return ports.sinks->Canonical(config);
  };
  input.auth_sources = ports.tokens->Sources();
  // Nobody signs in for a snapshot.
  if (request.snapshot.empty()) {
    input.auth_overridden_by = BearerOfOperator(ports);
  }
  return input;
}

void TidySinks(Ports& ports, const DesiredState& desired) {
  std::map<std::string, std::vector<const Delivery*>> places;
  for (const DesiredToken& token : desired.tokens) {
    for (const Delivery& place : token.deliver) {
      places[place.sink].push_back(&place);
    }
  }
  for (const SinkConfig& config : desired.sinks) {
    const absl::StatusOr<std::unique_ptr<SecretSink>> sink =
        ports.sinks->Open(config, desired.auth);
    // One that cannot be opened is explained by whoever needs it.
    if (!sink.ok()) continue;
    (*sink)->Tidy(places[config.name], After(*ports.clock, kTidyDeadline));
  }
}

namespace {

// The source of a bearer that whoever runs the program gave it; "": none.
std::string BearerOfOperator(const Ports& ports) {
  if (ports.grants != nullptr && ports.grants->bearer_on_stdin) return "stdin";
  for (const char* name :
       {"PATFORM_ACCESS_TOKEN", "PATFORM_ACCESS_TOKEN_FILE"}) {
    const std::optional<std::string> value = ports.environment(name);
    if (value && !value->empty()) return "environment";
  }
  return "";
}

// What the credential says of itself; nothing where there is none.
SignedIn WhoAmI(Ports& ports, const AuthConfig& auth) {
  return ports.tokens->WhoAmI(auth, After(*ports.clock, kSignInDeadline))
      .value_or(SignedIn());
}

SignedIn NameUsers(Ports& ports, const DesiredState& desired,
                   ActualState& actual) {
  std::optional<SignedIn> first;
  std::set<std::string> asked;
  for (const auto& [realm, listed] : actual.organizations) {
    if (!asked.insert(realm.identity).second) continue;
    SignedIn user = WhoAmI(ports, *desired.FindAuth(realm.identity));
    if (realm.identity.empty()) {
      actual.user_oid = user.oid;
    } else if (!user.oid.empty()) {
      actual.users[realm.identity] = user.oid;
    }
    if (!first) {
      first = std::move(user);
      continue;
    }
    // Of several sign-ins the one that ends first is shown.
    const std::string whose = absl::StrCat("identity.", realm.identity, ": ");
    if (user.rests_until < first->rests_until) {
      first->rests_until = user.rests_until;
      first->rests_why = whose + user.rests_why;
    }
    if (first->trouble.empty() && !user.trouble.empty()) {
      first->trouble = whose + user.trouble;
    }
  }
  // Who could not read may be somebody else than is meant, which the guards
  // tell.
  for (const auto& [realm, why] : actual.unread) {
    if (!asked.insert(realm.identity).second) continue;
    const std::string oid =
        WhoAmI(ports, *desired.FindAuth(realm.identity)).oid;
    if (realm.identity.empty()) {
      actual.user_oid = oid;
    } else if (!oid.empty()) {
      actual.users[realm.identity] = oid;
    }
  }
  return first.value_or(SignedIn());
}

// Whoever is refused is often somebody else than is meant.
absl::Status WithUser(Ports& ports, const AuthConfig& auth,
                      const absl::Status& status) {
  if (!absl::IsPermissionDenied(status)) return status;
  const std::string user = WhoAmI(ports, auth).oid;
  if (user.empty()) return status;
  return Annotate(status,
                  absl::StrCat("signed in is the user ", Visible(user)));
}

absl::StatusOr<Found> LookNow(Ports& ports, const PipelineRequest& request,
                              const DesiredState& desired,
                              const ListProgress& progress,
                              Prefetch& prefetch) {
  PATFORM_RETURN_IF_ERROR(prefetch.OpenRecords(desired));
  PATFORM_RETURN_IF_ERROR(prefetch.OpenTokens(desired, desired.Realms()));
  absl::StatusOr<ActualState> actual =
      Look(desired, prefetch.readers(), request.now,
           After(*ports.clock, kReadDeadline), progress);
  if (!actual.ok()) return WithUser(ports, desired.auth, actual.status());
  Found found;
  found.actual = *std::move(actual);
  SignedIn user = NameUsers(ports, desired, found.actual);
  Identity& identity = found.identity.emplace();
  identity.scopes = std::move(user.scopes);
  identity.rests_until = user.rests_until;
  identity.rests_why = std::move(user.rests_why);
  identity.trouble = std::move(user.trouble);
  // --now is a date of the service's clock: there is nothing to correct.
  if (request.now_is_asked && found.actual.clock_ahead) {
    found.actual.clock_ahead = absl::ZeroDuration();
  }
  return found;
}

// Touches no port but the files.
absl::StatusOr<Found> LookInSnapshot(Ports& ports,
                                     const PipelineRequest& request,
                                     const DesiredState& desired) {
  PATFORM_ASSIGN_OR_RETURN(const ActualState snapshot,
                           LoadSnapshot(ports, request.snapshot));
  Found found;
  found.taken_at = snapshot.taken_at;
  PATFORM_ASSIGN_OR_RETURN(
      found.actual,
      WorldOfSnapshot(snapshot, desired, request.now, found.assumed));
  return found;
}

absl::StatusOr<ActualState> LookAtEverything(const DesiredState& desired,
                                             const Readers& readers,
                                             absl::Time now, Deadline deadline,
                                             const ListProgress& progress) {
  PATFORM_ASSIGN_OR_RETURN(ActualState actual,
                           Look(desired, readers, now, deadline, progress));
  // What others plan from has to be whole.
  if (!actual.unread.empty()) {
    return Annotate(actual.unread.begin()->second,
                    actual.unread.begin()->first.ToString());
  }
  // Their configuration may need the history although this one does not.
  for (auto& [realm, snapshot] : actual.organizations) {
    if (snapshot.has_history) continue;
    PATFORM_RETURN_IF_ERROR(
        AddHistory(*readers.organizations.at(realm), deadline, snapshot));
  }
  return actual;
}

absl::StatusOr<ActualState> LookAtTokens(const DesiredState& desired,
                                         const Readers& readers, absl::Time now,
                                         Deadline deadline,
                                         const ListProgress& progress) {
  // Whoever asks for everybody's tokens would not see that some are missing.
  if (!readers.closed.empty()) {
    return Annotate(readers.closed.begin()->second,
                    readers.closed.begin()->first.ToString());
  }
  ActualState actual;
  actual.taken_at = now;
  for (const auto& [realm, reader] : readers.organizations) {
    PATFORM_ASSIGN_OR_RETURN(
        TokenList snapshot,
        ListTokens(*reader, realm, /*with_history=*/false, deadline, progress));
    if (NeedsHistory(desired.workspace, snapshot, {})) {
      PATFORM_RETURN_IF_ERROR(AddHistory(*reader, deadline, snapshot));
    }
    actual.organizations.emplace(realm, std::move(snapshot));
  }
  // Only now: what has ended also shows which organization a list belongs to.
  Attribute(desired, actual);
  return actual;
}

}  // namespace

}  // namespace patform
