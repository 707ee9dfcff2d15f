#include "providers/entra/sign_in_words.h"

#include <algorithm>
#include <iterator>

// The numbers are of Microsoft's page "Microsoft Entra authentication and
// authorization error codes".
namespace patform::entra {
namespace {

// Consent: nobody in the tenant has agreed yet that the application may act for
// its users. The seed of a pipeline meets this first.
constexpr SignInWords kConsent = {
    "$app has no consent for what it asks for",
    "Consent once in a browser ($login), or have an administrator open $admin"};
constexpr SignInWords kDeclined = {"consent for $app was declined",
                                   "Sign in again: $login"};
constexpr SignInWords kAdminApproval = {
    "the tenant lets only an administrator approve $app (\"Need admin "
    "approval\")",
    "Send this link to one: $admin"};
constexpr SignInWords kPermissions = {
    "the app registration lacks the permissions that are asked for",
    "Add Azure DevOps' delegated permissions vso.pats and vso.pats_manage to "
    "it, then consent: $admin"};
// A second factor. Only a person can give one, wherever the run is.
constexpr SignInWords kMfa = {"the sign-in needs a second factor (MFA)",
                              "Sign in again: $login"};
constexpr SignInWords kEnrol = {
    "the user has to set up a second factor (MFA) first",
    "Do that at https://aka.ms/mfasetup, then: $login"};
constexpr SignInWords kMfaExpired = {
    "the second factor (MFA) given at the last sign-in has expired",
    "Sign in again: $login"};
constexpr SignInWords kChallenge = {
    "another provider's second factor or terms of use must be met first",
    "Sign in again: $login"};
// Conditional Access. Which policy it was is told to administrators alone, who
// find it by the correlation id.
constexpr SignInWords kDevice = {
    "Conditional Access wants a device that the tenant manages",
    "Run patform on one, or ask an administrator to exempt this user; the "
    "sign-in log names the policy under the correlation id"};
constexpr SignInWords kBlocked = {
    "a Conditional Access policy blocks this sign-in",
    "Ask an administrator: the sign-in log names the policy under the "
    "correlation id. Many tenants block device codes: use a browser"};
constexpr SignInWords kTokenProtection = {
    "a policy (token protection) wants a sign-in bound to its device, which "
    "Linux, browsers and device codes do not have",
    "Ask an administrator to exempt this user, or use source = \"azure-cli\" "
    "on Windows"};
constexpr SignInWords kConfirmation = {
    "the user has to confirm the sign-in to $app once",
    "Sign in again: $login"};
// The registration: ids and platforms that people mix up.
constexpr SignInWords kWrongClient = {
    "the tenant $tenant does not know $app",
    "Check `client_id` (\"Application (client) ID\") and `tenant` "
    "(\"Directory (tenant) ID\") in [auth]"};
constexpr SignInWords kWrongTenant = {
    "there is no tenant $tenant",
    "Check `tenant` in [auth] and, for a national cloud, `authority`"};
constexpr SignInWords kNeedsSecret = {
    "$app is registered as a confidential client, and only its id was sent",
    "In the registration's Authentication page add the platform \"Mobile and "
    "desktop applications\" and allow public client flows; or use source = "
    "\"workload\""};
constexpr SignInWords kIsPublic = {
    "$app is registered as a public client, and may not prove who it is",
    "Use the platform \"Web\" for it, or source = \"refresh-token\" instead of "
    "\"workload\""};
// The proof of a confidential client.
constexpr SignInWords kSecretWrong = {
    "the proof of the application (secret, certificate or assertion) is wrong "
    "or has expired",
    "Compare it with the page \"Certificates & secrets\" of the registration"};
constexpr SignInWords kCertificate = {
    "the certificate is not one of $app",
    "Upload the certificate of `certificate` at the registration's page "
    "\"Certificates & secrets\""};
constexpr SignInWords kAssertionTime = {
    "the proof of the application is not valid at this time",
    "Check the clock of this machine"};
constexpr SignInWords kFederated = {
    "no federated credential of $app matches this job",
    "Compare its issuer, subject and audience with those that the service "
    "reports, at \"Certificates & secrets\", \"Federated credentials\"",
    /*quotes=*/true};
constexpr SignInWords kRedirect = {
    "http://localhost is not a redirect address of $app",
    "Add it in the registration under \"Mobile and desktop applications\""};
// Another tenant than the user's. Personal accounts are in none.
constexpr SignInWords kNotInTenant = {
    "the user is not in the tenant $tenant",
    "Sign in as one who is, or have this one invited as a guest. A personal "
    "Microsoft account cannot manage tokens through an application"};
constexpr SignInWords kSingleTenant = {
    "$app is of one tenant, and another was asked",
    "Set `tenant` in [auth] to the tenant of its registration"};
// Refresh tokens: each of these ends an unattended run until somebody signs in.
constexpr SignInWords kIdle = {
    "the refresh token was not used for 90 days and has expired",
    "Sign in again: $login"};
constexpr SignInWords kExpired = {"the refresh token has expired",
                                  "Sign in again: $login"};
constexpr SignInWords kFrequency = {
    "a policy (sign-in frequency) ended the sign-in",
    "Sign in again: $login. To run unattended, have an administrator exempt "
    "this user"};
constexpr SignInWords kSpa = {
    "the refresh token is of a single-page application and lives for one day",
    "Register $app as \"Mobile and desktop applications\", then: $login"};
constexpr SignInWords kRevoked = {
    "the sign-in was revoked, or the password has been changed",
    "Sign in again: $login"};
constexpr SignInWords kCode = {
    "the code of the sign-in was used before, or is another sign-in's",
    "Sign in again: $login"};
constexpr SignInWords kPassword = {
    "the user's password is wrong or has expired, or the account is locked or "
    "disabled",
    "Ask an administrator of the tenant"};
constexpr SignInWords kScope = {
    "the scopes that were asked for do not exist, or are of several services",
    "Check `scopes` in [auth]",
    /*quotes=*/true};
constexpr SignInWords kBusy = {"the sign-in service is busy or asked too often",
                               "Run patform again in a few minutes"};
constexpr SignInWords kFirstParty = {
    "the client id is one of Microsoft's own applications, which may not ask "
    "for this",
    "Register an application of your own and name it in [auth] `client_id`"};

struct Row {
  int number;
  const SignInWords* words;
};

// Sorted by number.
constexpr Row kRows[] = {
    {16000, &kNotInTenant},   {28002, &kScope},
    {50005, &kDevice},        {50011, &kRedirect},
    {50020, &kNotInTenant},   {50034, &kNotInTenant},
    {50053, &kPassword},      {50055, &kPassword},
    {50057, &kPassword},      {50059, &kWrongTenant},
    {50072, &kEnrol},         {50074, &kMfa},
    {50076, &kMfa},           {50078, &kMfaExpired},
    {50079, &kEnrol},         {50089, &kExpired},
    {50097, &kDevice},        {50126, &kPassword},
    {50132, &kRevoked},       {50133, &kRevoked},
    {50158, &kChallenge},     {50173, &kRevoked},
    {50194, &kSingleTenant},  {50196, &kBusy},
    {50199, &kConfirmation},  {51004, &kNotInTenant},
    {53000, &kDevice},        {53001, &kDevice},
    {53003, &kBlocked},       {54005, &kCode},
    {65001, &kConsent},       {65002, &kFirstParty},
    {65004, &kDeclined},      {70000, &kRevoked},
    {70008, &kExpired},       {70011, &kScope},
    {70021, &kFederated},     {70043, &kFrequency},
    {90002, &kWrongTenant},   {90024, &kBusy},
    {90033, &kBusy},          {90055, &kBusy},
    {90094, &kAdminApproval}, {90095, &kAdminApproval},
    {500011, &kScope},        {500208, &kNotInTenant},
    {501481, &kCode},         {530032, &kBlocked},
    {530035, &kBlocked},      {530084, &kTokenProtection},
    {650056, &kPermissions},  {650057, &kPermissions},
    {700011, &kWrongClient},  {700016, &kWrongClient},
    {700022, &kScope},        {700024, &kAssertionTime},
    {700025, &kIsPublic},     {700027, &kCertificate},
    {700082, &kIdle},         {700084, &kSpa},
    {700211, &kFederated},    {700212, &kFederated},
    {700213, &kFederated},    {901002, &kScope},
    {7000215, &kSecretWrong}, {7000218, &kNeedsSecret},
    {7000222, &kSecretWrong}, {9001023, &kSingleTenant},
};

struct ErrorRow {
  std::string_view error;
  std::string_view suberror;  // "": any
  SignInWords words;
};

// Of one `error` the rows with a suberror come first. The suberrors that
// Microsoft's libraries keep to themselves are here as well: they tell a token
// that is bad from one that has ended.
constexpr ErrorRow kErrors[] = {
    {"invalid_grant", "consent_required", kConsent},
    {"invalid_grant",
     "basic_action",
     {"the sign-in needs a person once more", "Sign in again: $login"}},
    {"invalid_grant",
     "additional_action",
     {"the sign-in needs a person, who may have to change something first",
      "Sign in again: $login"}},
    {"invalid_grant",
     "message_only",
     {"the service wants to show the user a message", "Sign in again: $login"}},
    {"invalid_grant",
     "protection_policy_required",
     {"a policy wants an application that the tenant protects",
      "Ask an administrator to exempt this user"}},
    {"invalid_grant",
     "bad_token",
     {"the refresh token is not good any more", "Sign in again: $login"}},
    {"invalid_grant", "token_expired", kExpired},
    {"invalid_grant",
     "client_mismatch",
     {"the refresh token does not belong to $app", "Sign in again: $login"}},
    {"invalid_grant", "device_authentication_failed", kDevice},
    {"invalid_grant",
     "",
     {"the refresh token, or the code of the sign-in, is not good any more",
      "Sign in again: $login"}},
    {"interaction_required",
     "",
     {"the sign-in needs a person once more", "Sign in again: $login"}},
    {"consent_required", "", kConsent},
    {"login_required",
     "",
     {"the sign-in needs a person once more", "Sign in again: $login"}},
    {"access_denied",
     "",
     {"the sign-in was declined", "Sign in again: $login"}},
    {"authorization_declined",
     "",
     {"the sign-in was declined", "Sign in again: $login"}},
    {"expired_token",
     "",
     {"nobody typed the code in before it expired", "Sign in again: $login"}},
    {"bad_verification_code",
     "",
     {"the service does not know the code that it gave out",
      "Sign in again: $login. If it happens again, a proxy on the way changes "
      "requests"}},
    {"unauthorized_client", "", kWrongClient},
    {"invalid_client", "", kSecretWrong},
    {"invalid_scope", "", kScope},
    {"invalid_resource", "", kScope},
    {"temporarily_unavailable", "", kBusy},
    {"server_error", "", kBusy},
};

// The service's own words are all there is.
constexpr SignInWords kUnknown = {
    "the sign-in service refuses for a reason that patform does not know",
    "Sign in again: $login",
    /*quotes=*/true};

}  // namespace

const SignInWords* FindNumber(int number) {
  const auto* const row = std::lower_bound(
      std::begin(kRows), std::end(kRows), number,
      [](const Row& each, int wanted) { return each.number < wanted; });
  return row == std::end(kRows) || row->number != number ? nullptr : row->words;
}

// The rows with a suberror are before the one without.
const SignInWords* FindError(std::string_view error,
                             std::string_view suberror) {
  for (const ErrorRow& row : kErrors) {
    if (row.error != error) continue;
    if (row.suberror.empty() || row.suberror == suberror) return &row.words;
  }
  return &kUnknown;
}

}  // namespace patform::entra
