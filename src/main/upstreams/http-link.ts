import {
  type JSONRPCMessage,
  SSEClientTransport,
  SseError,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import { boundedFetch } from './bounded-fetch.ts';
import { linkErrorOf } from './http-failures.ts';
import { isJsonObject, type RpcMessage } from './json-rpc.ts';
import { type Link, LinkError, type LinkReceiver, type SendOptions } from './link.ts';
import type { LogRing } from './log-ring.ts';

/** An address to reach, secrets filled in. Nothing of a downstream request is ever added to `headers`. */
export interface Endpoint {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

const END_SESSION_MS = 1_500;

/**
 * A server behind streamable HTTP. The SDK's transport does the wire (sessions, event streams and their resumption,
 * headers derived from the body, redirects only within the origin); ids and results are ours, so they pass unread.
 */
export class HttpLink implements Link {
  readonly pid = null;
  readonly streams = true;
  readonly #transport: StreamableHTTPClientTransport;
  readonly #log: LogRing;
  #receiver: LinkReceiver | undefined;
  /** Why a response stream was broken off by us, until the request it belonged to has been told. */
  #tooLarge: LinkError | undefined;
  #closed = false;

  constructor(endpoint: Endpoint, log: LogRing) {
    this.#log = log;
    this.#transport = new StreamableHTTPClientTransport(new URL(endpoint.url), {
      requestInit: { headers: { ...endpoint.headers } },
      fetch: boundedFetch((error) => {
        this.#tooLarge = error;
      }),
    });
  }

  listen(receiver: LinkReceiver): void {
    this.#receiver = receiver;
    this.#transport.onmessage = (message) => deliver(message, receiver, this.#log);
    this.#transport.onerror = (error) => this.#note(error);
  }

  async open(): Promise<void> {
    await this.#transport.start();
  }

  async send(message: RpcMessage, options: SendOptions = {}): Promise<void> {
    const hadSession = this.#transport.sessionId !== undefined;
    try {
      await this.#transport.send(asSdkMessage(message), {
        requestSignal: options.signal,
        onRequestStreamEnd: () => {
          const reason = this.#tooLarge;
          this.#tooLarge = undefined;
          options.onStreamEnd?.(reason);
        },
      });
    } catch (error) {
      const problem = linkErrorOf(error, hadSession);
      // Told after this request has its own answer: it was not sent, the others on this connection were.
      if (problem.kind === 'session_lost' || (problem.kind === 'gone' && problem.notSent)) {
        setImmediate(() => this.#end(problem));
      }
      throw problem;
    }
  }

  agreeOn(protocolVersion: string): void {
    this.#transport.setProtocolVersion(protocolVersion);
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#transport.sessionId !== undefined) {
      const ended = this.#transport.terminateSession().catch(() => undefined);
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, END_SESSION_MS).unref())]);
    }
    await this.#transport.close().catch(() => undefined);
  }

  killNow(): void {
    // The connection ends with this process.
  }

  #end(reason: LinkError): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#receiver?.closed(reason);
  }

  #note(error: Error): void {
    if (!this.#closed) this.#log.add('stderr', `Connection: ${linkErrorOf(error, false).message}`);
  }
}

/** A server behind the older HTTP+SSE transport of 2024-11-05: one event stream for answers, POSTs for requests. */
export class SseLink implements Link {
  readonly pid = null;
  readonly streams = false;
  readonly #transport: SSEClientTransport;
  readonly #log: LogRing;
  #receiver: LinkReceiver | undefined;
  #opened = false;
  #closed = false;

  constructor(endpoint: Endpoint, log: LogRing) {
    this.#log = log;
    this.#transport = new SSEClientTransport(new URL(endpoint.url), {
      requestInit: { headers: { ...endpoint.headers } },
      fetch: boundedFetch((error) => this.#end(error)),
    });
  }

  listen(receiver: LinkReceiver): void {
    this.#receiver = receiver;
    this.#transport.onmessage = (message) => deliver(message, receiver, this.#log);
    this.#transport.onerror = (error) => {
      // Answers that were on their way when the event stream broke are lost, and a reconnect is a new session.
      if (this.#opened && error instanceof SseError) {
        this.#end(new LinkError('gone', 'its event stream broke off.', { notSent: false, cause: error }));
      }
    };
  }

  async open(signal: AbortSignal): Promise<void> {
    const stop = () => void this.#transport.close().catch(() => undefined);
    signal.addEventListener('abort', stop, { once: true });
    try {
      await Promise.race([
        this.#transport.start(),
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true })),
      ]);
      this.#opened = true;
    } catch (error) {
      stop();
      throw linkErrorOf(error, false);
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  async send(message: RpcMessage): Promise<void> {
    try {
      await this.#transport.send(asSdkMessage(message));
    } catch (error) {
      throw linkErrorOf(error, false);
    }
  }

  agreeOn(protocolVersion: string): void {
    this.#transport.setProtocolVersion(protocolVersion);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#transport.close().catch(() => undefined);
  }

  killNow(): void {
    // The connection ends with this process.
  }

  #end(reason: LinkError): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#receiver?.closed(reason);
  }
}

function deliver(message: unknown, receiver: LinkReceiver, log: LogRing): void {
  if (isJsonObject(message)) receiver.message(message);
  else log.add('stdout', 'It sent something that is not a JSON-RPC message.');
}

/** The SDK's message type differs from ours only in how params and results are typed; the JSON is the same. */
function asSdkMessage(message: RpcMessage): JSONRPCMessage {
  return message as JSONRPCMessage;
}
