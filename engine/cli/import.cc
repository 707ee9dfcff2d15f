#include "engine/inquiry/import.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/clock.h"
#include "engine/base/diagnostic.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "engine/cli/command.h"
#include "engine/cli/failure.h"
#include "engine/cli/flags.h"
#include "engine/cli/output.h"
#include "engine/cli/planning.h"
#include "engine/desired/read_desired.h"
#include "engine/desired/schemas.h"
#include "engine/desired/toml_writer.h"
#include "engine/inquiry/overlay.h"
#include "engine/pipeline.h"
#include "engine/report/answer.h"

namespace patform::cli {
namespace {

// What the tables go behind.
struct Ground {
  explicit Ground(Files& real) : files(real) {}
  Overlay files;
  DesiredState desired;
  std::string path;  // the main file
  std::string text;  // as it is, or as it would begin
  bool exists = true;
};

// Is there nothing to read? What cannot be read for another reason is left for
// the reader to explain.
bool Missing(Files& files, const std::string& config) {
  switch (files.Stat(config)) {
    case Files::Kind::kMissing:
      return true;
    case Files::Kind::kDirectory:
      return files.Stat(absl::StrCat(config, "/patform.toml")) ==
             Files::Kind::kMissing;
    default:
      return false;
  }
}

// The main file of the configuration that is named.
std::string MainFile(Files& files, const std::string& config) {
  return files.Stat(config) == Files::Kind::kDirectory
             ? absl::StrCat(config, "/patform.toml")
             : config;
}

// Is `--out` the configuration itself?
bool ReplacesMain(const Arguments& arguments, Ports& ports) {
  if (arguments.out.empty()) return false;
  const absl::StatusOr<std::string> main =
      ports.files->Canonical(MainFile(*ports.files, arguments.config));
  const absl::StatusOr<std::string> out = ports.files->Canonical(arguments.out);
  return main.ok() && out.ok() && *main == *out;
}

// What `patform init` wrote, and nobody has edited since: nothing is lost with
// it.
bool IsStarter(Files& files, const std::string& path) {
  const absl::StatusOr<std::string> text = files.Read(path, kMaxConfigBytes);
  return text.ok() && *text == StarterFile();
}

// The beginning of a configuration of tokens in `organizations`; those of
// another than the first name it themselves.
std::string Beginning(const std::vector<std::string>& organizations) {
  const std::string& organization = organizations.front();
  return absl::StrCat(
      "format = 1\n\n"
      "# Part of every token's mark: two configurations of one user never "
      "touch each\n# other's tokens. Choose once.\n"
      "workspace = ",
      TomlString(absl::AsciiStrToLower(organization)),
      "\n\norganization = ", TomlString(organization), "\n");
}

// Nothing there to read, and so an organization has to be named: the beginning
// of a new configuration is made of it.
absl::Status CheckNamed(const Arguments& arguments, Ports& ports) {
  if (!arguments.organizations.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      arguments.config,
      ReplacesMain(arguments, ports) ? " is replaced"
                                     : ": there is no configuration",
      "; name the organization, as in `patform import --organization contoso`",
      ReplacesMain(arguments, ports) ? "" : ", or write one: `patform init`"));
}

absl::StatusOr<Ground> ReadGround(const Arguments& arguments, Ports& ports,
                                  const PipelineRequest& request) {
  Ground ground(*ports.files);
  // What is to be written does not count, whether it exists or not.
  if (!arguments.out.empty()) ground.files.Put(arguments.out, "# empty\n");
  const bool missing =
      Missing(*ports.files, request.config) || ReplacesMain(arguments, ports);
  ReadInput input = ReadInputOf(ports, request, request.config);
  if (missing) {
    PATFORM_RETURN_IF_ERROR(CheckNamed(arguments, ports));
    ground.exists = false;
    input.path = ground.path = "patform.toml";
    ground.text = Beginning(arguments.organizations);
    ground.files.Put(ground.path, ground.text);
  }
  ReadResult result = ReadDesired(ground.files, input);
  if (!result.state) {
    ports.terminal->err << Render(result.diagnostics);
    return absl::InvalidArgumentError(
        "the configuration is not valid; nothing was read or written");
  }
  ground.desired = *std::move(result.state);
  if (missing) return ground;
  ground.path = ground.desired.files[0];
  PATFORM_ASSIGN_OR_RETURN(ground.text,
                           ports.files->Read(ground.path, kMaxConfigBytes));
  return ground;
}

// "3 tokens passed over: a, b, c"; names from outside are made visible.
std::string Some(const std::vector<std::string>& names, std::string what) {
  // Enough to recognize them by; there may be thousands.
  constexpr size_t kShown = 5;
  std::vector<std::string> shown;
  for (size_t i = 0; i < std::min(names.size(), kShown); ++i) {
    shown.push_back(Visible(names[i]));
  }
  if (names.size() > kShown) shown.push_back("…");
  return absl::StrCat(Count(static_cast<int>(names.size()), "token"), " ", what,
                      ": ", absl::StrJoin(shown, ", "), "\n");
}

void SayPassedOver(Ports& ports, const Adoption& adoption) {
  // One line per reason and not per token: most tokens of a user are passed
  // over in the same way.
  std::map<std::string, std::vector<std::string>> by_reason;
  for (const PassedOver& token : adoption.passed_over) {
    switch (token.why) {
      case PassedOver::Why::kDeclared:
        by_reason["passed over, declared already"].push_back(
            token.display_name);
        break;
      case PassedOver::Why::kOtherWorkspace:
        by_reason[absl::StrCat("passed over, of the workspace \"",
                               token.workspace, "\"")]
            .push_back(token.display_name);
        break;
      case PassedOver::Why::kCopiedMark:
        by_reason["passed over, with a copied mark"].push_back(
            token.display_name);
        break;
    }
  }
  for (const auto& [reason, names] : by_reason) {
    ports.terminal->err << "patform: " << Some(names, reason);
  }
}

// What the file holds only as a comment, for it cannot be declared as it is.
void SayObstacles(Ports& ports, const Ground& ground,
                  const Adoption& adoption) {
  for (const Adoptee& adoptee : adoption.adopted) {
    if (adoptee.obstacle.empty()) continue;
    ports.terminal->err
        << "patform: "
        << Visible(ground.desired.AddressOf(
               adoptee.name, Realm(adoptee.identity, adoptee.organization)))
        << " (" << adoptee.token.id.Short()
        << ") is written as a comment: " << Visible(adoptee.obstacle)
        << (adoptee.to_be_revoked
                ? "; a plan revokes it as long as no table declares it"
                : "")
        << "\n";
  }
}

std::string Head(const Adoption& adoption, const std::vector<Realm>& realms,
                 bool delivers, absl::Time now) {
  // In the order in which they were asked for.
  std::vector<std::string> organizations;
  for (const Realm& realm : realms) {
    const std::string& name = realm.organization;
    if (std::find(organizations.begin(), organizations.end(), name) ==
        organizations.end()) {
      organizations.push_back(name);
    }
  }
  return absl::StrCat("# Written by `patform import` on ", FormatDay(now), ": ",
                      Count(static_cast<int>(adoption.adopted.size()), "token"),
                      " of ", absl::StrJoin(organizations, ", "), ".\n",
                      delivers ? "# The next plan makes each token once more, "
                                 "delivers its secret and, "
                                 "after the\n# grace, ends the one that it "
                                 "replaces. Who uses a token "
                                 "reads it from its new\n# place by then.\n"
                               : "# Without `deliver` a token is watched: "
                                 "patform updates and revokes it "
                                 "as its\n# table says, and never replaces it. "
                                 "To have it rotated, say "
                                 "`lifetime` in\n# place of `expires`, and "
                                 "where the new secret goes: "
                                 "`deliver`.\n");
}

absl::Status ExistsAlready(const std::string& path) {
  return absl::InvalidArgumentError(absl::StrCat(
      path, " exists already and was left as it is; --force replaces it"));
}

// Says so when the file that was written is in no configuration yet.
void SayWhereItBelongs(Ports& ports, const PipelineRequest& request,
                       const std::string& out) {
  std::vector<Diagnostic> diagnostics;
  const absl::StatusOr<DesiredState> desired =
      LoadDesired(ports, request, diagnostics);
  const absl::StatusOr<std::string> written = ports.files->Canonical(out);
  // Only a hint: what is wrong now has been written all the same.
  if (!desired.ok() || !written.ok()) return;
  for (const std::string& file : desired->files) {
    const absl::StatusOr<std::string> read = ports.files->Canonical(file);
    if (read.ok() && *read == *written) return;
  }
  ports.terminal->err << "patform: " << Visible(desired->files[0])
                      << " does not include " << Visible(out)
                      << " yet: name it in `include`\n";
}

// May the file be written?
absl::Status CheckOut(const Arguments& arguments, Ports& ports) {
  if (arguments.out.empty() ||
      ports.files->Stat(arguments.out) == Files::Kind::kMissing ||
      IsStarter(*ports.files, arguments.out)) {
    return absl::OkStatus();
  }
  if (ports.files->Stat(arguments.out) == Files::Kind::kDirectory) {
    return absl::InvalidArgumentError(
        absl::StrCat(arguments.out, " is a directory; name a file in it"));
  }
  if (!arguments.force) return ExistsAlready(arguments.out);
  if (!ReplacesMain(arguments, ports)) return absl::OkStatus();
  // Its workspace and its tables would go, and with them what they manage.
  return absl::InvalidArgumentError(
      absl::StrCat(arguments.out,
                   " is the configuration itself, and was left as it is. "
                   "Write to another file, and name that in `include`"));
}

absl::Status Write(const Arguments& arguments, Ports& ports,
                   const std::string& text) {
  if (arguments.out.empty()) {
    ports.terminal->out << text;
    return absl::OkStatus();
  }
  if (arguments.force || IsStarter(*ports.files, arguments.out)) {
    return WriteFile(ports, arguments.out, text);
  }
  // Somebody may have made the file while the tokens were being read.
  absl::Status status;
  Whole(ports, [&] { status = ports.files->CreateNew(arguments.out, text); });
  return absl::IsAlreadyExists(status) ? ExistsAlready(arguments.out)
                                       : OfFile(status);
}

// Whose tokens to list: of every user of the configuration, in each of these
// organizations or else in those that it names.
absl::StatusOr<std::vector<Realm>> RealmsOf(const Arguments& arguments,
                                            const Ground& ground) {
  PATFORM_RETURN_IF_ERROR(CheckIdentities(arguments, ground.desired));
  std::vector<Realm> realms = ground.desired.Realms();
  if (!arguments.organizations.empty()) {
    realms.clear();
    for (const std::string& organization : arguments.organizations) {
      // As if the configuration were of that organization.
      DesiredState there = ground.desired;
      there.organization = organization;
      for (const Realm& realm : there.Realms()) {
        if (realm.organization == organization) realms.push_back(realm);
      }
    }
  }
  realms = Chosen(arguments, std::move(realms));
  if (!realms.empty()) return realms;
  return absl::InvalidArgumentError(
      "the configuration names no organization; say which: --organization "
      "NAME");
}

// Where the tokens get their next secrets; nullopt: they are only watched.
absl::StatusOr<std::optional<AdoptedDelivery>> DeliveryOf(
    const Arguments& arguments, Ports& ports, const DesiredState& desired) {
  if (arguments.deliver_to.empty()) {
    if (arguments.deliver_at.empty() && arguments.deliver_key.empty()) {
      return std::nullopt;
    }
    return absl::InvalidArgumentError(
        "--at and --key are parts of a delivery: name its sink, --deliver "
        "SINK");
  }
  const SinkConfig* sink = desired.FindSink(arguments.deliver_to);
  if (sink == nullptr) {
    std::vector<std::string> names;
    for (const SinkConfig& each : desired.sinks) names.push_back(each.name);
    std::string what = absl::StrCat("--deliver ", Visible(arguments.deliver_to),
                                    ": the configuration has no sink of that "
                                    "name");
    if (names.empty()) {
      absl::StrAppend(&what, "; declare it first: [sink.",
                      Visible(arguments.deliver_to), "]");
    }
    return absl::InvalidArgumentError(
        WithNearest(std::move(what), arguments.deliver_to, names));
  }
  AdoptedDelivery delivery;
  delivery.sink = sink->name;
  delivery.at = arguments.deliver_at;
  delivery.key = arguments.deliver_key;
  for (const SinkType& type : ports.sinks->Types()) {
    if (type.name != sink->type) continue;
    delivery.key_of_name = type.place.key == PlaceRules::Key::kVariable;
  }
  return delivery;
}

// What becomes of the tokens behind `ground`. Each table is tried out there
// before it is written.
absl::StatusOr<Adoption> AdoptBehind(Ground& ground, const Arguments& arguments,
                                     Ports& ports,
                                     const PipelineRequest& request,
                                     const ActualState& actual) {
  AdoptionInput input;
  input.desired = &ground.desired;
  input.actual = &actual;
  input.patterns = arguments.targets;
  input.ids = arguments.ids;
  PATFORM_ASSIGN_OR_RETURN(input.deliver,
                           DeliveryOf(arguments, ports, ground.desired));
  input.now = request.now;
  input.main_file = ground.path;
  std::string before = ground.text;
  if (!before.empty() && before.back() != '\n') before += '\n';
  // Errors in a table that is tried out point at the line it would be on.
  input.first_line =
      static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1;
  input.read = [&](const std::string& tables) {
    Overlay files(ground.files);
    files.Put(ground.path, before + tables);
    return ReadDesired(files, ReadInputOf(ports, request, ground.path));
  };
  return Adopt(input);
}

absl::StatusOr<ExitCode> Run(const Arguments& arguments, Ports& ports) {
  const PipelineRequest request = RequestOf(arguments, ports);
  // Before anything is read: the file itself may be the configuration, which is
  // read as if it were empty, and what is wrong with that misleads.
  PATFORM_RETURN_IF_ERROR(CheckOut(arguments, ports));
  PATFORM_ASSIGN_OR_RETURN(Ground ground,
                           ReadGround(arguments, ports, request));
  PATFORM_ASSIGN_OR_RETURN(const std::vector<Realm> realms,
                           RealmsOf(arguments, ground));
  PATFORM_ASSIGN_OR_RETURN(
      const ActualState actual,
      ListTokens(arguments, ports, request, ground.desired, realms));
  PATFORM_ASSIGN_OR_RETURN(
      const Adoption adoption,
      AdoptBehind(ground, arguments, ports, request, actual));

  SayPassedOver(ports, adoption);
  SayObstacles(ports, ground, adoption);
  // No file is written then: an empty one would look like a result.
  if (adoption.adopted.empty()) {
    ports.terminal->err << "patform: nothing to import\n";
    if (arguments.format == "json") {
      ports.terminal->out << Answer()
                                 .TextOrNull("file", "")
                                 .Number("tokens", 0)
                                 .Number("comments", 0)
                                 .Number("passed_over",
                                         static_cast<int64_t>(
                                             adoption.passed_over.size()))
                                 .Text("toml", "")
                                 .Line();
    }
    return kDone;
  }
  std::string text =
      Head(adoption, realms, !arguments.deliver_to.empty(), request.now);
  if (!ground.exists) absl::StrAppend(&text, "\n", ground.text);
  absl::StrAppend(&text, "\n", adoption.tables);
  if (arguments.format == "json") {
    if (!arguments.out.empty()) {
      PATFORM_RETURN_IF_ERROR(Write(arguments, ports, text));
    }
    ports.terminal->out
        << Answer()
               .TextOrNull("file", arguments.out)
               .Number("tokens", adoption.declared())
               .Number("comments",
                       static_cast<int64_t>(adoption.adopted.size()) -
                           adoption.declared())
               .Number("passed_over",
                       static_cast<int64_t>(adoption.passed_over.size()))
               .Text("toml", text)
               .Line();
    return kDone;
  }
  PATFORM_RETURN_IF_ERROR(Write(arguments, ports, text));
  if (arguments.out.empty()) return kDone;
  ports.terminal->out << "Wrote " << Count(adoption.declared(), "token")
                      << " to " << Visible(arguments.out) << ".\n";
  if (ground.exists) SayWhereItBelongs(ports, request, arguments.out);
  return kDone;
}

}  // namespace

