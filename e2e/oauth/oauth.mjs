// The OAuth 2.0 libraries oauth4webapi and openid-client find a running Postern by its metadata, and introspect and revoke
// a customer session there.

import assert from "node:assert/strict";
import * as oauth from "oauth4webapi";
import * as client from "openid-client";
import { done, setting, step } from "../typescript/report.mjs";

const server = new URL(setting("POSTERN_URL"));
const secret = setting("POSTERN_ACCESS_TOKEN");
const customer = setting("POSTERN_CUSTOMER_ID");
const insecure = { [oauth.allowInsecureRequests]: true }; // plain http, on this machine

async function createSession() {
  const response = await fetch(new URL("/v1/customer-sessions/", server), {
    method: "POST",
    headers: { authorization: `Bearer ${secret}`, "content-type": "application/json" },
    body: JSON.stringify({ customer_id: customer }),
  });
  assert.equal(response.status, 201);
  return (await response.json()).token;
}

for (const algorithm of ["oauth2", "oidc"]) {
  const as = await step(`oauth4webapi discovers the server (${algorithm})`, async () =>
    oauth.processDiscoveryResponse(server, await oauth.discoveryRequest(server, { algorithm, ...insecure })));

  for (const [name, authentication] of [
    ["basic", oauth.ClientSecretBasic(secret)],
    ["post", oauth.ClientSecretPost(secret)],
  ]) {
    await step(`oauth4webapi introspects and revokes (${algorithm}, ${name})`, async () => {
      const c = { client_id: "any + client" };
      const token = await createSession();
      const introspect = async () =>
        oauth.processIntrospectionResponse(as, c, await oauth.introspectionRequest(as, c, authentication, token, insecure));
      const live = await introspect();
      assert.equal(live.active, true);
      assert.equal(live.iss, as.issuer);
      assert.equal(live.customer_id, customer);
      await oauth.processRevocationResponse(await oauth.revocationRequest(as, c, authentication, token, insecure));
      assert.equal((await introspect()).active, false);
    });
  }

  await step(`openid-client introspects and revokes (${algorithm})`, async () => {
    const config = await client.discovery(server, "any", undefined, client.ClientSecretBasic(secret), {
      algorithm,
      execute: [client.allowInsecureRequests],
    });
    const token = await createSession();
    assert.equal((await client.tokenIntrospection(config, token)).active, true);
    await client.tokenRevocation(config, token);
    assert.equal((await client.tokenIntrospection(config, token)).active, false);
  });
}

done();
