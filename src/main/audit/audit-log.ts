import type { CallSummary } from '@shared/contract/index.ts';
import type { Database } from 'better-sqlite3';
import { type KeptState, OwedWrites } from '../storage/index.ts';
import { AuditUnavailable, readOnlyLog, unavailableBecause } from './audit-unavailable.ts';
import { beginFactsOf, endFactsOf, interruptedFacts, payloadOf, summaryOf } from './call-facts.ts';
import { createCallQueries } from './call-queries.ts';
import { type EntryDraft, openChain } from './chain.ts';
import { EntryGroup, type Patience, type WaitingEntry } from './entry-group.ts';
import type { AdminEntry, AuditLog, CallBegin, CallEnd } from './index.ts';
import { Journal, type Leftover } from './journal.ts';
import { endsWith, goingOn } from './journal-intake.ts';
import { createProjection, type LiveCall } from './projection.ts';
import { openSealedEnd } from './sealed-end.ts';
import { DAMAGE_ACTION, verifyChain } from './verify-chain.ts';

export interface AuditLogOptions {
  /** What waits for space, shared by the rooms of a data folder; default: one of its own. */
  readonly owed?: OwedWrites;
  /** An open gatehouse.db in its newest form. */
  readonly db: Database;
  /** Milliseconds since epoch. */
  readonly clock: () => number;
  readonly log?: { warn(facts: object, message: string): void };
  /** Holds the sealed end of the log. */
  readonly kept: KeptState;
  /**
   * File for entries of calls that are durable before they are in the chain. Without it each group of calls is a transaction.
   */
  readonly journalFile?: string;
  /** The person's home folder; shown as `~` in the one-line picture of arguments. */
  readonly home?: string;
}

/** The note a log writes when there is space again: since when it could not be written, and the calls it turned away. */
const OUTAGE_ACTION = 'log.unavailable';

/**
 * Opens the call log. Calls that a former run left without an end get one that says so.
 * `begin`, `end` and `note` throw `AuditUnavailable` when the entry could not be written.
 */
