// The least that a client of the service can do, to measure patform against:
// the same requests over the same transport, and nothing else.
//
//   reference_client list URL ORGANIZATION...
//   reference_client list-bytes URL ORGANIZATION...
//   reference_client create URL ORGANIZATION COUNT WORKERS [FOLDER]
//
// `list` reads the answers as the JSON that they are, keeps what it read of
// each token, and finds the way to the next page in it; `list-bytes` looks for
// that way in the bytes and throws the rest away. `create` lists first, as an
// apply does. With FOLDER it puts each secret, and a record of it, into a file
// of its own, safely on disk: written, fsync, rename, fsync of the folder. The
// bearer is PATFORM_ACCESS_TOKEN.
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <atomic>
#include <boost/json.hpp>
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

namespace json = boost::json;

// What is kept of a listed token.
struct Listed {
  std::string id, name, scope, valid_from, valid_to;
  bool all_organizations = false;
};

std::string Text(const json::object& object, const char* key) {
  const json::value* member = object.if_contains(key);
  if (member == nullptr || !member->is_string()) return "";
  const json::string& text = member->get_string();
  return std::string(text.data(), text.size());
}

// `text` under `name`, so that it is there whenever the power fails.
bool WriteFile(int folder, const std::string& name, std::string_view text) {
  const std::string temporary = absl::StrCat(".", name, ".new");
  const int fd = openat(folder, temporary.c_str(),
                        O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (fd < 0) return false;
  const bool written =
      write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const bool good = written && fsync(fd) == 0;
  close(fd);
  return good &&
         renameat(folder, temporary.c_str(), folder, name.c_str()) == 0 &&
         fsync(folder) == 0;
}

class ReferenceClient {
 public:
  ReferenceClient(http::Url url, const Secret& bearer)
      : url_(std::move(url)),
        bearer_(bearer),
        clients_(Options()),
        lister_(clients_.NewClient()) {}

  bool List(const std::string& organization, bool read) {
    http::Transport* const transport = lister_.get();
    organization_ = organization;
    std::string continuation;
    do {
      http::Request request = MakeRequest("GET");
      absl::StrAppend(&request.url.target,
                      "?displayFilterOption=active&sortByOption=displayName"
                      "&isSortAscending=true&$top=100",
                      continuation.empty() ? "" : "&continuationToken=",
                      PercentEncode(continuation), "&", kApiVersion);
      const auto response = transport->Send(request, Soon());
      if (!Good(response)) return false;
      const std::string_view body = response->body.Reveal();
      continuation = read ? ReadPage(body) : Continuation(body);
    } while (!continuation.empty());
    return true;
  }

  // `folder`: an open directory, or -1.
  bool Create(int count, int workers, int folder) {
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
        const auto response = transport->Send(request, Soon());
        if (!Good(response)) good = false;
        if (folder >= 0 && good && !Deliver(response->body.Reveal(), folder)) {
          std::cerr << "a secret could not be written\n";
          good = false;
        }
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
  // Keeps the tokens; the way to the next page.
  std::string ReadPage(std::string_view body) {
    json::monotonic_resource memory;
    const json::value page =
        json::parse(json::string_view(body.data(), body.size()), &memory);
    for (const json::value& item : page.at("patTokens").as_array()) {
      const json::object& token = item.as_object();
      const json::value& accounts = token.at("targetAccounts");
      listed_.push_back({Text(token, "authorizationId"),
                         Text(token, "displayName"), Text(token, "scope"),
                         Text(token, "validFrom"), Text(token, "validTo"),
                         accounts.is_null()});
    }
    return Text(page.as_object(), "continuationToken");
  }

  static bool Deliver(std::string_view body, int folder) {
    const json::value answer =
        json::parse(json::string_view(body.data(), body.size()));
    const json::object& token = answer.at("patToken").as_object();
    const std::string name = Text(token, "displayName");
    const std::string record =
        absl::StrCat("{\"id\":\"", Text(token, "authorizationId"), "\"}\n");
    return WriteFile(folder, absl::StrCat(name, ".json"), record) &&
           WriteFile(folder, name, Text(token, "token"));
  }

  static Deadline Soon() {
    return std::chrono::steady_clock::now() + std::chrono::minutes(2);
  }
  http::Request MakeRequest(const char* method) const {
    http::Request request;
    request.method = method;
    request.url = url_;
    absl::StrAppend(&request.url.target, "/", organization_,
                    "/_apis/tokens/pats");
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
  const std::unique_ptr<http::Transport> lister_;
  std::string organization_;
  std::vector<Listed> listed_;
};

int Main(const std::vector<std::string>& arguments) {
  const char* token = std::getenv("PATFORM_ACCESS_TOKEN");
  const size_t size = arguments.size();
  const std::string what = size >= 3 ? arguments[0] : "";
  int count = 0, workers = 0, folder = -1;
  const bool list = what == "list" || what == "list-bytes";
  const bool create = what == "create" && (size == 5 || size == 6) &&
                      absl::SimpleAtoi(arguments[3], &count) &&
                      absl::SimpleAtoi(arguments[4], &workers);
  if (token == nullptr || (!list && !create)) {
    std::cerr << "usage: reference_client list URL ORGANIZATION...\n"
                 "       reference_client list-bytes URL ORGANIZATION...\n"
                 "       reference_client create URL ORGANIZATION COUNT "
                 "WORKERS [FOLDER]\n";
    return 3;
  }
  absl::StatusOr<http::Url> url = http::ParseUrl(arguments[1]);
  if (!url.ok()) {
    std::cerr << url.status() << "\n";
    return 3;
  }
  while (url->target.ends_with('/')) url->target.pop_back();
  if (create && size == 6) {
    folder = open(arguments[5].c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) {
      perror(arguments[5].c_str());
      return 3;
    }
  }
  const Secret bearer(token);
  ReferenceClient client(*std::move(url), bearer);
  const size_t last = create ? 3 : size;
  for (size_t i = 2; i < last; ++i) {
    if (!client.List(arguments[i], what != "list-bytes")) return 1;
  }
  return list || client.Create(count, workers, folder) ? 0 : 1;
}

}  // namespace
}  // namespace patform

int main(int argc, char** argv) {
  return patform::Main(std::vector<std::string>(argv + 1, argv + argc));
}
