/** When servers were killed or forgot their sessions, so that only failures this explains are excused. */
interface Window {
  readonly from: number;
  /** The first success of a call that began after the disturbance; until then it lasts. */
  until: number;
}

export class Disturbances {
  readonly #windows = new Map<string, Window[]>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  note(server: string, at: number): void {
    this.#count += 1;
    const windows = this.#windows.get(server) ?? [];
    windows.push({ from: at, until: Number.POSITIVE_INFINITY });
    this.#windows.set(server, windows);
  }

  /** A call that began at `startedAt` was answered well at `endedAt`. */
  noteSuccess(server: string, startedAt: number, endedAt: number): void {
    for (const window of this.#windows.get(server) ?? []) {
      if (window.from < startedAt) window.until = Math.min(window.until, endedAt);
    }
  }

  /** True when a call of that time may have failed because of a disturbance. */
  explain(server: string, startedAt: number, endedAt: number): boolean {
    return (this.#windows.get(server) ?? []).some(({ from, until }) => startedAt <= until && endedAt >= from);
  }
}
