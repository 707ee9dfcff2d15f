// Microsoft Entra's errors, as its token endpoint writes them: `error` is
// OAuth's, the number is in the description and in error_codes, and some have
// a suberror or claims. The texts are abridged from Microsoft's reference of
// AADSTS codes; clients must not depend on them.
import { randomUUID } from 'node:crypto';

const GRANT = 'invalid_grant';
const INTERACT = 'interaction_required';
const CONSENT = { suberror: 'consent_required' };
const BASIC = { suberror: 'basic_action' };
const MORE = { suberror: 'additional_action' };
const STALE = { suberror: 'bad_token' };

// number → error, text, and what else the answer has.
export const ERRORS = {
  16000: [INTERACT, 'User account does not exist in the tenant and cannot ' +
    'access the application in that tenant.'],
  28002: ['invalid_scope', 'Provided value for scope is not valid.'],
  50011: ['invalid_request', 'The redirect URI specified in the request does ' +
    'not match the redirect URIs configured for the application.'],
  50020: ['invalid_request', 'User account from identity provider does not ' +
    'exist in tenant and cannot access the application in that tenant.'],
  50034: [GRANT, 'The user account does not exist in the directory.'],
  50053: [GRANT, 'The account is locked: too many attempts to sign in.'],
  50055: [GRANT, 'The password is expired.', { suberror: 'bad_token' }],
  50057: [GRANT, 'The user account is disabled.', STALE],
  50059: ['invalid_request', 'No tenant-identifying information found in the ' +
    'request or implied by any provided credentials.'],
  50072: [INTERACT, 'Due to a configuration change made by your ' +
    'administrator you must enroll in multi-factor authentication.', BASIC],
  50074: [INTERACT, 'Strong Authentication is required.', BASIC],
  50076: [INTERACT, 'Due to a configuration change made by your ' +
    'administrator, or because you moved to a new location, you must use ' +
    'multi-factor authentication to access the resource.',
    { ...BASIC, claims: '{"access_token":{"capolids":{"essential":true,' +
      '"values":["00000000-0000-4000-8000-000000000001"]}}}' }],
  50078: [INTERACT, 'Presented multi-factor authentication has expired due ' +
    'to policies configured by your administrator.', BASIC],
  50079: [INTERACT, 'Due to a configuration change made by your ' +
    'administrator you must enroll in multi-factor authentication.', BASIC],
  50089: [GRANT, 'Authentication failed due to flow token expired.', STALE],
  50097: [INTERACT, 'Device authentication is required.'],
  50126: [GRANT, 'Error validating credentials due to invalid username or ' +
    'password.'],
  50132: [GRANT, 'The credentials have been revoked.', STALE],
  50133: [GRANT, 'Session is invalid due to expiration or recent password ' +
    'change.', STALE],
  50158: [INTERACT, 'External security challenge not satisfied.', MORE],
  50173: [GRANT, 'The provided grant has expired due to it being revoked, a ' +
    'fresh auth token is needed.', STALE],
  50194: ['invalid_request', 'Application is not configured as a ' +
    'multi-tenant application. Usage of the /common endpoint is not ' +
    'supported for such apps.'],
  50196: [GRANT, 'The server terminated an operation because it encountered ' +
    'a client request loop.'],
  50199: [INTERACT, 'For security reasons, user confirmation is required for ' +
    'this request.', BASIC],
  51004: ['invalid_request', 'The user account does not exist in the ' +
    'directory.'],
  53000: [INTERACT, 'Device is not in required device state: not compliant.',
    { suberror: 'message_only' }],
  53001: [INTERACT, 'Device is not in required device state: not domain ' +
    'joined.', { suberror: 'message_only' }],
  53003: [GRANT, 'Access has been blocked by Conditional Access policies. ' +
    'The access policy does not allow token issuance.',
    { suberror: 'message_only' }],
  54005: [GRANT, 'OAuth2 Authorization code was already redeemed.'],
  65001: [GRANT, 'The user or administrator has not consented to use the ' +
    'application. Send an interactive authorization request for this user ' +
    'and resource.', CONSENT],
  65002: ['invalid_request', 'Consent between first party application and ' +
    'first party resource must be configured via preauthorization.'],
  65004: ['access_denied', 'User declined to consent to access the app.'],
  70000: [GRANT, 'Provided grant is invalid or malformed.'],
  70008: [GRANT, 'The provided authorization code or refresh token has ' +
    'expired due to inactivity.', STALE],
  70011: ['invalid_scope', 'The provided value for the input parameter ' +
    "'scope' is not valid."],
  70016: ['authorization_pending', 'OAuth 2.0 device flow error. ' +
    'Authorization is pending. Continue polling.'],
  70018: ['bad_verification_code', 'Bad verification code. User typed in ' +
    'wrong user code for device code flow.'],
  70019: ['expired_token', 'Verification code expired.'],
  70020: ['expired_token', 'The provided value for the input parameter ' +
    "'device_code' has expired."],
  70043: [GRANT, 'The refresh token has expired or is invalid due to sign-in ' +
    'frequency checks by conditional access.', STALE],
  90002: ['invalid_request', 'Tenant not found. Check to make sure you have ' +
    'the correct tenant ID.'],
  90033: ['temporarily_unavailable', 'A transient error has occurred. Please ' +
    'try again.', { status: 503 }],
  90055: ['temporarily_unavailable', 'The server is terminating this request ' +
    'because of too many requests.', { status: 429 }],
  90094: [INTERACT, 'Admin consent is required for the permissions requested ' +
    'by this application.', CONSENT],
  90095: [INTERACT, 'Admin consent is required. An admin consent request may ' +
    'be sent to the admin.', CONSENT],
  500011: ['invalid_resource', 'The resource principal was not found in the ' +
    'tenant.'],
  500208: ['invalid_request', 'The domain is not a valid login domain for ' +
    'the account type.'],
  501481: [GRANT, 'The Code_Verifier does not match the code_challenge ' +
    'supplied in the authorization request.'],
  530032: [GRANT, 'Access has been blocked by Conditional Access policies: ' +
    'blocked by security policy.', { suberror: 'message_only' }],
  530084: [GRANT, 'Access has been blocked by Conditional Access token ' +
    'protection policy.', { suberror: 'protection_policy_required' }],
  650056: ['invalid_client', 'Misconfigured application.', { status: 401 }],
  650057: ['invalid_resource', 'Invalid resource. The client has requested ' +
    "access to a resource which is not listed in the requested permissions " +
    "in the client's application registration."],
  700011: ['unauthorized_client', 'The application with this identifier was ' +
    'not found in the directory.'],
  700016: ['unauthorized_client', 'Application was not found in the ' +
    'directory. This can happen if the application has not been installed ' +
    'by the administrator of the tenant.'],
  700023: ['invalid_client', 'Client assertion audience claim does not match ' +
    'Realm issuer.', { status: 401 }],
  700024: ['invalid_client', 'Client assertion is not within its valid time ' +
    'range.', { status: 401 }],
  700025: ['invalid_client', 'Client is public so neither ' +
    "'client_assertion' nor 'client_secret' should be presented.",
    { status: 401 }],
  700027: ['invalid_client', 'Client assertion failed signature validation.',
    { status: 401 }],
  700082: [GRANT, 'The refresh token has expired due to inactivity.', STALE],
  700084: [GRANT, 'The refresh token was issued to a single page app, and ' +
    'therefore has a fixed, limited lifetime.', STALE],
  700213: ['invalid_client', 'No matching federated identity record found ' +
    'for presented assertion subject.', { status: 401 }],
  7000215: ['invalid_client', 'Invalid client secret provided.',
    { status: 401 }],
  7000218: ['invalid_client', 'The request body must contain the following ' +
    "parameter: 'client_assertion' or 'client_secret'.", { status: 401 }],
  7000222: ['invalid_client', 'The provided client secret keys are expired.',
    { status: 401 }],
  9001023: ['invalid_request', 'The grant type is not supported over the ' +
    '/common or /consumers endpoints. Please use the /organizations or ' +
    'tenant-specific endpoint.'],
};

// The answer's status and body. `more` wins over the table: an error, a text.
export function answerOf(number, more = {}) {
  const [error, text, extra = {}] = ERRORS[number] ?? ERRORS[70000];
  const { status = 400, ...members } = { ...extra, ...more.members };
  const now = new Date(Date.now()).toISOString();
  const timestamp = `${now.slice(0, 10)} ${now.slice(11, 19)}Z`;
  const [trace, correlation] = [randomUUID(), randomUUID()];
  return {
    status,
    body: {
      error: more.error ?? error,
      error_description: `AADSTS${number}: ${more.text ?? text} ` +
        `Trace ID: ${trace} Correlation ID: ${correlation} ` +
        `Timestamp: ${timestamp}`,
      error_codes: [number],
      timestamp,
      trace_id: trace,
      correlation_id: correlation,
      error_uri: `https://login.microsoftonline.com/error?code=${number}`,
      ...members,
    },
  };
}
