import type { RequestHandler } from "@sveltejs/kit";
import { receive } from "../../../../receive.ts";

export const POST: RequestHandler = ({ request }) => receive(request);
