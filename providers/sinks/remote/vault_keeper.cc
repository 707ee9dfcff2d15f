#include "providers/sinks/remote/vault_keeper.h"

#include <boost/json.hpp>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "providers/http/secret_json.h"
#include "providers/sinks/remote/vault_place.h"
#include "providers/sinks/remote/vault_session.h"
#include "providers/sinks/remote/vault_wire.h"

namespace patform::sinks {
namespace {

namespace json = boost::json;

// A secret has at most a megabyte in most servers, and any shape.
constexpr http::SecretJson::Limits kLimits = {8 << 20, 32};

class VaultKeeper : public SecretKeeper {
 public:
  explicit VaultKeeper(std::unique_ptr<VaultSession> session)
      : session_(std::move(session)) {}

  absl::StatusOr<KeptSecret> Read(const Delivery& place,
                                  Deadline deadline) override;
  absl::Status Replace(const Delivery& place, const Secret& value,
                       const std::string& expected, Deadline deadline) override;

 private:
  const std::unique_ptr<VaultSession> session_;
};

absl::StatusOr<KeptSecret> VaultKeeper::Read(const Delivery& place,
                                             Deadline deadline) {
  PATFORM_RETURN_IF_ERROR(session_->Prepare(deadline));
  VaultPlace there(*session_, place, deadline);
  PATFORM_ASSIGN_OR_RETURN(const VaultMetadata entry, there.Look());
  // A token's secret is not a sign-in, whatever the configuration says: it
  // would be exchanged, and overwritten with what came back.
  if (entry.Record()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "\"", Visible(place.Address()),
        "\" is the secret of a token. Keep the sign-in in another place."));
  }
  const auto none = [&] {
    return absl::NotFoundError(
        absl::StrCat("there is nothing at \"", Visible(place.Address()), "\""));
  };
  if (!entry.served) return none();
  const Purpose purpose = {absl::StrCat("reading ", there.Path("data"))};
  VaultRequest request;
  // The very version that the look found.
  request.path = absl::StrCat(there.Path("data"), "?version=", entry.current);
  PATFORM_ASSIGN_OR_RETURN(
      const http::Response answer,
      session_->Send(std::move(request), purpose, deadline));
  if (answer.status != 200) return session_->Refused(answer, purpose);
  const http::SecretJson body(answer.body.Reveal(), kLimits);
  const json::value* data =
      body.object() == nullptr ? nullptr : body.object()->if_contains("data");
  const json::value* fields = data == nullptr || !data->is_object()
                                  ? nullptr
                                  : data->get_object().if_contains("data");
  if (fields == nullptr || !fields->is_object()) {
    return session_->store().Malformed(purpose, "it is not a secret");
  }
  KeptSecret kept;
  // A field that is not a text is none of ours, and as good as none.
  kept.value =
      Secret(http::TextMember(fields->get_object(), VaultKey(place).c_str()));
  if (kept.value.empty()) return none();
  kept.version = entry.Version();
  kept.written_at = entry.created;
  return kept;
}

absl::Status VaultKeeper::Replace(const Delivery& place, const Secret& value,
                                  const std::string& expected,
                                  Deadline deadline) {
  PATFORM_RETURN_IF_ERROR(session_->Prepare(deadline));
  VaultPlace there(*session_, place, deadline);
  PATFORM_ASSIGN_OR_RETURN(const VaultMetadata entry, there.Look());
  if (entry.Version() != expected) {
    // A secret of other fields was nothing to Read(), and still is. Whether
    // this field came meanwhile only the secret itself can tell.
    const bool same =
        expected.empty() && absl::IsNotFound(Read(place, deadline).status());
    if (!same) return there.Moved();
  }
  // One write, and no record: a sign-in belongs to no token. Other fields stay.
  return there.WriteField(entry, &value).status();
}

}  // namespace

absl::StatusOr<std::unique_ptr<SecretKeeper>> OpenVaultKeeper(
    const Opening& opening) {
  PATFORM_ASSIGN_OR_RETURN(std::unique_ptr<VaultSession> session,
                           VaultSession::Make(opening.config, opening.machine));
  return std::make_unique<VaultKeeper>(std::move(session));
}

}  // namespace patform::sinks
