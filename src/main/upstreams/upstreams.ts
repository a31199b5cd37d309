import { randomUUID } from 'node:crypto';
import type { ServerConfig, ServerLogLine } from '@shared/contract/index.ts';
import type { KeptState } from '../storage/index.ts';
import { AskMemory } from './ask-memory.ts';
import type { ConnectSurroundings } from './connect.ts';
import { type EraFinding, EraVerdicts, verdictKeyOf } from './era-verdicts.ts';
import { Instances, instanceKeyOf, SHARED } from './instances.ts';
import { launchIdentityOf } from './launch-identity.ts';
import { fetchesItsProgram } from './launch-warnings.ts';
import { LogRing } from './log-ring.ts';
import type { ClientInfo } from './negotiation.ts';
import type { StopPatience } from './process-tree.ts';
import { RESTART_POLICY, type RestartPolicy } from './restart-policy.ts';
import { folderFromRoots } from './roots-folder.ts';
import { isSame } from './servers-file.ts';
import { systemTimers, type Timers } from './timers.ts';
import type {
  CallerSide,
  InstanceKey,
  RoomLog,
  UpstreamAnswer,
  UpstreamContext,
  UpstreamRequest,
  UpstreamStatus,
  Upstreams,
} from './types.ts';
import { Upstream } from './upstream.ts';
import { UpstreamError } from './upstream-error.ts';

const START_TIMEOUT_MS = 30_000;
/** For package runners: before the first start they download the program, which can take minutes. */
const FETCHING_START_TIMEOUT_MS = 180_000;
/** Minutes without use after which a server is stopped, unless its config says otherwise. */
const IDLE_MINUTES = 10;
/** Listeners of logs hear of a server at most this often, in milliseconds. */
const LOG_EVENT_MS = 100;

