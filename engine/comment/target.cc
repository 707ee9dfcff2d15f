#include "engine/comment/target.h"

#include <boost/json/parse.hpp>
#include <string_view>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"

// Every variable that is missing is named at once, since each attempt costs a
// run of the pipeline.
namespace patform {
namespace {

namespace json = boost::json;
using System = PullRequestTarget::System;

// Events of GitHub are at most 25 MB.
constexpr int64_t kMaxEventBytes = int64_t{32} << 20;

// One CI's variables, and which of those that are needed were not there.
class Variables {
 public:
  explicit Variables(const EnvironmentLookup& get) : get_(get) {}

  // "": not set. An empty variable is one that is not set: CI systems write
  // both, and so they do a macro that nothing replaced.
  std::string Get(const std::string& name) const {
    const std::optional<std::string> value = get_(name);
    // Azure Pipelines leaves $(NAME) in an environment variable where NAME is
    // not defined.
    if (!value || absl::StartsWith(*value, "$(")) return "";
    return *value;
  }
  bool Has(const std::string& name) const { return !Get(name).empty(); }

  // The first of them that is set.
  std::string Need(const std::string& name, const std::string& other = "") {
    std::string value = Get(name);
    if (value.empty() && !other.empty()) value = Get(other);
    if (value.empty()) {
      absl::StrAppend(&missing_, missing_.empty() ? "" : ", ", name,
                      other.empty() ? "" : " or ", other);
    }
    return value;
  }

  const std::string& missing() const { return missing_; }

 private:
  const EnvironmentLookup& get_;
  std::string missing_;
};

// A number and nothing else, because it becomes part of a path.
absl::StatusOr<int64_t> Number(const std::string& variable,
                               const std::string& text) {
  int64_t number = 0;
  if (absl::SimpleAtoi(text, &number) && number > 0) return number;
  return absl::InvalidArgumentError(
      absl::StrCat(variable, " is \"", Visible(text),
                   "\", which is not the number of a pull request"));
}

// Azure writes its collection with a slash at the end, GitHub its addresses
// without.
std::string WithoutSlash(std::string url) {
  while (absl::EndsWith(url, "/")) url.pop_back();
  return url;
}

// For a link only: project names have spaces, which addresses do not.
std::string LinkSegment(const std::string& name) {
  std::string out;
  for (char c : name) out += c == ' ' ? "%20" : std::string(1, c);
  return out;
}

absl::StatusOr<PullRequestTarget> OfAzurePipelines(Variables& variables) {
  // Azure Pipelines also builds repositories of GitHub and Bitbucket.
  const std::string provider = variables.Get("BUILD_REPOSITORY_PROVIDER");
  if (!provider.empty() && provider != "TfsGit") {
    return absl::InvalidArgumentError(absl::StrCat(
        "BUILD_REPOSITORY_PROVIDER is \"", Visible(provider),
        "\": this pipeline builds a repository that is not in Azure Repos, and "
        "SYSTEM_ACCESSTOKEN is not good for its pull requests. For GitHub set "
        "GITHUB_ACTIONS=true, GITHUB_REPOSITORY=OWNER/NAME, "
        "GITHUB_REF=refs/pull/NUMBER/merge and a GITHUB_TOKEN"));
  }
  PullRequestTarget target;
  target.system = System::kAzureRepos;
  // The second one is what older servers set.
  target.base_url = WithoutSlash(variables.Need(
      "SYSTEM_COLLECTIONURI", "SYSTEM_TEAMFOUNDATIONCOLLECTIONURI"));
  target.project = variables.Need("SYSTEM_TEAMPROJECT");
  target.repository = variables.Need("BUILD_REPOSITORY_ID");
  // Set only in builds that a branch policy started.
  const std::string number = variables.Need("SYSTEM_PULLREQUEST_PULLREQUESTID");
  if (!variables.missing().empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "this job of Azure Pipelines runs for no pull request: looked for ",
        variables.missing(),
        ". They are there in builds that a branch policy (build validation) "
        "starts; elsewhere use `patform show PLAN --format markdown`"));
  }
  PATFORM_ASSIGN_OR_RETURN(target.number,
                           Number("SYSTEM_PULLREQUEST_PULLREQUESTID", number));
  // The link to the run is a courtesy: without a number there is none.
  const std::string build = variables.Get("BUILD_BUILDID");
  int64_t id = 0;
  if (absl::SimpleAtoi(build, &id)) {
    target.run_url =
        absl::StrCat(target.base_url, "/", LinkSegment(target.project),
                     "/_build/results?buildId=", id);
  }
  return target;
}

