import { beforeAll, describe, expect, it } from 'vitest';
import { loadJsonPaths, problemOfPath, testArguments } from '../../../src/main/policy/argument-tests.ts';
import type { ArgumentTest } from '../../../src/shared/contract/index.ts';

const home = { home: '/home/ann' };
const outcome = (test: ArgumentTest, args: unknown, reading: 'strict' | 'generous' = 'generous') =>
  testArguments([test], args, reading, home);

beforeAll(loadJsonPaths);

describe('paths into arguments', () => {
  it.each(['$.path', '$.items[0].name', '$..url', "$['odd name']", '$.a[*].b', '$..*', '$.a[1:3]'])(
    'takes %s',
    (path) => {
      expect(problemOfPath(path)).toBeNull();
    },
  );

  it.each([
    ["$[?match(@.a, '(a+)+$')]", 'filter'],
    ["$..a[?search(@, 'x')]", 'filter'],
    ["$['a','a']['a','a']['a','a']", 'list of names'],
    ['$..*..*..*', 'once'],
    ['path', 'no JSONPath'],
    ['$.', 'no JSONPath'],
  ])('refuses %s', (path, words) => {
    expect(problemOfPath(path)).toContain(words);
  });

  it('reaches what it names and nothing else', () => {
    const args = { path: '/a', items: [{ name: 'x' }, { name: 'y' }], deep: { path: '/b' } };
    expect(outcome({ path: '$.path', equals: '/a' }, args)).toBe('fits');
    expect(outcome({ path: '$.path', equals: '/b' }, args)).toBe('not');
    expect(outcome({ path: '$..path', equals: '/b' }, args)).toBe('fits');
    expect(outcome({ path: '$.items[*].name', equals: 'y' }, args)).toBe('fits');
    expect(outcome({ path: '$.nothing', equals: '/a' }, args)).toBe('not');
  });

  it('finds by $..* what RFC 9535 finds, in whatever it is nested', () => {
    expect(outcome({ path: '$..*', contains: 'deep' }, { a: [{ b: { c: 'deep down' } }] })).toBe('fits');
    expect(outcome({ path: '$..*', contains: 'deep' }, undefined)).toBe('not');
    expect(outcome({ path: '$..*', contains: 'deep' }, { deep: 1 })).toBe('not');
  });
});

describe('tests of a value', () => {
  it('read generously what a rule takes away for', () => {
    expect(outcome({ path: '$.to', equals: 'Prod' }, { to: 'PROD\u200b' })).toBe('fits');
    expect(outcome({ path: '$.to', prefix: 'drop ' }, { to: 'DROP table' })).toBe('fits');
    expect(outcome({ path: '$.to', contains: 'delete' }, { to: 'please \u{ff24}elete' })).toBe('fits');
    expect(outcome({ path: '$.to', glob: '*.prod.*' }, { to: 'db.PROD.example' })).toBe('fits');
  });

  it('read strictly what a rule gives for', () => {
    expect(outcome({ path: '$.to', equals: 'prod' }, { to: 'PROD' }, 'strict')).toBe('not');
    expect(outcome({ path: '$.to', prefix: 'get ' }, { to: 'g\u200bet x' }, 'strict')).toBe('not');
    expect(outcome({ path: '$.n', equals: 1 }, { n: '1' }, 'strict')).toBe('not');
    expect(outcome({ path: '$.n', equals: 1 }, { n: 1 }, 'strict')).toBe('fits');
  });

  it('look at own members only', () => {
    expect(outcome({ path: '$.constructor', contains: 'native' }, {})).toBe('not');
    expect(outcome({ path: '$.__proto__', equals: 'x' }, JSON.parse('{"__proto__":"x"}'))).toBe('fits');
  });
});

describe('hostile arguments', () => {
  const nested = (depth: number): unknown => {
    let value: unknown = 'x';
    for (let level = 0; level < depth; level++) value = { a: value };
    return value;
  };

  it('are given up on, in bounded time, when they are too deep or too many', () => {
    expect(outcome({ path: '$..*', contains: 'x' }, nested(5_000))).toBe('unknown');
    expect(outcome({ path: '$..a', contains: 'x' }, nested(5_000))).toBe('unknown');
    expect(outcome({ path: '$..*', contains: 'x' }, { all: new Array(300_000).fill(0) })).toBe('unknown');
  });

  it('take no longer than a moment at the largest size that is looked at', () => {
    const args = { all: Array.from({ length: 50_000 }, (_none, at) => ({ at, text: `/srv/${at}` })) };
    const started = performance.now();
    expect(outcome({ path: '$..*', inside: ['~/.ssh'] }, args)).toBe('not');
    expect(outcome({ path: '$.all[*].text', inside: ['~/.ssh'] }, args)).toBe('not');
    expect(outcome({ path: '$..text', inside: ['~/.ssh'] }, args)).toBe('not');
    expect(performance.now() - started).toBeLessThan(3_000);
  });
});
