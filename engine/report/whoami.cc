#include "engine/report/whoami.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <optional>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "engine/base/clock.h"
#include "engine/base/strings.h"
#include "engine/base/version.h"
#include "engine/model/json_fields.h"
#include "engine/model/lifecycle_scopes.h"
#include "engine/report/json_line.h"
#include "engine/report/table.h"

// What is not known has no row, and is null in JSON: an opaque token is not one
// without scopes, and a sign-in that another program keeps may end at any time.
namespace patform {
namespace {

namespace json = boost::json;

constexpr int kWidth = 100;

// May it, as far as its scopes say? nullopt: they are not known.
std::optional<bool> May(const SignedIn& user, bool mint) {
  if (!user.scopes || user.scopes->empty()) return std::nullopt;
  return HasLifecycleScope(*user.scopes, mint);
}

// Behind the scopes.
std::string WhatTheyAllow(const SignedIn& user) {
  const std::optional<bool> plan = May(user, false), apply = May(user, true);
  if (!plan) return "";
  if (*apply) return " (may plan and apply)";
  return *plan ? " (may plan, not apply: vso.pats_manage is missing)"
               : " (may neither plan nor apply: vso.pats and vso.pats_manage "
                 "are missing)";
}

std::string Until(absl::Time time, absl::Time now) {
  return absl::StrCat("until ", FormatMinute(time), " (",
                      FormatRelative(time, now), ")");
}

std::string Who(const SignedIn& user) {
  if (!user.name.empty()) return Visible(user.name);
  if (!user.oid.empty()) return absl::StrCat("user ", Visible(user.oid));
  return "somebody whom the access token does not name";
}

// To the second: no service tells it any better.
json::value Instant(absl::Time time) {
  if (time == absl::InfiniteFuture()) return nullptr;
  return InstantJson(absl::FromUnixSeconds(absl::ToUnixSeconds(time)));
}

json::value Flag(std::optional<bool> flag) {
  return flag ? json::value(*flag) : json::value(nullptr);
}

}  // namespace

const std::string& SourceOf(const AuthConfig& auth) {
  return auth.overridden_by.empty() ? auth.source : auth.overridden_by;
}

std::string RenderWhoAmI(const WhoAmI& who, const Style& style) {
  const SignedIn& user = *who.user;
  Table table(kWidth);
  const auto row = [&table](const char* what, const std::string& text) {
    if (!text.empty()) table.Add({{""}, {what}, {text}});
  };
  row("identity", Visible(who.auth->identity));
  row("source", Visible(SourceOf(*who.auth)));
  row("tenant", Visible(user.tenant));
  row("user id", Visible(user.oid));
  row("application", Visible(user.application));
  row("for", user.audience);
  if (user.scopes) {
    row("scopes",
        absl::StrCat(Visible(user.scopes->text()), WhatTheyAllow(user)));
  }
  if (user.expires != absl::InfiniteFuture()) {
    row("access token", Until(user.expires, who.now));
  }
  if (user.rests_until != absl::InfiniteFuture()) {
    row("sign-in",
        absl::StrCat(Until(user.rests_until, who.now),
                     " unless it is used before: ", Visible(user.rests_why)));
  }
  row("kept in", user.kept_in);
  const std::string what = user.app_only
                               ? " (an application, which can have no personal "
                                 "access tokens)"
                               : "";
  return absl::StrCat("Signed in as ", style.Bold(Who(user)), what, ".\n\n",
                      table.Text(style));
}

std::string RenderWhoAmIJson(const WhoAmI& who) {
  const SignedIn& user = *who.user;
  json::object object;
  object["format_version"] = "1.0";
  object["patform_version"] = kVersion;
  object["as_of"] = Instant(who.now);
  object["identity"] = TextOrNull(who.auth->identity);
  object["source"] = SourceOf(*who.auth);
  object["name"] = TextOrNull(ToUtf8(user.name));
  object["user_id"] = TextOrNull(ToUtf8(user.oid));
  object["app_only"] = user.app_only;
  object["tenant"] = TextOrNull(ToUtf8(user.tenant));
  object["application"] = TextOrNull(ToUtf8(user.application));
  object["audience"] = TextOrNull(ToUtf8(user.audience));
  object["scopes"] = nullptr;
  if (user.scopes) {
    json::array scopes;
    for (const std::string_view scope : user.scopes->items()) {
      scopes.emplace_back(ToUtf8(scope));
    }
    object["scopes"] = std::move(scopes);
  }
  object["may_plan"] = Flag(May(user, /*mint=*/false));
  object["may_apply"] = Flag(May(user, /*mint=*/true));
  object["access_ends"] = Instant(user.expires);
  object["rests_until"] = Instant(user.rests_until);
  object["rests_why"] = TextOrNull(user.rests_why);
  object["kept_in"] = TextOrNull(ToUtf8(user.kept_in));
  return JsonLine(object);
}

std::string RenderLogin(const WhoAmI& who, bool seeded) {
  const SignedIn& user = *who.user;
  std::string text = absl::StrCat(
      "Signed in as ", Who(user),
      user.tenant.empty() ? ""
                          : absl::StrCat(" of tenant ", Visible(user.tenant)),
      ".\n");
  // A day is enough for what is three months away, and easier to put down.
  const std::string by = FormatDay(user.rests_until);
  const std::string why = Visible(user.rests_why);
  if (seeded) {
    absl::StrAppend(&text, "The refresh token is in ", user.kept_in,
                    ". The first run has to use it by ", by,
                    ", and each run moves that date (", why, ").\n");
    return text;
  }
  absl::StrAppend(&text, "The sign-in is kept in ", user.kept_in,
                  " and renewed by the runs that use it. It ends on ", by,
                  " if none does before (", why, ").\n");
  return text;
}

}  // namespace patform
