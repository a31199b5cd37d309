/** What a killed run left in the journal, held against the chain. */
import type { Database } from 'better-sqlite3';
import type { EntryDraft } from './chain.ts';

/** True when the newest entries are these, in this order. */
export function endsWith(db: Database, drafts: readonly EntryDraft[]): boolean {
  const last = db
    .prepare<[number], EntryDraft>(
      'SELECT at, kind, call_id AS callId, body, payload FROM entries ORDER BY seq DESC LIMIT ?',
    )
    .all(drafts.length)
    .reverse();
  const marks = (all: readonly EntryDraft[]) =>
    JSON.stringify(all.map(({ at, kind, callId, body }) => [at, kind, callId, body.toWellFormed()]));
  return marks(last) === marks(drafts);
}

/** Those that go on with the log: begins of calls it does not know, and ends of calls that are open. Others have no place in it. */
export function goingOn(db: Database, drafts: readonly EntryDraft[]): EntryDraft[] {
  // The list of calls, and what it has not taken in yet.
  const behind = 'SELECT 1 FROM entries WHERE seq > (SELECT seq FROM log_projection WHERE one = 1) AND call_id = @id';
  const known = `EXISTS (${behind} AND kind = 'begin') OR EXISTS (SELECT 1 FROM calls WHERE id = @id`;
  const isKnown = db.prepare<[{ id: string }]>(`SELECT 1 WHERE ${known})`);
  const isOpen = db.prepare<[{ id: string }]>(
    `SELECT 1 WHERE (${known} AND status = 'running')) AND NOT EXISTS (${behind} AND kind = 'end')`,
  );
  const begun = new Set<string>();
  const ended = new Set<string>();
  return drafts.filter(({ kind, callId: id }) => {
    if (id === null || ended.has(id)) return false;
    if (kind === 'begin') {
      if (begun.has(id) || isKnown.get({ id }) !== undefined) return false;
      begun.add(id);
      return true;
    }
    ended.add(id);
    return begun.has(id) || isOpen.get({ id }) !== undefined;
  });
}
