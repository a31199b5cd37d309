import type { Database } from 'better-sqlite3';
import { type CallFacts, type EndFacts, parseBeginFacts, parseEndFacts, splitPayload, statusOf } from './call-facts.ts';
import type { ChainHead, EntryKind } from './chain.ts';
import { wordsOf } from './search-words.ts';

/** Calls brought up to date in one transaction: about 10 ms, so that no request waits long. */
const BATCH = 256;
/** Milliseconds until calls of a quiet log are brought up to date when nobody asks. */
const DELAY_MS = 250;

/** A call whose picture in the tables is not (yet) what the chain says. */
export interface LiveCall {
  facts: CallFacts;
  /** What the search will know; kept until the call is in the tables. */
  argumentsText: string;
  resultText: string;
  /** Whether the tables have it. `perhaps`: replayed after a crash. Replacing costs more than putting in. */
  stored: 'no' | 'perhaps' | 'yes';
}

/**
 * Keeps `calls` and `call_words` a picture of the chain. Appends do not wait for it: the chain alone is durable, and
 * what a crash left out is replayed from it.
 */
export interface Projection extends Disposable {
  /** Takes note of a begun or ended call. */
  note(call: LiveCall, entrySeq: number): void;
  /**
   * Brings the tables up to date with everything noted. Never throws: a full disk leaves older lists.
   * @returns the entries (seq) that began the calls whose rows are still older than the chain
   */
  flush(): ReadonlySet<number>;
}

interface EntryRow {
  seq: number;
  at: number;
  kind: EntryKind;
  call_id: string | null;
  body: string;
  payload: string;
}

