#include "providers/http/url.h"

#include <gtest/gtest.h>

namespace patform::http {
namespace {

TEST(Url, Reads) {
  const struct {
    const char* text;
    bool tls;
    const char* host;
    int port;
    const char* target;
    const char* authority;
  } cases[] = {
      {"https://vssps.dev.azure.com", true, "vssps.dev.azure.com", 443, "/",
       "vssps.dev.azure.com"},
      {"https://Host.Example:8443/a/b?c=d", true, "host.example", 8443,
       "/a/b?c=d", "host.example:8443"},
      {"https://h?x", true, "h", 443, "/?x", "h"},
      {"http://localhost:80/", false, "localhost", 80, "/", "localhost"},
      {"http://127.1.2.3:1/", false, "127.1.2.3", 1, "/", "127.1.2.3:1"},
      {"http://[::1]:5/", false, "::1", 5, "/", "[::1]:5"},
  };
  for (const auto& c : cases) {
    const auto url = ParseUrl(c.text);
    ASSERT_TRUE(url.ok()) << c.text << url.status();
    EXPECT_EQ(url->tls, c.tls) << c.text;
    EXPECT_EQ(url->host, c.host) << c.text;
    EXPECT_EQ(url->port, c.port) << c.text;
    EXPECT_EQ(url->target, c.target) << c.text;
    EXPECT_EQ(url->Authority(), c.authority) << c.text;
  }
}

TEST(Url, Refuses) {
  const struct {
    const char* text;
    const char* why;
  } cases[] = {
      {"ftp://x",
       "\"ftp://x\" is not a usable URL: it must begin with "
       "https://"},
      {"https://", "\"https://\" is not a usable URL: the host is missing"},
      {"https://a\r\nb",
       "\"https://a\\r\\nb\" is not a usable URL: it contains a space or a "
       "control character"},
      {"https://me:pass@x/",
       "\"https://\" is not a usable URL: a user name or password does not "
       "belong in it"},
      {"https://x/#f",
       "\"https://x/#f\" is not a usable URL: a fragment (#…) means nothing "
       "here"},
      {"https://x:0",
       "\"https://x:0\" is not a usable URL: the port must be "
       "a number from 1 to 65535"},
      {"https://x:70000",
       "\"https://x:70000\" is not a usable URL: the port "
       "must be a number from 1 to 65535"},
      {"https://a_b,c",
       "\"https://a_b,c\" is not a usable URL: the host name contains a "
       "character that it must not"},
      {"https://[abc]",
       "\"https://[abc]\" is not a usable URL: the address "
       "between [ ] is not IPv6"},
      {"http://example.com",
       "\"http://example.com\" is not a usable URL: plain http is used on "
       "loopback only; anywhere else it would show the credential to the "
       "network: use https://"},
      {"http://127.1",
       "\"http://127.1\" is not a usable URL: plain http is used on loopback "
       "only; anywhere else it would show the credential to the network: use "
       "https://"},
      {"http://127.1.2.3.4",
       "\"http://127.1.2.3.4\" is not a usable URL: plain http is used on "
       "loopback only; anywhere else it would show the credential to the "
       "network: use https://"},
      {"http://127.evil.example",
       "\"http://127.evil.example\" is not a usable URL: plain http is used "
       "on loopback only; anywhere else it would show the credential to the "
       "network: use https://"},
  };
  for (const auto& c : cases) {
    const auto url = ParseUrl(c.text);
    ASSERT_FALSE(url.ok()) << c.text;
    EXPECT_EQ(std::string(url.status().message()), c.why);
    EXPECT_EQ(url.status().code(), absl::StatusCode::kInvalidArgument);
  }
}

// Neither is on loopback, whatever it looks like.
TEST(Url, PlainHttpGoesNowhereElse) {
  for (const char* host :
       {"10.0.0.1", "128.0.0.1", "126.255.255.255", "0.0.0.0", "127.0.0.1.x",
        "0x7f.0.0.1", "[::2]", "[::ffff:10.0.0.1]", "localhost.x"}) {
    EXPECT_FALSE(ParseUrl(std::string("http://") + host + "/").ok()) << host;
  }
}

}  // namespace
}  // namespace patform::http
