import { isJsonObject } from './json-rpc.ts';
import type { ListFilter } from './listening.ts';
import type { Timers } from './timers.ts';

const LIST_CHANGES: ReadonlySet<string> = new Set([
  'notifications/tools/list_changed',
  'notifications/resources/list_changed',
  'notifications/prompts/list_changed',
]);

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

/** The part of a `subscriptions/listen` filter that asks for what the server says it announces (2026-07-28). */
export function listFilterOf(capabilities: Readonly<Record<string, unknown>>): ListFilter {
  const announces = (capability: string) => {
    const offered = capabilities[capability];
    return isJsonObject(offered) && offered.listChanged === true;
  };
  return {
    ...(announces('tools') && { toolsListChanged: true }),
    ...(announces('prompts') && { promptsListChanged: true }),
    ...(announces('resources') && { resourcesListChanged: true }),
  };
}
