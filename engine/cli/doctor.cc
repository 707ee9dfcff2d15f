#include "engine/inquiry/doctor.h"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/cli/command.h"
#include "engine/cli/flags.h"
#include "engine/cli/output.h"
#include "engine/cli/planning.h"
#include "engine/desired/git_ignore.h"
#include "engine/report/doctor_json.h"
#include "engine/report/doctor_text.h"

// Asks everything that a run asks, as far as nothing is changed by it. What
// each answer means is for engine/inquiry/doctor.h.
namespace patform::cli {
namespace {

// Of each question: somebody waits for the page.
constexpr absl::Duration kPatience = absl::Seconds(20);

// What the sign-in is called on the page: a bearer of the operator's hides what
// the file says, which is the first thing to know where the two differ.
std::string SourceOf(const AuthConfig& auth) {
  if (auth.overridden_by == "stdin") return "--access-token-stdin";
  return auth.overridden_by.empty() ? auth.source : auth.overridden_by;
}

// One page and no more: enough to know whether the service accepts the sign-in
// and whether the user is a member.
Symptoms::Listed ListOf(Ports& ports, const Connection& connection) {
  Symptoms::Listed listed;
  listed.organization = connection.organization;
  const absl::StatusOr<std::unique_ptr<TokenReader>> reader =
      ports.tokens->OpenReader(connection);
  if (!reader.ok()) {
    listed.status = reader.status();
    return listed;
  }
  const absl::StatusOr<TokenPage> page =
      (*reader)->List(TokenFilter::kActive, "", After(*ports.clock, kPatience));
  listed.status = page.status();
  if (!page.ok()) return listed;
  listed.tokens = static_cast<int>(page->tokens.size());
  listed.more = !page->continuation.empty();
  return listed;
}

// The way to the service is the same for all organizations, the answer is not.
// Nothing is listed where nobody is signed in: each reader would only repeat
// what the sign-in's own line says.
void AskService(const Arguments& arguments, Ports& ports,
                const DesiredState& desired, Symptoms& symptoms) {
  const std::vector<std::string> organizations = desired.Organizations();
  if (!organizations.empty()) {
    symptoms.route = ports.tokens->Trace(
        {organizations.front(), desired.auth, arguments.service},
        After(*ports.clock, kPatience));
  }
  symptoms.source = SourceOf(desired.auth);
  symptoms.signed_in =
      ports.tokens->WhoAmI(desired.auth, After(*ports.clock, kPatience));
  if (!symptoms.signed_in->ok()) return;
  for (const std::string& organization : organizations) {
    symptoms.lists.push_back(
        ListOf(ports, {organization, desired.auth, arguments.service}));
  }
}

// The places of the tokens that are to exist, by their sinks.
std::map<std::string, std::vector<Delivery>> PlacesOf(
    const DesiredState& desired) {
  std::map<std::string, std::vector<Delivery>> places;
  for (const DesiredToken& token : desired.tokens) {
    if (token.ensure != Ensure::kPresent) continue;
    for (const Delivery& place : token.deliver) {
      places[place.sink].push_back(place);
    }
  }
  return places;
}

// Check() leaves nothing behind and tries what a delivery does. The first place
// that fails is shown: a store that cannot be reached fails for each of them.
Symptoms::Store CheckStore(Ports& ports, const DesiredState& desired,
                           const SinkConfig& config,
                           const std::vector<Delivery>& places) {
  Symptoms::Store store;
  store.name = config.name;
  store.places = static_cast<int>(places.size());
  const absl::StatusOr<std::unique_ptr<SecretSink>> sink =
      ports.sinks->Open(config, desired.auth);
  store.status = sink.status();
  for (size_t i = 0; i < places.size() && store.status.ok(); ++i) {
    store.place = places[i].Address();
    store.status = (*sink)->Check(places[i], After(*ports.clock, kPatience));
  }
  return store;
}

// Places that are files, and that git would add: by the rules of the work tree.
std::vector<std::string> Committed(
    Ports& ports, const DesiredState& desired,
    const std::map<std::string, std::vector<Delivery>>& places) {
  std::set<std::string> local;  // types
  for (const SinkType& type : ports.sinks->Types()) {
    if (type.place.at_is_path && type.reach == Reach::kThisMachine) {
      local.insert(type.name);
    }
  }
  GitIgnore git(*ports.files);
  std::vector<std::string> found;
  for (const auto& [name, all] : places) {
    const SinkConfig* sink = desired.FindSink(name);
    if (sink == nullptr || local.count(sink->type) == 0) continue;
    const absl::StatusOr<std::string> store = ports.sinks->Canonical(*sink);
    if (!store.ok()) continue;
    for (const Delivery& place : all) {
      if (git.WouldAdd(absl::StrCat(*store, "/", place.at))) {
        found.push_back(place.Address());
      }
    }
  }
  return found;
}

absl::StatusOr<ExitCode> Run(const Arguments& arguments, Ports& ports) {
  const PipelineRequest request = RequestOf(arguments, ports);
  Symptoms symptoms;
  symptoms.now = request.now;
  const absl::StatusOr<DesiredState> desired =
      LoadDesired(ports, request, symptoms.diagnostics);
  symptoms.configuration = desired.status();
  // The rest hangs on what the file says. Of a broken one nothing is guessed: a
  // page about another organization would be worse than none.
  if (desired.ok()) {
    symptoms.files = static_cast<int>(desired->files.size());
    symptoms.tokens = static_cast<int>(desired->tokens.size());
    AskService(arguments, ports, *desired, symptoms);
    const auto places = PlacesOf(*desired);
    for (const auto& [name, all] : places) {
      if (const SinkConfig* sink = desired->FindSink(name)) {
        symptoms.stores.push_back(CheckStore(ports, *desired, *sink, all));
      }
    }
    symptoms.committed = Committed(ports, *desired, places);
  }
  const std::vector<Check> checks = Diagnose(symptoms);
  ports.terminal->out
      << (arguments.format == "json"
              ? RenderDoctorJson(checks, symptoms.now)
              : ForTerminal(
                    ports,
                    RenderDoctor(checks,
                                 StyleFor(arguments, ports,
                                          ports.terminal->out_is_terminal))));
  return ExitCodeFor(WorstOf(checks), ports.run->Signal());
}

}  // namespace

Command DoctorCommand() {
  return {.name = "doctor",
          .what = "Check all that a run needs; changes nothing",
          .example =
              "patform doctor\n"
              "  patform doctor --json | jq '.checks[] | "
              "select(.verdict == \"failed\")'",
          .flags = ConnectionFlags(),
          .run = Run,
          .only_reads = true};
}

}  // namespace patform::cli
