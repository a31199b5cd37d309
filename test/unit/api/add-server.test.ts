import type { ServerConfig } from '@shared/contract/index.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addServer, planServer } from '../../../src/main/api/server-procedures.ts';
import type { Approvals } from '../../../src/main/approvals/index.ts';
import { launchIdentityOf } from '../../../src/main/upstreams/index.ts';
import { openApprovals } from '../../fixtures/approvals.ts';
import { openDatabase, type TestDatabase } from '../../fixtures/open-database.ts';

type Services = Parameters<typeof addServer>[0];

describe('Adding a server a person consented to', () => {
  const config: ServerConfig = { command: 'node', args: ['good.mjs'] };
  const declared = new Map<string, ServerConfig>();
  const vault = new Map<string, string>();
  let database: TestDatabase;
  let approvals: Approvals;
  /** Runs right after servers.json was written. */
  let meanwhile: () => void;

  beforeEach(() => {
    declared.clear();
    vault.clear();
    meanwhile = () => undefined;
    database = openDatabase();
    approvals = openApprovals(database);
  });
  afterEach(() => {
    approvals[Symbol.dispose]();
    database[Symbol.dispose]();
  });

  function services(): Services {
    const sync = async () => {
      for (const [name, one] of declared) approvals.observeServer(name, launchIdentityOf(one));
    };
    return {
      approvals,
      configs: {
        all: () => declared,
        put: async (name: string, wanted: ServerConfig) => {
          declared.set(name, wanted);
          meanwhile();
        },
      },
      intake: { sync, refresh: async () => [], switchOn: () => undefined },
      summaries: { server: (name: string) => ({ name, approval: approvals.server(name)?.state }) },
      vault: {
        names: async () => [...vault.keys()],
        set: async (name: string, value: string) => void vault.set(name, value),
      },
    } as unknown as Services;
  }
  const add = (input: { config: ServerConfig; secrets?: Record<string, string> }) => {
    const rooms = services();
    const { consentHash } = planServer(rooms, { name: 'notes', ...input });
    return addServer(rooms, 'window', { name: 'notes', ...input, consentHash });
  };

  it('approves what was shown', async () => {
    expect(await add({ config })).toMatchObject({ approval: 'approved' });
  });

  it('does not approve what another program wrote into servers.json at that very moment', async () => {
    meanwhile = () => void declared.set('notes', { command: 'node', args: ['evil.mjs'] });
    await expect(add({ config })).rejects.toThrow(/Another program changed notes in servers.json/);
    expect(approvals.server('notes')?.state).toBe('pending');
  });

  it('stores no value for a secret the server does not use, which could be another server’s', async () => {
    vault.set('github.TOKEN', 'the right one');
    await expect(add({ config, secrets: { 'github.TOKEN': 'planted' } })).rejects.toThrow(/does not use/);
    expect(vault.get('github.TOKEN')).toBe('the right one');
  });
});
