import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { IncomingMessage, OutgoingHttpHeaders, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import { loginPage, loginScript, loginStyle, signedOutPage } from './login-page.ts';
import { createLogins, type Logins } from './logins.ts';
import { listRendererFiles, type RendererFile } from './renderer-files.ts';
import { cookieOf, pageKeyOf, refusalOf } from './request-check.ts';

// As an ES module import, node:http would load all it exports, undici's WebSocket among them: 14 MB more (Node 24).
const { createServer } = process.getBuiltinModule('node:http');

export interface ConsoleOptions {
  /** Serves the contract to a signed-in browser's WebSocket. */
  readonly attach: (client: WebSocket) => void;
  /** Folder of the built renderer. */
  readonly rendererDir: string;
  /** Port to try; 0, or one that is taken, gives any free one. */
  readonly port: number;
  readonly clock?: () => number;
}

/** The console while it listens on 127.0.0.1. */
export interface Console extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`, without a token. */
  readonly address: string;
  /** A new address that signs one browser in, once, within 15 minutes. */
  loginUrl(): string;
}

const loginBodySchema = z.object({ token: z.string().min(1).max(200) });
const largestBodyBytes = 4096;
const largestRequestBytes = 8 * 1024 * 1024;
const webSocketProtocol = 'gatehouse';

/** Serves the renderer and the contract to a signed-in browser. Throws when the renderer was not built. */
export async function openConsole(options: ConsoleOptions): Promise<Console> {
  const files = await listRendererFiles(options.rendererDir);
  const logins = createLogins({
    clock: options.clock ?? Date.now,
    randomToken: () => randomBytes(32).toString('base64url'),
  });
  const http = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 });
  const port = await listen(http, options.port);
  const front = new ConsoleFront(port, files, logins);
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: largestRequestBytes,
    perMessageDeflate: false,
    // The key is proof, not a protocol: it is never said back.
    handleProtocols: (offered) => (offered.has(webSocketProtocol) ? webSocketProtocol : false),
  });
  http.on('request', (request, response) => void front.answer(request, response));
  http.on('upgrade', (request, socket, head) => {
    // Node takes its own listener off before this event: without one, a client that resets its connection would end us.
    socket.on('error', () => socket.destroy());
    const refused = front.refuseUpgrade(request);
    if (refused !== null) {
      socket.end(`HTTP/1.1 ${refused}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => {
      // A broken frame or a frame over the limit; ws closes the connection by itself.
      client.on('error', () => undefined);
      options.attach(client);
    });
  });

  const address = `http://127.0.0.1:${port}`;
  return {
    address,
    loginUrl: () => `${address}/login#${logins.issue()}`,
    async [Symbol.asyncDispose]() {
      for (const client of sockets.clients) client.close(1001, 'Gatehouse stops.');
      sockets.close();
      http.closeAllConnections();
      for (const client of sockets.clients) client.terminate();
      await new Promise<void>((done) => http.close(() => done()));
    },
  };
}

class ConsoleFront {
  readonly #port: number;
  readonly #files: ReadonlyMap<string, RendererFile>;
  readonly #logins: Logins;
  /** Cookies are shared between ports, so two gateways on one computer need two names. */
  readonly #cookieName: string;

  constructor(port: number, files: ReadonlyMap<string, RendererFile>, logins: Logins) {
    this.#port = port;
    this.#files = files;
    this.#logins = logins;
    this.#cookieName = `gatehouse_${port}`;
  }

