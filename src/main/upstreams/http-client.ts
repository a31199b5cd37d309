import type { Agent, ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import type { Agent as SecureAgent } from 'node:https';
import { urlToHttpOptions } from 'node:url';
import { connectionFailure } from './http-failures.ts';
import { LinkError } from './link.ts';

// As ES module imports these would load all that Node bundles with them, undici among it: 14 MB more (Node 24).
const http = process.getBuiltinModule('node:http');
const https = process.getBuiltinModule('node:https');

const CONNECT_MS = 10_000;
/** A peer that vanished without a word is noticed by probes of its connection, begun after this long. */
const PROBE_IDLE_MS = 60_000;
/** As many calls at once find a connection again; beyond it each burst makes new ones. */
const MAX_IDLE_CONNECTIONS = 64;
const MAX_REDIRECTS = 5;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export interface HttpRequest {
  readonly method: 'POST' | 'GET' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** Aborting breaks the request, or the response that is being read. */
  readonly signal?: AbortSignal | undefined;
}

export interface HttpResponse {
  readonly status: number;
  readonly message: IncomingMessage;
  /** Why a redirect was not followed; undefined for any other response. */
  readonly unfollowed: string | undefined;
}

/**
 * Requests to one address over kept connections. Redirects are followed only where they keep the method and stay within
 * the address's origin: headers hold credentials.
 *
 * Own code instead of `fetch`: its streams, headers and signals cost more than all else of a proxied call together.
 */
export class HttpClient {
  readonly #url: URL;
  readonly #target: RequestOptions;
  /** Made for the address's own scheme; a redirect to https makes the other. */
  readonly #agents = new Map<string, Agent | SecureAgent>();
  #closed = false;

  constructor(url: URL) {
    this.#url = url;
    this.#target = targetOf(url);
  }

  /** Resolves with the head of the response; its body has to be read. @throws LinkError */
  async send(request: HttpRequest): Promise<HttpResponse> {
    const first = await this.#once(this.#url, this.#target, request);
    return REDIRECTS.has(first.statusCode ?? 0) ? this.#follow(first, request) : headOf(first);
  }

  /** Breaks everything that is under way and closes every connection. */
  close(): void {
    this.#closed = true;
    for (const agent of this.#agents.values()) agent.destroy();
  }

  async #follow(redirect: IncomingMessage, request: HttpRequest): Promise<HttpResponse> {
    let message = redirect;
    let from = this.#url;
    for (let followed = 0; ; followed += 1) {
      const status = message.statusCode ?? 0;
      const to = REDIRECTS.has(status) ? locationOf(message, from) : undefined;
      if (!to) return headOf(message);
      const keepsMethod = request.method === 'GET' || status === 307 || status === 308;
      const isPlain = to.username === '' && to.password === '';
      if (followed === MAX_REDIRECTS || !keepsMethod || !isPlain || !isWithinOrigin(from, to)) {
        return { ...headOf(message), unfollowed: unfollowedText(from, to) };
      }
      message.resume();
      from = to;
      message = await this.#once(to, targetOf(to), request);
    }
  }

  #once(url: URL, target: RequestOptions, request: HttpRequest): Promise<IncomingMessage> {
    const { method, headers, body, signal } = request;
    return new Promise((resolve, reject) => {
      if (this.#closed || signal?.aborted) {
        reject(new LinkError('gone', 'the request was given up.', { notSent: true }));
        return;
      }
      const protocol = url.protocol === 'https:' ? https : http;
      const sent = protocol.request({ ...target, method, headers, agent: this.#agentFor(url.protocol) });
      // Not the `signal` option: what it hangs on request and response costs a fifth of a whole call.
      const onAbort = () => sent.destroy(new Error('The request was given up.'));
      signal?.addEventListener('abort', onAbort, { once: true });
      sent.once('close', () => signal?.removeEventListener('abort', onAbort));
      sent.once('response', resolve);
      // Stays for as long as the request lives: a late error has nobody else.
      sent.on('error', (error) => reject(connectionFailure(error)));
      limitConnecting(sent);
      sent.end(body);
    });
  }

  #agentFor(protocol: string): Agent | SecureAgent {
    const known = this.#agents.get(protocol);
    if (known) return known;
    const options = { keepAlive: true, keepAliveInitialDelay: PROBE_IDLE_MS, maxFreeSockets: MAX_IDLE_CONNECTIONS };
    const agent = protocol === 'https:' ? new https.Agent(options) : new http.Agent(options);
    this.#agents.set(protocol, agent);
    return agent;
  }
}

function targetOf(url: URL): RequestOptions {
  const { protocol, hostname, port, path } = urlToHttpOptions(url);
  return { protocol, hostname, port, path };
}

function headOf(message: IncomingMessage): HttpResponse {
  return { status: message.statusCode ?? 0, message, unfollowed: undefined };
}

/** A new connection that does not come about in time is given up; a kept one has no such wait. */
function limitConnecting(request: ClientRequest): void {
  request.once('socket', (socket) => {
    if (!socket.connecting) return;
    const timer = setTimeout(() => {
      socket.destroy(Object.assign(new Error('No connection in time.'), { code: 'ETIMEDOUT', syscall: 'connect' }));
    }, CONNECT_MS);
    const stop = () => clearTimeout(timer);
    socket.once('connect', stop);
    socket.once('close', stop);
  });
}

function locationOf(message: IncomingMessage, from: URL): URL | undefined {
  const { location } = message.headers;
  return location === undefined ? undefined : (URL.parse(location, from) ?? undefined);
}

/** True when `to` has the scheme, host and port of `from`, or is its https form with both on the default port. */
function isWithinOrigin(from: URL, to: URL): boolean {
  if (from.protocol === to.protocol && from.host === to.host) return true;
  const isUpgrade = from.protocol === 'http:' && to.protocol === 'https:';
  return isUpgrade && from.hostname === to.hostname && from.port === '' && to.port === '';
}

/** Without query and credentials: those may hold secrets. */
function unfollowedText(from: URL, to: URL): string {
  if (to.protocol === 'http:' && from.protocol === 'https:') {
    return `Redirect from https to plain http not followed; try https://${to.host}${to.pathname} as the endpoint.`;
  }
  const target = `${to.protocol}//${to.host}${to.pathname}`;
  return `Redirect to ${target} not followed; use that URL as the endpoint if it is the intended server.`;
}
