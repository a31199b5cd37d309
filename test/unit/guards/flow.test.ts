import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chainBefore, FlowTracker, SESSION_MS, STATELESS_MS } from '../../../src/main/guards/flow.ts';
import { type FlowLabel, flowLabelSchema } from '../../../src/shared/words.ts';

const owner = { app: 'ann', sessionId: 's1' };
const stateless = { app: 'ann', sessionId: null };
const call = (at: number, ...labels: FlowLabel[]) => ({ callId: `c${at}`, tool: `t:${at}`, at, labels });

describe('a flow', () => {
  it('needs all three: what strangers wrote, what is private, and a way out', () => {
    const tracker = new FlowTracker();
    const chain = (...labels: FlowLabel[]) => chainBefore(tracker.session(owner, 10), labels);
    tracker.finished(owner, call(1, 'untrusted-source'));
    expect(chain('outward-sink')).toBeNull();
    tracker.finished(owner, call(2, 'private-source'));
    expect(chain('private-source')).toBeNull();
    expect(chain('outward-sink')).toEqual({
      untrusted: [{ callId: 'c1', tool: 't:1', at: 1 }],
      private: [{ callId: 'c2', tool: 't:2', at: 2 }],
    });
  });

  it('begins with one call that gives both, as reading mail does', () => {
    const tracker = new FlowTracker();
    tracker.finished(owner, call(1, 'untrusted-source', 'private-source'));
    expect(chainBefore(tracker.session(owner, 2), ['outward-sink'])).not.toBeNull();
  });

  it('belongs to one session of one app', () => {
    const tracker = new FlowTracker();
    tracker.finished(owner, call(1, 'untrusted-source', 'private-source'));
    for (const other of [{ app: 'bob', sessionId: 's1' }, { app: 'ann', sessionId: 's2' }, stateless]) {
      expect(tracker.session(other, 2)).toBeUndefined();
    }
  });

  it('of a caller without sessions ends half an hour after its last call, of a session half a day after', () => {
    const tracker = new FlowTracker();
    for (const [who, longest] of [
      [stateless, STATELESS_MS],
      [owner, SESSION_MS],
    ] as const) {
      tracker.finished(who, call(1, 'untrusted-source', 'private-source'));
      tracker.finished(who, call(longest));
      expect(tracker.session(who, 2 * longest - 1)).toBeDefined();
      expect(tracker.session(who, 2 * longest)).toBeUndefined();
    }
  });

  it('keeps a bounded chain with its beginning and its end, in a bounded number of sessions', () => {
    const tracker = new FlowTracker();
    for (let at = 1; at <= 100; at += 1) tracker.finished(owner, call(at, 'untrusted-source'));
    expect(tracker.session(owner, 101)?.untrusted.map(({ at }) => at)).toEqual([1, 98, 99, 100]);
    for (let n = 0; n < 5_000; n += 1) tracker.finished({ app: 'a', sessionId: `${n}` }, call(1, 'private-source'));
    expect(tracker.size).toBeLessThanOrEqual(2_000);
  });

  it('never forgets a side while the session is used, whatever else is called', () => {
    fc.assert(
      fc.property(fc.array(fc.uniqueArray(fc.constantFrom(...flowLabelSchema.options))), (calls) => {
        const tracker = new FlowTracker();
        const seen = new Set<FlowLabel>();
        for (const [at, labels] of calls.entries()) {
          tracker.finished(owner, call(at, ...labels));
          for (const label of labels) seen.add(label);
        }
        const isToxic = seen.has('untrusted-source') && seen.has('private-source');
        expect(chainBefore(tracker.session(owner, calls.length), ['outward-sink']) !== null).toBe(isToxic);
      }),
    );
  });
});
