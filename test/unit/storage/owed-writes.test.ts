import { afterEach, describe, expect, it, vi } from 'vitest';
import { OwedWrites } from '../../../src/main/storage/index.ts';

const full = () => Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });

describe('writes owed because the disk was full', () => {
  afterEach(() => vi.useRealTimers());
  const disk = () => {
    const warnings: string[] = [];
    const state = { full: true, written: [] as string[] };
    const owed = new OwedWrites({ warn: (_facts, message) => warnings.push(message), retryMs: 10 });
    const write = (what: string) => () => {
      if (state.full) throw full();
      state.written.push(what);
    };
    return { owed, state, warnings, write };
  };

  it('are made in their order once there is space, the last one of a name only', () => {
    vi.useFakeTimers();
    const { owed, state, write } = disk();
    for (const what of ['gate paused', 'tool blocked']) expect(owed.owe(full(), what, write(what))).toBe(true);
    owed.owe(new Error('The log cannot be written.', { cause: full() }), 'gate paused', write('gate paused longer'));
    vi.advanceTimersByTime(50);
    expect(state.written).toEqual([]);
    state.full = false;
    vi.advanceTimersByTime(10);
    expect(state.written).toEqual(['tool blocked', 'gate paused longer']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('are not kept when space would not help', () => {
    const { owed, write } = disk();
    expect(owed.owe(new Error('syntax error'), 'x', write('x'))).toBe(false);
    expect(owed.settle()).toBeUndefined();
  });

  it('stop at the first that still does not fit, so that none overtakes', () => {
    const { owed, state, write } = disk();
    owed.owe(full(), 'a', write('a'));
    owed.owe(full(), 'b', () => void state.written.push('b'));
    expect(owed.settle()).toMatchObject({ code: 'SQLITE_FULL' });
    expect(state.written).toEqual([]);
    state.full = false;
    expect(owed.settle()).toBeUndefined();
    expect(state.written).toEqual(['a', 'b']);
  });

  it('are given up with a warning when they fail for another reason, without blocking the next', () => {
    const { owed, state, warnings } = disk();
    owed.owe(full(), 'a', () => {
      throw new Error('no such table');
    });
    owed.owe(full(), 'b', () => void state.written.push('b'));
    expect(owed.settle()).toBeUndefined();
    expect(state.written).toEqual(['b']);
    expect(warnings).toHaveLength(1);
  });

  it('are tried a last time at the end', () => {
    const { owed, state, write, warnings } = disk();
    owed.owe(full(), 'a', write('a'));
    state.full = false;
    owed[Symbol.dispose]();
    expect(state.written).toEqual(['a']);
    expect(warnings).toEqual([]);
  });
});
