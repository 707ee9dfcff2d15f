#include "providers/azure_devops/pat_api.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "engine/base/clock.h"

namespace patform::azure_devops {
namespace {

constexpr char kId[] = "4ab5405f-9d4f-4cc1-a4cb-a2a4a3ae3a85";

std::string Token(const std::string& name, const std::string& accounts) {
  return absl::StrCat("{\"displayName\":\"", name,
                      "\",\"validTo\":\"2026-12-24T00:00:00.32Z\",\"scope\":"
                      "\"vso.packaging vso.code\",\"targetAccounts\":",
                      accounts,
                      ",\"validFrom\":\"2026-11-23T10:00:00.1033333Z\","
                      "\"authorizationId\":\"",
                      kId, "\",\"token\":null}");
}

std::string Page(const std::string& tokens, const std::string& next = "\"\"") {
  return absl::StrCat("{\"continuationToken\":", next, ",\"patTokens\":[",
                      tokens, "]}");
}

std::string Dump(const ActualToken& token) {
  return absl::StrCat(
      token.id.Short(), "|", token.display_name, "|", token.scopes.text(), "|",
      FormatInstant(token.valid_from), "|", FormatInstant(token.valid_to), "|",
      token.all_organizations ? "all" : "one", "|", Word(token.state));
}

TEST(ParseInstantTest, Table) {
  const struct {
    const char *text, *want;
  } rows[] = {
      {"2026-11-23T10:00:00Z", "2026-11-23T10:00:00Z"},
      {"2026-11-23T10:00:00", "2026-11-23T10:00:00Z"},
      {"2026-11-23T10:00:00.1Z", "2026-11-23T10:00:00.1Z"},
      {"2026-11-23T10:00:00.1033333Z", "2026-11-23T10:00:00.1033333Z"},
      {"2026-11-23T10:00:00.1033333", "2026-11-23T10:00:00.1033333Z"},
      {"2026-11-23T10:00:00.123456789Z", "2026-11-23T10:00:00.123456789Z"},
      {"2026-11-23T10:00:00+02:00", "2026-11-23T08:00:00Z"},
      {"2026-11-23T23:30:00.5-00:45", "2026-11-24T00:15:00.5Z"},
      {"2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"},
      {"0001-01-01T00:00:00", "0001-01-01T00:00:00Z"},
      {"9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.9999999Z"},
      {"2026-02-29T00:00:00Z", "none"},
      {"2026-13-01T00:00:00Z", "none"},
      {"2026-00-01T00:00:00Z", "none"},
      {"2026-01-00T00:00:00Z", "none"},
      {"2026-01-01T24:00:00Z", "none"},
      {"2026-01-01T00:60:00Z", "none"},
      {"2026-01-01T00:00:60Z", "none"},
      {"0000-01-01T00:00:00Z", "none"},
      {"2026-01-01T00:00:00.Z", "none"},
      {"2026-01-01T00:00:00.1234567890Z", "none"},
      {"2026-01-01T00:00:00z", "none"},
      {"2026-01-01T00:00:00+24:00", "none"},
      {"2026-01-01T00:00:00+0200", "none"},
      {"2026-01-01T00:00:00Z ", "none"},
      {"2026-01-01 00:00:00Z", "none"},
      {"2026-01-01", "none"},
      {"", "none"},
      {"+026-01-01T00:00:00Z", "none"},
  };
  for (const auto& row : rows) {
    const auto time = ParseInstant(row.text);
    EXPECT_EQ(time ? FormatInstant(*time) : "none", row.want) << row.text;
  }
}

TEST(WriteInstantTest, RoundsDownToMilliseconds) {
  const absl::Time time = absl::FromUnixSeconds(1'795'000'000);
  EXPECT_EQ(WriteInstant(time), "2026-11-18T11:06:40.000Z");
  EXPECT_EQ(WriteInstant(time + absl::Nanoseconds(999'999'999)),
            "2026-11-18T11:06:40.999Z");
}

TEST(ParsePageTest, ReadsAPage) {
  const auto page = ParsePage(
      Page(Token("a \\u0026 b", "[\"2c25a7ab-0000-4000-8000-000000000000\"]") +
               "," + Token("b", "null") + "," + Token("c", "[]"),
           "\"next/+=\""),
      TokenFilter::kRevoked);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->continuation, "next/+=");
  ASSERT_EQ(page->tokens.size(), 3u);
  const std::string dates =
      "|vso.code vso.packaging|2026-11-23T10:00:00.1033333Z|"
      "2026-12-24T00:00:00.32Z|";
  EXPECT_EQ(Dump(page->tokens[0]), "4ab5405f|a & b" + dates + "one|revoked");
  EXPECT_EQ(Dump(page->tokens[1]), "4ab5405f|b" + dates + "all|revoked");
  EXPECT_EQ(Dump(page->tokens[2]), "4ab5405f|c" + dates + "all|revoked");
}

TEST(ParsePageTest, WhatMayBeMissing) {
  const auto empty = ParsePage("{\"patTokens\":[]}", TokenFilter::kActive);
  ASSERT_TRUE(empty.ok());
  EXPECT_EQ(empty->continuation, "");
  EXPECT_TRUE(empty->tokens.empty());
  EXPECT_TRUE(ParsePage("{\"patTokens\":[],\"continuationToken\":null,\"x\":1}",
                        TokenFilter::kActive)
                  .ok());
  const auto bare = ParsePage(
      absl::StrCat("{\"patTokens\":[{\"authorizationId\":\"", kId,
                   "\",\"validFrom\":\"2026-01-01T00:00:00\",\"validTo\":"
                   "\"2026-02-01T00:00:00\",\"displayName\":null,"
                   "\"scope\":null}]}"),
      TokenFilter::kActive);
  ASSERT_TRUE(bare.ok());
  EXPECT_EQ(Dump(bare->tokens[0]),
            "4ab5405f|||2026-01-01T00:00:00Z|2026-02-01T00:00:00Z|all|active");
}

// A page with a member twice has no meaning; what is not read may be there
// as often as it likes.
TEST(ParsePageTest, MembersThatStandTwice) {
  const std::string token = Token("a", "null");
  const std::string twin_of_token =
      absl::StrCat(token.substr(0, token.size() - 1), ",");
  const struct {
    std::string body;
    bool good;
  } rows[] = {
      {"{\"patTokens\":7,\"patTokens\":[]}", false},
      {"{\"patTokens\":[{}],\"p\\u0061tTokens\":[]}", false},
      {"{\"patTokens\":[],\"continuationToken\":7,\"continuationToken\":\"n\"}",
       false},
      {Page(absl::StrCat(twin_of_token, "\"authorizationId\":5}")), false},
      {Page(absl::StrCat(twin_of_token, "\"displayName\":\"b\"}")), false},
      {Page(absl::StrCat(twin_of_token, "\"scope\":\"x\"}")), false},
      {Page(absl::StrCat(twin_of_token, "\"validTo\":null}")), false},
      {Page(absl::StrCat(token, ",", token)), true},
      {Page(absl::StrCat(twin_of_token, "\"x\":1,\"x\":{\"scope\":1}}")), true},
      {absl::StrCat("{\"other\":{\"patTokens\":[[{}]]},\"patTokens\":[", token,
                    "]}"),
       true},
  };
  for (const auto& row : rows) {
    const auto page = ParsePage(row.body, TokenFilter::kActive);
    EXPECT_EQ(page.ok(), row.good) << row.body << page.status();
  }
}

// What stands deeper than a token's own members is not taken for them.
TEST(ParsePageTest, MembersOfMembers) {
  std::string token = Token("a", "null");
  token.insert(1, "\"more\":{\"displayName\":\"b\",\"x\":[{\"scope\":null}]},");
  const auto page = ParsePage(Page(token), TokenFilter::kActive);
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_EQ(page->tokens.size(), 1u);
  EXPECT_EQ(Dump(page->tokens[0]),
            "4ab5405f|a|vso.code vso.packaging|2026-11-23T10:00:00.1033333Z|"
            "2026-12-24T00:00:00.32Z|all|active");
}

TEST(ParsePageTest, WhatMustNotBeMissing) {
  const std::string tail =
      ". The answer cannot be trusted and nothing more was done with it; if "
      "this persists, the API has changed and a newer patform is needed.";
  const std::string no_list = "the answer has no list of tokens (patTokens)";
  const std::string entry = " for entry 1 of the list (\"\")";
  const std::string id = absl::StrCat("\"authorizationId\":\"", kId, "\"");
  const std::string from = ",\"validFrom\":\"2026-01-01T00:00:00Z\"";
  const std::string to = ",\"validTo\":\"2026-01-01T00:00:00Z\"";
  const struct {
    std::string body, want;
  } rows[] = {
      {"", no_list},
      {"<html>", no_list},
      {"[]", no_list},
      {"{}", no_list},
      {"{\"value\":[]}", no_list},
      {"{\"patTokens\":null}", no_list},
      {"{\"patTokens\":[]", no_list},
      {"{\"patTokens\":[]}x", no_list},
      {"{\"patTokens\":" + std::string(100, '['), no_list},
      {"{\"patTokens\":[],\"patTokens\":[]}", "the answer has a member twice"},
      {Page("", "7"), "the answer has no usable continuationToken"},
      {Page("null"), "the answer has no usable members" + entry},
      {Page("[]"), "the answer has no usable members" + entry},
      {Page("{}"), "the answer has no usable authorizationId" + entry},
      {Page("{\"displayName\":\"a\\nb\",\"authorizationId\":\"x\"}"),
       "the answer has no usable authorizationId for entry 1 of the list "
       "(\"a\\nb\")"},
      {Page("{\"authorizationId\":\"00000000-0000-0000-0000-000000000000\"}"),
       "the answer has no usable authorizationId" + entry},
      {Page("{" + id + "}"), "the answer has no usable validFrom" + entry},
      {Page("{" + id + from + "}"), "the answer has no usable validTo" + entry},
      {Page("{" + id + from + ",\"validTo\":\"soon\"}"),
       "the answer has no usable validTo" + entry},
      {Page("{" + id + ",\"validFrom\":\"once\"" + to + "}"),
       "the answer has no usable validFrom" + entry},
      {Page("{\"authorizationId\":5" + from + to + "}"),
       "the answer has no usable authorizationId" + entry},
      {Page("{" + id + from + ",\"validTo\":5}"),
       "the answer has no usable validTo" + entry},
      {Page("{" + id + from + to + ",\"targetAccounts\":\"x\"}"),
       "the answer has no usable targetAccounts" + entry},
  };
  for (const auto& row : rows) {
    const auto page = ParsePage(row.body, TokenFilter::kActive);
    EXPECT_EQ(page.status().code(), absl::StatusCode::kDataLoss) << row.body;
    EXPECT_EQ(page.status().message(), row.want + tail) << row.body;
  }
}

// A page is read by another parser than the answer of one token; the two must
// not disagree on where a token is valid.
TEST(ParsePageTest, ReadsATokenAsASingleAnswerDoes) {
  const std::string id = absl::StrCat("\"", kId, "\"");
  const struct {
    std::string accounts, want;
  } rows[] = {
      {"null", "all of 00000000"},
      {"[]", "all of 00000000"},
      {absl::StrCat("[", id, "]"), "one of 4ab5405f"},
      {absl::StrCat("[", id, ",", id, "]"), "one of 00000000"},
      {absl::StrCat("[[", id, "]]"), "one of 00000000"},
      {absl::StrCat("[{\"targetAccounts\":", id, "}]"), "one of 00000000"},
      {absl::StrCat("[", id, "],\"targetAccounts\":null"), "bad"},
      {absl::StrCat("[", id, "],\"displayName\":\"b\""), "bad"},
      {absl::StrCat("[", id, "],\"authorizationI\\u0064\":", id), "bad"},
      {absl::StrCat("[", id, "],\"x\":[", id, "]"), "one of 4ab5405f"},
      {"[\"contoso\"]", "one of 00000000"},
      {"[7]", "one of 00000000"},
      {"[null]", "one of 00000000"},
      {"7", "bad"},
      {"{}", "bad"},
      {"true", "bad"},
  };
  const auto seen = [](const ActualToken& token) {
    return absl::StrCat(token.all_organizations ? "all of " : "one of ",
                        token.organization_id.Short());
  };
  for (const auto& row : rows) {
    const std::string token = Token("a", row.accounts);
    const auto page = ParsePage(Page(token), TokenFilter::kActive);
    const auto one = ParseResult(
        absl::StrCat("{\"patToken\":", token, ",\"patTokenError\":\"none\"}"));
    EXPECT_EQ(page.ok() ? seen(page->tokens.at(0)) : "bad", row.want)
        << row.accounts;
    EXPECT_EQ(one.ok() ? seen(*one->token) : "bad", row.want) << row.accounts;
  }
}

TEST(ParseResultTest, Results) {
  std::string minted = Token("a", "[\"x\"]");
  minted.replace(minted.find("null}"), 5, "\"not-a-\\u0070at\"}");
  const auto created = ParseResult(absl::StrCat(
      "{\"patToken\":", minted,
      ",\"patTokenError\":\"none\",\"patTokenErrorMessage\":null}"));
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_EQ(created->error, "none");
  EXPECT_EQ(created->secret.Reveal(), "not-a-pat");
  EXPECT_EQ(created->token->display_name, "a");

  const auto read = ParseResult(absl::StrCat(
      "{\"patToken\":", Token("a", "null"), ",\"patTokenError\":0}"));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->error, "none");
  EXPECT_TRUE(read->secret.empty());

