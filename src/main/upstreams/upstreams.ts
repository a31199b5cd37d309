import { randomUUID } from 'node:crypto';
import type { ServerConfig, ServerLogLine } from '@shared/contract/index.ts';
import type { Era } from '@shared/words.ts';
import type { ServerListing } from '../approvals/index.ts';
import type { ConnectSurroundings } from './connect.ts';
import { fetchesItsProgram } from './launch-warnings.ts';
import { LogRing } from './log-ring.ts';
import type { ClientInfo } from './negotiation.ts';
import type { StopPatience } from './process-tree.ts';
import { RESTART_POLICY, type RestartPolicy } from './restart-policy.ts';
import { isSame } from './servers-file.ts';
import { systemTimers, type Timers } from './timers.ts';
import type { RoomLog, UpstreamAnswer, UpstreamContext, UpstreamRequest, UpstreamStatus, Upstreams } from './types.ts';
import { Upstream } from './upstream.ts';
import { UpstreamError } from './upstream-error.ts';

const START_TIMEOUT_MS = 30_000;
/** For package runners: before the first start they download the program, which can take minutes. */
const FETCHING_START_TIMEOUT_MS = 180_000;
/** How long a finding about a server's era counts. A `legacy` finding never corrects itself otherwise. */
const ERA_KEPT_MS = 24 * 3_600_000;
const SUSPICION_KEPT_MS = 10 * 60_000;
/** Listeners of logs hear of a server at most this often, in milliseconds. */
const LOG_EVENT_MS = 100;

export interface UpstreamsOptions {
  /** Reads the vault; the server's name is given so that a refusal can be noted. */
  readonly resolveSecret: (name: string, server: string) => Promise<string | undefined>;
  /** Milliseconds since epoch. */
  readonly clock: () => number;
  readonly log: RoomLog;
  /** What servers are told about who connects: Gatehouse and its version. */
  readonly clientInfo: ClientInfo;
  /** The same for every start on one data folder; see `endOrphans`. Default: one of this process's own. */
  readonly owner?: string;
  /** Delays for deadlines, backoff and debouncing; default: the computer's. */
  readonly timers?: Timers;
  /** Gatehouse's own environment, a few names of which servers inherit; default: `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly startTimeoutMs?: number;
  readonly probeMs?: number;
  readonly stopPatience?: StopPatience;
  readonly restartPolicy?: RestartPolicy;
  /** A number in [0, 1); default: `Math.random`. */
  readonly random?: () => number;
}

/** Connects to servers. Nothing runs until `allow` names it and somebody uses it. */
export function createUpstreams(options: UpstreamsOptions): Upstreams {
  return new AllowedUpstreams(options);
}

