#include "providers/http/proxy.h"

#include <gtest/gtest.h>

#include <map>

namespace patform::http {
namespace {

TEST(NoProxy, Excepts) {
  const struct {
    const char* list;
    const char* host;
    int port;
    bool want;
  } cases[] = {
      {"", "a.example", 443, false},
      {"*", "a.example", 443, true},
      {"a.example", "a.example", 443, true},
      {"A.Example", "a.example", 443, true},
      {"example", "a.example", 443, true},
      {".example", "a.example", 443, true},
      {".example", "example", 443, true},
      {"*.example", "a.example", 443, true},
      {"ample", "a.example", 443, false},
      {"a.example:443", "a.example", 443, true},
      {"a.example:80", "a.example", 443, false},
      {"x, b.example a.example", "a.example", 443, true},
      {"10.0.0.0/8", "10.1.2.3", 443, true},
      {"10.0.0.0/8", "11.1.2.3", 443, false},
      {"0.0.0.0/0", "11.1.2.3", 443, true},
      {"10.0.0.0/33", "10.0.0.1", 443, false},
      {"10.1.2.3", "10.1.2.3", 443, true},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Excepted(c.list, c.host, c.port), c.want)
        << c.list << " " << c.host;
  }
}

absl::StatusOr<std::optional<Proxy>> For(
    const std::string& url, std::map<std::string, std::string> environment) {
  return ProxyFor(
      *ParseUrl(url),
      [environment](const std::string& name) -> std::optional<std::string> {
        const auto found = environment.find(name);
        if (found == environment.end()) return std::nullopt;
        return found->second;
      });
}

TEST(ProxyFor, TakesTheVariables) {
  auto proxy = For("https://a.example",
                   {{"HTTPS_PROXY", "http://user:p%40ss@proxy.example:3128"}});
  ASSERT_TRUE(proxy.ok() && *proxy);
  EXPECT_EQ((*proxy)->Authority(), "proxy.example:3128");
  EXPECT_EQ((*proxy)->authorization.Reveal(), "Basic dXNlcjpwQHNz");
  proxy = For("https://a.example", {{"all_proxy", "p:1"}});
  ASSERT_TRUE(proxy.ok() && *proxy);
  EXPECT_EQ((*proxy)->Authority(), "p:1");
  EXPECT_TRUE((*proxy)->authorization.empty());
}

TEST(ProxyFor, KnowsWhenThereIsNone) {
  const std::map<std::string, std::string> some = {{"HTTPS_PROXY", "p:1"}};
  EXPECT_FALSE(*For("https://a.example", {}));
  EXPECT_FALSE(*For("https://localhost:1", some));
  EXPECT_FALSE(*For("http://127.0.0.1:1", some));
  EXPECT_FALSE(*For("https://a.example",
                    {{"HTTPS_PROXY", "p:1"}, {"NO_PROXY", "example"}}));
}

TEST(ProxyFor, HostsAndPorts) {
  const std::string host =
      "its host has a character in it that no host name "
      "has";
  const std::string port = "its port is not a number from 1 to 65535";
  const struct {
    std::string value, want;
  } rows[] = {
      {"proxy", "proxy:80"},
      {"http://proxy.example/", "proxy.example:80"},
      {"http://[::1]", "[::1]:80"},
      {"http://u:p@[2001:db8::1]:3128/x", "[2001:db8::1]:3128"},
      {"http://[::1", "] is missing"},
      {"http://[proxy]:1", "the text between [ and ] is not an IPv6 address"},
      {"http://[]:1", "the text between [ and ] is not an IPv6 address"},
      {std::string("http://[::1\0x]:1", 16),
       "the text between [ and ] is not an IPv6 address"},
      {"http://p:1:2", port},
      {"http://p:", port},
      {"http://p:0", port},
      {"http://p:65536", port},
      {"http://[::1]80", port},
      {"http://:80", "its host is missing"},
      {"http://p\r\nX-Y: z", host},
      {"p q:80", host},
      {"p\x1b[2J:80", host},
  };
  for (const auto& row : rows) {
    const auto proxy = For("https://a.example", {{"HTTPS_PROXY", row.value}});
    std::string got(proxy.status().message());
    if (proxy.ok()) {
      got = (*proxy)->Authority();
    } else {
      EXPECT_EQ(got, "the proxy in HTTPS_PROXY cannot be used: " + row.want +
                         ". It must read http://HOST:PORT");
      got = row.want;
    }
    EXPECT_EQ(got, row.want) << row.value;
  }
}

TEST(ProxyFor, RefusesWithoutShowingThePassword) {
  const auto proxy =
      For("https://a.example", {{"HTTPS_PROXY", "socks5://u:hunter2@p:1"}});
  ASSERT_FALSE(proxy.ok());
  EXPECT_EQ(std::string(proxy.status().message()),
            "the proxy in HTTPS_PROXY cannot be used: only http:// proxies "
            "(with CONNECT) are supported. It must read http://HOST:PORT");
}

}  // namespace
}  // namespace patform::http
