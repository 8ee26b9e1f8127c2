// What Postern does not keep, with the first generation of the official SDK (@polar-sh/sdk
// 0.48.1): lists are empty, single objects are not found, and the SDK can read every answer.
// Usage: node billing0.mjs

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

import { Polar } from "polar-sdk-0";
import { HTTPValidationError } from "polar-sdk-0/models/errors/httpvalidationerror.js";
import { ResourceNotFound } from "polar-sdk-0/models/errors/resourcenotfound.js";

import { accessToken, done, memberModel, newCustomer, server, step } from "./steps.mjs";

const polar = new Polar({ serverURL: server, accessToken });
const ada = newCustomer();
const customer = await polar.customers.create({ email: ada.email, externalId: ada.externalID });
const { token } = await polar.customerSessions.create({ customerId: customer.id });
const session = { [memberModel ? "memberSession" : "customerSession"]: token };
const { customerPortal } = polar;
const id = randomUUID();

const nothing = (state) => [state.activeSubscriptions, state.grantedBenefits, state.activeMeters];

await step("the state of a customer", async () => {
  for (const state of [
    await polar.customers.getState({ id: customer.id }),
    await polar.customers.getStateExternal({ externalId: ada.externalID }),
  ]) {
    assert.equal(state.id, customer.id);
    assert.equal(state.email, ada.email);
    assert.deepEqual(nothing(state), [[], [], []]);
  }
  await assert.rejects(polar.customers.getState({ id }), ResourceNotFound);
});

const lists = {
  "subscriptions": () => polar.subscriptions.list({}),
  "orders": () => polar.orders.list({}),
  "products": () => polar.products.list({}),
  "benefit grants": () => polar.benefitGrants.list({}),
  "license keys": () => polar.licenseKeys.list({}),
  "checkouts": () => polar.checkouts.list({}),
  "meters": () => polar.meters.list({}),
  "customer meters": () => polar.customerMeters.list({}),
  "events": () => polar.events.list({}),
  "orders of the portal": () => customerPortal.orders.list(session, {}),
  "subscriptions of the portal": () => customerPortal.subscriptions.list(session, {}),
  "benefit grants of the portal": () => customerPortal.benefitGrants.list(session, {}),
  "license keys of the portal": () => customerPortal.licenseKeys.list(session, {}),
  "meters of the portal": () => customerPortal.customerMeters.list(session, {}),
  "downloadables of the portal": () => customerPortal.downloadables.list(session, {}),
  "wallets of the portal": () => customerPortal.wallets.list(session, {}),
  "payment methods of the portal": () => customerPortal.customers.listPaymentMethods(session, {}),
  "claimed subscriptions of the portal": () => customerPortal.seats.listClaimedSubscriptions(session, {}),
};

for (const [name, list] of Object.entries(lists)) {
  await step(`an empty list of ${name}`, async () => {
    const answer = await list(); // of all lists, only that of events has no pages in the SDK
    assert.deepEqual((answer.result ?? answer).items, []);
  });
}

await step("single objects are not found", async () => {
  for (const call of [
    () => polar.orders.get({ id }), () => polar.subscriptions.get({ id }), () => polar.products.get({ id }), () => polar.licenseKeys.get({ id }),
    () => customerPortal.orders.get(session, { id }), () => customerPortal.subscriptions.get(session, { id }),
    () => customerPortal.licenseKeys.validate({ key: "K", organizationId: customer.organizationId }),
  ]) {
    await assert.rejects(call(), ResourceNotFound);
  }
});

await step("a checkout of a product that does not exist", async () => {
  await assert.rejects(polar.checkouts.create({ products: [id] }), (error) => {
    assert.equal(error.constructor, HTTPValidationError);
    assert.deepEqual(error.detail.map(({ loc, msg }) => [loc, msg]), [[["body", "products", 0], "Product does not exist."]]);
    return true;
  });
});

done();
