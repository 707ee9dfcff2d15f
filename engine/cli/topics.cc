#include "engine/cli/topics.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/base/wrap.h"

namespace patform::cli {
namespace {

constexpr int kWidth = 80;

// The sources of the program that is run are appended: a list that is written
// here would be wrong as soon as one is added.
constexpr char kSignIn[] =
    R"(The service takes the Microsoft Entra access token of a user, and nothing else:
no PAT, no service principal, no managed identity. `source` in [auth] says where
it comes from. PATFORM_ACCESS_TOKEN, PATFORM_ACCESS_TOKEN_FILE and
--access-token-stdin take the place of any source.

  [auth]
  source = "azure-cli"     # after `az login`; "sign-in": after `patform login`
  tenant = "contoso.onmicrosoft.com"

The app registration behind the token needs two delegated permissions of Azure
DevOps: vso.pats to read, vso.pats_manage to create and revoke. az's own works
without a registration. No client id is built into patform.

A vault of a key-vault sink takes an access token of its own, which azure-cli,
sign-in, refresh-token and workload get from the same sign-in (an app
registration needs user_impersonation of Azure Key Vault for it). The other
sources leave it to PATFORM_KEY_VAULT_TOKEN.

When something is in the way: patform doctor. More: patform help
service-principals, patform help admin-approval, patform help permissions.

Sources:
)";

constexpr char kServicePrincipals[] =
    R"(A service principal or a managed identity cannot create, list or revoke PATs:
the PAT Lifecycle API refuses them, often with a sign-in page instead of an
error. System.AccessToken of Azure Pipelines is refused as well. patform says so
when it recognizes such an access token.

Instead:
  - Where the consumer can use an Entra token itself, it needs no PAT at all: a
    service principal with access to the organization asks for a token of
    499b84ac-1321-427f-aa17-267ca6975798 each time. `patform audit` points out
    PATs that this could replace.
  - Where it cannot, the PATs belong to a user of their own, a bot: a licence
    (Basic is enough), MFA by a method that the bot's owner has, and the access
    that the PATs are to have. A person signs in as the bot once; see
    `patform help sign-in` for the sources that go on from there.
)";

// The page of Microsoft's sample app says nothing of it, and it is where most
// people stop.
constexpr char kAdminApproval[] =
    R"("Need admin approval" in the browser, AADSTS65001, 90094 or 90095: the tenant
lets users consent to no app, or not to this one. Nothing is wrong with the
sign-in. An administrator (Cloud Application Administrator is enough) approves
it once for everybody, at

  https://login.microsoftonline.com/TENANT/adminconsent?client_id=CLIENT_ID

or with: az ad app permission admin-consent --id CLIENT_ID

The permissions asked for are delegated: the app can do what the signed-in user
can, and nothing when nobody is signed in.
)";

// Sources: the notes of sprint 257, and what those who measured it report. See
// engine/model/lifecycle_scopes.h.
constexpr char kPermissions[] =
    R"(Since June 2025 (Azure DevOps sprint 257) an app needs two delegated permissions
of Azure DevOps to work with PATs:

  vso.pats          list and read: enough for plan, status and audit
  vso.pats_manage   create, update and revoke: apply needs both

user_impersonation, which older guides name, no longer lets an app of your own
create PATs; sign-ins by Microsoft's own apps, such as az, still carry it.
vso.tokens is older still. Documentation that recommends either is out of date.

An access token with vso.pats alone makes every plan green and every apply red:
`patform doctor` shows that under "create".
)";

constexpr char kRotation[] =
    R"(The API has no call to rotate a PAT. By hand it is GET (the old token's scopes),
POST (a new one) and DELETE (the old one), and a run that dies in between leaves
either no working secret or a token that nobody knows.

`rotate_before` in a token's table lets `patform apply` do it when it is due;
`patform apply --rotate NAME` does it now. The new secret is delivered before
the old token is touched, and `grace` lets the old one live on. A run that dies
anywhere is finished by the next one; `patform apply --maintenance` every night
is enough. GET and PUT never show a secret again: one that is lost can only be
rotated.
)";

}  // namespace

const std::vector<Topic>& Topics() {
  static const auto& topics = *new std::vector<Topic>{
      {"sign-in", "where the access token comes from", kSignIn},
      {"service-principals", "why they cannot, and what to use instead",
       kServicePrincipals},
      {"admin-approval", "\"Need admin approval\": what it means and who can",
       kAdminApproval},
      {"permissions", "vso.pats, and what became of user_impersonation",
       kPermissions},
      {"rotation", "by GET, POST and DELETE, or by patform", kRotation}};
  return topics;
}

const Topic* FindTopic(std::string_view name) {
  const std::vector<Topic>& all = Topics();
  const auto at = std::find_if(all.begin(), all.end(),
                               [&](const Topic& t) { return t.name == name; });
  return at == all.end() ? nullptr : &*at;
}

std::string TextOf(const Topic& topic,
                   const std::vector<SettingsType>& sources) {
  std::string text = topic.text;
  if (std::string_view(topic.name) != "sign-in") return text;
  for (const SettingsType& source : sources) {
    std::string line = absl::StrCat("  ", source.name);
    line.resize(std::max<size_t>(line.size() + 1, 18), ' ');
    absl::StrAppend(&text, Wrapped(line + source.doc, kWidth, 16), "\n");
  }
  return text;
}

}  // namespace patform::cli