export function createAuditLog(options: AuditLogOptions): AuditLog {
  const { db, clock, log, kept, home, journalFile } = options;
  const warn = (facts: object, message: string): void => log?.warn(facts, message);
  const chain = openChain(db);
  const sealedEnd = openSealedEnd({ db, kept, head: () => chain.head, warn });
  const damage = chain.damageAtOpen ?? sealedEnd.damageAtOpen;
  const projection = createProjection({ db, head: () => chain.head, warn });
  const running = new Map<string, LiveCall>();
  const queries = createCallQueries(db, (id) => running.has(id));
  const listeners = new Set<(call: CallSummary) => void>();
  let intact: boolean | null = damage === null ? null : false;
  let checkedAt: number | null = damage === null ? null : clock();
  const owed = options.owed ?? new OwedWrites({ warn });
  const owedEnds = new Map<string, CallEnd>();
  const owedNotes: AdminEntry[] = [];
  const availabilityListeners = new Set<() => void>();
  let trouble: AuditUnavailable | null = null;
  /** Since when the disk is full, and how many calls were turned away because they could not be recorded. */
  let outage: { readonly since: number; turnedAway: number } | null = null;

  const journal = journalFile === undefined || db.readonly ? undefined : openJournal(journalFile, warn);
  const group = new EntryGroup({
    ready: settleOwed,
    append: (drafts) => append(...drafts),
    mayWrite: () => !db.inTransaction,
    journal,
  });

  /** Nothing may overtake what waits for space. */
  function settleOwed(): void {
    const stillFull = outage === null ? undefined : owed.settle();
    if (stillFull !== undefined) throw unavailableBecause(stillFull);
  }

  function append(...entries: readonly EntryDraft[]): number {
    try {
      const first = chain.append(...entries);
      sealedEnd.moved();
      setTrouble(null);
      return first;
    } catch (error) {
      if (error instanceof AuditUnavailable && error.code !== 'read-only') {
        if (owed.owe(error, 'log', afterOutage)) outage ??= { since: clock(), turnedAway: 0 };
        setTrouble(error);
      }
      throw error;
    }
  }

  /** Writes what happened while the disk was full, then what the log lacks for good. */
  function afterOutage(): void {
    // What is owed may be the end of a call that began in the journal.
    group.takeIn((drafts) => chain.append(...drafts));
    for (const [id, end] of owedEnds) {
      const owedEnd = ending(id, end);
      try {
        owedEnd.written(chain.append(owedEnd.draft));
      } catch (error) {
        owedEnd.failed(error);
        throw error;
      }
      owedEnds.delete(id);
      owedEnd.settled();
    }
    for (let entry = owedNotes[0]; entry !== undefined; entry = owedNotes[0]) {
      chain.append(noteOf(entry));
      owedNotes.shift();
    }
    if (outage === null) return;
    const { since, turnedAway } = outage;
    const facts = { since, turnedAway };
    chain.append(noteOf({ at: clock(), actor: 'system', action: OUTAGE_ACTION, subject: 'log', facts }));
    outage = null;
    sealedEnd.moved();
    setTrouble(null);
  }

  function setTrouble(next: AuditUnavailable | null): void {
    const changed = (trouble === null) !== (next === null);
    trouble = next;
    if (changed) for (const listener of [...availabilityListeners]) listener();
  }

  /** A call on its way into the log. */
  function beginning(call: CallBegin): CallEntry {
    const { id, at } = call;
    if (running.has(id)) throw new Error(`Call ${id} was begun twice.`);
    const { facts, text } = beginFactsOf(call, home);
    const live: LiveCall = {
      facts: { id, seq: 0, at, begin: facts, end: null },
      argumentsText: text.text,
      resultText: '',
      stored: 'no',
    };
    running.set(id, live);
    return {
      live,
      draft: { at, kind: 'begin', callId: id, body: JSON.stringify(facts), payload: payloadOf(call.trail, text.text) },
      kept: () => undefined,
      written(seq) {
        live.facts = { ...live.facts, seq };
        projection.note(live, seq);
      },
      // Of a call that ended meanwhile its end tells.
      settled: () => live.facts.end === null && tell(live),
      failed() {
        running.delete(id);
        if (outage !== null) outage.turnedAway += 1;
      },
    };
  }

  /** The end of a call on its way into the log. */
  function ending(id: string, end: CallEnd): CallEntry {
    const live = running.get(id);
    if (!live) throw new Error(`Call ${id} is not running, so it cannot end.`);
    const { at, begin } = live.facts;
    const { facts, text } = endFactsOf(end, { at, asked: begin.asked });
    running.delete(id);
    const payload = payloadOf(end.trail, text?.text ?? '');
    return {
      live,
      draft: { at: end.at, kind: 'end', callId: id, body: JSON.stringify(facts), payload },
      kept: () => undefined,
      written(seq) {
        live.facts = { ...live.facts, end: { seq, facts } };
        live.resultText = text?.text ?? '';
        projection.note(live, seq);
      },
      settled: () => tell(live),
      failed() {
        running.set(id, live);
        // The call did happen: its end is written as soon as there is space again.
        if (outage !== null) owedEnds.set(id, end);
      },
    };
  }

  /** Writes it with whatever else waits, and gives the call as it is then. */
  function writeNow(entry: CallEntry): CallSummary {
    let problem: { readonly error: unknown } | undefined;
    const failed = (error: unknown): void => {
      entry.failed(error);
      problem = { error };
    };
    group.add({ ...entry, failed }, 'turn');
    group.write();
    if (problem) throw problem.error;
    return summaryOf(entry.live.facts);
  }

  /** The same, a moment later. */
  function writeSoon(entry: CallEntry, patience: Patience): Promise<void> {
    return new Promise((resolve, reject) => {
      const failed = (error: unknown): void => {
        entry.failed(error);
        reject(error);
      };
      group.add({ ...entry, kept: resolve, failed }, patience);
    });
  }

  function mustBeOutside(): void {
    // A rollback of somebody's transaction would take the entry away after its author was told that it is durable.
    if (db.inTransaction) throw new Error('The call log must not be written inside a transaction.');
  }

  function tell({ facts }: LiveCall): void {
    if (listeners.size === 0) return;
    const call = summaryOf(facts);
    for (const listener of listeners) {
      try {
        listener(call);
      } catch (error) {
        warn({ error }, 'A listener of the call log failed');
      }
    }
  }

  function recordDamage(damage: string): void {
    warn({ damage }, 'The end of the call log is not as it was left');
    db.prepare('INSERT OR IGNORE INTO log_head (one, seq, hash) VALUES (1, ?, ?)').run(chain.head.seq, chain.head.hash);
    append(noteOf({ at: clock(), actor: 'system', action: DAMAGE_ACTION, subject: 'log', facts: { damage } }));
  }

  function interrupt(call: LiveCall): void {
    const { id, begin } = call.facts;
    const facts = interruptedFacts(begin.asked);
    const body = JSON.stringify(facts);
    const seq = chain.append({ at: clock(), kind: 'end', callId: id, body, payload: payloadOf([], '') });
    call.facts = { ...call.facts, end: { seq, facts } };
    projection.note(call, seq);
  }

  /** Takes in what a former run recorded last. */
  function takeInLeftover({ drafts, unreadable }: Leftover): void {
    // After a kill between the chain's taking them in and the emptying of the journal they are there already.
    const isThere = endsWith(db, drafts);
    const fitting = isThere ? [] : goingOn(db, drafts);
    if (fitting.length > 0) chain.append(...fitting);
    if (fitting.length > 0) sealedEnd.moved();
    // Also of a line that was cut off, or the next one would be added to it.
    journal?.clear();
    const lost = unreadable + (isThere ? 0 : drafts.length - fitting.length);
    if (lost > 0) recordDamage(`${lost} entries of the journal cannot be read or belong to no call.`);
  }

  const left = journal?.leftover();
  if (left) takeInLeftover(left);
  const leftOpen = projection.catchUp();
  if (!db.readonly) {
    if (damage !== null) recordDamage(damage);
    for (const call of leftOpen) interrupt(call);
  }

  return {
    begin(call) {
      mustBeOutside();
      return writeNow(beginning(call));
    },
    end(id, end) {
      mustBeOutside();
      return writeNow(ending(id, end));
    },
    beginShared: async (call) => writeSoon(beginning(call), 'turn'),
    endShared: async (id, end) => writeSoon(ending(id, end), 'short'),
    note(entry, { happened = false } = {}) {
      if (db.readonly) throw readOnlyLog();
      group.write();
      try {
        settleOwed();
        append(noteOf(entry));
      } catch (error) {
        if (!happened || outage === null) throw error;
        owedNotes.push(entry);
      }
    },
    list: (filter) => flushed(() => queries.list(filter)),
    counts: (filter) => flushed(() => queries.counts(filter)),
    histogram: (filter) => flushed(() => queries.histogram(filter)),
    get: (id) => flushed(() => queries.get(id)),
    export: (filter) => flushed(() => queries.export(filter)),
    usage: (since) => flushed(() => queries.usage(since)),
    async verify(signal) {
      group.write();
      const behind = projection.flush();
      const verification = await verifyChain(db, chain.head, behind, signal);
      intact = verification.ok;
      checkedAt = clock();
      if (!verification.ok) warn({ seq: verification.firstBadSeq }, verification.problem ?? 'The call log is damaged');
      return verification;
    },
    state() {
      group.write();
      return { entries: chain.head.seq, intact, checkedAt };
    },
    unavailable: () => trouble,
    onAvailability(listener) {
      availabilityListeners.add(listener);
      return { [Symbol.dispose]: () => void availabilityListeners.delete(listener) };
    },
    onCall(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    [Symbol.dispose]() {
      listeners.clear();
      availabilityListeners.clear();
      group[Symbol.dispose]();
      // Their begins wait in the journal for the next start.
      if (group.isBehind) owedEnds.clear();
      owed.settle();
      if (options.owed === undefined) owed[Symbol.dispose]();
      sealedEnd[Symbol.dispose]();
      projection[Symbol.dispose]();
      journal?.[Symbol.dispose]();
    },
  };

  /** A read sees every call that was begun or ended before it. */
  function flushed<Result>(read: () => Result): Result {
    group.write();
    projection.flush();
    return read();
  }
}

/** Without a journal each group of calls is a transaction: slower, and as safe. */
function openJournal(file: string, warn: (facts: object, message: string) => void): Journal | undefined {
  try {
    return new Journal(file);
  } catch (error) {
    warn({ error, file }, 'The journal of the call log cannot be used; calls are recorded without it');
    return undefined;
  }
}

/** A begin or an end of a call. */
interface CallEntry extends WaitingEntry {
  readonly live: LiveCall;
}

function noteOf({ at, actor, action, subject, facts }: AdminEntry): EntryDraft {
  return { at, kind: 'note', callId: null, body: JSON.stringify({ actor, action, subject, facts }), payload: '' };
}
