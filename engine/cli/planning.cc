#include "engine/cli/planning.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/diagnostic.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "engine/cli/failure.h"
#include "engine/cli/output.h"
#include "engine/cli/reading.h"

namespace patform::cli {
namespace {

// What a user's addresses look like (DesiredState::AddressOf), and that of the
// user alone.
std::vector<std::string> TargetsOf(const std::string& identity) {
  const std::string address = IdentityAddress(identity);
  std::vector<std::string> targets;
  for (const char* prefix : {"", "*/"}) {
    for (const char* rest : {"", "/*"}) {
      targets.push_back(absl::StrCat(prefix, address, rest));
    }
  }
  return targets;
}

// The tokens that a plan can be limited to: those that are to go are no longer
// declared and known from their changes alone.
std::vector<std::string> KnownNames(const Planned& planned) {
  std::vector<std::string> names = DeclaredNames(planned.desired);
  for (const Change& change : planned.plan.changes.changes) {
    names.push_back(change.name);
    names.push_back(change.address);
  }
  for (const Deferred& deferred : planned.plan.changes.deferred) {
    names.push_back(deferred.name);
    names.push_back(deferred.address);
  }
  return names;
}

// The declared tokens that `--rotate name` means.
std::vector<const DesiredToken*> Meant(const std::string& name,
                                       const DesiredState& desired) {
  std::vector<const DesiredToken*> meant;
  for (const DesiredToken& token : desired.tokens) {
    if (token.name == name ||
        desired.AddressOf(token.name, token.realm()) == name) {
      meant.push_back(&token);
    }
  }
  return meant;
}

// Why nothing would come of `--rotate name`; "": it rotates something.
std::string WhyNotRotated(const std::string& name,
                          const std::vector<const DesiredToken*>& meant,
                          const std::vector<std::string>& targets,
                          const DesiredState& desired) {
  const auto all = [&meant](const auto& holds) {
    return std::all_of(
        meant.begin(), meant.end(),
        [&](const DesiredToken* token) { return holds(*token); });
  };
  if (all([&](const DesiredToken& token) {
        return !IsTargeted(targets, token.name,
                           desired.AddressOf(token.name, token.realm()));
      })) {
    return absl::StrCat("--target leaves ", name,
                        " out, which --rotate asks for. Name it with --target, "
                        "too, or leave one of the two flags out");
  }
  if (all([](const DesiredToken& token) {
        return token.ensure != Ensure::kPresent;
      })) {
    return absl::StrCat("--rotate ", name, ": the configuration declares it ",
                        Word(meant[0]->ensure), ", so it gets no new secret");
  }
  return "";
}

// Only what is declared can be rotated, and under its whole name: a glob that
// catches one token too many would cost a secret.
absl::Status CheckRotated(const std::vector<std::string>& rotate,
                          const std::vector<std::string>& targets,
                          const DesiredState& desired) {
  for (const std::string& name : rotate) {
    const std::vector<const DesiredToken*> meant = Meant(name, desired);
    if (meant.empty()) {
      return absl::InvalidArgumentError(
          WithNearest(absl::StrCat("--rotate ", name,
                                   ": no token of that name is declared"),
                      name, DeclaredNames(desired)));
    }
    std::string why = WhyNotRotated(name, meant, targets, desired);
    if (!why.empty()) return absl::InvalidArgumentError(std::move(why));
  }
  return absl::OkStatus();
}

}  // namespace

PipelineRequest RequestOf(const Arguments& arguments, Ports& ports) {
  PipelineRequest request;
  request.config = arguments.config;
  request.policy = arguments.policy;
  request.service = arguments.service;
  request.plan.diff.rotate.insert(arguments.rotate.begin(),
                                  arguments.rotate.end());
  request.plan.targets = arguments.targets;
  for (const std::string& name : arguments.identities) {
    for (std::string& target : TargetsOf(name)) {
      request.plan.targets.push_back(std::move(target));
    }
  }
  request.plan.allowed_revocations = arguments.allow_revocations;
  request.plan.allow_empty_list = arguments.allow_empty_list;
  request.snapshot = arguments.snapshot;
  request.baseline = arguments.baseline;
  request.now = arguments.now ? *arguments.now : ports.clock->Now();
  request.now_is_asked = arguments.now.has_value();
  return request;
}

Planned& Kept(Planned planned) {
  // Reached from here, so that no checker takes it for lost.
  static auto& all = *new std::vector<std::unique_ptr<Planned>>;
  return *all.emplace_back(std::make_unique<Planned>(std::move(planned)));
}

absl::StatusOr<Planned> MakePlan(const Arguments& arguments, Ports& ports,
                                 const PipelineRequest& request) {
  std::vector<Diagnostic> diagnostics;
  Prefetch prefetch(ports, request.service);
  absl::StatusOr<DesiredState> desired =
      LoadDesired(ports, request, diagnostics, &prefetch);
  Say(arguments, ports, diagnostics);
  if (!desired.ok()) return desired.status();
  PATFORM_RETURN_IF_ERROR(CheckIdentities(arguments, *desired));
  PATFORM_RETURN_IF_ERROR(
      CheckRotated(arguments.rotate, request.plan.targets, *desired));
  // Ends before anything else is written to the terminal.
  if (request.snapshot.empty()) {
    SayWhoseBearer(arguments, ports, desired->auth);
  }
  absl::StatusOr<Planned> planned = [&] {
    Reading reading(ports, arguments.quiet);
    return PlanFor(ports, request, *std::move(desired), reading.Progress(),
                   prefetch);
  }();
  if (!planned.ok()) return planned.status();
  // Those of --identity need not fit any token; a saved plan has them, too.
  std::vector<std::string> targets = request.plan.targets;
  for (const AuthConfig& each : planned->desired.identities) {
    for (const std::string& target : TargetsOf(each.identity)) {
      std::erase(targets, target);
    }
  }
  if (!targets.empty()) {
    PATFORM_RETURN_IF_ERROR(CheckTargets(targets, KnownNames(*planned)));
  }
  return planned;
}

absl::StatusOr<DesiredState> ConfigurationOf(const Arguments& arguments,
                                             Ports& ports) {
  std::vector<Diagnostic> diagnostics;
  absl::StatusOr<DesiredState> desired =
      LoadDesired(ports, RequestOf(arguments, ports), diagnostics);
  Say(arguments, ports, diagnostics);
  return desired;
}

absl::StatusOr<std::vector<AuthConfig>> SignInsOf(const Arguments& arguments,
                                                  const DesiredState& desired) {
  PATFORM_RETURN_IF_ERROR(CheckIdentities(arguments, desired));
  std::vector<AuthConfig> chosen;
  for (const std::string& name : arguments.identities) {
    chosen.push_back(*desired.FindAuth(name));
  }
  if (chosen.empty()) chosen.push_back(desired.auth);
  return chosen;
}

absl::StatusOr<ExitCode> ForEachSignIn(
    const Arguments& arguments, Ports& ports,
    absl::Status (*each)(const Arguments&, Ports&, const AuthConfig&)) {
  PATFORM_ASSIGN_OR_RETURN(const DesiredState desired,
                           ConfigurationOf(arguments, ports));
  PATFORM_ASSIGN_OR_RETURN(const std::vector<AuthConfig> all,
                           SignInsOf(arguments, desired));
  for (const AuthConfig& auth : all) {
    PATFORM_RETURN_IF_ERROR(each(arguments, ports, auth));
  }
  return kDone;
}

absl::StatusOr<ActualState> ListTokens(const Arguments& arguments, Ports& ports,
                                       const PipelineRequest& request,
                                       const DesiredState& desired,
                                       const std::vector<Realm>& realms) {
  SayWhoseBearer(arguments, ports, desired.auth);
  Reading reading(ports, arguments.quiet);
  ReadOptions options;
  options.realms = realms;
  return ReadActual(ports, request, desired, options, reading.Progress());
}

void SayWhoseBearer(const Arguments& arguments, Ports& ports,
                    const AuthConfig& auth) {
  if (arguments.quiet || auth.overridden_by.empty() ||
      auth.overridden_by == auth.source) {
    return;
  }
  // Without a [auth] there is nothing that anybody could expect.
  if (auth.where.file.empty()) return;
  const bool in_variable =
      !ports.environment("PATFORM_ACCESS_TOKEN").value_or("").empty();
  ports.terminal->err << "patform: "
                      << (auth.overridden_by == "stdin" ? "--access-token-stdin"
                          : in_variable                 ? "PATFORM_ACCESS_TOKEN"
                                        : "PATFORM_ACCESS_TOKEN_FILE")
                      << " is used instead of [auth] source = "
                      << InQuotes(auth.source) << "\n";
}

std::vector<Realm> Chosen(const Arguments& arguments,
                          std::vector<Realm> realms) {
  const std::vector<std::string>& names = arguments.identities;
  if (names.empty()) return realms;
  std::erase_if(realms, [&](const Realm& realm) {
    return std::find(names.begin(), names.end(), realm.identity) == names.end();
  });
  return realms;
}

absl::Status CheckIdentities(const Arguments& arguments,
                             const DesiredState& desired) {
  std::vector<std::string> known;
  for (const AuthConfig& each : desired.identities) {
    known.push_back(each.identity);
  }
  for (const std::string& name : arguments.identities) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    return absl::InvalidArgumentError(WithNearest(
        absl::StrCat("--identity ", name,
                     ": the configuration has no [identity.", name, "]"),
        name, known));
  }
  return absl::OkStatus();
}

std::vector<std::string> DeclaredNames(const DesiredState& desired) {
  std::vector<std::string> names;
  for (const DesiredToken& token : desired.tokens) {
    names.push_back(token.name);
    names.push_back(desired.AddressOf(token.name, token.realm()));
  }
  return names;
}

absl::Status CheckTargets(const std::vector<std::string>& targets,
                          const std::vector<std::string>& names) {
  for (const std::string& target : targets) {
    const bool known = std::any_of(
        names.begin(), names.end(),
        [&](const std::string& name) { return GlobMatch(target, name); });
    if (known) continue;
    return absl::InvalidArgumentError(WithNearest(
        absl::StrCat("--target ", target,
                     ": no token of that name is declared, and none carries "
                     "this workspace's mark"),
        target, names));
  }
  return absl::OkStatus();
}

}  // namespace patform::cli
