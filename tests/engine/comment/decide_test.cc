#include "engine/comment/decide.h"

#include <gtest/gtest.h>

#include "tests/fakes/world.h"

namespace patform {
namespace {

using What = CommentDecision::What;

constexpr char kMarker[] = "<!-- patform w -->";
constexpr char kUrl[] = "https://ci.example/runs/41";

std::string Body(const std::string& url, const std::string& words) {
  return absl::StrCat(kMarker, "\n## ", words, "\n[run](", url, ") · [again](",
                      url, ")\n");
}

struct Row {
  const char* name;
  std::vector<PullRequestComment> comments;
  bool worth;
  What what;
  const char* id;
};

TEST(Decide, Table) {
  const std::string body = Body(kUrl, "1 to create");
  const std::string other = Body(kUrl, "2 to create");
  const Row rows[] = {
      {"none there", {}, true, What::kPost, ""},
      {"none there, nothing to say", {}, false, What::kNothing, ""},
      {"the same", {{"1", body, true}}, true, What::kNothing, "1"},
      {"another", {{"1", other, true}}, true, What::kEdit, "1"},
      {"nothing to say is said where something was",
       {{"1", other, true}},
       false,
       What::kEdit,
       "1"},
      {"the oldest of several",
       {{"1", "hello", true}, {"2", other, true}, {"3", body, true}},
       true,
       What::kEdit,
       "2"},
      {"somebody quotes the marker at the start",
       {{"1", body, false}},
       true,
       What::kPost,
       ""},
      {"we quote it further down",
       {{"1", "> " + body, true}, {"2", "\n" + body, true}},
       true,
       What::kPost,
       ""},
      {"another workspace's",
       {{"1", "<!-- patform w2 -->\n", true}},
       true,
       What::kPost,
       ""},
      {"of another run",
       {{"1", Body("https://ci.example/runs/40", "1 to create"), true}},
       true,
       What::kNothing,
       "1"},
      {"of another run, with a longer number",
       {{"1", Body("https://ci.example/runs/1000", "1 to create"), true}},
       true,
       What::kNothing,
       "1"},
      {"of two runs",
       {{"1",
         absl::StrCat(kMarker,
                      "\n## 1 to create\n[run](https://ci.example/runs/1) · "
                      "[again](https://ci.example/runs/2)\n"),
         true}},
       true,
       What::kEdit,
       "1"},
      {"somebody edited the link",
       {{"1", Body("https://evil.example/runs/41", "1 to create"), true}},
       true,
       What::kEdit,
       "1"},
      {"the host's line ends",
       {{"1",
         absl::StrCat(kMarker, "\r\n## 1 to create\r\n[run](", kUrl,
                      ") · [again](", kUrl, ")"),
         true}},
       true,
       What::kNothing,
       "1"},
  };
  for (const Row& row : rows) {
    const CommentDecision decision =
        DecideComment(row.comments, {kMarker, body, kUrl, row.worth});
    EXPECT_EQ(static_cast<int>(decision.what), static_cast<int>(row.what))
        << row.name;
    EXPECT_EQ(decision.id, row.id) << row.name;
  }
}

TEST(Decide, WithoutALink) {
  const CommentText text{kMarker, Body("", "x"), "", true};
  EXPECT_TRUE(SaysTheSame(Body("", "x"), text));
  EXPECT_FALSE(SaysTheSame(Body("", "y"), text));
  // A link that does not end in a number is compared as it is.
  const CommentText named{kMarker, Body("https://ci/run", "x"),
                          "https://ci/run", true};
  EXPECT_TRUE(SaysTheSame(Body("https://ci/run", "x"), named));
  EXPECT_FALSE(SaysTheSame(Body("https://ci/run2", "x"), named));
}

TEST(PlanStatus, ByThePlan) {
  FakeWorld world;
  world.AddSink("main");
  world.Declare("ci", {"main:ci"});
  world.desired.workspace = "prod";
  Plan plan = world.PlanNow();
  const auto said = [&plan] {
    const PullRequestStatus status = StatusOf(plan);
    EXPECT_EQ(status.name, "prod");
    return absl::StrCat(static_cast<int>(status.state), " ",
                        status.description);
  };
  EXPECT_EQ(said(),
            "0 Plan: 1 to create, 0 to update, 0 to rotate, 0 to revoke.");
  EXPECT_TRUE(WorthPosting(plan));
  plan.findings.push_back(
      {"max_lifetime", "token.ci", "too long", "", {}, Severity::kWarning});
  EXPECT_EQ(said(),
            "0 Plan: 1 to create, 0 to update, 0 to rotate, 0 to revoke.");
  plan.changes.deferred.push_back({"token.ci", "contoso", "unreadable"});
  EXPECT_EQ(said(),
            "2 Plan: 1 to create, 0 to update, 0 to rotate, 0 to revoke. "
            "Incomplete: 1 token could not be decided.");
  plan.findings.push_back({"max_lifetime", "token.ci", "too long"});
  EXPECT_EQ(said(),
            "1 Plan: 1 to create, 0 to update, 0 to rotate, 0 to revoke. "
            "Forbidden by 1 rule.");
  world.Run();
  plan = world.PlanNow();
  EXPECT_EQ(said(), "0 No changes.");
  EXPECT_FALSE(WorthPosting(plan));
}

}  // namespace
}  // namespace patform
