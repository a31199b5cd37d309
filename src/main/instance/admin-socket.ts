/** The admin socket: the contract over a WebSocket on a unix socket (or named pipe) that only its owner can open. */
import { chmodSync, rmSync } from 'node:fs';
import { type WebSocket, WebSocketServer } from 'ws';

// As an ES module import, node:http would load all it exports, undici's WebSocket among them: 14 MB more (Node 24).
const { createServer } = process.getBuiltinModule('node:http');

/** Requests are small; only answers grow. */
const largestRequestBytes = 8 * 1024 * 1024;

/**
 * Starts to listen at `path` for the command line; `attach` serves the contract to each client. The caller holds the data folder's lock, so a socket file
 * that is already there was left by a process that is gone, and is replaced.
 */
export async function openAdminSocket(path: string, attach: (client: WebSocket) => void): Promise<AsyncDisposable> {
  const isFile = process.platform !== 'win32';
  const http = createServer((_request, response) => {
    response.writeHead(426, { connection: 'close' }).end();
  });
  const sockets = new WebSocketServer({ noServer: true, maxPayload: largestRequestBytes, perMessageDeflate: false });
  http.on('upgrade', (request, socket, head) => {
    // Node takes its own listener off before this event: without one, a client that resets its connection would end us.
    socket.on('error', () => socket.destroy());
    // A browser always names an origin. None can reach a unix socket, and none may speak here if one ever does.
    if (request.headers.origin !== undefined || request.url !== '/rpc') {
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => {
      // A broken frame or a frame over the limit; ws closes the connection by itself.
      client.on('error', () => undefined);
      attach(client);
    });
  });

  if (isFile) rmSync(path, { force: true });
  const { promise: listening, resolve, reject } = Promise.withResolvers<void>();
  http.once('error', reject);
  http.once('listening', resolve);
  // The file is created inside `listen`, in this very turn; with this mask nobody else can open it even for a moment.
  const mask = isFile ? process.umask(0o177) : 0;
  try {
    http.listen(path);
  } finally {
    if (isFile) process.umask(mask);
  }
  await listening;
  if (isFile) chmodSync(path, 0o600);

  return {
    async [Symbol.asyncDispose]() {
      for (const client of sockets.clients) client.terminate();
      sockets.close();
      http.closeAllConnections();
      await new Promise<void>((done) => http.close(() => done()));
      if (isFile) rmSync(path, { force: true });
    },
  };
}
