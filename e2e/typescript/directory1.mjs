// Customers, members, organizations and the portal with the second generation of the
// official SDK (@polar-sh/sdk 1.0.1), and its error classes for them.
// Usage: node directory1.mjs 2026-04|2026-10|2027-01
//
// Two errors of the SDK cannot happen. AmbiguousExternalCustomerID: an access token
// belongs to one organization, so an external id is never ambiguous.
// CustomerPortalMembers…400Error: the portal rejects an invalid body or role change with 422.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

import { PolarClientError, PolarNetworkError, PolarRateLimitError, PolarServerError } from "polar-sdk-1";

import {
  accessToken, brokenServer, confirmation, done, limitedServer, logIn, succeeded, memberModel, unreachableServer,
  organizationID, organizationSlug, plain, server, newCustomer, step, unknownToken,
} from "./steps.mjs";

const [version] = process.argv.slice(2);
const { createPolar, errors } = await import(`polar-sdk-1/${version}`);

const client = (accessToken, baseUrl = server) => createPolar({ baseUrl, accessToken });
const polar = client(accessToken);
const { customers } = polar;
const { members } = customers;

// failure returns the error of a call that must fail with exactly errorClass and the status.
async function failure(call, errorClass, status) {
  const error = await call.then(() => assert.fail("the call succeeded"), (error) => error);
  assert.equal(error.constructor, errorClass, `not a ${errorClass.name}: ${error}`);
  assert.equal(error.statusCode, status);
  return error.error;
}

async function notFound(call, detail = "Not found") {
  const error = await failure(call, errors.ResourceNotFound, 404);
  assert.deepEqual(error, { error: "ResourceNotFound", detail });
}

async function notPermitted(call, detail) {
  const error = await failure(call, errors.NotPermitted, 403);
  assert.deepEqual(error, { error: "NotPermitted", detail });
}

// invalid checks that the SDK reports one validation error with its location, reason and input.
async function invalid(call, { error = "PolarRequestValidationError", ...item }) {
  const refusal = await failure(call, errors.HTTPValidationError, 422);
  assert.deepEqual(refusal, { error, detail: [item] });
}

// unauthorized checks a 401, which the SDK does not know for these calls: the body is a string.
async function unauthorized(call, body) {
  assert.deepEqual(JSON.parse(await failure(call, PolarClientError, 401)), body);
}

const anonymous = { error: "Unauthorized", detail: "Unauthorized" };
const invalidToken = {
  error: "invalid_token",
  error_description:
    "The access token provided is expired, revoked, malformed, or invalid for other reasons.",
};

async function all(items) {
  const list = [];
  for await (const item of items) list.push(item);
  return list;
}

const ids = (list) => list.map(({ id }) => id);

// Customers.

const run = randomUUID(); // what this run makes can be told from the rest
const ada = newCustomer(), bob = newCustomer(), team = newCustomer();

const individual = await step("create an individual customer", async () => {
  const customer = await customers.create({
    email: ada.email, name: ada.name, external_id: ada.externalID, locale: "en",
    metadata: { run, seats: 3, ratio: 1.5, vip: true },
    billing_address: { country: "FR", city: "Paris", postal_code: "75001", line1: "1 rue de Rivoli" },
  });
  assert.equal(customer.type, "individual");
  assert.equal(customer.organization_id, organizationID);
  assert.equal(customer.email_verified, false);
  assert.equal(customer.deleted_at, null);
  assert.deepEqual(customer.metadata, { run, seats: 3, ratio: 1.5, vip: true });
  assert.deepEqual(customer.billing_address, {
    line1: "1 rue de Rivoli", line2: null, postal_code: "75001", city: "Paris", state: null, country: "FR",
  });
  return customer;
});

const group = await step("create a team customer with an owner", async () => {
  const customer = await customers.create({
    type: "team", name: "Analytical Engines", external_id: team.externalID, metadata: { run },
    owner: { email: team.email, name: team.name, external_id: "owner" },
  });
  assert.equal(customer.type, "team");
  assert.equal(customer.email, null);
  assert.equal(customer.name, "Analytical Engines");
  return customer;
});

const others = await step("create more customers", () => Promise.all(
  [1, 2, 3].map((n) => customers.create({ email: `${n}-${bob.email}`, name: `Bob ${n}`, metadata: { run } }))));

