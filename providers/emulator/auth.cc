#include "providers/emulator/auth.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "engine/base/strings.h"
#include "providers/emulator/tokens/vss_error.h"
#include "providers/emulator/tokens/wire.h"

// Who calls, and may they? The answers are those that users of the hosted
// service have reported, with switches where the reports differ.
namespace patform::emulator {
namespace {

// Reading a bearer costs an HMAC and a parser; load tests send the same one.
constexpr size_t kKnown = 1000;

// What follows the scheme in the header; nullopt: another scheme or none.
std::optional<std::string> Credential(const http::ServerRequest& request,
                                      std::string_view scheme) {
  const auto header = request.Find("Authorization");
  if (!header || header->size() <= scheme.size() ||
      (*header)[scheme.size()] != ' ' ||
      !absl::EqualsIgnoreCase(AbslView(header->substr(0, scheme.size())),
                              AbslView(scheme))) {
    return std::nullopt;
  }
  return std::string(header->substr(scheme.size() + 1));
}

// The resource by its id, or by one of the addresses that it is registered
// under; a sign-in that asks for an address gets a bearer that names it.
bool IsAzureDevOps(absl::string_view audience) {
  if (absl::EqualsIgnoreCase(audience, AbslView(kAzureDevOpsAudience))) {
    return true;
  }
  absl::ConsumeSuffix(&audience, "/");
  return absl::EqualsIgnoreCase(audience, "https://app.vssps.visualstudio.com");
}

// The service's answer to identities that may not use this API at all.
http::ServerResponse InvalidAccess(const Switches& switches,
                                   std::string_view message) {
  return VssError(switches.Number("invalid_access_status"),
                  "InvalidAccessException", message);
}

}  // namespace

// Tests name tenants by words; the id is always the same for a word.
std::string TenantId(std::string_view name_or_guid) {
  const auto guid = ParseGuid(name_or_guid);
  return guid ? *guid : DerivedGuid("tenant", name_or_guid);
}

Authenticator::Authenticator(std::string signing_key)
    : key_(std::move(signing_key)) {}

std::string Authenticator::Mint(const Claims& claims) const {
  return MintJwt(key_, claims);
}

const Claims* Authenticator::Read(const std::string& token,
                                  const Switches& switches) {
  if (const auto found = known_.find(token); found != known_.end()) {
    return &found->second;
  }
  const auto claims = ReadJwt(key_, token);
  if (!claims) {
    const auto foreign =
        switches.Is("bearers", "any") ? ReadUnchecked(token) : std::nullopt;
    if (!foreign) return nullptr;
    // Not kept with the others: the switch may be turned back.
    foreign_ = *foreign;
    return &foreign_;
  }
  // All at once: to forget the oldest is not worth a list.
  if (known_.size() >= kKnown) known_.clear();
  return &known_.emplace(token, *claims).first->second;
}

http::ServerResponse Authenticator::NotSignedIn(std::string_view organization,
                                                const Switches& switches) {
  const std::string& kind = switches.Get("auth_failure");
  // 203 and a page: what a client that follows redirects sees of the hosted
  // service.
  if (kind == "html203") return SignInPage(203);
  if (kind == "json401") {
    http::ServerResponse response = VssError(
        401, "UnauthorizedRequestException",
        "TF400813: The user '' is not authorized to access this resource.");
    response.headers.emplace_back(
        "WWW-Authenticate",
        absl::StrCat("Bearer authorization_uri=https://login.microsoftonline."
                     "com/",
                     TenantId(kTenant)));
    response.headers.emplace_back(
        "WWW-Authenticate", "Basic realm=\"https://vssps.dev.azure.com/\"");
    response.headers.emplace_back("X-VSS-ResourceTenant", TenantId(kTenant));
    return response;
  }
  // 302 to a sign-in host of one of the service's scale units.
  http::ServerResponse response = SignInPage(302);
  response.headers.emplace_back(
      "Location",
      absl::StrCat("https://spsprodcus1.vssps.visualstudio.com/_signin?"
                   "realm=vssps.dev.azure.com&reply_to=https%3A%2F%2Fvssps.dev."
                   "azure.com%2F",
                   AbslView(organization)));
  response.headers.emplace_back("X-VSS-ResourceTenant", TenantId(kTenant));
  response.body =
      "<html><head><title>Object moved</title></head><body>\n<h2>Object moved."
      "</h2>\n</body></html>\n";
  return response;
}

// In the order of the hosted service: the kind of credential, the bearer
// itself, the kind of identity, and last the scopes, which the operation
// judges.
std::variant<Caller, http::ServerResponse> Authenticator::Check(
    const http::ServerRequest& request, std::string_view organization,
    absl::Time now, const Switches& switches) {
  // A personal access token cannot manage tokens.
  if (Credential(request, "Basic")) {
    return InvalidAccess(switches, "The requested operation is not allowed.");
  }
  const auto bearer = Credential(request, "Bearer");
  const Claims* claims = bearer ? Read(*bearer, switches) : nullptr;
  const int64_t seconds = absl::ToUnixSeconds(now);
  // Whatever is wrong with a bearer, the answer is one and the same.
  if (claims == nullptr || !IsAzureDevOps(claims->audience) ||
      claims->expires <= seconds || claims->not_before > seconds ||
      claims->tenant != TenantId(kTenant)) {
    return NotSignedIn(organization, switches);
  }
  if (claims->app_only) {
    return InvalidAccess(
        switches,
        "Service principals are not allowed to perform this operation.");
  }
  Caller caller;
  caller.object_id = claims->object_id;
  caller.user = claims->user;
  caller.not_before = claims->not_before;
  // Reports differ on whether vso.pats_manage includes reading; here it does.
  bool reads = false, manages = false, acts = false;
  bool reads_groups = false, manages_groups = false;
  for (const absl::string_view scope :
       absl::StrSplit(claims->scopes, ' ', absl::SkipEmpty())) {
    reads |= scope == "vso.pats";
    manages |= scope == "vso.pats_manage";
    reads_groups |= scope == "vso.variablegroups_read";
    manages_groups |= scope == "vso.variablegroups_manage";
    acts |= scope == "user_impersonation" ||
            (scope == "vso.tokens" && switches.Is("vso_tokens", "accept"));
  }
  caller.may_read = reads || manages || acts;
  // A switch: some report that a create needs both scopes.
  caller.may_write =
      acts || (manages && (reads || switches.Is("create_scopes", "manage")));
  caller.manages_variables = manages_groups || acts;
  caller.reads_variables = reads_groups || caller.manages_variables;
  return caller;
}

// The user name in front of the colon is not looked at, as on the service.
std::optional<std::string> BasicPassword(const http::ServerRequest& request) {
  const auto credential = Credential(request, "Basic");
  const auto pair = credential ? FromBase64(*credential) : std::nullopt;
  const size_t colon = pair ? pair->find(':') : std::string::npos;
  if (colon == std::string::npos) return std::nullopt;
  return pair->substr(colon + 1);
}

}  // namespace patform::emulator
