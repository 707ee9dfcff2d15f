#include "providers/emulator/variable_groups/api.h"

#include "tests/providers/emulator/testing.h"

namespace patform::emulator {
namespace {

constexpr char kReferences[] =
    R"("variableGroupProjectReferences":[{"name":"g","projectReference":)"
    R"({"id":"1","name":"Web"}}])";

class VariableGroupsTest : public testing::Test {
 protected:
  std::string Bearer(const std::string& scope) {
    return "Bearer " +
           subject_.Token(absl::StrCat(R"({"user":"ada@contoso.example",)",
                                       R"("scopes":[")", scope, R"("]})"));
  }
  http::ServerResponse Call(const std::string& method, const std::string& path,
                            std::string body = "") {
    return subject_.Send(
        method, absl::StrCat("/contoso/", path, "api-version=7.1"),
        std::move(body),
        {{"Authorization", bearer_}, {"Content-Type", "application/json"}});
  }
  http::ServerResponse Write(const std::string& method,
                             const std::string& variables) {
    const std::string id = method == "PUT" ? "/1" : "";
    return Call(method,
                absl::StrCat("_apis/distributedtask/variablegroups", id, "?"),
                absl::StrCat(R"({"name":"g","type":"Vsts","variables":)",
                             variables, ",", kReferences, "}"));
  }
  std::string Variables(const std::string& more = "") {
    const auto list = subject_.Json(
        Call("GET",
             absl::StrCat("web/_apis/distributedtask/variablegroups?", more)));
    if (list.at("count").to_number<int>() == 0) return "none";
    return boost::json::serialize(
        list.at("value").as_array().at(0).at("variables"));
  }

  Subject subject_;
  std::string bearer_ = Bearer("vso.variablegroups_manage");
};

TEST_F(VariableGroupsTest, APutReplacesAllAndKeepsSecretsThatAreNull) {
  EXPECT_EQ(Variables(), "none");
  ASSERT_EQ(Write("POST", R"({"a":{"value":"x","isSecret":true},)"
                          R"("b":{"value":"1"}})")
                .status,
            200);
  EXPECT_EQ(Variables("groupName=G&"),
            R"({"a":{"value":null,"isSecret":true},"b":{"value":"1"}})");
  EXPECT_EQ(Variables("groupName=other&"), "none");
  const auto put = Write("PUT", R"({"a":{"value":null,"isSecret":true},)"
                                R"("c":{"value":"2"}})");
  ASSERT_EQ(put.status, 200) << put.body;
  EXPECT_EQ(Variables(),
            R"({"a":{"value":null,"isSecret":true},"c":{"value":"2"}})");
  EXPECT_EQ(put.body.find("\"x\""), std::string::npos);
  EXPECT_EQ(Call("DELETE", "_apis/distributedtask/variablegroups/1?").status,
            204);
  EXPECT_EQ(Variables(), "none");
}

TEST_F(VariableGroupsTest, WhoMay) {
  ASSERT_EQ(Write("POST", "{}").status, 200);
  bearer_ = Bearer("vso.variablegroups_read");
  EXPECT_EQ(Variables(), "{}");
  // What a reader may not manage is hidden rather than refused.
  EXPECT_EQ(Variables("actionFilter=manage&"), "none");
  EXPECT_EQ(Write("PUT", "{}").status, 403);
  bearer_ = Bearer("vso.pats");
  EXPECT_NE(Call("GET", "web/_apis/distributedtask/variablegroups?").status,
            200);
}

TEST_F(VariableGroupsTest, WhatIsRefused) {
  ASSERT_EQ(Write("POST", "{}").status, 200);
  EXPECT_EQ(Write("PUT", R"({"a":{"value":1}})").status, 400);
  EXPECT_EQ(Call("PUT", "_apis/distributedtask/variablegroups/1?",
                 R"({"name":"g","variables":{}})")
                .status,
            400);
  EXPECT_EQ(Call("PUT", "_apis/distributedtask/variablegroups/2?", "{}").status,
            404);
  EXPECT_EQ(Call("PUT", "_apis/distributedtask/variablegroups/1?", "{").status,
            400);
}

TEST_F(VariableGroupsTest, Operations) {
  const auto operation = [](const char* method, const char* target) {
    return VariableGroupOperationOf(method, ParseTarget(target));
  };
  EXPECT_EQ(operation("GET", "/o/p/_apis/distributedtask/variablegroups"),
            "group_list");
  EXPECT_EQ(operation("GET", "/o/p/_apis/distributedtask/variablegroups/3"),
            "group_get");
  EXPECT_EQ(operation("POST", "/o/_apis/distributedtask/variablegroups"),
            "group_post");
  EXPECT_EQ(operation("PUT", "/o/_apis/distributedtask/variablegroups/3"),
            "group_put");
  EXPECT_EQ(operation("DELETE", "/o/_apis/distributedtask/variablegroups/3"),
            "group_remove");
  EXPECT_EQ(operation("PUT", "/o/_apis/distributedtask/variablegroups"), "");
  EXPECT_EQ(operation("GET", "/o/_apis/tokens/pats"), "");
}

}  // namespace
}  // namespace patform::emulator
