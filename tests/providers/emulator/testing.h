#pragma once

#include <boost/json.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "providers/emulator/emulator.h"
#include "providers/emulator/tokens/wire.h"

namespace patform::emulator {

// The service in this process, its clock stopped at 2026-11-23T10:00:00Z, and
// short ways to ask it.
class Subject {
 public:
  explicit Subject(std::string data = "") {
    Emulator::Options options;
    options.organizations = {"contoso", "fabrikam"};
    options.data = std::move(data);
    options.machine_time = [this] { return now; };
    auto made = Emulator::Make(std::move(options));
    EXPECT_TRUE(made.ok()) << made.status();
    emulator_ = std::move(made).value();
    bearer = Token(R"({"user":"ada@contoso.example"})");
  }

  http::ServerResponse Send(const std::string& method,
                            const std::string& target, std::string body = "",
                            http::ServerHeaders headers = {}) {
    http::ServerRequest request;
    request.method = method;
    request.target = target;
    request.headers = std::move(headers);
    request.body = std::move(body);
    return emulator_->Handle(request);
  }

  // A call of the API with the bearer: `query` follows the api-version.
  http::ServerResponse Call(const std::string& method,
                            const std::string& query = "",
                            std::string body = "") {
    return Send(method,
                absl::StrCat("/", organization, "/_apis/tokens/pats?", "api-",
                             "version=", version, query),
                std::move(body),
                {{"Authorization", "Bearer " + bearer},
                 {"Content-Type", "application/json"}});
  }

  boost::json::value Json(const http::ServerResponse& response) {
    boost::json::error_code error;
    boost::json::value value = boost::json::parse(response.body, error);
    EXPECT_FALSE(error) << response.body;
    return value;
  }

  boost::json::value Admin(const std::string& method, const std::string& what,
                           std::string body = "") {
    const auto response = Send(method, "/_emulator/" + what, std::move(body),
                               {{"X-Emulator-Admin", "1"}});
    EXPECT_EQ(response.status, 200) << response.body;
    return Json(response);
  }

  std::string Token(const std::string& body) {
    return Text(Admin("POST", "token", body), "access_token");
  }

  void Set(const std::string& name, const std::string& value) {
    Admin("POST", "switches", absl::StrCat("{\"", name, "\":\"", value, "\"}"));
  }

  // The patToken of a create that must work.
  boost::json::object Create(const std::string& body) {
    const boost::json::value answer = Json(Call("POST", "", body));
    EXPECT_EQ(Text(answer, "patTokenError"), "none") << body;
    return answer.at("patToken").as_object();
  }

  // A token of that name; its id.
  std::string Make(const std::string& name) {
    return Text(Create(absl::StrCat(R"({"displayName":")", name,
                                    R"(","scope":"vso.code"})")),
                "authorizationId");
  }

  // patTokenError of an answer.
  std::string Error(const http::ServerResponse& response) {
    EXPECT_EQ(response.status, 200) << response.body;
    return Text(Json(response), "patTokenError");
  }

  std::vector<std::string> Names(const http::ServerResponse& response) {
    std::vector<std::string> names;
    const boost::json::value page = Json(response);
    for (const auto& token : page.at("patTokens").as_array()) {
      names.push_back(Text(token, "displayName"));
    }
    return names;
  }

  static std::string Text(const boost::json::value& object, const char* key) {
    const boost::json::string& text = object.at(key).as_string();
    return std::string(text.data(), text.size());
  }

  absl::Time now = absl::FromUnixSeconds(1'795'428'000);
  std::string organization = "contoso";
  std::string version = "7.2-preview.1";
  std::string bearer;

 private:
  std::unique_ptr<Emulator> emulator_;
};

}  // namespace patform::emulator
