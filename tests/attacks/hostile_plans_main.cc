// Writes random hostile plans in every format that patform has for a plan, for
// cases_hostile_plans.py, which reads each with a reader of its own.
//
//   hostile_plans FIRST COUNT
//
// Standard output: one JSON object a line for each of the seeds FIRST,
// FIRST + 1, …: the seed, the digest, what ends, widens or moves, and the bytes
// of each format. Text that came from outside is in base64, because not all of
// it is UTF-8.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"
#include "engine/comment/decide.h"
#include "engine/comment/target.h"
#include "engine/report/events.h"
#include "engine/report/formats.h"
#include "engine/report/markdown.h"
#include "tests/attacks/hostile_plan.h"

namespace patform {
namespace {

namespace json = boost::json;

json::string Bytes(const std::string& text) {
  return json::string(absl::Base64Escape(text));
}

json::object ItemJson(const HostileItem& item) {
  json::array scopes;
  for (const std::string& scope : item.scopes) scopes.push_back(Bytes(scope));
  return {{"kind", item.kind},          {"id", item.id},
          {"phrase", item.phrase},      {"address", Bytes(item.address)},
          {"name", Bytes(item.name)},   {"was", Bytes(item.was)},
          {"owner", Bytes(item.owner)}, {"scopes", std::move(scopes)},
          {"place", Bytes(item.place)}, {"path", Bytes(item.path)}};
}

// All that is drawn from one plan. A view is a format with the command's name
// before it.
void Render(const std::string& command, const Plan& plan, json::object& views) {
  for (const std::string& format : PlanFormats()) {
    views[absl::StrCat(command, " ", format)] =
        Bytes(RenderPlanAs(format, plan, Style(false)));
  }
}

bool Write(uint32_t seed) {
  const HostilePlan hostile = MakeHostilePlan(seed);
  const Plan& plan = hostile.plan;
  json::object views;
  Render("plan", plan, views);
  views["plan text in colors"] = Bytes(RenderPlanAs("text", plan, Style(true)));
  for (const auto& [system, name] :
       {std::pair(PullRequestTarget::System::kAzureRepos, "azure"),
        std::pair(PullRequestTarget::System::kGitHub, "github")}) {
    MarkdownOptions options;
    options.limit = CommentLimit(system);
    options.link = absl::StrCat("https://ci.example/", seed);
    views[absl::StrCat("comment of ", name)] =
        Bytes(RenderPlanMarkdown(plan, options));
  }
  views["status of a pull request"] = Bytes(StatusOf(plan).description);
  views["apply --json"] = Bytes(RenderPlannedEvents(plan, plan.as_of));
  if (hostile.saved) {
    const std::string file = WritePlan(*hostile.saved, "");
    const absl::StatusOr<SavedPlan> read = ReadPlan(file, "");
    if (!read.ok()) {
      std::cerr << "seed " << seed << ": " << read.status() << "\n";
      return false;
    }
    views["saved plan"] = Bytes(file);
    Render("show", read->plan, views);
  }
  json::array items;
  for (const HostileItem& item : hostile.items) {
    items.push_back(ItemJson(item));
  }
  std::cout << json::serialize(json::object{{"seed", seed},
                                            {"digest", plan.digest},
                                            {"items", std::move(items)},
                                            {"views", std::move(views)}})
            << "\n";
  return true;
}

}  // namespace
}  // namespace patform

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: hostile_plans FIRST COUNT\n";
    return 3;
  }
  const auto first = static_cast<uint32_t>(std::strtoul(argv[1], nullptr, 10));
  const auto count = static_cast<uint32_t>(std::strtoul(argv[2], nullptr, 10));
  for (uint32_t seed = first; seed < first + count; ++seed) {
    if (!patform::Write(seed)) return 1;
  }
  return 0;
}
