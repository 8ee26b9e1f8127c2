// Creates a session with the generated types and introspects it.
import createClient from "openapi-fetch";
import type { paths } from "./generated/postern.js";

function env(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
}

const server = createClient<paths>({
  baseUrl: env("POSTERN_URL"),
  headers: { Authorization: `Bearer ${env("POSTERN_ACCESS_TOKEN")}` },
});

const created = await server.POST("/v1/customer-sessions/", { body: { external_customer_id: "ada" } });
if (created.error) throw new Error(JSON.stringify(created.error));
const { token, customer } = created.data;
if (customer.email !== "ada@example.com") throw new Error(`the customer is ${customer.email}`);
console.log("ok create");

const portal = createClient<paths>({ baseUrl: env("POSTERN_URL"), headers: { Authorization: `Bearer ${token}` } });
const introspected = await portal.GET("/v1/customer-portal/customer-session/introspect");
if (introspected.error) throw new Error(JSON.stringify(introspected.error));
if (new Date(introspected.data.expires_at) <= new Date()) throw new Error(`expired at ${introspected.data.expires_at}`);
console.log("ok introspect");

const refused = await server.POST("/v1/customer-sessions/", { body: { external_customer_id: "nobody" } });
if (refused.response.status !== 422 || refused.error === undefined) throw new Error(`status ${refused.response.status}`);
console.log("ok refuse");
console.log("done");
