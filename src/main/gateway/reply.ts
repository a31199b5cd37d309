/** How one POST is answered: a single JSON body, or an event stream once there is something to say before the result. */
import type { ServerResponse } from 'node:http';

/** Bytes that may wait for a slow reader before notifications to it are dropped; the result is never dropped. */
const MOST_WAITING = 1024 * 1024;

export const EVENT_STREAM_HEADERS = {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-cache, no-transform',
  'X-Accel-Buffering': 'no',
} as const;

export function eventOf(frame: string): string {
  return `event: message\ndata: ${frame}\n\n`;
}

export class Reply {
  readonly #response: ServerResponse;
  readonly #mayStream: boolean;

  /** `accept` is the request's Accept header; a client that names types without event streams gets none. */
  constructor(response: ServerResponse, accept: string | undefined) {
    this.#response = response;
    this.#mayStream = accept === undefined || accept.includes('text/event-stream') || accept.includes('*/*');
  }

  /** Answers with one JSON body, or as the last event of a stream that was begun. */
  send(frame: string, headers?: Readonly<Record<string, string>>, status = 200): void {
    if (this.#gone()) return;
    if (this.#response.headersSent) {
      this.#response.end(eventOf(frame));
      return;
    }
    this.#response.writeHead(status, {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(frame),
      'Cache-Control': 'no-store',
      ...headers,
    });
    this.#response.end(frame);
  }

  /** Sends a notification ahead of the result when the client can take it. */
  notify(frame: string): void {
    if (this.#stream() && this.#response.writableLength < MOST_WAITING) this.#response.write(eventOf(frame));
  }

  /** A comment that keeps a quiet connection from being given up. */
  keepAlive(): void {
    if (this.#stream() && this.#response.writableLength < MOST_WAITING) this.#response.write(': keepalive\n\n');
  }

  /** Ends without an answer: the message needed none, or the client no longer wants it. */
  finish(): void {
    if (this.#gone()) return;
    if (!this.#response.headersSent) this.#response.writeHead(202, { 'Content-Length': 0 });
    this.#response.end();
  }

  #stream(): boolean {
    if (!this.#mayStream || this.#gone()) return false;
    if (!this.#response.headersSent) this.#response.writeHead(200, EVENT_STREAM_HEADERS);
    return true;
  }

  #gone(): boolean {
    return this.#response.destroyed || this.#response.writableEnded;
  }
}
