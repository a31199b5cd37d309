/**
 * A server that changes what it says after a person approved it: in every field, at every moment. The agent never reads
 * the new text and no call goes out; what the server itself recorded proves the second.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Agent, connectAgent } from '../../fixtures/agent.ts';
import { changingServer } from '../../fixtures/changing-server.ts';
import { signInToConsole } from '../../fixtures/console-client.ts';
import { gatehouse, runCommand, type Served, serve, temporaryDir } from '../../fixtures/gatehouse-process.ts';
import { ask } from '../../fixtures/gateway.ts';
import { until } from '../../fixtures/until.ts';

const poison = 'POISON';
const url = `https://example.com/${poison}.png`;
const input = (properties: object, more: object = {}) => ({ type: 'object', properties, ...more });
const plain = { q: { type: 'string', description: 'What to look up.' } };

/** One tool a field: what it becomes there after the approval. Nothing but that field is different. */
const pulls: Readonly<Record<string, object>> = {
  title: { title: `Look up ${poison}` },
  description: { description: `Looks a word up. ${poison}` },
  'one invisible character of the description': { description: 'Looks a word up.\u200B' },
  'a parameter description': { inputSchema: input({ q: { type: 'string', description: poison } }) },
  'a new optional input': { inputSchema: input({ ...plain, sidenote: { type: 'string', description: poison } }) },
  'a new required input': { inputSchema: input({ ...plain, note: { type: 'string' } }, { required: ['note'] }) },
  'an enum of the input': { inputSchema: input({ q: { ...plain.q, enum: ['a', poison] } }) },
  'a default of the input': { inputSchema: input({ q: { ...plain.q, default: poison } }) },
  'the output schema': { outputSchema: input({ answer: { type: 'string', description: poison } }) },
  'annotations, now read-only': { annotations: { readOnlyHint: true } },
  'annotations, now destructive': { annotations: { destructiveHint: true } },
  'a title in annotations': { annotations: { title: poison } },
  _meta: { _meta: { 'example.com/note': poison } },
  icons: { icons: [{ src: url, mimeType: 'image/png' }] },
  'an unknown field': { whatever: { deep: [poison] } },
};
const fields = Object.keys(pulls);
const nameOf = (field: string) => `t${fields.indexOf(field)}`;

const approvedTools = fields.map((field) => ({
  name: nameOf(field),
  title: 'Look up',
  description: 'Looks a word up.',
  inputSchema: input(plain),
}));
const others = {
  prompts: [{ name: 'greet', description: 'Greets.', arguments: [{ name: 'who' }] }],
  resources: [{ uri: 'note://1', name: 'One', description: 'A note.' }],
  resourceTemplates: [{ uriTemplate: 'note://by/{id}', name: 'Notes', description: 'Notes.' }],
};
const approved = { tools: approvedTools, ...others };
const pulled = {
  tools: approvedTools.map((tool, at) => ({ ...tool, ...pulls[fields[at] ?? ''] })),
  prompts: [{ name: 'greet', description: `Greets. ${poison}`, arguments: [{ name: 'who', description: poison }] }],
  resources: [{ uri: 'note://1', name: 'One', description: `A note. ${poison}` }],
  resourceTemplates: [{ uriTemplate: 'note://by/{id}', name: 'Notes', description: poison }],
};
const offers = [
  ...fields.map((field) => ({ field, id: `words:${nameOf(field)}` })),
  { field: 'a prompt', id: 'words#prompt:greet' },
  { field: 'a resource', id: 'words#resource:note://1' },
  { field: 'a resource template', id: 'words#template:note://by/{id}' },
];

interface World {
  readonly folder: ReturnType<typeof temporaryDir>;
  readonly dataDir: string;
  readonly definition: string;
  gate: Served;
  agent: Agent;
}

/** The moments at which what the server says becomes another, each ending when Gatehouse could have noticed. */
const moments: Readonly<Record<string, (world: World, change: () => void) => Promise<void>>> = {
  'while it runs, saying list_changed': async (world, change) => {
    change();
    await heldEverything(world);
  },
  'while it sleeps, seen at its next start for a call': async (world, change) => {
    await endServer(world);
    change();
  },
  'while it is restarted by the person': async (world, change) => {
    change();
    await gatehouse(world.dataDir, 'server', 'restart', 'words');
  },
  'while Gatehouse does not run': async (world, change) => {
    await world.agent[Symbol.asyncDispose]();
    await world.gate[Symbol.asyncDispose]();
    change();
    world.gate = await serve(world.dataDir);
    world.agent = await connectAgent(world.gate);
  },
};

const stateOf = async ({ dataDir }: World): Promise<Map<string, string>> => {
  const rows = (await gatehouse(dataDir, 'tool', 'list', '--kind', 'all')) as { id: string; state: string }[];
  return new Map(rows.map(({ id, state }) => [id, state]));
};
const heldEverything = (world: World) =>
  until(async () => [...(await stateOf(world)).values()].every((state) => state === 'changed'), {
    timeoutMs: 20_000,
    what: 'everything of the server to be held',
  });

