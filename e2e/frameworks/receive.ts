import { Webhook } from "standardwebhooks";

// Receives an event of Postern. It throws if no secret of the endpoint has signed the event.
export async function receive(request: Request): Promise<Response> {
  const webhook = new Webhook(process.env.POSTERN_WEBHOOK_SECRET!);
  const event = webhook.verify(await request.text(), Object.fromEntries(request.headers)) as {
    type: string;
    data: { id: string };
  };
  console.log(event.type, event.data.id);
  return new Response(null, { status: 204 });
}
