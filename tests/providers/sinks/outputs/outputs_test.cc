#include <memory>

#include "providers/sinks/outputs/azure_pipelines_sink.h"
#include "providers/sinks/outputs/github_actions_sink.h"
#include "tests/providers/sinks/testing.h"

namespace patform::sinks {
namespace {

// A job of a CI, whose log is `printed_`.
class OutputsTest : public TempDirTest {
 protected:
  void SetUp() override {
    TempDirTest::SetUp();
    for (const char* name : {"output", "env"}) {
      WriteFileText(root_ + "/" + name, "");
    }
    machine_.environment =
        [this](const std::string& name) -> std::optional<std::string> {
      const auto found = variables_.find(name);
      if (found == variables_.end()) return std::nullopt;
      return found->second;
    };
    machine_.random = [] { return uint64_t{0xab}; };
    machine_.print = [this](const Secret& lines) {
      if (print_.ok()) printed_ += lines.Reveal();
      return print_;
    };
    variables_ = {{"TF_BUILD", "True"},
                  {"GITHUB_ACTIONS", "true"},
                  {"GITHUB_OUTPUT", root_ + "/output"},
                  {"GITHUB_ENV", root_ + "/env"}};
  }
  std::unique_ptr<SecretSink> Open(
      const Row& row, std::map<std::string, SettingValue> settings = {}) {
    config_.name = "ci";
    config_.type = row.type.name;
    config_.settings = std::move(settings);
    auto sink = row.open({config_, nullptr, machine_});
    EXPECT_TRUE(sink.ok()) << sink.status();
    return *std::move(sink);
  }
  absl::Status Put(SecretSink& sink, const std::string& value,
                   Encoding encoding = Encoding::kRaw) {
    Delivery place = At("job", "PAT");
    place.encoding = encoding;
    return sink.Put(place, Secret(value), RecordOf(1, place), "", Soon())
        .status();
  }

