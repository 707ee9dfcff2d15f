// Microsoft Entra's sign-in (v2.0) on loopback, for tests: an HTTPS front that
// speaks Entra's paths, errors and tokens, with oidc-provider behind it.
//
//   node shim.mjs WORLD.json
//
// WORLD.json: tenant (a GUID), domains, users [{upn, oid, name, claims?}], apps
// [{id, name, public, permissions {resource: [names]}, certificates?,
// federated?, secrets?}], key and certificate (PEM files), ready (a file that
// gets {"url"} when it listens). It ends with its standard input.
//
// Steering, below /__: POST fault, clock, rules, revoke; GET journal, errors.
import fs from 'node:fs';
import https from 'node:https';
import { refuse } from './assertion.mjs';
import { ERRORS, answerOf } from './errors.mjs';
import { CHECKED, RESOURCE, insideScope, makeProvider, resourceScopes }
  from './provider.mjs';
import { revoke, rules } from './store.mjs';

const world = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
const settings = { lifetime: 4199, lifetimes: [], interval: 1, hasty: true };
const journal = { requests: [], access: [], refresh: [], codes: [] };
let faults = [];

// The clock, moved for everything in this process.
let ahead = 0;
const machine = Date.now.bind(Date);
Date.now = () => machine() + ahead;

// What a sign-in was asked for, by its state: a moment from which its tokens
// are valid, and a refresh token. Then by its grant.
const asked = new Map();
const floors = new Map();
const offline = new Set();
function floorIn(claims) {
  try {
    return Number(JSON.parse(claims).access_token.nbf.value) || 0;
  } catch {
    return 0;
  }
}
const entra = {
  ...world,
  lifetime: () => settings.lifetimes.shift() ?? settings.lifetime,
  granted: (grant, state) => {
    const { floor = 0, lasting = true } = asked.get(state) ?? {};
    floors.set(grant, floor);
    if (lasting) offline.add(grant);
  },
  lasting: (grant) => offline.has(grant),
  floor: (ctx, grant) => {
    const floor = Math.max(floors.get(grant) ?? 0,
      floorIn(ctx?.req.body?.claims));
    floors.set(grant, floor);
    return floor;
  },
};

const json = (res, status, body, headers = {}) => {
  const bytes = Buffer.from(JSON.stringify(body));
  res.writeHead(status, { 'content-type': 'application/json; charset=utf-8',
    'content-length': bytes.length, 'cache-control': 'no-store', ...headers });
  res.end(bytes);
};
const html = (res, status, title, body = '') => {
  res.writeHead(status, { 'content-type': 'text/html; charset=utf-8' });
  res.end(`<!doctype html><html lang="en"><title>${title}</title>` +
    `<h1>${title}</h1>${body}`);
};
const say = (res, { status, body }) => json(res, status, body);