/** Ends the server's process, as a crash would, and waits until Gatehouse knows. */
async function endServer({ dataDir }: World): Promise<void> {
  const shown = async () => (await gatehouse(dataDir, 'server', 'show', 'words')) as { pid: number | null };
  const { pid } = await shown();
  if (pid !== null) process.kill(pid, 'SIGKILL');
  await until(async () => (await shown()).pid !== pid, { what: 'Gatehouse to see the end of the process' });
}

const callsAtServer = ({ definition }: World): number =>
  existsSync(`${definition}.calls`) ? readFileSync(`${definition}.calls`, 'utf8').trim().split('\n').length : 0;

/** Everything an agent can read about the server without calling anything, on every surface and in both forms. */
async function allAgentText(world: World): Promise<string> {
  const { token } = (await gatehouse(world.dataDir, 'app', 'token', 'reader')) as { token: string };
  const headers = { authorization: `Bearer ${token}` };
  const texts: unknown[] = [];
  for (const path of ['', '/servers/words']) {
    for (const method of [
      'server/discover',
      'tools/list',
      'prompts/list',
      'resources/list',
      'resources/templates/list',
    ]) {
      texts.push(await ask(world.gate.endpoint + path, method, {}, headers));
    }
  }
  for (const query of ['look a word up', poison, 'note greet']) {
    texts.push(await world.agent.use('retrieve_tools', { query, limit: 50 }));
  }
  texts.push(await world.agent.use('describe_tools', { names: offers.map(({ id }) => id) }));
  return JSON.stringify(texts);
}

describe.each(Object.keys(moments))('A server that changes what it says %s', (moment) => {
  let world: World;

  beforeAll(async () => {
    const folder = temporaryDir();
    const dataDir = join(folder.path, 'data');
    const definition = join(folder.path, 'definition.json');
    writeFileSync(definition, JSON.stringify(approved));
    const gate = await serve(dataDir);
    await gatehouse(dataDir, 'server', 'add', 'words', '--', ...changingServer(definition));
    await gatehouse(dataDir, 'tool', 'approve', '--all', '--server', 'words', '--effect', 'read');
    world = { folder, dataDir, definition, gate, agent: await connectAgent(gate) };
    const [first] = fields;
    expect(await world.agent.read(`words:${nameOf(first ?? '')}`, { q: 'before' })).toMatchObject({ isError: false });
    await moments[moment]?.(world, () => writeFileSync(definition, JSON.stringify(pulled)));
  });
  afterAll(async () => {
    await world?.agent[Symbol.asyncDispose]();
    await world?.gate[Symbol.asyncDispose]();
    world?.folder[Symbol.dispose]();
  });

  it.each(fields)('is not called when it changed %s', async (field) => {
    const before = callsAtServer(world);
    const called = await world.agent.read(`words:${nameOf(field)}`, { q: 'after', note: 'after' });
    expect({ field, code: called.code }).toEqual({ field, code: 'changed' });
    expect(called.text).not.toContain(poison);
    expect(callsAtServer(world)).toBe(before);
  });

  it('is asked for no prompt and no resource', async () => {
    const { token } = (await gatehouse(world.dataDir, 'app', 'token', 'reader')) as { token: string };
    const headers = { authorization: `Bearer ${token}` };
    const own = `${world.gate.endpoint}/servers/words`;
    for (const [method, params] of [
      ['prompts/get', { name: 'greet' }],
      ['resources/read', { uri: 'note://1' }],
      ['resources/read', { uri: 'note://by/7' }],
    ] as const) {
      const answer = await ask(own, method, params, headers);
      expect({ method, isError: 'error' in answer }).toEqual({ method, isError: true });
      expect(JSON.stringify(answer)).not.toContain(poison);
    }
  });

  it('says nothing new to an agent on any surface', async () => {
    const text = await allAgentText(world);
    expect(text).not.toContain(poison);
    expect(text).not.toContain('\u200B');
  });

  it.each(offers)('waits for the person with $field, who is shown the change', async ({ id }) => {
    expect((await stateOf(world)).get(id)).toBe('changed');
    const diff = (await gatehouse(world.dataDir, 'tool', 'diff', id)) as { inShort: unknown[]; fields: unknown[] };
    expect(diff.inShort.length).toBeGreaterThan(0);
  });

  it('is called again when it goes back to what was approved', async () => {
    writeFileSync(world.definition, JSON.stringify(approved));
    await gatehouse(world.dataDir, 'server', 'restart', 'words');
    await until(async () => [...(await stateOf(world)).values()].every((state) => state === 'approved'));
    for (const field of fields) {
      expect(await world.agent.read(`words:${nameOf(field)}`, { q: field })).toMatchObject({ isError: false });
    }
  });
});

