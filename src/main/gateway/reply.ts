/** How one POST is answered: a single JSON body, or an event stream once there is something to say before the result. */
import type { ServerResponse } from 'node:http';

/** Bytes that may wait for a slow reader before notifications to it are dropped; the result is never dropped. */
export const MOST_WAITING = 1024 * 1024;

/** Characters. */
const LONG_BODY = 16 * 1024;

export const EVENT_STREAM_HEADERS = {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-cache, no-transform',
  'X-Accel-Buffering': 'no',
} as const;

/** `frame` must be one line, as every frame of this room is. */
export function eventOf(frame: string): string {
  return `event: message\ndata: ${frame}\n\n`;
}

/** The answer to one message. A message of a batch has its own; its frames travel together with the others'. */
export interface Reply {
  /** Answers. `headers` and `status` hold where the answer is a body of its own. */
  send(frame: string, headers?: Readonly<Record<string, string>>, status?: number): void;
  /** Sends a message ahead of the answer. False when it was dropped: the client takes no stream, is slow or gone. */
  notify(frame: string): boolean;
  /** A comment that keeps a quiet connection from being given up. */
  keepAlive(): void;
  /** Ends without an answer: the message needed none, or the client no longer wants it. */
  finish(): void;
  /** Calls back when the connection breaks before the answer was sent. Disposing takes the listener away. */
  onGone(listener: () => void): Disposable;
}

export class HttpReply implements Reply {
  readonly #response: ServerResponse;
  readonly #mayStream: boolean;
  readonly #whenGone = new Set<() => void>();
  #listens = false;

  /** `accept` is the request's Accept header; a client that names types without event streams gets none. */
  constructor(response: ServerResponse, accept: string | undefined) {
    this.#response = response;
    this.#mayStream = accept === undefined || accept.includes('text/event-stream') || accept.includes('*/*');
  }

  /** True when the answer has become a stream, in which every message is an event. */
  get isStream(): boolean {
    return this.#response.headersSent;
  }

  /** Makes the answer a stream at once, for a client that prefers it. */
  becomeStream(): void {
    if (this.#stream()) this.#response.flushHeaders();
  }

  send(frame: string, headers?: Readonly<Record<string, string>>, status = 200): void {
    if (this.#isGone()) return;
    if (this.#response.headersSent) {
      this.#response.end(eventOf(frame));
      return;
    }
    // A short text leaves in one write with its headers; a long one is encoded once, to be counted and sent.
    const body = frame.length > LONG_BODY ? Buffer.from(frame) : frame;
    this.#response.writeHead(status, {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(body),
      'Cache-Control': 'no-store',
      ...headers,
    });
    this.#response.end(body);
  }

  notify(frame: string): boolean {
    if (!this.#stream() || this.#response.writableLength >= MOST_WAITING) return false;
    this.#response.write(eventOf(frame));
    return true;
  }

  /** Sends an answer that is not the last one. */
  sendPart(frame: string): void {
    if (!this.#isGone()) this.#response.write(eventOf(frame));
  }

  keepAlive(): void {
    if (this.#stream() && this.#response.writableLength < MOST_WAITING) this.#response.write(': keepalive\n\n');
  }

  finish(): void {
    if (this.#isGone()) return;
    if (!this.#response.headersSent) this.#response.writeHead(202, { 'Content-Length': 0 });
    this.#response.end();
  }

  onGone(listener: () => void): Disposable {
    // One listener on the response, however many wait: a call may ask many questions, and a batch has many calls.
    if (!this.#listens) {
      this.#listens = true;
      this.#response.once('close', () => {
        // What it said before its end has arrived: who was asked in it can still answer.
        if (this.#response.writableFinished) return;
        for (const one of [...this.#whenGone]) one();
      });
    }
    this.#whenGone.add(listener);
    return { [Symbol.dispose]: () => void this.#whenGone.delete(listener) };
  }

  #stream(): boolean {
    if (!this.#mayStream || this.#isGone()) return false;
    if (!this.#response.headersSent) this.#response.writeHead(200, EVENT_STREAM_HEADERS);
    return true;
  }

  #isGone(): boolean {
    return this.#response.destroyed || this.#response.writableEnded;
  }
}
