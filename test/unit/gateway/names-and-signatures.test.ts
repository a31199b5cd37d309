import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { directNameOf, directNames } from '../../../src/main/gateway/direct-names.ts';
import { firstSentence, signatureOf } from '../../../src/main/gateway/signature.ts';

const serverName = fc.stringMatching(/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,20}$/);
const toolName = fc.oneof(fc.stringMatching(/^[a-zA-Z0-9_.-]{1,30}$/), fc.string({ minLength: 1, maxLength: 80 }));
const tool = fc
  .record({ server: serverName, name: toolName })
  .map(({ server, name }) => ({ server, name, id: `${server}:${name}` }));

describe('direct names', () => {
  it('are plain where that is short, clear and allowed', () => {
    expect(directNameOf('github', 'create_issue')).toBe('github__create_issue');
  });

  it.each([
    ['a long one', 'server', 'x'.repeat(80)],
    ['a dot', 'my.server', 'a'],
    ['a server that could end elsewhere', 'a__b', 'c'],
    ['a server that ends in an underscore', 'a_', 'b'],
    ['characters some APIs refuse', 'a', 'größe/1'],
  ])('end in a hash for %s', (_what, server, name) => {
    const direct = directNameOf(server, name);
    expect(direct).toMatch(/^[A-Za-z0-9_-]{1,60}$/);
    expect(direct).toMatch(/_[0-9a-f]{8}$/);
    expect(directNameOf(server, name)).toBe(direct);
  });

  it('are unique, short, and mean one tool each, whatever the tools are called and in whatever order they come', () => {
    fc.assert(
      fc.property(fc.uniqueArray(tool, { selector: (one) => one.id, maxLength: 30 }), (tools) => {
        const names = directNames(tools);
        expect(new Set(names.values())).toEqual(new Set(tools.map((one) => one.id)));
        for (const name of names.keys()) expect(name).toMatch(/^[A-Za-z0-9_-]{1,60}$/);
        expect([...directNames([...tools].reverse())].sort()).toEqual([...names].sort());
      }),
    );
  });

  it('keep two tools apart when one is named like the hash of the other', () => {
    const hashed = directNameOf('a.b', 'tool');
    const names = directNames([
      { id: 'a.b:tool', server: 'a.b', name: 'tool' },
      { id: `a-b:${hashed.slice(5)}`, server: 'a-b', name: hashed.slice(5) },
    ]);
    expect(names.size).toBe(2);
    expect(names.get(hashed)).toBe(`a-b:${hashed.slice(5)}`);
  });
});

describe('signatures', () => {
  it('show names, types and what is optional', () => {
    const schema = {
      type: 'object',
      properties: {
        labels: { type: 'array', items: { type: 'string' } },
        repo: { type: 'string' },
        state: { enum: ['open', 'closed'] },
        title: { type: 'string' },
        owner: { $ref: '#/$defs/owner' },
        when: { anyOf: [{ type: 'string' }, { type: 'null' }] },
        any: {},
      },
      required: ['repo', 'title'],
      $defs: { owner: { type: 'object', properties: {} } },
    };
    expect(signatureOf('create_issue', schema, 300)).toBe(
      'create_issue(repo: string, title: string, labels?: string[], state?: "open"|"closed", owner?: object, when?: string|null, any?: any)',
    );
    expect(signatureOf('create_issue', schema, 60)).toBe('create_issue(repo: string, title: string, …)');
    expect(signatureOf('ping', null, 60)).toBe('ping()');
  });

  it('stay within their length and one line for any schema', () => {
    const schema = fc.object({
      maxDepth: 4,
      key: fc.constantFrom('type', 'properties', 'items', 'enum', 'anyOf', '$ref', 'a\nb', 'required'),
    });
    fc.assert(
      fc.property(schema, (given) => {
        const text = signatureOf('tool', given as Record<string, unknown>, 100);
        expect(text.length).toBeLessThanOrEqual(105);
      }),
    );
  });

  it('survive a schema that refers to itself', () => {
    expect(signatureOf('t', { properties: { a: { $ref: '#/properties/a' } } }, 80)).toBe('t(a?: any)');
  });
});

describe('the first sentence', () => {
  it.each([
    ['Creates an issue. Needs a repo.', 'Creates an issue.'],
    ['Reads v1.2 files\nof any size', 'Reads v1.2 files of any size'],
    ['Title\n\nBody', 'Title'],
    ['', ''],
  ])('of %j is %j', (text, sentence) => {
    expect(firstSentence(text, 100)).toBe(sentence);
  });

  it('is cut between characters', () => {
    expect(firstSentence('😀'.repeat(100), 10).isWellFormed()).toBe(true);
  });
});
