import { receive } from "../../../receive.ts";

Deno.serve(receive);
