import { createServer } from "node:http";
import { polar, portal } from "@polar-sh/better-auth";
import { Polar } from "@polar-sh/sdk";
import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { toNodeHandler } from "better-auth/node";
import Database from "better-sqlite3";

const client = new Polar({
  accessToken: process.env.POSTERN_ACCESS_TOKEN,
  serverURL: process.env.POSTERN_URL,
});

const auth = betterAuth({
  baseURL: `http://127.0.0.1:${process.env.PORT}`,
  database: new Database(process.env.DATABASE),
  emailAndPassword: { enabled: true },
  plugins: [polar({ client, createCustomerOnSignUp: true, use: [portal()] })],
});

await (await getMigrations(auth.options)).runMigrations();
createServer(toNodeHandler(auth)).listen(Number(process.env.PORT), "127.0.0.1");
