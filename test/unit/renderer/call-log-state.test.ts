import type { CallSummary } from '@shared/contract/index.ts';
import { describe, expect, it } from 'vitest';
import { type CallLogState, emptyLog, reduceCallLog } from '../../../src/renderer/features/activity/call-log-state.ts';
import { callAt } from '../../doubles/console-data.ts';

const call = (seq: number, rest: Partial<CallSummary> = {}): CallSummary => ({ ...callAt(seq, seq * 1000), ...rest });
const seqs = (calls: readonly CallSummary[]) => calls.map((it) => it.seq);

function loaded(from: number, to: number): CallLogState {
  const calls = Array.from({ length: from - to + 1 }, (_, i) => call(from - i));
  return reduceCallLog(emptyLog, { type: 'page', calls, nextBefore: to, isFirst: true });
}
const batch = (state: CallLogState, ...calls: CallSummary[]) =>
  reduceCallLog(state, { type: 'batch', calls, filter: {} });
const hold = (state: CallLogState, isHeld: boolean) => reduceCallLog(state, { type: 'hold', isHeld });

describe('The live log', () => {
  it('puts new calls on top, newest first', () => {
    expect(seqs(batch(loaded(10, 9), call(11), call(12)).rows)).toEqual([12, 11, 10, 9]);
  });

  it('keeps new calls back while rows must not move, and shows them afterwards', () => {
    const held = batch(hold(loaded(10, 9), true), call(11));
    expect(seqs(held.rows)).toEqual([10, 9]);
    expect(seqs(held.queued)).toEqual([11]);
    expect(seqs(hold(held, false).rows)).toEqual([11, 10, 9]);
  });

  it('completes a call in its place, also while held', () => {
    const running = batch(loaded(10, 9), call(11, { status: 'running', durationMs: null }));
    const done = batch(hold(running, true), call(11, { status: 'done', durationMs: 42 }));
    expect(done.queued).toEqual([]);
    expect(done.rows[0]).toMatchObject({ seq: 11, status: 'done', durationMs: 42 });
  });

  it('leaves out what does not fit the filter', () => {
    const next = reduceCallLog(loaded(10, 9), {
      type: 'batch',
      calls: [call(11, { status: 'done' }), call(12, { status: 'refused', code: 'paused' })],
      filter: { kind: 'refused' },
    });
    expect(seqs(next.rows)).toEqual([12, 10, 9]);
  });

  it('does not put the end of an old call on top', () => {
    expect(seqs(batch(loaded(10, 9), call(3)).rows)).toEqual([10, 9]);
  });

  it('adds older pages below without repeating a row', () => {
    const older = reduceCallLog(loaded(10, 9), {
      type: 'page',
      calls: [call(9), call(8)],
      nextBefore: null,
      isFirst: false,
    });
    expect(seqs(older.rows)).toEqual([10, 9, 8]);
    expect(older.nextBefore).toBeNull();
  });

  it('stays bounded, and reads what it let go again from the right place', () => {
    let state = loaded(10, 1);
    for (let seq = 11; seq <= 2500; seq += 1) state = batch(state, call(seq));
    expect(state.rows).toHaveLength(2000);
    expect(state.nextBefore).toBe(state.rows.at(-1)?.seq);
  });

  it('skips no call after a queue that overflowed', () => {
    let state = hold(loaded(10, 1), true);
    for (let seq = 11; seq <= 3000; seq += 1) state = batch(state, call(seq));
    const shown = hold(state, false);
    expect(shown.rows[0]?.seq).toBe(3000);
    expect(shown.nextBefore).toBe(shown.rows.at(-1)?.seq);
  });
});
