/** What was sent and how it ended, to be held against the log. Pure. */

/** How a call's sender behaved: waited for the answer, or went away before it. */
export type Leaving = 'stays' | 'cancels' | 'aborts' | 'aborts-early' | 'session-deleted';

export interface SentCall {
  /** Names caller and number; it is in the arguments of the call and nowhere else. */
  readonly mark: string;
  readonly server: string;
  readonly leaving: Leaving;
  /** False when the connection was cut so early that the gateway may not have seen the call. */
  readonly surelyArrived: boolean;
}

/** The fields of an exported log entry that are looked at. */
export interface LoggedCall {
  readonly status: string;
  readonly argumentsJson: string;
  readonly code: string | null;
}

export interface LedgerReport {
  readonly sent: number;
  readonly recorded: number;
  /** Cut off before the gateway saw them, as far as the log tells. */
  readonly neverArrived: number;
  readonly byStatus: Readonly<Record<string, number>>;
  readonly problems: readonly string[];
}

const markPattern = /soak-[a-z0-9-]+#\d+/;

export const markOf = (caller: string, number: number): string => `soak-${caller}#${number}`;

/** Every call that arrived has one record and it is closed; no record is without its call. */
export function compareWithLog(sent: readonly SentCall[], logged: readonly LoggedCall[]): LedgerReport {
  const records = new Map<string, number>();
  const byStatus: Record<string, number> = {};
  const problems: string[] = [];
  for (const { status, argumentsJson } of logged) {
    const mark = markPattern.exec(argumentsJson)?.[0];
    if (mark === undefined) continue;
    records.set(mark, (records.get(mark) ?? 0) + 1);
    byStatus[status] = (byStatus[status] ?? 0) + 1;
    if (status === 'running') problems.push(`${mark} is still recorded as running.`);
    if (status === 'interrupted') problems.push(`${mark} is recorded as interrupted, and Gatehouse never was.`);
  }
  let neverArrived = 0;
  for (const { mark, surelyArrived, leaving } of sent) {
    const count = records.get(mark) ?? 0;
    records.delete(mark);
    if (count > 1) problems.push(`${mark} was sent once and is recorded ${count} times.`);
    if (count === 0 && surelyArrived) problems.push(`${mark} (${leaving}) reached the gateway and is not recorded.`);
    if (count === 0) neverArrived += 1;
  }
  for (const mark of records.keys()) problems.push(`${mark} is recorded and was never sent.`);
  return { sent: sent.length, recorded: sent.length - neverArrived, neverArrived, byStatus, problems };
}
