// Customers, members, organizations, access tokens and the portal with the first
// generation of the official SDK (@polar-sh/sdk 0.48.1), and its error classes for them.
// Usage: node directory0.mjs
//
// The error classes NotPermitted and Unauthorized belong to routes that Postern does not
// have. A 401, 403 or 429 of the other routes arrives as an SDKError.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

import { Polar } from "polar-sdk-0";
import { ConnectionError } from "polar-sdk-0/models/errors/httpclienterrors.js";
import { HTTPValidationError } from "polar-sdk-0/models/errors/httpvalidationerror.js";
import { ResourceNotFound } from "polar-sdk-0/models/errors/resourcenotfound.js";
import { SDKError } from "polar-sdk-0/models/errors/sdkerror.js";

import {
  accessToken, brokenServer, confirmation, done, limitedServer, logIn, succeeded, memberModel, unreachableServer,
  organizationID, organizationSlug, plain, server, newCustomer, step, unknownToken,
} from "./steps.mjs";

const client = (accessToken, serverURL = server) => new Polar({ serverURL, accessToken });
const polar = client(accessToken);
const { customers } = polar;

// failure returns the error of a call that must fail with exactly errorClass and the status.
async function failure(call, errorClass, status) {
  const error = await call.then(() => assert.fail("the call succeeded"), (error) => error);
  assert.equal(error.constructor, errorClass, `not a ${errorClass.name}: ${error}`);
  assert.equal(error.statusCode, status);
  return error;
}

async function notFound(call, detail = "Not found") {
  const error = await failure(call, ResourceNotFound, 404);
  assert.equal(error.error, "ResourceNotFound");
  assert.equal(error.detail, detail);
}

// invalid checks that the SDK reports one validation error with its location, reason and input.
async function invalid(call, item) {
  const { detail } = await failure(call, HTTPValidationError, 422);
  assert.equal(detail.length, 1);
  assert.deepEqual({ ...detail[0] }, item);
}

// refused checks a 4xx for which the SDK has no error class.
async function refused(call, status, body) {
  const error = await failure(call, SDKError, status);
  assert.deepEqual(JSON.parse(error.body), body);
  assert.equal(error.contentType, "application/json");
}

const anonymous = { error: "Unauthorized", detail: "Unauthorized" };
const invalidToken = {
  error: "invalid_token",
  error_description:
    "The access token provided is expired, revoked, malformed, or invalid for other reasons.",
};

// first returns the first page of a list; all returns the items of all pages.
const first = async (call) => (await call).result;
async function all(call) {
  const list = [];
  for await (const { result } of await call) list.push(...result.items);
  return list;
}

const ids = (list) => list.map(({ id }) => id);

// Customers.

const run = randomUUID(); // what this run makes can be told from the rest
const ada = newCustomer(), bob = newCustomer(), team = newCustomer();

const individual = await step("create an individual customer", async () => {
  const customer = await customers.create({
    type: "individual", email: ada.email, name: ada.name, externalId: ada.externalID, locale: "en",
    metadata: { run, seats: 3, ratio: 1.5, vip: true },
    billingAddress: { country: "FR", city: "Paris", postalCode: "75001", line1: "1 rue de Rivoli" },
  });
  assert.equal(customer.type, "individual");
  assert.equal(customer.organizationId, organizationID);
  assert.equal(customer.emailVerified, false);
  assert.equal(customer.deletedAt, null);
  assert.ok(Date.now() - customer.createdAt < 60_000);
  assert.deepEqual(customer.metadata, { run, seats: 3, ratio: 1.5, vip: true });
  assert.deepEqual({ ...customer.billingAddress }, {
    line1: "1 rue de Rivoli", line2: null, postalCode: "75001", city: "Paris", state: null, country: "FR",
  });
  return customer;
});

const group = await step("create a team customer with an owner", async () => {
  const customer = await customers.create({
    // The SDK cannot decode a customer without an avatar URL, which is derived from the email address.
    type: "team", email: `all-${team.email}`, name: "Analytical Engines", externalId: team.externalID, metadata: { run },
    owner: { email: team.email, name: team.name, externalId: "owner" },
  });
  assert.equal(customer.type, "team");
  assert.equal(customer.email, `all-${team.email}`);
  assert.equal(customer.name, "Analytical Engines");
  return customer;
});

