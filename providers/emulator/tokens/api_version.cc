#include "providers/emulator/tokens/api_version.h"

#include <algorithm>
#include <array>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "engine/base/strings.h"
#include "providers/emulator/tokens/vss_error.h"

// Which versions of the API there are: previews only, from 6.1 to 7.2, each
// with the revision .1. The errors are those that the platform gives for other
// resources.
namespace patform::emulator {
namespace {

constexpr std::array<const char*, 4> kVersions = {kOldestVersion, "7.0", "7.1",
                                                  kNewestVersion};

// Versions of the platform in which this resource exists.
bool IsKnown(absl::string_view number) {
  return std::find(kVersions.begin(), kVersions.end(), number) !=
         kVersions.end();
}

}  // namespace

// In the query or, as many of Microsoft's clients do, in Accept.
std::string RequestedVersion(const http::ServerRequest& request,
                             const Target& target) {
  if (const auto version = target.Find("api-version")) return *version;
  const auto accept = request.Find("Accept");
  if (!accept) return "";
  // Accept: application/json; api-version=7.1-preview.1
  for (absl::string_view part :
       absl::StrSplit(AbslView(*accept), absl::ByAnyChar(";, "))) {
    if (absl::ConsumePrefix(&part, "api-version=")) return std::string(part);
  }
  return "";
}

// nullopt: it is fine.
std::optional<http::ServerResponse> CheckVersion(const std::string& version) {
  if (version.empty()) {
    return VssError(400, "VssVersionNotSpecifiedException",
                    "No api-version was supplied for the request. The version "
                    "must be supplied either as part of the Accept header "
                    "(e.g. \"application/json; api-version=1.0\") or as a "
                    "query parameter (e.g. \"?api-version=1.0\").");
  }
  // "7.1-preview.1": number, flag, revision.
  absl::string_view number = version, revision;
  const size_t dash = version.find('-');
  const bool preview =
      dash != std::string::npos &&
      absl::StartsWithIgnoreCase(number.substr(dash), "-preview");
  if (preview) {
    revision = number.substr(dash + 8);
    number = number.substr(0, dash);
  }
  double asked = 0;
  if (!absl::SimpleAtod(number, &asked)) {
    return VssError(
        400, "VssVersionNotSpecifiedException",
        absl::StrCat("The api-version \"", version, "\" is not a version."));
  }
  // The classic mistake: a preview without its flag.
  if (IsKnown(number) && !preview) {
    return VssError(
        400, "VssInvalidPreviewVersionException",
        absl::StrCat("The requested version \"", version,
                     "\" of the resource is under preview. The -preview flag "
                     "must be supplied in the api-version for such requests. "
                     "For example: \"",
                     version, "-preview\""));
  }
  // "-preview" alone means the newest revision.
  if (IsKnown(number) &&
      (revision.empty() || revision == absl::StrCat(".", kRevision))) {
    return std::nullopt;
  }
  // Newer than the server as a whole: it names versions of the platform.
  double newest = 0;
  if (absl::SimpleAtod(kNewestVersion, &newest) && asked > newest) {
    return VssError(
        400, "VssVersionOutOfRangeException",
        absl::StrCat("The requested REST API version of ", number,
                     " is out of range for this server. The latest REST API "
                     "version this server supports is ",
                     kNewestVersion, "."));
  }
  // One that the server has, and this resource has not: older, or another
  // revision of the preview.
  return VssError(
      400, "VssVersionOutOfRangeException",
      absl::StrCat("The requested REST API version ", version,
                   " is outside of the valid range of this resource: ",
                   kOldestVersion, "-preview.", kRevision, " to ",
                   kNewestVersion, "-preview.", kRevision, "."));
}

}  // namespace patform::emulator
