import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LogVerification } from '@shared/contract/index.ts';
import type { Database } from 'better-sqlite3';
import { type BeginFacts, type CallFacts, type EndFacts, statusOf } from './call-facts.ts';
import { type ChainHead, type EntryKind, GENESIS, hashOf, readHead } from './chain.ts';

/** Entries read at once; between two chunks the event loop runs (about 15 ms of work). */
const CHUNK = 2_000;

/** The note an opened log writes when its end was not as it was left. */
export const DAMAGE_ACTION = 'log.damaged';

type EntryTuple = [number, number, EntryKind, string | null, string, string, string, string];
type RowTuple = [seq: number, endSeq: number | null, ...shown: (string | number | null)[]];

interface OpenCall {
  readonly facts: CallFacts;
  readonly row: RowTuple | undefined;
}

class Broken extends Error {
  readonly seq: number;
  constructor(seq: number, problem: string) {
    super(problem);
    this.seq = seq;
  }
}

/**
 * Walks the chain up to where it ends now: every hash, every link, no gap, the recorded end, and that each row of the
 * list of calls says what its entries say. Appends may go on meanwhile. Stops at the first fault.
 * @param written where this process's own appends ended, which the database must agree with
 * @param behind calls, by the entry that began them, whose rows could not be brought up to date (a full disk)
 */
export async function verifyChain(
  db: Database,
  written: ChainHead,
  behind: ReadonlySet<number>,
  signal?: AbortSignal,
): Promise<LogVerification> {
  const started = performance.now();
  const tally = { entries: 0, calls: 0, interrupted: 0 };
  let broken: Broken | null = null;
  try {
    await walk(db, written, behind, tally, signal);
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    broken = error;
  }
  return {
    ok: broken === null,
    ...tally,
    firstBadSeq: broken?.seq ?? null,
    problem: broken?.message ?? null,
    headHash: written.hash,
    durationMs: performance.now() - started,
  };
}

async function walk(
  db: Database,
  written: ChainHead,
  behind: ReadonlySet<number>,
  tally: { entries: number; calls: number; interrupted: number },
  signal: AbortSignal | undefined,
): Promise<void> {
  const entries = db
    .prepare<[number, number]>(
      `SELECT seq, at, kind, call_id, body, payload, prev_hash, hash FROM entries
       WHERE seq BETWEEN ? AND ? ORDER BY seq`,
    )
    .raw();
  const rows = db
    .prepare<[number, number]>(
      `SELECT seq, end_seq, id, at, app, session_id, method, server, tool, effect, status, code, duration_ms,
         argument_bytes, result_bytes, on_what, asked
       FROM calls WHERE seq BETWEEN ? AND ? ORDER BY seq`,
    )
    .raw();
  const open = new Map<string, OpenCall>();
  let last: ChainHead = { seq: 0, hash: GENESIS };

  while (last.seq < written.seq) {
    signal?.throwIfAborted();
    const through = Math.min(last.seq + CHUNK, written.seq);
    // The tuples follow the column lists above; what is in them is checked below, hash first.
    const chunk = entries.all(last.seq + 1, through) as EntryTuple[];
    const pictured = new Map((rows.all(last.seq + 1, through) as RowTuple[]).map((row) => [row[0], row]));
    for (const tuple of chunk) {
      last = checkLink(tuple, last);
      tally.entries += 1;
      const [seq, at, kind, callId, body] = tuple;
      if (kind === 'begin' && callId !== null) {
        const facts: CallFacts = { id: callId, seq, at, begin: parsed<BeginFacts>(body, seq), end: null };
        open.set(callId, { facts, row: pictured.get(seq) });
        pictured.delete(seq);
        tally.calls += 1;
      } else if (kind === 'end' && callId !== null) {
        const call = open.get(callId);
        if (!call) throw new Broken(seq, `Entry ${seq} ends a call that was never begun.`);
        open.delete(callId);
        const facts = parsed<EndFacts>(body, seq);
        if (facts.status === 'interrupted') tally.interrupted += 1;
        if (!behind.has(call.facts.seq)) checkRow({ ...call.facts, end: { seq, facts } }, call.row);
      } else if (body.includes(DAMAGE_ACTION) && parsed<{ action?: unknown }>(body, seq).action === DAMAGE_ACTION) {
        throw new Broken(
          seq,
          `Entry ${seq} records that the end of the log had been changed before Gatehouse started.`,
        );
      }
    }
    if (last.seq < through) throw missing(last.seq + 1, through);
    for (const [seq] of pictured)
      throw new Broken(seq, `The list of calls has a call at ${seq} that the log does not.`);
    await nextTurn();
  }
  for (const { facts, row } of open.values()) {
    // A call that ended behind the walk has moved on rightly.
    if (row && row[1] !== null && row[1] > written.seq) continue;
    if (!behind.has(facts.seq)) checkRow(facts, row);
  }
  checkEnd(db, written);
}

function checkLink(tuple: EntryTuple, last: ChainHead): ChainHead {
  const [seq, at, kind, callId, body, payload, prevHash, hash] = tuple;
  if (seq !== last.seq + 1) throw missing(last.seq + 1, seq - 1);
  if (prevHash !== last.hash) {
    throw new Broken(seq, `Entry ${seq} does not follow entry ${last.seq}: one of the two was put in or replaced.`);
  }
  if (hashOf({ seq, at, kind, callId, body, payload, prevHash }) !== hash) {
    throw new Broken(seq, `Entry ${seq} was changed after it was written.`);
  }
  return { seq, hash };
}

function missing(first: number, through: number): Broken {
  return first >= through
    ? new Broken(first, `Entry ${first} was removed.`)
    : new Broken(first, `Entries ${first} to ${through} were removed.`);
}

/** The hash was right, so the text is what a Gatehouse wrote or what a forger of whole chains made; both must parse. */
function parsed<Facts>(body: string, seq: number): Facts {
  try {
    return JSON.parse(body) as Facts;
  } catch {
    throw new Broken(seq, `Entry ${seq} does not hold facts.`);
  }
}

function checkRow(call: CallFacts, row: RowTuple | undefined): void {
  const { seq, begin, end } = call;
  if (!row) throw new Broken(seq, `The list of calls lacks the call of entry ${seq}.`);
  const expected: RowTuple = [
    seq,
    end?.seq ?? null,
    call.id,
    call.at,
    begin.app,
    begin.sessionId,
    begin.method,
    begin.server,
    begin.tool,
    begin.effect,
    statusOf(call),
    end?.facts.code ?? null,
    end?.facts.durationMs ?? null,
    begin.argumentBytes,
    end?.facts.resultBytes ?? null,
    begin.onWhat,
    (end?.facts.asked ?? begin.asked) ? 1 : 0,
  ];
  for (let column = 0; column < expected.length; column += 1) {
    if (row[column] !== expected[column]) {
      throw new Broken(seq, `The list of calls shows the call of entry ${seq} differently from the log.`);
    }
  }
}

function checkEnd(db: Database, written: ChainHead): void {
  const { head, damage } = readHead(db);
  if (damage !== null) throw new Broken(Math.min(head.seq, written.seq) + 1, damage);
  if (head.seq < written.seq) throw missing(head.seq + 1, written.seq);
}