await step("list by email", async () => {
  const { items, pagination } = await customers.list({ email: ada.email });
  assert.deepEqual(items, [individual]);
  assert.deepEqual(pagination, { total_count: 1, max_page: 1 });
});

await step("list by metadata, sorted", async () => {
  const { items } = await customers.list({ metadata: { run }, sorting: ["-name"] });
  assert.deepEqual(items.map(({ name }) => name), ["Bob 3", "Bob 2", "Bob 1", "Analytical Engines", "Ada Lovelace"]);
});

await step("list by text", async () => {
  const { items } = await customers.list({ query: bob.email, sorting: ["name"] });
  assert.deepEqual(items.map(({ name }) => name), ["Bob 1", "Bob 2", "Bob 3"]);
});

await step("list nothing", async () => {
  const nothing = { items: [], pagination: { total_count: 0, max_page: 0 } };
  assert.deepEqual(await customers.list({ email: "nobody@example.com" }), nothing);
  assert.deepEqual(await customers.list({ organization_id: [randomUUID()] }), nothing);
});

await step("list page by page", async () => {
  const page = await customers.list({ metadata: { run }, limit: 2, page: 3 });
  assert.equal(page.items.length, 1);
  assert.deepEqual(page.pagination, { total_count: 5, max_page: 3 });
  const every = await all(customers.iterList({ metadata: { run }, limit: 2 }));
  assert.deepEqual(ids(every).sort(), ids([individual, group, ...others]).sort());
});

await step("get by id and by external id", async () => {
  assert.deepEqual(await customers.get(individual.id), individual);
  assert.deepEqual(await customers.getExternal(ada.externalID), individual);
});

await step("update by id", async () => {
  const customer = await customers.update(individual.id, { name: "Countess", metadata: { run, vip: false } });
  assert.equal(customer.name, "Countess");
  assert.deepEqual(customer.metadata, { run, vip: false });
  assert.ok(customer.modified_at);
});

await step("update by external id", async () => {
  const customer = await customers.updateExternal(ada.externalID, { name: ada.name });
  assert.equal(customer.name, ada.name);
});

await step("delete by id and by external id", async () => {
  const token = (await polar.customerSessions.create({ customer_id: others[0].id })).token;
  await customers.delete(others[0].id);
  await customers.update(others[1].id, { external_id: bob.externalID });
  await customers.deleteExternal(bob.externalID, { anonymize: true });
  await notFound(customers.get(others[0].id));
  await notFound(customers.getExternal(bob.externalID));
  await unauthorized(client(token).customerPortal.customerSession.introspect(), invalidToken);
});

await step("customers that are not there: ResourceNotFound", async () => {
  const missing = randomUUID();
  await notFound(customers.get(missing));
  await notFound(customers.update(missing, { name: "x" }));
  await notFound(customers.delete(missing));
  await notFound(customers.updateExternal(missing, { name: "x" }));
  await notFound(customers.deleteExternal(missing));
});

await step("bad customers: HTTPValidationError", async () => {
  const shouted = ada.email.replace("ada", "ADA");
  await invalid(customers.create({ email: shouted }), {
    type: "value_error", loc: ["body", "email"], input: shouted,
    msg: "A customer with this email address already exists.",
  });
  await invalid(customers.create({ email: "x@example.com", organization_id: organizationID }), {
    type: "organization_token", loc: ["body", "organization_id"], input: organizationID,
    msg: "Setting organization_id is disallowed when using an organization token.",
  });
  await invalid(customers.update(individual.id, { external_id: "other" }), {
    type: "value_error", loc: ["body", "external_id"], input: "other",
    msg: "Customer external ID cannot be updated.",
  });
  await invalid(customers.list({ limit: 0 }), {
    error: "RequestValidationError", type: "greater_than", loc: ["query", "limit"], input: "0",
    msg: "Input should be greater than 0", ctx: { gt: 0 },
  });
});

// Members. The SDK lists them with a route that Postern does not have. The test uses
// GET /v1/members/ instead.

const list = async (query) =>
  succeeded(await plain("GET", `/v1/members/?${new URLSearchParams(query)}`, undefined, accessToken));

