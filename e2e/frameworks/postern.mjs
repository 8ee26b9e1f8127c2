// Sends the requests of Polar's SDK to Postern.
const polar = /^https:\/\/(sandbox-)?api\.polar\.sh(?=\/)/;
const send = globalThis.fetch;

globalThis.fetch = async (input, init) => {
  const url = input instanceof Request ? input.url : String(input);
  if (!polar.test(url)) return send(input, init);
  const request = new Request(input, init);
  return send(url.replace(polar, new URL(process.env.POSTERN_URL).origin), {
    method: request.method,
    headers: request.headers,
    body: request.body && (await request.arrayBuffer()),
    signal: request.signal,
  });
};
