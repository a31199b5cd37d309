/** Tells open streams that the list of tools they see has changed; only those whose own view really did. */

export interface ListSubscriber {
  /** The list as this stream's app sees it now. */
  readonly list: () => string;
  readonly changed: () => void;
}

/** Milliseconds changes are gathered: approving forty tools is one change of the list. */
const GATHER_MS = 50;

export class ListChanges implements Disposable {
  readonly #subscribers = new Map<ListSubscriber, string>();
  #timer: NodeJS.Timeout | undefined;

  subscribe(subscriber: ListSubscriber): Disposable {
    this.#subscribers.set(subscriber, subscriber.list());
    return { [Symbol.dispose]: () => void this.#subscribers.delete(subscriber) };
  }

  /** Something that may change a list has happened. */
  poke(): void {
    if (this.#subscribers.size === 0) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#compare();
    }, GATHER_MS);
  }

  #compare(): void {
    for (const [subscriber, seen] of [...this.#subscribers]) {
      const now = subscriber.list();
      if (now === seen) continue;
      this.#subscribers.set(subscriber, now);
      subscriber.changed();
    }
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#subscribers.clear();
  }
}
