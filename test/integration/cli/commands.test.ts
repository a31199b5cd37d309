/** Every admin command against a real instance with a real server. */
import { spawn } from 'node:child_process';
import { readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectAgent } from '../../fixtures/agent.ts';
import { signInToConsole } from '../../fixtures/console-client.ts';
import {
  gatehouse,
  out,
  root,
  runCommand,
  type Served,
  serve,
  temporaryDir,
} from '../../fixtures/gatehouse-process.ts';
import { npmServer } from '../../fixtures/npm-servers.ts';
import { until } from '../../fixtures/until.ts';

const folder = temporaryDir();
const run = (...args: string[]) => runCommand(folder.path, args);
const json = (...args: string[]) => gatehouse(folder.path, ...args);

describe('a command line that may administer', () => {
  let gate: Served;
  beforeAll(async () => {
    gate = await serve(folder.path);
  });
  afterAll(async () => {
    await gate[Symbol.asyncDispose]();
  });

  it('shows exactly what would run before it adds a server', async () => {
    const { code, out, err } = await run(
      'server',
      'add',
      'everything',
      '--env',
      'GREETING=hi',
      '--',
      ...npmServer('everything'),
    );
    expect(code, err).toBe(0);
    for (const word of npmServer('everything')) expect(err).toContain(word);
    expect(err).toContain('not sandboxed');
    expect(err).toContain('GREETING');
    expect(err.indexOf('would run')).toBeGreaterThanOrEqual(0);
    expect(out).toMatch(/^Added everything: \d+ tools, \d+ waiting/);
  });

  it('takes a relative path from the folder in which npm was called', async () => {
    using elsewhere = temporaryDir();
    writeFileSync(join(elsewhere.path, 'server.mjs'), '');
    const args = [
      join(out, 'main/cli.js'),
      'server',
      'add',
      'near',
      '--data-dir',
      folder.path,
      '--',
      'node',
      './server.mjs',
    ];
    // What `npm run --prefix` does: the project's folder, and where it was called in INIT_CWD.
    const env = { ...process.env, npm_lifecycle_event: 'gatehouse', INIT_CWD: elsewhere.path };
    const child = spawn(process.execPath, args, { cwd: root, env, stdio: 'ignore' });
    expect(await new Promise((done) => child.once('exit', done))).toBe(0);
    expect(await json('server', 'show', 'near')).toMatchObject({ launch: { cwd: realpathSync(elsewhere.path) } });
    await json('server', 'remove', 'near');
  });

  it('lists and shows servers', async () => {
    expect(await json('server', 'list')).toMatchObject([
      { id: 'everything', name: 'everything', approval: 'approved' },
    ]);
    expect(await json('server', 'show', 'everything')).toMatchObject({
      name: 'everything',
      env: [{ name: 'GREETING' }],
    });
    expect((await run('server', 'list')).out).toMatch(/^NAME +HEALTH[\s\S]*\neverything /);
    expect((await run('server', 'show', 'nobody')).code).toBe(1);
  });

  it('lists, shows, approves and blocks prompts and resources under ids of their own', async () => {
    const list = async (...args: string[]) => (await json('tool', 'list', ...args)) as { id: string; kind: string }[];
    expect(new Set((await list()).map((offer) => offer.kind))).toEqual(new Set(['tool']));
    const prompts = await list('--kind', 'prompt', '--server', 'everything');
    expect(prompts.length).toBeGreaterThan(1);
    for (const prompt of prompts) expect(prompt).toMatchObject({ kind: 'prompt', state: 'pending' });
    const [first, second] = prompts.map((prompt) => prompt.id);
    expect(first).toMatch(/^everything#prompt:./);
    expect(await json('tool', 'approve', first ?? '')).toMatchObject({
      changed: [{ id: first, state: 'approved', effect: 'read' }],
    });
    expect((await run('tool', 'approve', second ?? '', '--effect', 'write')).err).toContain('only read');
    expect((await run('tool', 'approve', second ?? '')).out).toBe(`Approved ${second}.\n`);
    expect(await json('tool', 'block', second ?? '')).toMatchObject({ changed: [{ id: second, state: 'blocked' }] });
    expect(await json('tool', 'show', first ?? '')).toMatchObject({ kind: 'prompt', diff: null });
    expect((await run('tool', 'show', first ?? '')).out).toMatch(/^Prompt +everything#prompt:/);
    const all = await list('--kind', 'all');
    expect(new Set(all.map((offer) => offer.kind))).toEqual(new Set(['tool', 'prompt', 'resource', 'template']));
    expect((await run('tool', 'list', '--kind', 'resource')).out).toMatch(/^RESOURCE +STATE/);
    expect((await run('tool', 'show', 'everything#prompt:nothing')).err).toContain('There is no prompt');
  });

  it('counts everything that waits, and shows the instructions agents do not get yet', async () => {
    const waits = (await json('tool', 'list', '--kind', 'all', '--state', 'pending')) as unknown[];
    expect(await json('status')).toMatchObject({ waiting: waits.length + 1 });
    expect(await json('server', 'show', 'everything')).toMatchObject({ instructionsState: 'pending' });
    expect((await run('server', 'show', 'everything')).out).toMatch(/Instructions +pending: agents do not get them/);
  });

  it('lists, shows, approves and blocks tools', async () => {
    const tools = (await json('tool', 'list', '--state', 'pending')) as { id: string; state: string }[];
    expect(tools.map((tool) => tool.id)).toContain('everything:echo');
    const decided = await json('tool', 'approve', 'everything:echo', '--effect', 'read');
    expect(decided).toMatchObject({ changed: [{ id: 'everything:echo', state: 'approved', effect: 'read' }] });
    expect(await json('tool', 'show', 'everything:echo')).toMatchObject({
      effect: 'read',
      definition: { name: 'echo' },
    });
    expect((await run('tool', 'show', 'everything:echo')).out).toContain('"name": "echo"');
    await json('tool', 'block', 'everything:get-env');
    expect(await json('tool', 'list', '--state', 'blocked')).toMatchObject([{ id: 'everything:get-env' }]);
    const all = ['tool', 'approve', '--all', '--server', 'everything'];
    expect(await json(...all)).toMatchObject({ instructions: true, skipped: [] });
    expect(await json('tool', 'list', '--state', 'pending', '--server', 'everything', '--kind', 'all')).toEqual([]);
    expect(await json('server', 'show', 'everything')).toMatchObject({ instructionsState: 'approved' });
    expect(await json('status')).toMatchObject({ waiting: 0 });
    expect((await run(...all)).out).toBe('Nothing changed.\n');
    expect((await run('tool', 'show', 'everything:nothing')).code).toBe(1);
  });

  it('keeps a secret out of the command line, servers.json and its own output', async () => {
    const secret = 'hunter2-very-secret';
    const add = ['server', 'add', 'keeper', '--secret', 'API_KEY', '--', ...npmServer('memory')];
    const { code, out, err } = await runCommand(folder.path, add, `${secret}\n`);
    expect(code, err).toBe(0);
    expect(out + err).not.toContain(secret);
    const file = readFileSync(join(folder.path, 'servers.json'), 'utf8');
    expect(file).not.toContain(secret);
    expect(file).toContain(`\${secret:keeper.API_KEY}`);
    expect((await run('server', 'add', 'other', '--secret', 'API_KEY', '--', ...npmServer('memory'))).code).toBe(2);
  });

  it('restarts a server, shows what it wrote, blocks, approves and removes it', async () => {
    expect(await json('server', 'restart', 'keeper')).toMatchObject({ name: 'keeper' });
    const lines = (await json('server', 'logs', 'keeper')) as { id: string; text: string }[];
    for (const line of lines) expect(line.id).toMatch(/^keeper#/);
    expect(await json('server', 'block', 'keeper')).toMatchObject({ approval: 'blocked' });
    expect(await json('server', 'approve', 'keeper')).toMatchObject({ approval: 'approved' });
    expect(await json('server', 'remove', 'keeper')).toEqual({ removed: true });
    expect((await run('server', 'remove', 'keeper')).code).toBe(1);
  });

  it('gives an app a token, once, and takes it away', async () => {
    const issued = (await json('app', 'token', 'Some App')) as Record<string, string>;
    expect(Object.keys(issued).toSorted()).toEqual(['app', 'token']);
    expect(issued.app).toBe('Some App');
    expect((await run('app', 'list')).out).not.toContain(issued.token);
    expect(await json('app', 'list')).toMatchObject([{ name: 'Some App', revokedAt: null }]);
    expect(await json('app', 'revoke', 'some app')).toMatchObject({ revokedAt: expect.any(Number) });
    expect(await json('app', 'remove', 'Some App')).toEqual({ removed: true });
    expect((await run('app', 'revoke', 'Some App')).code).toBe(1);
  });

  it('pauses and resumes everything, or one app', async () => {
    expect(await json('pause', '--for', '15m')).toMatchObject({ paused: true, until: expect.any(Number) });
    expect(await json('status')).toMatchObject({ gate: { paused: true } });
    expect(await json('resume')).toMatchObject({ paused: false });
    await json('app', 'token', 'reader');
    const paused = (await json('pause', '--app', 'reader')) as { apps: object };
    expect(Object.keys(paused.apps)).toHaveLength(1);
    expect(await json('resume', '--app', 'reader')).toMatchObject({ apps: {} });
    expect((await run('pause', '--app', 'nobody')).code).toBe(1);
  });

  it('shows, searches, verifies and exports the log', async () => {
    await using agent = await connectAgent(gate, { app: 'logged' });
    await agent.read('everything:echo', { message: 'find-me-1' });
    await agent.read('everything:echo', { message: '=HYPERLINK("http://evil.test")' });
    const found = (await json('log', '--search', 'find-me-1')) as { id: string; tool: string }[];
    expect(found.map((call) => call.tool)).toContain('echo');
    expect(await json('log', '--tool', 'everything:echo', '--limit', '1')).toHaveLength(1);
    expect(await json('log', '--app', 'nobody')).toEqual([]);
    expect(await json('log', 'verify')).toMatchObject({ ok: true });
    expect(await json('log', '--json', 'verify')).toMatchObject({ ok: true });
    const lines = (await run('log', 'export', '--format', 'jsonl')).out.trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { tool: string }).tool)).toContain('echo');
    const csv = (await run('log', 'export', '--format', 'csv', '--tool', 'everything:echo')).out;
    expect(csv.split('\r\n')[0]).toMatch(/^id,seq,time,app/);
    expect(csv).not.toMatch(/(^|,)"?[=+@]/m);
    expect((await run('log', 'export')).code).toBe(2);
  });

  it('follows the log', async () => {
    await using agent = await connectAgent(gate, { app: 'followed' });
    const args = ['log', '--follow', '--json', '--tool', 'everything:echo', '--data-dir', folder.path];
    const following = spawn(process.execPath, [join(root, 'out/main/cli.js'), ...args]);
    const ended = new Promise((done) => following.once('exit', done));
    let out = '';
    following.stdout.on('data', (chunk) => {
      out += String(chunk);
    });
    // When the first line comes, it follows; what is called after that is not missed.
    await until(async () => {
      await agent.read('everything:echo', { message: 'is it there?' });
      return out !== '';
    });
    out = '';
    await agent.read('everything:echo', { message: 'the one' });
    await agent.read('everything:get-sum', { a: 1, b: 2 });
    await until(() => out.includes('the one'));
    for (const line of out.trimEnd().split('\n'))
      expect(JSON.parse(line)).toMatchObject({ tool: 'echo', status: 'done' });
    await gate[Symbol.asyncDispose]();
    expect(await ended).toBe(3);
    gate = await serve(folder.path);
  });

  it('finds, shows and adds servers of the catalog', async () => {
    const items = (await json('catalog', 'search', 'memory')) as { id: string }[];
    expect(items.length).toBeGreaterThan(0);
    const id = items[0]?.id ?? '';
    expect(await json('catalog', 'show', id)).toMatchObject({ id });
    expect((await run('catalog', 'show', 'no-such-entry')).code).toBe(1);
  });

  it('examines itself', async () => {
    const findings = (await json('doctor')) as { id: string; ok: boolean }[];
    expect(findings.map((finding) => finding.id)).toContain('data-folder');
    expect((await run('status')).out).toMatch(/Gate +open/);
  });

  it('gives a fresh console address that signs in once', async () => {
    const { url } = (await json('console')) as { url: string };
    using person = await signInToConsole(url);
    expect(await person.client.system.status()).toMatchObject({ cliAdmin: true });
    await expect(signInToConsole(url)).rejects.toThrow(/401/);
  });
});

describe('a command line that has to ask', () => {
  let gate: Served;
  beforeAll(async () => {
    gate = await serve(folder.path, { cliAdmin: false });
  });
  afterAll(async () => {
    await gate[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  it('is told to wait, with the id of the confirmation', async () => {
    const { code, out, err } = await run('app', 'token', 'asker', '--json');
    expect(code).toBe(5);
    expect(err).toContain('--wait');
    expect(JSON.parse(out)).toMatchObject({ error: { code: 'waiting', confirmationId: expect.any(String) } });
  });

  it('with --wait gets the result as soon as a person confirms, and a refusal when they deny', async () => {
    using person = await signInToConsole(gate.consoleLogin);
    const waitingFor = async (action: string) =>
      until(async () =>
        (await person.client.confirmations.list()).findLast((one) => one.action === action && one.state === 'waiting'),
      );
    const granted = run('server', 'add', 'granted', '--wait', '--json', '--', ...npmServer('memory'));
    const asked = await waitingFor('servers.add');
    expect(asked.facts.map((fact) => fact.value).join()).toContain('server-memory');
    await person.client.confirmations.confirm({ id: asked.id });
    const outcome = await granted;
    expect(outcome.code, outcome.err).toBe(0);
    expect(JSON.parse(outcome.out)).toMatchObject({ name: 'granted', approval: 'approved' });

    const earlier = await waitingFor('apps.issueToken');
    await person.client.confirmations.deny({ id: earlier.id });
    const refused = run('app', 'token', 'refused', '--wait');
    await person.client.confirmations.deny({ id: (await waitingFor('apps.issueToken')).id });
    expect((await refused).code).toBe(4);
    expect(await person.client.apps.list()).not.toContainEqual(expect.objectContaining({ name: 'refused' }));
  });

  it('cannot make itself a console address, which would make it the person', async () => {
    expect((await run('console')).code).toBe(5);
  });
});
