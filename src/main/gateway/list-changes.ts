/** Tells open streams that a list they see has changed; only those whose own view of it really did. */

/** The lists that change on their own; `resources` covers the templates too. */
export const CHANGING_LISTS = ['tools', 'prompts', 'resources'] as const;
export type ChangingList = (typeof CHANGING_LISTS)[number];

/** A text that differs when the list does, as one app sees it at the time of asking. */
export type MarkOf = (list: ChangingList) => string;

export interface ListSubscriber {
  /** The lists to look at. */
  readonly lists: readonly ChangingList[];
  readonly markOf: MarkOf;
  readonly changed: (list: ChangingList) => void;
}

/** Milliseconds changes are gathered: approving forty tools is one change of the list. */
const GATHER_MS = 50;

export class ListChanges implements Disposable {
  /** What each subscriber's lists were when it last heard of them. */
  readonly #subscribers = new Map<ListSubscriber, Map<ChangingList, string>>();
  #timer: NodeJS.Timeout | undefined;

  subscribe(subscriber: ListSubscriber): Disposable {
    const { lists, markOf } = subscriber;
    this.#subscribers.set(subscriber, new Map(lists.map((list) => [list, markOf(list)])));
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
    for (const [{ lists, markOf, changed }, seen] of [...this.#subscribers]) {
      for (const list of lists) {
        const now = markOf(list);
        if (now === seen.get(list)) continue;
        seen.set(list, now);
        changed(list);
      }
    }
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#subscribers.clear();
  }
}
