import type { ServerConfig } from '@shared/contract/index.ts';
import type { ServerHealth } from '@shared/words.ts';
import type { CallerSide, InstanceKey, UpstreamStatus } from './types.ts';
import type { Upstream } from './upstream.ts';
import { UpstreamError } from './upstream-error.ts';

/** Processes one server may have for single apps or sessions, beside the shared one. */
export const MAX_INSTANCES = 32;
export const SHARED: InstanceKey = '';

/** Best first: what is true of one process is true of the server. */
const HEALTH_RANK: readonly ServerHealth[] = ['ready', 'starting', 'failing', 'asleep', 'disabled'];

export interface InstancesOptions {
  readonly name: string;
  readonly config: ServerConfig;
  /** Makes the one for a key; `after`: what has to end before it may start; `onStatus`: its status may have changed. */
  readonly create: (instance: InstanceKey, after: Promise<void> | undefined, onStatus: () => void) => Upstream;
  /** Something of the server's status other than its counters changed. */
  readonly onStatus: (status: UpstreamStatus) => void;
}

/**
 * Whose process serves a caller, as a config says. A caller of the stateless revision has no session; under `session` it
 * shares with its app.
 */
export function instanceKeyOf(config: ServerConfig, caller: Pick<CallerSide, 'app' | 'session'>): InstanceKey {
  const mode = config.gatehouse?.instances ?? 'shared';
  if (mode === 'shared') return SHARED;
  return mode === 'session' && caller.session !== null ? `session:${caller.session}` : `app:${caller.app}`;
}

/** All processes of one server. Most have one; a server may instead have one for each app or session that uses it. */
export class Instances {
  readonly #options: InstancesOptions;
  readonly #byKey = new Map<InstanceKey, Upstream>();
  readonly #shared: Upstream;
  /** Those that are being ended for good. */
  readonly #retiring = new Set<Upstream>();
  #config: ServerConfig;
  #told: string;
  #isRetired = false;

  constructor(options: InstancesOptions) {
    this.#options = options;
    this.#config = options.config;
    this.#shared = options.create(SHARED, undefined, () => this.#statusChanged());
    this.#byKey.set(SHARED, this.#shared);
    this.#told = shownOf(this.status());
  }

  /** What it was made from, and what does not concern the launch as it is now. */
  get config(): ServerConfig {
    return this.#config;
  }

  /** Takes in a config of the same launch. */
  reconfigure(config: ServerConfig): void {
    this.#config = config;
    for (const upstream of this.#byKey.values()) upstream.rearm();
  }

  /** The one for a key, made when it is new. @throws UpstreamError when it may not be or there are too many */
  at(instance: InstanceKey): Upstream {
    if (instance === SHARED) return this.#shared;
    const existing = this.#byKey.get(instance);
    if (existing) return existing;
    const { name } = this.#options;
    if (this.#isRetired || !this.#takes(instance)) {
      throw down(`${name} was set up differently in between. Try again.`);
    }
    const after = this.#byKey.size > MAX_INSTANCES ? this.#makeRoom() : undefined;
    const upstream = this.#options.create(instance, after, () => this.#statusChanged());
    this.#byKey.set(instance, upstream);
    return upstream;
  }

  /** Of one of them; undefined when it never was used. */
  statusOf(instance: InstanceKey): UpstreamStatus | undefined {
    return this.#byKey.get(instance)?.status();
  }

  /** Of the server as a whole. */
  status(): UpstreamStatus {
    if (this.#byKey.size === 1) return this.#shared.status();
    return summaryOf([...this.#byKey.values()].map((upstream) => upstream.status()));
  }

  /** Ends the one of a session. */
  async endSession(session: string): Promise<void> {
    const instance = `session:${session}`;
    const upstream = this.#byKey.get(instance);
    if (upstream) await this.#retireOne(instance, upstream);
  }

  rootsChanged(session: string): void {
    this.#byKey.get(`session:${session}`)?.rootsChanged();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#byKey.values()].map((upstream) => upstream.stop()));
  }

  /** Those that run are started anew, and the shared one in any case: the person wants to see how it goes. */
  async restart(): Promise<void> {
    const work = [...this.#byKey.values()].map((upstream) =>
      upstream === this.#shared || upstream.isRunning ? upstream.restart() : upstream.stop(),
    );
    await Promise.all(work);
  }

  /** Ends them for good. */
  async retire(): Promise<void> {
    this.#isRetired = true;
    await Promise.all([...this.#byKey.values(), ...this.#retiring].map((upstream) => upstream.retire()));
  }

  killNow(): void {
    for (const upstream of [...this.#byKey.values(), ...this.#retiring]) upstream.killNow();
  }

  /** A key of another way to share would start a process that the config does not know of. */
  #takes(instance: InstanceKey): boolean {
    const mode = this.#config.gatehouse?.instances ?? 'shared';
    if (mode === 'shared') return false;
    return instance.startsWith('app:') || (mode === 'session' && instance.startsWith('session:'));
  }

  /** Ends the one nobody uses whose last use is longest ago; those that do not run go first. Resolves at its end. */
  #makeRoom(): Promise<void> {
    const idle = [...this.#byKey].filter(([key, upstream]) => key !== SHARED && !upstream.isBusy);
    idle.sort(([, a], [, b]) => Number(a.isRunning) - Number(b.isRunning) || a.lastUsedAt - b.lastUsedAt);
    const [oldest] = idle;
    if (oldest) return this.#retireOne(...oldest);
    throw down(
      `${this.#options.name} already works for ${MAX_INSTANCES} apps or sessions at once, which is the limit. Try again when one of them is done, or set "instances" to "shared".`,
    );
  }

  async #retireOne(instance: InstanceKey, upstream: Upstream): Promise<void> {
    this.#byKey.delete(instance);
    this.#retiring.add(upstream);
    try {
      await upstream.retire();
    } finally {
      this.#retiring.delete(upstream);
      this.#statusChanged();
    }
  }

  /** Tells each change once: what one process adds to the picture of the server may be nothing. */
  #statusChanged(): void {
    const status = this.status();
    const shown = shownOf(status);
    if (shown === this.#told) return;
    this.#told = shown;
    this.#options.onStatus(status);
  }
}

/** The parts of a status that are pushed; counters of calls change too often to be news. */
function shownOf({ health, problem, pid, startedAt, restarts, nextRetryAt, instances }: UpstreamStatus): string {
  return JSON.stringify([health, problem, pid, startedAt, restarts, nextRetryAt, instances]);
}

/** One status for several processes: the best health that is true of one, its process, and everybody's sums. */
export function summaryOf(statuses: readonly UpstreamStatus[]): UpstreamStatus {
  const [best, ...others] = [...statuses].sort((a, b) => HEALTH_RANK.indexOf(a.health) - HEALTH_RANK.indexOf(b.health));
  if (!best) throw new RangeError('A server has at least one process');
  const sum = (count: (status: UpstreamStatus) => number) => statuses.reduce((all, one) => all + count(one), 0);
  const times = statuses.flatMap(({ lastUsedAt }) => (lastUsedAt === null ? [] : [lastUsedAt]));
  return {
    ...best,
    problem: best.problem ?? others.find(({ problem }) => problem !== null)?.problem ?? null,
    lastUsedAt: times.length === 0 ? null : Math.max(...times),
    restarts: sum(({ restarts }) => restarts),
    running: sum(({ running }) => running),
    instances: sum(({ instances }) => instances),
  };
}

function down(message: string): UpstreamError {
  return new UpstreamError('server_down', message, { notSent: true });
}
