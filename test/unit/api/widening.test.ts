import { ORPCError } from '@orpc/server';
import { contract, type ProcedureMeta } from '@shared/contract/index.ts';
import { describe, expect, it } from 'vitest';
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
) {
  const confirmations = createConfirmations({ clock: () => 0, newId: () => 'c1', publish: () => undefined });
  const input = { name: 'x', config: { command: 'node' }, secrets: { TOKEN: 'hunter2' } };
  try {
    requirePerson({ confirmations, cliAdmin }, { actor, path, meta, input, perform: async () => undefined });
    return { outcome: 'runs', waiting: confirmations.list() } as const;
  } catch (error) {
    if (!(error instanceof ORPCError)) throw error;
    return { outcome: error.code, waiting: confirmations.list(), message: error.message } as const;
  }
}

describe('Who may widen access', () => {
  it('the contract marks exactly the procedures that widen', () => {
    expect(widening.map(({ path }) => path.join('.')).toSorted()).toEqual([
      'apps.issueToken',
      'catalog.add',
      'confirmations.confirm',
      'gate.resume',
      'servers.add',
      'servers.approve',
      'servers.setDisabled',
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

  it('the request names the exact command and never a secret value', () => {
    const { waiting, message } = attempt('cli', ['servers', 'add'], { widens: true });
    const shown = JSON.stringify([waiting, message]);
    expect(shown).toContain('"value":"node"');
    expect(shown).toContain('TOKEN');
    expect(shown).not.toContain('hunter2');
  });
});
