#include "engine/report/log_commands.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "engine/base/strings.h"
#include "engine/report/issues.h"
#include "engine/report/outline.h"

namespace patform {
namespace {

using Replacements = std::vector<std::pair<std::string, std::string>>;

// The most of a kind, in one step of a job.
constexpr size_t kAnnotations = 10;

// What the two systems undo. Control characters are visible before.
const Replacements& GitHubProperty() {
  static const auto& kTable = *new Replacements{
      {"%", "%25"}, {"\r", "%0D"}, {"\n", "%0A"}, {":", "%3A"}, {",", "%2C"}};
  return kTable;
}
const Replacements& GitHubMessage() {
  static const auto& kTable =
      *new Replacements{{"%", "%25"}, {"\r", "%0D"}, {"\n", "%0A"}};
  return kTable;
}
const Replacements& AzureProperty() {
  static const auto& kTable = *new Replacements{{"%", "%AZP25"},
                                                {"\r", "%0D"},
                                                {"\n", "%0A"},
                                                {"]", "%5D"},
                                                {";", "%3B"}};
  return kTable;
}
const Replacements& AzureMessage() {
  static const auto& kTable =
      *new Replacements{{"%", "%AZP25"}, {"\r", "%0D"}, {"\n", "%0A"}};
  return kTable;
}

std::string Escape(const std::string& text, const Replacements& table) {
  return absl::StrReplaceAll(Visible(text), table);
}

// The sentence and, after a line break in the system's own writing, the fix.
std::string Message(const Issue& issue, const Replacements& table) {
  std::string message = Escape(issue.what, table);
  if (!issue.fix.empty()) {
    absl::StrAppend(&message, "%0A", Escape(issue.fix, table));
  }
  return message;
}

std::string GitHub(const Issue& issue) {
  constexpr const char* kCommands[] = {"error", "warning", "notice"};
  std::string line =
      absl::StrCat("::", kCommands[static_cast<int>(issue.level)], " ");
  const SourceLocation& where = issue.where;
  if (!where.file.empty()) {
    absl::StrAppend(&line, "file=", Escape(where.file, GitHubProperty()), ",");
    if (where.line > 0) {
      absl::StrAppend(&line, "line=", where.line, ",");
      if (where.column > 0) {
        absl::StrAppend(&line, "col=", where.column,
                        ",endColumn=", where.column + std::max(1, where.length),
                        ",");
      }
    }
  }
  absl::StrAppend(&line,
                  "title=", Escape("patform " + issue.rule, GitHubProperty()),
                  "::", Message(issue, GitHubMessage()), "\n");
  return line;
}

std::string Azure(const Issue& issue) {
  if (issue.level == Issue::Level::kNotice) {
    std::string line = absl::StrCat("Note: ", Visible(issue.what));
    if (!issue.where.file.empty()) {
      absl::StrAppend(&line, " (", Visible(issue.where.file), ":",
                      issue.where.line, ")");
    }
    return line + "\n";
  }
  const bool error = issue.level == Issue::Level::kError;
  std::string line = absl::StrCat(
      "##vso[task.logissue type=", error ? "error" : "warning", ";");
  const SourceLocation& where = issue.where;
  if (!where.file.empty()) {
    absl::StrAppend(&line, "sourcepath=", Escape(where.file, AzureProperty()),
                    ";");
    if (where.line > 0) {
      absl::StrAppend(&line, "linenumber=", where.line,
                      ";columnnumber=", std::max(1, where.column), ";");
    }
  }
  absl::StrAppend(&line, "code=", Escape(issue.rule, AzureProperty()), ";]",
                  Message(issue, AzureMessage()), "\n");
  return line;
}

// "3 errors and 1 notice"
std::string LeftOut(const std::array<size_t, 3>& counts) {
  constexpr const char* kWords[] = {"error", "warning", "notice"};
  std::vector<std::string> parts;
  for (size_t level = 0; level < counts.size(); ++level) {
    if (counts[level] <= kAnnotations) continue;
    parts.push_back(Count(static_cast<long long>(counts[level] - kAnnotations),
                          kWords[level]));
  }
  std::string text;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) text += i + 1 == parts.size() ? " and " : ", ";
    text += parts[i];
  }
  return text;
}

using Writer = std::string (*)(const Issue&);

std::string Lines(const std::vector<Issue>& issues, Writer line) {
  std::string text;
  std::array<size_t, 3> counts = {};
  std::vector<Issue> must_be_shown;
  for (const Issue& issue : issues) {
    if (MustBeShown(issue)) {
      must_be_shown.push_back(issue);
    } else if (++counts[static_cast<size_t>(issue.level)] <= kAnnotations) {
      text += line(issue);
    }
  }
  // The systems make annotations of the first few; the log has all of them.
  for (const Issue& issue : must_be_shown) text += line(issue);
  if (const std::string more = LeftOut(counts); !more.empty()) {
    absl::StrAppend(&text, "Not shown here: ", more,
                    "; `patform plan` lists them all.\n");
  }
  return text;
}

std::string Render(const Plan& plan, Writer line) {
  std::string text = Lines(IssuesOf(plan), line);
  if (plan.snapshot_taken_at) absl::StrAppend(&text, RenderAge(plan), "\n");
  if (const std::string warning = RenderSignature(plan); !warning.empty()) {
    absl::StrAppend(&text, warning, "\n");
  }
  if (plan.empty() && plan.complete()) {
    return text + "No changes. Your tokens match the configuration.\n";
  }
  return absl::StrCat(text, RenderSummary(plan), "\n");
}

}  // namespace

std::string RenderGitHubCommands(const Plan& plan) {
  return Render(plan, GitHub);
}

std::string RenderAzureCommands(const Plan& plan) {
  return Render(plan, Azure);
}

std::string RenderGitHubCommands(const std::vector<Diagnostic>& diagnostics) {
  return Lines(IssuesOf(diagnostics), GitHub);
}

std::string RenderAzureCommands(const std::vector<Diagnostic>& diagnostics) {
  return Lines(IssuesOf(diagnostics), Azure);
}

}  // namespace patform
