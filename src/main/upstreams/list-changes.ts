import type { Connected } from './connect.ts';
import { isJsonObject } from './json-rpc.ts';
import type { Timers } from './timers.ts';

const LIST_CHANGES: ReadonlySet<string> = new Set([
  'notifications/tools/list_changed',
  'notifications/resources/list_changed',
  'notifications/prompts/list_changed',
]);

/** A server that ends the subscription is asked again this often, then left in peace. */
const MAX_LISTENS = 5;
const LISTEN_AGAIN_MS = 5_000;

/** Servers announce changes in bursts; one announcement is passed on this long after the first. */
const DEBOUNCE_MS = 100;
/** A server that announces changes all the time is listed at most this often. */
const INTERVAL_MS = 1_000;

/** Turns the announcements of one server into few calls of `tell`. */
export class ListChanges {
  readonly #timers: Timers;
  readonly #tell: () => void;
  #cancel: (() => void) | undefined;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(timers: Timers, tell: () => void) {
    this.#timers = timers;
    this.#tell = tell;
  }

  announced(): void {
    if (this.#cancel) return;
    const earliest = this.#toldAt + INTERVAL_MS - this.#timers.now();
    // Counted from the first announcement, not the last: a stream of them must not put the look off for ever.
    this.#cancel = this.#timers.after(Math.max(DEBOUNCE_MS, earliest), () => {
      this.#cancel = undefined;
      this.#toldAt = this.#timers.now();
      this.#tell();
    });
  }

  /** Drops an announcement that was not passed on yet. */
  forget(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}

/** True for notifications that say a list of the server is different now. */
export function isListChange(method: string): boolean {
  return LIST_CHANGES.has(method);
}

/**
 * Subscribes to list changes where the protocol needs that: 2026-07-28 replaced unsolicited notifications by one
 * long `subscriptions/listen` request. Older servers just send them.
 */
export function followListChanges({ connection, session }: Connected, timers: Timers): void {
  if (session.era === 'legacy') return;
  const announces = (capability: string) => {
    const offered = session.capabilities[capability];
    return isJsonObject(offered) && offered.listChanged === true;
  };
  const notifications = {
    ...(announces('tools') && { toolsListChanged: true }),
    ...(announces('prompts') && { promptsListChanged: true }),
    ...(announces('resources') && { resourcesListChanged: true }),
  };
  if (Object.keys(notifications).length === 0) return;

  const listen = (attempt: number): void => {
    const again = () => {
      if (attempt < MAX_LISTENS && !connection.isClosed) timers.after(LISTEN_AGAIN_MS, () => listen(attempt + 1));
    };
    connection
      .request('subscriptions/listen', { notifications }, { timeoutMs: null, cancellable: false })
      .then(again, again);
  };
  listen(1);
}
