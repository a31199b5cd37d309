import type { InstanceKey, UpstreamStatus } from '../upstreams/index.ts';

interface Listed<T> {
  readonly server: string;
  readonly instance: InstanceKey;
  /** `startedAt` of the process it was last listed on; null when that does not count any more. */
  startedAt: number | null;
  /** How often it said that its lists changed. A listing that began before the last time is out of date. */
  announcements: number;
  underWay: Promise<T> | undefined;
}

/** Above this many entries, those of processes that are no more are dropped. */
const MANY = 64;

/** Which processes have been listed since they started and since they last said that something changed. */
export class ListedProcesses<T> {
  readonly #statusOf: (server: string, instance: InstanceKey) => UpstreamStatus | undefined;
  /** By server; a process of its own for an app or session adds its key. */
  readonly #byProcess = new Map<string, Listed<T>>();

  constructor(statusOf: (server: string, instance: InstanceKey) => UpstreamStatus | undefined) {
    this.#statusOf = statusOf;
  }

  /** True when the process that runs now is the one that was listed. */
  isCurrent(server: string, instance: InstanceKey): boolean {
    const listed = this.#byProcess.get(keyOf(server, instance));
    if (!listed || listed.startedAt === null) return false;
    const status = this.#statusOf(server, instance);
    return status?.health === 'ready' && status.startedAt === listed.startedAt;
  }

  announcements(server: string, instance: InstanceKey): number {
    return this.#byProcess.get(keyOf(server, instance))?.announcements ?? 0;
  }

  /** The listing under way, or a new one; when it succeeds its process counts as listed. */
  share(server: string, instance: InstanceKey, list: () => Promise<T>): Promise<T> {
    const listed = this.#at(server, instance);
    if (listed.underWay) return listed.underWay;
    const heard = listed.announcements;
    const work = (async () => {
      try {
        const result = await list();
        const startedAt = this.#statusOf(server, instance)?.startedAt;
        if (startedAt != null && listed.announcements === heard) listed.startedAt = startedAt;
        return result;
      } finally {
        listed.underWay = undefined;
      }
    })();
    listed.underWay = work;
    return work;
  }

  /** It said that its lists changed. Gives the listing that began before that. */
  outdate(server: string, instance: InstanceKey): Promise<T> | undefined {
    const listed = this.#at(server, instance);
    listed.announcements += 1;
    listed.startedAt = null;
    return listed.underWay;
  }

  /** Forgets a server with all its processes. */
  forget(server: string): void {
    for (const [key, listed] of this.#byProcess) if (listed.server === server) this.#byProcess.delete(key);
  }

  #at(server: string, instance: InstanceKey): Listed<T> {
    const key = keyOf(server, instance);
    const existing = this.#byProcess.get(key);
    if (existing) return existing;
    if (this.#byProcess.size >= MANY) this.#dropEnded();
    const listed: Listed<T> = { server, instance, startedAt: null, announcements: 0, underWay: undefined };
    this.#byProcess.set(key, listed);
    return listed;
  }

  #dropEnded(): void {
    for (const [key, { server, instance, underWay }] of this.#byProcess) {
      if (instance !== '' && !underWay && !this.#statusOf(server, instance)) this.#byProcess.delete(key);
    }
  }
}

/** Names of servers hold no line break. */
function keyOf(server: string, instance: InstanceKey): string {
  return instance === '' ? server : `${server}\n${instance}`;
}