  const auto refused = ParseResult(
      "{\"patToken\":null,\"patTokenError\":\"somethingNew\","
      "\"patTokenErrorMessage\":\"why\"}");
  ASSERT_TRUE(refused.ok());
  EXPECT_EQ(refused->error, "somethingNew");
  EXPECT_EQ(refused->message, "why");
  EXPECT_FALSE(refused->token.has_value());

  EXPECT_EQ(ParseResult("{\"patTokenError\":35}")->error,
            "globalPATCreationBlocked");
  EXPECT_EQ(ParseResult("{\"patTokenError\":99}")->error, "number 99");
  // A refusal stays one, whatever stands beside it.
  EXPECT_EQ(ParseResult("{\"patToken\":{},\"patTokenError\":\"accessDenied\"}")
                ->error,
            "accessDenied");
  EXPECT_EQ(
      ParseResult("{\"patToken\":{},\"patTokenError\":\"none\"}")
          .status()
          .message(),
      "the answer has no usable authorizationId for the token. The answer "
      "cannot be trusted and nothing more was done with it; if this persists, "
      "the API has changed and a newer patform is needed.");
  for (const char* body : {"", "{}", "[]", "{\"patTokenError\":null}"}) {
    EXPECT_EQ(ParseResult(body).status().message(),
              "the answer is not a result (no patTokenError). The answer "
              "cannot be trusted and nothing more was done with it; if this "
              "persists, the API has changed and a newer patform is needed.");
  }
}

TEST(ParsePlatformErrorTest, Envelopes) {
  const auto error = ParsePlatformError(
      "{\"$id\":\"1\",\"innerException\":null,\"message\":\"no\",\"typeName\":"
      "\"N, A\",\"typeKey\":\"InvalidAccessException\",\"errorCode\":0,"
      "\"eventId\":3000}");
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->type_key, "InvalidAccessException");
  EXPECT_EQ(error->message, "no");
  EXPECT_FALSE(ParsePlatformError("{}").has_value());
  EXPECT_FALSE(ParsePlatformError("<html>").has_value());
}

