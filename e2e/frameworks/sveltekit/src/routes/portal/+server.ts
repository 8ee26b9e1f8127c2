import { CustomerPortal } from "@polar-sh/sveltekit";
import { customerOf } from "../../../../customer.ts";

export const GET = CustomerPortal({
  accessToken: process.env.POSTERN_ACCESS_TOKEN!,
  getCustomerId: ({ request }) => customerOf(request.headers.get("cookie")),
});
