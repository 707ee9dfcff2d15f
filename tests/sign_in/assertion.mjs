// How a confidential client proves itself: a JWT signed with the key of its
// certificate, or one of another issuer that the application trusts
// (workload identity federation).
import { X509Certificate, createHash, createPublicKey, verify, constants }
  from 'node:crypto';
import { answerOf } from './errors.mjs';

const EXCHANGE = 'api://AzureADTokenExchange';

function decode(part) {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString());
  } catch {
    return {};
  }
}

function signedBy(key, algorithm, text, signature) {
  const options = { RS256: {}, PS256: {
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST } }[algorithm];
  return options !== undefined &&
    verify('sha256', Buffer.from(text), { key, ...options },
      Buffer.from(signature, 'base64url'));
}

// Which certificate of the application signed? Entra finds it by thumbprint.
function certificateOf(app, header) {
  const bytes = (pem) => new X509Certificate(pem).raw;
  const print = (pem, digest) =>
    createHash(digest).update(bytes(pem)).digest('base64url');
  // MSAL pads what RFC 7515 does not.
  const named = (name) => header[name]?.replace(/=+$/, '');
  return (app.certificates ?? []).find((pem) =>
    named('x5t#S256') === print(pem, 'sha256') ||
    named('x5t') === print(pem, 'sha1'));
}

const used = new Set();

// undefined: the assertion is good. Otherwise the refusal.
export function refuse(app, assertion, audiences) {
  const [head = '', payload = '', signature = ''] = assertion.split('.');
  const [header, claims] = [decode(head), decode(payload)];
  const text = `${head}.${payload}`;
  const now = Date.now() / 1000;
  let key;
  if (claims.iss === app.id) {
    const certificate = certificateOf(app, header);
    if (certificate === undefined) {
      return answerOf(700027, { text: 'The certificate with this identifier ' +
        'used to sign the client assertion is not registered on the ' +
        'application.' });
    }
    key = new X509Certificate(certificate).publicKey;
    if (claims.sub !== app.id) return answerOf(700023);
    if (![claims.aud].flat().some((aud) => audiences.includes(aud))) {
      return answerOf(700023);
    }
    // Once only: the identifier is what a replay would repeat.
    if (typeof claims.jti !== 'string' || used.has(claims.jti)) {
      return answerOf(700027, { text: 'The jti of the client assertion is ' +
        'missing or was used before.' });
    }
    if ((claims.nbf ?? 0) > now + 300) return answerOf(700024);
  } else {
    const trusted = (app.federated ?? []).find((each) =>
      each.issuer === claims.iss && each.subject === claims.sub);
    if (trusted === undefined || claims.aud !== EXCHANGE) {
      return answerOf(700213);
    }
    key = createPublicKey(trusted.key);
  }
  if (!signedBy(key, header.alg, text, signature)) return answerOf(700027);
  if (!(claims.exp > now - 300)) return answerOf(700024);
  // A pipeline's own token serves it for as long as it lives.
  if (claims.iss === app.id) used.add(claims.jti);
  return undefined;
}