TEST(WriteTest, Bodies) {
  CreateRequest create;
  create.display_name = "a \"b\" \xc3\xa4";
  create.scopes = ScopeSet::Parse("vso.packaging_write vso.code");
  create.valid_to =
      absl::FromUnixSeconds(1'795'000'000) + absl::Microseconds(1999);
  EXPECT_EQ(WriteCreate(create),
            "{\"displayName\":\"a \\\"b\\\" \xc3\xa4\",\"scope\":\"vso.code "
            "vso.packaging_write\",\"validTo\":\"2026-11-18T11:06:40.001Z\","
            "\"allOrgs\":false}");
  UpdateRequest update;
  update.id = *AuthorizationId::Parse(kId);
  EXPECT_EQ(WriteUpdate(update),
            absl::StrCat("{\"authorizationId\":\"", kId, "\"}"));
  update.display_name = "n";
  update.scopes = create.scopes;
  update.valid_to = create.valid_to;
  update.all_organizations = true;
  EXPECT_EQ(WriteUpdate(update),
            absl::StrCat("{\"authorizationId\":\"", kId,
                         "\",\"displayName\":\"n\",\"scope\":\"vso.code "
                         "vso.packaging_write\",\"validTo\":"
                         "\"2026-11-18T11:06:40.001Z\",\"allOrgs\":true}"));
}

TEST(ParseResultTest, ATokenWithoutAnId) {
  std::string token = Token("a", "null");
  for (const char* id : {"00000000-0000-0000-0000-000000000000", "", "x"}) {
    std::string other = token;
    other.replace(other.find(kId), strlen(kId), id);
    EXPECT_EQ(ParseResult(absl::StrCat("{\"patToken\":", other,
                                       ",\"patTokenError\":\"none\"}"))
                  .status()
                  .code(),
              absl::StatusCode::kDataLoss)
        << id;
  }
}

}  // namespace
}  // namespace patform::azure_devops
