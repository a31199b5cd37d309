import type { IncomingMessage } from 'node:http';
import type { Authorization } from './authorization.ts';
import { EventStreamParser } from './event-stream.ts';
import { beginningOf, drained, headerOf, mediaTypeOf, refuseEncoded, textOf } from './http-body.ts';
import { HttpClient, type HttpResponse } from './http-client.ts';
import { badAnswer, connectionFailure, signInFailure, statusFailure } from './http-failures.ts';
import { isJsonObject, type JsonObject, rpcErrorOf } from './json-rpc.ts';
import { type Link, LinkError, type LinkReceiver, type Outgoing, type SendOptions } from './link.ts';
import type { LogRing } from './log-ring.ts';
import { MAX_MESSAGE_BYTES, tooLarge } from './message-limit.ts';
import { deliver, onOneLine } from './message-text.ts';
import { configuredHeaders } from './request-headers.ts';

/** An address to reach, secrets filled in. Nothing of a downstream request is ever added to `headers`. */
export interface Endpoint {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The sign-in there, where headers say nothing of one. */
  readonly authorization?: Authorization | undefined;
}

const END_SESSION_MS = 1_500;
const MOST_RECONNECTS = 2;
/** Milliseconds before a stream is opened again when the server does not say, and what it may say. */
const RECONNECT_MS = 1_000;
const SAID_RETRY_MS = { least: 100, most: 300_000 };
const MOST_RECONNECT_MS = 300_000;

const JSON_OR_EVENTS = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' } as const;

