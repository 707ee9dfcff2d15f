#include "providers/entra/redirect.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "providers/http/http_client.h"
#include "providers/http/loopback.h"
#include "providers/http/url.h"
#include "tests/fakes/fake_clock.h"

namespace patform::entra {
namespace {

constexpr char kState[] = "the-state-of-this-one";

// A real clock for the sockets: its own time, and sleeps that no test has.
class RealClock : public FakeClock {
 public:
  RealClock() : FakeClock(absl::UnixEpoch()) {}
  Deadline Monotonic() override { return std::chrono::steady_clock::now(); }
};

// A listener, and a thread that waits for its redirect.
class RedirectTest : public testing::Test {
 protected:
  void Wait(absl::Duration span = absl::Seconds(30)) {
    absl::StatusOr<std::unique_ptr<http::Loopback>> listens =
        http::Loopback::Listen();
    ASSERT_TRUE(listens.ok()) << listens.status();
    loopback_ = *std::move(listens);
    const Deadline deadline =
        std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(span);
    waiting_ = std::thread([this, deadline] {
      came_ = WaitForRedirect(*loopback_, kState, clock_, deadline,
                              [this] { return interrupted_.load(); });
    });
  }
  const absl::StatusOr<Redirect>& Came() {
    if (waiting_.joinable()) waiting_.join();
    return came_;
  }
  ~RedirectTest() override {
    interrupted_ = true;
    if (waiting_.joinable()) waiting_.join();
  }

  // A connection that has sent nothing yet.
  int Connect() {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in to = {};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(static_cast<uint16_t>(loopback_->port()));
    EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof(to)), 0);
    return fd;
  }

  // "200 Signed in": the status and the page's title.
  std::string Ask(const std::string& target,
                  const std::string& method = "GET") {
    http::Request request;
    request.method = method;
    request.url = *http::ParseUrl(
        absl::StrCat("http://127.0.0.1:", loopback_->port(), target));
    const absl::StatusOr<http::Response> response = clients_.NewClient()->Send(
        request, std::chrono::steady_clock::now() + std::chrono::seconds(20));
    if (!response.ok()) return response.status().ToString();
    html_ = std::string(response->body.Reveal());
    headers_ = response->headers;
    const size_t begin = html_.find("<title>") + 7;
    return absl::StrCat(response->status, " ",
                        html_.substr(begin, html_.find("</title>") - begin));
  }

  RealClock clock_;
  std::unique_ptr<http::Loopback> loopback_;
  std::thread waiting_;
  absl::StatusOr<Redirect> came_ = absl::InternalError("not yet");
  std::atomic<bool> interrupted_ = false;
  http::ClientFactory clients_{{}};
  std::string html_;
  std::vector<http::Header> headers_;
};

TEST_F(RedirectTest, TheAddressHasNoSlashAtItsEnd) {
  EXPECT_EQ(RedirectUri(51234), "http://localhost:51234");
}

TEST_F(RedirectTest, TakesTheCodeOfItsOwnState) {
  Wait();
  EXPECT_EQ(Ask(absl::StrCat("/?code=0.AX%2b+y&state=", kState,
                             "&session_state=1&iss=https%3A%2F%2Fother")),
            "200 Signed in");
  ASSERT_TRUE(Came().ok()) << Came().status();
  EXPECT_EQ(Came()->code.Reveal(), "0.AX+ y");
  EXPECT_EQ(Came()->error, "");
  EXPECT_EQ(html_.find("0.AX"), std::string::npos);
  EXPECT_EQ(html_.find("<script"), std::string::npos);
}

