// What the scenarios of both SDK generations share: where the server is, and the
// assertions that do not depend on the generation.

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
export const nobodysServer = "http://127.0.0.1:9"; // the port of RFC 863, of which nothing is left
const mailboxURL = setting("POSTERN_MAILBOX_URL");

// Whether the organization has the member model: sessions are a member's then.
export const memberModel = setting("POSTERN_MEMBER_MODEL") === "true";
export const tokenPrefix = memberModel ? "polar_mst_" : "polar_cst_";

// Well formed, checksum and all, and of no session.
export const unknownToken = "polar_cst_" + "a".repeat(37) + "2sN54l";

// plain sends a request without an SDK, for what the SDK of a scenario has no call.
export async function plain(method, path, body, token) {
  const headers = { "Content-Type": "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  const response = await fetch(server + path, { method, headers, body: body && JSON.stringify(body) });
  const text = await response.text();
  return { status: response.status, body: text && JSON.parse(text) };
}

// made is the body of an answer of plain's that has to be a success.
export function made({ status, body }) {
  assert.ok(status >= 200 && status < 300, `${status} ${JSON.stringify(body)}`);
  return body;
}

// letter waits for the next mail to an address, and returns its text.
async function letter(address) {
  const response = await fetch(`${mailboxURL}?to=${encodeURIComponent(address)}`);
  assert.equal(response.status, 200, `no mail to ${address}`);
  return response.text();
}

// logIn goes the way of the code, which no SDK has, and returns the session's token.
export async function logIn(email) {
  const path = "/v1/customer-portal/customer-session";
  const asked = await plain("POST", `${path}/request`, { email, organization_id: organizationID });
  assert.deepEqual(asked, { status: 202, body: null });
  const [, code] = (await letter(email)).match(/^ +([A-Z0-9]{6})\s*$/m);
  const { token } = made(await plain("POST", `${path}/authenticate`, { code }));
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

// confirmation is the token in the link of a mail that confirms a new address.
export async function confirmation(address) {
  const [, token] = (await letter(address)).match(/[?&]token=(polar_cev_\w+)/);
  return token;
}

// somebody is a customer that no other step has made.
export function somebody() {
  const id = randomUUID();
  return { email: `ada-${id}@example.com`, name: "Ada Lovelace", externalID: `user-${id}` };
}

// checkToken: the prefix that the organization's model asks for, and Polar's length.
export function checkToken(token) {
  assert.match(token, new RegExp(`^${tokenPrefix}[0-9A-Za-z]{43}$`));
}

// checkLifetime: a session lives for an hour; a minute is for slow machines.
export function checkLifetime(expiresAt) {
  const minutes = (new Date(expiresAt) - Date.now()) / 60_000;
  assert.ok(minutes > 59 && minutes < 61, `expires in ${minutes} minutes`);
}

// checkPortalURL: the link carries the token, always under the same name.
export function checkPortalURL(link, token, email) {
  const url = new URL(link);
  const portal = new URL(`/${organizationSlug}/portal`, publicURL);
  assert.equal(url.origin + url.pathname, portal.href);
  assert.equal(url.searchParams.get("customer_session_token"), token);
  assert.equal(url.searchParams.get("email"), email);
}
