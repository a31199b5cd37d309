import type { CallSummary } from '@shared/contract/index.ts';
import type { Database } from 'better-sqlite3';
import { readOnlyLog } from './audit-unavailable.ts';
import { beginFactsOf, endFactsOf, interruptedFacts, payloadOf, summaryOf } from './call-facts.ts';
import { createCallQueries } from './call-queries.ts';
import { openChain } from './chain.ts';
import type { AdminEntry, AuditLog } from './index.ts';
import { createProjection, type LiveCall } from './projection.ts';
import { DAMAGE_ACTION, verifyChain } from './verify-chain.ts';

export interface AuditLogOptions {
  /** An open gatehouse.db in its newest form. */
  readonly db: Database;
  /** Milliseconds since epoch. */
  readonly clock: () => number;
  readonly log?: { warn(facts: object, message: string): void };
  /** The person's home folder; shown as `~` in the one-line picture of arguments. */
  readonly home?: string;
}

/**
 * Opens the call log. Calls that a former run left without an end get one that says so.
 * `begin`, `end` and `note` throw `AuditUnavailable` when the entry could not be written.
 */
export function createAuditLog({ db, clock, log, home }: AuditLogOptions): AuditLog {
  const warn = (facts: object, message: string): void => log?.warn(facts, message);
  const chain = openChain(db);
  const projection = createProjection({ db, head: () => chain.head, warn });
  const running = new Map<string, LiveCall>();
  const queries = createCallQueries(db, (id) => running.has(id));
  const listeners = new Set<(call: CallSummary) => void>();
  let intact: boolean | null = chain.damageAtOpen === null ? null : false;
  let checkedAt: number | null = chain.damageAtOpen === null ? null : clock();

  function note(entry: AdminEntry): void {
    const { at, actor, action, subject, facts } = entry;
    chain.append({
      at,
      kind: 'note',
      callId: null,
      body: JSON.stringify({ actor, action, subject, facts }),
      payload: '',
    });
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
    note({ at: clock(), actor: 'system', action: DAMAGE_ACTION, subject: 'log', facts: { damage } });
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
    if (chain.damageAtOpen !== null) recordDamage(chain.damageAtOpen);
    for (const call of leftOpen) interrupt(call);
  }

  return {
    begin(call) {
      if (running.has(call.id)) throw new Error(`Call ${call.id} was begun twice.`);
      const { facts, text } = beginFactsOf(call, home);
      const { seq } = chain.append({
        at: call.at,
        kind: 'begin',
        callId: call.id,
        body: JSON.stringify(facts),
        payload: payloadOf(call.trail, text.text),
      });
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
      const live = running.get(id);
      if (!live) throw new Error(`Call ${id} is not running, so it cannot end.`);
      const { at, begin } = live.facts;
      const { facts, text } = endFactsOf(end, { at, asked: begin.asked });
      const { seq } = chain.append({
        at: end.at,
        kind: 'end',
        callId: id,
        body: JSON.stringify(facts),
        payload: payloadOf(end.trail, text?.text ?? ''),
      });
      running.delete(id);
      live.facts = { ...live.facts, end: { seq, facts } };
      live.resultText = text?.text ?? '';
      projection.note(live, seq);
      const summary = summaryOf(live.facts);
      tell(summary);
      return summary;
    },
    note(entry) {
      if (db.readonly) throw readOnlyLog();
      note(entry);
    },
    list: (filter) => flushed(() => queries.list(filter)),
    counts: (filter) => flushed(() => queries.counts(filter)),
    histogram: (filter) => flushed(() => queries.histogram(filter)),
    get: (id) => flushed(() => queries.get(id)),
    export: (filter) => flushed(() => queries.export(filter)),
    usage: (since) => flushed(() => queries.usage(since)),
    async verify(signal) {
      projection.flush();
      const verification = await verifyChain(db, chain.head, signal);
      intact = verification.ok;
      checkedAt = clock();
      if (!verification.ok) warn({ seq: verification.firstBadSeq }, verification.problem ?? 'The call log is damaged');
      return verification;
    },
    state: () => ({ entries: chain.head.seq, intact, checkedAt }),
    onCall(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    [Symbol.dispose]() {
      listeners.clear();
      projection[Symbol.dispose]();
    },
  };

  /** A read sees every call that was begun or ended before it. */
  function flushed<Result>(read: () => Result): Result {
    projection.flush();
    return read();
  }
}
