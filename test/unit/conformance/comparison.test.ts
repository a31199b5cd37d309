import { describe, expect, it } from 'vitest';
import { type Check, isPassed, lossesOf } from '../../conformance/comparison.ts';

const check = (id: string, status: Check['status'], name = id): Check => ({ id, name, status });
const results = (scenarios: Record<string, Check[]>) => new Map(Object.entries(scenarios));

describe('What a run through Gatehouse lost', () => {
  it('names a check that succeeds directly and fails through the gateway, with what it said', () => {
    const direct = results({ ping: [check('ping', 'SUCCESS')] });
    const through = results({ ping: [{ ...check('ping', 'FAILURE'), errorMessage: 'no answer' }] });
    expect(lossesOf(direct, through)).toEqual([
      { scenario: 'ping', check: 'ping', became: 'FAILURE', message: 'no answer' },
    ]);
  });

  it.each(['WARNING', 'SKIPPED', 'INFO'] as const)('counts a success that became %s as lost', (status) => {
    const losses = lossesOf(results({ a: [check('x', 'SUCCESS')] }), results({ a: [check('x', status)] }));
    expect(losses.map(({ became }) => became)).toEqual([status]);
  });

  it('counts a check, or a whole scenario, that was never made as lost', () => {
    const direct = results({ a: [check('x', 'SUCCESS'), check('y', 'SUCCESS')], b: [check('z', 'SUCCESS')] });
    const losses = lossesOf(direct, results({ a: [check('x', 'SUCCESS')] }));
    expect(losses.map(({ scenario, check, became }) => [scenario, check, became])).toEqual([
      ['a', 'y', 'missing'],
      ['b', 'z', 'missing'],
    ]);
  });

  it('does not hide a lost check behind another one with the same id', () => {
    const direct = results({ a: [check('x', 'SUCCESS', 'One'), check('x', 'WARNING', 'Two')] });
    const through = results({ a: [check('x', 'FAILURE', 'One'), check('x', 'WARNING', 'Two')] });
    expect(lossesOf(direct, through)).toHaveLength(1);
  });

  it('looks at the worst of a check that is made several times', () => {
    const direct = results({ a: [check('x', 'SUCCESS'), check('x', 'SUCCESS')] });
    expect(lossesOf(direct, results({ a: [check('x', 'SUCCESS'), check('x', 'FAILURE')] }))).toHaveLength(1);
    expect(lossesOf(direct, results({ a: [check('x', 'FAILURE'), check('x', 'SUCCESS')] }))).toHaveLength(1);
  });

  it('asks nothing of a check that does not succeed directly', () => {
    const direct = results({ a: [check('x', 'FAILURE'), check('y', 'WARNING')] });
    expect(lossesOf(direct, results({}))).toEqual([]);
  });

  it('allows only the resuming of a stream that Gatehouse resumes itself', () => {
    const direct = results({
      'server-sse-polling': [check('server-sse-disconnect-resume', 'SUCCESS'), check('other', 'SUCCESS')],
      elsewhere: [check('server-sse-disconnect-resume', 'SUCCESS')],
    });
    expect(lossesOf(direct, results({})).map(({ scenario, check }) => `${scenario}:${check}`)).toEqual([
      'server-sse-polling:other',
      'elsewhere:server-sse-disconnect-resume',
    ]);
  });
});

describe('A scenario', () => {
  it('passes with warnings and without failures', () => {
    expect(isPassed([check('x', 'SUCCESS'), check('y', 'WARNING')])).toBe(true);
    expect(isPassed([check('x', 'SUCCESS'), check('y', 'FAILURE')])).toBe(false);
  });

  it('does not pass when it did not run or checked nothing', () => {
    expect(isPassed(undefined)).toBe(false);
    expect(isPassed([])).toBe(false);
  });
});
