/** Entry of the audit room: the call log. Records are begun before a call leaves and completed after. */
import type {
  CallDetail,
  CallFilter,
  CallStatus,
  CallSummary,
  LogVerification,
  TrailStep,
} from '@shared/contract/index.ts';
import type { Effect, Era, RefusalCode } from '@shared/words.ts';
import type { AuditUnavailable } from './audit-unavailable.ts';

export { type AuditLogOptions, createAuditLog } from './audit-log.ts';
export { AuditUnavailable } from './audit-unavailable.ts';

export interface CallBegin {
  readonly id: string;
  /** Milliseconds since epoch. */
  readonly at: number;
  readonly app: string | null;
  readonly sessionId: string | null;
  readonly client: string | null;
  readonly era: Era | null;
  readonly method: string;
  readonly server: string | null;
  readonly tool: string | null;
  readonly effect: Effect | null;
  readonly fingerprint: string | null;
  /** Decision trail up to now; the call leaves (or is refused) right after this record is written. */
  readonly trail: readonly TrailStep[];
  /** JSON text of the arguments as received. */
  readonly argumentsJson: string;
}

export interface CallEnd {
  readonly at: number;
  readonly status: Exclude<CallStatus, 'running' | 'interrupted'>;
  readonly code: RefusalCode | null;
  /** The sentence the agent received, for refusals and failures. */
  readonly refusal: string | null;
  /** JSON text of the result as it went to the app; null when there was none. */
  readonly resultJson: string | null;
  /** Size of the whole result in bytes when the caller shortened it; null: resultJson is all of it. */
  readonly resultBytes: number | null;
  readonly timing: CallDetail['timing'];
  /** Steps added after `begin`. */
  readonly trail: readonly TrailStep[];
}

/** Something other than a call that belongs in the log: an approval, a pause, a token issued. */
export interface AdminEntry {
  readonly at: number;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

export interface CallPage {
  readonly calls: CallSummary[];
  readonly nextBefore: number | null;
}

export interface AuditLog extends Disposable {
  /** Durable against a process kill when it returns. */
  begin(call: CallBegin): CallSummary;
  /** Durable against a process kill when it returns. */
  end(id: string, end: CallEnd): CallSummary;
  /**
   * As `begin`, in one transaction with the other calls of this turn of the event loop. Durable against a process kill when
   * it resolves; only then may the call leave. Rejects with `AuditUnavailable`.
   */
  beginShared(call: CallBegin): Promise<void>;
  /**
   * As `end`, within 10 ms: it shares the transaction of the next call that begins. A kill in between leaves the call as
   * one that was interrupted. Rejects with `AuditUnavailable`.
   */
  endShared(id: string, end: CallEnd): Promise<void>;
  /**
   * Records an act. One that opens something is recorded first and does not happen when this throws; one that `happened`
   * already (a pause, a block) is kept on a full disk and recorded as soon as there is space, without an error.
   */
  note(entry: AdminEntry, options?: { happened?: boolean }): void;
  list(filter: CallFilter & { before?: number; limit?: number }): CallPage;
  counts(filter: Omit<CallFilter, 'kind'>): {
    all: number;
    changes: number;
    refused: number;
    failed: number;
    running: number;
  };
  histogram(
    filter: CallFilter & { since: number; until: number; buckets: number },
  ): { at: number; passed: number; asked: number; refused: number }[];
  get(id: string): CallDetail | undefined;
  /** Oldest first; `after` is a seq cursor. */
  export(filter: CallFilter & { after?: number; limit?: number }): { calls: CallDetail[]; nextAfter: number | null };
  /** Walks the whole chain; yields to the event loop in between. */
  verify(signal?: AbortSignal): Promise<LogVerification>;
  /** Entries in the chain and the state of the last verification. */
  state(): { entries: number; intact: boolean | null; checkedAt: number | null };
  /** What keeps entries out of the log at the moment, e.g. a full disk; null: nothing. A read-only database is not told here. */
  unavailable(): AuditUnavailable | null;
  /** `unavailable` became something or nothing. */
  onAvailability(listener: () => void): Disposable;
  /** Calls per server and app since a time, for summaries. */
  usage(since: number): { servers: Map<string, number>; apps: Map<string, { calls: number; refused: number }> };
  /** A call began or ended. */
  onCall(listener: (call: CallSummary) => void): Disposable;
}
