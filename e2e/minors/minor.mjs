// Reads with one minor version of the official SDK what every front end reads. The SDK
// fails with an error if a field is missing or has another type.
// Usage: node minor.mjs 0.30, with the version

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

import { done, setting, step } from "./report.mjs";

const [version] = process.argv.slice(2);
const minor = Number(version.split(".")[1]);
const { Polar } = await import(`sdk-${version}`);

const server = setting("POSTERN_URL"), organization = setting("POSTERN_ORGANIZATION_ID"), slug = setting("POSTERN_ORGANIZATION_SLUG");
const client = (accessToken) => new Polar({ serverURL: server, accessToken });
const polar = client(setting("POSTERN_ACCESS_TOKEN"));

// items returns the items of a list's first page, whose shape differs between the versions.
const items = async (list) => (await list).result.items;

// has reports whether the version has a method, such as "webhooks.listWebhookEndpoints".
const has = (method) => typeof method.split(".").reduce((o, name) => o?.[name], polar) === "function";

await step("list and get organizations", async () => {
  const method = has("organizations.list") ? "list" : "listOrganizations";
  assert.ok((await items(polar.organizations[method]({}))).some(({ id }) => id === organization));
  assert.equal((await polar.organizations.get({ id: organization })).slug, slug);
  assert.equal((await polar.customerPortal.organizations.get({ slug })).organization.id, organization);
});

const id = randomUUID();
const customer = await step("create, list, get and update a customer", async () => {
  const created = await polar.customers.create({ type: "individual", email: `ada-${id}@example.com`, name: "Ada", externalId: id, metadata: { n: 1 } });
  assert.ok((await items(polar.customers.list({}))).length > 0);
  assert.equal((await polar.customers.get({ id: created.id })).email, created.email);
  assert.equal((await polar.customers.getExternal({ externalId: id })).id, created.id);
  assert.equal((await polar.customers.update({ id: created.id, customerUpdate: { name: "Countess" } })).name, "Countess");
  return created;
});

if (has("members.listMembers")) {
  await step("list, get and update members", async () => {
    const [owner] = await items(polar.members.listMembers({ customerId: customer.id }));
    assert.equal(owner.role, "owner");
    if (has("members.getMember")) {
      assert.equal((await polar.members.getMember({ id: owner.id })).id, owner.id);
      assert.equal((await polar.members.updateMember({ id: owner.id, memberUpdate: { name: "Ada" } })).name, "Ada");
    }
  });
}

await step("create a session and use the portal", async () => {
  const { token } = await polar.customerSessions.create({ customerId: customer.id });
  const security = { customerSession: token };
  const portal = polar.customerPortal;
  assert.equal((await portal.customers.get(security)).id, customer.id);
  assert.equal((await portal.customers.update(security, { billingName: "Ada Ltd" })).id, customer.id);
  if (has("customerPortal.customerSession.introspect")) {
    assert.ok((await portal.customerSession.introspect(security)).expiresAt > new Date());
  }
  if (has("customerPortal.customerSession.getAuthenticatedUser")) {
    assert.equal((await portal.customerSession.getAuthenticatedUser(security)).customerId, customer.id);
  }
});

if (has("webhooks.listWebhookEndpoints")) {
  await step("list webhook endpoints and deliveries", async () => {
    // Versions before 0.44 accept only the types of events that Polar had then, and none of Postern's.
    const { webhooks } = minor < 44 ? client(setting("POSTERN_OTHER_ACCESS_TOKEN")) : polar;
    const endpoints = await items(webhooks.listWebhookEndpoints({}));
    const deliveries = await items(webhooks.listWebhookDeliveries({}));
    if (minor < 44) return;
    assert.ok(endpoints.length > 0 && deliveries.length > 0);
    assert.equal((await webhooks.getWebhookEndpoint({ id: endpoints[0].id })).id, endpoints[0].id);
  });
}

if (minor >= 44) {
  await step("export customers", async () => {
    const file = await polar.customers.export({});
    const text = typeof file === "string" ? file : await new Response(file).text();
    assert.match(text, /^ID,External ID,/);
  });
}

await step("delete a customer", () => polar.customers.deleteExternal({ externalId: id }));

done();
