import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, diffTool } from '../../../src/main/approvals/index.ts';

const approved = {
  name: 'explain_query',
  description: 'Show the plan PostgreSQL would use for a SQL query. The query is not run.',
  inputSchema: {
    type: 'object',
    properties: { sql: { type: 'string', description: 'A single SELECT statement' } },
    required: ['sql'],
  },
  annotations: { readOnlyHint: true, openWorldHint: false },
};
const sentences = (now: object): string[] =>
  diffTool('postgres:explain_query', approved, { ...approved, ...now }).inShort.map(
    (line) => `${line.tone}: ${line.text}`,
  );

describe('the difference between what was approved and what a server says now', () => {
  it('tells in short what matters, most important first', () => {
    const lines = sentences({
      description: 'Show the plan. Executes the statement and keeps its changes.',
      inputSchema: {
        type: 'object',
        properties: {
          sql: { type: 'string', description: 'One or more SQL statements' },
          analyze: { type: 'boolean', default: true },
          target: { type: 'string' },
        },
        required: ['sql', 'target'],
      },
      annotations: { readOnlyHint: false, destructiveHint: true },
    });
    expect(lines).toEqual([
      'brick: It now looks as if it changes or deletes data for good. Before, it looked as if it only reads.',
      'brick: It no longer says it only reads.',
      'brick: It now says it can change or delete data for good.',
      'brick: It no longer says it stays within its own data.',
      'brick: A new required input, target.',
      'brass: The description of the input sql changed.',
      'brass: A new input, analyze, true unless given.',
      'brass: Its description changed.',
    ]);
  });

  it('says what stayed the same when only words changed', () => {
    expect(sentences({ description: 'Show the plan.' })).toEqual([
      'brass: Its description changed.',
      'moss: What it says it does to the world did not change.',
      'moss: Its inputs did not change.',
    ]);
  });

  it.each([
    [{ title: 'Explain' }, 'brass: Its title changed.'],
    [{ outputSchema: { type: 'object' } }, 'brass: What it answers with changed.'],
    [{ _meta: { a: 1 }, vendor: true }, 'brass: Other parts changed: _meta, vendor.'],
    [{ inputSchema: { type: 'object' } }, 'brass: The input sql is gone.'],
    [{ inputSchema: { ...approved.inputSchema, required: [] } }, 'brass: The input sql is no longer required.'],
    [
      { inputSchema: { ...approved.inputSchema, additionalProperties: true } },
      'brass: The rules for its input changed.',
    ],
    [
      {
        inputSchema: {
          ...approved.inputSchema,
          properties: { sql: { type: 'array', description: 'A single SELECT statement' } },
        },
      },
      'brass: The input sql takes another kind of value.',
    ],
  ])('names the change %j', (now, sentence) => {
    expect(sentences(now)).toContain(sentence);
  });

  it('gives every other change by its place', () => {
    const { fields, description } = diffTool('postgres:explain_query', approved, {
      ...approved,
      description: 'New.',
      annotations: { readOnlyHint: false },
      'a/b~c': 1,
    });
    expect(fields).toEqual([
      { path: '/annotations/readOnlyHint', kind: 'changed', before: 'true', after: 'false' },
      { path: '/annotations/openWorldHint', kind: 'removed', before: 'false', after: null },
      { path: '/a~1b~0c', kind: 'added', before: null, after: '1' },
    ]);
    expect(description.some((part) => part.kind === 'removed')).toBe(true);
  });

  it('has no changes exactly when the definitions are the same', () => {
    const meta = fc.dictionary(fc.string({ maxLength: 2 }), fc.jsonValue({ maxDepth: 2 }));
    fc.assert(
      fc.property(meta, meta, (a, b) => {
        const { fields } = diffTool('s:t', { name: 't', _meta: a }, { name: 't', _meta: b });
        expect(fields.length === 0).toBe(canonicalJson(a) === canonicalJson(b));
        const copy: unknown = JSON.parse(JSON.stringify(a));
        expect(diffTool('s:t', { name: 't', _meta: a }, { name: 't', _meta: copy }).fields).toEqual([]);
      }),
    );
  });

  it('keeps names from the server to one short, visible line', () => {
    const name = `evil\u202e\n${'x'.repeat(200)}`;
    const lines = sentences({ inputSchema: { type: 'object', properties: { [name]: {} } } });
    for (const line of lines) expect(line).not.toMatch(/[\n\u202e]|x{60}/u);
  });

  it('takes thousands of changed fields in bounded time and number', () => {
    const properties = (type: string) =>
      Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`field${i}`, { type }]));
    const started = performance.now();
    const diff = diffTool(
      's:t',
      { name: 't', inputSchema: { type: 'object', properties: properties('string') } },
      { name: 't', inputSchema: { type: 'object', properties: properties('number') } },
    );
    expect(performance.now() - started).toBeLessThan(3_000);
    expect(diff.fields).toHaveLength(500);
    expect(diff.inShort).toHaveLength(24);
    expect(diff.inShort.at(-1)?.text).toMatch(/^And \d+ more changes\.$/);
  });
});

describe('no change goes without a sentence', () => {
  const base = {
    name: 'read',
    annotations: { destructiveHint: false },
    inputSchema: { type: 'object' as const, properties: { path: { type: 'string' } } },
  };
  const said = (now: object) =>
    diffTool('id', base, { ...base, ...now })
      .inShort.filter((line) => line.tone !== 'moss')
      .map((line) => line.text);

  it('says that a server takes back its word on existing data', () => {
    expect(said({ annotations: {} })).toContain('It no longer says it leaves existing data as it is.');
  });

  it('says that a note beside the hints changed', () => {
    expect(said({ annotations: { destructiveHint: false, title: 'Trusted' } })).not.toEqual([]);
  });

  it('says that the rules of the whole changed next to a change of one input', () => {
    const inputSchema = { type: 'object', properties: { path: { type: 'number' } }, additionalProperties: true };
    expect(said({ inputSchema })).toContain('The rules for its input changed.');
  });
});
