#include "providers/entra/sign_in_errors.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "engine/base/clock.h"
#include "engine/base/strings.h"
#include "providers/entra/sign_in_words.h"
#include "providers/http/retry.h"
#include "providers/http/secret_json.h"

namespace patform::entra {
namespace {

using Code = absl::StatusCode;

// Of the service's own words, in characters.
constexpr int kMostShown = 200;
// Nothing longer than that is a word. GUIDs have 36 characters, and the
// shortest token that Entra gives out hundreds.
constexpr size_t kLongestWord = 60;
// Entra refuses what is further off.
constexpr absl::Duration kSkew = absl::Minutes(5);

constexpr http::SecretJson::Limits kLimits = {64 << 10, 8};

// Not signed in or not allowed, or does it pass by itself? By `error`, and by
// the status where the answer has none.
bool MayPass(const Refusal& refusal) {
  if (!refusal.error.empty()) {
    return refusal.error == "temporarily_unavailable" ||
           refusal.error == "server_error" || refusal.status == 429 ||
           refusal.status >= 500;
  }
  return refusal.status == 429 || refusal.status == 408 ||
         refusal.status >= 500;
}

std::string FillIn(const char* text, const SignInContext& context) {
  const Registration* of = context.registration;
  const std::string app =
      of == nullptr ? "the application"
                    : absl::StrCat("the application ", of->shown_client_id);
  return absl::StrReplaceAll(
      text, {{"$app", app},
             {"$tenant", of == nullptr ? "that was asked" : of->shown_tenant},
             {"$login", context.login},
             {"$admin", of == nullptr ? "the app's page in the Entra portal"
                                      : AdminConsentUrl(*of)}});
}

// "invalid_grant, AADSTS700082"
std::string Named(const Refusal& refusal) {
  const std::string error = refusal.error.empty()
                                ? absl::StrCat("status ", refusal.status)
                                : ShownDescription(refusal.error);
  return refusal.number == 0 ? error
                             : absl::StrCat(error, ", AADSTS", refusal.number);
}

// What an administrator finds the refusal by in the tenant's sign-in log.
std::string Trace(const Refusal& refusal) {
  if (refusal.correlation.empty()) return "";
  return absl::StrCat(". Correlation id ",
                      ShownDescription(refusal.correlation),
                      refusal.timestamp.empty() ? "" : ", ",
                      ShownDescription(refusal.timestamp));
}

std::string ClockAdvice(const Refusal& refusal, absl::Time now) {
  if (refusal.date == absl::InfinitePast()) return "";
  const absl::Duration ahead = now - refusal.date;
  if (absl::AbsDuration(ahead) <= kSkew) return "";
  return absl::StrCat(". This machine's clock is ",
                      FormatSpan(absl::AbsDuration(ahead)),
                      ahead > absl::ZeroDuration() ? " ahead of" : " behind",
                      " the service's: set it");
}

}  // namespace

std::string ShownDescription(std::string_view text) {
  // What follows is the ids, which are shown on their own.
  text = text.substr(0, std::min({text.find("Trace ID:"), text.find('\r'),
                                  text.find('\n'), text.size()}));
  std::string kept;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find(' ', at), text.size());
    const std::string_view word = text.substr(at, end - at);
    absl::StrAppend(&kept, kept.empty() ? "" : " ",
                    word.size() > kLongestWord ? "[…]" : AbslView(word));
    at = end + 1;
  }
  // It becomes a part of a sentence, which has its own full stop.
  if (kept.ends_with('.')) kept.pop_back();
  const std::string shown = Visible(kept);
  std::string cut = FirstCodePoints(shown, kMostShown);
  return cut.size() < shown.size() ? cut + " …" : cut;
}

int NumberIn(std::string_view text) {
  constexpr std::string_view kPrefix = "AADSTS";
  const size_t found = text.find(kPrefix);
  if (found == std::string_view::npos) return 0;
  const std::string_view rest = text.substr(found + kPrefix.size());
  const auto* const end =
      std::find_if_not(rest.begin(), rest.end(), [](char c) {
        return absl::ascii_isdigit(static_cast<unsigned char>(c));
      });
  int number = 0;
  // Too many digits: not a number of theirs.
  if (!absl::SimpleAtoi(AbslView(rest.substr(0, end - rest.begin())),
                        &number)) {
    return 0;
  }
  return number;
}

std::optional<std::string> WordsFor(int number, const SignInContext& context) {
  const SignInWords* words = FindNumber(number);
  if (words == nullptr) return std::nullopt;
  return absl::StrCat(FillIn(words->cause, context), ". ",
                      FillIn(words->fix, context));
}

Refusal ReadRefusal(const http::Response& response, absl::Time now) {
  Refusal refusal;
  refusal.status = response.status;
  refusal.date = http::DateOf(response).value_or(absl::InfinitePast());
  if (const auto wait = response.Find("Retry-After")) {
    refusal.retry_after = http::ParseRetryAfter(*wait, now);
  }
  // An error holds no token, or should not: read as if it did.
  const http::SecretJson body(response.body.Reveal(), kLimits);
  if (body.object() == nullptr) return refusal;
  const auto text = [&body](const char* key) {
    return std::string(http::TextMember(*body.object(), key));
  };
  refusal.error = text("error");
  refusal.suberror = text("suberror");
  refusal.description = text("error_description");
  refusal.correlation = text("correlation_id");
  refusal.timestamp = text("timestamp");
  refusal.claims = text("claims");
  // error_codes has it as well, next to others that led to it.
  refusal.number = NumberIn(refusal.description);
  return refusal;
}

absl::Status SignInError(const Refusal& refusal, const SignInContext& context,
                         absl::Time now) {
  const bool may_pass = MayPass(refusal);
  if (refusal.error.empty() && !may_pass) {
    return absl::FailedPreconditionError(absl::StrCat(
        "signing in: what answered (", refusal.status,
        ") is not the sign-in service: a proxy on the way, perhaps, or a wrong "
        "`authority`. Check the proxy settings",
        ClockAdvice(refusal, now)));
  }
  const SignInWords* words = FindNumber(refusal.number);
  const bool known = words != nullptr;
  if (!known) words = FindError(refusal.error, refusal.suberror);
  // Whatever the number stands for: it passes, so nobody is sent to sign in.
  if (may_pass) words = FindError("temporarily_unavailable", "");
  std::string fix = FillIn(words->fix, context);
  if (may_pass && refusal.retry_after) {
    fix = absl::StrCat("Run patform again after ",
                       FormatSpan(*refusal.retry_after));
  }
  // Where the words above are ours and say all, the service's are left out.
  std::string says;
  if ((!known || words->quotes) && !may_pass && !refusal.description.empty()) {
    says = absl::StrCat(": \"", ShownDescription(refusal.description), "\"");
  }
  return absl::Status(
      may_pass ? Code::kUnavailable : Code::kUnauthenticated,
      absl::StrCat("signing in: ", FillIn(words->cause, context), " (",
                   Named(refusal), ")", says, ". ", fix,
                   ClockAdvice(refusal, now), Trace(refusal)));
}

}  // namespace patform::entra
