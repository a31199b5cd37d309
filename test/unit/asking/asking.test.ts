import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type Asking,
  type AskingOptions,
  type AskResult,
  createAnswerRows,
  createAsking,
  type WaitingCall,
} from '../../../src/main/asking/index.ts';
import { grantFor } from '../../../src/main/policy/index.ts';
import { OwedWrites } from '../../../src/main/storage/index.ts';
import type { AskScope } from '../../../src/shared/contract/index.ts';
import { memoryApprovals, memoryApps, toolRecord } from '../../doubles/rooms.ts';
import { gateDatabase } from '../../fixtures/gateway.ts';

const owed = new OwedWrites({ warn: () => undefined });
const open: Disposable[] = [];
afterEach(() => {
  for (const resource of open.splice(0)) resource[Symbol.dispose]();
});

const drop = toolRecord('db:drop', 'destructive');

/** A world with a clock of its own; the same database opened again is a restart. */
function world(over: Partial<AskingOptions> = {}) {
  const db = gateDatabase();
  let now = 1_000_000;
  let ids = 0;
  const timers = new Set<{ at: number; work: () => void }>();
  const notes: { action: string; actor: string; subject: string }[] = [];
  const approvals = memoryApprovals([drop]);
  const apps = memoryApps(...['cursor', 'app-0', 'app-1'].map((id) => ({ id, name: id, profile: 'default' })));
  const start = (): Asking => {
    const asking = createAsking({
      rows: createAnswerRows(db, Buffer.alloc(32, 9)),
      approvals,
      apps,
      audit: {
        note: (entry) => void notes.push(entry),
        counts: () => ({ all: 3, changes: 3, refused: 1, failed: 0, running: 1 }),
      },
      clock: () => now,
      owed,
      newId: () => `answer-${++ids}`,
      log: { warn: () => undefined },
      after(ms, work) {
        const timer = { at: now + ms, work };
        timers.add(timer);
        return { [Symbol.dispose]: () => void timers.delete(timer) };
      },
      ...over,
    });
    open.push(asking);
    return asking;
  };
  const pass = (ms: number): void => {
    now += ms;
    for (const timer of [...timers]) {
      if (timer.at > now || !timers.delete(timer)) continue;
      timer.work();
    }
  };
  /** The computer sleeps: time goes on, and no timer fires. */
  const sleep = (ms: number): void => {
    now += ms;
  };
  return { db, start, pass, sleep, notes, timers, approvals, apps };
}

const about = (over: Partial<WaitingCall> = {}): WaitingCall => ({
  callId: 'call-1',
  app: { id: 'cursor', name: 'Cursor' },
  sessionId: 'session-1',
  session: { since: 1, calls: 1 },
  client: null,
  offer: drop,
  effect: 'destructive',
  argumentsJson: '{"table":"a"}',
  argumentsDigest: () => 'digest-a',
  reasons: [{ kind: 'effect', text: 'It deletes.', rule: null, about: 'destructive', serious: false }],
  waitMs: 60_000,
  ...over,
});
const never = new AbortController().signal;
const endOf = (result: AskResult) => (result.kind === 'ended' ? result.end : result);

