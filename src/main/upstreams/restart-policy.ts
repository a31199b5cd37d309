/** When a server that keeps failing is tried again. */
export interface RestartPolicy {
  /** Failures longer ago than this no longer count, in milliseconds. */
  readonly windowMs: number;
  /** Wait after the second failure in the window; doubles with each further one. */
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
}

export const RESTART_POLICY: RestartPolicy = { windowMs: 300_000, firstDelayMs: 1_000, maxDelayMs: 60_000 };

/**
 * Milliseconds to wait before the next attempt, given the failures within the window, the last one included. The first
 * failure costs nothing: one restart at once repairs most things.
 * @param random a number in [0, 1) that spreads servers which failed together
 */
export function retryDelay(failures: number, policy: RestartPolicy, random: number): number {
  if (failures <= 1) return 0;
  const full = Math.min(policy.maxDelayMs, policy.firstDelayMs * 2 ** Math.min(failures - 2, 30));
  return Math.round(full * (0.75 + random * 0.25));
}