/** One response stream, over all connections it is resumed on. */
interface Stream {
  /** The session's own stream is opened again however it ended; a request's only where the server gave ids. */
  readonly isSessions: boolean;
  /** The request it answers; undefined for the session's own. */
  readonly origin: number | undefined;
  readonly signal: AbortSignal | undefined;
  readonly onEnd: ((reason?: LinkError) => void) | undefined;
  lastId: string;
  answered: boolean;
  /** It was there once, so that its session is over when the server does not know it any more. */
  wasOpen: boolean;
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
  readonly #authorization: Authorization | undefined;
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
    this.#authorization = endpoint.authorization;
  }

  listen(receiver: LinkReceiver): void {
    this.#receiver = receiver;
  }

  async open(): Promise<void> {
    // Each message finds its own connection.
  }

  async send(message: Outgoing, options: SendOptions = {}): Promise<void> {
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

  async #post(message: Outgoing, options: SendOptions, hadSession: boolean, isRetry = false): Promise<void> {
    const { method, id, text: body } = message;
    const renewing = this.#authorization?.beforeRequest();
    if (renewing) await renewing;
    const headers: Record<string, string> = {
      ...this.#connectionHeaders(),
      ...JSON_OR_EVENTS,
      ...message.headers,
      'content-length': String(Buffer.byteLength(body)),
    };
    if (method === 'initialize') delete headers['mcp-session-id'];
    const response = await this.#client.send({ method: 'POST', headers, body, signal: options.signal });
    const { status } = response;
    if (status < 200 || status >= 300) {
      if (await this.#mayTryAgain(response, headers.authorization, isRetry)) {
        await this.#post(message, options, hadSession, true);
      } else await this.#refused(response, message, hadSession);
      return;
    }
    if (method === 'initialize') this.#session = headerOf(response, 'mcp-session-id');
    if (id === undefined || status === 202) {
      await drained(response.message);
      if (method === 'notifications/initialized') this.#openSessionStream();
      return;
    }
    refuseEncoded(response);
    const type = mediaTypeOf(response);
    if (type === 'text/event-stream') {
      const { signal, onStreamEnd: onEnd } = options;
      this.#read(response.message, {
        isSessions: false,
        origin: id,
        signal,
        onEnd,
        lastId: '',
        answered: false,
        wasOpen: true,
      });
    } else if (type === 'application/json') {
      this.#deliverBody(await textOf(response), id);
      options.onStreamEnd?.();
    } else {
      response.message.destroy();
      throw badAnswer(`Unexpected content type: ${type === '' ? 'none' : type}`);
    }
  }

  /**
   * True when a refusal of our credentials is answered by others, once.
   * @throws LinkError when only a person can help
   */
  async #mayTryAgain(response: HttpResponse, refused: string | undefined, isRetry: boolean): Promise<boolean> {
    const { status, message } = response;
    if (!this.#authorization || (status !== 401 && status !== 403)) return false;
    const wwwAuthenticate = headerOf(response, 'www-authenticate');
    const refusal = await this.#authorization.refused({ status, wwwAuthenticate, refused, isRetry });
    switch (refusal.next) {
      case 'retry':
        await drained(message);
        return true;
      case 'sign-in':
      case 'wait':
        await drained(message);
        throw signInFailure(status, refusal);
      case 'foreign':
        return false;
    }
  }

  /** Says what a refusal by status means; one in JSON-RPC's own words is the answer to the request. */
  async #refused(response: HttpResponse, { headers, id }: Outgoing, hadSession: boolean): Promise<void> {
    const { status, unfollowed } = response;
    const text = await beginningOf(response.message);
    const answer = status === 400 && headers ? jsonIn(text) : undefined;
    if (isJsonObject(answer) && rpcErrorOf(answer) && id !== undefined && answer.id === id) {
      this.#receiver?.message(answer, onOneLine(text), id);
      return;
    }
    throw statusFailure(status, { text, hadSession, redirect: unfollowed });
  }

  #deliverBody(text: string, origin: number): void {
    switch (deliver(text, (message, one) => this.#receiver?.message(message, one, origin))) {
      case 'delivered':
        break;
      case 'not-json':
        throw badAnswer('It is not JSON.');
      case 'not-a-message':
        throw badAnswer('It is not a JSON-RPC message.');
    }
  }

  /** Offers to hear what the server says unasked. Not all have such a stream. */
  #openSessionStream(): void {
    const origin = undefined;
    const stream = {
      isSessions: true,
      origin,
      signal: undefined,
      onEnd: undefined,
      lastId: '',
      answered: false,
      wasOpen: false,
    };
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
      const hadSession = stream.isSessions && stream.wasOpen;
      throw statusFailure(response.status, { text, hadSession, redirect: response.unfollowed });
    }
    refuseEncoded(response);
    stream.wasOpen = true;
    this.#read(response.message, stream);
  }

  #read(message: IncomingMessage, stream: Stream): void {
    let broken: LinkError | undefined;
    const give = (one: JsonObject, text: string): void => {
      if (!('method' in one)) stream.answered = true;
      this.#receiver?.message(one, text, stream.origin);
    };
    const parser = new EventStreamParser({
      maxBytes: MAX_MESSAGE_BYTES,
      onEvent: ({ name, data, lastId, isExact }) => {
        stream.lastId = lastId;
        if (data === '' || (name !== '' && name !== 'message')) return;
        if (isExact && deliver(data, give) === 'delivered') return;
        this.#log.add('stdout', 'It sent something that is not a JSON-RPC message.');
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

  #ended(stream: Stream, reason: LinkError | undefined): void {
    if (this.#closed || stream.signal?.aborted) return;
    const isOurDecision = reason?.kind === 'too_large';
    if (!stream.answered && !isOurDecision && (stream.isSessions || stream.lastId !== '')) this.#resume(stream, 0);
    else stream.onEnd?.(isOurDecision ? reason : undefined);
  }

  #resume(stream: Stream, attempt: number): void {
    // A session's stream is tried for as long as the session is wanted: somebody may wait for what comes on it.
    if (attempt === MOST_RECONNECTS && !stream.isSessions) {
      this.#log.note('Connection: its event stream broke off and could not be opened again.');
      stream.onEnd?.();
      return;
    }
    const wait = Math.min((this.#saidRetryMs ?? RECONNECT_MS) * 1.5 ** attempt, MOST_RECONNECT_MS);
    const timer = setTimeout(() => {
      this.#reconnecting.delete(timer);
      if (this.#closed || stream.signal?.aborted) return;
      this.#connect(stream).catch((error: unknown) => {
        if (this.#closed || stream.signal?.aborted) return;
        if (error instanceof LinkError && error.kind === 'session_lost') this.#end(error);
        else this.#resume(stream, attempt + 1);
      });
    }, wait).unref();
    this.#reconnecting.add(timer);
  }

  #connectionHeaders(): Readonly<Record<string, string>> {
    const authorization = this.#authorization?.header();
    return {
      ...this.#headers,
      ...(authorization !== undefined && { authorization }),
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

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
