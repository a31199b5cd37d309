import type { IncomingMessage } from 'node:http';
import { EventStreamParser } from './event-stream.ts';
import { HttpClient, type HttpResponse } from './http-client.ts';
import { badAnswer, connectionFailure, statusFailure } from './http-failures.ts';
import { isJsonObject, type JsonObject, type RpcMessage, rpcErrorOf } from './json-rpc.ts';
import type { Link, LinkError, LinkReceiver, SendOptions } from './link.ts';
import type { LogRing } from './log-ring.ts';
import { configuredHeaders, mirrorHeaders } from './request-headers.ts';
import { MAX_MESSAGE_BYTES, tooLarge } from './stdio-link.ts';

/** An address to reach, secrets filled in. Nothing of a downstream request is ever added to `headers`. */
export interface Endpoint {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

const END_SESSION_MS = 1_500;
/** Bytes of an error's body that are read. */
const MAX_ERROR_BYTES = 64 * 1024;
const MOST_RECONNECTS = 2;
/** Milliseconds before a stream is opened again when the server does not say, and what it may say. */
const RECONNECT_MS = 1_000;
const SAID_RETRY_MS = { least: 100, most: 300_000 };

const JSON_OR_EVENTS = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' } as const;

/** One response stream, over all connections it is resumed on. */
interface Stream {
  /** The session's own stream is opened again however it ended; a request's only where the server gave ids. */
  readonly isSessions: boolean;
  readonly signal: AbortSignal | undefined;
  readonly onEnd: ((reason?: LinkError) => void) | undefined;
  lastId: string;
  answered: boolean;
}

/**
 * A server behind streamable HTTP (specification, transports): each message is one POST, answered by a JSON body or an
 * event stream; in a session, one more stream for what the server says unasked. Streams are resumed by their last id.
 *
 * Own code instead of the SDK's transport: that one parses every message through schemas and runs on `fetch`, which
 * together were two thirds of a proxied call's CPU time.
 */
export class HttpLink implements Link {
  readonly pid = null;
  readonly streams = true;
  readonly #client: HttpClient;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #log: LogRing;
  readonly #reconnecting = new Set<NodeJS.Timeout>();
  #receiver: LinkReceiver | undefined;
  #session: string | undefined;
  #protocolVersion: string | undefined;
  /** Milliseconds the server asked to wait before connecting again. */
  #saidRetryMs: number | undefined;
  #closed = false;

  constructor(endpoint: Endpoint, log: LogRing) {
    this.#log = log;
    this.#client = new HttpClient(new URL(endpoint.url));
    this.#headers = configuredHeaders(endpoint.headers);
  }

  listen(receiver: LinkReceiver): void {
    this.#receiver = receiver;
  }

  async open(): Promise<void> {
    // Each message finds its own connection.
  }

  async send(message: RpcMessage, options: SendOptions = {}): Promise<void> {
    const hadSession = this.#session !== undefined;
    try {
      await this.#post(message, options, hadSession);
    } catch (error) {
      const problem = connectionFailure(error);
      // Told after this request has its own answer: it was not sent, the others on this connection were.
      if (problem.kind === 'session_lost' || (problem.kind === 'gone' && problem.notSent)) {
        if (options.signal?.aborted !== true) setImmediate(() => this.#end(problem));
      }
      throw problem;
    }
  }

  agreeOn(protocolVersion: string): void {
    this.#protocolVersion = protocolVersion;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#reconnecting) clearTimeout(timer);
    if (this.#session !== undefined) {
      const ended = this.#client
        .send({ method: 'DELETE', headers: this.#connectionHeaders() })
        .then(({ message }) => drained(message))
        .catch(() => undefined);
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, END_SESSION_MS).unref())]);
    }
    this.#client.close();
  }

  killNow(): void {
    // The connection ends with this process.
  }

