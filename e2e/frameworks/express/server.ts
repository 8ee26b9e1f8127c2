import { CustomerPortal } from "@polar-sh/express";
import express from "express";
import { customerOf } from "../customer.ts";
import { receive } from "../receive.ts";

const app = express();

app.get("/portal", CustomerPortal({
  accessToken: process.env.POSTERN_ACCESS_TOKEN,
  getCustomerId: (req) => customerOf(req.headers.cookie),
}));

app.post("/webhooks", express.text({ type: "*/*" }), async (req, res) => {
  const headers = req.headers as Record<string, string>;
  const { status } = await receive(new Request("http://localhost", { method: "POST", headers, body: req.body }));
  res.sendStatus(status);
});

app.listen(Number(process.env.PORT), "127.0.0.1");
