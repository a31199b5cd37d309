/**
 * The answer to one request as an event stream that outlives its connection (2025-11-25, Streamable HTTP, Resumability and
 * Redelivery). Every event has an id. A client that lost the connection names the last one it got and is sent the rest.
 */
import type { ServerResponse } from 'node:http';
import { EVENT_STREAM_HEADERS, eventOf, MOST_WAITING, type Reply } from './reply.ts';

/** Milliseconds a stream is kept after its answer, and that a question waits for a client that lost its connection. */
export const KEPT_MS = 5 * 60_000;
/** Bytes of events kept ahead of the answer. */
export const MOST_AHEAD = 1024 * 1024;
/** Milliseconds a client should wait before it comes back. */
const RETRY_MS = 1_000;

/** The room streams have together. */
interface Room {
  /** Takes so many bytes more. False when there are none left. */
  take(bytes: number): boolean;
  giveBack(bytes: number): void;
}

export interface KeptStreamOptions {
  /** The first part of the ids of its events. */
  readonly id: string;
  readonly room: Room;
  /** Runs `work` after so many milliseconds, unless it is disposed of before. */
  readonly after: (ms: number, work: () => void) => Disposable;
  /** Hears that nothing is kept any more. */
  readonly onLetGo: () => void;
}

/** `complete`: the client has everything already. `gone`: something it has not got is no longer there. */
export type Resumption = 'resumed' | 'complete' | 'gone';

export class KeptStream implements Reply {
  readonly #options: KeptStreamOptions;
  readonly #whenGone = new Set<() => void>();
  #connection: ServerResponse | null = null;
  /** Events by their number, without a gap up to the newest; null once nothing is kept any more. */
  #kept: Map<number, Kept> | null = new Map();
  #keptBytes = 0;
  /** The number of the next event. */
  #next = 0;
  #isEnded = false;
  /** Nobody has read it for so long that only the answer is still kept. */
  #isAbandoned = false;
  #timer: Disposable | undefined;

  constructor(options: KeptStreamOptions) {
    this.#options = options;
  }

  /** True when the answer is in. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Opens it on the response to the request, with an event that only gives the client an id to come back with. */
  open(response: ServerResponse): void {
    this.#connect(response);
    this.#put(`retry: ${RETRY_MS}\ndata: \n\n`, false);
  }

  /**
   * Goes on, on another response, after the event with this number. A connection the client still has ends: a message is
   * never sent on two. `response` is untouched unless the result is `resumed`.
   */
  resume(response: ServerResponse, last: number): Resumption {
    if (!this.#kept || last >= this.#next) return 'gone';
    if (last === this.#next - 1 && this.#isEnded) return 'complete';
    if (last < this.#next - 1 && !this.#kept.has(last + 1)) return 'gone';
    // What still waits in it would come twice.
    this.#connection?.destroy();
    this.#connect(response);
    for (const [number, { event }] of this.#kept) if (number > last) response.write(event);
    if (this.#isEnded) response.end();
    return 'resumed';
  }

  send(frame: string): void {
    if (this.#isEnded) return;
    this.#put(eventOf(frame), true);
    this.#end();
  }

  notify(frame: string): boolean {
    return !this.#isEnded && this.#isHeard() && !this.#isSlow() && this.#put(eventOf(frame), false);
  }

  keepAlive(): void {
    if (!this.#isSlow()) this.#write(': keepalive\n\n');
  }

  finish(): void {
    if (!this.#isEnded) this.#end();
  }

  /** A lost connection is not the end: calls back when the client did not come back in time, or no longer can. */
  onGone(listener: () => void): Disposable {
    this.#whenGone.add(listener);
    return { [Symbol.dispose]: () => void this.#whenGone.delete(listener) };
  }

  /** Keeps nothing any more. It goes on while its connection lasts. */
  letGo(): void {
    if (!this.#kept) return;
    this.#kept = null;
    this.#timer?.[Symbol.dispose]();
    this.#options.room.giveBack(this.#keptBytes);
    this.#keptBytes = 0;
    this.#options.onLetGo();
    if (!this.#connection) this.#tellGone();
  }

  #connect(response: ServerResponse): void {
    this.#connection = response;
    this.#isAbandoned = false;
    if (!this.#isEnded) this.#timer?.[Symbol.dispose]();
    response.writeHead(200, EVENT_STREAM_HEADERS);
    response.flushHeaders();
    response.once('close', () => this.#lost(response));
  }

  #lost(response: ServerResponse): void {
    if (this.#connection !== response) return;
    this.#connection = null;
    if (this.#isEnded) return;
    if (!this.#kept) {
      this.#tellGone();
      return;
    }
    this.#timer = this.#options.after(KEPT_MS, () => {
      this.#isAbandoned = true;
      this.#tellGone();
    });
  }

  /**
   * `fields` are the lines of an event without its id, and the empty line that ends it. False when it was dropped: there is
   * no connection, and no room to keep it until there is one.
   */
  #put(fields: string, isAnswer: boolean): boolean {
    const event = `id: ${this.#options.id}.${this.#next}\n${fields}`;
    if (!this.#keep(event, isAnswer)) {
      if (!this.#connection && !isAnswer) return false;
      this.letGo();
    }
    this.#next += 1;
    this.#write(event);
    return true;
  }

  /** False when there is no room. */
  #keep(event: string, isAnswer: boolean): boolean {
    if (!this.#kept) return true;
    const { room } = this.#options;
    const bytes = Buffer.byteLength(event);
    if (!isAnswer) {
      // The oldest make room only while there is a connection on which they have gone out.
      for (const [oldest, { bytes: freed }] of this.#connection ? this.#kept : []) {
        if (this.#keptBytes + bytes <= MOST_AHEAD) break;
        this.#kept.delete(oldest);
        this.#keptBytes -= freed;
        room.giveBack(freed);
      }
      if (this.#keptBytes + bytes > MOST_AHEAD) return false;
    }
    if (!room.take(bytes)) return false;
    this.#kept.set(this.#next, { event, bytes });
    this.#keptBytes += bytes;
    return true;
  }

  #write(text: string): void {
    const connection = this.#connection;
    if (connection && !connection.destroyed && !connection.writableEnded) connection.write(text);
  }

  #end(): void {
    this.#isEnded = true;
    this.#connection?.end();
    this.#timer?.[Symbol.dispose]();
    if (this.#kept) this.#timer = this.#options.after(KEPT_MS, () => this.letGo());
  }

  #isHeard(): boolean {
    return this.#connection !== null || (this.#kept !== null && !this.#isAbandoned);
  }

  #isSlow(): boolean {
    return this.#connection !== null && this.#connection.writableLength >= MOST_WAITING;
  }

  #tellGone(): void {
    for (const one of [...this.#whenGone]) one();
  }
}

interface Kept {
  readonly event: string;
  readonly bytes: number;
}
