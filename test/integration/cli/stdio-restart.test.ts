/** `gatehouse stdio` while the real gateway dies, comes back and moves: with real clients, and on the bare wire. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Client as ClientV2 } from '@modelcontextprotocol/client';
import { StdioClientTransport as TransportV2 } from '@modelcontextprotocol/client/stdio';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/stdio.js';
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { gatehouse, out, type Served, serve, temporaryDir } from '../../fixtures/gatehouse-process.ts';
import { npmServer } from '../../fixtures/npm-servers.ts';
import { until } from '../../fixtures/until.ts';
import { modern, notification, request } from './stdio-scripted-gateway.ts';

const folder = temporaryDir();
const bridge = {
  command: process.execPath,
  args: [join(out, 'main/cli.js'), 'stdio', '--app', 'editor', '--data-dir', folder.path],
};
let gate: Served;
let token: string;

beforeAll(async () => {
  gate = await serve(folder.path);
  await gatehouse(folder.path, 'server', 'add', 'everything', '--', ...npmServer('everything'));
  await gatehouse(folder.path, 'tool', 'approve', '--all', '--server', 'everything', '--effect', 'read');
  ({ token } = (await gatehouse(folder.path, 'app', 'token', 'editor', '--save')) as { token: string });
});
afterAll(async () => {
  await gate[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

/** A bridge as an app starts it, spoken to on the bare wire. */
class RawBridge implements AsyncDisposable {
  readonly child: ChildProcess = spawn(bridge.command, bridge.args, { stdio: ['pipe', 'pipe', 'pipe'] });
  /** Everything it wrote to stdout; a line that is no JSON fails the test that reads it. */
  readonly lines: string[] = [];
  readonly ended = new Promise<number | null>((done) => this.child.once('exit', done));

  constructor() {
    if (this.child.stdout) createInterface({ input: this.child.stdout }).on('line', (line) => this.lines.push(line));
    this.child.stderr?.resume();
  }

  send(line: string): void {
    this.child.stdin?.write(`${line}\n`);
  }

  messages(): Record<string, unknown>[] {
    return this.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  answerTo(id: number | string, timeoutMs = 10_000): Promise<Record<string, unknown>> {
    return until(() => this.messages().find((message) => message.id === id), {
      timeoutMs,
      what: `The answer to ${id}`,
    });
  }

  async initialize(): Promise<void> {
    this.send(
      request(0, 'initialize', {
        protocolVersion: '2025-11-25',
        capabilities: {},
        clientInfo: { name: 'raw', version: '1' },
      }),
    );
    this.send(notification('notifications/initialized'));
    await this.answerTo(0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.stdin?.end();
    this.child.kill('SIGTERM');
    await this.ended;
  }
}

const echo = (message: string) => ({
  name: 'call_tool_read',
  arguments: { name: 'everything:echo', arguments: { message } },
});
const slow = {
  name: 'call_tool_read',
  arguments: { name: 'everything:trigger-long-running-operation', arguments: { duration: 60, steps: 2 } },
};
const clean: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of clean.splice(0)) await close();
});

async function isCalling(): Promise<boolean> {
  const calls = (await gatehouse(folder.path, 'log', '--tool', slow.arguments.name)) as { status: string }[];
  return calls.some(({ status }) => status === 'running');
}

async function kill(): Promise<number> {
  const { port } = new URL(gate.endpoint);
  const gone = new Promise((done) => gate.child.once('exit', done));
  gate.child.kill('SIGKILL');
  await gone;
  return Number(port);
}

it.each([
  ['a session', false],
  ['the stateless revision', true],
] as const)(
  'a call of %s that the gateway dies under gets an error at once; the next one finds the new gateway',
  async (_era, isModern) => {
    await using app = new RawBridge();
    const call = (id: number, params: object) => app.send((isModern ? modern : request)(id, 'tools/call', params));
    if (!isModern) await app.initialize();
    call(1, slow);
    await until(isCalling, { what: 'The call under way' });
    const port = await kill();
    expect(await app.answerTo(1, 3_000)).toMatchObject({
      error: { message: expect.stringContaining('not known'), data: { retryable: false } },
    });
    // Sent while there is no gateway: surely not carried out, so it waits for one.
    call(2, echo('same port'));
    gate = await serve(folder.path, { port });
    expect(JSON.stringify(await app.answerTo(2))).toContain('same port');
    await kill();
    gate = await serve(folder.path);
    expect(new URL(gate.endpoint).port).not.toBe(String(port));
    call(3, echo('another port'));
    expect(JSON.stringify(await app.answerTo(3))).toContain('another port');
  },
);