const others = await step("create more customers", () => Promise.all(
  [1, 2, 3].map((n) => customers.create({
    type: "individual", email: `${n}-${bob.email}`, name: `Bob ${n}`, metadata: { run },
  }))));

await step("list by email", async () => {
  const { items, pagination } = await first(customers.list({ email: ada.email }));
  assert.deepEqual(items, [individual]);
  assert.deepEqual({ ...pagination }, { totalCount: 1, maxPage: 1 });
});

await step("list by metadata, sorted", async () => {
  const { items } = await first(customers.list({ metadata: { run }, sorting: ["-name"] }));
  assert.deepEqual(items.map(({ name }) => name), ["Bob 3", "Bob 2", "Bob 1", "Analytical Engines", "Ada Lovelace"]);
});

await step("list by text", async () => {
  const { items } = await first(customers.list({ query: bob.email, sorting: ["name"] }));
  assert.deepEqual(items.map(({ name }) => name), ["Bob 1", "Bob 2", "Bob 3"]);
});

await step("list nothing", async () => {
  const { items, pagination } = await first(customers.list({ email: "nobody@example.com" }));
  assert.deepEqual(items, []);
  assert.deepEqual({ ...pagination }, { totalCount: 0, maxPage: 0 });
  assert.deepEqual(await all(customers.list({ organizationId: [randomUUID()] })), []);
});

await step("list page by page", async () => {
  const page = await first(customers.list({ metadata: { run }, limit: 2, page: 3 }));
  assert.equal(page.items.length, 1);
  assert.deepEqual({ ...page.pagination }, { totalCount: 5, maxPage: 3 });
  const every = await all(customers.list({ metadata: { run }, limit: 2 }));
  assert.deepEqual(ids(every).sort(), ids([individual, group, ...others]).sort());
});

await step("get by id and by external id", async () => {
  assert.deepEqual(await customers.get({ id: individual.id }), individual);
  assert.deepEqual(await customers.getExternal({ externalId: ada.externalID }), individual);
});

await step("update by id", async () => {
  const customer = await customers.update({
    id: individual.id, customerUpdate: { name: "Countess", metadata: { run, vip: false } },
  });
  assert.equal(customer.name, "Countess");
  assert.deepEqual(customer.metadata, { run, vip: false });
  assert.ok(customer.modifiedAt >= customer.createdAt);
});

await step("update by external id", async () => {
  const customer = await customers.updateExternal({
    externalId: ada.externalID, customerUpdateExternalID: { name: ada.name },
  });
  assert.equal(customer.name, ada.name);
});

await step("delete by id and by external id", async () => {
  const { token } = await polar.customerSessions.create({ customerId: others[0].id });
  await customers.delete({ id: others[0].id });
  await customers.update({ id: others[1].id, customerUpdate: { externalId: bob.externalID } });
  await customers.deleteExternal({ externalId: bob.externalID, anonymize: true });
  await notFound(customers.get({ id: others[0].id }));
  await notFound(customers.getExternal({ externalId: bob.externalID }));
  await refused(polar.customerPortal.customerSession.introspect({ customerSession: token }), 401, invalidToken);
});

await step("customers that are not there: ResourceNotFound", async () => {
  const missing = randomUUID();
  await notFound(customers.get({ id: missing }));
  await notFound(customers.update({ id: missing, customerUpdate: { name: "x" } }));
  await notFound(customers.delete({ id: missing }));
  await notFound(customers.updateExternal({ externalId: missing, customerUpdateExternalID: { name: "x" } }));
  await notFound(customers.deleteExternal({ externalId: missing }));
});

