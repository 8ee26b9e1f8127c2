import "../../../postern.mjs";
import { CustomerPortal } from "@polar-sh/supabase";
import { customerOf } from "../../../customer.ts";

Deno.serve(CustomerPortal({
  accessToken: Deno.env.get("POSTERN_ACCESS_TOKEN")!,
  server: "production",
  getCustomerId: (request) => customerOf(request.headers.get("cookie")),
}));
