import type { UpdateChannel } from './resource-watches.ts';

interface Subscription {
  /** Settles when the server follows it; undefined when nobody wants it. */
  following: Promise<void> | undefined;
  isSubscribed: boolean;
  /** Requests about one resource go one after the other, so that the last word is the one that was meant. */
  turn: Promise<void>;
}

/** Resources followed the legacy way: one `resources/subscribe` each. Lasts as long as one connection. */
export class LegacySubscriptions implements UpdateChannel {
  readonly #request: (method: string, uri: string) => Promise<void>;
  readonly #note: (text: string) => void;
  readonly #subscriptions = new Map<string, Subscription>();

  constructor(options: {
    /** Sends a request about one resource. @throws UpstreamError */
    readonly request: (method: string, uri: string) => Promise<void>;
    readonly note: (text: string) => void;
  }) {
    this.#request = options.request;
    this.#note = options.note;
  }

  follow(uri: string): Promise<void> {
    const subscription = this.#at(uri);
    if (subscription.following) return subscription.following;
    const following = subscription.turn.then(async () => {
      if (subscription.isSubscribed) return;
      await this.#request('resources/subscribe', uri);
      subscription.isSubscribed = true;
    });
    subscription.following = following;
    subscription.turn = following.catch(() => {
      if (subscription.following === following) subscription.following = undefined;
      this.#dropIfUnused(uri, subscription);
    });
    return following;
  }

  unfollow(uri: string): void {
    const subscription = this.#subscriptions.get(uri);
    if (!subscription) return;
    subscription.following = undefined;
    subscription.turn = subscription.turn.then(async () => {
      if (!subscription.following && subscription.isSubscribed) {
        subscription.isSubscribed = false;
        await this.#request('resources/unsubscribe', uri).catch((error: unknown) => {
          this.#note(`It was not told that nobody follows ${uri.slice(0, 300)} any more: ${String(error)}`);
        });
      }
      this.#dropIfUnused(uri, subscription);
    });
  }

  notified(): boolean {
    return false;
  }

  start(): void {
    // Each resource has a request of its own.
  }

  end(): void {
    this.#subscriptions.clear();
  }

  #at(uri: string): Subscription {
    const existing = this.#subscriptions.get(uri);
    if (existing) return existing;
    const subscription: Subscription = { following: undefined, isSubscribed: false, turn: Promise.resolve() };
    this.#subscriptions.set(uri, subscription);
    return subscription;
  }

  #dropIfUnused(uri: string, subscription: Subscription): void {
    if (!subscription.following && !subscription.isSubscribed && this.#subscriptions.get(uri) === subscription) {
      this.#subscriptions.delete(uri);
    }
  }
}
