import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Tried in this order: authorization servers often compare the registered address with its port. */
const PORTS = [42_830, 42_831, 42_832, 0] as const;
const HOST = '127.0.0.1';
const MAX_QUERY = 16 * 1024;
/** Milliseconds an answer may take to be read once nobody waits any more. */
const LAST_ANSWER_MS = 1_000;

/** Gets the parameters a browser brings back; gives the sentence it shows then. */
export type OnCallback = (params: URLSearchParams) => Promise<{ readonly ok: boolean; readonly text: string }>;

interface Expected {
  readonly state: string;
  readonly onCallback: OnCallback;
}

/**
 * Where a browser comes back to after a sign-in: an address of this computer that is open only while a sign-in waits.
 * Every sign-in is known by its random `state`, which counts once.
 */
export class CallbackListener {
  readonly #ports: readonly number[];
  readonly #expected = new Set<Expected>();
  #users = 0;
  #opening: Promise<Server> | undefined;

  constructor(ports: readonly number[] = PORTS) {
    this.#ports = ports;
  }

  /** Opens the listener, or uses the open one. Disposing the result closes it once nobody uses it. @throws Error */
  async open(): Promise<AsyncDisposable & { readonly redirectUri: string }> {
    this.#users += 1;
    this.#opening ??= this.#listen();
    let server: Server;
    try {
      server = await this.#opening;
    } catch (error) {
      this.#users -= 1;
      this.#opening = undefined;
      throw error;
    }
    const { port } = server.address() as AddressInfo; // it listens on TCP
    let isOpen = true;
    return {
      redirectUri: `http://${HOST}:${port}/callback`,
      [Symbol.asyncDispose]: async () => {
        if (!isOpen) return;
        isOpen = false;
        this.#users -= 1;
        if (this.#users > 0) return;
        this.#opening = undefined;
        await new Promise<void>((resolve) => {
          // Browsers open connections ahead and send nothing on them.
          const timer = setTimeout(() => server.closeAllConnections(), LAST_ANSWER_MS);
          server.close(() => {
            clearTimeout(timer);
            resolve();
          });
          server.closeIdleConnections();
        });
      },
    };
  }

  /** Waits for the browser that brings this `state` back. Disposing stops waiting. */
  expect(state: string, onCallback: OnCallback): Disposable {
    const expected = { state, onCallback };
    this.#expected.add(expected);
    return { [Symbol.dispose]: () => void this.#expected.delete(expected) };
  }

  async #listen(): Promise<Server> {
    let failure: unknown;
    for (const port of this.#ports) {
      const server = createServer({ maxHeaderSize: MAX_QUERY }, (request, response) => {
        void this.#answer(request, response);
      });
      server.requestTimeout = 10_000;
      server.maxConnections = 16;
      try {
        await new Promise<void>((resolve, reject) => {
          server.once('error', reject);
          server.listen(port, HOST, resolve);
        });
        return server;
      } catch (error) {
        failure = error;
      }
    }
    throw new Error('No port of this computer is free for the browser to come back to.', { cause: failure });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = URL.parse(request.url ?? '', `http://${request.headers.host ?? 'invalid'}`);
    const isOurs = url?.hostname === HOST && url.port === String(request.socket.localPort);
    if (!isOurs || url.pathname !== '/callback' || request.method !== 'GET') {
      show(response, 404, 'There is nothing here.');
      return;
    }
    const expected = this.#take(url.searchParams.get('state') ?? '');
    if (!expected) {
      show(response, 400, 'This sign-in is not known, or it is over. Start it again in Gatehouse.');
      return;
    }
    try {
      const { ok, text } = await expected.onCallback(url.searchParams);
      show(response, ok ? 200 : 400, text);
    } catch {
      show(response, 500, 'The sign-in failed. Gatehouse says why.');
    }
  }

  /** Compares with every expected one, so that the time says nothing. */
  #take(state: string): Expected | undefined {
    const given = Buffer.from(state);
    let found: Expected | undefined;
    for (const expected of this.#expected) {
      const wanted = Buffer.from(expected.state);
      if (given.length === wanted.length && timingSafeEqual(given, wanted)) found = expected;
    }
    if (found) this.#expected.delete(found);
    return found;
  }
}

/** The page holds only sentences of ours: nothing of the address is repeated. */
function show(response: ServerResponse, status: number, text: string): void {
  const page = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Gatehouse</title><p>${text}</p></html>\n`;
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-length': Buffer.byteLength(page),
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    connection: 'close',
  });
  response.end(page);
}
