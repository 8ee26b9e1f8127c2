// Calls the compiled routes of the frameworks that do not run as a server here, with the arguments that the framework
// passes to a route. Reports each step to the Go test.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { createApp, defineEventHandler, toWebHandler, toWebRequest } from "h3";
import { Webhook } from "standardwebhooks";
import { done, setting, step } from "../typescript/report.mjs";

const customer = setting("CUSTOMER");
const portal = setting("POSTERN_URL") + "/acme/portal?customer_session_token=polar_";
const secret = setting("POSTERN_WEBHOOK_SECRET");

const visit = () => new Request("http://localhost/portal", { headers: { cookie: "customer=" + customer } });

// event returns a request as Postern sends it, signed with the secret.
function event(key = secret) {
  const id = randomUUID(), at = new Date();
  const body = JSON.stringify({ type: "session.created", timestamp: at.toISOString(), data: { id: "1" } });
  return new Request("http://localhost/webhooks", {
    method: "POST",
    headers: {
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(at / 1000)),
      "webhook-signature": new Webhook(key).sign(id, at, body),
    },
    body,
  });
}

const compiled = (file) => import("./build/" + file);

// supabase imports a function of Supabase and returns the handler that it serves.
async function supabase(file) {
  let served;
  globalThis.Deno = { env: { get: (name) => process.env[name] }, serve: (handler) => { served = handler; } };
  await compiled(file);
  return served;
}

// nuxt serves a route with the server library of Nuxt.
async function nuxt(file) {
  const { CustomerPortal } = await import("./node_modules/@polar-sh/nuxt/dist/runtime/server/index.js");
  Object.assign(globalThis, { CustomerPortal, defineEventHandler, toWebRequest });
  return toWebHandler(createApp().use((await compiled(file)).default));
}

const routes = {
  SvelteKit: {
    portal: async () => (await compiled("sveltekit/src/routes/portal/+server.js")).GET({ request: visit(), url: new URL(visit().url) }),
    webhooks: async (request) => (await compiled("sveltekit/src/routes/webhooks/+server.js")).POST({ request }),
  },
  Astro: {
    portal: async () => (await compiled("astro/src/pages/portal.js")).GET({ request: visit() }),
    webhooks: async (request) => (await compiled("astro/src/pages/webhooks.js")).POST({ request }),
  },
  Nuxt: {
    portal: async () => (await nuxt("nuxt/server/routes/portal.get.js"))(visit()),
    webhooks: async (request) => (await nuxt("nuxt/server/routes/webhooks.post.js"))(request),
  },
  "TanStack Start": {
    portal: async () => (await compiled("tanstack-start/src/routes/portal.js")).Route.options.server.handlers.GET({ request: visit() }),
    webhooks: async (request) =>
      (await compiled("tanstack-start/src/routes/webhooks.js")).Route.options.server.handlers.POST({ request }),
  },
  Remix: {
    portal: async () => (await compiled("remix/app/routes/portal.js")).loader({ request: visit(), params: {}, context: {} }),
    webhooks: async (request) => (await compiled("remix/app/routes/webhooks.js")).action({ request }),
  },
  Supabase: {
    portal: async () => (await supabase("supabase/functions/portal/index.js"))(visit()),
    webhooks: async (request) => (await supabase("supabase/functions/webhooks/index.js"))(request),
  },
};

// printed runs a function and returns its result and what it printed.
async function printed(run) {
  const lines = [], { log } = console;
  console.log = (...words) => lines.push(words.join(" "));
  try {
    return { result: await run(), lines };
  } finally {
    console.log = log;
  }
}

for (const [name, route] of Object.entries(routes)) {
  await step(`${name} portal`, async () => {
    const response = await route.portal();
    assert.equal(response.status, 302, await response.text());
    assert.ok(response.headers.get("location").startsWith(portal), response.headers.get("location"));
  });
  await step(`${name} webhooks`, async () => {
    const { result, lines } = await printed(() => route.webhooks(event()));
    assert.equal(result.status, 204);
    assert.deepEqual(lines, ["session.created 1"]);
  });
}

await step("Convex portal", async () => {
  const { polar } = await compiled("convex/billing.js");
  const database = { runQuery: async () => ({ id: customer }) }; // the component's row of the customer
  const { url } = await polar.createCustomerPortalSession(database, { userId: "user_1" });
  assert.ok(url.startsWith(portal), url);
});

await step("a wrong signature is refused", async () => {
  const { receive } = await compiled("receive.js");
  await assert.rejects(receive(event("whsec_" + btoa("another secret"))), /No matching signature/);
});

// docs/frameworks.md says that the adapters refuse the events of Postern.
await step("Polar's own handler refuses the event", async () => {
  const { Webhooks } = await import("@polar-sh/remix");
  const { result } = await printed(() => Webhooks({ webhookSecret: secret })({ request: event() }));
  assert.equal(result.status, 403);
});

done();
