import { isJsonObject, METHOD_NOT_FOUND } from './json-rpc.ts';
import type { UpdateChannel } from './resource-watches.ts';
import type { Timers } from './timers.ts';
import type { WrittenJson } from './types.ts';
import { UpstreamError } from './upstream-error.ts';

/** Says which listen request a notification belongs to: the request's id (specification 2026-07-28, subscriptions). */
const SUBSCRIPTION_ID_KEY = 'io.modelcontextprotocol/subscriptionId';
const ACKNOWLEDGED = 'notifications/subscriptions/acknowledged';
const UPDATED = 'notifications/resources/updated';

/** Changes of what is followed come in bursts; one new request serves them, in milliseconds after the first. */
const GATHER_MS = 20;
const ACKNOWLEDGE_MS = 10_000;
/** How long the request that was replaced stays open: what was on its way there must still arrive. */
const OVERLAP_MS = 250;
/** A listen that lasted this long was not refused; a new one follows at once. */
const SOUND_MS = 10_000;
const AGAIN_MS = { first: 5_000, most: 300_000 };

/** Which lists the server says it announces changes of; the filter's own field names. */
export type ListFilter = Readonly<
  Partial<Record<'toolsListChanged' | 'promptsListChanged' | 'resourcesListChanged', true>>
>;

interface Listen {
  readonly uris: ReadonlySet<string>;
  /** Those of them the server does not agree to follow. */
  refused: ReadonlySet<string>;
  readonly openedAt: number;
  readonly abort: AbortController;
  /** As the server's notifications name it; null until they do. */
  id: string | number | null;
  /** Updates that came on this request since another replaces it, by URI. */
  readonly overlap: Map<string, number>;
}

export interface ListeningOptions {
  readonly name: string;
  readonly timers: Timers;
  readonly lists: ListFilter;
  /** Sends `subscriptions/listen`; settles when the server ends it or the signal aborts. @throws UpstreamError */
  readonly request: (filter: Readonly<Record<string, unknown>>, signal: AbortSignal) => Promise<unknown>;
  /** Announcements may have been missed between two requests. */
  readonly onGap: () => void;
  readonly note: (text: string) => void;
}

/**
 * The one long `subscriptions/listen` request of a modern connection. Its filter holds everything that is followed; a
 * different filter takes a new request, which replaces the old one when the server has acknowledged it. While both are
 * open the server may say the same on both: each update is passed on as often as the one that said it more often did.
 */
export class Listening implements UpdateChannel {
  readonly #options: ListeningOptions;
  readonly #wanted = new Set<string>();
  readonly #waiting = new Map<string, PromiseWithResolvers<void>>();
  #current: Listen | undefined;
  #opening: Listen | undefined;
  #replaced: Listen | undefined;
  readonly #passedOn = new Map<string, number>();
  /** Ids of requests that ended; what still comes for them was said elsewhere. */
  #past: (string | number)[] = [];
  #failures = 0;
  #isRefused = false;
  #isEnded = false;
  #cancelReplaced: (() => void) | undefined;
  #cancelDue: (() => void) | undefined;
  #dueAt = Number.POSITIVE_INFINITY;
  /** A server that ended or refused a request is not asked again before this time, unless somebody new follows. */
  #notBefore = 0;
  #cancelPatience: (() => void) | undefined;

  constructor(options: ListeningOptions) {
    this.#options = options;
  }

  /** Opens the first request, for whatever is to be followed by now. */
  start(): void {
    this.#bringUpToDate();
  }

