import { CustomerPortal } from "@polar-sh/tanstack-start";
import { createFileRoute } from "@tanstack/react-router";
import { customerOf } from "../../../customer.ts";

export const Route = createFileRoute("/portal")({
  server: {
    handlers: {
      GET: CustomerPortal({
        accessToken: process.env.POSTERN_ACCESS_TOKEN!,
        server: "production",
        getCustomerId: (request) => customerOf(request.headers.get("cookie")),
      }),
    },
  },
});
