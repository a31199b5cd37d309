/**
 * The main thread's side of the index: sends changes in bursts, carries searches over, and when the worker dies starts
 * a new one and fills it again before anything is searched.
 */
import { Worker } from 'node:worker_threads';
import type { Discovery, DiscoveryLog, IndexedTool, SearchHit, SearchQuery } from './index.ts';
import { type Reply, type Request, replySchema, searchQuerySchema } from './protocol.ts';
import { type ToolText, toolTextOf } from './tool-text.ts';

export interface DiscoveryOptions {
  /** The worker's file: the built `discovery-worker.js`, or `worker.ts` where Node strips types. */
  readonly workerFile: string | URL;
  readonly log: DiscoveryLog;
  /** Milliseconds a search may take before the worker counts as stuck and is replaced; default 10,000. */
  readonly searchTimeoutMs?: number;
  /** Milliseconds before the second restart in a row; doubles up to 30 s. Default 250. */
  readonly restartDelayMs?: number;
}

/** Megabytes: far above an index of 50,000 tools, far below what could hurt the app; short-lived objects in little. */
const workerMemory = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 2 } as const;
const longestRestartDelay = 30_000;

interface Waiter<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

interface PendingSearch extends Waiter<SearchHit[]> {
  readonly query: SearchQuery;
  /** A search outlives one death of the worker, not two: it may be what kills it. */
  attempts: number;
  timer: NodeJS.Timeout | undefined;
}

interface PendingUpdate {
  readonly number: number;
  readonly servers: ReadonlySet<string>;
  readonly waiters: readonly Waiter<void>[];
}

/**
 * Starts no thread until somebody searches: the thread costs 10 MB and its first index some of the start, and apps that
 * see tools directly never search.
 */
export function createDiscovery(options: DiscoveryOptions): Discovery {
  return new ThreadedDiscovery(options);
}

class ThreadedDiscovery implements Discovery {
  readonly #workerFile: string | URL;
  readonly #log: DiscoveryLog;
  readonly #searchTimeoutMs: number;
  readonly #restartDelayMs: number;
  /** Everything the index should hold, to fill a new worker from. */
  readonly #tools = new Map<string, readonly ToolText[]>();
  readonly #searches = new Map<number, PendingSearch>();
  /** Servers changed since the last update was sent, and who waits for them. */
  #dirty = new Set<string>();
  #waiters: Waiter<void>[] = [];
  #update: PendingUpdate | undefined;
  #worker: Worker | undefined;
  /** False until a new worker holds everything again; searches wait for it. */
  #filled = false;
  /** Until the first search, changes are only remembered. */
  #isSearched = false;
  #deathsInARow = 0;
  #restartTimer: NodeJS.Timeout | undefined;
  #flushQueued = false;
  #disposed = false;
  #number = 0;

  constructor(options: DiscoveryOptions) {
    this.#workerFile = options.workerFile;
    this.#log = options.log;
    this.#searchTimeoutMs = options.searchTimeoutMs ?? 10_000;
    this.#restartDelayMs = options.restartDelayMs ?? 250;
  }