await step("bad customers: HTTPValidationError", async () => {
  const shouted = ada.email.replace("ada", "ADA");
  await invalid(customers.create({ type: "individual", email: shouted }), {
    type: "value_error", loc: ["body", "email"], input: shouted,
    msg: "A customer with this email address already exists.",
  });
  await invalid(customers.create({ type: "individual", email: "x@example.com", organizationId: organizationID }), {
    type: "organization_token", loc: ["body", "organization_id"], input: organizationID,
    msg: "Setting organization_id is disallowed when using an organization token.",
  });
  await invalid(customers.update({ id: individual.id, customerUpdate: { externalId: "other" } }), {
    type: "value_error", loc: ["body", "external_id"], input: "other",
    msg: "Customer external ID cannot be updated.",
  });
  const { detail: [item] } = await failure(customers.list({ limit: 0 }), HTTPValidationError, 422);
  assert.deepEqual(item.loc, ["query", "limit"]);
  assert.equal(item.type, "greater_than");
  assert.equal(item.input, "0");
});

// Members. The SDK has no calls for the routes under /v1/customers/{id}/members.

const members = (method, path, body) =>
  plain(method, `/v1/customers/external/${team.externalID}/members${path}`, body, accessToken);

if (memberModel) {
  const owner = await step("list the members of a customer", async () => {
    const { items, pagination } = await first(polar.members.listMembers({ customerId: group.id }));
    assert.equal(items.length, 1);
    assert.equal(items[0].email, team.email);
    assert.equal(items[0].role, "owner");
    assert.deepEqual({ ...pagination }, { totalCount: 1, maxPage: 1 });
    assert.deepEqual(await all(polar.members.listMembers({ customerId: group.id, role: "member" })), []);
    return items[0];
  });

  const carol = await step("list members page by page", async () => {
    const member = succeeded(await members("POST", "", { email: `carol-${team.email}`, name: "Carol", external_id: "carol" }));
    assert.equal(member.role, "member");
    const every = await all(polar.members.listMembers({ externalCustomerId: team.externalID, limit: 1, sorting: ["created_at"] }));
    assert.deepEqual(ids(every), [owner.id, member.id]);
    assert.equal(every[1].customerId, group.id);
    assert.equal(every[1].externalId, "carol");
    return member;
  });

  await step("create a session by member", async () => {
    for (const which of [{ memberId: carol.id }, { externalMemberId: "carol" }]) {
      const { token } = await polar.customerSessions.create({ customerId: group.id, ...which });
      const user = await polar.customerPortal.customerSession.getAuthenticatedUser({ memberSession: token });
      assert.deepEqual({ ...user }, {
        type: "member", name: "Carol", email: carol.email, customerId: group.id, memberId: carol.id, role: "member",
      });
    }
    await invalid(polar.customerSessions.create({ customerId: group.id }), {
      type: "value_error", loc: ["body", "member_id"], input: null,
      msg: "member_id is required for team customers.",
    });
  });

  await step("transfer the ownership", async () => {
    succeeded(await members("PATCH", "/carol", { role: "owner" }));
    const owners = await all(polar.members.listMembers({ customerId: group.id, role: "owner" }));
    assert.deepEqual(ids(owners), [carol.id]);
  });

  // The portal of a team.
  const session = (member) => polar.customerSessions.create({ customerId: group.id, memberId: member.id });
  const portal = client((await session(carol)).token).customerPortal.members;

  const erin = await step("portal: add, list and update a member", async () => {
    const added = await portal.addMember({ email: `erin-${team.email}`, name: "Erin" });
    assert.equal(added.role, "member");
    assert.equal((await portal.addMember({ email: `erin-${team.email}` })).id, added.id);
    assert.deepEqual(ids(await all(portal.listMembers({ limit: 1 }))), [owner.id, carol.id, added.id]);
    const updated = await portal.updateMember({
      id: added.id, customerPortalMemberUpdate: { role: "billing_manager" },
    });
    assert.equal(updated.name, "Erin");
    assert.equal(updated.role, "billing_manager");
    return updated;
  });

  await step("portal: what a plain member may not: 403", async () => {
    await portal.updateMember({ id: erin.id, customerPortalMemberUpdate: { role: "member" } });
    const { token } = await session(erin);
    const plainMember = client(token).customerPortal.members;
    const body = { error: "NotPermitted", detail: "Insufficient role for this operation" };
    await refused(plainMember.listMembers({}), 403, body);
    await refused(plainMember.addMember({ email: bob.email }), 403, body);
    await refused(plainMember.updateMember({ id: carol.id, customerPortalMemberUpdate: { role: "member" } }), 403, body);
    await refused(plainMember.removeMember({ id: carol.id }), 403, body);
    await refused(polar.customerPortal.customers.update({ memberSession: token }, { billingName: "x" }), 403,
      { error: "NotPermitted", detail: "Only owners and billing managers can access billing features." });
  });

  await step("portal: members that are not there: 404", async () => {
    const body = { error: "ResourceNotFound", detail: "Member not found" };
    await refused(portal.updateMember({ id: randomUUID(), customerPortalMemberUpdate: { role: "member" } }), 404, body);
    await refused(portal.removeMember({ id: randomUUID() }), 404, body);
  });

  await step("portal: a member cannot change its own role: HTTPValidationError", async () => {
    const change = portal.updateMember({ id: carol.id, customerPortalMemberUpdate: { role: "member" } });
    const { detail } = await failure(change, HTTPValidationError, 422);
    assert.deepEqual(detail[0].loc, ["path", "id"]);
  });

  await step("portal: remove a member", async () => {
    await portal.removeMember({ id: erin.id });
    assert.deepEqual(ids(await all(portal.listMembers({}))), [owner.id, carol.id]);
  });
}