if (memberModel) {
  const owner = await step("list the members of a customer", async () => {
    const { items } = await list({ customer_id: group.id });
    assert.equal(items.length, 1);
    assert.equal(items[0].email, team.email);
    assert.equal(items[0].role, "owner");
    assert.deepEqual((await list({ customer_id: group.id, role: "member" })).items, []);
    return items[0];
  });

  const carol = await step("create and get a member", async () => {
    const member = await members.create(group.id, {
      email: `carol-${team.email}`, name: "Carol", external_id: "carol", role: "billing_manager",
    });
    assert.equal(member.customer_id, group.id);
    assert.equal(member.role, "billing_manager");
    assert.deepEqual(await members.get(group.id, member.id), member);
    assert.deepEqual(await members.getExternal(team.externalID, "carol"), member);
    return member;
  });

  const dave = await step("create a member by external id", async () => {
    const member = await members.createExternal(team.externalID, { email: `dave-${team.email}`, external_id: "dave" });
    assert.equal(member.role, "member");
    const { items } = await list({ external_customer_id: team.externalID, sorting: "created_at" });
    assert.deepEqual(ids(items), [owner.id, carol.id, member.id]);
    return member;
  });

  await step("update a member by id and by external id", async () => {
    assert.equal((await members.update(group.id, dave.id, { name: "Dave" })).name, "Dave");
    assert.equal((await members.updateExternal(team.externalID, "dave", { role: "billing_manager" })).role, "billing_manager");
  });

  await step("create a session by member", async () => {
    for (const which of [{ member_id: dave.id }, { external_member_id: "dave" }]) {
      const session = await polar.customerSessions.create({ customer_id: group.id, ...which });
      const user = await client(session.token).customerPortal.customerSession.getAuthenticatedUser();
      assert.deepEqual(user, {
        type: "member", name: "Dave", email: dave.email, customer_id: group.id,
        member_id: dave.id, role: "billing_manager",
      });
    }
    await invalid(polar.customerSessions.create({ customer_id: group.id }), {
      type: "value_error", loc: ["body", "member_id"], input: null,
      msg: "member_id is required for team customers.",
    });
  });

  await step("transfer the ownership", async () => {
    assert.equal((await members.update(group.id, carol.id, { role: "owner" })).role, "owner");
    assert.notEqual((await members.get(group.id, owner.id)).role, "owner");
  });

  await step("delete a member by id and by external id", async () => {
    await members.delete(group.id, owner.id);
    await notFound(members.get(group.id, owner.id), "Member not found");
    const { token } = await polar.customerSessions.create({ customer_id: group.id, member_id: dave.id });
    await members.deleteExternal(team.externalID, "dave");
    await notFound(members.deleteExternal(team.externalID, "dave"), "Member not found");
    await unauthorized(client(token).customerPortal.customerSession.introspect(), invalidToken);
  });

  await step("members that are refused: ResourceNotFound, NotPermitted, HTTPValidationError", async () => {
    await notFound(members.create(randomUUID(), { email: bob.email }), "Customer not found");
    await notPermitted(members.create(individual.id, { email: bob.email }),
      "Individual customers can only have one member (the owner). " +
      "Upgrade to a team customer to add more members.");
    await invalid(members.delete(group.id, carol.id), {
      type: "value_error", loc: ["body"], input: carol.id,
      msg: "Cannot delete the only owner. Transfer ownership first.",
    });
  });

  // The portal of a team. Its errors have a class for each call and status, with the
  // original body.
  const { token } = await polar.customerSessions.create({ customer_id: group.id, member_id: carol.id });
  const portal = client(token).customerPortal.members;

  const erin = await step("portal: add, list and update a member", async () => {
    const added = await portal.addMember({ email: `erin-${team.email}`, name: "Erin" });
    assert.equal(added.role, "member");
    assert.equal((await portal.addMember({ email: `erin-${team.email}` })).id, added.id);
    const { items } = await portal.listMembers();
    assert.deepEqual(ids(items), [carol.id, added.id]);
    assert.deepEqual(ids(await all(portal.iterListMembers({ limit: 1 }))), [carol.id, added.id]);
    const updated = await portal.updateMember(added.id, { name: "Erin E.", role: "billing_manager" });
    assert.equal(updated.name, "Erin E.");
    assert.equal(updated.role, "billing_manager");
    return updated;
  });

  await step("portal: what a plain member may not: …403Error", async () => {
    await portal.updateMember(erin.id, { role: "member" });
    const session = await polar.customerSessions.create({ customer_id: group.id, member_id: erin.id });
    const plainMember = client(session.token).customerPortal.members;
    const body = { error: "NotPermitted", detail: "Insufficient role for this operation" };
    for (const [call, errorClass] of [
      [() => plainMember.listMembers(), errors.CustomerPortalMembersListMembers403Error],
      [() => plainMember.addMember({ email: bob.email }), errors.CustomerPortalMembersAddMember403Error],
      [() => plainMember.updateMember(carol.id, { name: "x" }), errors.CustomerPortalMembersUpdateMember403Error],
      [() => plainMember.removeMember(carol.id), errors.CustomerPortalMembersRemoveMember403Error],
    ]) assert.deepEqual(await failure(call(), errorClass, 403), body);
  });

  await step("portal: members that are not there: …404Error", async () => {
    for (const [call, errorClass] of [
      [() => portal.updateMember(randomUUID(), { name: "x" }), errors.CustomerPortalMembersUpdateMember404Error],
      [() => portal.removeMember(randomUUID()), errors.CustomerPortalMembersRemoveMember404Error],
    ]) assert.equal((await failure(call(), errorClass, 404)).error, "ResourceNotFound");
  });

  await step("portal: a member cannot change its own role: HTTPValidationError", async () => {
    const { detail } = await failure(portal.updateMember(carol.id, { role: "member" }), errors.HTTPValidationError, 422);
    assert.deepEqual(detail[0].loc, ["path", "id"]);
  });

  await step("portal: remove a member", async () => {
    await portal.removeMember(erin.id);
    assert.deepEqual(ids((await portal.listMembers()).items), [carol.id]);
  });
} else {
  await step("an organization without members: NotPermitted", () =>
    notPermitted(members.create(group.id, { email: bob.email }),
      "Member management is not enabled for this organization"));
}

