/** Tells the person that something waits for them: once per decision, one digest for what is new or changed, nothing for success. */
import type { Confirmation, GatehouseEvent, ServerSummary } from '@shared/contract/index.ts';

export interface Notice {
  readonly title: string;
  readonly body: string;
  /** Where a click leads, a path of the renderer. */
  readonly route: string;
}

export interface NotifierParts {
  readonly show: (notice: Notice) => void;
  /** No notice while the person looks at the window: it shows the same. */
  readonly isWindowFocused: () => boolean;
  readonly setTimer: (run: () => void, delayMs: number) => { cancel(): void };
}

/** Servers list what they offer one after the other; a digest waits this long for the last of them. */
const digestDelayMs = 4000;

/** What waits of a server: how many in all, and how many of them are tools. */
export interface Waiting {
  readonly all: number;
  readonly tools: number;
}

const none: Waiting = { all: 0, tools: 0 };

function waitingOf({ waiting, tools }: ServerSummary): Waiting {
  return { all: waiting, tools: Math.min(waiting, tools.pending + tools.changed) };
}

/** The digest for what newly waits: counts per server that were not there before. */
export function digestOf(fresh: ReadonlyMap<string, Waiting>): Notice | undefined {
  const servers = [...fresh].filter(([, { all }]) => all > 0);
  const all = servers.reduce((sum, [, one]) => sum + one.all, 0);
  if (all === 0) return undefined;
  const isTools = servers.every(([, one]) => one.tools === one.all);
  const noun = isTools ? 'tool' : 'new or changed thing';
  const what = `${all} ${noun}${all === 1 ? '' : 's'}`;
  const from = servers.length === 1 ? servers[0]?.[0] : `${servers.length} servers`;
  return {
    title: `${what} from ${from}`,
    body: 'Held until you review them. Apps cannot see or use them.',
    route: '/approvals',
  };
}

/** Follows the app's events and shows notices. Hand every event to `take`. */
export class Notifier implements Disposable {
  readonly #parts: NotifierParts;
  readonly #announced = new Set<string>();
  readonly #known = new Map<string, Waiting>();
  readonly #fresh = new Map<string, Waiting>();
  #timer: { cancel(): void } | undefined;

  /** `servers`: as they are at start; what waits already then is not announced. */
  constructor(parts: NotifierParts, servers: readonly ServerSummary[]) {
    this.#parts = parts;
    for (const server of servers) this.#known.set(server.name, waitingOf(server));
  }

  take(event: GatehouseEvent): void {
    if (event.type === 'confirmation') this.#announce(event.confirmation);
    else if (event.type === 'server') this.#count(event.server);
    else if (event.type === 'server-removed') this.#forget(event.name);
  }

  #announce(confirmation: Confirmation): void {
    if (confirmation.state !== 'waiting') {
      this.#announced.delete(confirmation.id);
      return;
    }
    if (this.#announced.has(confirmation.id)) return;
    this.#announced.add(confirmation.id);
    if (this.#parts.isWindowFocused()) return;
    this.#parts.show({ title: 'Gatehouse waits for you', body: confirmation.summary, route: '/' });
  }

  #count(server: ServerSummary): void {
    const now = waitingOf(server);
    const known = this.#known.get(server.name) ?? none;
    const fresh = this.#fresh.get(server.name) ?? none;
    this.#known.set(server.name, now);
    // Reviewed before the digest was shown: it has nothing to say about them any more.
    const all = Math.max(0, fresh.all + now.all - known.all);
    const tools = Math.min(all, Math.max(0, fresh.tools + now.tools - known.tools));
    this.#fresh.set(server.name, { all, tools });
    if (now.all > known.all) this.#timer ??= this.#parts.setTimer(() => this.#showDigest(), digestDelayMs);
  }

  #forget(name: string): void {
    this.#known.delete(name);
    this.#fresh.delete(name);
  }

  #showDigest(): void {
    this.#timer = undefined;
    const notice = digestOf(this.#fresh);
    this.#fresh.clear();
    if (notice && !this.#parts.isWindowFocused()) this.#parts.show(notice);
  }

  [Symbol.dispose](): void {
    this.#timer?.cancel();
  }
}
