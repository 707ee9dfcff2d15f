#include "providers/sinks/remote/rest_store.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_transport.h"

namespace patform::sinks {
namespace {

class RestStoreTest : public testing::Test {
 protected:
  RestStoreTest() {
    config_.name = "vault";
    machine_.clock = &clock_;
    machine_.grants = &grants_;
    machine_.new_transport = [this] { return server_.NewTransport(); };
    machine_.random = [] { return uint64_t{1}; };
    grants_.hosts = {"vault.contoso.example"};
  }

  absl::StatusOr<std::unique_ptr<RestStore>> Make(const std::string& address) {
    return RestStore::Make(config_, address, {"*.known.example"}, machine_);
  }

  FakeClock clock_{absl::FromUnixSeconds(1796000000)};
  http::FakeServer server_;
  Grants grants_;
  Machine machine_;
  SinkConfig config_;
};

TEST_F(RestStoreTest, AsksOnlyHostsThatAreAllowed) {
  EXPECT_TRUE(Make("https://vault.contoso.example/v1/").ok());
  EXPECT_TRUE(Make("https://a.known.example").ok());
  EXPECT_EQ(Make("https://evil.example:8200").status(),
            absl::PermissionDeniedError(
                "sink \"vault\": nothing was sent to evil.example:8200, which "
                "the configuration names. If it is yours, allow it: "
                "--allow-host evil.example:8200 or PATFORM_ALLOW_HOSTS"));
  EXPECT_EQ(Make("ftp://x").status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Make("https://vault.contoso.example/?a=b").status().message(),
            "sink \"vault\": its address has a query; write it without");
}

TEST_F(RestStoreTest, WhatAnErrorMeans) {
  auto store = Make("https://vault.contoso.example");
  ASSERT_TRUE(store.ok());
  std::string dump;
  for (int status : {400, 401, 403, 404, 409, 410, 412, 429, 500, 503}) {
    http::Response answer;
    answer.status = status;
    for (bool writes : {false, true}) {
      absl::StrAppend(&dump, status, writes ? " w " : " r ",
                      absl::StatusCodeToString(
                          (*store)->Refused(answer, {"x", writes}, "").code()),
                      "\n");
    }
  }
  EXPECT_EQ(dump,
            "400 r FAILED_PRECONDITION\n400 w FAILED_PRECONDITION\n"
            "401 r UNAUTHENTICATED\n401 w UNAUTHENTICATED\n"
            "403 r PERMISSION_DENIED\n403 w PERMISSION_DENIED\n"
            "404 r NOT_FOUND\n404 w NOT_FOUND\n"
            "409 r ABORTED\n409 w ABORTED\n"
            "410 r NOT_FOUND\n410 w NOT_FOUND\n"
            "412 r ABORTED\n412 w ABORTED\n"
            "429 r RESOURCE_EXHAUSTED\n429 w RESOURCE_EXHAUSTED\n"
            "500 r UNAVAILABLE\n500 w UNKNOWN\n"
            "503 r UNAVAILABLE\n503 w UNKNOWN\n");
}

// What a variable of the environment filled in is in no message.
TEST_F(RestStoreTest, ShowsNoAddressThatWasFilledIn) {
  config_.filled_in = "a fingerprint";
  EXPECT_EQ(Make("https://hunter2.example").status().message(),
            "sink \"vault\": nothing was sent to ${…}, which the "
            "configuration names. If it is yours, allow it: --allow-host ${…} "
            "or PATFORM_ALLOW_HOSTS");
  auto store = Make("https://vault.contoso.example");
  ASSERT_TRUE(store.ok());
  http::Response answer;
  answer.status = 503;
  const Purpose purpose = {"reading ado/ci"};
  for (const absl::Status& status :
       {(*store)->Refused(answer, purpose, ""),
        (*store)->Failed(absl::StatusCode::kUnavailable, purpose,
                         "cannot connect to vault.contoso.example:443")}) {
    EXPECT_EQ(status.message().find("contoso"), std::string::npos) << status;
  }
}

TEST_F(RestStoreTest, ShowsNoWordsThatMayHoldASecret) {
  auto store = Make("https://vault.contoso.example");
  ASSERT_TRUE(store.ok());
  http::Response answer;
  answer.status = 403;
  const Purpose purpose = {"reading ado/ci"};
  EXPECT_EQ((*store)->Refused(answer, purpose, "permission denied\n").message(),
            "sink \"vault\": reading ado/ci: vault.contoso.example answered "
            "403: permission denied\\n");
  EXPECT_EQ(
      (*store)
          ->Refused(answer, purpose,
                    absl::StrCat("you sent \"", std::string(84, 'q'), "\""))
          .message(),
      "sink \"vault\": reading ado/ci: vault.contoso.example answered 403 with "
      "words that may hold a secret and are not shown");
}

TEST_F(RestStoreTest, ALostAnswerToAWriteIsUnknown) {
  auto store = Make("https://vault.contoso.example");
  ASSERT_TRUE(store.ok());
  http::Request request;
  request.method = "POST";
  request.url = (*store)->At("/v1/x");
  for (const bool writes : {false, true}) {
    server_.Fail(absl::UnknownError("the connection broke"));
    EXPECT_EQ((*store)
                  ->Send(request, {"writing x", writes},
                         After(clock_, absl::Seconds(10)))
                  .status(),
              absl::Status(writes ? absl::StatusCode::kUnknown
                                  : absl::StatusCode::kUnavailable,
                           "sink \"vault\": writing x: the connection broke"));
  }
  EXPECT_EQ(server_.exchanges().front().Line(),
            "POST vault.contoso.example/v1/x");
}

TEST(RecordBehindTest, IsUnknownWhileARunMayFinishIt) {
  const absl::Time now = absl::FromUnixSeconds(1796000000);
  HeldRecord held = RecordBehind(now - absl::Minutes(2), now, "7", "ado/ci");
  EXPECT_EQ(held.state, HeldRecord::State::kUnknown);
  EXPECT_EQ(held.why.message(),
            "\"ado/ci\" was written 2m ago, and its record is not of that "
            "version yet. If no other run is under way, somebody else wrote "
            "it; patform decides 30m after that write.");
  held = RecordBehind(now - kAgeFence, now, "7", "ado/ci");
  EXPECT_EQ(held.state, HeldRecord::State::kTorn);
  EXPECT_EQ(held.version, "7");
}

TEST(CanonicalAddressTest, IsOneForOneStore) {
  SinkConfig config;
  config.name = "vault";
  for (const char* address :
       {"https://Vault.Example", "https://vault.example:443/",
        "https://vault.example/"}) {
    config.settings["address"] = std::string(address);
    EXPECT_EQ(CanonicalAddress(config, "address").value_or("?"),
              "https://vault.example");
  }
}

}  // namespace
}  // namespace patform::sinks