// pull_request.number, or issue.number of an issue that is a pull request.
absl::StatusOr<int64_t> NumberOfEvent(Files& files, const std::string& path) {
  PATFORM_ASSIGN_OR_RETURN(const std::string text,
                           files.Read(path, kMaxEventBytes));
  json::error_code error;
  const json::value event = json::parse(text, error);
  const json::object* root = error ? nullptr : event.if_object();
  // nullptr all the way down, so that a missing member needs no checks.
  const auto member = [](const json::object* object, const char* name) {
    return object == nullptr ? nullptr : object->if_contains(name);
  };
  const auto child = [&member](const json::object* object, const char* name) {
    const json::value* value = member(object, name);
    return value == nullptr ? nullptr : value->if_object();
  };
  const json::object* holder = child(root, "pull_request");
  // A comment on a pull request is an event about an issue.
  if (holder == nullptr) {
    const json::object* issue = child(root, "issue");
    if (child(issue, "pull_request") != nullptr) holder = issue;
  }
  const json::value* number = member(holder, "number");
  const int64_t* found = number == nullptr ? nullptr : number->if_int64();
  if (found != nullptr && *found > 0) return *found;
  return absl::InvalidArgumentError(
      "neither GITHUB_REF (refs/pull/NUMBER/merge) nor the event in "
      "GITHUB_EVENT_PATH names a pull request: run this on pull_request; "
      "elsewhere use `patform show PLAN --format markdown`");
}

absl::StatusOr<PullRequestTarget> OfGitHub(Variables& variables, Files& files) {
  PullRequestTarget target;
  target.system = System::kGitHub;
  target.repository = variables.Need("GITHUB_REPOSITORY");
  const std::string ref = variables.Get("GITHUB_REF");
  const std::string event = variables.Get("GITHUB_EVENT_PATH");
  // refs/pull/12/merge. Other events, such as workflow_run, have a branch
  // there.
  constexpr std::string_view kPull = "refs/pull/";
  const bool of_pull = absl::StartsWith(ref, AbslView(kPull));
  if (!of_pull && event.empty()) {
    // Never set under that name: this only puts both into the list of what is
    // missing.
    variables.Need("GITHUB_REF=refs/pull/NUMBER/merge", "GITHUB_EVENT_PATH");
  }
  if (!variables.missing().empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "this job of GitHub Actions runs for no pull request: looked for ",
        variables.missing(),
        ". They are there on: pull_request; elsewhere use `patform show PLAN "
        "--format markdown`"));
  }
  if (of_pull) {
    const std::string rest = ref.substr(kPull.size());
    PATFORM_ASSIGN_OR_RETURN(
        target.number, Number("GITHUB_REF", rest.substr(0, rest.find('/'))));
  } else {
    PATFORM_ASSIGN_OR_RETURN(target.number, NumberOfEvent(files, event));
  }
  // GitHub Enterprise has an address of its own, which needs --allow-host.
  target.base_url = WithoutSlash(variables.Get("GITHUB_API_URL"));
  if (target.base_url.empty()) target.base_url = "https://api.github.com";
  const std::string server = WithoutSlash(variables.Get("GITHUB_SERVER_URL"));
  int64_t run = 0;
  if (!server.empty() &&
      absl::SimpleAtoi(variables.Get("GITHUB_RUN_ID"), &run)) {
    target.run_url =
        absl::StrCat(server, "/", target.repository, "/actions/runs/", run);
  }
  return target;
}

}  // namespace

absl::StatusOr<PullRequestTarget> FindPullRequest(
    const EnvironmentLookup& environment, Files& files) {
  // Which CI, before which of its variables.
  Variables variables(environment);
  const bool azure =
      variables.Has("TF_BUILD") || variables.Has("SYSTEM_COLLECTIONURI");
  const bool github =
      variables.Has("GITHUB_ACTIONS") || variables.Has("GITHUB_REPOSITORY");
  // Set by hand in a job of the other, for a repository that lives there.
  if (variables.Has("GITHUB_ACTIONS")) return OfGitHub(variables, files);
  if (azure) return OfAzurePipelines(variables);
  if (github) return OfGitHub(variables, files);
  return absl::InvalidArgumentError(
      "this is not a job of a pull request: looked for TF_BUILD and "
      "SYSTEM_COLLECTIONURI (Azure Pipelines), GITHUB_ACTIONS and "
      "GITHUB_REPOSITORY (GitHub Actions). `--dry-run` prints the comment "
      "anywhere");
}

// In characters, as each of the hosts documents it.
size_t CommentLimit(PullRequestTarget::System system) {
  return system == System::kAzureRepos ? 150'000 : 65'536;
}

}  // namespace patform