  async #post(message: RpcMessage, options: SendOptions, hadSession: boolean): Promise<void> {
    const method = 'method' in message ? message.method : undefined;
    const isRequest = method !== undefined && 'id' in message;
    const body = JSON.stringify(message);
    const headers: Record<string, string> = {
      ...this.#connectionHeaders(),
      ...JSON_OR_EVENTS,
      ...mirrorHeaders(message),
      'content-length': String(Buffer.byteLength(body)),
    };
    if (method === 'initialize') delete headers['mcp-session-id'];
    const response = await this.#client.send({ method: 'POST', headers, body, signal: options.signal });
    const { status } = response;
    if (status < 200 || status >= 300) {
      await this.#refused(response, message, hadSession);
      return;
    }
    if (method === 'initialize') this.#session = headerOf(response, 'mcp-session-id');
    if (!isRequest || status === 202) {
      await drained(response.message);
      if (method === 'notifications/initialized') this.#openSessionStream();
      return;
    }
    refuseEncoded(response);
    const type = mediaTypeOf(response);
    if (type === 'text/event-stream') {
      const { signal, onStreamEnd: onEnd } = options;
      this.#read(response.message, { isSessions: false, signal, onEnd, lastId: '', answered: false });
    } else if (type === 'application/json') {
      this.#deliverBody(await textOf(response));
      options.onStreamEnd?.();
    } else {
      response.message.destroy();
      throw badAnswer(`Unexpected content type: ${type === '' ? 'none' : type}`);
    }
  }

  /** Says what a refusal by status means; one in JSON-RPC's own words is the answer to the request. */
  async #refused(response: HttpResponse, message: RpcMessage, hadSession: boolean): Promise<void> {
    const { status, unfollowed } = response;
    const text = await beginningOf(response.message);
    const answer = status === 400 && 'mcp-method' in mirrorHeaders(message) ? jsonIn(text) : undefined;
    if (isJsonObject(answer) && rpcErrorOf(answer) && 'id' in message && answer.id === message.id) {
      this.#receiver?.message(answer);
      return;
    }
    throw statusFailure(status, { text, hadSession, redirect: unfollowed });
  }

  #deliverBody(text: string): void {
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch (error) {
      throw badAnswer('It is not JSON.', error);
    }
    // 2025-03-26 allowed batches; a server may answer with one.
    for (const message of Array.isArray(parsed) ? parsed : [parsed]) {
      if (!isRpcMessage(message)) throw badAnswer('It is not a JSON-RPC message.');
      this.#receiver?.message(message);
    }
  }

  /** Offers to hear what the server says unasked. Not all have such a stream. */
  #openSessionStream(): void {
    const stream: Stream = { isSessions: true, signal: undefined, onEnd: undefined, lastId: '', answered: false };
    this.#connect(stream).catch((error: unknown) => this.#note(error));
  }

  /** Opens a stream, or opens it again behind its last event. */
  async #connect(stream: Stream): Promise<void> {
    const headers: Record<string, string> = { ...this.#connectionHeaders(), accept: 'text/event-stream' };
    if (stream.lastId !== '') headers['last-event-id'] = stream.lastId;
    const response = await this.#client.send({ method: 'GET', headers, signal: stream.signal });
    if (response.status === 405) {
      await drained(response.message);
      stream.onEnd?.();
      return;
    }
    if (response.status !== 200 || mediaTypeOf(response) !== 'text/event-stream') {
      const text = await beginningOf(response.message);
      throw statusFailure(response.status, { text, hadSession: false, redirect: response.unfollowed });
    }
    refuseEncoded(response);
    this.#read(response.message, stream);
  }

  #read(message: IncomingMessage, stream: Stream): void {
    let broken: LinkError | undefined;
    const parser = new EventStreamParser({
      maxBytes: MAX_MESSAGE_BYTES,
      onEvent: ({ name, data, lastId }) => {
        stream.lastId = lastId;
        if (data !== '' && (name === '' || name === 'message')) this.#deliverEvent(data, stream);
      },
      onRetry: (ms) => {
        this.#saidRetryMs = Math.min(Math.max(ms, SAID_RETRY_MS.least), SAID_RETRY_MS.most);
      },
      onTooLarge: () => {
        broken = tooLarge();
        message.destroy();
      },
    });
    message.on('data', (chunk: Buffer) => parser.feed(chunk));
    message.on('error', (error) => {
      broken ??= connectionFailure(error);
    });
    message.once('close', () => this.#ended(stream, broken));
  }

  #deliverEvent(data: string, stream: Stream): void {
    const message = jsonIn(data);
    if (!isRpcMessage(message)) {
      this.#log.add('stdout', 'It sent something that is not a JSON-RPC message.');
      return;
    }
    if (!('method' in message)) stream.answered = true;
    this.#receiver?.message(message);
  }

  #ended(stream: Stream, reason: LinkError | undefined): void {
    if (this.#closed || stream.signal?.aborted) return;
    const isOurDecision = reason?.kind === 'too_large';
    if (!stream.answered && !isOurDecision && (stream.isSessions || stream.lastId !== '')) this.#resume(stream, 0);
    else stream.onEnd?.(isOurDecision ? reason : undefined);
  }

  #resume(stream: Stream, attempt: number): void {
    if (attempt === MOST_RECONNECTS) {
      this.#log.note('Connection: its event stream broke off and could not be opened again.');
      stream.onEnd?.();
      return;
    }
    const wait = this.#saidRetryMs ?? RECONNECT_MS * 1.5 ** attempt;
    const timer = setTimeout(() => {
      this.#reconnecting.delete(timer);
      if (this.#closed || stream.signal?.aborted) return;
      this.#connect(stream).catch(() => {
        if (!this.#closed && !stream.signal?.aborted) this.#resume(stream, attempt + 1);
      });
    }, wait).unref();
    this.#reconnecting.add(timer);
  }

  #connectionHeaders(): Readonly<Record<string, string>> {
    return {
      ...this.#headers,
      ...(this.#session !== undefined && { 'mcp-session-id': this.#session }),
      ...(this.#protocolVersion !== undefined && { 'mcp-protocol-version': this.#protocolVersion }),
    };
  }

  #end(reason: LinkError): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#receiver?.closed(reason);
  }

  #note(error: unknown): void {
    if (!this.#closed) this.#log.add('stderr', `Connection: ${connectionFailure(error).message}`);
  }
}

