/**
 * Who may speak to the endpoint at all, decided from the request line and headers before a byte of the body is read.
 * The order: host, origin, path, method, query, token, media type, length (protocol.md §4).
 */
import type { IncomingHttpHeaders } from 'node:http';

/** What the endpoint serves under a path: the app's profile, or one server's tools under their own names. */
export type Target = { readonly kind: 'profile' } | { readonly kind: 'server'; readonly server: string };

export interface Rejection {
  readonly status: number;
  /** One sentence: what is wrong and what to do. */
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Admission<Identity> =
  | {
      readonly admitted: true;
      readonly method: 'POST' | 'GET' | 'DELETE';
      readonly target: Target;
      readonly app: Identity;
    }
  | { readonly admitted: false; readonly rejection: Rejection };

export interface FrontDoorRequest {
  readonly method: string;
  /** The request target as sent: path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

export interface FrontDoorRules<Identity> {
  /** The port that listens; the Host header must name it. */
  readonly port: number;
  readonly authenticate: (token: string) => Identity | undefined;
}

/** Bytes a request body may have. */
export const LARGEST_BODY = 4 * 1024 * 1024;

const LOOPBACK_NAMES = ['127.0.0.1', 'localhost', '[::1]'];
const METHODS = ['POST', 'GET', 'DELETE'] as const;
const SERVER_PATH = /^\/mcp\/servers\/([a-zA-Z0-9][a-zA-Z0-9._-]{0,63})$/;
/** Query keys under which a token is sometimes sent; URLs end up in histories and logs, so it is never read there. */
const TOKEN_KEYS = ['token', 'access_token', 'auth', 'authorization', 'api_key', 'apikey', 'key', 'bearer'];

/** Admits a request or says why not. Pure apart from `authenticate`. */
export function admit<Identity>(request: FrontDoorRequest, rules: FrontDoorRules<Identity>): Admission<Identity> {
  const { headers } = request;
  const question = request.url.indexOf('?');
  const path = question === -1 ? request.url : request.url.slice(0, question);

  // A page that rebinds its own name to 127.0.0.1 still sends that name here.
  if (!isLoopbackHost(headers.host, rules.port)) {
    return no(403, `Gatehouse answers only to 127.0.0.1:${rules.port} and localhost:${rules.port}. Use that address.`);
  }
  if (headers.origin !== undefined && !isLoopbackOrigin(headers.origin)) {
    return no(403, 'Gatehouse does not answer web pages from other origins.');
  }
  const target = targetOf(path);
  if (!target) return no(404, 'There is nothing here. The endpoint is /mcp, or /mcp/servers/NAME for one server.');
  const method = METHODS.find((known) => known === request.method);
  if (!method) return no(405, 'Use POST, or GET and DELETE for a session.', { Allow: METHODS.join(', ') });
  if (question !== -1 && carriesToken(request.url.slice(question + 1))) {
    return no(400, 'A token does not belong into the address. Send it as the header Authorization: Bearer TOKEN.');
  }
  const token = bearerOf(headers.authorization);
  const app = token === undefined ? undefined : rules.authenticate(token);
  if (app === undefined) return no(401, unauthorized(token), { 'WWW-Authenticate': challenge(token) });
  if (method === 'POST') {
    if (mediaTypeOf(headers['content-type']) !== 'application/json' || headers['content-encoding'] !== undefined) {
      return no(415, 'Send plain JSON with the header Content-Type: application/json.');
    }
    if (Number(headers['content-length'] ?? 0) > LARGEST_BODY) return no(413, tooLarge);
  }
  return { admitted: true, method, target, app };
}

export const tooLarge = `A request may have ${LARGEST_BODY / 1024 / 1024} MiB.`;

function no(status: number, message: string, headers?: Record<string, string>): Admission<never> {
  return { admitted: false, rejection: { status, message, ...(headers && { headers }) } };
}

function isLoopbackHost(host: string | undefined, port: number): boolean {
  return host !== undefined && LOOPBACK_NAMES.some((name) => host.toLowerCase() === `${name}:${port}`);
}

/** Loopback pages on any port are tools like the Inspector; `null` is a sandboxed page or a local file. */
function isLoopbackOrigin(origin: string): boolean {
  const url = URL.parse(origin);
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) return false;
  return url.origin === origin.toLowerCase() && LOOPBACK_NAMES.includes(url.hostname);
}

function targetOf(path: string): Target | undefined {
  if (path === '/mcp') return { kind: 'profile' };
  const server = SERVER_PATH.exec(path)?.[1];
  return server === undefined ? undefined : { kind: 'server', server };
}

function carriesToken(query: string): boolean {
  const keys = [...new URLSearchParams(query).keys()].map((key) => key.toLowerCase());
  return TOKEN_KEYS.some((key) => keys.includes(key));
}

function bearerOf(authorization: string | undefined): string | undefined {
  return authorization === undefined ? undefined : /^Bearer +([\x21-\x7e]{1,512})$/i.exec(authorization)?.[1];
}

function unauthorized(token: string | undefined): string {
  return token === undefined
    ? 'Gatehouse needs the token of this app in the header Authorization: Bearer TOKEN. Connect the app in Gatehouse.'
    : 'Gatehouse does not know this token. It may have been replaced or revoked; connect the app again in Gatehouse.';
}

/** RFC 6750: an error code only when a token was given. */
function challenge(token: string | undefined): string {
  return token === undefined ? 'Bearer realm="gatehouse"' : 'Bearer realm="gatehouse", error="invalid_token"';
}

function mediaTypeOf(contentType: string | undefined): string | undefined {
  return contentType?.split(';', 1)[0]?.trim().toLowerCase();
}
