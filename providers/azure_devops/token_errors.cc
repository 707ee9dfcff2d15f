#include "providers/azure_devops/token_errors.h"

#include <iterator>

#include "absl/strings/str_cat.h"

// The names come from Microsoft's specification of version 7.2, which explains
// none of them. What they mean here is inferred from the names, from
// Microsoft's documentation of the policies and from reports of users. The code
// of each decides what patform does next: kUnavailable is asked again,
// kNotFound counts as done for a revocation, kUnknown makes it look for an
// orphan, and the rest needs a person.
namespace patform::azure_devops {
namespace {

using Code = absl::StatusCode;

// For the errors that are about who is signed in.
constexpr char kOtherIdentity[] =
    "Sign in as the user whose tokens these are: a person of the "
    "organization's own Entra tenant, not a service principal, a managed "
    "identity or a guest.";
// For what can only be the answer to something that is never sent.
constexpr char kDefect[] =
    "patform does not ask for such a thing. Please report it, with the output "
    "of patform version.";
constexpr char kSignInClient[] =
    "Sign in through another application (client_id), or ask the owner of this "
    "one to correct its registration in Entra.";
constexpr char kAskAdministrator[] =
    "Ask a Project Collection Administrator to put this user on the policy's "
    "allow list.";

// In the order of the service's enumeration: the index is the number.
constexpr TokenError kErrors[] = {
    {"none", Code::kDataLoss, "the service reports success but sent no token",
     "It is not known what it did.",
     "Run patform again: it looks before it acts."},
    {"displayNameRequired", Code::kInvalidArgument, "the display name is empty",
     "The service accepts no token without a name.",
     "Give the token a name in the configuration."},
    {"invalidDisplayName", Code::kInvalidArgument,
     "the display name is not accepted",
     "It is longer than 256 characters, counted after HTML encoding and with "
     "patform's mark, or has characters that the service forbids.",
     "Choose a shorter or plainer name."},
    {"invalidValidTo", Code::kInvalidArgument,
     "the end of validity is not accepted",
     "It is in the past, or further away than the service allows.",
     "Correct lifetime or expires of this token; check this machine's clock."},
    {"invalidScope", Code::kInvalidArgument, "the scopes are not accepted",
     "At least one of them does not exist, or may not be given to a personal "
     "access token.",
     "Compare the token's scopes with the output of patform scopes."},
    {"userIdRequired", Code::kUnauthenticated, "the service saw no user",
     "The bearer names no user that could own a token.", kOtherIdentity},
    {"invalidUserId", Code::kUnauthenticated,
     "the service does not know the signed-in user",
     "The user has never been added to this organization, or was removed.",
     kOtherIdentity},
    {"invalidUserType", Code::kPermissionDenied,
     "the signed-in identity is not a user",
     "Only people own personal access tokens. For a service principal, Entra "
     "tokens take their place and need no rotation.",
     kOtherIdentity},
    {"accessDenied", Code::kPermissionDenied, "access is denied",
     "The token belongs to another user, or this user may not issue tokens "
     "here.",
     "Compare the user of the access token with the owner of the token; sign "
     "in as that "
     "user."},
    // Not kUnavailable: the service stopped somewhere on its way.
    {"failedToIssueAccessToken", Code::kUnknown,
     "the service failed while it issued the token",
     "The token may exist or not; its secret is lost either way.",
     "Run patform again: it looks for what was left and revokes it."},
    {"invalidClient", Code::kUnauthenticated,
     "the application that was signed in through is not accepted", "",
     kSignInClient},
    {"invalidClientType", Code::kUnauthenticated,
     "the application that was signed in through is of a type that is not "
     "accepted",
     "", kSignInClient},
    {"invalidClientId", Code::kUnauthenticated,
     "the application that was signed in through is not known", "",
     kSignInClient},
    {"invalidTargetAccounts", Code::kInvalidArgument,
     "the organizations of the token are not accepted",
     "A token is for the organization it is asked for, or for all.",
     "Check organization and all_organizations of this token."},
    {"hostAuthorizationNotFound", Code::kPermissionDenied,
     "the application that was signed in through has no authorization in this "
     "organization",
     "",
     "Have an administrator consent to it, or sign in through another "
     "(client_id)."},
    {"authorizationNotFound", Code::kNotFound,
     "the service has no such authorization",
     "The token was removed, or belongs to another user or organization.",
     "Run patform plan again."},
    {"failedToUpdateAccessToken", Code::kUnavailable,
     "the service failed while it changed the token",
     "It gives no reason. The change can be asked for again without harm.",
     "Run patform again in a few minutes."},
    {"sourceNotSupported", Code::kInternal,
     "the service does not support the restriction of sources", "", kDefect},
    {"invalidSourceIP", Code::kInternal,
     "the service does not accept an address in the restriction of sources", "",
     kDefect},
    {"invalidSource", Code::kInternal,
     "the service does not accept the restriction of sources", "", kDefect},
    {"duplicateHash", Code::kInternal, "the key is registered already",
     "This is an answer to SSH keys, not to tokens.", kDefect},
    {"sshPolicyDisabled", Code::kInternal,
     "the organization does not allow SSH keys",
     "This is an answer to SSH keys, not to tokens.", kDefect},
    {"invalidToken", Code::kFailedPrecondition, "the token is not valid",
     "It has been revoked, or a policy forbids the change. What was revoked "
     "does not come back.",
     "Run patform plan again: it sees the token as it is now."},
    {"tokenNotFound", Code::kNotFound, "the service has no such token",
     "It was removed, or belongs to another user or organization.",
     "Run patform plan again."},
    {"invalidAuthorizationId", Code::kInternal,
     "the id of the token is not a GUID", "", kDefect},
    {"failedToReadTenantPolicy", Code::kUnavailable,
     "the service could not read the policies of the tenant",
     "Nothing was done; this passes.", "Run patform again in a few minutes."},
    {"globalPatPolicyViolation", Code::kFailedPrecondition,
     "the tenant's policy forbids tokens for all organizations", "",
     "Set all_organizations = false and declare one token for each "
     "organization."},
    {"fullScopePatPolicyViolation", Code::kFailedPrecondition,
     "the tenant's policy forbids tokens with full access", "",
     "Replace app_token with the scopes that are needed; patform scopes lists "
     "them."},
    {"patLifespanPolicyViolation", Code::kFailedPrecondition,
     "the tenant's policy forbids tokens that live so long", "",
     "Shorten lifetime (or expires) of this token to the tenant's maximum."},
    {"invalidTokenType", Code::kInternal,
     "tokens of this type cannot be issued here", "", kDefect},
    {"invalidAudience", Code::kUnauthenticated,
     "the bearer is not meant for Azure DevOps", "",
     "Get one for the resource 499b84ac-1321-427f-aa17-267ca6975798 (Azure "
     "DevOps), and sign in again."},
    {"invalidSubject", Code::kUnauthenticated,
     "the bearer is not about a user that the service accepts", "",
     kOtherIdentity},
    {"deploymentHostNotSupported", Code::kInvalidArgument,
     "this cannot be done without an organization", "",
     "Check organization in the configuration."},
    {"disablePatCreationPolicyViolation", Code::kFailedPrecondition,
     "the organization's policy \"Restrict personal access token creation\" "
     "forbids this",
     "Existing tokens keep working until they end; new ones and rotations are "
     "refused.",
     kAskAdministrator},
    {"failedToReadOrgPolicy", Code::kUnavailable,
     "the service could not read the policies of the organization",
     "Nothing was done; this passes.", "Run patform again in a few minutes."},
    {"globalPATCreationBlocked", Code::kFailedPrecondition,
     "Azure DevOps no longer creates tokens for all organizations",
     "They are being retired; those that exist stop working as well.",
     "Set all_organizations = false and declare one token for each "
     "organization."},
    {"expiredPatCannotBeExtended", Code::kFailedPrecondition,
     "the token has expired and cannot be extended", "",
     "Use renewal = \"rotate\" with a delivery, so that a new token takes its "
     "place; or patform apply --rotate for this one."},
};

}  // namespace

// Linear: it is searched once per refusal. Names have upper and lower case.
const TokenError* FindTokenError(std::string_view name) {
  for (const TokenError& error : kErrors) {
    if (name == error.name) return &error;
  }
  return nullptr;
}

// Of a service that writes the enumeration as a number.
std::string TokenErrorName(int64_t number) {
  if (number >= 0 && number < static_cast<int64_t>(std::size(kErrors))) {
    return kErrors[number].name;
  }
  // Not in the table, so FindTokenError() does not know it either.
  return absl::StrCat("number ", number);
}

}  // namespace patform::azure_devops
