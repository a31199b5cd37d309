import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { launchOf, listingOf, openApprovals, readFile } from '../../fixtures/approvals.ts';
import { openDatabase, type TestDatabase } from '../../fixtures/open-database.ts';

describe('a hostile listing', () => {
  let database: TestDatabase;
  let approvals: ReturnType<typeof openApprovals>;
  const listed = (tools: readonly unknown[]): string[] =>
    approvals.observeListing('files', listingOf(tools)).map((remark) => `${remark.subject}: ${remark.message}`);
  const names = (): string[] => approvals.tools().map((tool) => tool.name);

  beforeEach(() => {
    database = openDatabase();
    approvals = openApprovals(database);
    approvals.observeServer('files', launchOf('files@1'));
    approvals.approveServer('files', 'window');
  });
  afterEach(() => {
    approvals[Symbol.dispose]();
    database[Symbol.dispose]();
  });

  it('with two tools of one name keeps the first, held, and approves neither', () => {
    listed([readFile]);
    approvals.approve(['files:read_file'], 'window');
    expect(listed([readFile, { ...readFile, description: 'The other one.' }])).toEqual([
      'read_file: The server lists two tools with this name. The tool is held.',
    ]);
    expect(approvals.tool('files:read_file')).toMatchObject({ state: 'changed', definition: readFile });
    expect(approvals.approve(['files:read_file'], 'window').skipped[0]?.reason).toContain('two tools named read_file');
    listed([readFile]);
    expect(approvals.tool('files:read_file')?.state).toBe('approved');
  });

  it('with a new doubled name leaves the tool waiting', () => {
    listed([readFile, readFile]);
    expect(approvals.tool('files:read_file')?.state).toBe('pending');
  });

  it('with things that are not tools takes in the others', () => {
    const remarks = listed([null, 7, 'x', [], {}, { name: '' }, { name: 5 }, readFile]);
    expect(names()).toEqual(['read_file']);
    expect(remarks).toHaveLength(7);
  });

  it.each([
    ...['a\u0000b', 'line\nbreak', 'hidden\u200btext', 'right\u202eleft', 'tag\u{e0041}', 'x'.repeat(129), '  '],
    // Letters and marks that draw nothing, and blanks that look like another: `read_file` twice, as far as anyone sees.
    ...['read_file\u3164', 'read_file\u115f', 'read_file\ufe0e', 'read_file\u2800', 'read\u00a0file', 'read\u2003file'],
  ])('with the name %j leaves that tool out', (name) => {
    expect(listed([{ ...readFile, name }])).toHaveLength(1);
    expect(names()).toEqual([]);
  });

  it('with unusual but readable names keeps them and remarks on it', () => {
    expect(listed([{ ...readFile, name: 'lies:datei/ä' }])[0]).toContain('characters that MCP does not allow');
    expect(approvals.tool('files:lies:datei/ä')?.state).toBe('pending');
  });

  it('with names of object internals treats them as names', () => {
    const hostile = JSON.parse(
      '[{"name":"__proto__","inputSchema":{"type":"object"}},{"name":"constructor","inputSchema":{"type":"object"}},' +
        '{"name":"safe","inputSchema":{"type":"object","properties":{"__proto__":{"type":"string"}}},"__proto__":{"name":"x"}}]',
    );
    listed(hostile);
    expect(names()).toEqual(['__proto__', 'constructor', 'safe']);
    expect(approvals.tool('files:toString')).toBeUndefined();
    approvals.approve(['files:__proto__'], 'window', { fingerprints: {} });
    expect(approvals.tool('files:__proto__')?.state).toBe('approved');
    expect(approvals.tool('files:constructor')?.state).toBe('pending');
    expect(({} as Record<string, unknown>).name).toBeUndefined();
  });

  it.each([
    ['text as input schema', { inputSchema: 'object' }],
    ['a list as input schema', { inputSchema: [] }],
    ['a number as title', { title: 5 }],
    ['text as annotations', { annotations: 'readOnly' }],
    ['text as a hint', { annotations: { readOnlyHint: 'yes' } }],
  ])('with %s leaves that tool out', (_what, field) => {
    expect(listed([{ ...readFile, ...field }])[0]).toMatch(/^read_file: Its .* is not of the kind MCP asks for/);
    expect(names()).toEqual([]);
  });

  it('with strange schemas keeps the tools and remarks on them', () => {
    const remarks = listed([
      { name: 'a' },
      { name: 'b', inputSchema: { type: 'string' } },
      { name: 'c', inputSchema: { type: 'object', properties: [], required: 'x' } },
    ]);
    expect(names()).toEqual(['a', 'b', 'c']);
    expect(remarks).toHaveLength(4);
  });

  it('with endless nesting is refused without exhausting the stack', () => {
    const deep = (levels: number): unknown => JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`);
    const remarks = listed([
      { ...readFile, inputSchema: deep(100_000) },
      { ...readFile, name: 'deepish', inputSchema: deep(400) },
      { ...readFile, name: 'fine', inputSchema: deep(50) },
    ]);
    expect(names()).toEqual(['fine']);
    expect(remarks.filter((remark) => remark.includes('nested too deeply'))).toHaveLength(2);
  });

  it('with deep words about itself keeps the server usable', () => {
    const deep = JSON.parse(`${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`);
    const remarks = approvals.observeListing('files', listingOf([readFile], { serverInfo: deep, capabilities: deep }));
    expect(remarks).toHaveLength(2);
    expect(approvals.server('files')).toMatchObject({ serverInfo: null, capabilities: {} });
  });

  it('with a definition over 1 MiB leaves it out', () => {
    expect(listed([{ ...readFile, description: 'x'.repeat(1024 * 1024) }])).toEqual([
      'read_file: Its definition is larger than 1 MiB and was left out.',
    ]);
  });

  it('with more than 10,000 tools takes in 10,000', () => {
    const tools = Array.from({ length: 10_050 }, (_, i) => ({ name: `t${i}`, inputSchema: { type: 'object' } }));
    expect(listed(tools)[0]).toBe('tools: The server lists 10050 tools. Only the first 10000 are taken in.');
    expect(names()).toHaveLength(10_000);
  });

  it('with ever new names does not fill the database', () => {
    for (let round = 0; round < 5; round += 1) listed([{ ...readFile, name: `round_${round}` }]);
    expect(database.storage.db.prepare('SELECT count(*) AS n FROM tools').get()).toEqual({ n: 1 });
    expect(database.storage.db.prepare('SELECT count(*) AS n FROM decisions WHERE tool IS NOT NULL').get()).toEqual({
      n: 1,
    });
  });

  it('with a definition that never stays the same keeps a bounded history', () => {
    for (let round = 0; round < 150; round += 1) listed([{ ...readFile, description: `Round ${round}.` }]);
    expect(approvals.detail('files:read_file')?.history.length).toBeLessThanOrEqual(101);
  });
});
