import { contract, type ProcedureMeta, type ServerConfig, type ToolSummary } from '@shared/contract/index.ts';
import { describe, expect, it } from 'vitest';
import { actionsOf } from '../../../src/main/api/describe-action.ts';
import { createCatalog } from '../../../src/main/catalog/index.ts';
import { launchIdentityOf } from '../../../src/main/upstreams/index.ts';

type Known = Parameters<typeof actionsOf>[0];

const github: ServerConfig = {
  command: 'node',
  args: ['github.mjs'],
  env: { GITHUB_TOKEN: '${secret:github.GITHUB_TOKEN}' },
};

/** Only what descriptions look at; each test says what it is about. */
function knowing(changes: { tools?: Partial<ToolSummary>[]; pausedSince?: number; instructions?: string } = {}) {
  const tools = (changes.tools ?? []).map((tool) => ({
    kind: 'tool',
    description: 'Reads.',
    state: 'pending',
    suggestedEffect: 'read',
    hidesText: false,
    findingCounts: { serious: 0, note: 0 },
    fingerprint: 'f1',
    ...tool,
  }));
  const launch = launchIdentityOf(github);
  const known = {
    approvals: {
      summaries: () => tools,
      server: (name: string) =>
        name === 'github'
          ? {
              ...{ launch, approvedLaunch: null, fingerprint: `launch-1 ${changes.instructions}`, state: 'pending' },
              instructions: changes.instructions ?? null,
              instructionsState: changes.instructions === undefined ? null : 'pending',
            }
          : undefined,
    },
    apps: { list: () => [{ name: 'Cursor', profile: 'work', revokedAt: null, tokenHint: 'wxyz' }] },
    asking: {
      get: (id: string) => ({
        ...{ id, app: { id: 'cursor', name: 'Cursor' }, server: 'db', name: 'drop', effect: 'destructive' },
        ...{ argumentsJson: '{"table":"users"}', reasons: [{ text: 'It deletes.' }] },
      }),
      list: () => ({ waiting: [], settled: [] }),
    },
    catalog: createCatalog(),
    configs: { all: () => new Map([['github', github]]) },
    endpoint: () => 'http://127.0.0.1:4283/mcp',
    gate: { state: () => ({ paused: true, since: changes.pausedSince ?? 0, by: 'tray', apps: {} }) },
    profiles: { get: (name: string) => ({ name, servers: name === 'work' ? ['github'] : null, effects: ['read'] }) },
    settings: { get: () => ({ port: 4283 }) },
  };
  return actionsOf(known as unknown as Known);
}

/** All facts as one text. */
const told = (description: ReturnType<ReturnType<typeof actionsOf>>) =>
  [description.summary, ...description.facts.map(({ label, value }) => `${label}: ${value}`)].join('\n');

const widening = Object.entries(contract).flatMap(([area, group]) =>
  Object.entries(group).flatMap(([name, procedure]) =>
    (procedure['~orpc'].meta as ProcedureMeta).widens === true ? [`${area}.${name}`] : [],
  ),
);