async function bodyOf(req) {
  const chunks = [];
  for await (const chunk of req) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

// The next scripted answer for this kind of request, if any.
function faultFor(...kinds) {
  const fault = faults.find((each) => kinds.includes(each.on));
  if (fault === undefined) return undefined;
  if (fault.skip > 0) {
    fault.skip -= 1;
    return undefined;
  }
  fault.count -= 1;
  if (fault.count <= 0) faults = faults.filter((each) => each !== fault);
  return fault;
}

// undefined: it only spoils the answer of work that is done all the same.
function scripted(fault, res, redirect) {
  if (fault.after) return false;
  if (fault.cut) {
    res.socket.destroy();
  } else if (fault.redirect !== undefined && redirect !== undefined) {
    const to = new URL(redirect.to);
    for (const [name, value] of Object.entries(
      { ...fault.redirect, state: fault.redirect.state ?? redirect.state })) {
      to.searchParams.set(name, value);
    }
    res.writeHead(302, { location: to.href });
    res.end();
  } else if (fault.aadsts !== undefined) {
    const { status, body } = answerOf(fault.aadsts, fault);
    json(res, fault.status ?? status, body, fault.headers);
  } else if (typeof fault.body === 'string') {
    res.writeHead(fault.status ?? 200, fault.headers);
    res.end(fault.body);
  } else {
    json(res, fault.status ?? 400, fault.body ?? {}, fault.headers);
  }
  return true;
}

// What is wrong with the scopes that an application asks for.
function scopeRefusal(app, text) {
  for (const { resource, permission } of resourceScopes(text)) {
    if (!entra.apps.some((each) => resource in each.permissions)) {
      return answerOf(500011);
    }
    const granted = app.permissions[resource];
    if (granted === undefined) return answerOf(650057);
    if (permission !== '.default' && !granted.includes(permission)) {
      return answerOf(65001);
    }
  }
  return undefined;
}

// Is this the application? Its proof is replaced by one for the library.
function clientRefusal(app, form, tenant) {
  const proof = form.client_assertion ?? form.client_secret;
  if (app.public) return proof === undefined ? undefined : answerOf(700025);
  if (proof === undefined) return answerOf(7000218);
  if (form.client_assertion !== undefined) {
    const { url } = entra;
    const refusal = refuse(app, form.client_assertion, [
      `${url}/${tenant}/oauth2/v2.0/token`, `${url}/${tenant}/v2.0`]);
    if (refusal !== undefined) return refusal;
  } else if (!(app.secrets ?? []).includes(form.client_secret)) {
    return answerOf(7000215);
  }
  for (const name of ['client_assertion', 'client_assertion_type']) {
    delete form[name];
  }
  form.client_secret = CHECKED;
  return undefined;
}

// What the library says in its own words, as a number of Entra's.
const NUMBERS = {
  'refresh token is expired': 700082,
  'refresh token already used': 70000,
  'authorization code already consumed': 54005,
  'authorization code is expired': 70008,
  'PKCE verification failed': 501481,
  'device code not found': 70018,
};
function inEntrasWords(body, detail) {
  if (body.error === 'authorization_pending') return answerOf(70016).body;
  if (body.error === 'access_denied') {
    // Which number it has is not documented.
    return { ...answerOf(65004, { error: 'authorization_declined' }).body,
      error_description: 'The end user has denied the authorization request.',
      error_codes: [] };
  }
  if (body.error === 'expired_token') return answerOf(70020).body;
  const number = NUMBERS[detail];
  if (number !== undefined) return answerOf(number).body;
  const text = `${body.error_description} (${detail ?? 'no detail'})`;
  return answerOf(70000, { error: body.error, text }).body;
}

const polls = new Map();
function tooHasty(code) {
  const now = machine();
  const last = polls.get(code) ?? 0;
  polls.set(code, now);
  return settings.hasty && now - last < 900 * settings.interval;
}

const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code';

// What there is against a request of the token or device endpoint.
function refusal(form, isToken, tenant) {
  const app = entra.apps.find((each) => each.id === form.client_id);
  if (app === undefined) return answerOf(700016);
  const proof = isToken ? clientRefusal(app, form, tenant) : undefined;
  if (proof !== undefined) return proof;
  const scopes = scopeRefusal(app, form.scope);
  if (scopes !== undefined) return scopes;
  if (revoked.has(form.refresh_token)) return answerOf(50173);
  if (form.grant_type === DEVICE && tooHasty(form.device_code)) {
    return answerOf(70016, { error: 'slow_down', text: 'Polling too fast.' });
  }
  return undefined;
}

const owners = new Map(); // refresh token → the user's oid
const revoked = new Set();

// POST to the token or device endpoint.
async function post(req, res, path, tenant, pass) {
  const form = Object.fromEntries(new URLSearchParams(await bodyOf(req)));
  const isToken = path.endsWith('/token');
  const grant = form.grant_type === DEVICE ? 'device_code' : form.grant_type;
  journal.requests.push({ endpoint: isToken ? 'token' : 'devicecode', tenant,
    grant, client: form.client_id, scope: form.scope, claims: form.claims,
    proof: form.client_assertion !== undefined ? 'assertion'
      : form.client_secret !== undefined ? 'secret' : 'none',
    content: req.headers['content-type'] });
  const fault = faultFor(...isToken ? ['token', grant] : ['devicecode']);
  if (fault !== undefined && scripted(fault, res)) return;
  const no = refusal(form, isToken, tenant);
  if (no !== undefined) {
    say(res, no);
    return;
  }
  const [wanted] = resourceScopes(form.scope);
  req.asked = form.scope ?? '';
  if (isToken) {
    delete form.scope;
    form.resource = RESOURCE +
      (wanted?.resource ?? Object.keys(entra.apps[0].permissions)[0]);
  } else {
    form.scope = insideScope(form.scope ?? '');
    // Whoever begins a device flow proves itself at its end.
    if (!entra.apps.find((each) => each.id === form.client_id).public) {
      form.client_secret = CHECKED;
    }
  }
  req.body = form;
  if (fault?.after) res.end = () => res.socket.destroy();
  pass(req, res);
}

// What the library answers, as Entra would.
function finish(ctx) {
  const { body } = ctx;
  if (body.error !== undefined) {
    ctx.body = inEntrasWords(body, ctx.req.detail);
    return;
  }
  if (body.device_code !== undefined) {
    delete body.verification_uri_complete;
    body.interval = settings.interval;
    body.message = 'To sign in, use a web browser to open the page ' +
      `${body.verification_uri} and enter the code ${body.user_code} to ` +
      'authenticate.';
    journal.codes.push(body.user_code);
    // The first poll comes after the interval.
    polls.set(body.device_code, machine());
    return;
  }
  const { oid } = entra.users.find(
    (each) => each.oid === ctx.oidc.entities.Account.accountId);
  journal.access.push(body.access_token);
  if (body.refresh_token) {
    journal.refresh.push(body.refresh_token);
    owners.set(body.refresh_token, oid);
  }
  body.expires_in = ctx.req.lifetime;
  body.ext_expires_in = body.expires_in;
  body.client_info = Buffer.from(JSON.stringify(
    { uid: oid, utid: entra.tenant })).toString('base64url');
  const [wanted] = resourceScopes(ctx.req.asked);
  const app = entra.apps.find((each) => each.id === ctx.req.body.client_id);
  const resource = wanted?.resource ?? Object.keys(app.permissions)[0];
  // The permissions that the token has, and what was asked for.
  body.scope = [...new Set([
    ...app.permissions[resource].map((each) => `${resource}/${each}`),
    ...ctx.req.asked.split(' ').filter((each) => each.includes('/')),
  ])].join(' ');
}

// GET authorize: the library gets scopes of its own; the rest is checked as
// Entra does. A client or an address that it does not know is never
// redirected to.
function authorize(req, res, query, pass) {
  const form = Object.fromEntries(new URLSearchParams(query));
  const app = entra.apps.find((each) => each.id === form.client_id);
  journal.requests.push({ endpoint: 'authorize', client: form.client_id,
    scope: form.scope, claims: form.claims, prompt: form.prompt,
    hint: form.login_hint, method: form.code_challenge_method,
    redirect: form.redirect_uri });
  const known = /^http:\/\/(localhost|127\.0\.0\.1)(:\d+)?$/;
  for (const [bad, number] of [[app === undefined, 700016],
    [!known.test(form.redirect_uri ?? ''), 50011]]) {
    if (bad) {
      html(res, 400, 'Sorry, but we’re having trouble signing you in.',
        `<p>${answerOf(number).body.error_description}</p>`);
      return;
    }
  }
  const to = { to: form.redirect_uri, state: form.state };
  const fault = faultFor('authorize');
  if (fault !== undefined && scripted(fault, res, to)) return;
  const no = scopeRefusal(app, form.scope);
  if (no !== undefined) {
    scripted({ redirect: { error: no.body.error,
      error_description: no.body.error_description } }, res, to);
    return;
  }
  asked.set(form.state, { floor: floorIn(form.claims),
    lasting: (form.scope ?? '').split(' ').includes('offline_access') });
  for (const name of ['claims', 'client_info', 'domain_hint']) delete form[name];
  form.scope = insideScope(form.scope ?? '');
  req.url = `/oauth2/v2.0/authorize?${new URLSearchParams(form)}`;
  pass(req, res);
}

// The page on which a person picks an account, or gives up.
async function interaction(req, res, uid, provider) {
  if (req.method !== 'POST') {
    const buttons = entra.users.map(({ upn, name }) =>
      `<button name="user" value="${upn}">${name}</button>`).join('');
    html(res, 200, 'Pick an account', '<form method="post">' +
      `${buttons}<button name="user" value="">Cancel</button></form>`);
    return;
  }
  const upn = new URLSearchParams(await bodyOf(req)).get('user');
  const user = entra.users.find((each) => each.upn === upn);
  const result = user !== undefined
    ? { login: { accountId: user.oid }, select_account: {} }
    : { error: 'access_denied',
      error_description: answerOf(65004).body.error_description };
  await provider.interactionFinished(req, res, result,
    { mergeWithLastSubmission: user !== undefined });
}

function discovery(res, tenant) {
  const own = `${entra.url}/${tenant}`;
  json(res, 200, {
    // As Entra's own: literally, where any tenant may sign in.
    issuer: `${entra.url}/${['common', 'organizations'].includes(tenant)
      ? '{tenantid}' : entra.tenant}/v2.0`,
    authorization_endpoint: `${own}/oauth2/v2.0/authorize`,
    token_endpoint: `${own}/oauth2/v2.0/token`,
    device_authorization_endpoint: `${own}/oauth2/v2.0/devicecode`,
    jwks_uri: `${own}/discovery/v2.0/keys`,
    response_types_supported: ['code'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    token_endpoint_auth_methods_supported: ['client_secret_post',
      'private_key_jwt'],
  });
}

// What az asks of the resource manager after a sign-in.
const MANAGER = {
  '/tenants': () => [{ id: `/tenants/${entra.tenant}`, tenantId: entra.tenant,
    displayName: 'Contoso', defaultDomain: entra.domains[0],
    tenantCategory: 'Home' }],
  '/subscriptions': () => [],
};

async function steer(req, res, what) {
  const body = req.method === 'POST' ? JSON.parse(await bodyOf(req) || '{}')
    : {};
  const answers = {
    fault: () => {
      if (body.clear) faults = [];
      else faults.push({ on: 'token', count: 1, skip: 0, ...body });
    },
    clock: () => { ahead += 1000 * body.advance_seconds; },
    rules: () => {
      if (body.strict !== undefined) rules.strict = body.strict;
      for (const name of Object.keys(settings)) {
        if (body[name] !== undefined) settings[name] = body[name];
      }
    },
    revoke: () => {
      const user = entra.users.find((each) => each.upn === body.user);
      for (const [token, oid] of owners) {
        if (oid === user.oid) revoked.add(token);
      }
      return { ended: revoke((each) => each.accountId === user.oid) };
    },
    journal: () => journal,
    errors: () => Object.fromEntries(Object.keys(ERRORS).map(
      (number) => [number, answerOf(Number(number))])),
    now: () => ({ now: Date.now() / 1000 }),
  };
  if (!(what in answers)) json(res, 404, {});
  else json(res, 200, answers[what]() ?? {});
}

const ENDPOINT = /^\/(?:oauth2|discovery|v2\.0)\//;

async function answer(req, res, provider, pass) {
  const [whole, query = ''] = req.url.split('?');
  if (whole.startsWith('/__')) return steer(req, res, whole.slice(3));
  if (whole in MANAGER) return json(res, 200, { value: MANAGER[whole]() });
  const page = /^\/interaction\/([\w-]+)$/.exec(whole);
  if (page !== null) return interaction(req, res, page[1], provider);
  const [, tenant, rest] = /^\/([^/]+)(\/.*)$/.exec(whole) ?? [];
  const named = !ENDPOINT.test(whole);
  const path = named ? rest ?? whole : whole;
  const known = ['common', 'organizations', entra.tenant, ...entra.domains];
  if (named && !known.includes(tenant)) return say(res, answerOf(90002));
  if (path === '/v2.0/.well-known/openid-configuration') {
    return discovery(res, tenant);
  }
  if (req.method === 'POST' && /^\/oauth2\/v2\.0\/(token|devicecode)$/.test(
    path)) {
    return post(req, res, path, tenant, (q, s) => {
      q.url = path;
      pass(q, s);
    });
  }
  if (path === '/oauth2/v2.0/authorize' && req.method === 'GET') {
    return authorize(req, res, query, pass);
  }
  req.url = path + (query ? `?${query}` : '');
  return pass(req, res);
}

const server = https.createServer({ key: fs.readFileSync(world.key),
  cert: fs.readFileSync(world.certificate) });
server.listen(0, '127.0.0.1', () => {
  entra.url = `https://localhost:${server.address().port}`;
  for (const { permissions } of entra.apps) {
    if (permissions.self !== undefined) permissions[entra.url] = permissions.self;
    delete permissions.self;
  }
  const provider = makeProvider(entra.url, entra);
  provider.use(async (ctx, next) => {
    await next();
    if (/\/(token|devicecode)$/.test(ctx.path) && ctx.body?.error !== null &&
        typeof ctx.body === 'object') finish(ctx);
  });
  for (const event of ['grant.error', 'device_authorization.error',
    'authorization.error']) {
    provider.on(event, (ctx, error) => {
      ctx.req.detail = error.error_detail;
      console.error(event, error.message, error.error_detail ?? '');
    });
  }
  provider.on('server_error', (_, error) => console.error(error.stack));
  const pass = provider.callback();
  server.on('request', (req, res) => {
    res.setHeader('date', new Date(Date.now()).toUTCString());
    answer(req, res, provider, pass).catch((error) => {
      console.error(error.stack);
      if (!res.headersSent) json(res, 500, { error: String(error) });
    });
  });
  fs.writeFileSync(`${world.ready}.new`, JSON.stringify({ url: entra.url }));
  fs.renameSync(`${world.ready}.new`, world.ready);
});
process.stdin.resume().on('end', () => process.exit(0));
