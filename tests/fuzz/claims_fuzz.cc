// What a bearer says of itself. The input is the claims; it is also tried as
// the whole bearer.
#include <optional>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "engine/base/secret.h"
#include "providers/azure_devops/bearer_hint.h"
#include "providers/entra/claims.h"
#include "providers/entra/environment_credential.h"
#include "tests/fuzz/fuzz.h"

namespace patform {
namespace {

FUZZ_TARGET(std::string_view input) {
  const absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  const std::string bearer =
      absl::StrCat("e30.", absl::WebSafeBase64Escape(AbslView(input)), ".c2ln");
  const entra::Claims claims = entra::ReadClaims(bearer);
  const auto hint = azure_devops::HintOf(Secret(bearer), now);
  FUZZ_CHECK(hint.kind != azure_devops::BearerHint::kNoJwt, bearer);
  // Nothing is known of one that has no claims at all.
  FUZZ_CHECK(hint.kind == azure_devops::BearerHint::kNone ||
                 hint.kind == azure_devops::HintOf(claims, now).kind,
             bearer);
  FUZZ_CHECK(claims.oid.size() <= input.size(), input);
  entra::ReadClaims(input);
  azure_devops::HintOf(Secret(input), now);

  // The variable, and a file of the same bytes: with the line end that
  // something may have put there, the bearer is the same.
  const auto no_file = [](const std::string&) -> absl::StatusOr<Secret> {
    return absl::NotFoundError("none");
  };
  entra::EnvironmentCredential credential(
      [&](const std::string& name) -> std::optional<std::string> {
        if (name == "PATFORM_ACCESS_TOKEN") return std::string(input);
        return std::nullopt;
      },
      no_file);
  entra::EnvironmentCredential from_file(
      [](const std::string& name) -> std::optional<std::string> {
        if (name == "PATFORM_ACCESS_TOKEN_FILE") return "/run/bearer";
        return std::nullopt;
      },
      [&](const std::string&) -> absl::StatusOr<Secret> {
        return Secret(absl::StrCat(AbslView(input), "\r\n"));
      });
  const absl::StatusOr<Secret> value = credential.Bearer({});
  const absl::StatusOr<Secret> filed = from_file.Bearer({});
  if (value.ok()) {
    FUZZ_CHECK(value->Reveal() == input, input);
    FUZZ_CHECK(fuzz::OneLineOfAscii(input), input);
    FUZZ_CHECK(filed.ok() && filed->Reveal() == input, input);
  } else {
    // A short sentence, however long the value: it is not shown.
    const std::string why(value.status().message());
    FUZZ_CHECK(fuzz::FitForTerminal(why), input);
    FUZZ_CHECK(why.size() < 400, input);
    FUZZ_CHECK(!filed.ok(), input);
  }
}

}  // namespace
}  // namespace patform
