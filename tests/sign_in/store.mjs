// Where oidc-provider keeps codes, grants, sessions and refresh tokens: in
// memory, by the moved clock. Entra hands out a new refresh token each time and
// still takes the old one; a strict server ends the whole chain when a used
// one comes back. `rules.strict` chooses.
const entries = new Map(); // "Model:id" → { payload, ends }

export const rules = { strict: false };

function live(key) {
  const entry = entries.get(key);
  return entry !== undefined && entry.ends > Date.now() ? entry.payload
    : undefined;
}

export class Store {
  constructor(model) { this.model = model; }

  async upsert(id, payload, expiresIn) {
    // The library asks for expired refresh tokens, to say that they have.
    const kept = ['RefreshToken', 'DeviceCode'].includes(this.model)
      ? 400 * 86400 : expiresIn ?? 400 * 86400;
    entries.set(`${this.model}:${id}`,
      { payload, ends: Date.now() + kept * 1000 });
  }

  async find(id) { return live(`${this.model}:${id}`); }

  async findByUid(uid) { return this.#with('uid', uid); }

  async findByUserCode(code) { return this.#with('userCode', code); }

  #with(member, value) {
    for (const [key, { payload }] of entries) {
      if (key.startsWith(`${this.model}:`) && payload[member] === value) {
        return live(key);
      }
    }
    return undefined;
  }

  async consume(id) {
    if (this.model === 'RefreshToken' && !rules.strict) return;
    live(`${this.model}:${id}`).consumed = Math.floor(Date.now() / 1000);
  }

  async destroy(id) { entries.delete(`${this.model}:${id}`); }

  async revokeByGrantId(grantId) { revoke((p) => p.grantId === grantId); }
}

// Ends the refresh tokens and codes that `chosen` picks; how many.
export function revoke(chosen) {
  let ended = 0;
  for (const [key, { payload }] of entries) {
    if (!/^(RefreshToken|AuthorizationCode|DeviceCode):/.test(key)) continue;
    if (!chosen(payload)) continue;
    entries.delete(key);
    ended += 1;
  }
  return ended;
}
