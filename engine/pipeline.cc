// The way of the data, first to last. Read this first.
//
//     patform.toml ───────────► desired ──┐
//     list of tokens ┐                    ├─► diff ─► policy ─► plan ─► report
//     sinks' records ┴────────► observed ─┘                       └───► apply
//
// The stages between reading and applying are pure; this file is where the
// ports of the World meet them.
#include "engine/pipeline.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "engine/desired/read_desired.h"
#include "engine/diff/token_view.h"
#include "engine/model/places.h"
#include "engine/observed/attribute.h"
#include "engine/observed/look.h"
#include "engine/saved/snapshot_file.h"

namespace patform {
namespace {

// A list of 100,000 tokens takes a minute on the real service.
constexpr absl::Duration kReadDeadline = absl::Minutes(5);
// A saved plan or snapshot with a million tokens.
constexpr int64_t kMaxFileBytes = int64_t{512} << 20;

constexpr absl::Duration kTidyDeadline = absl::Seconds(10);

// The sinks that some delivery names: one that nobody uses need not work.
std::set<std::string> UsedSinks(const DesiredState& desired) {
  std::set<std::string> used;
  for (const DesiredToken& token : desired.tokens) {
    if (token.ensure != Ensure::kPresent) continue;
    for (const Delivery& place : token.deliver) used.insert(place.sink);
  }
  return used;
}

// The readers of one run, and what they read through.
struct Reading {
  std::vector<std::unique_ptr<TokenReader>> token_readers;
  std::vector<std::unique_ptr<RecordReader>> record_readers;
  Readers readers;
};

absl::StatusOr<Reading> OpenReaders(World& world,
                                    const PipelineRequest& request,
                                    const DesiredState& desired,
                                    EarlyLists* lists) {
  Reading reading;
  for (const std::string& sink : UsedSinks(desired)) {
    PATFORM_ASSIGN_OR_RETURN(std::unique_ptr<RecordReader> reader,
                             world.record_reader(*desired.FindSink(sink)));
    reading.readers.sinks[sink] = reader.get();
    reading.record_readers.push_back(std::move(reader));
  }
  for (const std::string& organization : desired.Organizations()) {
    if (ListAhead* list = lists ? lists->Find(organization) : nullptr) {
      reading.readers.organizations[organization] = &list->reader();
      reading.readers.lists[organization] = list;
      continue;
    }
    PATFORM_ASSIGN_OR_RETURN(
        std::unique_ptr<TokenReader> reader,
        world.token_reader(request.service, desired.auth, organization));
    reading.readers.organizations[organization] = reader.get();
    reading.token_readers.push_back(std::move(reader));
  }
  return reading;
}

// The world as a file has it. Touches nothing of the World but its files.
absl::StatusOr<Planned> PlanFromSnapshot(World& world,
                                         const PipelineRequest& request,
                                         DesiredState desired) {
  Planned planned;
  planned.desired = std::move(desired);
  planned.options = request.plan;
  PATFORM_ASSIGN_OR_RETURN(const ActualState snapshot,
                           LoadSnapshot(world, request.snapshot));
  std::set<std::string> assumed;
  PATFORM_ASSIGN_OR_RETURN(
      planned.actual,
      WorldOfSnapshot(snapshot, planned.desired, request.now, assumed));
  planned.plan = MakePlan(planned.desired, planned.actual, request.plan,
                          planned.actual.ServiceTime(request.now));
  SetSnapshot(planned.desired, planned.actual, snapshot.taken_at, assumed,
              planned.plan);
  return planned;
}

// Whoever is refused is often somebody else than is meant.
absl::Status WithUser(const World& world, const absl::Status& status) {
  const std::string owner =
      absl::IsPermissionDenied(status) ? world.owner() : "";
  if (owner.empty()) return status;
  return Annotate(status,
                  absl::StrCat("signed in is the user ", Visible(owner)));
}

// What an earlier file says of whose tokens these are.
absl::StatusOr<Baseline> LoadBaseline(World& world, const std::string& path) {
  absl::StatusOr<ActualState> snapshot = LoadSnapshot(world, path);
  if (snapshot.ok()) return BaselineOf(*snapshot);
  if (!absl::IsInvalidArgument(snapshot.status())) return snapshot.status();
  const absl::StatusOr<SavedPlan> saved = LoadPlan(world, path);
  if (saved.ok()) return BaselineOf(saved->world);
  if (!absl::IsInvalidArgument(saved.status())) return saved.status();
  return absl::InvalidArgumentError(
      absl::StrCat("--baseline ", Visible(path),
                   ": it is neither a snapshot nor a saved plan"));
}

}  // namespace

void EarlyLists::Begin(const AuthConfig& auth,
                       const std::string& organization) {
  absl::StatusOr<std::unique_ptr<TokenReader>> reader =
      world_.token_reader(request_.service, auth, organization);
  if (!reader.ok()) return;
  lists_[organization] = std::make_unique<ListAhead>(
      *std::move(reader), organization, After(*world_.clock, kReadDeadline));
}

bool EarlyLists::OneToCome() {
  if (lists_.size() > 1) return false;
  return lists_.empty() || !lists_.begin()->second->IsDone();
}

ListAhead* EarlyLists::Find(const std::string& organization) {
  const auto found = lists_.find(organization);
  return found == lists_.end() ? nullptr : found->second.get();
}

absl::StatusOr<DesiredState> LoadDesired(World& world,
                                         const PipelineRequest& request,
                                         std::vector<Diagnostic>& diagnostics,
                                         EarlyLists* lists) {
  ReadInput input;
  input.path = request.config;
  input.policy_path = request.policy;
  input.now = request.now;
  input.environment = world.environment;
  // A key that is too short is reported by whoever signs or reads with it.
  const absl::StatusOr<Secret> key = PlanKey(world);
  if (key.ok()) input.fingerprint_key = &*key;
  if (lists != nullptr && request.snapshot.empty()) {
    input.expects = [lists](const AuthConfig& auth,
                            const std::string& organization) {
      lists->Begin(auth, organization);
    };
    input.waiting = [lists] { return lists->OneToCome(); };
  }
  // Nothing is written here, and a large file takes a while.
  world.end_at_signal(true);
  ReadResult result = ReadDesired(*world.files, input);
  world.end_at_signal(false);
  diagnostics = std::move(result.diagnostics);
  if (!result.state) {
    return absl::InvalidArgumentError(
        "the configuration is not valid; nothing was changed");
  }
  PrintSinks(world.machine, *result.state);
  return *std::move(result.state);
}

absl::StatusOr<Secret> PlanKey(const World& world) {
  constexpr size_t kShortest = 16;
  const std::optional<std::string> key = world.environment("PATFORM_PLAN_KEY");
  if (!key || key->empty()) return Secret();
  if (key->size() < kShortest) {
    return absl::InvalidArgumentError(absl::StrCat(
        "PATFORM_PLAN_KEY has ", Count(static_cast<int>(key->size()), "byte"),
        ": a key that short can be guessed. At least ", kShortest,
        " are needed; make one with `openssl rand -hex 32`"));
  }
  return Secret(*key);
}

absl::StatusOr<SavedPlan> LoadPlan(World& world, const std::string& path) {
  PATFORM_ASSIGN_OR_RETURN(const Secret key, PlanKey(world));
  PATFORM_ASSIGN_OR_RETURN(const std::string text,
                           world.files->Read(path, kMaxFileBytes));
  absl::StatusOr<SavedPlan> saved = ReadPlan(text, key.Reveal());
  if (!saved.ok()) return Annotate(saved.status(), path);
  return saved;
}

absl::StatusOr<ActualState> LoadSnapshot(World& world,
                                         const std::string& path) {
  PATFORM_ASSIGN_OR_RETURN(const Secret key, PlanKey(world));
  PATFORM_ASSIGN_OR_RETURN(const std::string text,
                           world.files->Read(path, kMaxFileBytes));
  absl::StatusOr<ActualState> snapshot = ReadSnapshot(text, key.Reveal());
  if (!snapshot.ok()) return Annotate(snapshot.status(), path);
  return snapshot;
}

absl::StatusOr<ActualState> ReadWorldFor(World& world,
                                         const PipelineRequest& request,
                                         const DesiredState& desired,
                                         const SnapshotProgress& progress) {
  PATFORM_ASSIGN_OR_RETURN(const Reading reading,
                           OpenReaders(world, request, desired, nullptr));
  const Deadline deadline = After(*world.clock, kReadDeadline);
  PATFORM_ASSIGN_OR_RETURN(
      ActualState actual,
      Look(desired, reading.readers, request.now, deadline, progress));
  // What others plan from has to be whole.
  if (!actual.unread.empty()) {
    return Annotate(actual.unread.begin()->second,
                    actual.unread.begin()->first);
  }
  for (auto& [name, snapshot] : actual.organizations) {
    if (snapshot.has_history) continue;
    PATFORM_RETURN_IF_ERROR(AddHistory(*reading.readers.organizations.at(name),
                                       deadline, snapshot));
  }
  actual.user_oid = world.owner();
  return actual;
}

absl::StatusOr<ActualState> ReadTokens(
    World& world, const PipelineRequest& request, const DesiredState& desired,
    const std::vector<std::string>& organizations,
    const SnapshotProgress& progress) {
  ActualState actual;
  actual.taken_at = request.now;
  const Deadline deadline = After(*world.clock, kReadDeadline);
  for (const std::string& organization : organizations) {
    PATFORM_ASSIGN_OR_RETURN(
        const std::unique_ptr<TokenReader> reader,
        world.token_reader(request.service, desired.auth, organization));
    PATFORM_ASSIGN_OR_RETURN(
        Snapshot snapshot,
        TakeSnapshot(*reader, organization, /*with_history=*/false, deadline,
                     progress));
    if (NeedsHistory(desired.workspace, snapshot, {})) {
      PATFORM_RETURN_IF_ERROR(AddHistory(*reader, deadline, snapshot));
    }
    actual.organizations.emplace(organization, std::move(snapshot));
  }
  Attribute(desired, actual);
  actual.user_oid = world.owner();
  return actual;
}

absl::StatusOr<Planned> PlanFor(World& world, const PipelineRequest& asked,
                                DesiredState desired,
                                const SnapshotProgress& progress,
                                EarlyLists* lists) {
  PipelineRequest request = asked;
  if (!request.baseline.empty()) {
    PATFORM_ASSIGN_OR_RETURN(request.plan.baseline,
                             LoadBaseline(world, request.baseline));
  }
  if (!request.snapshot.empty()) {
    return PlanFromSnapshot(world, request, std::move(desired));
  }
  Planned planned;
  planned.desired = std::move(desired);
  planned.options = request.plan;

  // Desired is valid: defaults and interpolation are done, names are unique,
  // every delivery names a sink. Nothing that could write exists in this
  // function.
  PATFORM_ASSIGN_OR_RETURN(const Reading reading,
                           OpenReaders(world, request, planned.desired, lists));
  absl::StatusOr<ActualState> actual =
      Look(planned.desired, reading.readers, request.now,
           After(*world.clock, kReadDeadline), progress);
  if (!actual.ok()) return WithUser(world, actual.status());
  planned.actual = *std::move(actual);
  planned.actual.user_oid = world.owner();

  // Actual is whole (every list was read to its end) and canonical: from here
  // to the plan everything is a function of desired, actual and `now`.
  if (request.now_is_asked && planned.actual.clock_ahead) {
    planned.actual.clock_ahead = absl::ZeroDuration();
  }
  planned.plan = MakePlan(planned.desired, planned.actual, request.plan,
                          planned.actual.ServiceTime(request.now));
  planned.plan.identity.emplace();
  if (const auto scopes = world.bearer_scopes()) {
    planned.plan.identity->scopes = ScopeSet::Parse(*scopes);
  }
  return planned;
}

void TidySinks(World& world, const DesiredState& desired) {
  for (const SinkConfig& config : desired.sinks) {
    const absl::StatusOr<std::unique_ptr<SecretSink>> sink = world.sink(config);
    if (sink.ok()) (*sink)->Tidy(After(*world.clock, kTidyDeadline));
  }
}

absl::StatusOr<ApplyResult> ApplyPlan(World& world,
                                      const PipelineRequest& request,
                                      const Planned& planned, int parallelism,
                                      ApplyListener& listener) {
  // The plan was shown and approved. Only now are there hands.
  ApplyPorts ports;
  std::vector<std::unique_ptr<SecretSink>> sinks;
  for (const std::string& name : UsedSinks(planned.desired)) {
    PATFORM_ASSIGN_OR_RETURN(std::unique_ptr<SecretSink> sink,
                             world.sink(*planned.desired.FindSink(name)));
    ports.sinks[name] = sink.get();
    sinks.push_back(std::move(sink));
  }
  ports.clock = world.clock;
  ports.provider = [&world, &request,
                    &planned](const std::string& organization) {
    return world.provider(request.service, planned.desired.auth, organization);
  };
  ports.nonce = world.nonce;
  ports.reserve = world.reserve;
  ports.stop = [&world] { return world.interrupted() != 0; };
  ports.to_the_end = world.to_the_end;
  const int changes = static_cast<int>(planned.plan.changes.changes.size());
  PATFORM_ASSIGN_OR_RETURN(
      const int workers,
      world.affordable_workers(
          std::max(1, std::min(parallelism, changes)),
          static_cast<int>(planned.desired.Organizations().size())));
  return Apply(planned.desired, planned.actual, planned.plan, ports, workers,
               listener);
}

}  // namespace patform
