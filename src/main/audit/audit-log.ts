import type { CallSummary } from '@shared/contract/index.ts';
import type { Database } from 'better-sqlite3';
import { type KeptState, OwedWrites } from '../storage/index.ts';
import { AuditUnavailable, readOnlyLog, unavailableBecause } from './audit-unavailable.ts';
import { beginFactsOf, endFactsOf, interruptedFacts, payloadOf, summaryOf } from './call-facts.ts';
import { createCallQueries } from './call-queries.ts';
import { type ChainHead, type Entry, openChain } from './chain.ts';
import type { AdminEntry, AuditLog, CallEnd } from './index.ts';
import { PlainTrails } from './plain-trail.ts';
import { createProjection, type LiveCall } from './projection.ts';
import { openSealedEnd } from './sealed-end.ts';
import type { Redaction } from './stored-text.ts';
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
  /** Takes secrets out of everything before it is written; default: nothing is taken out. */
  readonly redaction?: Redaction;
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
  const { db, clock, log, kept, home, redaction = KEEPS_ALL } = options;
  const trails = new PlainTrails(redaction);
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

  function append(entry: Pick<Entry, 'at' | 'kind' | 'callId' | 'body' | 'payload'>): ChainHead {
    const stillFull = outage === null ? undefined : owed.settle();
    if (stillFull !== undefined) throw unavailableBecause(stillFull);
    try {
      const head = chain.append(entry);
      sealedEnd.moved();
      setTrouble(null);
      return head;
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
    for (const [id, end] of owedEnds) {
      appendEnd(id, end, (entry) => chain.append(entry));
      owedEnds.delete(id);
    }
    for (let entry = owedNotes[0]; entry !== undefined; entry = owedNotes[0]) {
      chain.append(plainNote(entry));
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

  function appendEnd(id: string, end: CallEnd, write: typeof append): CallSummary {
    const live = running.get(id);
    if (!live) throw new Error(`Call ${id} is not running, so it cannot end.`);
    const { at, begin } = live.facts;
    const { facts, text } = endFactsOf(end, { at, asked: begin.asked }, redaction);
    const payload = payloadOf(trails.of(end.trail), text?.text ?? '');
    const { seq } = write({ at: end.at, kind: 'end', callId: id, body: JSON.stringify(facts), payload });
    running.delete(id);
    live.facts = { ...live.facts, end: { seq, facts } };
    live.resultText = text?.text ?? '';
    projection.note(live, seq);
    const summary = summaryOf(live.facts);
    tell(summary);
    return summary;
  }

  function tell(call: CallSummary): void {
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
    const { seq } = chain.append({ at: clock(), kind: 'end', callId: id, body, payload: payloadOf([], '') });
    call.facts = { ...call.facts, end: { seq, facts } };
    projection.note(call, seq);
  }

  const leftOpen = projection.catchUp();
  if (!db.readonly) {
    if (damage !== null) recordDamage(damage);
    for (const call of leftOpen) interrupt(call);
  }

  return {
    begin(call) {
      if (running.has(call.id)) throw new Error(`Call ${call.id} was begun twice.`);
      const { facts, text } = beginFactsOf(call, home, redaction);
      let seq: number;
      try {
        const payload = payloadOf(trails.of(call.trail), text.text);
        ({ seq } = append({ at: call.at, kind: 'begin', callId: call.id, body: JSON.stringify(facts), payload }));
      } catch (error) {
        if (outage !== null) outage.turnedAway += 1;
        throw error;
      }
      const live: LiveCall = {
        facts: { id: call.id, seq, at: call.at, begin: facts, end: null },
        argumentsText: text.text,
        resultText: '',
        stored: 'no',
      };
      running.set(call.id, live);
      projection.note(live, seq);
      const summary = summaryOf(live.facts);
      tell(summary);
      return summary;
    },
    end(id, end) {
      try {
        return appendEnd(id, end, append);
      } catch (error) {
        // The call did happen: its end is written as soon as there is space again.
        if (outage !== null && running.has(id)) owedEnds.set(id, end);
        throw error;
      }
    },
    note(entry, { happened = false } = {}) {
      if (db.readonly) throw readOnlyLog();
      try {
        append(plainNote(entry));
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
      const behind = projection.flush();
      const verification = await verifyChain(db, chain.head, behind, signal);
      intact = verification.ok;
      checkedAt = clock();
      if (!verification.ok) warn({ seq: verification.firstBadSeq }, verification.problem ?? 'The call log is damaged');
      return verification;
    },
    state: () => ({ entries: chain.head.seq, intact, checkedAt }),
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
      owed.settle();
      if (options.owed === undefined) owed[Symbol.dispose]();
      sealedEnd[Symbol.dispose]();
      projection[Symbol.dispose]();
    },
  };

  /** An act as it is kept: a command line may hold a secret. */
  function plainNote(entry: AdminEntry): ReturnType<typeof noteOf> {
    const note = noteOf(entry);
    return { ...note, body: redaction.json(note.body) };
  }

  /** A read sees every call that was begun or ended before it. */
  function flushed<Result>(read: () => Result): Result {
    projection.flush();
    return read();
  }
}

const KEEPS_ALL: Redaction = { json: (json) => json, text: (text) => text };

function noteOf({
  at,
  actor,
  action,
  subject,
  facts,
}: AdminEntry): Pick<Entry, 'at' | 'kind' | 'callId' | 'body' | 'payload'> {
  return { at, kind: 'note', callId: null, body: JSON.stringify({ actor, action, subject, facts }), payload: '' };
}