  /** The status line to refuse a WebSocket with, or null to accept it. */
  refuseUpgrade(request: IncomingMessage): string | null {
    if (refusalOf(request.headers, this.#port, { originRequired: true }) !== null) return '403 Forbidden';
    if (request.url !== '/rpc') return '404 Not Found';
    const cookie = cookieOf(request.headers, this.#cookieName);
    return this.#logins.hasSession(cookie, pageKeyOf(request.headers)) ? null : '401 Unauthorized';
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const isPost = request.method === 'POST';
    const refusal = refusalOf(request.headers, this.#port, { originRequired: isPost });
    if (refusal !== null) return this.#send(response, 403, 'text/plain', refusal);
    const path = request.url?.split('?', 1)[0] ?? '/';
    if (isPost) {
      if (path === '/login') return this.#login(request, response);
      return this.#send(response, 404, 'text/plain', 'Not found.');
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return this.#send(response, 405, 'text/plain', 'Not allowed.', { allow: 'GET, HEAD, POST' });
    }
    if (path === '/login') return this.#send(response, 200, 'text/html; charset=utf-8', loginPage);
    if (path === '/login.js') return this.#send(response, 200, 'text/javascript; charset=utf-8', loginScript);
    if (path === '/login.css') return this.#send(response, 200, 'text/css; charset=utf-8', loginStyle);
    // Browsers ask for it unasked; "nothing" keeps their console clean.
    if (path === '/favicon.ico') return this.#send(response, 204, 'image/x-icon', '');
    if (!this.#logins.hasCookie(cookieOf(request.headers, this.#cookieName))) {
      return this.#send(response, 401, 'text/html; charset=utf-8', signedOutPage);
    }
    const file = this.#files.get(path);
    if (!file) return this.#send(response, 404, 'text/plain', 'Not found.');
    response.writeHead(200, {
      ...this.#headers(file.contentType),
      ...(file.immutable ? { 'cache-control': 'private, max-age=31536000, immutable' } : {}),
    });
    if (request.method === 'HEAD') return void response.end();
    createReadStream(file.path)
      .on('error', () => response.destroy())
      .pipe(response);
  }

  async #login(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refuse = (status: number, reason: string) => this.#send(response, status, 'text/plain', reason);
    if (request.headers['content-type'] !== 'application/json') return refuse(415, 'JSON, please.');
    if (!(Number(request.headers['content-length']) <= largestBodyBytes)) return refuse(413, 'Too long.');
    const body = loginBodySchema.safeParse(
      await text(request)
        .then(JSON.parse)
        .catch(() => undefined),
    );
    if (!body.success) return refuse(400, 'Not understood.');
    const session = this.#logins.redeem(body.data.token);
    if (!session) return refuse(401, 'This address was used or is too old.');
    this.#send(response, 200, 'application/json', JSON.stringify({ pageKey: session.pageKey }), {
      'set-cookie': `${this.#cookieName}=${session.cookie}; HttpOnly; SameSite=Strict; Path=/`,
    });
  }

  #send(
    response: ServerResponse,
    status: number,
    contentType: string,
    body: string,
    extra: OutgoingHttpHeaders = {},
  ): void {
    response.writeHead(status, { ...this.#headers(contentType), ...extra });
    response.end(response.req.method === 'HEAD' ? undefined : body);
  }

  #headers(contentType: string): OutgoingHttpHeaders {
    const sources = [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self' 'unsafe-inline'",
      "font-src 'self'",
      "img-src 'self' data:",
      `connect-src 'self' ws://127.0.0.1:${this.#port} ws://localhost:${this.#port}`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ];
    return {
      'content-type': contentType,
      'cache-control': 'no-store',
      'content-security-policy': sources.join('; '),
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    };
  }
}

async function listen(http: Server, wanted: number): Promise<number> {
  const attempt = (port: number) =>
    new Promise<void>((listening, failed) => {
      http.once('error', failed);
      http.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
        http.off('error', failed);
        listening();
      });
    });
  await attempt(wanted).catch((error: NodeJS.ErrnoException) => {
    if (wanted === 0 || (error.code !== 'EADDRINUSE' && error.code !== 'EACCES')) throw error;
    return attempt(0);
  });
  return (http.address() as AddressInfo).port; // a TCP server that listens has an AddressInfo
}
