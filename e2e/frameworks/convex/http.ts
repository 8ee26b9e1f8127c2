import { httpActionGeneric, httpRouter } from "convex/server";
import { receive } from "../receive.ts";

const http = httpRouter();
http.route({ path: "/webhooks", method: "POST", handler: httpActionGeneric((_, request) => receive(request)) });

export default http;
