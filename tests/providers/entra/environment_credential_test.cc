#include "providers/entra/environment_credential.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"

namespace patform::entra {
namespace {

absl::StatusOr<Secret> NoFile(const std::string&) {
  return absl::NotFoundError("no file");
}

// The credential when PATFORM_ACCESS_TOKEN is `value`.
absl::StatusOr<Secret> BearerOf(const std::optional<std::string>& value) {
  EnvironmentCredential credential(
      [&](const std::string& name) {
        return name == "PATFORM_ACCESS_TOKEN" ? value : std::nullopt;
      },
      NoFile);
  return credential.Bearer(Deadline());
}

TEST(EnvironmentCredential, GivesTheValueAsItIs) {
  const absl::StatusOr<Secret> bearer = BearerOf("not.a.real~token+/=");
  ASSERT_TRUE(bearer.ok()) << bearer.status();
  EXPECT_EQ(bearer->Reveal(), "not.a.real~token+/=");
}

TEST(EnvironmentCredential, SaysHowToGetOne) {
  for (const auto& value :
       {std::optional<std::string>(), std::optional<std::string>("")}) {
    EXPECT_EQ(
        BearerOf(value).status(),
        absl::UnauthenticatedError(
            "no credential: PATFORM_ACCESS_TOKEN is not set. It takes a "
            "Microsoft Entra access token of a user for Azure DevOps, for "
            "example from: az account get-access-token --resource "
            "499b84ac-1321-427f-aa17-267ca6975798 --query accessToken -o "
            "tsv"));
  }
}

TEST(EnvironmentCredential, RefusesWhatIsNoTokenAndDoesNotShowIt) {
  const std::string kOther =
      "contains a space, a line break or another character that an access "
      "token never contains";
  const std::string kQuoted =
      "has quotation marks around it, which az prints without -o tsv";
  const std::string kVariable =
      "is the name of a variable, such as $(NAME), that nothing has replaced "
      "by its value";
  const std::string kNothing =
      "is a word for \"nothing\": the command that should have printed the "
      "token printed none";
  const std::string kMark =
      "begins with a byte order mark, as Windows PowerShell's > writes it";
  const struct {
    std::string value;
    std::string want;
  } kCases[] = {
      {"token\n", kOther},
      {"to ken", kOther},
      {"token\r\nX: y", kOther},
      {"tok\xc3\xa9n", kOther},
      {"tok\x7f", kOther},
      {"\ttoken", kOther},
      {"<token>", kOther},
      {"\"token\"", kQuoted},
      {"'token'", kQuoted},
      {"token\"", kQuoted},
      {"\xe2\x80\x9ctoken\xe2\x80\x9d", kQuoted},
      {"$(ADO_BEARER)", kVariable},
      {"${{ secrets.BEARER }}", kVariable},
      {"$BEARER", kVariable},
      {"%BEARER%", kVariable},
      {"{{ bearer }}",
       "is JSON, which az prints without --query accessToken -o "
       "tsv"},
      {"{\"accessToken\": \"token\"}",
       "is JSON, which az prints without --query accessToken -o tsv"},
      {"Bearer token", "begins with the word Bearer"},
      {"bearer token", "begins with the word Bearer"},
      {"token\\n", "contains a backslash, as in an escaped line break"},
      {"null", kNothing},
      {"None", kNothing},
      {"undefined", kNothing},
      {"\xef\xbb\xbftoken", kMark},
      {"\xff\xfet", kMark},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(BearerOf(c.value).status(),
              absl::UnauthenticatedError(absl::StrCat(
                  "PATFORM_ACCESS_TOKEN ", c.want,
                  ". It must be the token and nothing else, without quotes "
                  "(the value is not shown)")))
        << c.value;
  }
}

TEST(EnvironmentCredential, AsksAnewAfterARefusal) {
  std::string value = "first";
  EnvironmentCredential credential(
      [&](const std::string& name) {
        return name == "PATFORM_ACCESS_TOKEN"
                   ? std::optional<std::string>(value)
                   : std::nullopt;
      },
      NoFile);
  const absl::StatusOr<Secret> first = credential.Bearer(Deadline());
  ASSERT_TRUE(first.ok());
  credential.Refused(*first);
  value = "second";
  const absl::StatusOr<Secret> second = credential.Bearer(Deadline());
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->Reveal(), "second");
}

// The credential of a file, whose content is `text`.
class TokenFileTest : public ::testing::Test {
 protected:
  std::string Read() {
    const absl::StatusOr<Secret> bearer = credential_.Bearer(Deadline());
    if (bearer.ok()) return std::string(bearer->Reveal());
    EXPECT_EQ(bearer.status().code(), absl::StatusCode::kUnauthenticated);
    return std::string(bearer.status().message());
  }

  absl::StatusOr<std::string> text_ = std::string();
  int reads_ = 0;
  std::optional<std::string> value_;
  EnvironmentCredential credential_{
      [this](const std::string& name) {
        return name == "PATFORM_ACCESS_TOKEN_FILE" ? "/run/\x1b" : value_;
      },
      [this](const std::string& path) -> absl::StatusOr<Secret> {
        ++reads_;
        EXPECT_EQ(path, "/run/\x1b");
        if (!text_.ok()) return text_.status();
        return Secret(*text_);
      }};
};

TEST_F(TokenFileTest, IsReadAgainOnceItIsRefused) {
  text_ = "first\r\n";
  EXPECT_EQ(Read(), "first");
  text_ = "second";
  EXPECT_EQ(Read(), "first");
  EXPECT_EQ(reads_, 1);
  credential_.Refused(Secret("first"));
  EXPECT_EQ(Read(), "second");
  // A thread that is late with the first one does not undo that.
  credential_.Refused(Secret("first"));
  EXPECT_EQ(Read(), "second");
  EXPECT_EQ(reads_, 2);
}

TEST_F(TokenFileTest, Troubles) {
  EXPECT_EQ(Read(),
            "the file of PATFORM_ACCESS_TOKEN_FILE (/run/\\x1b) is empty: "
            "whatever keeps it fresh has not signed in yet");
  text_ = "two\nlines\n";
  EXPECT_EQ(Read(),
            "the file of PATFORM_ACCESS_TOKEN_FILE contains a space, a line "
            "break or another character that an access token never contains. "
            "It must be the token and nothing else, without quotes (the value "
            "is not shown)");
  text_ = absl::NotFoundError("cannot read /run/\\x1b");
  EXPECT_EQ(Read(),
            "the access token of PATFORM_ACCESS_TOKEN_FILE cannot be read: "
            "cannot read /run/\\x1b");
  value_ = "another";
  EXPECT_EQ(Read(),
            "PATFORM_ACCESS_TOKEN and PATFORM_ACCESS_TOKEN_FILE are both set, "
            "and could be two users' tokens: unset one");
}

}  // namespace
}  // namespace patform::entra
