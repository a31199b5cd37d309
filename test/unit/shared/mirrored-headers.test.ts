import { markedArguments, ParamHeaders } from '@shared/mirrored-headers.ts';
import { describe, expect, test } from 'vitest';

const toolWith = (properties: object, more: object = {}) => ({
  name: 't',
  inputSchema: { type: 'object', properties, ...more },
});
const marked = (header: unknown, type: unknown = 'string') => ({ type, 'x-mcp-header': header });

describe('arguments that headers repeat', () => {
  test('are found at any depth of properties and written as the specification wants', () => {
    const headers = new ParamHeaders();
    headers.learn([
      toolWith({
        a: marked('Plain'),
        n: marked('Number', 'integer'),
        b: marked('Flag', 'boolean'),
        deep: { type: 'object', properties: { inner: marked('Deep') } },
        absent: marked('Absent'),
        nothing: marked('Nothing'),
        odd: marked('Odd'),
        huge: marked('Huge', 'integer'),
      }),
    ]);
    const args = { a: 'x y', n: -7, b: false, deep: { inner: ' padded ' }, nothing: null, odd: {}, huge: 2 ** 60 };
    expect(headers.headersFor({ name: 't', arguments: args })).toEqual({
      'mcp-param-plain': 'x y',
      'mcp-param-number': '-7',
      'mcp-param-flag': 'false',
      'mcp-param-deep': `=?base64?${Buffer.from(' padded ').toString('base64')}?=`,
    });
    expect(headers.headersFor({ name: 'other', arguments: args })).toBeUndefined();
  });

  test.each(['', 'line\r\nX-Evil: 1', '=?base64?QQ==?=', 'snow ☃'])('cannot break out of their header: %j', (value) => {
    const headers = new ParamHeaders();
    headers.learn([toolWith({ a: marked('A') })]);
    const text = headers.headersFor({ name: 't', arguments: { a: value } })?.['mcp-param-a'];
    expect(text).toBe(`=?base64?${Buffer.from(value).toString('base64')}?=`);
  });

  test('never come from an inherited property', () => {
    const headers = new ParamHeaders();
    headers.learn([toolWith({ constructor: { type: 'object', properties: { name: marked('A') } } })]);
    expect(headers.headersFor({ name: 't', arguments: {} })).toEqual({});
  });

  test.each([
    ['a name that is no header name', { a: marked('a b') }, {}],
    ['an empty name', { a: marked('') }, {}],
    ['a name that is no text', { a: marked(7) }, {}],
    ['the type number', { a: marked('A', 'number') }, {}],
    ['an object', { a: { ...marked('A', 'object'), properties: {} } }, {}],
    ['two marks that differ by case only', { a: marked('A'), b: marked('a') }, {}],
    ['a mark within a list', { a: { type: 'array', items: marked('A') } }, {}],
    ['a mark within a choice', {}, { anyOf: [{ properties: { a: marked('A') } }] }],
    ['a mark within a definition', {}, { $defs: { x: marked('A') } }],
    ['a mark at the root', {}, { 'x-mcp-header': 'A' }],
  ])('make a tool with %s invalid', (_, properties, more) => {
    const tool = toolWith(properties, more);
    expect(markedArguments(tool.inputSchema)).toEqual(expect.any(String));
    const headers = new ParamHeaders();
    headers.learn([tool]);
    expect(headers.headersFor({ name: 't', arguments: { a: 'x' } })).toBeUndefined();
  });

  test('make a schema nested without end invalid instead of overflowing', () => {
    let schema: object = marked('A');
    for (let n = 0; n < 50_000; n += 1) schema = { type: 'object', properties: { a: schema } };
    expect(markedArguments(schema)).toContain('deeper');
    expect([null, 'x', undefined, {}].map(markedArguments)).toEqual([[], [], [], []]);
  });

  test('are learnt in a bounded number, however many tools and however deep their schemas', () => {
    const headers = new ParamHeaders();
    const wide = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`p${at}`, marked(`H${at}`)]));
    const many = Array.from({ length: 10_001 }, (_, at) => ({ ...toolWith({ a: marked('A') }), name: `t${at}` }));
    headers.learn([{ ...toolWith(wide), name: 'wide' }, ...many]);
    const headersOf = (name: string) => headers.headersFor({ name, arguments: { a: 'v', p0: 'v' } });
    expect(headersOf('wide')).toBeUndefined();
    expect(headersOf('t0')).toEqual({ 'mcp-param-a': 'v' });
    expect(headersOf('t10000')).toBeUndefined();
  });
});
