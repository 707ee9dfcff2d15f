#include "engine/cli/flags.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/plan/approval.h"
#include "engine/report/formats.h"

namespace patform::cli {

Flag TargetFlag() {
  return {.names = "--target",
          .value = "NAME",
          .help = "limit to this token; * and ? match (repeatable)",
          .target = &Arguments::targets};
}

Flag IdentityFlag(const char* help) {
  return {.names = "--identity",
          .value = "NAME",
          .help = help,
          .target = &Arguments::identities};
}

Flag SnapshotFlag() {
  return {.names = "--snapshot",
          .value = "FILE",
          .help =
              "plan from what `patform snapshot` wrote: no network, no "
              "credential",
          .target = &Arguments::snapshot};
}

Flag NowFlag() {
  return {.names = "--now",
          .value = "INSTANT",
          .help = "as if it were this instant (what-if)",
          .target = &Arguments::now};
}

Flag OutFlag(const char* help) {
  return {.names = "--out",
          .value = "FILE",
          .help = help,
          .target = &Arguments::out};
}

Flag FormatFlag(std::vector<std::string> formats, const char* help) {
  return {.names = "--format",
          .value = "FORMAT",
          .help = help,
          .target = &Arguments::format,
          .choices = std::move(formats)};
}

Flag DetailedExitCodeFlag(const char* help) {
  return {.names = "--detailed-exitcode",
          .help = help,
          .target = &Arguments::detailed_exitcode};
}

Flag PlanArgument() {
  return {.value = "PLAN",
          .help = "what `plan --out` wrote",
          .target = &Arguments::plan_file,
          .required = true};
}

Flag DigestFlag(const char* names, const char* help) {
  return {.names = names,
          .value = "DIGEST",
          .help = help,
          .target = &Arguments::approve,
          .valid =
              [](std::string_view text) { return IsDigest(std::string(text)); },
          .expected =
              "a digest as printed by `patform plan`: sha256: and 64 "
              "hexadecimal digits"};
}

std::vector<Flag> PolicyFlags() {
  return {{.names = "--policy",
           .value = "FILE",
           .help = "a file with a [policy] of its own; the stricter of two "
                   "rules wins",
           .target = &Arguments::policy,
           .variable = "PATFORM_POLICY"}};
}

Flag AllowHostFlag() {
  return {.names = "--allow-host",
          .value = "HOST",
          .help =
              "a credential may be sent to this host, too: a server of "
              "your own (repeatable; HOST or HOST:PORT)",
          .target = &Arguments::allow_hosts,
          .variable = "PATFORM_ALLOW_HOSTS",
          .separators = ", ",
          .valid =
              [](std::string_view text) {
                return text.find_first_of("/@?#*\t\n") == text.npos;
              },
          .expected =
              "a host such as git.contoso.example or "
              "git.contoso.example:8443, without https://"};
}

// All are for whoever runs the program to say, never for the configuration: a
// pull request must neither start a program nor send the credential to a host
// of its own.
std::vector<Flag> GrantFlags() {
  return {AllowHostFlag(),
          {.names = "--allow-programs",
           .help = "the configuration may name programs to run: those of "
                   "[auth] source = \"exec\"",
           .target = &Arguments::allow_programs,
           .variable = "PATFORM_ALLOW_PROGRAMS"},
          {.names = "--access-token-stdin",
           .help = "read the access token from standard input, whatever "
                   "[auth] says",
           .target = &Arguments::access_token_stdin}};
}

// For whoever runs the program, as those.
std::vector<Flag> ConnectionFlags() {
  return Join({PolicyFlags(),
               {{.names = "--service-url",
                 .value = "URL",
                 .help = "the token service, if it is not Azure DevOps: https, "
                         "or http on loopback",
                 .target = &ServiceOptions::url,
                 .variable = "PATFORM_SERVICE_URL"},
                {.names = "--api-version",
                 .value = "VERSION",
                 .help = "7.1-preview.1 (default) or 7.2-preview.1",
                 .target = &ServiceOptions::api_version,
                 .variable = "PATFORM_API_VERSION",
                 .choices = {"7.1-preview.1", "7.2-preview.1"}}},
               GrantFlags()});
}

// The two --allow-… lift a guard for one run. They are not keys of the
// configuration, where they would stay.
std::vector<Flag> PlanningFlags() {
  return Join(
      {ConnectionFlags(),
       {{.names = "--rotate,--replace",
         .value = "NAME",
         .help = "rotate this token whatever its age (repeatable)",
         .target = &Arguments::rotate},
        TargetFlag(),
        IdentityFlag("limit to the tokens of [identity.NAME] (repeatable)"),
        {.names = "--allow-revocations",
         .value = "N",
         .help = "lift max_revocations to this number",
         .target = &Arguments::allow_revocations},
        {.names = "--allow-empty-list",
         .help =
             "go on although the service lists no tokens now, and did before",
         .target = &Arguments::allow_empty_list},
        {.names = "--baseline",
         .value = "FILE",
         .help = "an earlier snapshot or saved plan: refuse if the tokens are "
                 "of another user or organization now, or all gone",
         .target = &Arguments::baseline}}});
}

std::vector<Flag> PlanFormatFlags() {
  const std::vector<std::string>& formats = PlanFormats();
  std::vector<Flag> flags = {FormatFlag(formats, "")};
  // Text is the default, and the first.
  flags[0].help =
      absl::StrCat("text (default) or one of ",
                   absl::StrJoin(formats.begin() + 1, formats.end(), ", "));
  // One plan, several readers: a second run of `plan` could show another one.
  for (const std::string& format : PlanFileFormats()) {
    flags.push_back({.names = absl::StrCat("--", format, "-into"),
                     .value = "FILE",
                     .help = absl::StrCat("write the plan as ", format,
                                          " to this file as well"),
                     .target = ViewIn{format}});
  }
  flags.push_back(DetailedExitCodeFlag("exit with 2 when there are changes"));
  return flags;
}

Flag MetricsFlag() {
  return {.names = "--metrics",
          .value = "FILE",
          .help =
              "write metrics to this file for node exporter's textfile "
              "collector; its name ends in .prom",
          .target = &Arguments::metrics,
          .valid =
              [](std::string_view text) {
                return text.ends_with(".prom") && !text.ends_with("/.prom") &&
                       text != ".prom";
              },
          .expected = "a file named *.prom: node exporter reads no others"};
}

std::vector<Flag> StatusMetricsFlags() {
  return {MetricsFlag(),
          {.names = "--metrics-per-token",
           .help = "a series for each token, labelled with its address; "
                   "without it the earliest date of each organization",
           .target = &Arguments::metrics_per_token}};
}

std::vector<Flag> Join(std::initializer_list<std::vector<Flag>> lists) {
  std::vector<Flag> joined;
  for (const std::vector<Flag>& list : lists) {
    joined.insert(joined.end(), list.begin(), list.end());
  }
  return joined;
}

// Of a saved plan or a snapshot the flag would be ignored, and nobody who gives
// it expects that.
const std::vector<Conflict>& Conflicts() {
  static const auto& conflicts = *new std::vector<Conflict>{
      {&Arguments::plan_file, &Arguments::rotate,
       "--rotate does not go with a saved plan, which already names what to "
       "rotate"},
      {&Arguments::plan_file, &Arguments::targets,
       "--target does not go with a saved plan: it is limited already, or "
       "meant as a whole"},
      {&Arguments::plan_file, &Arguments::identities,
       "--identity does not go with a saved plan: it is limited already, or "
       "meant as a whole"},
      {&Arguments::targets, &Arguments::identities,
       "--identity does not go with names of tokens: name them by their "
       "addresses, as in identity.NAME/token.NAME"},
      {&Arguments::maintenance, &Arguments::rotate,
       "--rotate does not go with --maintenance: what somebody asks for is "
       "not maintenance. Leave --maintenance out"},
      {&Arguments::maintenance, &Arguments::plan_file,
       "--maintenance does not go with a saved plan: it does what is due now, "
       "and not what was planned then"},
      {&Arguments::maintenance, &Arguments::approve,
       "--maintenance does not go with --approve, which does what was approved "
       "and maintenance. Leave one of them out"},
      {&Arguments::maintenance, &Arguments::allow_revocations,
       "--allow-revocations does not go with --maintenance, which revokes no "
       "token of its own accord"},
      {&Arguments::device_code, &Arguments::browser,
       "--device-code does not go with --browser: they are two ways to sign "
       "in"},
      {&Arguments::device_code, &Arguments::no_browser,
       "--device-code does not go with --no-browser: it needs no browser on "
       "this machine in any case"},
      {&Arguments::browser, &Arguments::no_browser,
       "--browser does not go with --no-browser"},
      {&Arguments::metrics, &Arguments::targets,
       "--metrics does not go with names of tokens: its file is about all "
       "tokens of the workspace, and what is left out would look renewed"},
      {&Arguments::metrics, &Arguments::identities,
       "--metrics does not go with --identity: its file is about all tokens of "
       "the workspace, and what is left out would look renewed"},
      {&Arguments::metrics, &Arguments::now,
       "--metrics does not go with --now: an alarm is about what is, not about "
       "what would be"},
      {&Arguments::snapshot, &Arguments::baseline,
       "--baseline does not go with --snapshot: a snapshot is what it would "
       "be compared with"},
  };
  return conflicts;
}

const std::vector<Flag>& GlobalFlags() {
  static const auto& flags = *new std::vector<Flag>{
      {.names = "-h,--help",
       .help = "Print this help message and exit",
       .target = &Arguments::help},
      {.names = "--version",
       .help = "Display program version information and exit",
       .target = &Arguments::version},
      {.names = "-C,--chdir",
       .value = "DIR",
       .help = "change to this directory first",
       .target = &Arguments::directory},
      {.names = "-c,--config",
       .value = "PATH",
       .help = "the configuration: a file, or a directory that holds "
               "patform.toml",
       .target = &Arguments::config,
       .variable = "PATFORM_CONFIG"},
      {.names = "--json",
       .help = "print JSON: one object, or of apply one event per line",
       .target = &Arguments::as_json},
      {.names = "--no-color",
       .help = "no colours",
       .target = &Arguments::no_color},
      {.names = "-q,--quiet",
       .help = "no progress and no advice on standard error",
       .target = &Arguments::quiet}};
  return flags;
}

}  // namespace patform::cli