  setServer(server: string, tools: readonly IndexedTool[]): Promise<void> {
    if (this.#disposed) return Promise.reject(disposedError());
    const texts = tools.flatMap((tool) => toolTextOf(tool) ?? []);
    if (texts.length === 0) {
      if (!this.#tools.delete(server)) return Promise.resolve();
    } else {
      this.#tools.set(server, texts);
    }
    this.#dirty.add(server);
    if (!this.#isSearched) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      this.#queueFlush();
    });
  }

  search(query: SearchQuery): Promise<SearchHit[]> {
    if (this.#disposed) return Promise.reject(disposedError());
    const checked = searchQuerySchema.safeParse(query);
    if (!checked.success) {
      return Promise.reject(
        new Error(`The search was not accepted: ${checked.error.issues[0]?.message ?? 'invalid'}.`),
      );
    }
    if (this.#worker === undefined && this.#restartTimer === undefined && this.#tools.size === 0) {
      return Promise.resolve([]);
    }
    if (!this.#isSearched) {
      this.#isSearched = true;
      this.#queueFlush();
    }
    return new Promise((resolve, reject) => {
      const number = this.#nextNumber();
      const search: PendingSearch = { query: checked.data, resolve, reject, attempts: 0, timer: undefined };
      this.#searches.set(number, search);
      if (this.#filled) this.#sendSearch(number, search);
    });
  }

  size(): number {
    let size = 0;
    for (const tools of this.#tools.values()) size += tools.length;
    return size;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    clearTimeout(this.#restartTimer);
    const worker = this.#worker;
    this.#worker = undefined;
    for (const waiter of [...this.#waiters, ...(this.#update?.waiters ?? [])]) waiter.reject(disposedError());
    this.#waiters = [];
    this.#update = undefined;
    for (const number of [...this.#searches.keys()]) this.#takeSearch(number)?.reject(disposedError());
    this.#tools.clear();
    await worker?.terminate();
  }

  /** One message for all changes of this turn of the event loop. */
  #queueFlush(): void {
    if (this.#flushQueued) return;
    this.#flushQueued = true;
    setImmediate(() => {
      this.#flushQueued = false;
      this.#flush();
    });
  }

  /** Sends what changed, unless an update is under way: then the rest follows in one piece when it is done. */
  #flush(): void {
    if (this.#disposed || this.#update !== undefined || this.#dirty.size === 0) return;
    if (this.#restartTimer !== undefined) return;
    this.#worker ??= this.#start();
    const update: PendingUpdate = { number: this.#nextNumber(), servers: this.#dirty, waiters: this.#waiters };
    this.#dirty = new Set();
    this.#waiters = [];
    this.#update = update;
    this.#post({
      type: 'update',
      number: update.number,
      servers: [...update.servers].map((server) => ({ server, tools: this.#tools.get(server) ?? [] })),
    });
  }

  #start(): Worker {
    const worker = new Worker(this.#workerFile, {
      name: 'gatehouse-discovery',
      env: {},
      execArgv: [],
      resourceLimits: workerMemory,
    });
    let problem = 'it ended by itself';
    worker.on('message', (message: unknown) => this.#onReply(message));
    worker.on('error', (error) => {
      problem = error.message;
    });
    worker.on('exit', () => {
      if (this.#worker === worker) this.#onDeath(problem);
    });
    return worker;
  }

  #onReply(message: unknown): void {
    const checked = replySchema.safeParse(message);
    if (!checked.success) {
      // A worker that talks nonsense is replaced like one that died.
      void this.#worker?.terminate();
      return;
    }
    const reply = checked.data;
    switch (reply.type) {
      case 'updated':
        this.#onUpdated(reply);
        break;
      case 'found':
        this.#takeSearch(reply.number)?.resolve(reply.hits);
        break;
      case 'failed':
        this.#onFailed(reply.number, reply.message);
        break;
    }
  }

  #onUpdated(reply: Extract<Reply, { type: 'updated' }>): void {
    const update = this.#update;
    if (update?.number !== reply.number) return;
    this.#update = undefined;
    this.#deathsInARow = 0;
    this.#log.debug({ tools: reply.tools, buildMs: Math.round(reply.buildMs) }, 'tool index rebuilt');
    for (const waiter of update.waiters) waiter.resolve();
    if (!this.#filled) {
      this.#filled = true;
      for (const [number, search] of this.#searches) this.#sendSearch(number, search);
    }
    this.#flush();
  }

  #onFailed(number: number, message: string): void {
    const error = new Error(`The tool index could not do that: ${message}`);
    if (this.#update?.number !== number) {
      this.#takeSearch(number)?.reject(error);
      return;
    }
    const { waiters } = this.#update;
    this.#update = undefined;
    for (const waiter of waiters) waiter.reject(error);
    this.#log.warn({ message }, 'tool index update failed; the index before it stays in use');
    this.#flush();
  }

  /** The worker is gone: everything is dirty again, searches wait once more, and the next worker starts. */
  #onDeath(problem: string): void {
    this.#worker = undefined;
    this.#filled = false;
    this.#deathsInARow += 1;
    this.#waiters.push(...(this.#update?.waiters ?? []));
    this.#update = undefined;
    for (const server of this.#tools.keys()) this.#dirty.add(server);
    for (const [number, search] of [...this.#searches]) {
      clearTimeout(search.timer);
      if (search.attempts < 2) continue;
      this.#takeSearch(number)?.reject(new Error('The tool index stopped twice on this search; ask in other words.'));
    }
    const delay =
      this.#deathsInARow === 1
        ? 0
        : Math.min(longestRestartDelay, this.#restartDelayMs * 2 ** (this.#deathsInARow - 2));
    this.#log.warn({ problem, restartInMs: delay, tools: this.size() }, 'tool index worker stopped; starting it again');
    this.#restartTimer = setTimeout(() => {
      this.#restartTimer = undefined;
      if (this.#dirty.size > 0) this.#flush();
      else for (const number of [...this.#searches.keys()]) this.#takeSearch(number)?.resolve([]);
    }, delay);
  }

  #sendSearch(number: number, search: PendingSearch): void {
    search.attempts += 1;
    search.timer = setTimeout(() => {
      this.#takeSearch(number)?.reject(
        new Error(
          `The tool index did not answer within ${this.#searchTimeoutMs} ms; it is being restarted. Try again.`,
        ),
      );
      void this.#worker?.terminate();
    }, this.#searchTimeoutMs);
    this.#post({ type: 'search', number, query: search.query });
  }

  #takeSearch(number: number): PendingSearch | undefined {
    const search = this.#searches.get(number);
    if (search === undefined) return undefined;
    clearTimeout(search.timer);
    this.#searches.delete(number);
    return search;
  }

  #post(request: Request): void {
    this.#worker?.postMessage(request);
  }

  #nextNumber(): number {
    this.#number += 1;
    return this.#number;
  }
}

function disposedError(): Error {
  return new Error('Gatehouse is shutting down; the tool index is closed.');
}
