/** Tells the person that something waits for them: once per decision, one digest for tools, nothing for success. */
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

/** Servers list their tools one after the other; a digest waits this long for the last of them. */
const digestDelayMs = 4000;

function waitingTools(server: ServerSummary): number {
  return server.tools.pending + server.tools.changed;
}

/** The digest for what newly waits: counts of tools per server that were not there before. */
export function digestOf(fresh: ReadonlyMap<string, number>): Notice | undefined {
  const tools = [...fresh.values()].reduce((sum, count) => sum + count, 0);
  if (tools === 0) return undefined;
  const servers = [...fresh].filter(([, count]) => count > 0);
  const what = tools === 1 ? '1 tool' : `${tools} tools`;
  const from = servers.length === 1 ? servers[0]?.[0] : `${servers.length} servers`;
  return {
    title: `${what} from ${from}`,
    body: 'Held until you review them. Apps cannot see or call them.',
    route: '/approvals',
  };
}

/** Follows the app's events and shows notices. Hand every event to `take`. */
export class Notifier implements Disposable {
  readonly #parts: NotifierParts;
  readonly #announced = new Set<string>();
  readonly #known = new Map<string, number>();
  readonly #fresh = new Map<string, number>();
  #timer: { cancel(): void } | undefined;

  /** `servers`: as they are at start; what waits already then is not announced. */
  constructor(parts: NotifierParts, servers: readonly ServerSummary[]) {
    this.#parts = parts;
    for (const server of servers) this.#known.set(server.name, waitingTools(server));
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
    const now = waitingTools(server);
    const more = now - (this.#known.get(server.name) ?? 0);
    this.#known.set(server.name, now);
    // Reviewed before the digest was shown: it has nothing to say about them any more.
    const fresh = Math.max(0, (this.#fresh.get(server.name) ?? 0) + more);
    this.#fresh.set(server.name, fresh);
    if (more > 0) this.#timer ??= this.#parts.setTimer(() => this.#showDigest(), digestDelayMs);
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
