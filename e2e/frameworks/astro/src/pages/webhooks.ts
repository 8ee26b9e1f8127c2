import type { APIRoute } from "astro";
import { receive } from "../../../receive.ts";

export const POST: APIRoute = ({ request }) => receive(request);
