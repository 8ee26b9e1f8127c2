import { CustomerPortal } from "@polar-sh/nextjs";
import { customerOf } from "../../../customer.ts";

export const GET = CustomerPortal({
  accessToken: process.env.POSTERN_ACCESS_TOKEN!,
  server: "production",
  getCustomerId: (req) => customerOf(req.headers.get("cookie")),
});
