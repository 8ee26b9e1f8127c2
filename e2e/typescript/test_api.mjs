// The test API of `postern dev --test-api`, used with either generation of the official
// SDK. Usage: node test_api.mjs 0|1

import assert from "node:assert/strict";

import { Polar } from "polar-sdk-0";
import { createPolar } from "polar-sdk-1/2026-10";

import { done, setting, step } from "./report.mjs";

const server = setting("POSTERN_URL");

// Each generation has three functions: create a customer and return its id, create a
// session and return its token, and introspect a token.
const generations = {
  0(accessToken) {
    const polar = new Polar({ serverURL: server, accessToken });
    return {
      createCustomer: async (email) => (await polar.customers.create({ type: "individual", email })).id,
      createSession: async (customerId) => (await polar.customerSessions.create({ customerId })).token,
      introspect: (token) => polar.customerPortal.customerSession.introspect({ customerSession: token }),
    };
  },
  1(accessToken) {
    const polar = createPolar({ baseUrl: server, accessToken });
    return {
      createCustomer: async (email) => (await polar.customers.create({ type: "individual", email })).id,
      createSession: async (customer_id) => (await polar.customerSessions.create({ customer_id })).token,
      introspect: (token) => createPolar({ baseUrl: server, accessToken: token }).customerPortal.customerSession.introspect(),
    };
  },
};

const generation = generations[process.argv[2]];
assert.ok(generation, "usage: node test_api.mjs 0|1");

// control sends a request to the test API, which must succeed.
async function control(method, path, body) {
  const response = await fetch(`${server}/_test/${path}`, {
    method, headers: { "Content-Type": "application/json" }, body: body && JSON.stringify(body),
  });
  const text = await response.text();
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
  return text && JSON.parse(text);
}

// ask sends a request without an SDK, for the login, which the SDKs do not support.
async function ask(path, body) {
  const response = await fetch(server + path, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  });
  assert.ok(response.ok, `${path}: ${response.status}`);
  return response.json();
}

// refused checks that a call fails with the status. For a 5xx, the second generation has
// the status only in the error text.
async function refused(call, status) {
  const error = await call.then(() => assert.fail("the call succeeded"), (error) => error);
  assert.equal(error.statusCode ?? Number(error.message.match(/: (5\d\d) /)?.[1]), status, String(error));
}

const email = "ada@example.com"; // each organization has a customer with this address

// fresh creates an organization with a customer.
async function fresh() {
  const organization = await control("POST", "organizations");
  const polar = generation(organization.access_token);
  return { organization, polar, customer: await polar.createCustomer(email) };
}

const [acme, other] = await step("two organizations have customers with the same address", () => Promise.all([fresh(), fresh()]));

await step("a session belongs to its organization", async () => {
  const token = await acme.polar.createSession(acme.customer);
  await acme.polar.introspect(token);
  await refused(other.polar.createSession(acme.customer), 422);
});

await step("a cached session expires when the clock is advanced", async () => {
  const token = await acme.polar.createSession(acme.customer);
  await acme.polar.introspect(token);
  await control("POST", "clock/advance", { seconds: 3599 });
  await acme.polar.introspect(token);
  const { now } = await control("POST", "clock/advance", { seconds: 1 });
  await refused(acme.polar.introspect(token), 401);
  assert.ok(new Date(now) - Date.now() > 59 * 60_000, now);
});

await step("a login code is read from the mailbox", async () => {
  const session = "/v1/customer-portal/customer-session";
  for (const { organization } of [acme, other])
    await ask(`${session}/request`, { email, organization_id: organization.organization_id });
  const { organization_slug: slug } = acme.organization;
  const mail = await control("GET", `mail/latest?to=${encodeURIComponent(email)}&organization=${slug}`);
  assert.equal(mail.organization_slug, slug);
  const { token } = await ask(`${session}/authenticate`, { code: mail.code });
  await acme.polar.introspect(token);
  assert.equal((await control("GET", `mail?organization=${slug}`)).items.length, 1);
});

await step("a fault applies to the matching requests", async () => {
  const route = "POST /v1/customer-sessions/";
  const bearer = acme.organization.access_token;
  await control("POST", "faults", { route, bearer, times: 1, status: 503 });
  await other.polar.createSession(other.customer);
  await refused(acme.polar.createSession(acme.customer), 503);
  await acme.polar.createSession(acme.customer);
  const { items } = await control("GET", "faults");
  assert.deepEqual(items.map(({ route, status, applied }) => ({ route, status, applied })), [{ route, status: 503, applied: 1 }]);
});

await step("a dropped connection and recovery", async () => {
  await control("POST", "faults", { drop: true });
  await assert.rejects(acme.polar.createSession(acme.customer));
  await assert.rejects(ask("/v1/customer-portal/customer-session/authenticate", { code: "ABCDEF" }), { name: "TypeError" });
  await control("DELETE", "faults");
  await acme.polar.createSession(acme.customer);
});

done();
