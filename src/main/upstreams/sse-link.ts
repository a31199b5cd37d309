import type { IncomingMessage } from 'node:http';
import { EventStreamParser } from './event-stream.ts';
import { beginningOf, drained, mediaTypeOf, refuseEncoded } from './http-body.ts';
import { HttpClient } from './http-client.ts';
import { badAnswer, connectionFailure, refused, statusFailure } from './http-failures.ts';
import type { Endpoint } from './http-link.ts';
import type { JsonObject } from './json-rpc.ts';
import { type Link, LinkError, type LinkReceiver, type Outgoing, type SendOptions } from './link.ts';
import type { LogRing } from './log-ring.ts';
import { MAX_MESSAGE_BYTES, tooLarge } from './message-limit.ts';
import { deliver } from './message-text.ts';
import { configuredHeaders } from './request-headers.ts';

/**
 * A server behind the older HTTP+SSE transport of 2024-11-05: one event stream for everything the server says, and an
 * address for POSTs, named by the stream's first event. A stream that breaks off is the end of the session.
 */
export class SseLink implements Link {
  readonly pid = null;
  readonly streams = false;
  readonly #url: URL;
  readonly #client: HttpClient;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #log: LogRing;
  readonly #stop = new AbortController();
  /** Where messages go; known once the server has named it. */
  #posts: HttpClient | undefined;
  #protocolVersion: string | undefined;
  #receiver: LinkReceiver | undefined;
  #closed = false;
  readonly #give = (message: JsonObject, text: string): void => {
    if (!this.#closed) this.#receiver?.message(message, text, undefined);
  };

  constructor(endpoint: Endpoint, log: LogRing) {
    this.#url = new URL(endpoint.url);
    this.#client = new HttpClient(this.#url);
    this.#headers = configuredHeaders(endpoint.headers);
    this.#log = log;
  }

  listen(receiver: LinkReceiver): void {
    this.#receiver = receiver;
  }

  async open(signal: AbortSignal): Promise<void> {
    const stop = () => this.#stop.abort();
    signal.addEventListener('abort', stop, { once: true });
    try {
      signal.throwIfAborted();
      const headers = { ...this.#headers, accept: 'text/event-stream' };
      const response = await this.#client.send({ method: 'GET', headers, signal: this.#stop.signal });
      const { status, message, unfollowed } = response;
      if (status === 401 || status === 403) {
        message.destroy();
        throw refused(status);
      }
      if (status !== 200) {
        const text = await beginningOf(message);
        throw statusFailure(status, { text, hadSession: false, redirect: unfollowed });
      }
      const type = mediaTypeOf(response);
      if (type !== 'text/event-stream') {
        message.destroy();
        throw badAnswer(`Unexpected content type: ${type === '' ? 'none' : type}`);
      }
      refuseEncoded(response);
      await this.#read(message);
    } catch (error) {
      throw connectionFailure(error);
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  async send(message: Outgoing, options: SendOptions = {}): Promise<void> {
    if (this.#closed || !this.#posts) throw new LinkError('gone', 'it is not connected.', { notSent: true });
    const headers: Record<string, string> = {
      ...this.#headers,
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(message.text)),
      ...(this.#protocolVersion !== undefined && { 'mcp-protocol-version': this.#protocolVersion }),
    };
    const response = await this.#posts.send({ method: 'POST', headers, body: message.text, signal: options.signal });
    if (response.status >= 200 && response.status < 300) {
      await drained(response.message);
      return;
    }
    const text = await beginningOf(response.message);
    throw statusFailure(response.status, { text, hadSession: false, redirect: response.unfollowed });
  }

  agreeOn(protocolVersion: string): void {
    this.#protocolVersion = protocolVersion;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#stop.abort();
    this.#client.close();
    this.#posts?.close();
  }

  killNow(): void {
    // The connection ends with this process.
  }

  /** Reads the stream to its end; resolves once the server has said where messages go. */
  #read(message: IncomingMessage): Promise<void> {
    return new Promise((resolve, reject) => {
      let problem: LinkError | undefined;
      const fail = (error: LinkError) => {
        problem ??= error;
        message.destroy();
      };
      const parser = new EventStreamParser({
        maxBytes: MAX_MESSAGE_BYTES,
        onEvent: ({ name, data, isExact }) => {
          if (name === 'endpoint') {
            const flaw = this.#postTo(data);
            if (flaw) fail(flaw);
            else resolve();
          } else if (data !== '' && (name === '' || name === 'message')) {
            if (isExact && deliver(data, this.#give) === 'delivered') return;
            this.#log.add('stdout', 'It sent something that is not a JSON-RPC message.');
          }
        },
        // A new stream would be a new session, so that none is opened by itself.
        onRetry: () => undefined,
        onTooLarge: () => fail(tooLarge()),
      });
      message.on('data', (chunk: Buffer) => {
        if (!problem) parser.feed(chunk);
      });
      message.on('error', () => undefined);
      message.once('close', () => {
        const wasOpen = this.#posts !== undefined;
        const reason = problem ?? new LinkError('gone', 'its event stream broke off.', { notSent: !wasOpen });
        reject(reason);
        if (wasOpen) this.#end(reason);
      });
    });
  }

  /** Takes the address for messages. It gets our credentials, so that it must be the server's own. */
  #postTo(address: string): LinkError | undefined {
    if (this.#posts) return undefined;
    const url = URL.parse(address.trim(), this.#url);
    if (!url || url.origin !== this.#url.origin || url.username !== '' || url.password !== '') {
      return badAnswer('It wants its messages sent to another address than its own.');
    }
    url.hash = '';
    this.#posts = new HttpClient(url);
    return undefined;
  }

  #end(reason: LinkError): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#receiver?.closed(reason);
  }
}
