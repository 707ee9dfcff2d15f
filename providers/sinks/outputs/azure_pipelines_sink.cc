#include "providers/sinks/outputs/azure_pipelines_sink.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

// Commands of the log are lines that begin with ##vso[. The agent reads both
// outputs of a step for them; this one writes to standard output, which is what
// Microsoft's page promises. Its syntax is older than its escapes: in a value
// only a line end and, since 2020, a percent sign mean anything.
namespace patform::sinks {
namespace {

// The only character of a line that the agent decodes.
void AppendEscaped(const Secret& value, Secret& out) {
  for (const char c : value.Reveal()) {
    out.Append(c == '%' ? "%AZP25" : std::string_view(&c, 1));
  }
}

// Read-only to a job; the agent would leave them as they are, with a warning.
// A variable's name is the same in either case to it, and _ stands for a dot.
std::string KeyFault(std::string_view key) {
  constexpr const char* kOfTheAgent[] = {"agent_", "build_", "system_",
                                         "endpoint_", "securefile_"};
  const std::string lower =
      absl::AsciiStrToLower(absl::string_view(key.data(), key.size()));
  const bool taken = std::any_of(
      std::begin(kOfTheAgent), std::end(kOfTheAgent),
      [&](const char* prefix) { return absl::StartsWith(lower, prefix); });
  return taken || lower == "tf_build" || lower == "path"
             ? "a variable that is not the agent's own"
             : "";
}

}  // namespace

// TF_BUILD is in every step of every agent and nowhere else.
absl::Status AzurePipelinesSink::Ready(const Delivery&) {
  // What the agent sets for every step: "True".
  if (absl::EqualsIgnoreCase(Variable("TF_BUILD"), "true")) {
    return absl::OkStatus();
  }
  return Refused(
      "this is not a job of Azure Pipelines (TF_BUILD is not set), so the "
      "secret would only be printed. Apply in the pipeline, or deliver to "
      "another sink");
}

absl::Status AzurePipelinesSink::Set(const Delivery& place, const Secret& value,
                                     const std::vector<Secret>& masks) {
  // One text, so that nothing of another thread comes between a mask and what
  // it covers.
  Secret lines;
  for (const Secret& mask : masks) {
    lines.Append("##vso[task.setsecret]");
    AppendEscaped(mask, lines);
    lines.Append("\n");
  }
  lines.Append(absl::StrCat("##vso[task.setvariable variable=", place.key,
                            ";isOutput=", output_ ? "true" : "false",
                            ";issecret=true;]"));
  AppendEscaped(value, lines);
  lines.Append("\n");
  return machine_.print(lines);
}

// Names of its variables differ in more than case.
Row AzurePipelinesRow() {
  Row row = JobOutputRow();
  row.type.name = "azure-pipelines";
  row.type.doc =
      "A secret variable of the Azure Pipelines job that patform runs in; "
      "never a token's first place.";
  row.type.keys = {
      {.name = "output",
       .kind = SettingKey::Kind::kFlag,
       .doc = "Later jobs can read it, by the name of the step. Default "
              "false."}};
  row.type.place.ignores_case = true;
  row.type.place.key_doc = "it is the name of the job's variable";
  row.type.place.key_fault = KeyFault;
  row.open = [](const Opening& opening)
      -> absl::StatusOr<std::unique_ptr<SecretSink>> {
    return std::make_unique<AzurePipelinesSink>(opening);
  };
  return row;
}

}  // namespace patform::sinks
