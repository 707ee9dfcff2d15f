// oidc-provider, set up so that what it does inside is what Entra does outside:
// one grant covers every resource, an access token is for one of them and in
// Entra's version 1.0, a refresh token is for all.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { Provider, interactionPolicy } from 'oidc-provider';
import { Store } from './store.mjs';

const YEARS = 10 * 365 * 86400;
// The scopes of no resource.
const OIDC = ['openid', 'profile', 'offline_access', 'email'];
// What a resource's scopes are inside; outside they are the permissions that
// the application has been granted.
const INSIDE = 'granted';

export const RESOURCE = 'urn:resource:';
// Only for the library: it authenticates clients that the shim has checked.
export const CHECKED = randomBytes(24).toString('hex');

// "RESOURCE/permission": the resource and the permission of each, without the
// scopes of OpenID Connect.
export function resourceScopes(text) {
  return (text ?? '').split(' ')
    .filter((scope) => scope !== '' && !OIDC.includes(scope))
    .map((scope) => {
      const at = scope.lastIndexOf('/');
      const resource = scope.slice(0, Math.max(at, 0)).replace(/\/$/, '');
      return { resource, permission: scope.slice(at + 1) };
    });
}

// Within, every request has the same scopes.
export function insideScope(text) {
  return [...OIDC.filter((scope) => text.split(' ').includes(scope)),
    INSIDE].join(' ');
}

const policyWithoutConsent = () => {
  const policy = interactionPolicy.base();
  policy.remove('consent');
  policy.add(new interactionPolicy.Prompt(
    { name: 'select_account', requestable: true }));
  return policy;
};

const page = (title, body) => `<!doctype html><html lang="en"><title>${title}` +
  `</title><h1>${title}</h1>${body}`;

const deviceFlow = {
  enabled: true,
  userCodeInputSource: (ctx, form, out) => {
    ctx.body = page('Enter code', `${form}<p>${out?.error ?? ''}</p>` +
      '<button id="next" form="op.deviceInputForm">Next</button>');
  },
  userCodeConfirmSource: (ctx, form) => {
    ctx.body = page('Are you trying to sign in?', `${form}` +
      '<button id="ok" form="op.deviceConfirmForm">Continue</button>' +
      '<button id="cancel" form="op.deviceConfirmForm" name="abort" ' +
      'value="yes">Cancel</button>');
  },
  successSource: (ctx) => {
    ctx.body = page('You have signed in', 'You can close this window.');
  },
};

function client(app) {
  return {
    client_id: app.id,
    application_type: app.public ? 'native' : 'web',
    ...(app.public ? { token_endpoint_auth_method: 'none' }
      : { token_endpoint_auth_method: 'client_secret_post',
        client_secret: CHECKED }),
    redirect_uris: app.public ? ['http://localhost', 'http://127.0.0.1']
      : ['https://localhost/not-used'],
    response_types: ['code'],
    grant_types: ['authorization_code', 'refresh_token',
      'urn:ietf:params:oauth:grant-type:device_code'],
  };
}

// `entra` is what shim.mjs keeps: the tenant, users, applications, rules, and
// `floor`, the grants whose tokens are valid from a moment that the resource
// asked for.
export function makeProvider(base, entra) {
  const resources = [...new Set(entra.apps.flatMap(
    (app) => Object.keys(app.permissions)))];
  const accessClaims = (ctx, token, jwt) => {
    const user = entra.users.find((each) => each.oid === token.accountId);
    const app = entra.apps.find((each) => each.id === token.clientId);
    const floor = entra.floor(ctx, token.grantId);
    ctx.req.lifetime = entra.lifetime();
    // Entra dates a token five minutes back.
    const from = Math.max(jwt.payload.iat - 300, floor);
    jwt.header = { typ: 'JWT' };
    jwt.payload = {
      aud: jwt.payload.aud, iss: `https://sts.windows.net/${entra.tenant}/`,
      iat: from, nbf: from, exp: jwt.payload.iat + ctx.req.lifetime, appid: app.id,
      app_displayname: app.name, appidacr: app.public ? '0' : '2',
      scp: app.permissions[jwt.payload.aud].join(' '), oid: user.oid,
      tid: entra.tenant, upn: user.upn, unique_name: user.upn,
      name: user.name, sub: token.accountId, uti: jwt.payload.jti, ver: '1.0',
      ...user.claims,
    };
  };
  const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const provider = new Provider(base, {
    adapter: Store,
    jwks: { keys: [{ ...key.export({ format: 'jwk' }), kid: 'shim' }] },
    cookies: { keys: [randomBytes(24).toString('hex')] },
    clients: entra.apps.map(client),
    routes: {
      authorization: '/oauth2/v2.0/authorize',
      token: '/oauth2/v2.0/token',
      device_authorization: '/oauth2/v2.0/devicecode',
      code_verification: '/oauth2/deviceauth',
      jwks: '/discovery/v2.0/keys',
    },
    scopes: OIDC,
    claims: { openid: ['sub', 'oid', 'tid', 'preferred_username', 'name',
      'ver'] },
    conformIdTokenClaims: false,
    findAccount: (_, oid) => {
      const user = entra.users.find((each) => each.oid === oid);
      return user && { accountId: oid, claims: () => ({ sub: oid, oid,
        tid: entra.tenant, preferred_username: user.upn, name: user.name,
        ver: '2.0' }) };
    },
    pkce: { required: () => true },
    rotateRefreshToken: true,
    // The library forgets offline_access where nobody was asked for consent.
    issueRefreshToken: (_, __, code) => entra.lasting(code.grantId),
    ttl: { AuthorizationCode: 600, DeviceCode: 900, RefreshToken: 90 * 86400,
      Grant: YEARS, Session: YEARS, Interaction: 3600, IdToken: 3600 },
    interactions: { policy: policyWithoutConsent(),
      url: (_, interaction) => `/interaction/${interaction.uid}` },
    loadExistingGrant: async (ctx) => {
      const grant = new provider.Grant({ clientId: ctx.oidc.client.clientId,
        accountId: ctx.oidc.session.accountId });
      grant.addOIDCScope(OIDC.join(' '));
      for (const each of resources) {
        grant.addResourceScope(RESOURCE + each, INSIDE);
      }
      await grant.save();
      entra.granted(grant.jti, ctx.oidc.params.state);
      return grant;
    },
    features: {
      devInteractions: { enabled: false },
      deviceFlow,
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        defaultResource: () => resources.map((each) => RESOURCE + each),
        getResourceServerInfo: (_, indicator) => ({ scope: INSIDE,
          audience: indicator.slice(RESOURCE.length),
          accessTokenFormat: 'jwt', jwt: { sign: { alg: 'RS256' } },
          accessTokenTTL: 86400 }),
      },
    },
    formats: { customizers: { jwt: accessClaims } },
  });
  return provider;
}
