import type { WrittenJson } from './types.ts';
import { UpstreamError } from './upstream-error.ts';

/** Resources that are followed on one process at the same time. */
const MAX_WATCHED = 1_000;

/** How one connection is told which resources to follow; made anew with each connection. */
export interface UpdateChannel {
  /** Resolves when the server follows the resource. Asking twice is asking once. @throws UpstreamError */
  follow(uri: string): Promise<void>;
  unfollow(uri: string): void;
  /** Takes a notification that only concerns the channel, or that it has seen already; true when it goes no further. */
  notified(method: string, params: WrittenJson): boolean;
  /** All that is followed by now was named; a channel that asks for it together does so. */
  start(): void;
  /** The connection is gone. */
  end(): void;
}

type Watcher = (params: WrittenJson) => void;

/** Who follows which resource of one process. Outlives its connections: each new one is told again. */
export class ResourceWatches {
  readonly #note: (text: string) => void;
  readonly #onUnused: () => void;
  readonly #watchers = new Map<string, Set<Watcher>>();
  #channel: UpdateChannel | undefined;
  /** Followed on a connection that has ended: what changed until the next one follows them was heard by nobody. */
  readonly #missed = new Set<string>();

  /** @param options.onUnused called when the last one stops following */
  constructor(options: { readonly note: (text: string) => void; readonly onUnused: () => void }) {
    this.#note = options.note;
    this.#onUnused = options.onUnused;
  }

  get isWatching(): boolean {
    return this.#watchers.size > 0;
  }

  /**
   * Tells a new connection what is followed, and the followers that what they followed before may have changed. A resource
   * it refuses is noted and tried again with the next one.
   */
  connect(channel: UpdateChannel): void {
    this.#channel = channel;
    for (const uri of this.#watchers.keys()) {
      channel.follow(uri).then(
        () => this.#followedAgain(channel, uri),
        (error: unknown) => {
          this.#note(
            `It does not follow ${uri.slice(0, 300)}: ${error instanceof Error ? error.message : String(error)}`,
          );
        },
      );
    }
    channel.start();
  }

  disconnect(): void {
    const channel = this.#channel;
    this.#channel = undefined;
    if (channel) for (const uri of this.#watchers.keys()) this.#missed.add(uri);
    channel?.end();
  }

  /** Counts one more. What the server does about it is `following`'s to tell. @throws UpstreamError */
  add(uri: string, onUpdated: Watcher): Disposable {
    const watchers = this.#watchers.get(uri) ?? new Set();
    if (!this.#watchers.has(uri)) {
      if (this.#watchers.size >= MAX_WATCHED) {
        throw new UpstreamError('upstream_error', `More than ${MAX_WATCHED} resources of one server are followed.`, {
          notSent: true,
        });
      }
      this.#watchers.set(uri, watchers);
    }
    // Wrapped, so that one function given twice is two watchers.
    const watcher: Watcher = (params) => onUpdated(params);
    watchers.add(watcher);
    return {
      [Symbol.dispose]: () => {
        if (!watchers.delete(watcher) || watchers.size > 0 || this.#watchers.get(uri) !== watchers) return;
        this.#watchers.delete(uri);
        this.#missed.delete(uri);
        this.#channel?.unfollow(uri);
        if (!this.isWatching) this.#onUnused();
      },
    };
  }

  /** Resolves when the server of the current connection follows the resource. @throws UpstreamError */
  async following(uri: string): Promise<void> {
    await this.#channel?.follow(uri);
  }

  /** Tells everybody who follows the resource, or one it is a part of (specification, resource subscriptions). */
  updated(params: WrittenJson): void {
    const { uri } = params.value;
    if (typeof uri !== 'string') return;
    for (const [watched, watchers] of this.#watchers) {
      if (uri === watched || uri.startsWith(watched.endsWith('/') ? watched : `${watched}/`)) {
        for (const watcher of [...watchers]) watcher(params);
      }
    }
  }

  /** Nobody follows anything any more, and nobody has to be told. */
  clear(): void {
    this.#watchers.clear();
    this.#missed.clear();
  }

  /** Only its own followers are told: every other resource has its own turn here. */
  #followedAgain(channel: UpdateChannel, uri: string): void {
    if (this.#channel !== channel || !this.#missed.delete(uri)) return;
    const value = { uri };
    const params = { value, json: JSON.stringify(value) };
    for (const watcher of [...(this.#watchers.get(uri) ?? [])]) watcher(params);
  }
}
