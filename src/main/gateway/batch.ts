/** The answers of a batch (revisions 2024-11-05 and 2025-03-26): one body with all of them, or one event each. */
import type { HttpReply, Reply } from './reply.ts';

/** Messages one batch may hold; each is a call of its own to the limits and the log. */
export const MOST_IN_BATCH = 64;

/** Gathers the answers of `count` messages and sends them when the last one is in. */
export class Batch {
  readonly #reply: HttpReply;
  readonly #frames: string[] = [];
  #open: number;

  constructor(reply: HttpReply, count: number) {
    this.#reply = reply;
    this.#open = count;
  }

  /** The reply of one of the messages. */
  part(): Reply {
    let isOpen = true;
    const settle = (frame: string | null): void => {
      if (!isOpen) return;
      isOpen = false;
      this.#settle(frame);
    };
    return {
      send: (frame) => settle(frame),
      finish: () => settle(null),
      notify: (frame) => isOpen && this.#reply.notify(frame),
      keepAlive: () => this.#reply.keepAlive(),
      onGone: (listener) => this.#reply.onGone(listener),
    };
  }

  #settle(frame: string | null): void {
    this.#open -= 1;
    if (frame !== null) this.#frames.push(frame);
    if (this.#open > 0) return;
    if (this.#frames.length === 0) this.#reply.finish();
    else if (!this.#reply.isStream) this.#reply.send(`[${this.#frames.join(',')}]`);
    else {
      for (const part of this.#frames) this.#reply.sendPart(part);
      this.#reply.finish();
    }
  }
}
