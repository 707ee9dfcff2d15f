#include "engine/report/formats.h"

#include "engine/report/json.h"
#include "engine/report/junit.h"
#include "engine/report/log_commands.h"
#include "engine/report/markdown.h"
#include "engine/report/page/plan_page.h"
#include "engine/report/sarif.h"
#include "engine/report/text.h"

namespace patform {

const std::vector<std::string>& PlanFormats() {
  static const auto& kFormats = *new std::vector<std::string>{
      "text", "json", "markdown", "html", "sarif", "junit", "github", "azure"};
  return kFormats;
}

const std::vector<std::string>& PlanFileFormats() {
  static const auto& kFormats = *new std::vector<std::string>{
      "json", "markdown", "html", "sarif", "junit"};
  return kFormats;
}

std::string RenderPlanAs(const std::string& format, const Plan& plan,
                         const Style& style) {
  if (format == "json") return RenderPlanJson(plan);
  if (format == "markdown") return RenderPlanMarkdown(plan, {});
  if (format == "html") return RenderPlanPage(plan);
  if (format == "sarif") return RenderPlanSarif(plan);
  if (format == "junit") return RenderPlanJunit(plan);
  if (format == "github") return RenderGitHubCommands(plan);
  if (format == "azure") return RenderAzureCommands(plan);
  return RenderPlan(plan, style);
}

std::string RenderProblemsAs(const std::string& format,
                             const std::vector<Diagnostic>& diagnostics) {
  if (format == "github") return RenderGitHubCommands(diagnostics);
  if (format == "azure") return RenderAzureCommands(diagnostics);
  return "";
}

}  // namespace patform
