// Clients for server-sent events follow the revocations of a running Postern through a proxy: eventsource and undici. Each gets a
// revocation at once, loses its connection, and gets what it missed after it has reconnected by itself.

import assert from "node:assert/strict";
import net from "node:net";
import { EventSource } from "eventsource";
import * as undici from "undici";
import { done, setting, step } from "../typescript/report.mjs";

const server = setting("POSTERN_URL");
const proxy = new URL(setting("POSTERN_PROXY_URL"));
const secret = setting("POSTERN_ACCESS_TOKEN");
const customer = setting("POSTERN_CUSTOMER_ID");
const headers = { authorization: `Bearer ${secret}`, "content-type": "application/json" };

// revoke creates a session, ends it and returns its id.
async function revoke() {
  const created = await fetch(`${server}/v1/customer-sessions/`, { method: "POST", headers, body: JSON.stringify({ customer_id: customer }) });
  assert.equal(created.status, 201);
  const { id } = await created.json();
  const ended = await fetch(`${server}/v1/customer-sessions/${id}`, { method: "DELETE", headers });
  assert.equal(ended.status, 200);
  return id;
}

// link forwards connections to the proxy. cut drops them, and refuses new ones until mend.
async function link() {
  const open = new Set();
  let refuses = false;
  const listener = net.createServer((client) => {
    if (refuses) return client.destroy();
    const upstream = net.connect(proxy.port, proxy.hostname);
    open.add(client);
    client.on("error", () => {}).on("close", () => upstream.destroy()).pipe(upstream);
    upstream.on("error", () => {}).on("close", () => client.destroy()).pipe(client);
  });
  await new Promise((resolve) => listener.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${listener.address().port}/v1/customer-sessions/revocations`,
    cut() { refuses = true; for (const client of open) client.destroy(); open.clear(); },
    mend() { refuses = false; },
    close() { this.cut(); listener.close(); },
  };
}

// The names of clients, and how each opens the stream with a header.
const clients = {
  eventsource: (url) => new EventSource(url, {
    fetch: (input, init) => fetch(input, { ...init, headers: { ...init.headers, ...headers } }),
  }),
  undici: (url) => new undici.EventSource(url, {
    dispatcher: new undici.Agent().compose((dispatch) => (options, handler) => {
      options.headers = Array.isArray(options.headers)
        ? [...options.headers, "authorization", headers.authorization]
        : { ...options.headers, authorization: headers.authorization };
      return dispatch(options, handler);
    }),
  }),
};

for (const [name, open] of Object.entries(clients)) {
  await step(`${name} gets revocations, and those that it missed`, async () => {
    const connection = await link();
    const events = open(connection.url);
    const seen = [];
    let wake = () => {};
    for (const type of ["stream.started", "customer_session.revoked"]) {
      events.addEventListener(type, (e) => { seen.push({ type, id: e.lastEventId, data: JSON.parse(e.data) }); wake(); });
    }
    const next = async () => {
      const late = setTimeout(() => { throw new Error(`${name}: no event in 20 seconds`); }, 20_000);
      while (seen.length === 0) await new Promise((resolve) => { wake = resolve; });
      clearTimeout(late);
      return seen.shift();
    };
    const started = await next();
    assert.equal(started.type, "stream.started");
    assert.notEqual(started.id, "");

    // The first connection ends before any revocation: the client knows its position from the first event.
    connection.cut();
    const missed = await revoke();
    connection.mend();
    assert.equal((await next()).type, "stream.started");
    const first = await next();
    assert.equal(first.data.customer_session_id, missed);

    const second = await revoke();
    const event = await next();
    assert.equal(event.type, "customer_session.revoked");
    assert.equal(event.data.customer_session_id, second);
    assert.ok(Number(event.id) > Number(first.id));
    events.close();
    connection.close();
  });
}

done();
process.exit(0);
