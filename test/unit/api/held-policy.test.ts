import type { Problem } from '@shared/contract/index.ts';
import { describe, expect, it } from 'vitest';
import { askAboutHeldPolicy, createConfirmations } from '../../../src/main/api/index.ts';
import type { HeldPolicy } from '../../../src/main/policy/index.ts';

function setUp() {
  let held: HeldPolicy | null = null;
  let ids = 0;
  const accepted: string[] = [];
  const log: string[] = [];
  const problems = new Map<string, Problem>();
  const listeners = new Set<() => void>();
  const tell = () => {
    for (const listener of listeners) listener();
  };
  const confirmations = createConfirmations({
    clock: () => 0,
    newId: () => `c${++ids}`,
    publish: () => undefined,
  });
  const profiles = {
    held: () => held,
    accept: (id: string) => {
      accepted.push(id);
      held = null;
      tell();
    },
    onChange: (listener: () => void) => {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
  };
  askAboutHeldPolicy({
    profiles,
    confirmations,
    clock: () => 0,
    audit: { note: (entry: { action: string }) => void log.push(entry.action) },
    status: {
      setProblem: (problem: Problem) => void problems.set(problem.id, problem),
      clearProblem: (id: string) => void problems.delete(id),
    },
  } as unknown as Parameters<typeof askAboutHeldPolicy>[0]);
  return {
    confirmations,
    problems,
    accepted,
    log,
    edit(next: HeldPolicy | null) {
      held = next;
      tell();
    },
  };
}

describe('A policy.json that allows more than a person accepted', () => {
  it('is asked about with each thing it would change, and said as a problem', () => {
    const { confirmations, problems, edit } = setUp();
    edit({ id: 'p1', wider: ['It would reach mail.', 'It could delete.'] });
    expect(confirmations.list()).toMatchObject([
      {
        by: 'file',
        state: 'waiting',
        facts: [
          { label: 'Would change', value: 'It would reach mail.' },
          { label: 'And (2)', value: 'It could delete.' },
        ],
      },
    ]);
    expect([...problems.values()][0]?.detail).toContain('It would reach mail.');
  });

  it('holds from the click on, is in the log, and is no problem any more', async () => {
    const { confirmations, problems, accepted, log, edit } = setUp();
    edit({ id: 'p1', wider: ['More.'] });
    expect(await confirmations.confirm('c1')).toMatchObject({ state: 'confirmed' });
    expect([accepted, log, problems.size]).toEqual([['p1'], ['policy.accept'], 0]);
  });

  it('edited again takes the earlier question back, so that a late click accepts nothing', async () => {
    const { confirmations, accepted, edit } = setUp();
    edit({ id: 'p1', wider: ['A little.'] });
    edit({ id: 'p2', wider: ['Everything.'] });
    expect(await confirmations.confirm('c1')).toMatchObject({ state: 'denied' });
    expect(accepted).toEqual([]);
    expect(confirmations.list().map(({ state }) => state)).toEqual(['denied', 'waiting']);
  });

  it('taken back by hand ends the question and the problem', () => {
    const { confirmations, problems, edit } = setUp();
    edit({ id: 'p1', wider: ['More.'] });
    edit(null);
    expect(confirmations.list().map(({ state }) => state)).toEqual(['denied']);
    expect(problems.size).toBe(0);
  });
});
