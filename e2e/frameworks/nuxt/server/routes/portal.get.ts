import { customerOf } from "../../../customer.ts";

export default CustomerPortal({
  accessToken: process.env.POSTERN_ACCESS_TOKEN!,
  getCustomerId: (event) => customerOf(event.headers.get("cookie")),
});
