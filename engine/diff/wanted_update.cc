#include "engine/diff/wanted_update.h"

#include <optional>
#include <string_view>

#include "engine/base/likeness.h"
#include "engine/model/mark.h"

namespace patform {
namespace {

// Nobody has time to notice what ends within a day.
constexpr absl::Duration kNotice = absl::Hours(24);

void Because(Reason reason, WantedUpdate& wanted) {
  if (wanted.reason == Reason::kNone) wanted.reason = reason;
}

// A mark stays behind the new name: without it the token would be nobody's.
void AskForName(const DesiredToken& desired, const ActualToken& token,
                int64_t generation, WantedUpdate& wanted) {
  std::string_view name = token.display_name;
  if (generation > 0) {
    const std::optional<MarkedName> marked =
        ParseDisplayName(token.display_name);
    if (marked) name = marked->name;
  }
  // A service may spell a name otherwise than it was sent, whatever it is
  // asked. Only a former name that is given up in words is worth another try.
  if (SameFolded(name, desired.name) &&
      (name == desired.name || name != desired.renamed_from)) {
    return;
  }
  wanted.request.display_name =
      desired.name + token.display_name.substr(name.size());
  Because(Reason::kRenamed, wanted);
}

// Does nothing put another token into service, or keep this one alive, before
// it ends then?
bool EndsUnrenewed(const DesiredToken& desired, absl::Time end,
                   absl::Time now) {
  if (desired.expires || end <= now + kNotice) return true;
  return desired.deliver.empty() && desired.renewal != Renewal::kExtend;
}

void AskForEnd(const DesiredToken& desired, const Life& life, absl::Time now,
               WantedUpdate& wanted) {
  if (life.LivesTooLong()) {
    wanted.overdue = life.LatestEnd() <= now;
    if (wanted.overdue) return;
    wanted.request.valid_to = life.LatestEnd();
    Because(
        desired.expires ? Reason::kExpiresChanged : Reason::kLifetimeTooLong,
        wanted);
  } else if (life.IsDue() && life.Extendable()) {
    wanted.request.valid_to = life.FarthestEnd();
    Because(Reason::kInRotationWindow, wanted);
  } else {
    return;
  }
  wanted.ends_unrenewed = EndsUnrenewed(desired, *wanted.request.valid_to, now);
}

}  // namespace

// The order is that in which reasons are told.
WantedUpdate UpdateFor(const DesiredState& state, const DesiredToken& desired,
                       const ActualToken& token, int64_t generation,
                       const Life& life, absl::Time now) {
  WantedUpdate wanted;
  wanted.request.id = token.id;
  AskForName(desired, token, generation, wanted);
  if (!state.SameScopes(token.scopes, desired.scopes)) {
    wanted.request.scopes = desired.scopes;
    Because(Reason::kScopeChanged, wanted);
  }
  AskForEnd(desired, life, now, wanted);
  if (token.all_organizations != desired.all_organizations) {
    wanted.request.all_organizations = desired.all_organizations;
    Because(Reason::kAllOrganizationsChanged, wanted);
  }
  return wanted;
}

TokenFacts Updated(TokenFacts facts, const UpdateRequest& request) {
  if (request.display_name) facts.display_name = *request.display_name;
  if (request.scopes) facts.scopes = *request.scopes;
  if (request.valid_to) facts.valid_to = request.valid_to;
  if (request.all_organizations) {
    facts.all_organizations = *request.all_organizations;
  }
  return facts;
}

}  // namespace patform