it('SDK v1 hears about the restart of a gateway although it asked nothing', async () => {
  const client = new ClientV1({ name: 'v1', version: '1.0.0' });
  let changes = 0;
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => {
    changes += 1;
  });
  await client.connect(new TransportV1(bridge));
  clean.push(() => client.close());
  await client.listTools();
  changes = 0;
  await kill();
  gate = await serve(folder.path);
  await until(() => changes > 0, { what: 'The change of the tool list' });
  expect(JSON.stringify(await client.callTool(echo('v1')))).toContain('v1');
});

it('SDK v2 keeps its subscription over the restart of a gateway', async () => {
  const client = new ClientV2(
    { name: 'v2', version: '1.0.0' },
    { versionNegotiation: { mode: { pin: '2026-07-28' } } },
  );
  let changes = 0;
  client.setNotificationHandler('notifications/tools/list_changed', () => {
    changes += 1;
  });
  await client.connect(new TransportV2(bridge));
  clean.push(() => client.close());
  const subscription = await client.listen({ toolsListChanged: true });
  let isClosed = false;
  void subscription.closed.then(() => {
    isClosed = true;
  });
  await gate[Symbol.asyncDispose]();
  gate = await serve(folder.path);
  await until(() => changes === 1, { what: 'The news after the restart' });
  await kill();
  gate = await serve(folder.path);
  await until(() => changes === 2, { what: 'The news after the second restart' });
  expect(isClosed).toBe(false);
  await subscription.close();
});

it('a gateway that is started later answers the same bridge, which said in the meantime what is missing', async () => {
  await gate[Symbol.asyncDispose]();
  await using app = new RawBridge();
  app.send(
    request(1, 'initialize', {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'raw', version: '1' },
    }),
  );
  app.send(modern('m', 'tools/list'));
  for (const id of [1, 'm']) {
    expect(await app.answerTo(id)).toMatchObject({
      error: { message: expect.stringContaining('Gatehouse is not running'), data: { retryable: true } },
    });
  }
  gate = await serve(folder.path);
  await app.initialize();
  app.send(modern('m2', 'tools/list'));
  expect(await app.answerTo('m2')).toHaveProperty('result');
});

it('two bridges of one app are two sessions, share one token file, and do not end each other', async () => {
  const tokens = () =>
    readdirSync(join(folder.path, 'tokens')).map((name) => readFileSync(join(folder.path, 'tokens', name), 'utf8'));
  const before = tokens();
  await using first = new RawBridge();
  {
    await using second = new RawBridge();
    await Promise.all([first.initialize(), second.initialize()]);
    for (const app of [first, second]) app.send(request(1, 'tools/call', echo('both')));
    for (const app of [first, second]) expect(JSON.stringify(await app.answerTo(1))).toContain('both');
    if (process.platform === 'linux') {
      expect(readFileSync(`/proc/${second.child.pid}/cmdline`, 'utf8')).not.toContain(token);
    }
  }
  first.send(request(2, 'tools/call', echo('still')));
  expect(JSON.stringify(await first.answerTo(2))).toContain('still');
  expect(tokens()).toEqual(before);
});

it('leaves soon after stdin ended, though a subscription is open, and wrote nothing but messages', async () => {
  await using app = new RawBridge();
  app.send('this is no message');
  app.send(modern('sub', 'subscriptions/listen', { notifications: { toolsListChanged: true } }));
  await until(() => app.lines.some((line) => line.includes('acknowledged')));
  app.send(modern('last', 'tools/call', echo('last')));
  app.child.stdin?.end();
  const left = performance.now();
  expect(await app.ended).toBe(0);
  expect(performance.now() - left).toBeLessThan(5_000);
  expect(JSON.stringify(await app.answerTo('last'))).toContain('last');
  for (const message of app.messages()) expect(message.jsonrpc).toBe('2.0');
});
