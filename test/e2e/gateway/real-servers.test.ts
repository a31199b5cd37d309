import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Agent, connectAgent } from '../../fixtures/agent.ts';
import { gatehouse, type Served, serve, temporaryDir } from '../../fixtures/gatehouse-process.ts';
import { type NpmServer, npmServer } from '../../fixtures/npm-servers.ts';

interface ToolRow {
  readonly id: string;
  readonly state: string;
}

/** One call per server that works without a network, and what its answer must hold. */
interface Call {
  readonly tool: string;
  readonly args: (folder: string) => Record<string, unknown>;
  readonly holds: RegExp;
  /** Where the server must fail (no network, no such file): its own error arrives, marked as such. */
  readonly code?: string;
}
const calls: Record<NpmServer, Call> = {
  everything: { tool: 'echo', args: () => ({ message: 'one and many' }), holds: /one and many/ },
  filesystem: {
    tool: 'read_text_file',
    args: (folder) => ({ path: join(folder, 'note.txt') }),
    holds: /kept behind the gate/,
  },
  memory: { tool: 'read_graph', args: () => ({}), holds: /entities/ },
  thinking: {
    tool: 'sequentialthinking',
    args: () => ({ thought: 'First.', nextThoughtNeeded: false, thoughtNumber: 1, totalThoughts: 1 }),
    holds: /thoughtNumber/,
  },
  context7: {
    tool: 'resolve-library-id',
    args: () => ({ libraryName: 'react', query: 'hooks' }),
    // Without a network the server answers with its own failure, which must come through as it is.
    holds: /./,
  },
  airbnb: { tool: 'airbnb_search', args: () => ({ location: 'Oslo' }), holds: /./ },
  excel: {
    tool: 'excel_describe_sheets',
    args: (folder) => ({ fileAbsolutePath: join(folder, 'missing.xlsx') }),
    holds: /missing\.xlsx/,
    code: 'upstream_error',
  },
  dbhub: { tool: 'execute_sql', args: () => ({ sql: 'select 6 * 7 as answer' }), holds: /42/ },
  chart: {
    tool: 'generate_pie_chart',
    args: () => ({ data: [{ category: 'a', value: 1 }] }),
    holds: /./,
    code: 'upstream_error',
  },
};

describe('Real servers from npm behind the gate', () => {
  const home = temporaryDir();
  const folder = realpathSync(home.path);
  const work = join(folder, 'work');
  let gate: Served;
  let agent: Agent;
  const names = Object.keys(calls) as NpmServer[];
  const extra: Partial<Record<NpmServer, string[]>> = {
    filesystem: [work],
    dbhub: ['--transport', 'stdio', '--demo'],
  };

  beforeAll(async () => {
    mkdirSync(work);
    writeFileSync(join(work, 'note.txt'), 'kept behind the gate');
    gate = await serve(join(folder, 'data'));
    for (const name of names) {
      await gatehouse(gate.dataDir, 'server', 'add', name, '--', ...npmServer(name, ...(extra[name] ?? [])));
    }
    agent = await connectAgent(gate);
  });
  afterAll(async () => {
    await agent?.[Symbol.asyncDispose]();
    await gate?.[Symbol.asyncDispose]();
    home[Symbol.dispose]();
  });

  it('every tool of every server waits before anybody looked', async () => {
    const tools = (await gatehouse(gate.dataDir, 'tool', 'list')) as ToolRow[];
    expect(new Set(tools.map((tool) => tool.id.split(':')[0]))).toEqual(new Set(names));
    expect(tools.filter((tool) => tool.state !== 'pending')).toEqual([]);
    const found = await agent.use('retrieve_tools', { query: 'read a text file' });
    expect(found.text).not.toContain('filesystem:');
  });

  it.each(names)('%s answers a call once its tools are approved', async (name) => {
    await gatehouse(gate.dataDir, 'tool', 'approve', '--all', '--server', name, '--effect', 'read');
    // The scanner may take one seriously, which a bulk approval leaves out.
    await gatehouse(gate.dataDir, 'tool', 'approve', `${name}:${calls[name].tool}`, '--effect', 'read');
    const { tool, args, holds, code } = calls[name];
    const result = await agent.read(`${name}:${tool}`, args(work));
    expect(result.code, result.text).toBe(code);
    expect(result.text).toMatch(holds);
  });

  it('retrieve_tools finds the right one among all of them and describe_tools gives its schema', async () => {
    const found = await agent.use('retrieve_tools', { query: 'run a sql query', limit: 3 });
    expect(found.text).toContain('dbhub:execute_sql');
    const described = await agent.use('describe_tools', { names: ['filesystem:read_text_file'] });
    expect(described.text).toContain('"path"');
  });
});
