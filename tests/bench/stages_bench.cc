// The pure stages, each alone: how long a plan's parts take for N tokens.
#include <benchmark/benchmark.h>

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/desired/read_desired.h"
#include "engine/plan/plan.h"
#include "engine/ports/files.h"
#include "engine/report/json.h"
#include "engine/report/text.h"
#include "providers/azure_devops/pat_api.h"
#include "tests/fakes/known.h"

namespace patform {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1800000000);

// One file that exists in memory.
class OneFile : public Files {
 public:
  explicit OneFile(std::string text) : text_(std::move(text)) {}
  Kind Stat(const std::string&) override { return Kind::kFile; }
  absl::StatusOr<std::string> Read(const std::string&, int64_t) override {
    return text_;
  }
  absl::StatusOr<std::string> ReadInside(const std::string&, const std::string&,
                                         int64_t) override {
    return text_;
  }
  absl::StatusOr<std::vector<std::string>> List(const std::string&) override {
    return std::vector<std::string>{"patform.toml"};
  }
  absl::StatusOr<std::string> Canonical(const std::string& path) override {
    return path;
  }
  absl::Status CreateNew(const std::string&, const std::string&) override {
    return absl::PermissionDeniedError("the benchmark writes nothing");
  }
  absl::Status Replace(const std::string&, const std::string&) override {
    return absl::PermissionDeniedError("the benchmark writes nothing");
  }
  absl::Status Publish(const std::string&, const std::string&) override {
    return absl::PermissionDeniedError("the benchmark writes nothing");
  }
  absl::Status CheckReplace(const std::string&) override {
    return absl::PermissionDeniedError("the benchmark writes nothing");
  }

 private:
  const std::string text_;
};

std::string Configuration(int count) {
  std::string text =
      "format = 1\nworkspace = \"bench\"\norganization = \"contoso\"\n"
      "[defaults]\nlifetime = \"90d\"\nrotate_before = \"7d\"\n";
  for (int i = 0; i < count; ++i) {
    absl::StrAppendFormat(&text,
                          "[token.t%06d]\nscopes = [\"vso.code\", "
                          "\"vso.packaging\"]\nowner = \"team-%d\"\n",
                          i, i % 40);
  }
  return text;
}

std::string Page(int first, int count, const char* scope) {
  std::string text = "{\"continuationToken\":\"\",\"patTokens\":[";
  for (int i = first; i < first + count; ++i) {
    absl::StrAppendFormat(
        &text,
        "%s{\"displayName\":\"t%06d\",\"validTo\":\"2027-03-16T08:00:00.26Z\","
        "\"scope\":\"%s\",\"targetAccounts\":[\"0adf8f93-d0ff-4ad3-9f0f-"
        "1bd6f4a3c2b1\"],\"validFrom\":\"2027-01-01T08:00:00.26Z\","
        "\"authorizationId\":\"%08x-0000-4000-8000-%012x\",\"token\":null}",
        i == first ? "" : ",", i, scope, i, i);
  }
  return text + "]}";
}

DesiredState Desired(int count) {
  OneFile files(Configuration(count));
  ReadInput input;
  input.path = "patform.toml";
  input.now = kNow;
  UseKnown(input);
  input.environment = [](const std::string&) { return std::nullopt; };
  return *ReadDesired(files, input).state;
}

ActualState Actual(int count, const char* scope) {
  ActualState actual;
  actual.taken_at = kNow;
  TokenList& snapshot = actual.organizations["contoso"];
  snapshot.organization = "contoso";
  snapshot.tokens =
      azure_devops::ParsePage(Page(0, count, scope), TokenFilter::kActive)
          ->tokens;
  return actual;
}

constexpr char kSame[] = "vso.code vso.packaging";
constexpr char kOther[] = "vso.build";

void BM_ReadConfiguration(benchmark::State& state) {
  const int count = static_cast<int>(state.range(0));
  OneFile files(Configuration(count));
  ReadInput input;
  input.path = "patform.toml";
  input.now = kNow;
  UseKnown(input);
  input.environment = [](const std::string&) { return std::nullopt; };
  for (auto _ : state) {
    const ReadResult result = ReadDesired(files, input);
    if (!result.state) return state.SkipWithError("not valid");
    benchmark::DoNotOptimize(result.state->tokens.back());
  }
  state.SetItemsProcessed(state.iterations() * count);
}
BENCHMARK(BM_ReadConfiguration)->Arg(100)->Arg(10000);

void BM_ParsePage(benchmark::State& state) {
  const std::string page = Page(0, 100, kSame);
  for (auto _ : state) {
    const auto parsed = azure_devops::ParsePage(page, TokenFilter::kActive);
    if (!parsed.ok()) return state.SkipWithError("not a page");
    benchmark::DoNotOptimize(parsed->tokens.data());
  }
  state.SetItemsProcessed(state.iterations() * 100);
  state.SetBytesProcessed(state.iterations() *
                          static_cast<int64_t>(page.size()));
}
BENCHMARK(BM_ParsePage);

void BM_Plan(benchmark::State& state, const char* scope) {
  const int count = static_cast<int>(state.range(0));
  const DesiredState desired = Desired(count);
  const ActualState actual = Actual(count, scope);
  for (auto _ : state) {
    const Plan plan = MakePlan(desired, actual, {}, kNow);
    if (!plan.complete()) return state.SkipWithError("not complete");
    benchmark::DoNotOptimize(plan.changes.changes.data());
  }
  state.SetItemsProcessed(state.iterations() * count);
}
BENCHMARK_CAPTURE(BM_Plan, unchanged, kSame)->Arg(100)->Arg(10000);
BENCHMARK_CAPTURE(BM_Plan, all_changed, kOther)->Arg(100)->Arg(10000);

void BM_RenderText(benchmark::State& state) {
  const int count = static_cast<int>(state.range(0));
  const Plan plan = MakePlan(Desired(count), Actual(count, kOther), {}, kNow);
  for (auto _ : state) {
    benchmark::DoNotOptimize(RenderPlan(plan, Style(true)));
  }
  state.SetItemsProcessed(state.iterations() * count);
}
BENCHMARK(BM_RenderText)->Arg(100)->Arg(10000);

void BM_RenderJson(benchmark::State& state) {
  const int count = static_cast<int>(state.range(0));
  const Plan plan = MakePlan(Desired(count), Actual(count, kOther), {}, kNow);
  for (auto _ : state) {
    benchmark::DoNotOptimize(RenderPlanJson(plan));
  }
  state.SetItemsProcessed(state.iterations() * count);
}
BENCHMARK(BM_RenderJson)->Arg(100)->Arg(10000);

}  // namespace
}  // namespace patform
