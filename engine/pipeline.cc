// The way of the data, first to last. Read this first.
//
//     patform.toml ─► desired ─┐
//     list of tokens ─► actual ├─► diff ─► policy ─► plan ─► report
//     sinks' records ─► held ──┘                       └───► apply
//
// The stages between reading and applying are pure; this file is where the
// ports of the World meet them.
#include "engine/pipeline.h"

#include <utility>

#include "engine/apply/look.h"
#include "engine/base/status.h"
#include "engine/desired/read_desired.h"

namespace patform {
namespace {

// A list of 100,000 tokens takes a minute on the real service.
constexpr absl::Duration kReadDeadline = absl::Minutes(15);

// The sinks that some delivery names: one that nobody uses need not work.
std::set<std::string> UsedSinks(const DesiredState& desired) {
  std::set<std::string> used;
  for (const DesiredToken& token : desired.tokens) {
    if (token.ensure != Ensure::kPresent) continue;
    for (const Delivery& place : token.deliver) used.insert(place.sink);
  }
  return used;
}

}  // namespace

absl::StatusOr<DesiredState> LoadDesired(World& world,
                                         const PipelineRequest& request,
                                         std::vector<Diagnostic>& diagnostics) {
  ReadInput input;
  input.path = request.config;
  input.policy_path = request.policy;
  input.now = request.now;
  input.environment = world.environment;
  ReadResult result = ReadDesired(*world.files, input);
  diagnostics = std::move(result.diagnostics);
  if (!result.state) {
    return absl::InvalidArgumentError(
        "the configuration is not valid; nothing was read or changed");
  }
  return *std::move(result.state);
}

absl::StatusOr<Planned> PlanFor(World& world, const PipelineRequest& request,
                                DesiredState desired,
                                const SnapshotProgress& progress) {
  Planned planned;
  planned.desired = std::move(desired);

  // Desired is valid: defaults and interpolation are done, names are unique,
  // every delivery names a sink.
  std::vector<std::unique_ptr<TokenReader>> token_readers;
  std::vector<std::unique_ptr<RecordReader>> record_readers;
  Readers readers;
  for (const std::string& sink : UsedSinks(planned.desired)) {
    PATFORM_ASSIGN_OR_RETURN(
        std::unique_ptr<RecordReader> reader,
        world.record_reader(*planned.desired.FindSink(sink)));
    readers.sinks[sink] = reader.get();
    record_readers.push_back(std::move(reader));
  }
  for (const std::string& organization : planned.desired.Organizations()) {
    PATFORM_ASSIGN_OR_RETURN(
        std::unique_ptr<TokenReader> reader,
        world.token_reader(request.service, planned.desired.auth,
                           organization));
    readers.organizations[organization] = reader.get();
    token_readers.push_back(std::move(reader));
  }

  // Nothing that could write exists in this function.
  PATFORM_ASSIGN_OR_RETURN(planned.actual,
                           Look(planned.desired, readers, request.now,
                                After(*world.clock, kReadDeadline), progress));
  planned.actual.owner = world.owner();

  // Actual is whole (every list was read to its end) and canonical: from here
  // to the plan everything is a function of desired, actual and `now`.
  planned.plan =
      MakePlan(planned.desired, planned.actual, request.plan, request.now);
  return planned;
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
  ports.stop = [&world] { return world.interrupted() != 0; };
  return Apply(planned.desired, planned.actual, planned.plan, ports,
               parallelism, listener);
}

}  // namespace patform