function isRpcMessage(value: unknown): value is JsonObject {
  return isJsonObject(value) && value.jsonrpc === '2.0';
}

function headerOf({ message }: HttpResponse, name: string): string | undefined {
  const value = message.headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function mediaTypeOf(response: HttpResponse): string {
  return (headerOf(response, 'content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** Only plain bodies were asked for; a compressed one could grow without end. */
function refuseEncoded(response: HttpResponse): void {
  const encoding = headerOf(response, 'content-encoding');
  if (encoding === undefined || encoding.toLowerCase() === 'identity') return;
  response.message.destroy();
  throw badAnswer(`Its body is ${encoding}-encoded, which was not asked for.`);
}

/** A whole body, at most as large as a message may be. @throws LinkError */
function textOf({ message }: HttpResponse): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    message.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= MAX_MESSAGE_BYTES) {
        chunks.push(chunk);
        return;
      }
      chunks.length = 0;
      reject(tooLarge());
      message.destroy();
    });
    message.once('end', () => {
      const [only] = chunks;
      resolve((chunks.length === 1 && only ? only : Buffer.concat(chunks, size)).toString('utf8'));
    });
    message.on('error', (error) => reject(connectionFailure(error)));
    message.once('close', () => {
      if (!message.complete) reject(connectionFailure(new Error('it broke off')));
    });
  });
}

/** The beginning of a body that is only shown to a person; the rest is not waited for. Never rejects. */
function beginningOf(message: IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    message.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > MAX_ERROR_BYTES) message.destroy();
    });
    message.on('error', () => undefined);
    message.once('close', () => resolve(Buffer.concat(chunks).toString('utf8', 0, MAX_ERROR_BYTES)));
  });
}

/** Reads a body that means nothing, so that its connection can be used again. */
async function drained(message: IncomingMessage): Promise<void> {
  await beginningOf(message);
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
