import { hash } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import { readOnlyLog, unavailableBecause } from './audit-unavailable.ts';

export type EntryKind = 'begin' | 'end' | 'note';

/** One row of the chain as it is stored. */
export interface Entry {
  readonly seq: number;
  readonly at: number;
  readonly kind: EntryKind;
  readonly callId: string | null;
  /** JSON of the facts that lists are made from. */
  readonly body: string;
  /** Trail and argument or result text; not needed for lists. */
  readonly payload: string;
  readonly prevHash: string;
  readonly hash: string;
}

/** What an entry says, before it has its place in the chain. */
export type EntryDraft = Pick<Entry, 'at' | 'kind' | 'callId' | 'body' | 'payload'>;

export interface ChainHead {
  readonly seq: number;
  readonly hash: string;
}

/** What the first entry is chained to. */
export const GENESIS = '0'.repeat(64);

/**
 * SHA-256 (hex) over everything in the entry and the hash before it. The header is JSON and the body's length is
 * given, so that no two different entries hash the same text. Written so that any language can check it.
 */
export function hashOf(entry: Omit<Entry, 'hash'>): string {
  const header = JSON.stringify([entry.seq, entry.at, entry.kind, entry.callId, entry.body.length]);
  return hash('sha256', `${entry.prevHash}\n${header}\n${entry.body}\n${entry.payload}`);
}

/** The append end of the log. */
export interface Chain {
  readonly head: ChainHead;
  /** What was wrong with the log's end when it was opened; null: nothing. */
  readonly damageAtOpen: string | null;
  /**
   * All of them in one transaction, or none: durable against a process kill when it returns. Throws `AuditUnavailable`.
   * @returns the number of the first; those of the others follow
   */
  append(...entries: readonly EntryDraft[]): number;
}

/** Opens the chain where it ends. Writes nothing. */
export function openChain(db: Database): Chain {
  const insert = db.prepare(
    'INSERT INTO entries (seq, at, kind, call_id, body, payload, prev_hash, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const { head: found, damage } = readHead(db);
  let head = found;
  const put = (entry: EntryDraft, before: ChainHead): ChainHead => {
    const seq = before.seq + 1;
    const { at, kind, callId } = entry;
    // SQLite stores UTF-8, which has no lone surrogates: what is hashed must be what can be read back.
    const body = entry.body.toWellFormed();
    const payload = entry.payload.toWellFormed();
    const hashed = hashOf({ seq, at, kind, callId, body, payload, prevHash: before.hash });
    insert.run(seq, at, kind, callId, body, payload, before.hash, hashed);
    return { seq, hash: hashed };
  };
  const putAll = db.transaction((entries: readonly EntryDraft[]): ChainHead => {
    let last = head;
    for (const entry of entries) last = put(entry, last);
    return last;
  });
  return {
    get head() {
      return head;
    },
    damageAtOpen: damage,
    append(...entries) {
      if (db.readonly) throw readOnlyLog();
      // A rollback of somebody's transaction would take the entry away after its author was told that it is durable.
      if (db.inTransaction) throw new Error('The call log must not be written inside a transaction.');
      const first = head.seq + 1;
      const [only] = entries;
      try {
        // One statement is a transaction of its own.
        head = entries.length === 1 && only ? put(only, head) : putAll.immediate(entries);
      } catch (error) {
        throw unavailableBecause(error);
      }
      return first;
    },
  };
}

/** The recorded end of the chain, which an append moves in the same statement. */
export function readHead(db: Database): { head: ChainHead; damage: string | null } {
  const kept = db.prepare<[], ChainHead>('SELECT seq, hash FROM log_head WHERE one = 1').get();
  const last = db.prepare<[], ChainHead>('SELECT seq, hash FROM entries ORDER BY seq DESC LIMIT 1').get();
  if (!kept) {
    return { head: last ?? { seq: 0, hash: GENESIS }, damage: 'The record of where the log ends was removed.' };
  }
  const end = last ?? { seq: 0, hash: GENESIS };
  if (kept.seq === end.seq && kept.hash === end.hash) return { head: kept, damage: null };
  if (kept.seq > end.seq) {
    // Going on from the recorded end leaves the gap visible for good.
    return { head: kept, damage: `The log ends at entry ${end.seq}, but entry ${kept.seq} was written.` };
  }
  return { head: end, damage: `The log ends at entry ${end.seq}, but Gatehouse wrote only up to ${kept.seq}.` };
}
