// The least that a client of the service can do, to measure patform against:
// the same requests over the same transport, and nothing else. Answers are
// read and thrown away.
//
//   reference_client list URL ORGANIZATION
//   reference_client create URL ORGANIZATION COUNT WORKERS
//
// `create` lists first, as an apply does. The bearer is PATFORM_ACCESS_TOKEN.
#include <atomic>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "engine/base/secret.h"
#include "engine/base/strings.h"
#include "providers/http/http_client.h"
#include "providers/http/url.h"

namespace patform {
namespace {

constexpr char kApiVersion[] = "api-version=7.1-preview.1";

class ReferenceClient {
 public:
  ReferenceClient(http::Url url, const Secret& bearer)
      : url_(std::move(url)), bearer_(bearer), clients_(Options()) {}

  bool List() {
    const std::unique_ptr<http::Transport> transport = clients_.NewClient();
    std::string continuation;
    do {
      http::Request request = MakeRequest("GET");
      absl::StrAppend(&request.url.target,
                      "?displayFilterOption=active&sortByOption=displayName"
                      "&isSortAscending=true&$top=100",
                      continuation.empty() ? "" : "&continuationToken=",
                      http::PercentEncode(continuation), "&", kApiVersion);
      const auto response = transport->Send(request, Soon());
      if (!Good(response)) return false;
      continuation = Continuation(response->body.Reveal());
    } while (!continuation.empty());
    return true;
  }

  bool Create(int count, int workers) {
    std::atomic<int> next = 0;
    std::atomic<bool> good = true;
    const auto work = [&] {
      const std::unique_ptr<http::Transport> transport = clients_.NewClient();
      for (int i = next++; i < count && good; i = next++) {
        http::Request request = MakeRequest("POST");
        absl::StrAppend(&request.url.target, "?", kApiVersion);
        request.content_type = "application/json";
        request.body = Secret(
            absl::StrCat("{\"displayName\":\"reference-", i,
                         "\",\"scope\":\"vso.code\",\"validTo\":"
                         "\"",
                         absl::FormatTime("%E4Y-%m-%dT%H:%M:%SZ",
                                          absl::Now() + absl::Hours(24 * 30),
                                          absl::UTCTimeZone()),
                         "\",\"allOrgs\":false}"));
        if (!Good(transport->Send(request, Soon()))) good = false;
      }
    };
    std::vector<std::thread> threads;
    for (int i = 1; i < workers; ++i) threads.emplace_back(work);
    work();
    for (std::thread& thread : threads) thread.join();
    return good;
  }

 private:
  static http::ClientOptions Options() {
    http::ClientOptions options;
    options.environment =
        [](const std::string& name) -> std::optional<std::string> {
      const char* value = std::getenv(name.c_str());
      if (value == nullptr) return std::nullopt;
      return value;
    };
    return options;
  }
  static Deadline Soon() {
    return std::chrono::steady_clock::now() + std::chrono::minutes(2);
  }
  http::Request MakeRequest(const char* method) const {
    http::Request request;
    request.method = method;
    request.url = url_;
    request.headers = {{"Accept", "application/json"},
                       {"X-TFS-FedAuthRedirect", "Suppress"}};
    request.bearer = &bearer_;
    return request;
  }
  static bool Good(const absl::StatusOr<http::Response>& response) {
    if (!response.ok()) {
      std::cerr << response.status() << "\n";
      return false;
    }
    if (response->status == 200) return true;
    std::cerr << "status " << response->status << "\n";
    return false;
  }
  // As the emulator writes it: no escapes are in such a token.
  static std::string Continuation(std::string_view body) {
    constexpr std::string_view kKey = "\"continuationToken\":\"";
    const size_t at = body.find(kKey);
    if (at == std::string_view::npos) return "";
    body.remove_prefix(at + kKey.size());
    return std::string(body.substr(0, body.find('"')));
  }

  const http::Url url_;
  const Secret& bearer_;
  http::ClientFactory clients_;
};

int Main(const std::vector<std::string>& arguments) {
  const char* token = std::getenv("PATFORM_ACCESS_TOKEN");
  int count = 0, workers = 0;
  const bool list = arguments.size() == 3 && arguments[0] == "list";
  const bool create = arguments.size() == 5 && arguments[0] == "create" &&
                      absl::SimpleAtoi(arguments[3], &count) &&
                      absl::SimpleAtoi(arguments[4], &workers);
  if (token == nullptr || (!list && !create)) {
    std::cerr << "usage: reference_client list URL ORGANIZATION\n"
                 "       reference_client create URL ORGANIZATION COUNT "
                 "WORKERS\n";
    return 3;
  }
  absl::StatusOr<http::Url> url = http::ParseUrl(arguments[1]);
  if (!url.ok()) {
    std::cerr << url.status() << "\n";
    return 3;
  }
  while (url->target.ends_with('/')) url->target.pop_back();
  absl::StrAppend(&url->target, "/", arguments[2], "/_apis/tokens/pats");
  const Secret bearer(token);
  ReferenceClient client(*std::move(url), bearer);
  if (!client.List()) return 1;
  return list || client.Create(count, workers) ? 0 : 1;
}

}  // namespace
}  // namespace patform

int main(int argc, char** argv) {
  return patform::Main(std::vector<std::string>(argv + 1, argv + argc));
}
