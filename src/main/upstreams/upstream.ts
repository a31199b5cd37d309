import type { ServerConfig } from '@shared/contract/index.ts';
import type { Era, ServerHealth } from '@shared/words.ts';
import type { ServerListing } from '../approvals/index.ts';
import { type Connected, type ConnectSurroundings, connect, SilentServer } from './connect.ts';
import type { JsonObject } from './json-rpc.ts';
import { type Link, LinkError } from './link.ts';
import { followListChanges, isListChange, ListChanges } from './list-changes.ts';
import { listEverything } from './listing.ts';
import type { LogRing } from './log-ring.ts';
import { type RestartPolicy, retryDelay } from './restart-policy.ts';
import type { UpstreamAnswer, UpstreamContext, UpstreamRequest, UpstreamStatus } from './types.ts';
import { UpstreamError } from './upstream-error.ts';

export interface UpstreamOptions extends ConnectSurroundings {
  readonly name: string;
  readonly config: ServerConfig;
  readonly log: LogRing;
  readonly policy: RestartPolicy;
  readonly random: () => number;
  /** What is known about the era of this launch, and where a finding is kept. */
  readonly eras: { known(): Era | undefined; found(era: Era): void; suspectLegacy(): void };
  /** Something of the status other than its counters changed. */
  readonly onStatus: (status: UpstreamStatus) => void;
  readonly onListChanged: () => void;
}

interface Running extends Connected {
  readonly startedAt: number;
}

/** One server that may run: started at first use, restarted after failures with growing patience, ended completely. */
export class Upstream {
  readonly name: string;
  readonly config: ServerConfig;
  readonly #options: UpstreamOptions;
  #running: Running | undefined;
  #starting: { readonly result: Promise<Running>; readonly abort: AbortController } | undefined;
  /** Links that are being ended; a new process waits for them, so that two never run at once. */
  readonly #ending = new Set<Promise<void>>();
  readonly #links = new Set<Link>();
  #health: ServerHealth;
  #problem: string | null = null;
  #failures: number[] = [];
  #nextRetryAt: number | null = null;
  #restarts = 0;
  #startedAt = 0;
  #lastUsedAt: number | null = null;
  #requests = 0;
  readonly #listChanges: ListChanges;
  #isRetired = false;

  constructor(options: UpstreamOptions) {
    this.#options = options;
    this.name = options.name;
    this.config = options.config;
    this.#listChanges = new ListChanges(options.timers, options.onListChanged);
    this.#health = options.config.disabled === true ? 'disabled' : 'asleep';
  }

  status(): UpstreamStatus {
    return {
      name: this.name,
      health: this.#health,
      problem: this.#problem,
      pid: this.#running?.link.pid ?? null,
      startedAt: this.#running?.startedAt ?? null,
      lastUsedAt: this.#lastUsedAt,
      restarts: this.#restarts,
      nextRetryAt: this.#nextRetryAt,
      running: this.#requests,
    };
  }

  /** @throws UpstreamError */
  async request(request: UpstreamRequest, context: UpstreamContext): Promise<UpstreamAnswer> {
    this.#requests += 1;
    try {
      return await this.#requestOnce(request, context);
    } catch (error) {
      // The protocol asks for a new session when the server lost ours; the request was surely not run.
      if (!sessionLost(error) || context.expectStartedAt !== undefined) throw error;
      return await this.#requestOnce(request, context);
    } finally {
      this.#requests -= 1;
    }
  }

  /** @throws UpstreamError */
  async list(signal?: AbortSignal): Promise<ServerListing> {
    const { connection, session } = await this.#ready(signal);
    this.#lastUsedAt = this.#now();
    return listEverything({
      connection,
      session,
      signal,
      now: () => this.#now(),
      note: (text) => this.#options.log.note(text),
    });
  }

