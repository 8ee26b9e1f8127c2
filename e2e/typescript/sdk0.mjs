// Sessions with the first generation of the official SDK (@polar-sh/sdk 0.48.1), which
// takes the session token with each call. Usage: node sdk0.mjs class|standalone

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

import { Polar } from "polar-sdk-0";
import { PolarCore } from "polar-sdk-0/core.js";
import { customerPortalCustomerSessionGetAuthenticatedUser } from "polar-sdk-0/funcs/customerPortalCustomerSessionGetAuthenticatedUser.js";
import { customerPortalCustomerSessionIntrospect } from "polar-sdk-0/funcs/customerPortalCustomerSessionIntrospect.js";
import { customerSessionsCreate } from "polar-sdk-0/funcs/customerSessionsCreate.js";
import { customersCreate } from "polar-sdk-0/funcs/customersCreate.js";
import { HTTPValidationError } from "polar-sdk-0/models/errors/httpvalidationerror.js";
import { SDKError } from "polar-sdk-0/models/errors/sdkerror.js";

import {
  accessToken, checkLifetime, checkPortalURL, checkToken, done, memberModel, organizationID,
  server, newCustomer, step, unknownToken,
} from "./steps.mjs";

// Each form has four functions that resolve to {ok: true, value} or {ok: false, error}.
// The standalone functions of the SDK do that; the methods of its class throw errors.
const forms = {
  class(options) {
    const polar = new Polar(options);
    const settle = (promise) =>
      promise.then((value) => ({ ok: true, value }), (error) => ({ ok: false, error }));
    return {
      createCustomer: (body) => settle(polar.customers.create(body)),
      createSession: (body) => settle(polar.customerSessions.create(body)),
      introspect: (security) => settle(polar.customerPortal.customerSession.introspect(security)),
      user: (security) => settle(polar.customerPortal.customerSession.getAuthenticatedUser(security)),
    };
  },
  standalone(options) {
    const polar = new PolarCore(options);
    return {
      createCustomer: (body) => customersCreate(polar, body),
      createSession: (body) => customerSessionsCreate(polar, body),
      introspect: (security) => customerPortalCustomerSessionIntrospect(polar, security),
      user: (security) => customerPortalCustomerSessionGetAuthenticatedUser(polar, security),
    };
  },
};

const form = forms[process.argv[2]];
assert.ok(form, "usage: node sdk0.mjs class|standalone");

const merchant = form({ serverURL: server, accessToken });
const portal = form({ serverURL: server }); // as the SDK's own page does: no access token

// value returns the result of a call that must succeed.
async function value(call) {
  const result = await call;
  if (!result.ok) throw result.error;
  return result.value;
}

// failure returns the error of a call that must fail with errorClass and the status.
async function failure(call, errorClass, status) {
  const result = await call;
  assert.equal(result.ok, false, "the call succeeded");
  assert.ok(result.error instanceof errorClass, `not a ${errorClass.name}: ${result.error}`);
  assert.equal(result.error.statusCode, status);
  return result.error;
}

const ada = newCustomer();

const customer = await step("create a customer", async () => {
  const customer = await value(merchant.createCustomer({
    type: "individual", email: ada.email, name: ada.name, externalId: ada.externalID,
  }));
  assert.equal(customer.type, "individual");
  assert.equal(customer.email, ada.email);
  assert.equal(customer.name, ada.name);
  assert.equal(customer.externalId, ada.externalID);
  assert.equal(customer.organizationId, organizationID);
  return customer;
});

function checkSession(session) {
  checkToken(session.token);
  checkLifetime(session.expiresAt);
  checkPortalURL(session.customerPortalUrl, session.token, ada.email);
  assert.equal(session.customerId, customer.id);
  assert.equal(session.customer.id, customer.id);
  assert.equal(session.customer.email, ada.email);
  assert.equal(session.modifiedAt, null);
  return session;
}

const byID = await step("create a session by customer id", async () => {
  const session = await value(merchant.createSession({ customerId: customer.id }));
  assert.equal(session.returnUrl, null);
  return checkSession(session);
});

const byExternalID = await step("create a session by external id, with a return URL", async () => {
  const session = await value(merchant.createSession({
    externalCustomerId: ada.externalID, returnUrl: "https://example.com",
  }));
  assert.equal(session.returnUrl, "https://example.com/");
  assert.notEqual(session.token, byID.token);
  return checkSession(session);
});

// Each security parameter accepts both kinds of token.
for (const name of ["customerSession", "memberSession"]) {
  for (const session of [byID, byExternalID]) {
    const which = session === byID ? "id" : "external id";
    await step(`introspect as ${name}, session by ${which}`, async () => {
      const info = await value(portal.introspect({ [name]: session.token }));
      assert.deepEqual(info.expiresAt, session.expiresAt);
      assert.equal(info.returnUrl, session.returnUrl);
    });
  }

  await step(`read the user as ${name}`, async () => {
    const user = await value(portal.user({ [name]: byID.token }));
    assert.equal(user.type, memberModel ? "member" : "customer");
    assert.equal(user.email, ada.email);
    assert.equal(user.name, ada.name);
    assert.equal(user.customerId, customer.id);
    assert.equal(user.role, memberModel ? "owner" : null);
    if (memberModel) assert.match(user.memberId, /^[0-9a-f-]{36}$/);
    else assert.equal(user.memberId, null);
  });
}

await step("introspect an unknown token: 401", async () => {
  const error = await failure(portal.introspect({ customerSession: unknownToken }), SDKError, 401);
  assert.equal(JSON.parse(error.body).error, "invalid_token");
});

await step("introspect a malformed token: 401", async () => {
  const error = await failure(portal.introspect({ memberSession: "polar_mst_nonsense" }), SDKError, 401);
  assert.equal(JSON.parse(error.body).error, "invalid_token");
});

await step("introspect with a token of the wrong kind: 401", async () => {
  const error = await failure(portal.introspect({ customerSession: accessToken }), SDKError, 401);
  assert.equal(JSON.parse(error.body).error, "Unauthorized");
});

await step("read the user with an unknown token: 401", () =>
  failure(portal.user({ customerSession: unknownToken }), SDKError, 401));

await step("create a session with a session's token: 401", async () => {
  const impostor = form({ serverURL: server, accessToken: byID.token });
  await failure(impostor.createSession({ customerId: customer.id }), SDKError, 401);
});

await step("create a session for a missing customer id: 422", async () => {
  const missing = randomUUID();
  const error = await failure(merchant.createSession({ customerId: missing }), HTTPValidationError, 422);
  assert.equal(error.detail.length, 1);
  assert.deepEqual(error.detail[0].loc, ["body", "customer_id"]);
  assert.equal(error.detail[0].msg, "Customer does not exist.");
  assert.equal(error.detail[0].input, missing);
});

await step("create a session for a missing external id: 422", async () => {
  const error = await failure(
    merchant.createSession({ externalCustomerId: "nobody" }), HTTPValidationError, 422);
  assert.deepEqual(error.detail[0].loc, ["body", "external_customer_id"]);
  assert.equal(error.detail[0].msg, "Customer does not exist.");
});

await step("create a session for a malformed customer id: 422", async () => {
  const error = await failure(merchant.createSession({ customerId: "nope" }), HTTPValidationError, 422);
  assert.ok(error.detail.some((item) => item.type === "uuid_parsing"));
});

done();
