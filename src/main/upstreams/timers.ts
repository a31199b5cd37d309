/** Time as this room sees it; tests pass their own. */
export interface Timers {
  /** Milliseconds since epoch. */
  now(): number;
  /** Runs once after `ms` milliseconds unless the returned function is called before. */
  after(ms: number, run: () => void): () => void;
}

/** The computer's own time. */
export function systemTimers(clock: () => number): Timers {
  return {
    now: clock,
    after(ms, run) {
      const handle = setTimeout(run, ms);
      return () => clearTimeout(handle);
    },
  };
}
