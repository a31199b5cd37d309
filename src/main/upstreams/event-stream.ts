import { isUtf8 } from 'node:buffer';

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const BYTE_ORDER_MARK = '\uFEFF';

/** One event of a `text/event-stream`. */
export interface StreamEvent {
  /** Its name; empty for the usual kind, `message`. */
  readonly name: string;
  readonly data: string;
  /** The last id the stream gave up to this event; empty when it gave none. */
  readonly lastId: string;
  /** False when something in it is not UTF-8, so that its text is not what was sent. */
  readonly isExact: boolean;
}

/**
 * Reads an event stream (HTML Living Standard, 9.2.6) from chunks of bytes. Holds at most `maxBytes` of an unfinished
 * event; a stream with a larger one is given up: `onTooLarge` is called once and nothing follows.
 */
export class EventStreamParser {
  readonly #maxBytes: number;
  readonly #onEvent: (event: StreamEvent) => void;
  readonly #onRetry: (ms: number) => void;
  readonly #onTooLarge: () => void;
  /** The unfinished line, as it came; only new chunks are searched for its end. */
  #parts: Buffer[] = [];
  #name = '';
  #data: string[] = [];
  #lastId = '';
  #isExact = true;
  /** Bytes held of the unfinished line and event. */
  #held = 0;
  #isFirstLine = true;
  #afterReturn = false;
  #stopped = false;

  /** @param options.onRetry hears the milliseconds the server wants clients to wait before they connect again */
  constructor(options: {
    readonly maxBytes: number;
    readonly onEvent: (event: StreamEvent) => void;
    readonly onRetry: (ms: number) => void;
    readonly onTooLarge: () => void;
  }) {
    this.#maxBytes = options.maxBytes;
    this.#onEvent = options.onEvent;
    this.#onRetry = options.onRetry;
    this.#onTooLarge = options.onTooLarge;
  }

  feed(chunk: Buffer): void {
    let start = 0;
    let feedAt = chunk.indexOf(LINE_FEED);
    let returnAt = chunk.indexOf(CARRIAGE_RETURN);
    while (start < chunk.length && !this.#stopped) {
      if (this.#afterReturn) {
        this.#afterReturn = false;
        if (chunk[start] === LINE_FEED) {
          start += 1;
          feedAt = chunk.indexOf(LINE_FEED, start);
          continue;
        }
      }
      const end = feedAt === -1 ? returnAt : returnAt === -1 ? feedAt : Math.min(feedAt, returnAt);
      if (end === -1) {
        this.#hold(chunk.subarray(start));
        return;
      }
      this.#hold(chunk.subarray(start, end));
      if (this.#stopped) return;
      this.#afterReturn = end === returnAt;
      start = end + 1;
      if (end === feedAt) feedAt = chunk.indexOf(LINE_FEED, start);
      else returnAt = chunk.indexOf(CARRIAGE_RETURN, start);
      this.#line();
    }
  }

  #hold(part: Buffer): void {
    if (part.length === 0) return;
    this.#held += part.length;
    if (this.#held <= this.#maxBytes) {
      this.#parts.push(part);
      return;
    }
    this.#stopped = true;
    this.#parts = [];
    this.#data = [];
    this.#onTooLarge();
  }

  #line(): void {
    const [only] = this.#parts;
    const bytes = this.#parts.length === 1 && only ? only : Buffer.concat(this.#parts);
    this.#parts = [];
    let line = bytes.toString('utf8');
    if (!isUtf8(bytes)) this.#isExact = false;
    if (this.#isFirstLine) {
      this.#isFirstLine = false;
      if (line.startsWith(BYTE_ORDER_MARK)) line = line.slice(1);
    }
    if (line === '') {
      this.#dispatch();
      return;
    }
    const colon = line.indexOf(':');
    // A line that begins with a colon is a comment.
    if (colon === 0) this.#held -= bytes.length;
    else if (colon === -1) this.#field(line, '');
    else this.#field(line.slice(0, colon), line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1));
  }

  #field(field: string, value: string): void {
    switch (field) {
      case 'data':
        this.#data.push(value);
        break;
      case 'event':
        this.#name = value;
        break;
      case 'id':
        if (!value.includes('\0')) this.#lastId = value;
        break;
      case 'retry':
        if (/^\d+$/.test(value)) this.#onRetry(Number(value));
        break;
    }
  }

  #dispatch(): void {
    const event = { name: this.#name, data: this.#data.join('\n'), lastId: this.#lastId, isExact: this.#isExact };
    this.#name = '';
    this.#data = [];
    this.#isExact = true;
    this.#held = 0;
    // An event without data is given too: MCP servers open a stream with one to make it resumable (2025-11-25).
    this.#onEvent(event);
  }
}