describe('a remembered answer', () => {
  it.each([
    ['once', 0, 0],
    ['session', 1, 0],
    ['15m', 1, 1],
    ['always', 1, 1],
  ] as const)('of the scope %s counts %i before and %i after a restart', async (scope, before, after) => {
    const { start } = world();
    const asking = start();
    const answer = asking.ask(about(), never);
    asking.allow(['call-1'], scope, 'window');
    // What lets the waiting call go is for that call alone, whatever else was allowed.
    expect(endOf(await answer)).toMatchObject({ outcome: 'allowed', by: 'window', grant: { scope: 'once' } });
    expect(asking.grantsFor('cursor')).toHaveLength(before);
    expect(asking.grantsFor('claude')).toEqual([]);
    expect(start().grantsFor('cursor')).toHaveLength(after);
  });

  it('for 15 minutes ends by the clock, while it runs and over a restart', () => {
    const { start, pass, notes } = world();
    const asking = start();
    void asking.ask(about(), never);
    asking.allow(['call-1'], '15m', 'window');
    pass(15 * 60_000 - 1);
    expect(asking.grantsFor('cursor')).toHaveLength(1);
    pass(1);
    expect(asking.grantsFor('cursor')).toEqual([]);
    expect(notes.at(-1)).toMatchObject({ action: 'answer.expired', actor: 'system' });
    expect(start().answers()).toEqual([]);
  });

  it.each([
    ['body', (text: string) => text.replace('digest-a', 'digest-b')],
    ['seal', (text: string) => `x${text.slice(1)}`],
    ['id', () => 'another'],
    ['body', () => 'not json'],
  ] as const)('whose %s another program changed is none, and is told of', (column, change) => {
    const { db, start } = world();
    const asking = start();
    void asking.ask(about(), never);
    asking.allow(['call-1'], 'always', 'window');
    const stored = String(db.prepare(`SELECT ${column} FROM remembered_answers`).pluck().get());
    db.prepare(`UPDATE remembered_answers SET ${column} = ?`).run(change(stored));
    const again = start();
    expect(again.answers()).toEqual([]);
    expect(again.grantsFor('cursor')).toEqual([]);
    expect(again.unsealed()).toBe(1);
  });

  it.each([
    ['has another definition', { ...drop, fingerprint: 'other' }],
    ['has another effect', { ...drop, effect: 'write' as const }],
    ['is held', { ...drop, state: 'changed' as const }],
    ['is blocked', { ...drop, state: 'blocked' as const }],
  ])('ends when its tool %s, for good', (_name, changed) => {
    const { start, notes, approvals } = world();
    const asking = start();
    void asking.ask(about(), never);
    asking.allow(['call-1'], 'always', 'window');
    approvals.put(changed);
    expect(asking.answers()).toEqual([]);
    expect(notes.at(-1)).toMatchObject({ action: 'answer.tool-changed', actor: 'system' });
    approvals.put(drop);
    expect(start().answers()).toEqual([]);
  });

  it('ends when its tool changed while Gatehouse did not run', () => {
    const { start, approvals } = world();
    const asking = start();
    void asking.ask(about(), never);
    asking.allow(['call-1'], 'always', 'window');
    asking[Symbol.dispose]();
    approvals.put({ ...drop, fingerprint: 'other' });
    expect(start().answers()).toEqual([]);
  });

  it('ends with its app', () => {
    const { start, apps } = world();
    const asking = start();
    void asking.ask(about(), never);
    asking.allow(['call-1'], 'always', 'window');
    apps.revoke('cursor');
    expect(asking.answers()).toEqual([]);
    expect(start().answers()).toEqual([]);
  });

  it('ends with its session, and the others stay', () => {
    const asking = world().start();
    for (const [callId, scope] of [
      ['call-1', 'session'],
      ['call-2', 'always'],
    ] as const) {
      void asking.ask(about({ callId, argumentsDigest: () => callId }), never);
      asking.allow([callId], scope, 'window');
    }
    asking.endSession('another');
    expect(asking.answers()).toHaveLength(2);
    asking.endSession('session-1');
    expect(asking.answers()).toMatchObject([{ scope: 'always' }]);
  });

  it('for the next call works once, and a second click gives no second call', async () => {
    const { start, pass } = world();
    const asking = start();
    const asked = asking.ask(about(), never);
    pass(60_000);
    expect(endOf(await asked)).toEqual({ outcome: 'timeout', by: null });
    asking.allowNext('call-1', 'window');
    asking.allowNext('call-1', 'window');
    const [grant, ...others] = asking.grantsFor('cursor');
    expect(others).toEqual([]);
    if (!grant) throw new Error('Nothing is remembered');
    expect(asking.use(grant, 'call-2')).toMatchObject({ scope: 'once', callId: 'call-2' });
    expect(asking.use(grant, 'call-3')).toBeUndefined();
    expect(start().answers()).toEqual([]);
  });

  it('cannot name arguments nobody can recognise again', () => {
    const asking = world().start();
    void asking.ask(about({ argumentsDigest: () => '' }), never);
    expect(() => asking.allow(['call-1'], 'always', 'window')).toThrow('nested too deeply');
    expect(asking.list().waiting).toHaveLength(1);
  });
});

describe('a yes', () => {
  it('that comes after the time is a no, also when the computer slept through it', async () => {
    const { start, sleep } = world();
    const asking = start();
    const asked = asking.ask(about(), never);
    sleep(60_000);
    expect(asking.allow(['call-1'], 'always', 'window')).toMatchObject({
      answered: [],
      gone: [{ id: 'call-1', outcome: 'timeout' }],
      remembered: [],
    });
    expect(endOf(await asked)).toEqual({ outcome: 'timeout', by: null });
    expect(asking.answers()).toEqual([]);
  });

  it('meets a call that was cancelled in the same moment: what came first counts', async () => {
    const { start } = world();
    const asking = start();
    const cancel = new AbortController();
    const first = asking.ask(about(), cancel.signal);
    cancel.abort('client');
    expect(asking.allow(['call-1'], 'always', 'window').answered).toEqual([]);
    expect(endOf(await first)).toMatchObject({ outcome: 'cancelled' });
    expect(asking.answers()).toEqual([]);
    const late = new AbortController();
    const second = asking.ask(about({ callId: 'call-2' }), late.signal);
    expect(asking.allow(['call-2'], 'once', 'window').answered).toEqual(['call-2']);
    late.abort('client');
    expect(endOf(await second)).toMatchObject({ outcome: 'allowed' });
  });
});

