/** One begun record in the call log, waiting for its end. */
import type { AuditLog, CallEnd } from '../audit/index.ts';

export interface RecordRooms {
  readonly audit: Pick<AuditLog, 'end'>;
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
  /** The name the agent used. */
  readonly name: string;

  constructor(rooms: RecordRooms, id: string, name: string) {
    this.#rooms = rooms;
    this.id = id;
    this.name = name;
  }

  /** Completes the record. A failure is reported and leaves the record open: the call did happen, and its answer stands. */
  end(end: RecordEnd): void {
    const { audit, clock, log } = this.#rooms;
    const { resultJson, resultBytes = resultJson === null ? null : Buffer.byteLength(resultJson), timing = null } = end;
    try {
      audit.end(this.id, { ...end, at: clock(), resultBytes, timing });
    } catch (error) {
      log.error({ error, call: this.id }, 'The end of a call could not be recorded');
    }
  }
}
