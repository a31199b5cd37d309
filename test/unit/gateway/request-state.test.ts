import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RequestStates, type StateFacts } from '../../../src/main/gateway/request-state.ts';

const facts: StateFacts = { app: 'ann', target: '', method: 'tools/call', request: '["a:b",{}]' };

describe('a requestState', () => {
  it('leads back to the call it was made for, until it expires', () => {
    const states = new RequestStates();
    const state = states.mint('call-1', 100, facts);
    expect(states.read(state, () => facts, 99)).toEqual({ kind: 'ours', id: 'call-1' });
    expect(states.read(state, () => facts, 100)).toEqual({ kind: 'refused', why: 'expired' });
  });

  it('is refused when any of what it is bound to differs', () => {
    const states = new RequestStates();
    const state = states.mint('call-1', 100, facts);
    for (const key of ['app', 'target', 'method', 'request'] as const) {
      expect(states.read(state, () => ({ ...facts, [key]: 'other' }), 1)).toEqual({ kind: 'refused', why: 'forged' });
    }
  });

  it('is refused when a single character of it differs, wherever that is', () => {
    const states = new RequestStates();
    const state = states.mint('call-1', 100, facts);
    const alphabet = fc.constantFrom(...'ABCxyz019-_.=/');
    fc.assert(
      fc.property(fc.nat(state.length - 1), alphabet, (at, letter) => {
        const changed = `${state.slice(0, at)}${letter}${state.slice(at + 1)}`;
        fc.pre(changed !== state);
        expect(states.read(changed, () => facts, 1).kind).not.toBe('ours');
      }),
    );
  });

  it('of another process, or of a server, is told apart', () => {
    const state = new RequestStates().mint('call-1', 100, facts);
    expect(new RequestStates().read(state, () => facts, 1)).toEqual({ kind: 'foreign' });
    expect(new RequestStates().read('x'.repeat(100_000), () => facts, 1)).toEqual({ kind: 'foreign' });
  });
});
