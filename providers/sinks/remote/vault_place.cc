#include "providers/sinks/remote/vault_place.h"

#include <algorithm>
#include <boost/json.hpp>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "providers/http/secret_json.h"

namespace patform::sinks {
namespace {

namespace json = boost::json;

constexpr http::SecretJson::Limits kLimits = {1 << 20, 16};

// Which of `needed` the token lacks at `path`, by the answer of the server.
std::vector<std::string> Lacking(const json::object& answer,
                                 const std::string& path,
                                 const std::vector<std::string>& needed) {
  const json::value* listed = answer.if_contains(path);
  // It was not asked, or answers about something else: nothing is known.
  if (listed == nullptr || !listed->is_array()) return {};
  const auto has = [&](const std::string& one) {
    const json::array& all = listed->get_array();
    return std::any_of(all.begin(), all.end(), [&](const json::value& each) {
      return each == json::value(one) || each == json::value("root");
    });
  };
  std::vector<std::string> lacking;
  for (const std::string& one : needed) {
    if (!has(one)) lacking.push_back(one);
  }
  return lacking;
}

}  // namespace

std::string VaultPlace::Path(const char* kind) const {
  return absl::StrCat(PercentEncode(session_.mount(), "-._~/"), "/", kind, "/",
                      PercentEncode(place_.at, "-._~/"));
}

absl::Status VaultPlace::Moved() const {
  return absl::AbortedError(absl::StrCat(
      "\"", Visible(place_.Address()),
      "\" has changed since it was read. Nothing was written; patform reads it "
      "again and decides again."));
}

absl::StatusOr<VaultMetadata> VaultPlace::Look() {
  const Purpose purpose = {absl::StrCat("reading ", Path("metadata"))};
  VaultRequest request;
  request.path = Path("metadata");
  PATFORM_ASSIGN_OR_RETURN(
      const http::Response answer,
      session_.Send(std::move(request), purpose, deadline_));
  // Ages of versions are told by the clock that dated them, where it shows.
  now_ = http::DateOf(answer).value_or(session_.store().Now());
  if (IsNothing(answer)) return VaultMetadata();
  if (answer.status != 200) return session_.Refused(answer, purpose);
  std::optional<VaultMetadata> entry =
      ParseVaultMetadata(answer.body.Reveal(), now_);
  if (entry) return *std::move(entry);
  return session_.store().Malformed(purpose, "it is not a path's metadata");
}

absl::StatusOr<VaultWritten> VaultPlace::WriteField(const VaultMetadata& entry,
                                                    const Secret* value) {
  const Purpose purpose = {absl::StrCat("writing ", Path("data")), true};
  VaultRequest request;
  // What is not served cannot be patched, and has no fields to keep.
  request.method = entry.served ? "PATCH" : "PUT";
  request.path = Path("data");
  request.body = VaultDataBody(place_, entry.current, value);
  PATFORM_ASSIGN_OR_RETURN(
      const http::Response answer,
      session_.Send(std::move(request), purpose, deadline_));
  // A write of this kind adds exactly one version to those that were there. Any
  // other number is somebody else's answer, or none at all.
  if (answer.status == 200) {
    const auto written = ParseVaultWritten(answer.body.Reveal());
    if (written && written->number == entry.current + 1) return *written;
    return session_.store().Malformed(purpose, "it names no version");
  }
  absl::Status refused = session_.Refused(answer, purpose);
  // The server has no code of its own for a number that does not match, and
  // answers 400 to what it cannot read, too: its words tell them apart.
  const bool moved =
      (answer.status == 400 &&
       VaultWords(answer).find("check-and-set") != std::string::npos) ||
      // Deleted meanwhile: there is nothing to patch.
      (answer.status == 404 && absl::IsNotFound(refused));
  if (answer.repeated) {
    // What is refused now may be the work of the try before.
    return absl::UnknownError(refused.message());
  }
  return moved ? Moved() : refused;
}

absl::Status VaultPlace::PatchMetadata(const VaultMetadata& entry, Secret patch,
                                       const std::string& doing) {
  // Not one that writes, as errors go: it touches no secret. Done twice it does
  // not matter; a PUT that is late takes the record away, and costs a rotation.
  // What a failure means is the caller's to say.
  const Purpose purpose = {absl::StrCat(doing, " ", Path("metadata"))};
  VaultRequest request;
  request.method = entry.exists ? "PATCH" : "PUT";
  request.path = Path("metadata");
  request.body = std::move(patch);
  PATFORM_ASSIGN_OR_RETURN(
      const http::Response answer,
      session_.Send(std::move(request), purpose, deadline_));
  if (answer.status / 100 == 2) return absl::OkStatus();
  return session_.Refused(answer, purpose);
}

absl::Status VaultPlace::Destroy(const std::vector<int64_t>& versions) {
  // By their numbers, and not by the path: there is no compare-and-set for the
  // deletion of a path, and a version that somebody adds now must stay.
  const Purpose purpose = {absl::StrCat("removing ", Path("destroy")), true};
  VaultRequest request;
  request.method = "PUT";
  request.path = Path("destroy");
  request.body = VaultVersionsBody(versions);
  PATFORM_ASSIGN_OR_RETURN(
      const http::Response answer,
      session_.Send(std::move(request), purpose, deadline_));
  if (answer.status / 100 == 2) return absl::OkStatus();
  return session_.Refused(answer, purpose);
}

absl::Status VaultPlace::Allowed(const VaultMetadata& entry) {
  const Purpose purpose = {absl::StrCat("asking what is allowed at ",
                                        session_.mount(), "/", place_.at)};
  // In the order of the requests of a delivery. Metadata comes first, so data
  // is then an update.
  std::vector<std::string> metadata = {"patch"};
  if (!entry.exists) metadata.push_back("create");
  const std::pair<std::string, std::vector<std::string>> needed[] = {
      {Path("metadata"), metadata},
      {Path("data"), {entry.served ? "patch" : "update"}}};
  // By asking, since trying would leave a version behind: a KV engine has no
  // dry run.
  VaultRequest request;
  request.method = "POST";
  request.path = "sys/capabilities-self";
  request.body.Append("{\"paths\":[");
  http::AppendJson(request.body, needed[0].first);
  request.body.Append(",");
  http::AppendJson(request.body, needed[1].first);
  request.body.Append("]}");
  PATFORM_ASSIGN_OR_RETURN(
      const http::Response answer,
      session_.Send(std::move(request), purpose, deadline_));
  // Policies without "default" do not let a token ask.
  if (answer.status == 403 || answer.status == 404) return absl::OkStatus();
  if (answer.status != 200) return session_.Refused(answer, purpose);
  const http::SecretJson body(answer.body.Reveal(), kLimits);
  if (body.object() == nullptr) {
    return session_.store().Malformed(purpose, "it is not a JSON object");
  }
  for (const auto& [path, capabilities] : needed) {
    const std::vector<std::string> lacking =
        Lacking(*body.object(), path, capabilities);
    if (lacking.empty()) continue;
    return session_.store().Failed(
        absl::StatusCode::kPermissionDenied, purpose,
        absl::StrCat("the token's policies lack ",
                     absl::StrJoin(lacking, " and "), " on ", path,
                     ". The sink's page has a policy that suffices"));
  }
  return absl::OkStatus();
}

}  // namespace patform::sinks
