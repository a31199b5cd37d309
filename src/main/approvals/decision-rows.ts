import type { Actor, Effect } from '@shared/words.ts';
import type { Database } from 'better-sqlite3';
import type { KnownOffer } from './known-offer.ts';

export type DecisionWord = 'approved' | 'blocked' | 'seen' | 'changed' | 'removed';

export interface DecisionRow {
  readonly at: number;
  readonly by: Actor;
  readonly decision: DecisionWord;
  readonly effect: Effect | null;
  readonly fingerprint: string;
}

/** Remembered events an offer; decisions of people are never pruned. */
const MOST_EVENTS = 100;

/** What happened to servers and offers, in gatehouse.db. */
export function createDecisionRows(db: Database) {
  const add = db.prepare(
    'INSERT INTO decisions (server, kind, tool, at, by, decision, effect, fingerprint) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const prune = db.prepare(`
    DELETE FROM decisions WHERE server = ? AND kind = ? AND tool = ? AND decision NOT IN ('approved', 'blocked')
      AND id NOT IN
      (SELECT id FROM decisions WHERE server = ? AND kind = ? AND tool = ? ORDER BY id DESC LIMIT ${MOST_EVENTS})`);
  const ofOffer = db.prepare<[string, string, string], DecisionRow>(
    `SELECT at, by, decision, effect, fingerprint FROM decisions WHERE server = ? AND kind = ? AND tool = ?
      ORDER BY id DESC LIMIT 200`,
  );
  const drop = db.prepare('DELETE FROM decisions WHERE server = ? AND kind = ? AND tool = ?');

  return {
    addForOffer({ server, kind, name }: KnownOffer, event: DecisionRow): void {
      add.run(server, kind, name, event.at, event.by, event.decision, event.effect, event.fingerprint);
      if (event.decision === 'changed') prune.run(server, kind, name, server, kind, name);
    },
    addForServer(name: string, event: DecisionRow): void {
      add.run(name, null, null, event.at, event.by, event.decision, event.effect, event.fingerprint);
    },
    /** Newest first. */
    history: ({ server, kind, name }: KnownOffer): DecisionRow[] => ofOffer.all(server, kind, name),
    /** Forgets what happened to an offer nobody decided about. */
    drop: ({ server, kind, name }: KnownOffer): void => void drop.run(server, kind, name),
  };
}
