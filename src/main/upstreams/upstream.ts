import type { ServerConfig } from '@shared/contract/index.ts';
import { orAborted } from '@shared/or-aborted.ts';
import type { ServerListing } from '../approvals/index.ts';
import { type Connected, type ConnectSurroundings, connect, SignInRequired, SilentServer } from './connect.ts';
import type { EraFinding } from './era-verdicts.ts';
import { IdleStop } from './idle-stop.ts';
import { LatestCaller } from './latest-caller.ts';
import { type Link, LinkError } from './link.ts';
import { isListChange, ListChanges } from './list-changes.ts';
import { listEverything } from './listing.ts';
import { type LiveConnection, liveFrom } from './live-connection.ts';
import type { LogRing } from './log-ring.ts';
import type { RpcOptions, RpcParams } from './pending-request.ts';
import { ProcessHealth } from './process-health.ts';
import { ResourceWatches } from './resource-watches.ts';
import type { RestartPolicy } from './restart-policy.ts';
import type {
  CallerSide,
  UpstreamAnswer,
  UpstreamContext,
  UpstreamRequest,
  UpstreamStatus,
  WrittenJson,
} from './types.ts';
import { UpstreamError } from './upstream-error.ts';

/** How long a process that takes no more requests may take to be seen ending, in milliseconds. */
const NOTICE_END_MS = 1_000;

export interface UpstreamOptions extends ConnectSurroundings {
  readonly name: string;
  readonly config: ServerConfig;
  readonly log: LogRing;
  readonly policy: RestartPolicy;
  readonly random: () => number;
  /** What is known about the era of this launch, and where a finding is kept. */
  readonly eras: {
    known(): 'legacy' | undefined;
    found(finding: EraFinding): void;
    wasSilent(): void;
  };
  /** Milliseconds without use after which it is stopped; null: never. */
  readonly idleMs: () => number | null;
  /** True for a process that serves one app or session only. */
  readonly isOwned: boolean;
  /** The folder a caller wants it to run in; null: as configured. Without it nobody is asked. */
  readonly folderOf?: ((caller: CallerSide, signal: AbortSignal) => Promise<string | null>) | undefined;
  /** What has to end before it may start. */
  readonly after?: Promise<void> | undefined;
  /** Something of the status other than its counters may have changed. */
  readonly onStatus: () => void;
  readonly onListChanged: () => void;
}

/**
 * One process of a server, or one connection to it: started at first use, restarted after failures with growing patience,
 * put to sleep when nobody uses it, ended completely.
 */
export class Upstream {
  readonly name: string;
  readonly config: ServerConfig;
  readonly #options: UpstreamOptions;
  #running: LiveConnection | undefined;
  #starting: { readonly result: Promise<LiveConnection>; readonly abort: AbortController } | undefined;
  /** Links that are being ended; a new process waits for them, so that two never run at once. */
  readonly #ending = new Set<Promise<void>>();
  readonly #links = new Set<Link>();
  readonly #health: ProcessHealth;
  #startedAt = 0;
  #lastUsedAt: number | null = null;
  #requests = 0;
  /** Listings and the like; they keep it awake but are nobody's calls. */
  #errands = 0;
  /** The folder its caller named at the last start that had one. */
  #folder: string | null = null;
  readonly #owner: LatestCaller | undefined;
  readonly #listChanges: ListChanges;
  readonly #watches: ResourceWatches;
  readonly #idle: IdleStop;
  /** Failures of requests that surely were not run and that another connection may take. */
  readonly #unsentErrors = new WeakSet<object>();
  #cancelRevival: (() => void) | undefined;
  #isRetired = false;

