// What the scenarios of both SDK generations share: where the server is, how a
// step is reported, and the assertions that do not depend on the generation.
//
// The Go test that runs a scenario reads its standard output: "ok NAME" for each
// step, "not ok NAME" for the one that failed (the reason follows on standard
// error), and "done" at the end, so that stopping early is never taken for success.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

// setting reads one of the variables that the Go test sets.
function setting(name) {
  const value = process.env[name];
  assert.ok(value, `${name} is not set: run the scenarios with "go test" in e2e`);
  return value;
}

export const server = setting("POSTERN_URL");
export const publicURL = setting("POSTERN_PUBLIC_URL");
export const accessToken = setting("POSTERN_ACCESS_TOKEN");
export const organizationID = setting("POSTERN_ORGANIZATION_ID");
export const organizationSlug = setting("POSTERN_ORGANIZATION_SLUG");

// Whether the organization has the member model: sessions are a member's then.
export const memberModel = setting("POSTERN_MEMBER_MODEL") === "true";
export const tokenPrefix = memberModel ? "polar_mst_" : "polar_cst_";

// Well formed, checksum and all, and of no session.
export const unknownToken = "polar_cst_" + "a".repeat(37) + "2sN54l";

// step runs and reports one step; the first one that fails ends the scenario.
export async function step(name, run) {
  try {
    const result = await run();
    console.log(`ok ${name}`);
    return result;
  } catch (error) {
    console.log(`not ok ${name}`);
    console.error(error);
    process.exit(1);
  }
}

export function done() {
  console.log("done");
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