TEST_F(RedirectTest, WhateverElseArrivesChangesNothing) {
  Wait();
  struct Row {
    const char* target;
    const char* want;
  };
  const Row rows[] = {
      {"/favicon.ico", "404 Not found"},
      {"/other?code=1&state=the-state-of-this-one", "404 Not found"},
      {"/?code=1&state=the-state-of-another", "400 Another sign-in"},
      {"/?code=1&state=", "400 Another sign-in"},
      {"/?code=1", "400 Another sign-in"},
      {"/", "400 Another sign-in"},
      {"/?error=access_denied&state=x", "400 Another sign-in"},
      {"/?state=the-state-of-this-one", "400 Not an answer"},
      {"/?code=&state=the-state-of-this-one", "400 Not an answer"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(Ask(row.target), row.want) << row.target;
  }
  EXPECT_EQ(Ask(absl::StrCat("/?code=2&state=", kState), "DELETE"),
            "405 Not allowed");
  EXPECT_EQ(Ask(absl::StrCat("/?code=3&state=", kState)), "200 Signed in");
  ASSERT_TRUE(Came().ok()) << Came().status();
  EXPECT_EQ(Came()->code.Reveal(), "3");
}

TEST_F(RedirectTest, AnErrorIsGivenAndItsTextStaysOutOfThePage) {
  Wait();
  EXPECT_EQ(Ask(absl::StrCat("/?error=access_denied&error_description="
                             "AADSTS65004%3a+%3cscript%3e&state=",
                             kState)),
            "200 Not signed in");
  ASSERT_TRUE(Came().ok()) << Came().status();
  EXPECT_TRUE(Came()->code.empty());
  EXPECT_EQ(Came()->error, "access_denied");
  EXPECT_EQ(Came()->description, "AADSTS65004: <script>");
  EXPECT_NE(html_.find("(access_denied)"), std::string::npos);
  EXPECT_EQ(html_.find("<script>"), std::string::npos);
}

TEST_F(RedirectTest, AnErrorThatIsNoWordIsNotShown) {
  Wait();
  EXPECT_EQ(Ask(absl::StrCat("/?error=%3cimg%3e&state=", kState)),
            "200 Not signed in");
  EXPECT_EQ(html_.find("img"), std::string::npos);
  EXPECT_EQ(Came()->error, "<img>");
}

TEST_F(RedirectTest, ThePageKeepsItsAddressToItself) {
  Wait();
  Ask(absl::StrCat("/?code=1&state=", kState));
  http::Response response;
  response.headers = headers_;
  EXPECT_EQ(response.Find("Cache-Control"), "no-store");
  EXPECT_EQ(response.Find("Referrer-Policy"), "no-referrer");
  EXPECT_EQ(response.Find("Content-Security-Policy"),
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors "
            "'none'");
  EXPECT_EQ(response.Find("Connection"), "close");
}

// Browsers open connections ahead of need, and may never use them.
TEST_F(RedirectTest, SilentConnectionsAreInNobodysWay) {
  Wait();
  std::vector<int> silent;
  for (int i = 0; i < 40; ++i) {
    silent.push_back(Connect());
  }
  EXPECT_EQ(Ask(absl::StrCat("/?code=1&state=", kState)), "200 Signed in");
  EXPECT_TRUE(Came().ok()) << Came().status();
  for (const int fd : silent) close(fd);
}

TEST_F(RedirectTest, AHeadInPiecesIsReadWhole) {
  Wait();
  const int fd = Connect();
  const std::string head = absl::StrCat("GET /?code=9&state=", kState,
                                        " HTTP/1.1\r\nHost: localhost\r\n\r\n");
  for (const char& c : head) ASSERT_EQ(send(fd, &c, 1, MSG_NOSIGNAL), 1);
  std::string answer;
  char buffer[512];
  for (ssize_t n = 0; (n = recv(fd, buffer, sizeof(buffer), 0)) > 0;) {
    answer.append(buffer, static_cast<size_t>(n));
  }
  close(fd);
  EXPECT_EQ(answer.substr(0, 15), "HTTP/1.1 200 OK");
  EXPECT_EQ(Came()->code.Reveal(), "9");
}

TEST_F(RedirectTest, WhatIsNotHttpIsRefused) {
  Wait();
  const int fd = Connect();
  const std::string junk = "\x16\x03\x01 TLS, perhaps\r\n\r\n";
  ASSERT_EQ(send(fd, junk.data(), junk.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(junk.size()));
  char buffer[64] = {};
  ASSERT_GT(recv(fd, buffer, sizeof(buffer) - 1, 0), 0);
  close(fd);
  EXPECT_EQ(std::string(buffer).substr(0, 12), "HTTP/1.1 400");
  EXPECT_EQ(Ask(absl::StrCat("/?code=1&state=", kState)), "200 Signed in");
}

TEST_F(RedirectTest, ASignalEndsIt) {
  Wait();
  interrupted_ = true;
  EXPECT_EQ(Came().status(),
            absl::CancelledError("interrupted while waiting for the browser"));
}

TEST_F(RedirectTest, SoDoesItsTime) {
  Wait(absl::ZeroDuration());
  EXPECT_EQ(Came().status(),
            absl::DeadlineExceededError("the browser did not answer in time"));
}

}  // namespace
}  // namespace patform::entra
