import { beforeAll, describe, expect, it } from 'vitest';
import { createArgumentCheck } from '../../../src/main/policy/index.ts';
import { toolRecord } from '../../doubles/rooms.ts';

const argumentCheck = createArgumentCheck();
const check = (inputSchema: Record<string, unknown>, args: unknown) =>
  argumentCheck.check(toolRecord('a:b', 'read', { inputSchema }), args);

describe('the argument check', () => {
  beforeAll(() => argumentCheck.ready());

  it.each([
    ['2020-12 by default', { type: 'array', prefixItems: [{ type: 'string' }], items: false }, ['a'], ['a', 'b']],
    [
      'draft-07 by its $schema',
      { $schema: 'http://json-schema.org/draft-07/schema#', items: [{ type: 'string' }], additionalItems: false },
      ['a'],
      ['a', 'b'],
    ],
    [
      '2020-12 by its $schema',
      { $schema: 'https://json-schema.org/draft/2020-12/schema', required: ['a'] },
      { a: 1 },
      {},
    ],
    ['local references', { $ref: '#/$defs/x', $defs: { x: { type: 'object', required: ['a'] } } }, { a: 1 }, {}],
    ['patterns', { properties: { a: { type: 'string', pattern: '^a+$' } } }, { a: 'aa' }, { a: 'b' }],
    ['keywords it does not know', { 'x-mcp-header': 'Region', required: ['a'] }, { a: 1 }, {}],
  ])('applies %s', (_what, schema, good, bad) => {
    expect(check(schema, good)).toEqual({ verdict: 'valid' });
    expect(check(schema, bad)).toMatchObject({ verdict: 'invalid' });
  });

  it('says in one sentence what is wrong', () => {
    const schema = {
      type: 'object',
      properties: { mode: { enum: ['fast', 'slow'] }, deep: { properties: { n: { type: 'integer' } } } },
      required: ['mode'],
      additionalProperties: false,
    };
    const problem = (args: unknown) => {
      const verdict = check(schema, args);
      return verdict.verdict === 'invalid' ? verdict.problem : verdict.verdict;
    };
    expect(problem({})).toBe("must have required property 'mode'.");
    expect(problem(undefined)).toBe("must have required property 'mode'.");
    expect(problem({ mode: 'x' })).toBe('mode must be equal to one of the allowed values: ["fast","slow"].');
    expect(problem({ mode: 'fast', deep: { n: 'x' } })).toBe('deep.n must be integer.');
    expect(problem({ mode: 'fast', more: 1 })).toBe('must NOT have additional properties (more).');
  });

  it.each([
    ['a reference to the network', { $ref: 'https://example.com/schema.json' }],
    ['a schema that is not one', { type: 'nonsense' }],
    ['a pattern that does not compile', { properties: { a: { pattern: '(' } } }],
    ['a schema that is too deep', Array.from({ length: 200 }).reduce<object>((inner) => ({ not: inner }), {})],
    [
      'a schema that is too large',
      { properties: Object.fromEntries(Array.from({ length: 6000 }, (_, i) => [`p${i}`, {}])) },
    ],
  ])('leaves %s to the server', (_what, schema) => {
    expect(check(schema as Record<string, unknown>, { a: 1 })).toMatchObject({ verdict: 'unchecked' });
  });

  it.each([
    ['a pattern that backtracks for ever', { properties: { a: { pattern: '^(a+)+$' } } }, { a: `${'a'.repeat(60)}b` }],
    [
      'references that unfold exponentially',
      {
        $ref: '#/$defs/d0',
        $defs: Object.fromEntries(
          Array.from({ length: 40 }, (_, i) => [
            `d${i}`,
            { allOf: [{ $ref: `#/$defs/d${i + 1}` }, { $ref: `#/$defs/d${i + 1}` }] },
          ]).concat([['d40', { allOf: [] }]]),
        ),
      },
      {},
    ],
    [
      'comparing every pair of a long list',
      { properties: { a: { uniqueItems: true } } },
      { a: Array.from({ length: 50_000 }, (_, i) => ({ i })) },
    ],
  ])('gives up on %s within its time', (_what, schema, args) => {
    const started = performance.now();
    expect(check(schema as Record<string, unknown>, args)).toMatchObject({ verdict: 'unchecked' });
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  it('keeps two schemas with the same $id apart', () => {
    const schema = (type: string) => ({ $id: 'https://example.com/same', properties: { a: { type } } });
    expect(check(schema('string'), { a: 1 })).toMatchObject({ verdict: 'invalid' });
    expect(check(schema('number'), { a: 1 })).toEqual({ verdict: 'valid' });
  });

  it('is not misled by arguments named like parts of every object', () => {
    const schema = { type: 'object', required: ['toString'] };
    expect(check(schema, {})).toMatchObject({ verdict: 'invalid' });
    expect(check({ type: 'object', additionalProperties: false }, JSON.parse('{"__proto__":{"a":1}}'))).toMatchObject({
      verdict: 'invalid',
    });
  });
});
