/** The HTTP server: loopback only, patient with nobody. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';

// As an ES module import, node:http would load all it exports, undici's WebSocket among them: 14 MB more (Node 24).
const { createServer } = process.getBuiltinModule('node:http');

/** The port cannot be used; the message says what to do. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError';
  readonly port: number;

  constructor(port: number, cause: unknown) {
    const why = codeOf(cause) === 'EACCES' ? 'may not be used by this account' : 'is used by another program';
    super(`Port ${port} on 127.0.0.1 ${why}. End that program, or choose another port with --port or in Settings.`, {
      cause,
    });
    this.port = port;
  }
}

/** Milliseconds. Headers and body must arrive in time, so that a slow sender cannot hold a connection for ever. */
const HEADERS_MS = 10_000;
const REQUEST_MS = 30_000;
const IDLE_MS = 75_000;
const CHECK_MS = 2_000;
const MOST_CONNECTIONS = 1_024;
/** Milliseconds a stopping server waits for answers that are being written. */
const GRACE_MS = 1_000;

export interface EndpointTimes {
  readonly headersMs?: number;
  readonly requestMs?: number;
}

export interface Endpoint extends AsyncDisposable {
  readonly port: number;
}

/** Listens on 127.0.0.1. `handle` must not throw. Rejects with PortTakenError when the port is in use. */
export function listenOn(
  port: number,
  handle: (request: IncomingMessage, response: ServerResponse, port: number) => void,
  { headersMs = HEADERS_MS, requestMs = REQUEST_MS }: EndpointTimes = {},
): Promise<Endpoint> {
  let bound = port;
  const server = createServer(
    {
      headersTimeout: headersMs,
      requestTimeout: requestMs,
      keepAliveTimeout: IDLE_MS,
      connectionsCheckingInterval: Math.min(CHECK_MS, headersMs),
      // Two Host headers, or a folded one, are an attempt to be read in two ways.
      requireHostHeader: true,
      insecureHTTPParser: false,
    },
    (request, response) => handle(request, response, bound),
  );
  server.maxConnections = MOST_CONNECTIONS;
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const code = codeOf(error);
      reject(code === 'EADDRINUSE' || code === 'EACCES' ? new PortTakenError(port, error) : error);
    });
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address();
      if (typeof address === 'object' && address !== null) bound = address.port;
      resolve({ port: bound, [Symbol.asyncDispose]: () => stop(server) });
    });
  });
}

async function stop(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const grace = setTimeout(() => server.closeAllConnections(), GRACE_MS);
  await closed;
  clearTimeout(grace);
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
