#include "providers/entra/redirect.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/digest.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "providers/http/url.h"

// Anything on this machine can send a request here, a page of a stranger in the
// same browser among them. So nothing but the state opens the door, nothing is
// repeated back, and one who is refused does not end the waiting.
namespace patform::entra {
namespace {

// The value of a parameter, decoded; "": there is none. Others are tolerated,
// as RFC 6749 wants it: `iss` of RFC 9207, session_state, client_info.
std::string Parameter(std::string_view query, std::string_view name) {
  for (const absl::string_view each : absl::StrSplit(AbslView(query), '&')) {
    const std::string_view pair = StdView(each);
    const size_t at = pair.find('=');
    if (at == std::string_view::npos || pair.substr(0, at) != name) continue;
    std::string value(pair.substr(at + 1));
    std::replace(value.begin(), value.end(), '+', ' ');
    return http::PercentDecode(value);
  }
  return "";
}

// RFC 6749 gives more characters; these are those of every error that exists,
// and none means anything to a browser.
bool IsPlainWord(std::string_view text) {
  return !text.empty() && text.size() <= 64 &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

// Nothing that came with the request is in it but a plain word: a description
// is the terminal's to show.
http::LoopbackAnswer Page(int status, std::string_view title,
                          std::string_view text) {
  http::LoopbackAnswer page;
  page.status = status;
  page.html = absl::StrCat(
      "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width\">\n<title>",
      AbslView(title),
      "</title>\n<style>body{font:16px/1.5 system-ui,sans-serif;max-width:32em;"
      "margin:4em auto;padding:0 1em}@media(prefers-color-scheme:dark){body{"
      "background:#111;color:#eee}}</style>\n<h1>",
      AbslView(title), "</h1>\n<p>", AbslView(text), "</p>\n</html>\n");
  return page;
}

http::LoopbackAnswer PageOf(const Redirect& redirect) {
  if (redirect.error.empty()) {
    return Page(200, "Signed in",
                "patform has what it needs. You can close this window and "
                "return to the terminal.");
  }
  const std::string word = IsPlainWord(redirect.error)
                               ? absl::StrCat(" (", redirect.error, ")")
                               : std::string();
  return Page(200, "Not signed in",
              absl::StrCat("The sign-in was not completed", word,
                           ". The terminal shows why, and what to do."));
}

// With neither a code nor an error where it is not an answer.
Redirect Read(std::string_view query) {
  Redirect redirect;
  redirect.error = Parameter(query, "error");
  if (redirect.error.empty()) {
    redirect.code = Secret(Parameter(query, "code"));
    return redirect;
  }
  redirect.description = Parameter(query, "error_description");
  redirect.claims = Parameter(query, "claims");
  return redirect;
}

}  // namespace

std::string RedirectUri(int port) {
  return absl::StrCat("http://localhost:", port);
}

absl::StatusOr<Redirect> WaitForRedirect(
    http::Loopback& loopback, const std::string& state, Clock& clock,
    Deadline deadline, const std::function<bool()>& interrupted) {
  Redirect came;
  const auto answer = [&](const http::LoopbackRequest& request) {
    const std::string_view target = request.target;
    const std::string_view path = target.substr(0, target.find('?'));
    if (path != "/") {  // /favicon.ico
      return Page(404, "Not found", "Only the sign-in ends here.");
    }
    // response_mode=form_post was not asked for.
    if (request.method != "GET") {
      return Page(405, "Not allowed", "Only the sign-in ends here.");
    }
    const std::string_view query =
        target.substr(std::min(path.size() + 1, target.size()));
    if (!SameInConstantTime(Parameter(query, "state"), state)) {
      return Page(400, "Another sign-in",
                  "This page is not the answer to the sign-in that patform "
                  "waits for. It goes on waiting.");
    }
    // From here on it is the page that was asked; it may still be broken.
    Redirect read = Read(query);
    if (read.code.empty() && read.error.empty()) {
      return Page(400, "Not an answer",
                  "There is neither a code nor an error in this address. "
                  "patform goes on waiting.");
    }
    http::LoopbackAnswer page = PageOf(read);
    page.last = true;
    came = std::move(read);
    return page;
  };
  PATFORM_RETURN_IF_ERROR(loopback.Serve(answer, clock, deadline, interrupted));
  return came;
}

}  // namespace patform::entra