class AllowedUpstreams implements Upstreams {
  readonly #options: UpstreamsOptions;
  readonly #surroundings: Omit<ConnectSurroundings, 'startTimeoutMs'>;
  readonly #timers: Timers;
  readonly #upstreams = new Map<string, Upstream>();
  /** Kept when a server may no longer run: why it was stopped is read afterwards. */
  readonly #logs = new Map<string, LogRing>();
  readonly #eras = new Map<string, { readonly era: Era; readonly until: number }>();
  /** Servers that are being ended for good; waited for at dispose. */
  readonly #retiring = new Set<Upstream>();
  readonly #statusListeners = new Set<(status: UpstreamStatus) => void>();
  readonly #listListeners = new Set<(server: string) => void>();
  readonly #logListeners = new Set<(server: string, lastSeq: number) => void>();
  readonly #logTold = new Map<string, () => void>();
  /** Runs when the process exits in any way that runs code: no server may outlive Gatehouse. */
  readonly #onExit = () => {
    for (const upstream of [...this.#upstreams.values(), ...this.#retiring]) upstream.killNow();
  };

  constructor(options: UpstreamsOptions) {
    this.#options = options;
    this.#timers = options.timers ?? systemTimers(options.clock);
    this.#surroundings = {
      resolveSecret: options.resolveSecret,
      clientInfo: options.clientInfo,
      timers: this.#timers,
      env: options.env ?? process.env,
      probeMs: options.probeMs,
      patience: options.stopPatience,
      owner: options.owner ?? randomUUID(),
    };
    process.on('exit', this.#onExit);
  }

  status(name: string): UpstreamStatus | undefined {
    return this.#upstreams.get(name)?.status();
  }

  statuses(): readonly UpstreamStatus[] {
    return [...this.#upstreams.values()].map((upstream) => upstream.status());
  }

  async request(server: string, request: UpstreamRequest, context: UpstreamContext): Promise<UpstreamAnswer> {
    return this.#allowed(server).request(request, context);
  }

  async list(server: string, signal?: AbortSignal): Promise<ServerListing> {
    return this.#allowed(server).list(signal);
  }

  async allow(servers: ReadonlyMap<string, ServerConfig>): Promise<void> {
    const stopping: Promise<void>[] = [];
    for (const [name, upstream] of this.#upstreams) {
      const config = servers.get(name);
      if (config && isSame(launchOf(config), launchOf(upstream.config))) continue;
      this.#upstreams.delete(name);
      this.#retiring.add(upstream);
      stopping.push(upstream.retire().finally(() => this.#retiring.delete(upstream)));
    }
    for (const [name, config] of servers) {
      if (!this.#upstreams.has(name)) this.#upstreams.set(name, this.#create(name, config));
    }
    await Promise.all(stopping);
  }

  async restart(name: string): Promise<void> {
    await this.#upstreams.get(name)?.restart();
  }

  async stop(name: string): Promise<void> {
    await this.#upstreams.get(name)?.stop();
  }

  logs(name: string, options: { afterSeq?: number; limit?: number } = {}): ServerLogLine[] {
    return this.#logs.get(name)?.read(options) ?? [];
  }

  onStatus(listener: (status: UpstreamStatus) => void): Disposable {
    return subscribe(this.#statusListeners, listener);
  }

  onListChanged(listener: (server: string) => void): Disposable {
    return subscribe(this.#listListeners, listener);
  }

  onLog(listener: (server: string, lastSeq: number) => void): Disposable {
    return subscribe(this.#logListeners, listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const listeners of [this.#statusListeners, this.#listListeners, this.#logListeners]) listeners.clear();
    await this.allow(new Map());
    for (const cancel of this.#logTold.values()) cancel();
    await Promise.all([...this.#retiring].map((upstream) => upstream.retire()));
    process.off('exit', this.#onExit);
  }

  #allowed(name: string): Upstream {
    const upstream = this.#upstreams.get(name);
    if (upstream) return upstream;
    throw new UpstreamError('server_down', `${name} may not run: it is unknown, disabled or not approved.`, {
      notSent: true,
    });
  }

  #create(name: string, config: ServerConfig): Upstream {
    const key = JSON.stringify([config.command, config.args, config.cwd, config.url, config.type]);
    const keep = (era: Era, ms: number) => this.#eras.set(key, { era, until: this.#timers.now() + ms });
    return new Upstream({
      ...this.#surroundings,
      name,
      config,
      startTimeoutMs:
        this.#options.startTimeoutMs ?? (fetchesItsProgram(config) ? FETCHING_START_TIMEOUT_MS : START_TIMEOUT_MS),
      log: this.#logOf(name),
      policy: this.#options.restartPolicy ?? RESTART_POLICY,
      random: this.#options.random ?? Math.random,
      eras: {
        known: () => {
          const finding = this.#eras.get(key);
          return finding && finding.until > this.#timers.now() ? finding.era : undefined;
        },
        found: (era) => keep(era, ERA_KEPT_MS),
        suspectLegacy: () => (this.#eras.has(key) ? this.#eras.delete(key) : keep('legacy', SUSPICION_KEPT_MS)),
      },
      onStatus: (status) => this.#tell(this.#statusListeners, status),
      onListChanged: () => this.#tell(this.#listListeners, name),
    });
  }

  #logOf(name: string): LogRing {
    const existing = this.#logs.get(name);
    if (existing) return existing;
    const ring = new LogRing({ now: () => this.#timers.now(), onLine: () => this.#logSoon(name, ring) });
    this.#logs.set(name, ring);
    return ring;
  }

  #logSoon(name: string, ring: LogRing): void {
    if (this.#logTold.has(name) || this.#logListeners.size === 0) return;
    const cancel = this.#timers.after(LOG_EVENT_MS, () => {
      this.#logTold.delete(name);
      for (const listener of this.#logListeners) listener(name, ring.lastSeq);
    });
    this.#logTold.set(name, cancel);
  }

  #tell<T>(listeners: ReadonlySet<(value: T) => void>, value: T): void {
    for (const listener of listeners) {
      try {
        listener(value);
      } catch (error) {
        this.#options.log.error({ error: String(error) }, 'A listener of the upstreams failed');
      }
    }
  }
}

/** What makes two configs the same launch: everything a process or connection is made from. */
function launchOf(config: ServerConfig): object {
  const { command, args, env, cwd, url, type, headers, disabled } = config;
  return { command, args, env, cwd, url, type, headers, disabled, sandbox: config.gatehouse?.sandbox };
}

function subscribe<T>(listeners: Set<T>, listener: T): Disposable {
  listeners.add(listener);
  return { [Symbol.dispose]: () => void listeners.delete(listener) };
}