await step("portal: members with a token of the wrong kind: 401", async () => {
  const portal = polar.customerPortal.members;
  await refused(portal.listMembers({}), 401, anonymous);
  await refused(portal.addMember({ email: bob.email }), 401, anonymous);
});

// The portal of a customer who has logged in with a code.

const entered = { customerSession: await step("log in by code", () => logIn(ada.email)) };
const me = polar.customerPortal.customers;

await step("portal: read and update oneself", async () => {
  const self = await me.get(entered);
  assert.equal(self.id, individual.id);
  assert.equal(self.emailVerified, true);
  assert.deepEqual({ ...self.oauthAccounts }, {});
  const updated = await me.update(entered, { billingName: "Ada & Co." });
  assert.equal(updated.billingName, "Ada & Co.");
  assert.equal((await me.get(entered)).billingName, "Ada & Co.");
});

await step("portal: a bad update: HTTPValidationError", () =>
  invalid(me.update(entered, { billingAddress: null }), {
    type: "missing", loc: ["body", "billing_address"], input: null,
    msg: "Customer billing address cannot be reset to null once set.",
  }));

await step("portal: change the email address", async () => {
  const email = `new-${ada.email}`;
  const { customers: unverified } = new Polar({ serverURL: server }).customerPortal;
  assert.equal(await me.requestEmailUpdate(entered, { email }), null);
  const token = await confirmation(email);
  await unverified.checkEmailUpdate({ token });
  const session = await unverified.verifyEmailUpdate({ token });
  const self = await me.get({ customerSession: session.token });
  assert.equal(self.email, email);
  assert.equal(self.emailVerified, true);
  await refused(me.get(entered), 401, invalidToken); // whoever reads the old address is out

  const used = { error: "InvalidCustomerEmailUpdate", detail: "This email update request is invalid or has expired." };
  await refused(unverified.checkEmailUpdate({ token }), 401, used);
  await refused(unverified.verifyEmailUpdate({ token }), 401, used);
});

// Organizations and their access tokens. The SDK cannot decode an organization without
// notification_settings, which Polar's API no longer returns.

await step("list and get organizations", async () => {
  const path = "/v1/organizations/";
  const { items, pagination } = succeeded(await plain("GET", `${path}?slug=${organizationSlug}`, undefined, accessToken));
  assert.deepEqual(ids(items), [organizationID]);
  assert.deepEqual(pagination, { total_count: 1, max_page: 1 });
  assert.deepEqual(succeeded(await plain("GET", path + organizationID, undefined, accessToken)), items[0]);
  assert.deepEqual(await all(polar.organizations.listOrganizations({ slug: "another" })), []);
  const { organization, products } = await polar.customerPortal.organizations.get({ slug: organizationSlug });
  assert.equal(organization.id, organizationID);
  assert.deepEqual(products, []);
});

