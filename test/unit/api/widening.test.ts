import { ORPCError } from '@orpc/server';
import { contract, type ProcedureMeta } from '@shared/contract/index.ts';
import { describe, expect, it } from 'vitest';
import type { ActionDescription } from '../../../src/main/api/describe-action.ts';
import { createConfirmations } from '../../../src/main/api/index.ts';
import { requirePerson } from '../../../src/main/api/widening.ts';

const procedures = Object.entries(contract).flatMap(([area, group]) =>
  Object.entries(group).map(([name, procedure]) => ({
    path: [area, name],
    meta: procedure['~orpc'].meta as ProcedureMeta,
  })),
);
const widening = procedures.filter((procedure) => procedure.meta.widens === true);

function attempt(
  actor: 'cli' | 'file' | 'window' | 'console' | 'tray',
  path: string[],
  meta: ProcedureMeta,
  cliAdmin = false,
  describeNow: () => ActionDescription = () => ({ summary: 'It wants this.', facts: [] }),
) {
  const confirmations = createConfirmations({ clock: () => 0, newId: () => 'c1', publish: () => undefined });
  let done = 0;
  const perform = async () => {
    done += 1;
  };
  const facts = { confirmations, doneSoFar: () => done };
  try {
    const rule = { confirmations, cliAdmin, describe: describeNow };
    requirePerson(rule, { actor, path, meta, input: {}, perform });
    return { outcome: 'runs', ...facts } as const;
  } catch (error) {
    if (!(error instanceof ORPCError)) throw error;
    return { outcome: error.code, ...facts } as const;
  }
}

describe('Who may widen access', () => {
  it('the contract marks exactly the procedures that widen', () => {
    expect(widening.map(({ path }) => path.join('.')).toSorted()).toEqual([
      'apps.issueToken',
      'asks.allow',
      'asks.allowNext',
      'catalog.add',
      'confirmations.confirm',
      'gate.resume',
      'policy.edit',
      'servers.add',
      'servers.approve',
      'servers.setDisabled',
      'servers.signIn',
      'settings.set',
      'system.consoleLogin',
      'system.movePort',
      'tools.approve',
      'tools.approveAll',
    ]);
  });

  it.each(widening)('$path from the command line needs a person', ({ path, meta }) => {
    const { outcome } = attempt('cli', path, meta);
    expect(outcome).toBe(path.join('.') === 'confirmations.confirm' ? 'REFUSED' : 'NEEDS_PERSON');
    expect(attempt('file', path, meta).outcome).not.toBe('runs');
  });

  it.each(widening)('$path runs at once from the fronts of the person', ({ path, meta }) => {
    for (const actor of ['window', 'console', 'tray'] as const) expect(attempt(actor, path, meta).outcome).toBe('runs');
  });

  it('serve --cli-admin lets the command line widen, but never confirm for the person', () => {
    for (const { path, meta } of widening) {
      const expected = path.join('.') === 'confirmations.confirm' ? 'REFUSED' : 'runs';
      expect(attempt('cli', path, meta, true).outcome).toBe(expected);
    }
  });

  it('narrowing is open to everybody', () => {
    for (const { path, meta } of procedures.filter((procedure) => procedure.meta.widens !== true)) {
      expect(attempt('cli', path, meta).outcome).toBe('runs');
    }
  });

  it('does what was asked for once a person confirms', async () => {
    const { confirmations, doneSoFar } = attempt('cli', ['tools', 'approve'], { widens: true });
    expect(doneSoFar()).toBe(0);
    expect(await confirmations.confirm('c1')).toMatchObject({ state: 'confirmed' });
    expect(doneSoFar()).toBe(1);
  });

  it('does nothing when what it would do has changed between the question and the click', async () => {
    let fingerprint = 'looked-at';
    const { confirmations, doneSoFar } = attempt('cli', ['tools', 'approve'], { widens: true }, false, () => ({
      summary: 'It wants to approve one tool.',
      facts: [{ label: 'a:read', value: fingerprint }],
    }));
    fingerprint = 'swapped';
    const { state, error } = (await confirmations.confirm('c1')) ?? {};
    expect([state, doneSoFar()]).toEqual(['failed', 0]);
    expect(error).toMatch(/has changed since it was asked for.*Ask again/);
  });
});
