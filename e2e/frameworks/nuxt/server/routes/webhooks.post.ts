import { receive } from "../../../receive.ts";

export default defineEventHandler((event) => receive(toWebRequest(event)));
