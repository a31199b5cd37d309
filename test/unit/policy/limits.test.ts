import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Usage } from '../../../src/main/gateway/usage.ts';
import { createDayCounts, dayOf, untilMidnight } from '../../../src/main/policy/day-counts.ts';
import { overLimit, overLoop } from '../../../src/main/policy/limit-stage.ts';
import { type AnsweredCall, loopFacts, withAnswer } from '../../../src/main/policy/loops.ts';
import { silentLog } from '../../doubles/rooms.ts';
import { gateDatabase, keptIn } from '../../fixtures/gateway.ts';

const NOW = Date.UTC(2026, 10, 30, 12);
const guard = { repeats: 5, pingPong: 6, windowSeconds: 60 };
const unlimited = { callsPerMinute: null, concurrentCalls: null, callsPerDay: null };
const unused = { lastMinute: 0, inFlight: 0, today: 0, freesInMs: 0 };

describe('calls per minute', () => {
  it('never lets more calls begin in any sixty seconds than the limit, at whatever times they come', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 9_000 }), { minLength: 1, maxLength: 200 }),
        fc.integer({ min: 1, max: 12 }),
        (waits, callsPerMinute) => {
          const usage = new Usage();
          const passed: number[] = [];
          let at = NOW;
          for (const wait of waits) {
            at += wait;
            const used = { ...usage.read('ann', at), today: 0 };
            if (overLimit('This app', { ...unlimited, callsPerMinute }, used, at)) continue;
            usage.begin('ann', at)();
            passed.push(at);
          }
          for (const from of passed) {
            expect(passed.filter((one) => one >= from && one < from + 60_000).length).toBeLessThanOrEqual(
              callsPerMinute,
            );
          }
        },
      ),
    );
  });

  it('lets a call begin when the time it named is over', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5_000 }), { minLength: 3, maxLength: 3 }), (waits) => {
        const usage = new Usage();
        let at = NOW;
        for (const wait of waits) {
          at += wait;
          usage.begin('ann', at)();
        }
        const over = overLimit(
          'This app',
          { ...unlimited, callsPerMinute: 3 },
          { ...usage.read('ann', at), today: 0 },
          at,
        );
        const later = at + (over?.retryAfterMs ?? 0);
        expect(over).not.toBeNull();
        expect(
          overLimit('This app', { ...unlimited, callsPerMinute: 3 }, { ...usage.read('ann', later), today: 0 }, later),
        ).toBeNull();
      }),
    );
  });
});

describe('calls a day', () => {
  it('survive a restart and begin anew at midnight', () => {
    const db = gateDatabase();
    const open = (isNew: boolean) => createDayCounts({ kept: keptIn(db, isNew), log: silentLog });
    const first = open(true);
    first.add('ann', NOW);
    first.add('ann', NOW);
    expect(open(false).read('ann', NOW)).toBe(2);
    const tomorrow = NOW + untilMidnight(NOW);
    expect(dayOf(tomorrow)).not.toBe(dayOf(NOW));
    expect(dayOf(tomorrow - 1)).toBe(dayOf(NOW));
    expect(open(false).read('ann', tomorrow)).toBe(0);
  });

  it('do not come back when the clock is set back', () => {
    const counts = createDayCounts({ kept: keptIn(gateDatabase(), true), log: silentLog });
    counts.add('ann', NOW);
    expect(counts.read('ann', NOW - 86_400_000)).toBe(1);
  });

  it('are refused with the time until midnight', () => {
    const over = overLimit('This app', { ...unlimited, callsPerDay: 2 }, { ...unused, today: 2 }, NOW);
    expect(over).toMatchObject({ code: 'rate_limited', retryAfterMs: untilMidnight(NOW) });
    expect(overLimit('This app', { ...unlimited, callsPerDay: 3 }, { ...unused, today: 2 }, NOW)).toBeNull();
  });
});

describe('the loop guard', () => {
  const history = (...calls: readonly (readonly [what: string, result: string])[]): readonly AnsweredCall[] =>
    calls.reduce<readonly AnsweredCall[]>(
      (before, [what, result], at) => withAnswer(before, { what, result, at: NOW + at }),
      [],
    );
  const factsOf = (calls: readonly AnsweredCall[], what: string, now = NOW + 1_000) =>
    loopFacts(calls, what, now, guard);

  it('counts the same call with the same result, and begins anew with another result or another call', () => {
    expect(factsOf(history(['a', '1'], ['a', '1'], ['a', '1']), 'a').repeats).toBe(3);
    expect(factsOf(history(['a', '1'], ['a', '2'], ['a', '2']), 'a').repeats).toBe(2);
    expect(factsOf(history(['a', '1'], ['b', '1'], ['a', '1']), 'a').repeats).toBe(1);
    expect(factsOf(history(['a', '1'], ['a', '1']), 'b').repeats).toBe(0);
  });

  it('counts two calls that take turns, as long as nothing new comes back', () => {
    const turns = history(['a', '1'], ['b', '2'], ['a', '1'], ['b', '2']);
    expect(factsOf(turns, 'a').pingPong).toBe(4);
    expect(factsOf(turns, 'b').pingPong).toBe(0);
    expect(factsOf(history(['a', '0'], ['b', '2'], ['a', '1'], ['b', '2']), 'a').pingPong).toBe(3);
  });

  it('refuses with the code loop, says so, and lets go when the window has passed', () => {
    const calls = history(['a', '1'], ['a', '1'], ['a', '1'], ['a', '1'], ['a', '1']);
    const over = overLoop(guard, factsOf(calls, 'a'), NOW + 1_000);
    expect(over).toMatchObject({ code: 'loop' });
    expect(over?.message).toContain('loop');
    const later = NOW + 1_000 + (over?.retryAfterMs ?? 0);
    expect(overLoop(guard, factsOf(calls, 'a', later), later)).toBeNull();
  });

  it('never stops calls that are all different, or whose results are', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string(), { maxLength: 60 }), (names) => {
        const calls = history(...names.map((name) => [name, 'same'] as const));
        expect(overLoop(guard, factsOf(calls, 'another'), NOW)).toBeNull();
        const polls = history(...names.map((result) => ['poll', result] as const));
        expect(overLoop({ ...guard, repeats: 2 }, factsOf(polls, 'poll'), NOW)).toBeNull();
      }),
    );
  });

  it('always stops an agent that does one thing over and over, after exactly so many', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 50 }), fc.string(), (repeats, what) => {
        let calls: readonly AnsweredCall[] = [];
        let made = 0;
        while (!overLoop({ ...guard, repeats }, loopFacts(calls, what, NOW, guard), NOW)) {
          calls = withAnswer(calls, { what, result: 'r', at: NOW });
          made += 1;
          if (made > 100) break;
        }
        expect(made).toBe(repeats);
      }),
    );
  });
});