export function createProjection(options: {
  readonly db: Database;
  readonly head: () => ChainHead;
  readonly warn: (facts: object, message: string) => void;
}): Projection & {
  /** Replays what the last run left out. Gives the calls that have begun and not ended. */
  catchUp(): LiveCall[];
} {
  const { db, head, warn } = options;
  const dirty = new Map<LiveCall, number>();
  let timer: NodeJS.Timeout | undefined;
  let isBehind = false;

  const columns = `calls (seq, end_seq, id, at, app, session_id, method, server, tool, effect, status, code,
      duration_ms, argument_bytes, result_bytes, on_what, asked)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
  const insert = db.prepare(`INSERT INTO ${columns}`);
  const replace = db.prepare(`INSERT OR REPLACE INTO ${columns}`);
  const finish = db.prepare(
    'UPDATE calls SET end_seq = ?, status = ?, code = ?, duration_ms = ?, result_bytes = ?, asked = ? WHERE seq = ?',
  );
  const addWords = db.prepare('INSERT INTO call_words (rowid, words) VALUES (?, ?)');
  const putWords = db.prepare('INSERT OR REPLACE INTO call_words (rowid, words) VALUES (?, ?)');
  const putHour = db.prepare(`
    INSERT INTO call_hours (hour, first_seq, last_seq) VALUES (?, ?, ?)
    ON CONFLICT (hour) DO UPDATE SET
      first_seq = min(first_seq, excluded.first_seq), last_seq = max(last_seq, excluded.last_seq)`);
  const reached = db.prepare('UPDATE log_projection SET seq = ? WHERE one = 1');
  const payload = db.prepare<[number], { payload: string }>('SELECT payload FROM entries WHERE seq = ?');

  function put(call: LiveCall): void {
    const { facts } = call;
    const { begin, end } = facts;
    const asked = (end?.facts.asked ?? begin.asked) ? 1 : 0;
    const result: [EndFacts['code'], number | null, number | null] = end
      ? [end.facts.code, end.facts.durationMs, end.facts.resultBytes]
      : [null, null, null];
    const status = statusOf(facts);
    if (call.stored === 'yes') {
      finish.run(end?.seq ?? null, status, ...result, asked, facts.seq);
      const begun = payload.get(facts.seq);
      if (begun) call.argumentsText = splitPayload(begun.payload).text;
    } else {
      const [code, durationMs, resultBytes] = result;
      const { app, sessionId, method, server, tool, effect, argumentBytes, onWhat } = begin;
      (call.stored === 'no' ? insert : replace).run(
        ...[facts.seq, end?.seq ?? null, facts.id, facts.at, app, sessionId, method, server, tool, effect, status],
        ...[code, durationMs, argumentBytes, resultBytes, onWhat, asked],
      );
      putHour.run(hourOf(facts.at), facts.seq, facts.seq);
    }
    const words = wordsOf(facts, call.argumentsText, call.resultText);
    (call.stored === 'no' ? addWords : putWords).run(facts.seq, words);
  }

  function flushBatch(): void {
    const batch: LiveCall[] = [];
    let through = head().seq;
    for (const [call, since] of dirty) {
      if (batch.length === BATCH) {
        through = since - 1;
        break;
      }
      batch.push(call);
    }
    db.transaction(() => {
      for (const call of batch) put(call);
      reached.run(through);
    })();
    for (const call of batch) {
      dirty.delete(call);
      call.stored = 'yes';
      call.argumentsText = '';
      call.resultText = '';
    }
  }

  function tryFlush(everything: boolean): void {
    try {
      do flushBatch();
      while (everything && dirty.size > 0);
      isBehind = false;
    } catch (error) {
      // Said once: it is tried again several times a second, and the disk is full already.
      if (!isBehind) warn({ error }, 'The lists of the call log are behind: the database cannot be written');
      isBehind = true;
    }
  }

  function schedule(delayMs: number): void {
    timer ??= setTimeout(() => {
      timer = undefined;
      if (dirty.size > 0 && db.open) tryFlush(false);
      if (dirty.size > 0) schedule(dirty.size > BATCH ? 0 : DELAY_MS);
    }, delayMs).unref();
  }

  function catchUp(): LiveCall[] {
    const open = new Map<string, LiveCall>();
    const running = db.prepare<[], EntryRow>(
      `SELECT seq, at, kind, call_id, body, payload FROM entries
       WHERE seq IN (SELECT seq FROM calls WHERE status = 'running')`,
    );
    for (const row of running.all()) readBegin(row, 'yes', open);
    const after =
      db.prepare<[number], { seq: number }>('SELECT seq FROM log_projection WHERE seq >= ?').get(0)?.seq ?? 0;
    const missed = db.prepare<[number], EntryRow>(
      'SELECT seq, at, kind, call_id, body, payload FROM entries WHERE seq > ? ORDER BY seq LIMIT 2000',
    );
    let from = after;
    for (let rows = missed.all(from); rows.length > 0; rows = missed.all(from)) {
      for (const row of rows) {
        from = row.seq;
        if (row.kind === 'begin') readBegin(row, 'perhaps', open);
        else if (row.kind === 'end') readEnd(row, open);
      }
      if (!db.readonly) tryFlush(true);
    }
    return [...open.values()];
  }

  function readBegin(row: EntryRow, stored: LiveCall['stored'], open: Map<string, LiveCall>): void {
    if (row.call_id === null) return;
    try {
      const begin = parseBeginFacts(row.body);
      const facts: CallFacts = { id: row.call_id, seq: row.seq, at: row.at, begin, end: null };
      const call: LiveCall = { facts, argumentsText: splitPayload(row.payload).text, resultText: '', stored };
      open.set(row.call_id, call);
      if (stored !== 'yes') dirty.set(call, row.seq);
    } catch (error) {
      warn({ seq: row.seq, error }, 'An entry of the call log cannot be read and is left out of the lists');
    }
  }

  function readEnd(row: EntryRow, open: Map<string, LiveCall>): void {
    const call = row.call_id === null ? undefined : open.get(row.call_id);
    if (!call || row.call_id === null) return;
    try {
      call.facts = { ...call.facts, end: { seq: row.seq, facts: parseEndFacts(row.body) } };
      call.resultText = splitPayload(row.payload).text;
      open.delete(row.call_id);
      if (!dirty.has(call)) dirty.set(call, row.seq);
    } catch (error) {
      warn({ seq: row.seq, error }, 'An entry of the call log cannot be read and is left out of the lists');
    }
  }

  return {
    catchUp,
    note(call, entrySeq) {
      if (!dirty.has(call)) dirty.set(call, entrySeq);
      // Without a pause between calls the timer never runs; the log must not grow in memory.
      if (dirty.size >= 4 * BATCH) tryFlush(false);
      schedule(DELAY_MS);
    },
    flush() {
      if (dirty.size > 0 && !db.readonly && db.open) tryFlush(true);
      return new Set([...dirty.keys()].map((call) => call.facts.seq));
    },
    [Symbol.dispose]() {
      clearTimeout(timer);
      if (dirty.size > 0 && !db.readonly && db.open) tryFlush(true);
    },
  };
}

/** Hours since epoch. */
export const hourOf = (at: number): number => Math.floor(at / 3_600_000);
