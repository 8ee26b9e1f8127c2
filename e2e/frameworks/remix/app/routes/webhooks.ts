import { receive } from "../../../receive.ts";

export const action = ({ request }: { request: Request }) => receive(request);