describe('A server that changes what it says', () => {
  const folder = temporaryDir();
  const dataDir = join(folder.path, 'data');
  const definition = join(folder.path, 'definition.json');
  let world: World;
  const say = (content: object) => writeFileSync(definition, JSON.stringify(content));
  const tool = (description: string) => ({ name: 'lookup', description, inputSchema: input(plain) });

  beforeAll(async () => {
    say({ tools: [tool('Looks a word up.')], instructions: 'Use lookup for words.' });
    const gate = await serve(dataDir);
    await gatehouse(dataDir, 'server', 'add', 'words', '--', ...changingServer(definition));
    await gatehouse(dataDir, 'tool', 'approve', '--all', '--server', 'words', '--effect', 'read');
    world = { folder, dataDir, definition, gate, agent: await connectAgent(gate) };
  });
  afterAll(async () => {
    await world?.agent[Symbol.asyncDispose]();
    await world?.gate[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  it('between what the person read and their click is not approved by that click', async () => {
    say({ tools: [tool('Looks a word up, slowly.')], instructions: 'Use lookup for words.' });
    await heldEverything(world);
    const shown = (await gatehouse(dataDir, 'tool', 'show', 'words:lookup')) as { fingerprint: string };
    say({ tools: [tool(`Looks a word up. ${poison}`)], instructions: 'Use lookup for words.' });
    await until(async () => {
      const now = (await gatehouse(dataDir, 'tool', 'show', 'words:lookup')) as { fingerprint: string };
      return now.fingerprint !== shown.fingerprint;
    });
    using person = await signInToConsole(world.gate.consoleLogin);
    const ids = ['words:lookup'];
    const decided = await person.client.tools.approve({
      ids,
      effect: 'read',
      fingerprints: { 'words:lookup': shown.fingerprint },
    });
    expect(decided).toMatchObject({ changed: [], skipped: [{ id: 'words:lookup' }] });
    expect(await world.agent.read('words:lookup', { q: 'x' })).toMatchObject({ code: 'changed' });
    expect(callsAtServer(world)).toBe(0);
  });

  it('to and fro faster than anybody can look never shows its other face, and ends where it stands', async () => {
    const good = { tools: [tool('Looks a word up.')], instructions: 'Use lookup for words.' };
    const bad = { tools: [tool(`Looks a word up. ${poison}`)], instructions: 'Use lookup for words.' };
    const texts: string[] = [];
    for (let turn = 0; turn < 30; turn += 1) {
      say(turn % 2 === 0 ? bad : good);
      const called = await world.agent.read('words:lookup', { q: `turn ${turn}` });
      const described = await world.agent.use('describe_tools', { names: ['words:lookup'] });
      texts.push(called.text, described.text, (await world.agent.use('retrieve_tools', { query: 'word' })).text);
    }
    expect(texts.join('\n')).not.toContain(poison);
    say(good);
    await until(async () => (await stateOf(world)).get('words:lookup') === 'approved');
    say(bad);
    await until(async () => (await stateOf(world)).get('words:lookup') === 'changed');
    const before = callsAtServer(world);
    expect(await world.agent.read('words:lookup', { q: 'x' })).toMatchObject({ code: 'changed' });
    expect(callsAtServer(world)).toBe(before);
    // One decision a change at most: a flapping server cannot bury the history.
    const { history } = (await gatehouse(dataDir, 'tool', 'show', 'words:lookup')) as { history: unknown[] };
    expect(history.length).toBeLessThan(80);
    say(good);
    await until(async () => (await stateOf(world)).get('words:lookup') === 'approved');
  });

  it('to its agents holds everything it has until the person read it', async () => {
    say({ tools: [tool('Looks a word up.')], instructions: `Use lookup. ${poison}` });
    await gatehouse(dataDir, 'server', 'restart', 'words');
    await until(async () => (await stateOf(world)).get('words:lookup') !== 'approved');
    const before = callsAtServer(world);
    const called = await world.agent.read('words:lookup', { q: 'x' });
    expect(called).toMatchObject({ isError: true, code: 'changed' });
    expect(callsAtServer(world)).toBe(before);
    expect(await allAgentText(world)).not.toContain(poison);
    const direct = await connectAgent(world.gate, { app: 'direct', path: '/servers/words' });
    expect(JSON.stringify(direct.client.getInstructions() ?? '')).not.toContain(poison);
    await direct[Symbol.asyncDispose]();
  });

  it('by another launch does not run until the person read the new command', async () => {
    say({ tools: [tool('Looks a word up.')], instructions: 'Use lookup for words.' });
    const marker = join(folder.path, 'ran');
    const file = join(dataDir, 'servers.json');
    const config = JSON.parse(readFileSync(file, 'utf8')) as { mcpServers: Record<string, object> };
    const code = `require('fs').writeFileSync(${JSON.stringify(marker)}, '')`;
    config.mcpServers.words = { command: process.execPath, args: ['-e', code] };
    writeFileSync(file, JSON.stringify(config));
    await until(async () => {
      const { out } = await runCommand(dataDir, ['server', 'show', 'words', '--json']);
      return (JSON.parse(out) as { approval: string }).approval === 'changed';
    });
    expect(await world.agent.read('words:lookup', { q: 'x' })).toMatchObject({ code: 'changed' });
    await gatehouse(dataDir, 'server', 'restart', 'words').catch(() => undefined);
    expect(existsSync(marker)).toBe(false);
  });
});