describe('what a person reads before they confirm', () => {
  const inputs: Record<string, unknown> = {
    'apps.issueToken': { name: 'Cursor' },
    'asks.allow': { ids: ['call-1'], scope: 'always' },
    'asks.allowNext': { id: 'call-1' },
    'catalog.add': { id: 'everything', inputs: {}, consentHash: '' },
    'gate.resume': undefined,
    'servers.add': { name: 'x', config: { command: 'node' } },
    'servers.approve': { name: 'github' },
    'servers.setDisabled': { name: 'github', disabled: false },
    'servers.signIn': { name: 'github' },
    'policy.edit': { revision: '', edit: { kind: 'built-in', rule: 'env-files', on: false } },
    'settings.set': { port: 1 },
    'system.consoleLogin': undefined,
    'system.movePort': { port: 1 },
    'tools.approve': { ids: ['github:read'] },
    'tools.approveAll': { server: 'github' },
  };

  it.each(widening.filter((action) => action !== 'confirmations.confirm'))('%s is described with facts', (action) => {
    const { summary, facts } = knowing()(action, inputs[action]);
    expect(summary).toMatch(/^The command line wants /);
    expect(facts.length).toBeGreaterThan(0);
    expect(new Set(facts.map((fact) => fact.label)).size).toBe(facts.length);
  });

  it('refuses an action that nobody described, instead of asking to agree to it unseen', () => {
    expect(() => knowing()('servers.launchEverything', {})).toThrow(/window or the console/);
  });

  it('a server shows its program, warnings, foreign secrets and what it replaces, never a secret value', () => {
    const config: ServerConfig = {
      command: 'node',
      args: ['evil.mjs'],
      cwd: '/srv',
      env: { NODE_OPTIONS: '--require /tmp/evil.js', T: '${secret:github.GITHUB_TOKEN}', OWN: '${secret:evil.KEY}' },
    };
    const text = told(knowing()('servers.add', { name: 'evil', config, secrets: { 'evil.KEY': 'hunter2' } }));
    expect(text).toContain('Command: node evil.mjs');
    expect(text).toMatch(/Program: \/.*node/);
    expect(text).toContain('Working directory: /srv');
    expect(text).toContain('Environment: NODE_OPTIONS, OWN, T');
    expect(text).toContain('Secrets to store: evil.KEY');
    expect(text).toContain('It is given the secret github.GITHUB_TOKEN, which was stored for the server github.');
    expect(text).toContain('It sets NODE_OPTIONS to "--require /tmp/evil.js"');
    expect(text).not.toContain('hunter2');
    expect(told(knowing()('servers.add', { name: 'github', config }))).toContain('Replaces: node github.mjs');
  });

  it('a catalog entry shows the command it becomes', () => {
    const text = told(knowing()('catalog.add', { id: 'everything', name: 'demo', inputs: {} }));
    expect(text).toContain('as the server demo');
    expect(text).toMatch(/Command: .*server-everything/);
  });

  it('a tool shows the effect it would get and what it says, and changes with its definition', () => {
    const ask = (fingerprint: string) =>
      knowing({ tools: [{ id: 'github:wipe', description: 'Wipes it.', fingerprint }] })('tools.approve', {
        ids: ['github:wipe'],
        effect: 'read',
      });
    expect(told(ask('f1'))).toContain('github:wipe: as read; pending. It says: Wipes it.');
    expect(ask('f2')).not.toEqual(ask('f1'));
    expect(ask('f1')).toEqual(ask('f1'));
  });

  it('shows the flow labels it would fix, also when these are none', () => {
    const known = knowing({ tools: [{ id: 'github:wipe' }] });
    const ask = (labels?: string[]) => known('tools.approve', { ids: ['github:wipe'], labels });
    expect(told(ask(['outward-sink', 'private-source']))).toContain('Flow labels: outward-sink, private-source');
    expect(told(ask([]))).toContain('Flow labels: none');
    expect(told(ask())).not.toContain('Flow labels');
  });

  it('names a prompt or resource as what it is, and gives it no effect', () => {
    const id = 'github#prompt:review';
    const known = knowing({ tools: [{ id, kind: 'prompt', description: 'Reviews.' }, { id: 'github:wipe' }] });
    const one = told(known('tools.approve', { ids: [id], effect: 'destructive' }));
    expect(one).toContain('wants to approve the prompt review of github.');
    expect(one).toContain(`${id}: pending. It says: Reviews.`);
    expect(known('tools.approve', { ids: [id, 'github:wipe'] }).summary).toContain('approve one tool and one prompt.');
    expect(known('tools.approve', { ids: ['github#resource:file:///a'] }).summary).toContain(
      'the resource file:///a of github',
    );
  });

  it('approving everything of a server shows the instructions that wait, and changes with them', () => {
    const ask = (instructions: string) =>
      knowing({ instructions, tools: [{ id: 'github:t' }] })('tools.approveAll', { server: 'github' });
    expect(told(ask('Be careful.'))).toContain('approve the instructions and one tool of github');
    expect(told(ask('Be careful.'))).toContain('Its instructions: Be careful.');
    const long = 'x'.repeat(5_000);
    expect(ask(`${long}a`)).not.toEqual(ask(`${long}b`));
  });

  it('approving everything of a server counts all of it, also what the list leaves out', () => {
    const tools = (last: string) =>
      Array.from({ length: 150 }, (_, at) => ({ id: `github:t${at}`, fingerprint: at === 149 ? last : 'same' }));
    const ask = (last: string) => knowing({ tools: tools(last) })('tools.approveAll', { server: 'github' });
    expect(told(ask('a'))).toContain('And: 50 tools');
    expect(ask('b')).not.toEqual(ask('a'));
  });

  it('a token shows the profile it opens and that the one in use ends', () => {
    const text = told(knowing()('apps.issueToken', { name: 'Cursor' }));
    expect(text).toContain('Profile: work: github; read');
    expect(text).toContain('Token in use now: …wxyz, which ends');
  });

  it('opening the gate is about the pause that was there when it was asked for', () => {
    expect(knowing({ pausedSince: 1 })('gate.resume', undefined)).not.toEqual(
      knowing({ pausedSince: 2 })('gate.resume', undefined),
    );
  });
});
