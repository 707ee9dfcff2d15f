#include "engine/comment/publish.h"

#include <gtest/gtest.h>

#include "absl/strings/str_join.h"
#include "tests/fakes/fake_pull_request.h"

namespace patform {
namespace {

constexpr char kMarker[] = "<!-- ours -->";

class PublishTest : public ::testing::Test {
 protected:
  // The calls that were made, and what came of them.
  std::string Run(bool worth = true) {
    host_.log.clear();
    const absl::StatusOr<Published> published =
        Publish(host_, {kMarker, body_, "", worth}, status_, Deadline());
    std::string text = absl::StrJoin(host_.log, ", ");
    if (!published.ok()) {
      return absl::StrCat(text, ": ", published.status().ToString());
    }
    static constexpr const char* kWords[] = {"nothing", "posted", "edited"};
    return absl::StrCat(text, ": ",
                        kWords[static_cast<int>(published->comment)],
                        published->exists ? "" : ", none there",
                        published->status_changed ? ", status" : "");
  }
  int Ours() const {
    return static_cast<int>(OurComments(host_.comments, kMarker).size());
  }

  FakePullRequest host_;
  std::string body_ = absl::StrCat(kMarker, "\none");
  std::optional<PullRequestStatus> status_;
};

TEST_F(PublishTest, OneCommentThroughTheLifeOfAPullRequest) {
  host_.comments = {{"1", "hello", false},
                    {"2", absl::StrCat(kMarker, " quoted"), false}};
  EXPECT_EQ(Run(false), "list: nothing, none there");
  EXPECT_EQ(Run(), "list, post, list: posted");
  EXPECT_EQ(Run(), "list: nothing");
  body_ += " and more";
  EXPECT_EQ(Run(), "list, edit 101: edited");
  EXPECT_EQ(Run(), "list: nothing");
  body_ = absl::StrCat(kMarker, "\nno changes");
  EXPECT_EQ(Run(false), "list, edit 101: edited");
  EXPECT_EQ(host_.comments[1].body, absl::StrCat(kMarker, " quoted"));
  EXPECT_EQ(host_.comments[2].body, body_);
}

TEST_F(PublishTest, TheStatusComesAfterTheComment) {
  status_ = PullRequestStatus{"w", PullRequestStatus::State::kFailed, "bad"};
  EXPECT_EQ(Run(), "list, post, list, status bad: posted, status");
  EXPECT_EQ(Run(), "list, status bad: nothing");
  host_.misfortunes = {{"list", absl::PermissionDeniedError("no")}};
  EXPECT_EQ(Run(), "list: PERMISSION_DENIED: no");
  host_.misfortunes = {{"status", absl::UnavailableError("later")}};
  EXPECT_EQ(Run(), "list, status bad: UNAVAILABLE: later");
}

TEST_F(PublishTest, LostAnswers) {
  const absl::Status lost = absl::UnknownError("lost");
  // It was done.
  host_.misfortunes = {{"post", lost, true}};
  EXPECT_EQ(Run(), "list, post, list: posted");
  EXPECT_EQ(Ours(), 1);
  // It was not done.
  host_.comments.clear();
  host_.misfortunes = {{"post", lost, false}};
  EXPECT_EQ(Run(), "list, post, list, post, list: posted");
  EXPECT_EQ(Ours(), 1);
  // It was not done, twice.
  host_.comments.clear();
  host_.misfortunes = {{"post", lost, false}, {"post", lost, false}};
  EXPECT_EQ(Run(), "list, post, list, post, list: UNKNOWN: lost");
  EXPECT_EQ(Ours(), 0);
  // It was done, and looking for it fails.
  host_.misfortunes = {{"post", lost, true},
                       {"list", absl::UnavailableError("down")}};
  EXPECT_EQ(Run(),
            "list, post, list: UNKNOWN: the comment may have been posted, and "
            "looking for it failed; the next run finds it: lost");
  EXPECT_EQ(Run(), "list: nothing");
  // A refusal is no lost answer.
  host_.comments.clear();
  host_.misfortunes = {{"post", absl::PermissionDeniedError("no")}};
  EXPECT_EQ(Run(), "list, post: PERMISSION_DENIED: no");
}

TEST_F(PublishTest, LostAnswerWithAnotherRunsComment) {
  host_.misfortunes = {{"post", absl::UnknownError("lost"), true}};
  host_.sneak_in = {{"50", absl::StrCat(kMarker, "\nolder"), true}};
  EXPECT_EQ(Run(), "list, post, list, remove 101, edit 50: posted");
  EXPECT_EQ(Ours(), 1);
}

TEST_F(PublishTest, TwoRunsAtOnceLeaveOne) {
  host_.sneak_in = {{"50", absl::StrCat(kMarker, "\nof the other run"), true}};
  EXPECT_EQ(Run(), "list, post, list, remove 101, edit 50: posted");
  EXPECT_EQ(Ours(), 1);
  EXPECT_EQ(host_.comments[0].id, "50");
  // Both saw two, and the other run was faster.
  host_.comments.clear();
  host_.sneak_in = {{"50", body_, true}};
  host_.misfortunes = {{"remove", absl::NotFoundError("gone")}};
  EXPECT_EQ(Run(), "list, post, list, remove 102: posted");
  // What a list did not show in time is taken back by the next run.
  const std::string old = absl::StrCat(kMarker, "\nold");
  host_.comments = {{"50", old, true}, {"51", old, true}};
  EXPECT_EQ(Run(), "list, remove 51, edit 50: edited");
  // What says something else is left to whoever wrote it.
  host_.comments = {{"50", body_, true},
                    {"51", absl::StrCat(kMarker, "\nother"), true}};
  EXPECT_EQ(Run(), "list: nothing");
}

}  // namespace
}  // namespace patform
