/** One begun record in the call log, waiting for its end. */
import type { ToolRecord } from '../approvals/index.ts';
import type { AuditLog, CallEnd } from '../audit/index.ts';
import { type Decision, shortName } from '../policy/index.ts';
import type { Caller } from './call.ts';
import type { Errand } from './errand.ts';

export interface RecordRooms {
  readonly audit: Pick<AuditLog, 'beginShared' | 'endShared'>;
  /** Milliseconds since epoch. */
  readonly clock: () => number;
  readonly log: { error(facts: object, message: string): void };
}

/** What the end of a call needs besides what the record knows; sizes and timing may be left out. */
export type RecordEnd = Omit<CallEnd, 'at' | 'resultBytes' | 'timing'> &
  Partial<Pick<CallEnd, 'resultBytes' | 'timing'>>;

export class OpenRecord {
  readonly #rooms: RecordRooms;
  readonly id: string;

  constructor(rooms: RecordRooms, id: string) {
    this.#rooms = rooms;
    this.id = id;
  }

  /** Completes the record. A failure is reported and leaves the record open: the call did happen, and its answer stands. */
  end(end: RecordEnd): void {
    const { audit, clock, log } = this.#rooms;
    const { status, code, refusal, resultJson, trail, resultBytes = null, timing = null } = end;
    const whole: CallEnd = { at: clock(), status, code, refusal, resultJson, resultBytes, timing, trail };
    audit.endShared(this.id, whole).catch((error: unknown) => {
      log.error({ error, call: this.id }, 'The end of a call could not be recorded');
    });
  }
}

export interface RecordFacts {
  readonly id: string;
  /** Milliseconds since epoch. */
  readonly at: number;
  readonly caller: Caller;
  readonly errand: Errand;
  readonly decision: Decision;
  /** The offer that is meant, allowed or not. */
  readonly offer: ToolRecord | undefined;
}

/** Begins the record and resolves when it is durable; undefined when it could not be written, and then nothing may leave. */
export async function beginRecord(rooms: RecordRooms, facts: RecordFacts): Promise<OpenRecord | undefined> {
  const { id, at, caller, errand, decision, offer } = facts;
  try {
    await rooms.audit.beginShared({
      id,
      at,
      app: caller.app.name,
      sessionId: caller.sessionId,
      client: caller.client,
      era: caller.era,
      method: errand.method,
      server: errand.logged.server,
      tool: shortName(errand.logged.name),
      effect: decision.verdict === 'pass' ? decision.effect : (offer?.effect ?? null),
      fingerprint: offer?.fingerprint ?? null,
      trail: decision.trail,
      argumentsJson: errand.argumentsJson,
    });
  } catch (error) {
    rooms.log.error({ error, call: id }, 'A call could not be recorded, so it was not made');
    return undefined;
  }
  return new OpenRecord(rooms, id);
}
