// What Postern does not keep, with the second generation of the official SDK (@polar-sh/sdk
// 1.0.1): lists are empty, single objects are not found, and the SDK can read every answer.
// Usage: node billing1.mjs 2026-04|2026-10|2027-01

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

import { accessToken, done, newCustomer, server, step } from "./steps.mjs";

const [version] = process.argv.slice(2);
const { createPolar, errors } = await import(`polar-sdk-1/${version}`);

const polar = createPolar({ baseUrl: server, accessToken });
const ada = newCustomer();
const customer = await polar.customers.create({ type: "individual", email: ada.email, external_id: ada.externalID });
const { token } = await polar.customerSessions.create({ customer_id: customer.id });
const { customerPortal } = createPolar({ baseUrl: server, accessToken: token });
const id = randomUUID();

await step("the state of a customer", async () => {
  for (const state of [await polar.customers.getState(customer.id), await polar.customers.getStateExternal(ada.externalID)]) {
    assert.equal(state.id, customer.id);
    assert.deepEqual([state.active_subscriptions, state.granted_benefits, state.active_meters], [[], [], []]);
  }
  await assert.rejects(polar.customers.getState(id), errors.ResourceNotFound);
});

const lists = {
  "subscriptions": polar.subscriptions.list,
  "orders": polar.orders.list,
  "products": polar.products.list,
  "benefit grants": polar.benefitGrants.list,
  "license keys": polar.licenseKeys.list,
  "checkouts": polar.checkouts.list,
  "meters": polar.meters.list,
  "customer meters": polar.customerMeters.list,
  "events": polar.events.list,
  "orders of the portal": customerPortal.orders.list,
  "subscriptions of the portal": customerPortal.subscriptions.list,
  "benefit grants of the portal": customerPortal.benefitGrants.list,
  "license keys of the portal": customerPortal.licenseKeys.list,
  "meters of the portal": customerPortal.customerMeters.list,
  "downloadables of the portal": customerPortal.downloadables.list,
  "wallets of the portal": customerPortal.wallets.list,
  "payment methods of the portal": customerPortal.customers.listPaymentMethods,
  "claimed subscriptions of the portal": customerPortal.seats.listClaimedSubscriptions,
};

for (const [name, list] of Object.entries(lists)) {
  await step(`an empty list of ${name}`, async () => {
    const { items, pagination } = await list();
    assert.deepEqual(items, []);
    assert.deepEqual(pagination, { total_count: 0, max_page: 0 });
  });
}

await step("single objects are not found", async () => {
  for (const call of [
    () => polar.orders.get(id), () => polar.subscriptions.get(id), () => polar.products.get(id), () => polar.licenseKeys.get(id),
    () => customerPortal.orders.get(id), () => customerPortal.subscriptions.get(id),
    () => customerPortal.licenseKeys.validate({ key: "K", organization_id: customer.organization_id }),
  ]) {
    await assert.rejects(call(), errors.ResourceNotFound);
  }
});

await step("a checkout of a product that does not exist", async () => {
  await assert.rejects(polar.checkouts.create({ products: [id] }), (error) => {
    assert.equal(error.constructor, errors.HTTPValidationError);
    assert.deepEqual(error.error.detail.map(({ loc, msg }) => [loc, msg]), [[["body", "products", 0], "Product does not exist."]]);
    return true;
  });
});

done();