await step("portal: members with a token of the wrong kind: …401Error", async () => {
  const portal = polar.customerPortal.members;
  for (const [call, errorClass] of [
    [() => portal.listMembers(), errors.CustomerPortalMembersListMembers401Error],
    [() => portal.addMember({ email: bob.email }), errors.CustomerPortalMembersAddMember401Error],
    [() => portal.updateMember(randomUUID(), { name: "x" }), errors.CustomerPortalMembersUpdateMember401Error],
    [() => portal.removeMember(randomUUID()), errors.CustomerPortalMembersRemoveMember401Error],
  ]) assert.deepEqual(await failure(call(), errorClass, 401), anonymous);
});

// The portal of a customer who has logged in with a code.

const entered = await step("log in by code", () => logIn(ada.email));
const me = client(entered).customerPortal;

await step("portal: read and update oneself", async () => {
  const self = await me.customers.get();
  assert.equal(self.id, individual.id);
  assert.equal(self.email_verified, true);
  assert.deepEqual(self.oauth_accounts, {});
  const updated = await me.customers.update({ billing_name: "Ada & Co." });
  assert.equal(updated.billing_name, "Ada & Co.");
  assert.equal((await customers.get(individual.id)).billing_name, "Ada & Co.");
});

await step("portal: a bad update: HTTPValidationError", () =>
  invalid(me.customers.update({ billing_address: null }), {
    type: "missing", loc: ["body", "billing_address"], input: null,
    msg: "Customer billing address cannot be reset to null once set.",
  }));

await step("portal: change the email address", async () => {
  const email = `new-${ada.email}`;
  const unverified = client("");
  assert.equal(await me.customers.requestEmailUpdate({ email }), null);
  const token = await confirmation(email);
  await unverified.customerPortal.customers.checkEmailUpdate({ token });
  const session = await unverified.customerPortal.customers.verifyEmailUpdate({ token });
  const self = await client(session.token).customerPortal.customers.get();
  assert.equal(self.email, email);
  assert.equal(self.email_verified, true);
  await unauthorized(me.customers.get(), invalidToken); // whoever reads the old address is out

  const used = { error: "InvalidCustomerEmailUpdate", detail: "This email update request is invalid or has expired." };
  assert.deepEqual(await failure(unverified.customerPortal.customers.checkEmailUpdate({ token }),
    errors.CustomerPortalCustomersCheckEmailUpdate401Error, 401), used);
  assert.deepEqual(await failure(unverified.customerPortal.customers.verifyEmailUpdate({ token }),
    errors.CustomerPortalCustomersVerifyEmailUpdate401Error, 401), used);
  await failure(unverified.customerPortal.customers.verifyEmailUpdate({}),
    errors.CustomerPortalCustomersVerifyEmailUpdate422Error, 422);
});