  follow(uri: string): Promise<void> {
    this.#wanted.add(uri);
    if (this.#current?.refused.has(uri)) return Promise.reject(this.#unfollowed(uri));
    if (this.#current?.uris.has(uri)) return Promise.resolve();
    const waiting = this.#waiting.get(uri);
    if (waiting) return waiting.promise;
    const deferred = Promise.withResolvers<void>();
    // Who follows it may be gone when it fails.
    deferred.promise.catch(() => undefined);
    this.#waiting.set(uri, deferred);
    this.#isRefused = false;
    this.#notBefore = 0;
    this.#due(GATHER_MS);
    return deferred.promise;
  }

  unfollow(uri: string): void {
    this.#wanted.delete(uri);
    this.#waiting.delete(uri);
    this.#due(GATHER_MS);
  }

  notified(method: string, params: WrittenJson): boolean {
    const meta = isJsonObject(params.value._meta) ? params.value._meta : undefined;
    const said = meta?.[SUBSCRIPTION_ID_KEY];
    const id = typeof said === 'string' || typeof said === 'number' ? said : null;
    if (method === ACKNOWLEDGED) {
      this.#acknowledged(id, params.value.notifications);
      return true;
    }
    return method === UPDATED && this.#isRepeated(id, String(params.value.uri));
  }

  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    for (const cancel of [this.#cancelDue, this.#cancelReplaced, this.#cancelPatience]) cancel?.();
    const down = new UpstreamError('server_down', `${this.#options.name} is not connected any more.`, {
      notSent: false,
    });
    for (const { reject } of this.#waiting.values()) reject(down);
    this.#waiting.clear();
  }

  /** Looks at what is wanted after this time, or sooner when that was due anyway. */
  #due(ms: number): void {
    const { timers } = this.#options;
    const at = timers.now() + ms;
    if (this.#isEnded || at >= this.#dueAt) return;
    this.#cancelDue?.();
    this.#dueAt = at;
    this.#cancelDue = timers.after(ms, () => {
      this.#dueAt = Number.POSITIVE_INFINITY;
      this.#bringUpToDate();
    });
  }

  #bringUpToDate(): void {
    // One change at a time; the end of the one under way looks again.
    if (this.#isEnded || this.#isRefused || this.#opening || this.#replaced) return;
    const { lists, timers } = this.#options;
    const wait = Math.min(this.#notBefore - timers.now(), AGAIN_MS.most);
    if (wait > 0) {
      this.#due(wait);
      return;
    }
    const isNeeded = this.#wanted.size > 0 || Object.keys(lists).length > 0;
    const current = this.#current;
    if (current && isNeeded && isSameSet(current.uris, this.#wanted)) return;
    if (!isNeeded) {
      this.#current = undefined;
      if (current) this.#endListen(current);
      return;
    }
    this.#open(new Set(this.#wanted));
  }

  #open(uris: ReadonlySet<string>): void {
    const { timers, lists, request } = this.#options;
    const listen: Listen = {
      uris,
      refused: new Set(),
      openedAt: timers.now(),
      abort: new AbortController(),
      id: null,
      overlap: new Map(),
    };
    this.#opening = listen;
    this.#cancelPatience = timers.after(ACKNOWLEDGE_MS, () => this.#notAcknowledged(listen));
    const filter = { ...lists, ...(uris.size > 0 && { resourceSubscriptions: [...uris].sort() }) };
    request(filter, listen.abort.signal).then(
      () => this.#ended(listen, null),
      (error: unknown) => this.#ended(listen, error),
    );
  }

  #acknowledged(id: string | number | null, honoured: unknown): void {
    const listen = this.#opening;
    const isAnothers =
      id !== null && (id === this.#current?.id || id === this.#replaced?.id || this.#past.includes(id));
    if (!listen || isAnothers) return;
    this.#cancelPatience?.();
    listen.id = id;
    this.#opening = undefined;
    const before = this.#current;
    this.#current = listen;
    if (before) this.#replace(before, listen);
    listen.refused = new Set([...listen.uris].filter((uri) => !isHonoured(honoured, uri)));
    for (const uri of listen.uris) {
      const waiting = this.#waiting.get(uri);
      this.#waiting.delete(uri);
      if (listen.refused.has(uri)) waiting?.reject(this.#unfollowed(uri));
      else waiting?.resolve();
    }
    this.#due(GATHER_MS);
  }

  #replace(before: Listen, by: Listen): void {
    this.#replaced = before;
    before.overlap.clear();
    by.overlap.clear();
    this.#passedOn.clear();
    this.#cancelReplaced = this.#options.timers.after(OVERLAP_MS, () => {
      this.#replaced = undefined;
      this.#endListen(before);
      this.#bringUpToDate();
    });
  }

  /** True for an update that was passed on already when it came on the other of two open requests. */
  #isRepeated(id: string | number | null, uri: string): boolean {
    if (id !== null && this.#past.includes(id)) return true;
    if (!this.#replaced || id === null) return false;
    const listen = [this.#current, this.#replaced].find((one) => one?.id === id);
    if (!listen) return false;
    const count = (listen.overlap.get(uri) ?? 0) + 1;
    listen.overlap.set(uri, count);
    if (count <= (this.#passedOn.get(uri) ?? 0)) return true;
    this.#passedOn.set(uri, count);
    return false;
  }

  #endListen(listen: Listen): void {
    if (listen.id !== null) this.#past = [...this.#past.slice(-15), listen.id];
    listen.abort.abort();
  }

  #notAcknowledged(listen: Listen): void {
    if (this.#opening !== listen) return;
    // A server that never acknowledges may announce all the same, but nobody can be promised that it does.
    if (listen.uris.size === 0) {
      this.#opening = undefined;
      this.#current = listen;
      this.#due(GATHER_MS);
      return;
    }
    const text = `${this.#options.name} did not acknowledge the subscription within ${ACKNOWLEDGE_MS / 1000} s.`;
    this.#ended(listen, new UpstreamError('timeout', text, { notSent: false }));
    this.#endListen(listen);
  }

  /** The server ended a request, or refused it. */
  #ended(listen: Listen, error: unknown): void {
    if (this.#isEnded || listen.abort.signal.aborted) return;
    if (listen === this.#replaced) return;
    const wasOpening = listen === this.#opening;
    if (!wasOpening && listen !== this.#current) return;
    if (listen.id !== null) this.#past = [...this.#past.slice(-15), listen.id];
    const { timers, note, onGap, name } = this.#options;
    if (wasOpening) {
      this.#opening = undefined;
      this.#cancelPatience?.();
      this.#failures += 1;
      const reason = error instanceof UpstreamError ? error : this.#unfollowed('what was asked for');
      for (const uri of listen.uris) {
        this.#waiting.get(uri)?.reject(reason);
        this.#waiting.delete(uri);
      }
      if (reason.rpcError?.code === METHOD_NOT_FOUND) {
        this.#isRefused = true;
        note(`${name} does not know subscriptions/listen; changes of its lists are seen when it is used.`);
        return;
      }
    } else {
      this.#current = undefined;
      this.#failures = timers.now() - listen.openedAt >= SOUND_MS ? 0 : this.#failures + 1;
      onGap();
    }
    const growing = AGAIN_MS.first * 2 ** Math.min(this.#failures - 1, 20);
    const wait = this.#failures === 0 ? 0 : Math.min(growing, AGAIN_MS.most);
    this.#notBefore = timers.now() + wait;
    this.#due(wait);
  }

  #unfollowed(uri: string): UpstreamError {
    return new UpstreamError('upstream_error', `${this.#options.name} does not follow ${uri.slice(0, 300)}.`, {
      notSent: false,
    });
  }
}

/** Whether an acknowledgement covers a resource; one that does not say what it covers covers everything. */
function isHonoured(honoured: unknown, uri: string): boolean {
  if (!isJsonObject(honoured)) return true;
  const { resourceSubscriptions } = honoured;
  return Array.isArray(resourceSubscriptions) && resourceSubscriptions.includes(uri);
}

function isSameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((entry) => b.has(entry));
}
