import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Agent, connectAgent } from '../../fixtures/agent.ts';
import { gatehouse, type Served, serve, temporaryDir } from '../../fixtures/gatehouse-process.ts';
import { npmServer } from '../../fixtures/npm-servers.ts';
import { until } from '../../fixtures/until.ts';

interface ServerRow {
  readonly health: string;
  readonly problem: string | null;
  readonly tools: { readonly total: number; readonly pending: number };
}

/** The healthy server beside the hostile one must not notice anything. */
describe('Beside every hostile server, the healthy ones go on', () => {
  const folder = temporaryDir();
  let gate: Served;
  let agent: Agent;

  beforeAll(async () => {
    gate = await serve(folder.path);
    await gatehouse(folder.path, 'server', 'add', 'healthy', '--', ...npmServer('everything'));
    await gatehouse(folder.path, 'tool', 'approve', '--all', '--server', 'healthy', '--effect', 'read');
    agent = await connectAgent(gate);
  });
  afterAll(async () => {
    await agent?.[Symbol.asyncDispose]();
    await gate?.[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  const show = async (name: string) => (await gatehouse(folder.path, 'server', 'show', name)) as ServerRow;
  const healthyAnswers = async () => {
    const { text, isError } = await agent.read('healthy:echo', { message: 'still here' });
    expect(isError).toBe(false);
    expect(text).toContain('still here');
  };
  /** A one-file server; `body` handles `method` with `send`, `id` and `params` in scope. */
  const scripted = (name: string, body: string): string[] => {
    const file = join(folder.path, `${name}.mjs`);
    const source = `
      import fs from 'node:fs';
      import { createInterface } from 'node:readline';
      const send = (frame) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...frame }) + '\\n');
      const schema = { type: 'object' };
      let tools = [{ name: 'go', description: 'Goes.', inputSchema: schema }];
      createInterface({ input: process.stdin }).on('line', (line) => {
        const { id, method, params } = JSON.parse(line);
        const reply = (result) => send({ id, result });
        ${body}
        if (method === 'initialize') reply({ protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: '${name}', version: '1' } });
        else if (method === 'tools/list') reply({ tools });
        else if (method === 'tools/call') reply({ content: [{ type: 'text', text: 'ok' }] });
        else if (id !== undefined) send({ id, error: { code: -32601, message: 'no' } });
      }).on('close', () => process.exit(0));`;
    writeFileSync(file, source);
    return [process.execPath, file];
  };
  const add = async (name: string, ...command: string[]) => {
    await gatehouse(folder.path, 'server', 'add', name, '--', ...command);
    return show(name);
  };
  const approve = (name: string) =>
    gatehouse(folder.path, 'tool', 'approve', '--all', '--server', name, '--effect', 'read');

  it('a command that does not exist is added, shown as failing, and says so', async () => {
    const server = await add('missing', '/nowhere/no-such-program');
    expect(server.health).toBe('failing');
    expect(server.problem).toContain('/nowhere/no-such-program');
    await healthyAnswers();
  });

  it('a server that floods stderr and writes non-JSON to stdout still works', async () => {
    const body = `if (method === 'initialize') { for (let i = 0; i < 20000; i++) process.stderr.write('noise '.repeat(20) + '\\n'); process.stdout.write('not json at all\\n'); }`;
    const server = await add('noisy', ...scripted('noisy', body));
    expect(server.tools.total).toBe(1);
    await approve('noisy');
    expect(await agent.read('noisy:go', {})).toMatchObject({ isError: false, text: 'ok' });
    await healthyAnswers();
  });

  it('a server that dies in the middle of a call gives server_down and comes back at the next call', async () => {
    const flag = join(folder.path, 'died');
    const body = `if (method === 'tools/call' && !fs.existsSync('${flag}')) { fs.writeFileSync('${flag}', ''); process.exit(1); }`;
    await add('mortal', ...scripted('mortal', body));
    // Not a read: those are tried again behind the agent's back, anything else must not be.
    await gatehouse(folder.path, 'tool', 'approve', 'mortal:go', '--effect', 'write');
    expect(await agent.write('mortal:go', {})).toMatchObject({ isError: true, code: 'server_down' });
    expect(existsSync(flag)).toBe(true);
    await until(async () => (await agent.write('mortal:go', {})).text === 'ok', { timeoutMs: 20_000 });
    await healthyAnswers();
  });

  it('a result of 100 MB is refused with a reason, and memory and the others survive', async () => {
    const body = `if (method === 'tools/call') { reply({ content: [{ type: 'text', text: 'x'.repeat(100 * 1024 * 1024) }] }); return; }`;
    await add('huge', ...scripted('huge', body));
    await approve('huge');
    const result = await agent.read('huge:go', {});
    expect(result).toMatchObject({ isError: true, code: 'upstream_error' });
    expect(result.text.length).toBeLessThan(2_000);
    await healthyAnswers();
  });

  it('5,000 tools are taken in and every one waits', async () => {
    const body = `tools = Array.from({ length: 5000 }, (_, i) => ({ name: 'tool_' + i, description: 'Number ' + i, inputSchema: schema }));`;
    const server = await add('many', ...scripted('many', body));
    expect(server.tools).toMatchObject({ total: 5000, pending: 5000 });
    await healthyAnswers();
  });

  it('two tools with one name are one held tool', async () => {
    const body = `tools = [tools[0], { name: 'go', description: 'Goes elsewhere.', inputSchema: schema }];`;
    const server = await add('twins', ...scripted('twins', body));
    expect(server.tools.total).toBe(1);
    await healthyAnswers();
  });

  it('an invalid schema does not stop the listing', async () => {
    const body = `tools = [tools[0], { name: 'odd', description: 'Odd.', inputSchema: { type: 'object', properties: { a: { type: 7, pattern: '(' } } } }, { name: 'none', inputSchema: 'text' }];`;
    const server = await add('odd', ...scripted('odd', body));
    expect(server.tools.total).toBeGreaterThanOrEqual(1);
    await healthyAnswers();
  });
});
