#include "providers/entra/token_store.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "absl/strings/str_join.h"
#include "tests/providers/entra/keeping.h"

namespace patform::entra {
namespace {

class TokenStoreTest : public testing::Test {
 protected:
  std::unique_ptr<TokenStore> Make(const std::string& which, bool bus = true) {
    TokenStoreNeeds needs;
    needs.files = &files_;
    needs.programs = &programs_;
    needs.has_session_bus = bus;
    absl::StatusOr<std::unique_ptr<TokenStore>> made =
        MakeTokenStore(which, needs);
    EXPECT_TRUE(made.ok()) << made.status();
    return *std::move(made);
  }
  static std::string Show(const absl::StatusOr<std::optional<Secret>>& read) {
    if (!read.ok()) return std::string(read.status().message());
    return *read ? std::string((*read)->Reveal()) : "nothing";
  }

  FakeStateFiles files_;
  ScriptedPrograms programs_;
  const Deadline soon_ = Deadline::max();
};

TEST_F(TokenStoreTest, TheKeyNamesEachOfThem) {
  EXPECT_EQ(absl::StrJoin(TokenStoreKey().choices, " "),
            "auto secret-service file none");
  EXPECT_EQ(MakeTokenStore("disk", {}).status(),
            absl::InvalidArgumentError(
                "[auth] `cache` is \"disk\"; expected one of auto, "
                "secret-service, file, none"));
}

TEST_F(TokenStoreTest, AFile) {
  const auto store = Make("file");
  EXPECT_EQ(Show(store->Read("aa", soon_)), "nothing");
  EXPECT_TRUE(store->Write("aa", "label", Secret("text"), soon_).ok());
  EXPECT_EQ(files_.files,
            (std::map<std::string, std::string>{{"aa.json", "text"}}));
  EXPECT_EQ(Show(store->Read("aa", soon_)), "text");
  EXPECT_EQ(store->PlaceOf("aa"), "/state/patform/aa….json");
  EXPECT_TRUE(store->Remove("aa", soon_).ok());
  EXPECT_TRUE(absl::IsNotFound(store->Remove("aa", soon_)));
  EXPECT_EQ(programs_.Lines(), "");
}

// The secret goes through the standard streams: words can be seen by everybody
// on the machine.
TEST_F(TokenStoreTest, TheDesktop) {
  const auto store = Make("secret-service");
  programs_.Answer(1, "");
  EXPECT_EQ(Show(store->Read("aa", soon_)), "nothing");
  programs_.Answer(0, "");
  EXPECT_TRUE(store->Write("aa", "a label", Secret("text"), soon_).ok());
  programs_.Answer(0, "text");
  EXPECT_EQ(Show(store->Read("aa", soon_)), "text");
  programs_.Answer(0, "text");
  programs_.Answer(0, "");
  EXPECT_TRUE(store->Remove("aa", soon_).ok());
  programs_.Answer(1, "");
  EXPECT_TRUE(absl::IsNotFound(store->Remove("aa", soon_)));
  EXPECT_EQ(programs_.Lines(),
            "secret-tool lookup application patform sign-in aa\n"
            "secret-tool store --label=a label application patform sign-in aa "
            "< text\n"
            "secret-tool lookup application patform sign-in aa\n"
            "secret-tool lookup application patform sign-in aa\n"
            "secret-tool clear application patform sign-in aa\n"
            "secret-tool lookup application patform sign-in aa");
  EXPECT_EQ(store->PlaceOf("aa"), "the desktop's Secret Service");
  EXPECT_TRUE(files_.files.empty());
}

TEST_F(TokenStoreTest, ADesktopThatCannotBeUsed) {
  const auto store = Make("secret-service");
  programs_.Answer(1, "", "secret-tool: Cannot autolaunch D-Bus\nmore\n");
  EXPECT_EQ(Show(store->Read("aa", soon_)),
            "the desktop's Secret Service cannot be used: secret-tool: Cannot "
            "autolaunch D-Bus. Unlock or start it, or set [auth] cache = "
            "\"file\"");
  programs_.script.emplace_back(absl::NotFoundError("no program"));
  EXPECT_EQ(Show(store->Read("aa", soon_)),
            "secret-tool is not installed, by which patform reaches the "
            "desktop's Secret Service. Install it (Debian: libsecret-tools), "
            "or set [auth] cache = \"file\"");
}

TEST_F(TokenStoreTest, AutoTakesTheDesktopWhereThereIsOne) {
  const auto store = Make("auto");
  files_.files["aa.json"] = "older";
  programs_.Answer(0, "");
  EXPECT_TRUE(store->Write("aa", "l", Secret("text"), soon_).ok());
  EXPECT_TRUE(files_.files.empty());  // one copy
  EXPECT_EQ(store->PlaceOf("aa"), "the desktop's Secret Service");
  programs_.Answer(0, "text");
  EXPECT_EQ(Show(store->Read("aa", soon_)), "text");
}

TEST_F(TokenStoreTest, AutoFallsBackToAFile) {
  const auto store = Make("auto");
  programs_.Answer(1, "", "no such name\n");
  EXPECT_TRUE(store->Write("aa", "l", Secret("text"), soon_).ok());
  EXPECT_EQ(store->PlaceOf("aa"), "/state/patform/aa….json");
  programs_.Answer(1, "", "no such name\n");
  EXPECT_EQ(Show(store->Read("aa", soon_)), "text");
  // The service runs now, and does not have it.
  programs_.Answer(1, "");
  EXPECT_EQ(Show(store->Read("aa", soon_)), "text");
  programs_.Answer(1, "");
  EXPECT_TRUE(store->Remove("aa", soon_).ok());
  EXPECT_TRUE(files_.files.empty());
}

TEST_F(TokenStoreTest, AutoStartsNoBusOfItsOwn) {
  const auto store = Make("auto", /*bus=*/false);
  EXPECT_TRUE(store->Write("aa", "l", Secret("text"), soon_).ok());
  EXPECT_EQ(Show(store->Read("aa", soon_)), "text");
  EXPECT_EQ(programs_.Lines(), "");
}

TEST_F(TokenStoreTest, ASignalIsNoReasonForAFile) {
  const auto store = Make("auto");
  programs_.script.emplace_back(absl::CancelledError("interrupted"));
  EXPECT_TRUE(
      absl::IsCancelled(store->Write("aa", "l", Secret("text"), soon_)));
  EXPECT_TRUE(files_.files.empty());
}

TEST_F(TokenStoreTest, NoneKeepsNothing) {
  const auto store = Make("none");
  EXPECT_EQ(store->Write("aa", "l", Secret("text"), soon_),
            absl::InvalidArgumentError(
                "[auth] `cache` is \"none\", so that no sign-in is kept on "
                "this machine. Put it where a pipeline reads it, with --seed "
                "SINK:PLACE, or remove that line"));
  EXPECT_EQ(Show(store->Read("aa", soon_)), "nothing");
  EXPECT_TRUE(absl::IsNotFound(store->Remove("aa", soon_)));
}

}  // namespace
}  // namespace patform::entra
