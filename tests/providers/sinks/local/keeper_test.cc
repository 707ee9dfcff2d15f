// Both local sinks as places that a sign-in is kept in.
#include <sys/stat.h>

#include "absl/time/clock.h"
#include "providers/sinks/local/dotenv_text.h"
#include "providers/sinks/sinks.h"
#include "tests/providers/sinks/testing.h"

namespace patform::sinks {
namespace {

using Code = absl::StatusCode;

class KeeperTest : public TempDirTest,
                   public testing::WithParamInterface<const char*> {
 protected:
  void SetUp() override {
    TempDirTest::SetUp();
    config_.name = "s";
    config_.type = GetParam();
    config_.settings["path"] = root_;
    keeper_ = KnownSinks().OpenKeeper(config_).value();
  }
  bool dotenv() const { return config_.type == "dotenv"; }
  Delivery place() const {
    return dotenv() ? At("ci/.env", "REFRESH") : At("ci/refresh");
  }
  std::string Path() const { return root_ + "/" + place().at; }
  // What the place looks like with `value` in it and nothing else.
  void WriteByHand(const std::string& value) {
    fs::create_directories(root_ + "/ci");
    fs::permissions(root_, fs::perms::owner_all);
    fs::permissions(root_ + "/ci", fs::perms::owner_all);
    WriteFileText(
        Path(), dotenv() ? "A=1\nREFRESH=" + value + "\nB=2\n" : value + "\n");
    chmod(Path().c_str(), 0600);
  }
  std::string Read() {
    const auto kept = keeper_->Read(place(), Soon());
    if (!kept.ok()) return kept.status().ToString();
    version_ = kept->version;
    written_at_ = kept->written_at;
    return std::string(kept->value.Reveal());
  }
  absl::Status Replace(const std::string& value, const std::string& expected) {
    return keeper_->Replace(place(), Secret(value), expected, Soon());
  }

  SinkConfig config_;
  std::unique_ptr<SecretKeeper> keeper_;
  std::string version_;
  absl::Time written_at_;
};

INSTANTIATE_TEST_SUITE_P(Local, KeeperTest, testing::Values("dotenv", "file"));

TEST_P(KeeperTest, SeedsReadsAndReplaces) {
  EXPECT_EQ(keeper_->Read(place(), Soon()).status().code(), Code::kNotFound);
  ASSERT_EQ(Replace("1.first", ""), absl::OkStatus());
  EXPECT_EQ(Read(), "1.first");
  EXPECT_LT(absl::AbsDuration(absl::Now() - written_at_), absl::Minutes(1));
  EXPECT_EQ(ModeOf(Path()), 0600u);
  ASSERT_EQ(Replace("1.second", version_), absl::OkStatus());
  EXPECT_EQ(Read(), "1.second");
  EXPECT_EQ(FilesWith("1.first"), "");
  EXPECT_EQ(FilesWith("1.second"), place().at);
}

TEST_P(KeeperTest, KeepsWhatAnotherRunWrote) {
  ASSERT_EQ(Replace("1.first", ""), absl::OkStatus());
  EXPECT_EQ(Read(), "1.first");
  const std::string before = version_;
  ASSERT_EQ(Replace("1.theirs", before), absl::OkStatus());
  EXPECT_EQ(Replace("1.ours", before).code(), Code::kAborted);
  EXPECT_EQ(Replace("1.ours", "").code(), Code::kAborted);
  EXPECT_EQ(Read(), "1.theirs");
}

TEST_P(KeeperTest, ReadsWhatSomebodyPutThereByHand) {
  WriteByHand("0.AbC-_.x");
  EXPECT_EQ(Read(), "0.AbC-_.x");
  // Only a file that holds nothing else tells when it was written.
  EXPECT_EQ(written_at_ == absl::InfinitePast(), dotenv());
  ASSERT_EQ(Replace("1.next", version_), absl::OkStatus());
  EXPECT_EQ(Read(), "1.next");
  EXPECT_LT(absl::AbsDuration(absl::Now() - written_at_), absl::Minutes(1));
  if (!dotenv()) return;
  const std::string text = ReadFileText(Path());
  EXPECT_EQ(
      text,
      absl::StrCat("A=1\n# patform: {\"key\":\"REFRESH\",\"kept\":\"",
                   FormatInstant(written_at_), "\"}\nREFRESH=1.next\nB=2\n"));
}

TEST_P(KeeperTest, AnEmptyPlaceHasNothing) {
  WriteByHand("");
  EXPECT_EQ(keeper_->Read(place(), Soon()).status().code(), Code::kNotFound);
}

TEST_P(KeeperTest, WhatOthersCanReadIsNoSecret) {
  WriteByHand("1.first");
  chmod(Path().c_str(), 0644);
  EXPECT_EQ(std::string(keeper_->Read(place(), Soon()).status().message()),
            absl::StrCat("\"", Path(),
                         "\" is open to other users (mode 0644) and would hold "
                         "a secret. Run: chmod 600 \"",
                         Path(), "\""));
}

TEST_P(KeeperTest, TheSecretOfATokenIsNoSignIn) {
  const auto sink = KnownSinks().Open(config_, AuthConfig()).value();
  ASSERT_TRUE(
      sink->Put(place(), Secret(FakeToken(1)), RecordOf(1, place()), "", Soon())
          .ok());
  const absl::Status got = keeper_->Read(place(), Soon()).status();
  EXPECT_EQ(got.code(), Code::kFailedPrecondition);
  EXPECT_NE(got.message().find("is the secret of a token"), got.message().npos)
      << got;
}

// And a sign-in is not a token's secret: a delivery keeps its hands off.
TEST_P(KeeperTest, ASignInIsForeignToDeliveries) {
  ASSERT_EQ(Replace("1.first", ""), absl::OkStatus());
  const auto reader = KnownSinks().OpenReader(config_, AuthConfig()).value();
  EXPECT_EQ(Show(reader->Read(place(), Soon())), "foreign");
}

TEST(DotenvKeeper, QuotesThatSomebodyWroteAreNotPartOfIt) {
  const auto text =
      DotenvText::Parse("R=\"1.a\"\nS='1.b' # c\nT=1.c\r\nU=\"\n\"\n", "f");
  ASSERT_TRUE(text.ok());
  EXPECT_EQ(text->ReadKept("R")->value.Reveal(), "1.a");
  EXPECT_EQ(text->ReadKept("S")->value.Reveal(), "1.b");
  EXPECT_EQ(text->ReadKept("T")->value.Reveal(), "1.c");
  EXPECT_EQ(text->ReadKept("X").status(),
            absl::NotFoundError("\"f\" has no value of X"));
}

}  // namespace
}  // namespace patform::sinks