// Organizations.

await step("list and get organizations", async () => {
  const { items, pagination } = await polar.organizations.list({ slug: organizationSlug });
  assert.deepEqual(ids(items), [organizationID]);
  assert.deepEqual(pagination, { total_count: 1, max_page: 1 });
  assert.deepEqual(await polar.organizations.get(organizationID), items[0]);
  assert.deepEqual((await polar.organizations.list({ slug: "another" })).items, []);
  const { organization, products } = await polar.customerPortal.organizations.get(organizationSlug);
  assert.equal(organization.id, organizationID);
  assert.deepEqual(products, []);
});

await step("organizations that are not there: ResourceNotFound", async () => {
  await notFound(polar.organizations.get(randomUUID()));
  const { error } = await failure(polar.customerPortal.organizations.get("another"), errors.ResourceNotFound, 404);
  assert.equal(error, "ResourceNotFound");
});

await step("list and get webhook endpoints and deliveries", async () => {
  const endpoint = await polar.webhooks.createWebhookEndpoint({ url: "https://hooks.invalid/", format: "raw", events: ["session.created"] });
  assert.match(endpoint.secret, /^whsec_/);
  const created = { external_customer_id: team.externalID, ...(memberModel && { external_member_id: "carol" }) };
  succeeded(await plain("POST", "/v1/customer-sessions/", created, accessToken));
  const { items } = await polar.webhooks.listWebhookEndpoints();
  assert.ok(items.some(({ id }) => id === endpoint.id));
  assert.deepEqual(await polar.webhooks.getWebhookEndpoint(endpoint.id), { ...endpoint, secret: "" });
  const deliveries = await polar.webhooks.listWebhookDeliveries({ endpoint_id: endpoint.id });
  assert.equal(deliveries.items[0].webhook_event.type, "session.created");
  await polar.webhooks.deleteWebhookEndpoint(endpoint.id);
});

await step("export customers", async () => {
  assert.match(await customers.export(), /^ID,External ID,/);
});

// Errors that every call can return.

await step("an unknown token: 401", () => unauthorized(client(unknownToken).customers.list(), invalidToken));

await step("no token, or one of the wrong kind: 401", async () => {
  await unauthorized(client("").customers.list(), anonymous);
  await unauthorized(polar.customerPortal.customers.get(), anonymous);
});

await step("an access token without the scope: 403", async () => {
  const { token } = succeeded(await plain("POST", "/v1/organization-access-tokens/",
    { comment: "narrow", scopes: ["customers:read"] }, accessToken));
  await client(token).customers.list();
  const error = await failure(client(token).customers.create({ email: bob.email }), PolarClientError, 403);
  assert.equal(JSON.parse(error).error, "insufficient_scope");
});

await step("too many requests: PolarRateLimitError", async () => {
  const { customerSession } = client(unknownToken, limitedServer).customerPortal;
  await customerSession.introspect().catch(() => {}); // uses up the rate limit
  const error = await customerSession.introspect().then(() => null, (error) => error);
  assert.equal(error.constructor, PolarRateLimitError);
  assert.equal(error.statusCode, 429);
  assert.ok(error.retryAfter > 0, `retry after ${error.retryAfter}`);
});

await step("a server without its database: PolarServerError", async () => {
  const error = await client(accessToken, brokenServer).customers.list().then(() => null, (error) => error);
  assert.equal(error.constructor, PolarServerError);
  assert.match(error.message, /503.*ServiceUnavailable/);
});

await step("no server: PolarNetworkError", async () => {
  const error = await client(unknownToken, unreachableServer).customers.list().then(() => null, (error) => error);
  assert.equal(error.constructor, PolarNetworkError);
});

done();
