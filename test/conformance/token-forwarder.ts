/**
 * A loopback address that adds an app's token to every request: the conformance suite cannot send one. Everything else
 * passes as it is, in both directions and unbuffered, also headers that are there to be refused.
 */
import { Agent, createServer, request as httpRequest } from 'node:http';

export interface TokenForwarder extends AsyncDisposable {
  /** Where the suite finds the server, with the same path as the target. */
  readonly url: string;
}

/** Raw headers as Node gives them: names and values in turn. */
function withToken(raw: readonly string[], own: number, target: URL, token: string): string[] {
  const headers = ['Authorization', `Bearer ${token}`];
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] ?? '';
    const value = raw[at + 1] ?? '';
    // Only the port is ours: a host that is not this computer stays what it is, and Gatehouse has to refuse it.
    const isHost = name.toLowerCase() === 'host';
    headers.push(name, isHost ? value.replace(new RegExp(`:${own}$`), `:${target.port}`) : value);
  }
  return headers;
}

/** Starts a forwarder in front of an endpoint. */
export async function forwardWithToken(endpoint: string, token: string): Promise<TokenForwarder> {
  const target = new URL(endpoint);
  const agent = new Agent({ keepAlive: true });
  let port = 0;
  const server = createServer((incoming, outgoing) => {
    const onward = httpRequest(
      {
        agent,
        host: target.hostname,
        port: target.port,
        method: incoming.method,
        path: incoming.url,
        headers: withToken(incoming.rawHeaders, port, target, token),
      },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.statusMessage, answer.rawHeaders);
        outgoing.flushHeaders();
        answer.pipe(outgoing);
        answer.once('error', () => outgoing.destroy());
      },
    );
    // Whoever leaves first takes the other side along: a closed stream is how a modern client cancels.
    outgoing.once('close', () => onward.destroy());
    onward.once('error', () => outgoing.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No port to listen on.');
  port = address.port;
  return {
    url: `http://localhost:${port}${target.pathname}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise<void>((closed) => server.close(() => closed()));
      agent.destroy();
    },
  };
}
