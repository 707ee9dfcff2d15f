#include "providers/entra/kept_sign_in.h"

#include <string_view>

#include "engine/base/strings.h"
#include "providers/http/secret_json.h"

// The writer is by hand and the reader a parser's: what is written has a fixed
// shape and must leave no copy behind, and what is read may have been edited.
namespace patform::entra {
namespace {

constexpr char kFormat[] = "patform/sign-in/1";
// Three tokens of some thousand bytes each.
constexpr http::SecretJson::Limits kLimits = {256 << 10, 4};

// ,"key":"value" into memory that is wiped.
void Add(Secret& to, std::string_view key, std::string_view value) {
  if (to.size() > 1) to.Append(",");
  http::AppendJson(to, key);
  to.Append(":");
  http::AppendJson(to, value);
}

// Absent, or not an instant: `otherwise`.
absl::Time Instant(const boost::json::object& object, const char* key,
                   absl::Time otherwise) {
  absl::Time read;
  std::string why;
  const std::string text(http::TextMember(object, key));
  return absl::ParseTime(absl::RFC3339_full, text, &read, &why) ? read
                                                                : otherwise;
}

}  // namespace

Secret WriteKept(
    const KeptSignIn& kept,
    const std::vector<std::pair<std::string, std::string>>& about) {
  const auto instant = [](absl::Time time) {
    return absl::FormatTime(absl::RFC3339_sec, time, absl::UTCTimeZone());
  };
  // Instants in UTC and not Unix seconds: a person may look at the file.
  Secret text("{");
  Add(text, "format", kFormat);
  for (const auto& [key, value] : about) Add(text, key, ToUtf8(value));
  Add(text, "refresh_token", kept.refresh_token.Reveal());
  Add(text, "rests_until", instant(kept.rests_until));
  if (!kept.access_token.empty()) {
    Add(text, "access_token", kept.access_token.Reveal());
    Add(text, "access_ends", instant(kept.access_ends));
  }
  if (!kept.claims.empty()) Add(text, "claims", kept.claims);
  text.Append("}\n");
  return text;
}

absl::StatusOr<KeptSignIn> ReadKept(const Secret& text) {
  const http::SecretJson body(text.Reveal(), kLimits);
  const boost::json::object* object = body.object();
  KeptSignIn kept;
  // A format of a later version has its reasons: it is not guessed at.
  if (object != nullptr && http::TextMember(*object, "format") == kFormat) {
    kept.refresh_token = Secret(http::TextMember(*object, "refresh_token"));
  }
  if (kept.refresh_token.empty()) {
    return absl::DataLossError("it is not what patform has kept there");
  }
  kept.rests_until = Instant(*object, "rests_until", absl::InfiniteFuture());
  kept.access_token = Secret(http::TextMember(*object, "access_token"));
  kept.access_ends = Instant(*object, "access_ends", absl::InfinitePast());
  kept.claims = std::string(http::TextMember(*object, "claims"));
  return kept;
}

}  // namespace patform::entra