await step("organizations that are not there: ResourceNotFound", async () => {
  await notFound(polar.organizations.get({ id: randomUUID() }));
  const error = await failure(polar.customerPortal.organizations.get({ slug: "another" }), ResourceNotFound, 404);
  assert.equal(error.error, "ResourceNotFound");
});

await step("get a member by its id", async () => {
  const [member] = await all(polar.members.listMembers({ customerId: group.id }));
  if (!memberModel) return assert.equal(member, undefined);
  assert.deepEqual(await polar.members.getMember({ id: member.id }), member);
});

await step("list and get webhook endpoints and deliveries", async () => {
  const body = { url: "https://hooks.invalid/", format: "raw", events: ["session.created"] };
  const { id } = succeeded(await plain("POST", "/v1/webhooks/endpoints", body, accessToken));
  await polar.customerSessions.create(memberModel ? { externalCustomerId: team.externalID, externalMemberId: "carol" } : { externalCustomerId: team.externalID });
  assert.ok(ids(await all(polar.webhooks.listWebhookEndpoints({}))).includes(id));
  assert.equal((await polar.webhooks.getWebhookEndpoint({ id })).url, body.url);
  const deliveries = await all(polar.webhooks.listWebhookDeliveries({ endpointId: id }));
  assert.equal(deliveries[0].webhookEvent.type, "session.created");
  await polar.webhooks.deleteWebhookEndpoint({ id });
});

await step("revoke a session with OAuth 2.0", async () => {
  const { token } = await polar.customerSessions.create({ customerId: individual.id });
  const { oauth2 } = client("");
  assert.deepEqual({ ...await oauth2.revoke({ token, clientId: organizationID, clientSecret: accessToken }) }, {});
  await refused(me.get({ customerSession: token }), 401, invalidToken);
});

await step("export customers", async () => {
  assert.match(await polar.customers.export({}), /^ID,External ID,/);
});

await step("create, list, update and delete an access token", async () => {
  const { organizationAccessToken: created, token } = await polar.organizationAccessTokens.create({
    comment: "narrow", scopes: ["customers:read"],
  });
  await client(token).customers.list({});
  await refused(client(token).customers.create({ type: "individual", email: bob.email }), 403, {
    error: "insufficient_scope",
    error_description: "The request requires higher privileges than provided by the access token.",
  });
  const listed = await all(polar.organizationAccessTokens.list({ limit: 1 }));
  assert.ok(ids(listed).includes(created.id));
  const updated = await polar.organizationAccessTokens.update({
    id: created.id, organizationAccessTokenUpdate: { comment: "narrower" },
  });
  assert.equal(updated.comment, "narrower");
  await polar.organizationAccessTokens.delete({ id: created.id });
  await refused(client(token).customers.list({}), 401, invalidToken);
});

// Errors that every call can return.

await step("an unknown token: 401", () => refused(client(unknownToken).customers.list({}), 401, invalidToken));

await step("no token, or one of the wrong kind: 401", async () => {
  await refused(client("").customers.list({}), 401, anonymous);
  await refused(me.get({ customerSession: accessToken }), 401, anonymous);
});

await step("too many requests: 429", async () => {
  const { customers } = client(unknownToken, limitedServer);
  await customers.list({}).catch(() => {}); // uses up the rate limit
  const error = await failure(customers.list({}), SDKError, 429);
  assert.equal(error.body, "");
  assert.ok(Number(error.headers.get("retry-after")) > 0);
});

await step("a server without its database: 503", async () => {
  const error = await failure(client(accessToken, brokenServer).customers.list({}), SDKError, 503);
  assert.equal(JSON.parse(error.body).error, "ServiceUnavailable");
});

await step("no server: ConnectionError", async () => {
  const error = await client(unknownToken, unreachableServer).customers.list({}).then(() => null, (error) => error);
  assert.equal(error.constructor, ConnectionError);
});

done();
