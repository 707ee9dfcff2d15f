// Everything that Microsoft's client for Node does with the secrets of a vault,
// and what it makes of the answers; a line of JSON for each.
//
// usage: BEARER=… OTHER=… node judge.mjs URL
import { SecretClient } from "@azure/keyvault-secrets";

const asked = [];
const credential = (token) => ({
  async getToken(scopes, options) {
    asked.push([scopes, options.tenantId ?? null]);
    return { token, expiresOnTimestamp: Date.now() + 3600_000 };
  },
});
const open = (token, more) =>
  new SecretClient(process.argv[2], credential(token), {
    disableChallengeResourceVerification: true,
    retryOptions: { maxRetries: 0 },
    ...more,
  });
const say = (...what) => console.log(JSON.stringify(what));
const refused = async (call) => {
  try {
    await call();
    return "done";
  } catch (error) {
    return [error.statusCode ?? error.message.slice(0, 40), error.code ?? null];
  }
};
const all = async (pages) => {
  const found = [];
  for await (const each of pages) found.push(each);
  return found;
};

const client = open(process.env.BEARER);
const expiresOn = new Date("2030-01-01T00:00:00Z");
const made = await client.setSecret("A-1", "one", {
  contentType: "x/y", expiresOn, tags: { a: "b" },
});
say("set", made.value, made.properties.tags, made.properties.contentType,
    made.properties.expiresOn.toISOString(), made.properties.recoveryLevel);
say("asked", asked[0][0], asked[0][1]?.length);
await client.setSecret("a-1", "two");
say("get", (await client.getSecret("A-1")).value);
for (let n = 0; n < 30; ++n) await client.setSecret(`s-${n}`, "x");
let pages = 0;
for await (const page of client.listPropertiesOfSecrets().byPage()) ++pages;
say("list", (await all(client.listPropertiesOfSecrets())).length, pages);
const versions = await all(client.listPropertiesOfSecretVersions("a-1"));
say("versions", versions.map((each) => each.tags?.a ?? "").sort());
say("none", (await all(client.listPropertiesOfSecretVersions("none"))).length);
await client.updateSecretProperties("a-1", made.properties.version, {
  enabled: false,
});
say("disabled", await refused(
  () => client.getSecret("a-1", { version: made.properties.version })));
const deletion = await client.beginDeleteSecret("a-1", { intervalInMs: 10 });
await deletion.pollUntilDone();
say("deleted", (await all(client.listDeletedSecrets())).map((d) => d.name));
say("taken", await refused(() => client.setSecret("a-1", "three")));
const recovery = await client.beginRecoverDeletedSecret("a-1", {
  intervalInMs: 10,
});
await recovery.pollUntilDone();
say("recovered", (await client.getSecret("a-1")).value);
await (await client.beginDeleteSecret("a-1", { intervalInMs: 10 }))
  .pollUntilDone();
await client.purgeDeletedSecret("a-1");
say("purged", await refused(() => client.getSecret("a-1")));
say("other", await refused(() => open(process.env.OTHER).setSecret("x", "y")));
say("verified", await refused(
  () => open(process.env.BEARER, {
    disableChallengeResourceVerification: false,
  }).setSecret("x", "y")));