  /** Ends the process and its requests. The next use starts it again. */
  async stop(): Promise<void> {
    const running = this.#running;
    const starting = this.#starting;
    this.#running = undefined;
    starting?.abort.abort();
    if (running) this.#end(running, new LinkError('gone', 'it was stopped.', { notSent: false }));
    this.#listChanges.forget();
    this.#forgive();
    await starting?.result.catch(() => undefined);
    await this.#ended();
    if (running || starting) this.#options.log.note('Stopped.');
    // Somebody may have used it again while its end was awaited; that start has the word now.
    if (this.#running || this.#starting) return;
    this.#set(this.config.disabled === true ? 'disabled' : 'asleep', null);
  }

  /** Stops and starts it, forgetting earlier failures. Never throws; the status says how it went. */
  async restart(): Promise<void> {
    await this.stop();
    await this.#ready(undefined).catch(() => undefined);
  }

  /** Ends it for good: every later use is refused. */
  async retire(): Promise<void> {
    this.#isRetired = true;
    await this.stop();
  }

  /** Ends every process without waiting; for the moment Gatehouse itself exits. */
  killNow(): void {
    for (const link of this.#links) link.killNow();
  }

  async #requestOnce(request: UpstreamRequest, context: UpstreamContext): Promise<UpstreamAnswer> {
    const arrivedAt = this.#now();
    const wasReady = this.#running !== undefined;
    const running = this.#running ?? (await this.#ready(context.signal));
    if (context.expectStartedAt !== undefined && context.expectStartedAt !== running.startedAt) {
      throw new UpstreamError('server_down', `${this.name} was restarted in between. Try again.`, { notSent: true });
    }
    const sentAt = this.#now();
    this.#lastUsedAt = sentAt;
    const result = await running.connection.request(request.method, request.params, context).catch((error: unknown) => {
      const lost = sessionLost(error);
      if (lost && this.#running === running) this.#lost(lost);
      throw error;
    });
    return { result, startMs: wasReady ? 0 : sentAt - arrivedAt, serverMs: this.#now() - sentAt };
  }

  /** The connection, started when needed. The start goes on when one of its waiters leaves. */
  async #ready(signal: AbortSignal | undefined): Promise<Running> {
    if (signal?.aborted) throw this.#cancelled();
    if (this.#isRetired) throw this.#down(`${this.name} may not run: it is not approved, disabled or was removed.`);
    if (this.config.disabled === true) throw this.#down(`${this.name} is disabled. Turn it on to use it.`);
    if (this.#running) return this.#running;
    if (!this.#starting) {
      const wait = (this.#nextRetryAt ?? 0) - this.#now();
      // A longer wait than the policy gives means that the clock was set back.
      if (wait > 0 && wait <= this.#options.policy.maxDelayMs) {
        const seconds = Math.ceil(wait / 1000);
        throw this.#down(`${this.#problem ?? `${this.name} is failing.`} The next try is in ${seconds} s.`);
      }
      const abort = new AbortController();
      const result = this.#start(abort.signal).finally(() => {
        this.#starting = undefined;
      });
      // Waiters get the failure; without any, the status has it.
      result.catch(() => undefined);
      this.#starting = { result, abort };
    }
    return this.#unlessAborted(this.#starting.result, signal);
  }

  async #unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    if (!signal) return work;
    let onAbort: (() => void) | undefined;
    const aborted = new Promise<never>((_, reject) => {
      onAbort = () => reject(this.#cancelled());
      signal.addEventListener('abort', onAbort, { once: true });
    });
    try {
      return await Promise.race([work, aborted]);
    } finally {
      if (onAbort) signal.removeEventListener('abort', onAbort);
    }
  }

  async #start(signal: AbortSignal): Promise<Running> {
    const { eras, log } = this.#options;
    this.#set('starting', this.#problem);
    try {
      await this.#ended();
      const connected = await connect({
        ...this.#options,
        knownEra: eras.known(),
        signal,
        onLink: (link) => this.#links.add(link),
        listener: {
          notification: (method, params) => this.#notified(method, params),
          closed: (reason) => this.#lost(reason),
        },
      });
      // The process identity that callers compare must differ even for two starts within one millisecond.
      this.#startedAt = Math.max(this.#now(), this.#startedAt + 1);
      const running: Running = { ...connected, startedAt: this.#startedAt };
      if (signal.aborted || connected.connection.isClosed) {
        this.#end(running, new LinkError('gone', 'it was stopped.', { notSent: false }));
        throw this.#down(`${this.name} was stopped while it was starting.`);
      }
      eras.found(connected.session.era);
      if (this.#failures.length > 0) this.#restarts += 1;
      this.#running = running;
      this.#nextRetryAt = null;
      log.note(`Ready: MCP ${connected.session.protocolVersion}.`);
      this.#set('ready', null);
      followListChanges(connected, this.#options.timers);
      return running;
    } catch (error) {
      this.#links.clear();
      if (error instanceof SilentServer) eras.suspectLegacy();
      if (!signal.aborted) this.#failed(error instanceof Error ? error.message : String(error), 'start');
      throw error;
    }
  }

  /** The connection ended by itself. */
  #lost(reason: LinkError): void {
    const running = this.#running;
    if (!running) return;
    this.#running = undefined;
    this.#end(running, reason);
    if (reason.kind === 'session_lost') {
      this.#set('asleep', null);
      return;
    }
    this.#failed(`${this.name} stopped: ${reason.message}`, reason.kind === 'too_large' ? 'our decision' : 'crash');
  }

  #failed(problem: string, how: 'start' | 'crash' | 'our decision'): void {
    const { policy, random, log } = this.#options;
    log.note(problem);
    if (how === 'our decision') {
      this.#set('asleep', `${problem} It starts again on next use.`);
      return;
    }
    const now = this.#now();
    this.#failures = [...this.#failures.filter((at) => at > now - policy.windowMs), now];
    const wait = retryDelay(this.#failures.length, policy, random());
    this.#nextRetryAt = wait > 0 ? now + wait : null;
    const minutes = Math.round(policy.windowMs / 60_000);
    if (wait > 0) {
      const count = `That was failure ${this.#failures.length} within ${minutes} minutes.`;
      this.#set('failing', `${problem} ${count} Look at its log; restarting it tries at once.`);
    } else if (how === 'start') {
      this.#set('failing', problem);
    } else {
      // One crash is repaired by the next use; it is worth a word, not an alarm.
      this.#set('asleep', `${problem} It starts again on next use.`);
    }
  }

  #forgive(): void {
    this.#failures = [];
    this.#nextRetryAt = null;
  }

  #end(running: Connected, reason: LinkError): void {
    running.connection.fail(reason);
    const ending = running.link.close().finally(() => {
      this.#ending.delete(ending);
      this.#links.delete(running.link);
    });
    this.#ending.add(ending);
  }

  async #ended(): Promise<void> {
    await Promise.allSettled(this.#ending);
  }

  #notified(method: string, params: JsonObject): void {
    if (method === 'notifications/message') {
      this.#options.log.add('stderr', logLineOf(params));
      return;
    }
    if (isListChange(method)) this.#listChanges.announced();
  }

  #set(health: ServerHealth, problem: string | null): void {
    this.#health = health;
    this.#problem = problem;
    this.#options.onStatus(this.status());
  }

  #now(): number {
    return this.#options.timers.now();
  }

  #down(message: string): UpstreamError {
    return new UpstreamError('server_down', message, { notSent: true });
  }

  #cancelled(): UpstreamError {
    return new UpstreamError('cancelled', `The request to ${this.name} was cancelled.`, { notSent: true });
  }
}

function sessionLost(error: unknown): LinkError | undefined {
  const cause = error instanceof UpstreamError ? error.cause : undefined;
  return cause instanceof LinkError && cause.kind === 'session_lost' && error instanceof UpstreamError && error.notSent
    ? cause
    : undefined;
}

function logLineOf(params: JsonObject): string {
  const level = typeof params.level === 'string' ? params.level : 'info';
  const data = typeof params.data === 'string' ? params.data : JSON.stringify(params.data ?? null);
  return `[${level}] ${data}`;
}