  std::map<std::string, std::string> variables_;
  SinkConfig config_;
  Machine machine_;
  absl::Status print_;
  std::string printed_;
};

TEST_F(OutputsTest, AzureMasksFirst) {
  EXPECT_EQ(Put(*Open(AzurePipelinesRow()), "abc%d"), absl::OkStatus());
  EXPECT_EQ(printed_,
            "##vso[task.setsecret]abc%AZP25d\n"
            "##vso[task.setsecret]YWJjJWQ=\n"
            "##vso[task.setsecret]OmFiYyVk\n"
            "##vso[task.setvariable variable=PAT;isOutput=false;issecret=true;]"
            "abc%AZP25d\n");
  printed_.clear();
  EXPECT_EQ(Put(*Open(AzurePipelinesRow(), {{"output", true}}),
                "OmFiYw==", Encoding::kBasic),
            absl::OkStatus());
  EXPECT_EQ(printed_,
            "##vso[task.setsecret]OmFiYw==\n"
            "##vso[task.setsecret]abc\n"
            "##vso[task.setsecret]YWJj\n"
            "##vso[task.setvariable variable=PAT;isOutput=true;issecret=true;]"
            "OmFiYw==\n");
}

TEST_F(OutputsTest, GitHubMasksFirst) {
  WriteFileText(root_ + "/output", "A=b\n");
  EXPECT_EQ(Put(*Open(GitHubActionsRow()), "abc%d"), absl::OkStatus());
  EXPECT_EQ(printed_,
            "::add-mask::abc%25d\n::add-mask::YWJjJWQ=\n"
            "::add-mask::OmFiYyVk\n");
  const std::string delimiter = "ghadelimiter_00000000000000ab00000000000000ab";
  EXPECT_EQ(
      ReadFileText(root_ + "/output"),
      absl::StrCat("A=b\nPAT<<", delimiter, "\nabc%d\n", delimiter, "\n"));
  EXPECT_EQ(ReadFileText(root_ + "/env"), "");
  EXPECT_EQ(Put(*Open(GitHubActionsRow(), {{"to", std::string("environment")}}),
                "abc"),
            absl::OkStatus());
  EXPECT_EQ(ReadFileText(root_ + "/env"),
            absl::StrCat("PAT<<", delimiter, "\nabc\n", delimiter, "\n"));
}

// Known before anything is minted, and again with the secret in hand: then
// nothing of it is printed.
TEST_F(OutputsTest, RefuseOutsideOfTheirCi) {
  const auto why = [this](const Row& row) {
    const auto sink = Open(row);
    const absl::Status checked = sink->Check(At("job", "PAT"), Soon());
    EXPECT_EQ(Put(*sink, "abc").code(), checked.code());
    EXPECT_EQ(checked.code(), absl::StatusCode::kFailedPrecondition);
    return std::string(checked.message());
  };
  EXPECT_EQ(Open(AzurePipelinesRow())->Check(At("job", "PAT"), Soon()),
            absl::OkStatus());
  EXPECT_EQ(Open(GitHubActionsRow())->Check(At("job", "PAT"), Soon()),
            absl::OkStatus());
  variables_["GITHUB_OUTPUT"] = root_ + "/gone";
  EXPECT_EQ(why(GitHubActionsRow()),
            absl::StrCat("sink \"ci\": cannot open \"", root_,
                         "/gone\": No such file or directory. Create its "
                         "directory first."));
  variables_["GITHUB_OUTPUT"] = root_;
  EXPECT_NE(why(GitHubActionsRow()).find("Is a directory"), std::string::npos);
  fs::create_symlink(root_ + "/output", root_ + "/link");
  variables_["GITHUB_OUTPUT"] = root_ + "/link";
  EXPECT_NE(why(GitHubActionsRow()).find("cannot open"), std::string::npos);
  variables_.erase("GITHUB_OUTPUT");
  EXPECT_EQ(why(GitHubActionsRow()),
            "sink \"ci\": the runner has not set GITHUB_OUTPUT");
  variables_ = {{"GITHUB_OUTPUT", root_ + "/output"}};
  EXPECT_EQ(why(GitHubActionsRow()),
            "sink \"ci\": this is not a job of GitHub Actions (GITHUB_ACTIONS "
            "is not \"true\"), so the secret would only be printed. Apply in "
            "the workflow, or deliver to another sink");
  EXPECT_EQ(why(AzurePipelinesRow()),
            "sink \"ci\": this is not a job of Azure Pipelines (TF_BUILD is "
            "not set), so the secret would only be printed. Apply in the "
            "pipeline, or deliver to another sink");
  EXPECT_EQ(printed_, "");
  EXPECT_EQ(ReadFileText(root_ + "/output"), "");
}

TEST_F(OutputsTest, RefuseWhatCannotBePrinted) {
  for (const Row& row : {AzurePipelinesRow(), GitHubActionsRow()}) {
    const auto sink = Open(row);
    for (const char* value : {"", "two\nlines", "a\rb", "a\x01"}) {
      EXPECT_EQ(Put(*sink, value),
                absl::FailedPreconditionError(
                    "sink \"ci\": the secret is not one line of text; encoding "
                    "= \"base64\" makes it one"));
    }
    print_ = absl::FailedPreconditionError("standard output is a file");
    EXPECT_EQ(sink->Check(At("job", "PAT"), Soon()),
              absl::FailedPreconditionError(
                  "sink \"ci\": standard output is a file"));
    EXPECT_FALSE(Put(*sink, "abc").ok());
    print_ = absl::OkStatus();
  }
  EXPECT_EQ(printed_, "");
  EXPECT_EQ(ReadFileText(root_ + "/output"), "");
}

TEST_F(OutputsTest, AreSilent) {
  for (const Row& row : {AzurePipelinesRow(), GitHubActionsRow()}) {
    variables_.clear();
    EXPECT_FALSE(row.type.can.keeps_record);
    const auto sink = Open(row);
    const auto reader = row.open_reader({config_, nullptr, machine_});
    EXPECT_EQ(Show(sink->Read(At("job", "PAT"), Soon())), "silent");
    EXPECT_EQ(Show((*reader)->Read(At("job", "PAT"), Soon())), "silent");
    EXPECT_EQ(sink->Remove(At("job", "PAT"), "", Soon()).code(),
              absl::StatusCode::kNotFound);
    EXPECT_EQ(row.type.place.at_fault("job"), "");
    EXPECT_NE(row.type.place.at_fault("a"), "");
    EXPECT_EQ(row.type.place.key_fault("NUGET_PAT"), "");
  }
  for (const char* key : {"System_AccessToken", "BUILD_ID", "Path"}) {
    EXPECT_NE(AzurePipelinesRow().type.place.key_fault(key), "") << key;
  }
  for (const char* key : {"GITHUB_TOKEN", "RUNNER_OS", "NODE_OPTIONS"}) {
    EXPECT_NE(GitHubActionsRow().type.place.key_fault(key), "") << key;
  }
}

}  // namespace
}  // namespace patform::sinks
