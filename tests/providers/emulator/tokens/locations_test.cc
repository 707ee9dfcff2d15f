#include "providers/emulator/tokens/locations.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/providers/emulator/testing.h"

namespace patform::emulator {
namespace {

const http::ServerHeaders kHost = {{"Host", "127.0.0.1:8443"}};

// "area/resource" of each location.
std::vector<std::string> Resources(Subject& subject, const std::string& path) {
  const auto answer = subject.Send("OPTIONS", path, "", kHost);
  if (answer.status != 200) return {absl::StrCat(answer.status)};
  std::vector<std::string> names;
  const boost::json::value body = subject.Json(answer);
  for (const auto& each : body.at("value").as_array()) {
    names.push_back(absl::StrCat(Subject::Text(each, "area"), "/",
                                 Subject::Text(each, "resourceName")));
  }
  return names;
}

// As the clients ask: Python and .NET for all, Node for an area. Nobody has to
// be signed in.
TEST(Locations, OfAllAnAreaAndAResource) {
  Subject subject;
  using Names = std::vector<std::string>;
  const Names all = {"tokens/pats", "Location/ConnectionData",
                     "Location/ResourceAreas", "distributedtask/variablegroups",
                     "distributedtask/variablegroups"};
  const struct {
    const char* path;
    Names want;
  } rows[] = {
      {"/contoso/_apis", all},
      {"/contoso/_apis/", all},
      {"/CONTOSO/_APIS/?allHostTypes=true", all},
      {"/_apis", all},
      {"/contoso/_apis/Location",
       {"Location/ConnectionData", "Location/ResourceAreas"}},
      {"/contoso/_apis/Tokens", {"tokens/pats"}},
      {"/contoso/_apis/tokens/pats", {"tokens/pats"}},
      {"/contoso/_apis/git", {}},
      {"/nobody/_apis", {"404"}},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(Resources(subject, row.path), row.want) << row.path;
  }
}

TEST(Locations, HaveWhatAVersionIsNegotiatedWith) {
  Subject subject;
  const auto answer = subject.Json(
      subject.Send("OPTIONS", "/contoso/_apis/tokens/pats", "", kHost));
  EXPECT_EQ(answer.at("count").to_number<int>(), 1);
  EXPECT_EQ(
      boost::json::serialize(answer.at("value").at(0)),
      R"({"id":"55967393-20ef-45c6-a96c-b5d5d5986a9a","area":"tokens",)"
      R"("resourceName":"pats","routeTemplate":"_apis/{area}/{resource}",)"
      R"("resourceVersion":1,"minVersion":"6.1","maxVersion":"7.2",)"
      R"("releasedVersion":"0.0"})");
}

TEST(Locations, AreasLeadBackHere) {
  Subject subject;
  const std::string area =
      R"({"id":"55967393-20ef-45c6-a96c-b5d5d5986a9a","name":"tokens",)"
      R"("locationUrl":"http://127.0.0.1:8443/contoso/"})";
  const std::string tasks =
      R"({"id":"a85b8835-c1a1-4aac-ae97-1c3d0ba72dbd",)"
      R"("name":"distributedtask",)"
      R"("locationUrl":"http://127.0.0.1:8443/contoso/"})";
  EXPECT_EQ(subject.Send("GET", "/contoso/_apis/resourceAreas", "", kHost).body,
            absl::StrCat(R"({"count":2,"value":[)", area, ",", tasks, "]}"));
  EXPECT_EQ(subject
                .Send("GET",
                      "/contoso/_apis/ResourceAreas/"
                      "55967393-20EF-45C6-A96C-B5D5D5986A9A",
                      "", kHost)
                .body,
            area);
  EXPECT_EQ(subject
                .Send("GET",
                      "/contoso/_apis/resourceAreas/"
                      "00000000-0000-0000-0000-000000000000",
                      "", kHost)
                .body,
            "null");
  EXPECT_EQ(subject.Send("GET", "/nobody/_apis/resourceAreas").status, 404);
}

TEST(Locations, AConnectionLeadsADotNetClientOn) {
  Subject subject;
  const auto answer = subject.Json(
      subject.Send("GET",
                   "/contoso/_apis/connectionData?connectOptions=1&"
                   "lastChangeId=-1&lastChangeId64=-1",
                   "",
                   {{"Authorization", "Bearer " + subject.bearer},
                    {"Host", "127.0.0.1:8443"}}));
  EXPECT_EQ(
      Subject::Text(answer.at("locationServiceData").at("accessMappings").at(0),
                    "accessPoint"),
      "http://127.0.0.1:8443/contoso/");
  EXPECT_EQ(answer.at("authorizedUser"), answer.at("authenticatedUser"));
}

}  // namespace
}  // namespace patform::emulator