Command ImportCommand() {
  return {
      .name = "import",
      .what = "Write TOML for tokens that exist; changes nothing",
      .example =
          "patform import --out imported.toml\n"
          "  patform import 'ci-*'\n"
          "  patform import --organization contoso --out patform.toml\n"
          "  patform import --deliver vault --at 'ado/{name}' --out "
          "tokens.toml",
      .arguments = {{.value = "NAME",
                     .help = "only tokens of these names; * and ? match "
                             "(default: all)",
                     .target = &Arguments::targets}},
      .flags = Join({ConnectionFlags(),
                     {{.names = "--id",
                       .value = "ID",
                       .help = "the token of this id (repeatable)",
                       .target = &Arguments::ids},
                      {.names = "--organization",
                       .value = "NAME",
                       .help = "of this organization (default: those of the "
                               "configuration; repeatable)",
                       .target = &Arguments::organizations},
                      IdentityFlag("of this [identity.NAME] (default: of all "
                                   "users; repeatable)"),
                      {.names = "--deliver",
                       .value = "SINK",
                       .help = "manage them: a new token in the place of each, "
                               "its secret in this [sink.NAME]",
                       .target = &Arguments::deliver_to},
                      {.names = "--at",
                       .value = "PATTERN",
                       .help = "where in the sink; {name} is the token's "
                               "(default: the sink's own)",
                       .target = &Arguments::deliver_at},
                      {.names = "--key",
                       .value = "PATTERN",
                       .help = "which entry there (default: where one has to "
                               "be named, made of the token's name)",
                       .target = &Arguments::deliver_key},
                      OutFlag("write to this file (default: standard output)"),
                      {.names = "--force",
                       .help = "replace the file if it exists",
                       .target = &Arguments::force},
                      NowFlag()}}),
      .run = Run,
      .only_reads = true};
}

}  // namespace patform::cli