export interface UpstreamsOptions {
  /** Reads the vault; the server's name is given so that a refusal can be noted. */
  readonly resolveSecret: (name: string, server: string) => Promise<string | undefined>;
  /** The sign-in at a remote server; without it a server that wants one cannot be used. See `createSignIns`. */
  readonly authorizationFor?: ConnectSurroundings['authorizationFor'];
  /** Milliseconds since epoch. */
  readonly clock: () => number;
  readonly log: RoomLog;
  /** Remembers which servers speak the older protocol; without it that is forgotten at the end. */
  readonly kept?: KeptState;
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
  readonly #servers = new Map<string, Instances>();
  /** Kept when a server may no longer run: why it was stopped is read afterwards. */
  readonly #logs = new Map<string, LogRing>();
  readonly #eras: EraVerdicts;
  /** Servers that are being ended for good; waited for at dispose. */
  readonly #retiring = new Set<Instances>();
  /** Sessions' processes that are being ended; waited for at dispose. */
  readonly #ending = new Set<Promise<void>>();
  readonly #statusListeners = new Set<(status: UpstreamStatus) => void>();
  readonly #listListeners = new Set<(server: string, instance: InstanceKey) => void>();
  readonly #logListeners = new Set<(server: string, lastSeq: number) => void>();
  readonly #logTold = new Map<string, () => void>();
  /** Runs when the process exits in any way that runs code: no server may outlive Gatehouse. */
  readonly #onExit = () => {
    for (const instances of [...this.#servers.values(), ...this.#retiring]) instances.killNow();
  };

  constructor(options: UpstreamsOptions) {
    this.#options = options;
    this.#timers = options.timers ?? systemTimers(options.clock);
    this.#surroundings = {
      resolveSecret: options.resolveSecret,
      authorizationFor: options.authorizationFor,
      clientInfo: options.clientInfo,
      timers: this.#timers,
      env: options.env ?? process.env,
      probeMs: options.probeMs,
      patience: options.stopPatience,
      owner: options.owner ?? randomUUID(),
    };
    this.#eras = new EraVerdicts({
      kept: options.kept,
      now: () => this.#timers.now(),
      warn: (facts, message) => options.log.warn(facts, message),
    });
    process.on('exit', this.#onExit);
  }

  status(name: string, instance?: InstanceKey): UpstreamStatus | undefined {
    const instances = this.#servers.get(name);
    return instance === undefined ? instances?.status() : instances?.statusOf(instance);
  }

  statuses(): readonly UpstreamStatus[] {
    return [...this.#servers.values()].map((instances) => instances.status());
  }

  instanceFor(server: string, caller: Pick<CallerSide, 'app' | 'session'>): InstanceKey {
    const config = this.#servers.get(server)?.config;
    return config === undefined ? SHARED : instanceKeyOf(config, caller);
  }

  endSession(session: string): void {
    for (const instances of this.#servers.values()) {
      const ending = instances.endSession(session).finally(() => this.#ending.delete(ending));
      this.#ending.add(ending);
    }
  }

  rootsChanged(session: string): void {
    for (const instances of this.#servers.values()) instances.rootsChanged(session);
  }

  async request(server: string, request: UpstreamRequest, context: UpstreamContext): Promise<UpstreamAnswer> {
    return this.#allowed(server, context.instance).request(request, context);
  }

  async list(
    server: string,
    signal?: AbortSignal,
    instance?: InstanceKey,
    caller?: CallerSide,
  ): ReturnType<Upstreams['list']> {
    return this.#allowed(server, instance).list(signal, caller);
  }

  async watchResource(
    server: string,
    uri: string,
    watcher: Parameters<Upstreams['watchResource']>[2],
    signal: AbortSignal,
  ): Promise<Disposable> {
    return this.#allowed(server, watcher.instance).watch(uri, watcher, signal);
  }

  async allow(servers: ReadonlyMap<string, ServerConfig>): Promise<void> {
    const stopping: Promise<void>[] = [];
    for (const [name, instances] of this.#servers) {
      const config = servers.get(name);
      if (config && isSame(launchOf(config), launchOf(instances.config))) {
        instances.reconfigure(config);
        continue;
      }
      this.#servers.delete(name);
      this.#retiring.add(instances);
      stopping.push(instances.retire().finally(() => this.#retiring.delete(instances)));
    }
    for (const [name, config] of servers) {
      if (!this.#servers.has(name)) this.#servers.set(name, this.#create(name, config));
    }
    await Promise.all(stopping);
  }

  async restart(name: string): Promise<void> {
    await this.#servers.get(name)?.restart();
  }

  async stop(name: string): Promise<void> {
    await this.#servers.get(name)?.stop();
  }

  logs(name: string, options: { afterSeq?: number; limit?: number } = {}): ServerLogLine[] {
    return this.#logs.get(name)?.read(options) ?? [];
  }

  onStatus(listener: (status: UpstreamStatus) => void): Disposable {
    return subscribe(this.#statusListeners, listener);
  }

  onListChanged(listener: (server: string, instance: InstanceKey) => void): Disposable {
    return subscribe(this.#listListeners, listener);
  }

  onLog(listener: (server: string, lastSeq: number) => void): Disposable {
    return subscribe(this.#logListeners, listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const listeners of [this.#statusListeners, this.#listListeners, this.#logListeners]) listeners.clear();
    await this.allow(new Map());
    for (const cancel of this.#logTold.values()) cancel();
    await Promise.all([...this.#retiring].map((instances) => instances.retire()));
    await Promise.allSettled(this.#ending);
    process.off('exit', this.#onExit);
  }

  /** @throws UpstreamError */
  #allowed(name: string, instance: InstanceKey = SHARED): Upstream {
    const instances = this.#servers.get(name);
    if (instances) return instances.at(instance);
    throw new UpstreamError('server_down', `${name} may not run: it is unknown, disabled or not approved.`, {
      notSent: true,
    });
  }

  #create(name: string, config: ServerConfig): Instances {
    const launch = verdictKeyOf(launchIdentityOf(config));
    const timers = this.#timers;
    const shared = {
      ...this.#surroundings,
      name,
      config,
      startTimeoutMs:
        this.#options.startTimeoutMs ?? (fetchesItsProgram(config) ? FETCHING_START_TIMEOUT_MS : START_TIMEOUT_MS),
      log: this.#logOf(name),
      policy: this.#options.restartPolicy ?? RESTART_POLICY,
      random: this.#options.random ?? Math.random,
      // What its tools are like does not change with a restart, nor from one of its processes to the next.
      askMemory: new AskMemory(),
      eras: {
        known: () => this.#eras.known(launch),
        found: (finding: EraFinding) => this.#eras.found(launch, finding),
        wasSilent: () => this.#eras.wasSilent(launch),
      },
    };
    const wantsRoots = config.gatehouse?.workingDirectory === 'app-roots';
    const folderOf = (caller: CallerSide, signal: AbortSignal) => folderFromRoots(caller, { timers, signal });
    const instances: Instances = new Instances({
      name,
      config,
      create: (instance, after, onStatus) =>
        new Upstream({
          ...shared,
          after,
          onStatus,
          isOwned: instance !== SHARED,
          ...(wantsRoots && instance !== SHARED && { folderOf }),
          idleMs: () => idleMsOf(instances.config),
          onListChanged: () => this.#tell(this.#listListeners, name, instance),
        }),
      onStatus: (status) => this.#tell(this.#statusListeners, status),
    });
    return instances;
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

  #tell<T extends readonly unknown[]>(listeners: ReadonlySet<(...values: T) => void>, ...values: T): void {
    for (const listener of listeners) {
      try {
        listener(...values);
      } catch (error) {
        this.#options.log.error({ error: String(error) }, 'A listener of the upstreams failed');
      }
    }
  }
}

/** Minutes without use after which a process of this config is stopped; 0: never. */
export function idleMinutesOf(config: ServerConfig): number {
  return config.gatehouse?.idleMinutes ?? IDLE_MINUTES;
}

/** Milliseconds without use after which a process is stopped; null: never. */
function idleMsOf(config: ServerConfig): number | null {
  const minutes = idleMinutesOf(config);
  return minutes === 0 ? null : minutes * 60_000;
}

/** What makes two configs the same launch: everything a process or connection is made from. */
function launchOf(config: ServerConfig): object {
  const { command, args, env, cwd, url, type, headers, disabled } = config;
  const { sandbox, instances, workingDirectory, oauth } = config.gatehouse ?? {};
  return { command, args, env, cwd, url, type, headers, disabled, sandbox, instances, workingDirectory, oauth };
}

function subscribe<T>(listeners: Set<T>, listener: T): Disposable {
  listeners.add(listener);
  return { [Symbol.dispose]: () => void listeners.delete(listener) };
}
