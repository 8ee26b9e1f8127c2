import { serve } from "@hono/node-server";
import { CustomerPortal } from "@polar-sh/hono";
import { Hono } from "hono";
import { customerOf } from "../customer.ts";
import { receive } from "../receive.ts";

const app = new Hono();

app.get("/portal", CustomerPortal({
  accessToken: process.env.POSTERN_ACCESS_TOKEN,
  getCustomerId: (c) => customerOf(c.req.header("cookie")),
}));

app.post("/webhooks", (c) => receive(c.req.raw));

serve({ fetch: app.fetch, hostname: "127.0.0.1", port: Number(process.env.PORT) });
