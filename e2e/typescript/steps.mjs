// Settings and assertions that the scenarios of both SDK generations share.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

import { setting } from "./report.mjs";

export { done, step } from "./report.mjs";

export const server = setting("POSTERN_URL");
export const publicURL = setting("POSTERN_PUBLIC_URL");
export const accessToken = setting("POSTERN_ACCESS_TOKEN");
export const organizationID = setting("POSTERN_ORGANIZATION_ID");
export const organizationSlug = setting("POSTERN_ORGANIZATION_SLUG");
export const limitedServer = setting("POSTERN_LIMITED_URL"); // one request a minute
export const brokenServer = setting("POSTERN_BROKEN_URL"); // cannot reach its database
export const unreachableServer = "http://127.0.0.1:9"; // the discard port (RFC 863), on which no server listens
const mailboxURL = setting("POSTERN_MAILBOX_URL");

// Whether the organization has the member model, in which members hold the sessions.
export const memberModel = setting("POSTERN_MEMBER_MODEL") === "true";
export const tokenPrefix = memberModel ? "polar_mst_" : "polar_cst_";

// A token with a valid format and checksum, but without a session.
export const unknownToken = "polar_cst_" + "a".repeat(37) + "2sN54l";

// plain sends a request without an SDK, for routes that the SDK does not support.
export async function plain(method, path, body, token) {
  const headers = { "Content-Type": "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  const response = await fetch(server + path, { method, headers, body: body && JSON.stringify(body) });
  const text = await response.text();
  return { status: response.status, body: text && JSON.parse(text) };
}

// succeeded returns the body of an answer of plain, whose status must be 2xx.
export function succeeded({ status, body }) {
  assert.ok(status >= 200 && status < 300, `${status} ${JSON.stringify(body)}`);
  return body;
}

// readMail waits for the next mail to an address and returns its text.
async function readMail(address) {
  const response = await fetch(`${mailboxURL}?to=${encodeURIComponent(address)}`);
  assert.equal(response.status, 200, `no mail to ${address}`);
  return response.text();
}

// logIn logs in with a code, for which no SDK has calls, and returns the session token.
export async function logIn(email) {
  const path = "/v1/customer-portal/customer-session";
  const requested = await plain("POST", `${path}/request`, { email, organization_id: organizationID });
  assert.deepEqual(requested, { status: 202, body: null });
  const [, code] = (await readMail(email)).match(/^ +([A-Z0-9]{6,32})\s*$/m);
  const { token } = succeeded(await plain("POST", `${path}/authenticate`, { code }));
  checkToken(token);
  assert.deepEqual(await plain("POST", `${path}/authenticate`, { code }), {
    status: 401,
    body: {
      error: "CustomerSessionCodeInvalidOrExpired",
      detail: "This customer session code is invalid or has expired.",
    },
  });
  return token;
}

// confirmation returns the token from the mail that confirms a new address.
export async function confirmation(address) {
  const [, token] = (await readMail(address)).match(/[?&]token=(polar_cev_\w+)/);
  return token;
}

// newCustomer returns the data of a new customer.
export function newCustomer() {
  const id = randomUUID();
  return { email: `ada-${id}@example.com`, name: "Ada Lovelace", externalID: `user-${id}` };
}

// checkToken checks the prefix and the length of a session token.
export function checkToken(token) {
  assert.match(token, new RegExp(`^${tokenPrefix}[0-9A-Za-z]{43}$`));
}

// checkLifetime checks that a session lives for an hour, with a tolerance of a minute.
export function checkLifetime(expiresAt) {
  const minutes = (new Date(expiresAt) - Date.now()) / 60_000;
  assert.ok(minutes > 59 && minutes < 61, `expires in ${minutes} minutes`);
}

// checkPortalURL checks that the link has the token in customer_session_token.
export function checkPortalURL(link, token, email) {
  const url = new URL(link);
  const portal = new URL(`/${organizationSlug}/portal`, publicURL);
  assert.equal(url.origin + url.pathname, portal.href);
  assert.equal(url.searchParams.get("customer_session_token"), token);
  assert.equal(url.searchParams.get("email"), email);
}
