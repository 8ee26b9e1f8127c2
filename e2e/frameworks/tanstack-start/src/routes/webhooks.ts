import { createFileRoute } from "@tanstack/react-router";
import { receive } from "../../../receive.ts";

export const Route = createFileRoute("/webhooks")({
  server: { handlers: { POST: ({ request }) => receive(request) } },
});