  constructor(options: UpstreamOptions) {
    const { timers, log } = options;
    this.#options = options;
    this.name = options.name;
    this.config = options.config;
    this.#owner = options.isOwned ? new LatestCaller() : undefined;
    this.#health = new ProcessHealth({
      ...options,
      isDisabled: options.config.disabled === true,
      onChange: options.onStatus,
    });
    this.#listChanges = new ListChanges(timers, options.onListChanged);
    this.#watches = new ResourceWatches({
      note: (text) => log.note(text),
      onUnused: () => {
        this.#lastUsedAt = this.#now();
      },
    });
    this.#idle = new IdleStop({
      timers,
      idleMs: options.idleMs,
      idleSince: () => (this.isBusy ? null : Math.max(this.#lastUsedAt ?? 0, this.#startedAt)),
      stop: () => this.#sleep(),
    });
    if (options.after) this.#awaitFirst(options.after);
  }

  /** True while somebody would notice its end: a request, a listing, a start or a follower of its resources. */
  get isBusy(): boolean {
    return this.#requests > 0 || this.#errands > 0 || this.#starting !== undefined || this.#watches.isWatching;
  }

  get isRunning(): boolean {
    return this.#running !== undefined || this.#starting !== undefined;
  }

  get lastUsedAt(): number {
    return this.#lastUsedAt ?? 0;
  }

  status(): UpstreamStatus {
    return {
      name: this.name,
      health: this.#health.health,
      problem: this.#health.problem,
      pid: this.#running?.link.pid ?? null,
      startedAt: this.#running?.startedAt ?? null,
      lastUsedAt: this.#lastUsedAt,
      restarts: this.#health.restarts,
      nextRetryAt: this.#health.nextRetryAt,
      running: this.#requests,
      instances: this.#running ? 1 : 0,
    };
  }

  /** @throws UpstreamError */
  async request(request: UpstreamRequest, context: UpstreamContext): Promise<UpstreamAnswer> {
    if (this.#owner && context.caller) this.#owner.heard(context.caller);
    this.#requests += 1;
    try {
      return await this.#requestOnce(request, context);
    } catch (error) {
      // With an expected process the caller has to compare and decide again before anything is sent to the next one.
      if (!this.#wasUnsent(error) || context.expectStartedAt !== undefined) throw error;
      return await this.#requestOnce(request, context);
    } finally {
      this.#requests -= 1;
    }
  }

  /** @throws UpstreamError */
  async list(signal: AbortSignal | undefined, caller: CallerSide | undefined): Promise<ServerListing> {
    if (this.#owner && caller) this.#owner.heard(caller);
    this.#errands += 1;
    try {
      return await this.#listOnce(signal, caller);
    } catch (error) {
      if (!this.#wasUnsent(error)) throw error;
      return await this.#listOnce(signal, caller);
    } finally {
      // Being listed is no use: a server that announces changes for ever would never sleep.
      this.#errands -= 1;
    }
  }

  /**
   * Follows a resource until disposed; see `Upstreams.watchResource`.
   * @throws UpstreamError
   */
  async watch(
    uri: string,
    watcher: { readonly onUpdated: (params: WrittenJson) => void; readonly caller?: CallerSide | undefined },
    signal: AbortSignal,
  ): Promise<Disposable> {
    // Counted before the start, so that what the server says right after it subscribed us is passed on.
    const watch = this.#watches.add(uri, watcher.onUpdated);
    try {
      await this.#following(uri, signal, watcher.caller).catch((error: unknown) => {
        if (!this.#wasUnsent(error)) throw error;
        return this.#following(uri, signal, watcher.caller);
      });
      return watch;
    } catch (error) {
      watch[Symbol.dispose]();
      throw error;
    }
  }

  /** Tells a server of the legacy era that the roots of its app are different now; later eras ask when they need them. */
  rootsChanged(): void {
    const running = this.#running;
    if (running?.session.era === 'legacy') running.connection.notify('notifications/roots/list_changed');
  }

  /** The idle time is another one from now on. */
  rearm(): void {
    if (this.#running) this.#idle.arm();
  }

  /** Ends the process and its requests. The next use starts it again; followers of its resources wait for that. */
  async stop(): Promise<void> {
    const running = this.#running;
    const starting = this.#starting;
    this.#cancelRevival?.();
    this.#cancelRevival = undefined;
    starting?.abort.abort();
    if (running) this.#letGo(running, new LinkError('gone', 'it was stopped.', { notSent: false }));
    this.#listChanges.forget();
    this.#health.forgive();
    await starting?.result.catch(() => undefined);
    await this.#ended();
    if (running || starting) this.#options.log.note('Stopped.');
    // Somebody may have used it again while its end was awaited; that start has the word now.
    if (this.#running || this.#starting) return;
    this.#health.asleep();
  }

  /** Stops and starts it, forgetting earlier failures. Never throws; the status says how it went. */
  async restart(): Promise<void> {
    await this.stop();
    await this.#ready(undefined, undefined).catch(() => undefined);
  }

  /** Ends it for good: every later use is refused. */
  async retire(): Promise<void> {
    this.#isRetired = true;
    this.#watches.clear();
    await this.stop();
  }

  /** Ends every process without waiting; for the moment Gatehouse itself exits. */
  killNow(): void {
    for (const link of this.#links) link.killNow();
  }

  async #requestOnce(request: UpstreamRequest, context: UpstreamContext): Promise<UpstreamAnswer> {
    const arrivedAt = this.#now();
    const wasReady = this.#running !== undefined;
    const running = this.#running ?? (await this.#ready(context.signal, context.caller));
    if (context.expectStartedAt !== undefined && context.expectStartedAt !== running.startedAt) throw this.#replaced();
    const raised = running.logLevel?.want(context.logLevel);
    if (raised) await raised;
    const sentAt = wasReady && !raised ? arrivedAt : this.#now();
    this.#lastUsedAt = sentAt;
    const { value, json } = await this.#send(running, request.method, request, context);
    const doneAt = this.#now();
    this.#lastUsedAt = doneAt;
    return { result: value, resultJson: json, startMs: wasReady ? 0 : sentAt - arrivedAt, serverMs: doneAt - sentAt };
  }

  async #listOnce(signal: AbortSignal | undefined, caller: CallerSide | undefined): Promise<ServerListing> {
    const running = await this.#ready(signal, caller);
    const { connection, session } = running;
    return listEverything({
      connection,
      session,
      signal,
      now: () => this.#now(),
      note: (text) => this.#options.log.note(text),
    }).catch((error: unknown) => this.#unsent(running, error));
  }

  async #following(uri: string, signal: AbortSignal, caller: CallerSide | undefined): Promise<void> {
    await this.#ready(signal, caller);
    await this.#unlessAborted(this.#watches.following(uri), signal);
  }

  #send(running: LiveConnection, method: string, given: RpcParams, options: RpcOptions): Promise<WrittenJson> {
    return running.connection.request(method, given, options).catch((error: unknown) => this.#unsent(running, error));
  }

  /** Takes the consequences of a request that never left, so that the next attempt meets another connection. */
  async #unsent(running: LiveConnection, error: unknown): Promise<never> {
    const reason = error instanceof UpstreamError && error.notSent ? error.cause : undefined;
    if (reason instanceof LinkError) {
      // The protocol asks for a new session when the server lost ours.
      if (reason.kind === 'session_lost') this.#lost(running, reason);
      // An address that cannot be reached is left to the caller's patience.
      else if (reason.kind === 'gone' && running.link.pid !== null) await this.#untilOver(running);
      else throw error;
      if (this.#running !== running && error instanceof UpstreamError) this.#unsentErrors.add(error);
    }
    throw error;
  }

  #wasUnsent(error: unknown): boolean {
    return error instanceof UpstreamError && this.#unsentErrors.has(error);
  }

  /** A process that ended takes nothing more a moment before its end is reported. */
  async #untilOver(running: LiveConnection): Promise<void> {
    const waited = Promise.withResolvers<void>();
    const cancel = this.#options.timers.after(NOTICE_END_MS, waited.resolve);
    await Promise.race([running.over.promise, waited.promise]);
    cancel();
  }

  /** The connection, started when needed. The start goes on when one of its waiters leaves. */
  async #ready(signal: AbortSignal | undefined, caller: CallerSide | undefined): Promise<LiveConnection> {
    if (signal?.aborted) throw this.#cancelled();
    if (this.#isRetired) throw this.#down(`${this.name} may not run: it is not approved, disabled or was removed.`);
    if (this.config.disabled === true) throw this.#down(`${this.name} is disabled. Turn it on to use it.`);
    if (this.#running) return this.#running;
    if (!this.#starting) {
      const wait = this.#health.waitMs;
      if (wait > 0) {
        const seconds = Math.ceil(wait / 1000);
        throw this.#down(`${this.#health.problem ?? `${this.name} is failing.`} The next try is in ${seconds} s.`);
      }
      const abort = new AbortController();
      const result = this.#start(abort.signal, caller).finally(() => {
        this.#starting = undefined;
      });
      // Waiters get the failure; without any, the status has it.
      result.catch(() => undefined);
      this.#starting = { result, abort };
    }
    return this.#unlessAborted(this.#starting.result, signal);
  }

  async #unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    try {
      return await orAborted(work, signal);
    } catch (error) {
      if (signal?.aborted) throw this.#cancelled();
      throw error;
    }
  }

  async #start(signal: AbortSignal, caller: CallerSide | undefined): Promise<LiveConnection> {
    const { eras, log, timers } = this.#options;
    this.#cancelRevival?.();
    this.#cancelRevival = undefined;
    this.#health.starting();
    const opened = new Set<Link>();
    let connected: Connected | undefined;
    try {
      await this.#ended();
      const config = await this.#configFor(caller, signal);
      if (signal.aborted) throw this.#stoppedInStart();
      const knownEra = eras.known();
      let running: LiveConnection | undefined;
      connected = await connect({
        ...this.#options,
        config,
        knownEra,
        signal,
        asker: this.#owner,
        onLink: (link) => {
          opened.add(link);
          this.#links.add(link);
        },
        listener: {
          notification: (method, params) => this.#notified(running, method, params),
          closed: (reason) => running && this.#lost(running, reason),
        },
      });
      // The process identity that callers compare must differ even for two starts within one millisecond.
      this.#startedAt = Math.max(this.#now(), this.#startedAt + 1);
      if (signal.aborted || connected.connection.isClosed) {
        this.#end(connected, new LinkError('gone', 'it was stopped.', { notSent: false }));
        throw this.#stoppedInStart();
      }
      const { era, serverInfo, protocolVersion } = connected.session;
      const version = serverInfo?.version;
      eras.found({ era, version: typeof version === 'string' ? version : '', wasProbed: knownEra === undefined });
      running = liveFrom(connected, {
        name: this.name,
        startedAt: this.#startedAt,
        timers,
        note: (text) => log.note(text),
        send: (live, method, given, options) => this.#send(live, method, given, options),
        onGap: () => this.#listChanges.announced(),
      });
      this.#running = running;
      log.note(`Ready: MCP ${protocolVersion}.`);
      this.#health.ready();
      this.#watches.connect(running.channel);
      this.#idle.arm();
      return running;
    } catch (error) {
      if (error instanceof SilentServer) eras.wasSilent();
      if (!signal.aborted) {
        const how = error instanceof SignInRequired ? 'sign-in' : 'start';
        this.#health.failed(error instanceof Error ? error.message : String(error), how);
        this.#reviveSoon();
      }
      throw error;
    } finally {
      // Attempts that came to nothing were ended before this.
      for (const link of opened) if (link !== connected?.link) this.#links.delete(link);
    }
  }

  /** The config it runs with: in the folder its caller named, where that is wanted. */
  async #configFor(caller: CallerSide | undefined, signal: AbortSignal): Promise<ServerConfig> {
    const { folderOf, log } = this.#options;
    if (!folderOf) return this.config;
    if (caller) {
      this.#folder = await folderOf(caller, signal);
      log.note(this.#folder === null ? 'Its app names no folder to work in.' : `Works in ${this.#folder}.`);
    }
    return this.#folder === null ? this.config : { ...this.config, cwd: this.#folder };
  }

  /** The connection ended by itself. */
  #lost(running: LiveConnection, reason: LinkError): void {
    if (this.#running !== running) return;
    this.#letGo(running, reason);
    const how = reason.kind === 'too_large' ? 'our decision' : 'crash';
    if (reason.kind === 'session_lost') this.#health.asleep();
    else this.#health.failed(`${this.name} stopped: ${reason.message}`, how);
    this.#reviveSoon();
  }

  /** Nobody used it for a while. A use that comes now waits for its end and starts it anew. */
  #sleep(): void {
    const running = this.#running;
    if (!running) return;
    this.#letGo(running, new LinkError('gone', 'it was stopped, because nobody used it.', { notSent: false }));
    this.#options.log.note('Stopped, because nobody used it. It starts again on next use.');
    this.#health.asleep();
  }

  /** Somebody waits for news of its resources, which a server that does not run cannot give. */
  #reviveSoon(): void {
    if (this.#isRetired || this.#cancelRevival || !this.#watches.isWatching) return;
    const { timers, policy } = this.#options;
    this.#cancelRevival = timers.after(Math.max(policy.firstDelayMs, this.#health.waitMs), () => {
      this.#cancelRevival = undefined;
      if (!this.#watches.isWatching) return;
      this.#ready(undefined, undefined).catch(() => this.#reviveSoon());
    });
  }

  /** It no longer is the one that runs; its requests fail and its end begins. */
  #letGo(running: LiveConnection, reason: LinkError): void {
    this.#running = undefined;
    this.#idle.disarm();
    this.#watches.disconnect();
    this.#end(running, reason);
    running.over.resolve();
  }

  #end(connected: Connected, reason: LinkError): void {
    connected.connection.fail(reason);
    const ending = connected.link.close().finally(() => {
      this.#ending.delete(ending);
      this.#links.delete(connected.link);
    });
    this.#ending.add(ending);
  }

  #awaitFirst(after: Promise<void>): void {
    const ending = after.catch(() => undefined).finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
  }

  async #ended(): Promise<void> {
    await Promise.allSettled(this.#ending);
  }

  #notified(running: LiveConnection | undefined, method: string, params: WrittenJson): void {
    if (running?.channel.notified(method, params)) return;
    if (method === 'notifications/message') this.#options.log.add('stderr', logLineOf(params));
    else if (method === 'notifications/resources/updated') this.#watches.updated(params);
    else if (isListChange(method)) this.#listChanges.announced();
  }

  #now(): number {
    return this.#options.timers.now();
  }

  #down(message: string): UpstreamError {
    return new UpstreamError('server_down', message, { notSent: true });
  }

  #replaced(): UpstreamError {
    return this.#down(`${this.name} was restarted in between. Try again.`);
  }

  #stoppedInStart(): UpstreamError {
    return this.#down(`${this.name} was stopped while it was starting.`);
  }

  #cancelled(): UpstreamError {
    return new UpstreamError('cancelled', `The request to ${this.name} was cancelled.`, { notSent: true });
  }
}

function logLineOf({ value }: WrittenJson): string {
  const level = typeof value.level === 'string' ? value.level : 'info';
  const data = typeof value.data === 'string' ? value.data : JSON.stringify(value.data ?? null);
  return `[${level}] ${data}`;
}
