export { receive as POST } from "../../../receive.ts";
