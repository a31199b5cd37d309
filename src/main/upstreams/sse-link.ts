import {
  type JSONRPCMessage,
  SdkHttpError,
  SSEClientTransport,
  SseError,
  UnauthorizedError,
} from '@modelcontextprotocol/client';
import { boundedFetch } from './bounded-fetch.ts';
import { badAnswer, connectionFailure, refused, statusFailure } from './http-failures.ts';
import type { Endpoint } from './http-link.ts';
import { isJsonObject, type RpcMessage } from './json-rpc.ts';
import { type Link, LinkError, type LinkReceiver } from './link.ts';
import type { LogRing } from './log-ring.ts';

/**
 * A server behind the older HTTP+SSE transport of 2024-11-05: one event stream for answers, POSTs for requests. The SDK
 * does the wire; this file is loaded when the first such server is met, because the SDK costs 150 ms and 15 MB.
 */
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
    this.#transport.onmessage = (message: unknown) => {
      if (isJsonObject(message)) receiver.message(message);
      else this.#log.add('stdout', 'It sent something that is not a JSON-RPC message.');
    };
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
      throw linkErrorOf(error);
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  async send(message: RpcMessage): Promise<void> {
    try {
      await this.#transport.send(asSdkMessage(message));
    } catch (error) {
      throw linkErrorOf(error);
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

/** Sorts what the SDK and `fetch` throw. */
function linkErrorOf(error: unknown): LinkError {
  if (error instanceof LinkError) return error;
  if (error instanceof UnauthorizedError) return refused(401);
  if (error instanceof SdkHttpError) {
    const { status, text } = error.data;
    return statusFailure(status, { text: typeof text === 'string' ? text : '', hadSession: false }, error);
  }
  if (error instanceof SseError && error.code !== undefined) {
    return error.code === 401 || error.code === 403
      ? refused(error.code)
      : new LinkError('not_found', `it answered HTTP ${error.code}.`, { notSent: false, status: error.code });
  }
  const failure = connectionFailure(error);
  // `fetch` reports a broken connection as a TypeError; anything else it threw is about what the server sent.
  const isConnection = failure.notSent || error instanceof TypeError || error instanceof SseError;
  if (isConnection || failure.kind === 'too_large') return failure;
  return badAnswer(error instanceof Error ? error.message : String(error), error);
}

/** The SDK's message type differs from ours only in how params and results are typed; the JSON is the same. */
function asSdkMessage(message: RpcMessage): JSONRPCMessage {
  return message as JSONRPCMessage;
}
