import type { LookupAddress } from 'node:dns';
import type { IncomingMessage, RequestOptions } from 'node:http';
import type { LookupFunction } from 'node:net';
import { urlToHttpOptions } from 'node:url';
import type { FetchLike } from '@modelcontextprotocol/client';
import { isLoopbackAddress, isLoopbackName, isPublicAddress } from './allowed-address.ts';

const http = process.getBuiltinModule('node:http');
const https = process.getBuiltinModule('node:https');
const dns = process.getBuiltinModule('node:dns');
const { isIP } = process.getBuiltinModule('node:net');

/** Bytes of an answer that are read, and milliseconds a whole request may take. */
const MAX_BYTES = 1024 * 1024;
const TIMEOUT_MS = 10_000;

/** Looks a name up; the platform's resolver outside tests. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

/** An OAuth request that was not made, because of where it would have gone. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';
}

export interface GuardedFetchOptions {
  /** The MCP server's own address. Its host may be inside the private network, because a person chose it. */
  readonly serverUrl: URL;
  readonly resolve?: Resolve | undefined;
  readonly timeoutMs?: number | undefined;
  /** Ends every request. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * A `fetch` for addresses that a server names: https only, public addresses only, checked on the very address that is
 * connected to. A server on this computer may name others on this computer, also by plain http; a server's own host is
 * always allowed. Redirects are given back, never followed; answers are bounded in size and time.
 */
export function guardedFetch(options: GuardedFetchOptions): FetchLike {
  const { serverUrl, signal: ended, timeoutMs = TIMEOUT_MS } = options;
  const resolve = options.resolve ?? ((hostname) => dns.promises.lookup(hostname, { all: true }));
  return async (target, init) => {
    const url = new URL(target);
    refuseUnsafe(url, serverUrl);
    const body = bodyOf(init?.body);
    const headers = Object.fromEntries(new Headers(init?.headers));
    const request: RequestOptions = {
      ...urlToHttpOptions(url),
      method: init?.method ?? 'GET',
      headers: {
        'user-agent': 'gatehouse',
        ...(body !== undefined && typeof init?.body !== 'string' && { 'content-type': FORM }),
        ...headers,
        'accept-encoding': 'identity',
        ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }),
      },
      // A kept connection would be a kept address.
      agent: false,
      lookup: lookupAllowed(url, serverUrl, resolve),
    };
    const signals = [AbortSignal.timeout(timeoutMs), init?.signal, ended].filter((each) => each != null);
    return answerTo(url, request, body, AbortSignal.any(signals));
  };
}

const FORM = 'application/x-www-form-urlencoded;charset=UTF-8';

/** Why an address may not be asked, before it is looked up. @throws AddressRefused */
function refuseUnsafe(url: URL, serverUrl: URL): void {
  const where = `${url.protocol}//${url.host}`;
  if (url.username !== '' || url.password !== '') {
    throw new AddressRefused(`The address ${where} holds a user name or password.`);
  }
  const isServersOwn = url.hostname === serverUrl.hostname;
  const isLocalPair = isLoopbackName(url.hostname) && isLoopbackName(serverUrl.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLocalPair)) {
    throw new AddressRefused(`The address ${where} is not https.`);
  }
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(literal) !== 0 && !isServersOwn && !isLocalPair && !isPublicAddress(literal)) {
    throw insideNetwork(where);
  }
}

/** Node asks this for the address it connects to, so that what was checked is what is reached. */
function lookupAllowed(url: URL, serverUrl: URL, resolve: Resolve): LookupFunction {
  return (hostname, options, done) => {
    resolve(hostname).then(
      (found) => {
        const refused = found.find(({ address }) => !isAllowed(address, url, serverUrl));
        const [first] = found;
        if (refused || !first)
          done(refused ? insideNetwork(url.host) : new Error(`${hostname} has no address.`), '', 0);
        else if (options.all === true) done(null, [...found]);
        else done(null, first.address, first.family);
      },
      (error: unknown) => done(error instanceof Error ? error : new Error(String(error)), '', 0),
    );
  };
}

function isAllowed(address: string, url: URL, serverUrl: URL): boolean {
  if (isPublicAddress(address) || url.hostname === serverUrl.hostname) return true;
  return isLoopbackName(url.hostname) && isLoopbackName(serverUrl.hostname) && isLoopbackAddress(address);
}

function insideNetwork(where: string): AddressRefused {
  return new AddressRefused(`The address ${where} is inside the private network.`);
}

function bodyOf(body: unknown): string | undefined {
  if (body === undefined || body === null) return undefined;
  if (typeof body === 'string' || body instanceof URLSearchParams) return String(body);
  throw new TypeError('Only text and forms are sent.');
}

function answerTo(url: URL, options: RequestOptions, body: string | undefined, signal: AbortSignal): Promise<Response> {
  return new Promise((done, fail) => {
    const tooSlow = () => fail(new Error(`${url.host} did not answer in time.`));
    if (signal.aborted) {
      tooSlow();
      return;
    }
    const request = (url.protocol === 'https:' ? https : http).request(options);
    const onAbort = () => {
      tooSlow();
      request.destroy();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    request.once('close', () => signal.removeEventListener('abort', onAbort));
    request.on('error', (error) => fail(error));
    request.once('response', (message) => {
      bytesOf(message, url).then((bytes) => done(responseOf(message, bytes)), fail);
    });
    request.end(body);
  });
}

function bytesOf(message: IncomingMessage, url: URL): Promise<Buffer> {
  return new Promise((done, fail) => {
    const chunks: Buffer[] = [];
    let size = 0;
    message.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= MAX_BYTES) chunks.push(chunk);
      else message.destroy(new Error(`${url.host} sent more than ${MAX_BYTES} bytes.`));
    });
    message.once('end', () => done(Buffer.concat(chunks)));
    message.on('error', fail);
    message.once('close', () => fail(new Error(`${url.host} broke off its answer.`)));
  });
}

/** Statuses whose response may hold no body. */
const EMPTY: ReadonlySet<number> = new Set([204, 205, 304]);

function responseOf(message: IncomingMessage, bytes: Buffer): Response {
  const status = message.statusCode ?? 0;
  if (status < 200 || status > 599) throw new Error(`The answer has the impossible status ${status}.`);
  const headers = new Headers();
  for (const [name, values] of Object.entries(message.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  return new Response(EMPTY.has(status) ? null : new Uint8Array(bytes), { status, headers });
}
