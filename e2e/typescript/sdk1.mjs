// Sessions with the second generation of the official SDK (@polar-sh/sdk 1.0.1), which has
// a client for each API version. Usage: node sdk1.mjs class|standalone 2026-04|2026-10|2027-01

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

import { PolarClientError } from "polar-sdk-1";

import {
  accessToken, checkLifetime, checkPortalURL, checkToken, done, memberModel, organizationID,
  server, newCustomer, step, unknownToken,
} from "./steps.mjs";

const [formName, version] = process.argv.slice(2);
const { createPolar, createPolarCore, errors } = await import(`polar-sdk-1/${version}`);
const service = (name) => import(`polar-sdk-1/${version}/services/${name}`);
const { createCustomers } = await service("customers");
const { createCustomerSessions } = await service("customer_sessions");
const { getAuthenticatedUserCustomerSession, introspectCustomerSession } =
  await service("customer_portal/customer_session");

// Each form has four functions. The class form uses the object that createPolar returns;
// the standalone functions use a core.
const forms = {
  class(options) {
    const polar = createPolar({ baseUrl: server, ...options });
    return {
      createCustomer: polar.customers.create,
      createSession: polar.customerSessions.create,
      introspect: polar.customerPortal.customerSession.introspect,
      user: polar.customerPortal.customerSession.getAuthenticatedUser,
    };
  },
  standalone(options) {
    const polar = createPolarCore({ baseUrl: server, ...options });
    return {
      createCustomer: createCustomers(polar),
      createSession: createCustomerSessions(polar),
      introspect: introspectCustomerSession(polar),
      user: getAuthenticatedUserCustomerSession(polar),
    };
  },
};

const form = forms[formName];
assert.ok(form, "usage: node sdk1.mjs class|standalone VERSION");

const merchant = form({ accessToken });

// failure returns the error of a call that must fail with errorClass and the status.
async function failure(call, errorClass, status) {
  const error = await call.then(() => assert.fail("the call succeeded"), (error) => error);
  assert.ok(error instanceof errorClass, `not a ${errorClass.name}: ${error}`);
  assert.equal(error.statusCode, status);
  return error;
}

const ada = newCustomer();

const customer = await step("create a customer", async () => {
  const customer = await merchant.createCustomer({
    type: "individual", email: ada.email, name: ada.name, external_id: ada.externalID,
  });
  assert.equal(customer.type, "individual");
  assert.equal(customer.email, ada.email);
  assert.equal(customer.name, ada.name);
  assert.equal(customer.external_id, ada.externalID);
  assert.equal(customer.organization_id, organizationID);
  return customer;
});

function checkSession(session) {
  checkToken(session.token);
  checkLifetime(session.expires_at);
  checkPortalURL(session.customer_portal_url, session.token, ada.email);
  assert.equal(session.customer_id, customer.id);
  assert.equal(session.customer.id, customer.id);
  assert.equal(session.customer.email, ada.email);
  assert.equal(session.modified_at, null);
  return session;
}

const byID = await step("create a session by customer id", async () => {
  const session = await merchant.createSession({ customer_id: customer.id });
  assert.equal(session.return_url, null);
  return checkSession(session);
});

const byExternalID = await step("create a session by external id, with a return URL", async () => {
  const session = await merchant.createSession({
    external_customer_id: ada.externalID, return_url: "https://example.com",
  });
  assert.equal(session.return_url, "https://example.com/");
  assert.notEqual(session.token, byID.token);
  return checkSession(session);
});

await step("create a session, naming the organization", async () => {
  const named = form({ accessToken, organizationId: organizationID });
  checkSession(await named.createSession({ customer_id: customer.id }));
});

for (const session of [byID, byExternalID]) {
  const which = session === byID ? "id" : "external id";

  await step(`introspect, session by ${which}`, async () => {
    const info = await form({ accessToken: session.token }).introspect();
    assert.equal(new Date(info.expires_at).getTime(), new Date(session.expires_at).getTime());
    assert.equal(info.return_url, session.return_url);
  });
}

await step("introspect, the token given with the call", async () => {
  const info = await merchant.introspect({ accessToken: byID.token });
  assert.equal(info.return_url, null);
});

await step("read the user", async () => {
  const user = await form({ accessToken: byID.token }).user();
  assert.equal(user.type, memberModel ? "member" : "customer");
  assert.equal(user.email, ada.email);
  assert.equal(user.name, ada.name);
  assert.equal(user.customer_id, customer.id);
  assert.equal(user.role, memberModel ? "owner" : null);
  if (memberModel) assert.match(user.member_id, /^[0-9a-f-]{36}$/);
  else assert.equal(user.member_id, null);
});

// The SDK does not know a 401 for these calls, so it arrives as a generic client error with
// the body as a string.
await step("introspect an unknown token: 401", async () => {
  const call = form({ accessToken: unknownToken }).introspect();
  const error = await failure(call, PolarClientError, 401);
  assert.equal(JSON.parse(error.error).error, "invalid_token");
});

await step("introspect a malformed token: 401", async () => {
  const call = form({ accessToken: "polar_mst_nonsense" }).introspect();
  const error = await failure(call, PolarClientError, 401);
  assert.equal(JSON.parse(error.error).error, "invalid_token");
});

await step("introspect with a token of the wrong kind: 401", async () => {
  const error = await failure(merchant.introspect(), PolarClientError, 401);
  assert.equal(JSON.parse(error.error).error, "Unauthorized");
});

await step("read the user with an unknown token: 401", () =>
  failure(form({ accessToken: unknownToken }).user(), PolarClientError, 401));

await step("create a session with a session's token: 401", () =>
  failure(form({ accessToken: byID.token }).createSession({ customer_id: customer.id }), PolarClientError, 401));

await step("create a session for a missing customer id: 422", async () => {
  const missing = randomUUID();
  const { error } = await failure(
    merchant.createSession({ customer_id: missing }), errors.HTTPValidationError, 422);
  assert.equal(error.error, "PolarRequestValidationError");
  assert.deepEqual(error.detail, [
    { type: "value_error", loc: ["body", "customer_id"], msg: "Customer does not exist.", input: missing },
  ]);
});

await step("create a session for a missing external id: 422", async () => {
  const { error } = await failure(
    merchant.createSession({ external_customer_id: "nobody" }), errors.HTTPValidationError, 422);
  assert.deepEqual(error.detail[0].loc, ["body", "external_customer_id"]);
  assert.equal(error.detail[0].msg, "Customer does not exist.");
});

await step("create a session for a malformed customer id: 422", async () => {
  const { error } = await failure(
    merchant.createSession({ customer_id: "nope" }), errors.HTTPValidationError, 422);
  assert.equal(error.error, "RequestValidationError");
  assert.ok(error.detail.some((item) => item.type === "uuid_parsing"));
});

done();
