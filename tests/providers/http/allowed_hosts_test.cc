#include "providers/http/allowed_hosts.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace patform::http {
namespace {

TEST(AllowedHostsTest, OneRule) {
  // Of each URL: is it allowed by these well-known hosts and operator's?
  const AllowedHosts allowed = {
      {"api.example", "*.hosts.example"},
      {"own.example", "Own.Example:8443", "127.0.0.1:8080", "[::1]:8080",
       "*.wild.example", "localhost"}};
  std::string dump;
  for (const char* text :
       {"https://api.example",       "https://API.example:443/x",
        "https://api.example:8443",  "https://api.example.evil.example",
        "https://evilapi.example",   "https://a.hosts.example",
        "https://a.b.hosts.example", "https://hosts.example",
        "https://evilhosts.example", "https://a.hosts.example:8443",
        "https://own.example",       "https://OWN.example:8443",
        "https://own.example:8444",  "https://a.wild.example",
        "http://127.0.0.1:8080",     "https://127.0.0.1:8080",
        "http://127.0.0.1:8081",     "http://127.0.0.1",
        "https://[::1]:8080",        "https://[::1]",
        "https://localhost",         "http://localhost",
        "http://localhost:8080"}) {
    const absl::StatusOr<Url> url = ParseUrl(text);
    ASSERT_TRUE(url.ok()) << text;
    absl::StrAppend(&dump, allowed.Contains(*url) ? "yes " : "no  ", text,
                    "\n");
  }
  EXPECT_EQ(dump,
            "yes https://api.example\n"
            "yes https://API.example:443/x\n"
            "no  https://api.example:8443\n"
            "no  https://api.example.evil.example\n"
            "no  https://evilapi.example\n"
            "yes https://a.hosts.example\n"
            "yes https://a.b.hosts.example\n"
            "no  https://hosts.example\n"
            "no  https://evilhosts.example\n"
            "no  https://a.hosts.example:8443\n"
            "yes https://own.example\n"
            "yes https://OWN.example:8443\n"
            "no  https://own.example:8444\n"
            // Only a well-known name may stand for many.
            "no  https://a.wild.example\n"
            "yes http://127.0.0.1:8080\n"
            "yes https://127.0.0.1:8080\n"
            "no  http://127.0.0.1:8081\n"
            "no  http://127.0.0.1\n"
            "yes https://[::1]:8080\n"
            "no  https://[::1]\n"
            // A host without its port is TLS on the usual one.
            "yes https://localhost\n"
            "no  http://localhost\n"
            "no  http://localhost:8080\n");
}

}  // namespace
}  // namespace patform::http
