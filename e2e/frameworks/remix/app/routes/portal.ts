import { CustomerPortal } from "@polar-sh/remix";
import { customerOf } from "../../../customer.ts";

export const loader = CustomerPortal({
  accessToken: process.env.POSTERN_ACCESS_TOKEN,
  getCustomerId: (request) => customerOf(request.headers.get("cookie")),
});