describe('what the log cannot take in', () => {
  it('opens nothing: the call waits on, and nothing is remembered', async () => {
    const { start, pass } = world({
      audit: {
        note: (_entry, options) => {
          if (!options?.happened) throw new Error('The disk is full.');
        },
        counts: () => {
          throw new Error('The disk is full.');
        },
      },
    });
    const asking = start();
    const answer = asking.ask(about(), never);
    expect(() => asking.allow(['call-1'], 'always', 'window')).toThrow('The disk is full.');
    expect(asking.list().waiting).toHaveLength(1);
    expect(asking.answers()).toEqual([]);
    pass(60_000);
    expect(endOf(await answer)).toEqual({ outcome: 'timeout', by: null });
  });

  it('closes all the same: a no needs no log', async () => {
    const note = (): never => {
      throw new Error('The disk is full.');
    };
    const asking = world({ audit: { note, counts: note } }).start();
    const answer = asking.ask(about(), never);
    expect(asking.deny(['call-1'], 'cli').answered).toHaveLength(1);
    expect(endOf(await answer)).toEqual({ outcome: 'denied', by: 'cli' });
  });
});

describe('whatever happens in whatever order', () => {
  type Step =
    | { do: 'ask'; call: number; app: number }
    | { do: 'allow'; call: number; scope: AskScope }
    | { do: 'deny' | 'cancel' | 'next'; call: number }
    | { do: 'wait'; ms: number }
    | { do: 'change' | 'restart' };
  const calls = fc.nat(11);
  const scopes = fc.constantFrom<AskScope>('once', 'session', '15m', 'always');
  const steps = fc.array(
    fc.oneof(
      fc.record({ do: fc.constant('ask' as const), call: calls, app: fc.nat(1) }),
      fc.record({ do: fc.constant('allow' as const), call: calls, scope: scopes }),
      fc.record({ do: fc.constantFrom('deny' as const, 'cancel' as const, 'next' as const), call: calls }),
      fc.record({ do: fc.constant('wait' as const), ms: fc.nat(70_000) }),
      fc.record({ do: fc.constantFrom('change' as const, 'restart' as const) }),
    ),
    { maxLength: 60 },
  );

  it('each question ends exactly once, no timer is left, and only a yes of its own lets a call go', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (plan: Step[]) => {
        const { start, pass, timers, approvals } = world();
        let asking = start();
        const asked = new Map<
          string,
          { ends: string[]; saidYes: boolean; cancel: AbortController; facts: WaitingCall }
        >();
        let next = 0;
        const idOf = (call: number) => [...asked.keys()].at(-1 - call) ?? 'none';
        for (const step of plan) {
          if (step.do === 'ask') {
            const callId = `call-${next++}`;
            const cancel = new AbortController();
            const app = { id: `app-${step.app}`, name: `App ${step.app}` };
            const facts = about({ callId, app, argumentsDigest: () => `digest-${step.call}` });
            const entry = { ends: [] as string[], saidYes: false, cancel, facts };
            asked.set(callId, entry);
            void asking.ask(facts, cancel.signal).then((result) => {
              const end = endOf(result);
              entry.ends.push('outcome' in end ? end.outcome : end.kind);
              if (!('outcome' in end) || end.outcome !== 'allowed') return;
              // What let it go has to cover it by the rules of decide(), and no other call.
              const { app: who, offer, ...rest } = facts;
              const call = {
                ...rest,
                appId: who.id,
                offerId: offer.id,
                fingerprint: offer.fingerprint,
                now: 1_000_000,
              };
              expect(grantFor(call, facts.reasons, [end.grant])).toBe(end.grant);
              expect(grantFor({ ...call, callId: 'other' }, facts.reasons, [end.grant])).toBeUndefined();
            });
          } else if (step.do === 'allow') {
            const { answered } = asking.allow([idOf(step.call)], step.scope, 'window');
            for (const id of answered) {
              const entry = asked.get(id);
              if (entry) entry.saidYes = true;
            }
          } else if (step.do === 'deny') asking.deny([idOf(step.call)], 'window');
          else if (step.do === 'cancel') asked.get(idOf(step.call))?.cancel.abort('client');
          else if (step.do === 'next') {
            try {
              asking.allowNext(idOf(step.call), 'window');
            } catch {
              // Not one that nobody answered.
            }
          } else if (step.do === 'wait') pass(step.ms);
          else if (step.do === 'change') {
            approvals.put({ ...drop, fingerprint: 'other' });
            expect(asking.answers()).toEqual([]);
            approvals.put(drop);
          } else {
            asking[Symbol.dispose]();
            asking = start();
          }
          const ends = asking.answers().some(({ until }) => until !== null) ? 1 : 0;
          expect(timers.size).toBe(asking.list().waiting.length + ends);
        }
        asking[Symbol.dispose]();
        await new Promise((resolve) => setImmediate(resolve));
        expect(timers.size).toBe(0);
        for (const [callId, { ends, saidYes }] of asked) {
          expect({ callId, ends: ends.length, allowed: ends[0] === 'allowed' }).toEqual({
            callId,
            ends: 1,
            allowed: saidYes,
          });
        }
      }),
      { numRuns: 300 },
    );
  });
});
