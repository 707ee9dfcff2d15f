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

constexpr absl::Duration kSignInDeadline = absl::Seconds(30);
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

absl::StatusOr<Reading> OpenReaders(Ports& ports,
                                    const PipelineRequest& request,
                                    const DesiredState& desired,
                                    EarlyLists* lists) {
  Reading reading;
  for (const std::string& sink : UsedSinks(desired)) {
    PATFORM_ASSIGN_OR_RETURN(std::unique_ptr<RecordReader> reader,
                             ports.sinks->OpenReader(*desired.FindSink(sink)));
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
        ports.tokens->OpenReader(
            {organization, desired.auth, request.service}));
    reading.readers.organizations[organization] = reader.get();
    reading.token_readers.push_back(std::move(reader));
  }
  return reading;
}

// The world as a file has it. Touches no port but the files.
absl::StatusOr<Planned> PlanFromSnapshot(Ports& ports,
                                         const PipelineRequest& request,
                                         DesiredState desired) {
  Planned planned;
  planned.desired = std::move(desired);
  planned.options = request.plan;
  PATFORM_ASSIGN_OR_RETURN(const ActualState snapshot,
                           LoadSnapshot(ports, request.snapshot));
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

// What the credential says of itself; nothing where there is none.
SignedIn WhoAmI(Ports& ports, const AuthConfig& auth) {
  return ports.tokens->WhoAmI(auth, After(*ports.clock, kSignInDeadline))
      .value_or(SignedIn());
}

// Whoever is refused is often somebody else than is meant.
absl::Status WithUser(Ports& ports, const AuthConfig& auth,
                      const absl::Status& status) {
  if (!absl::IsPermissionDenied(status)) return status;
  const std::string owner = WhoAmI(ports, auth).oid;
  if (owner.empty()) return status;
  return Annotate(status,
                  absl::StrCat("signed in is the user ", Visible(owner)));
}

// What an earlier file says of whose tokens these are.
absl::StatusOr<Baseline> LoadBaseline(Ports& ports, const std::string& path) {
  absl::StatusOr<ActualState> snapshot = LoadSnapshot(ports, path);
  if (snapshot.ok()) return BaselineOf(*snapshot);
  if (!absl::IsInvalidArgument(snapshot.status())) return snapshot.status();
  const absl::StatusOr<SavedPlan> saved = LoadPlan(ports, path);
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
      ports_.tokens->OpenReader({organization, auth, request_.service});
  if (!reader.ok()) return;
  lists_[organization] = std::make_unique<ListAhead>(
      *std::move(reader), organization, After(*ports_.clock, kReadDeadline));
}

bool EarlyLists::OneToCome() {
  if (lists_.size() > 1) return false;
  return lists_.empty() || !lists_.begin()->second->IsDone();
}

ListAhead* EarlyLists::Find(const std::string& organization) {
  const auto found = lists_.find(organization);
  return found == lists_.end() ? nullptr : found->second.get();
}

absl::StatusOr<DesiredState> LoadDesired(Ports& ports,
                                         const PipelineRequest& request,
                                         std::vector<Diagnostic>& diagnostics,
                                         EarlyLists* lists) {
  ReadInput input;
  input.path = request.config;
  input.policy_path = request.policy;
  input.now = request.now;
  input.environment = ports.environment;
  // A key that is too short is reported by whoever signs or reads with it.
  const absl::StatusOr<Secret> key = PlanKey(ports);
  if (key.ok()) input.fingerprint_key = &*key;
  if (lists != nullptr && request.snapshot.empty()) {
    input.expects = [lists](const AuthConfig& auth,
                            const std::string& organization) {
      lists->Begin(auth, organization);
    };
    input.waiting = [lists] { return lists->OneToCome(); };
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
  PrintSinks(ports.run->Machine(), *result.state);
  return *std::move(result.state);
}

absl::StatusOr<Secret> PlanKey(const Ports& ports) {
  constexpr size_t kShortest = 16;
  const std::optional<std::string> key = ports.environment("PATFORM_PLAN_KEY");
  if (!key || key->empty()) return Secret();
  if (key->size() < kShortest) {
    return absl::InvalidArgumentError(absl::StrCat(
        "PATFORM_PLAN_KEY has ", Count(static_cast<int>(key->size()), "byte"),
        ": a key that short can be guessed. At least ", kShortest,
        " are needed; make one with `openssl rand -hex 32`"));
  }
  return Secret(*key);
}

absl::StatusOr<SavedPlan> LoadPlan(Ports& ports, const std::string& path) {
  PATFORM_ASSIGN_OR_RETURN(const Secret key, PlanKey(ports));
  PATFORM_ASSIGN_OR_RETURN(const std::string text,
                           ports.files->Read(path, kMaxFileBytes));
  absl::StatusOr<SavedPlan> saved = ReadPlan(text, key.Reveal());
  if (!saved.ok()) return Annotate(saved.status(), path);
  return saved;
}

absl::StatusOr<ActualState> LoadSnapshot(Ports& ports,
                                         const std::string& path) {
  PATFORM_ASSIGN_OR_RETURN(const Secret key, PlanKey(ports));
  PATFORM_ASSIGN_OR_RETURN(const std::string text,
                           ports.files->Read(path, kMaxFileBytes));
  absl::StatusOr<ActualState> snapshot = ReadSnapshot(text, key.Reveal());
  if (!snapshot.ok()) return Annotate(snapshot.status(), path);
  return snapshot;
}

absl::StatusOr<ActualState> ReadWorldFor(Ports& ports,
                                         const PipelineRequest& request,
                                         const DesiredState& desired,
                                         const SnapshotProgress& progress) {
  PATFORM_ASSIGN_OR_RETURN(const Reading reading,
                           OpenReaders(ports, request, desired, nullptr));
  const Deadline deadline = After(*ports.clock, kReadDeadline);
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
  actual.user_oid = WhoAmI(ports, desired.auth).oid;
  return actual;
}

absl::StatusOr<ActualState> ReadTokens(
    Ports& ports, const PipelineRequest& request, const DesiredState& desired,
    const std::vector<std::string>& organizations,
    const SnapshotProgress& progress) {
  ActualState actual;
  actual.taken_at = request.now;
  const Deadline deadline = After(*ports.clock, kReadDeadline);
  for (const std::string& organization : organizations) {
    PATFORM_ASSIGN_OR_RETURN(
        const std::unique_ptr<TokenReader> reader,
        ports.tokens->OpenReader(
            {organization, desired.auth, request.service}));
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
  actual.user_oid = WhoAmI(ports, desired.auth).oid;
  return actual;
}

absl::StatusOr<Planned> PlanFor(Ports& ports, const PipelineRequest& asked,
                                DesiredState desired,
                                const SnapshotProgress& progress,
                                EarlyLists* lists) {
  PipelineRequest request = asked;
  if (!request.baseline.empty()) {
    PATFORM_ASSIGN_OR_RETURN(request.plan.baseline,
                             LoadBaseline(ports, request.baseline));
  }
  if (!request.snapshot.empty()) {
    return PlanFromSnapshot(ports, request, std::move(desired));
  }
  Planned planned;
  planned.desired = std::move(desired);
  planned.options = request.plan;

  // Desired is valid: defaults and interpolation are done, names are unique,
  // every delivery names a sink. Nothing that could write exists in this
  // function.
  PATFORM_ASSIGN_OR_RETURN(const Reading reading,
                           OpenReaders(ports, request, planned.desired, lists));
  absl::StatusOr<ActualState> actual =
      Look(planned.desired, reading.readers, request.now,
           After(*ports.clock, kReadDeadline), progress);
  if (!actual.ok())
    return WithUser(ports, planned.desired.auth, actual.status());
  planned.actual = *std::move(actual);
  SignedIn user = WhoAmI(ports, planned.desired.auth);
  planned.actual.user_oid = user.oid;

  // Actual is whole (every list was read to its end) and canonical: from here
  // to the plan everything is a function of desired, actual and `now`.
  if (request.now_is_asked && planned.actual.clock_ahead) {
    planned.actual.clock_ahead = absl::ZeroDuration();
  }
  planned.plan = MakePlan(planned.desired, planned.actual, request.plan,
                          planned.actual.ServiceTime(request.now));
  planned.plan.identity.emplace();
  planned.plan.identity->scopes = std::move(user.scopes);
  return planned;
}

void TidySinks(Ports& ports, const DesiredState& desired) {
  for (const SinkConfig& config : desired.sinks) {
    const absl::StatusOr<std::unique_ptr<SecretSink>> sink =
        ports.sinks->Open(config);
    if (sink.ok()) (*sink)->Tidy(After(*ports.clock, kTidyDeadline));
  }
}

absl::StatusOr<ApplyResult> ApplyPlan(Ports& ports,
                                      const PipelineRequest& request,
                                      const Planned& planned, int parallelism,
                                      ApplyListener& listener) {
  // The plan was shown and approved. Only now are there hands.
  ApplyPorts hands;
  std::vector<std::unique_ptr<SecretSink>> sinks;
  for (const std::string& name : UsedSinks(planned.desired)) {
    PATFORM_ASSIGN_OR_RETURN(
        std::unique_ptr<SecretSink> sink,
        ports.sinks->Open(*planned.desired.FindSink(name)));
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
          static_cast<int>(planned.desired.Organizations().size())));
  return Apply(planned.desired, planned.actual, planned.plan, hands, workers,
               listener);
}

}  // namespace patform
