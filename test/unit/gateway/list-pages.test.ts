/** Lists in pages: whole together, stable while the list changes, and no cursor but their own. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ListEntry, ListPages } from '../../../src/main/gateway/list-pages.ts';

const entry = (server: string, name: string, json = JSON.stringify({ name })): ListEntry => ({
  id: `${server}:${name}`,
  server,
  mark: json,
  json,
  shownAs: null,
});
const many = (server: string, count: number): ListEntry[] =>
  Array.from({ length: count }, (_, index) => entry(server, `n${index}`));
const namesIn = (json: string): string[] => (JSON.parse(json) as { name: string }[]).map(({ name }) => name);

function readAll(pages: ListPages): string[] {
  const names: string[] = [];
  let cursor: string | undefined;
  for (;;) {
    const page = pages.page(cursor);
    if (!page) throw new Error('The cursor was not taken');
    names.push(...namesIn(page.json));
    if (page.nextCursor === null) return names;
    cursor = page.nextCursor;
  }
}

describe('Pages', () => {
  it('are together the list, each entry as it was written', () => {
    const spaced = '{ "name" : "odd",\t"n": 12345678901234567890 }';
    const pages = new ListPages('tools', [entry('a', 'odd', spaced), ...many('b', 2_500)]);
    expect(pages.page(undefined)?.json.startsWith(`[${spaced},`)).toBe(true);
    expect(readAll(pages)).toEqual(['odd', ...many('b', 2_500).map(({ id }) => id.slice(2))]);
  });

  it('hold a thousand entries, or two MiB of text and never none', () => {
    expect(namesIn(new ListPages('tools', many('a', 1_500)).page(undefined)?.json ?? '')).toHaveLength(1_000);
    const big = Array.from({ length: 5 }, (_, index) =>
      entry('a', `${index}`, JSON.stringify({ name: `${index}`, text: 'x'.repeat(900_000) })),
    );
    expect(namesIn(new ListPages('tools', big).page(undefined)?.json ?? '')).toEqual(['0', '1']);
    const huge = [entry('a', '0', JSON.stringify({ name: '0', text: 'x'.repeat(3_000_000) })), entry('a', '1')];
    expect(readAll(new ListPages('tools', huge))).toEqual(['0', '1']);
  });

  it('show the one renamed member and nothing else differently', () => {
    const renamed: ListEntry = {
      ...entry('a', 'x', '{ "name":"x" , "z":1.0}'),
      shownAs: { member: 'name', value: 'a__x' },
    };
    expect(new ListPages('tools', [renamed]).page(undefined)?.json).toBe('[{ "name":"a__x" , "z":1.0}]');
  });

  it('go on after the last entry that was given, whatever came or went before it', () => {
    const list = many('b', 2_000);
    const cursor = new ListPages('tools', list).page(undefined)?.nextCursor;
    const changed = new ListPages('tools', [...many('a', 3), ...list.slice(500)]);
    expect(namesIn(changed.page(cursor)?.json ?? '')[0]).toBe('n1000');
  });

  it('give a server again when the last entry is gone, so that none is missed', () => {
    const list = [...many('a', 999), ...many('b', 500), ...many('c', 1)];
    const cursor = new ListPages('tools', list).page(undefined)?.nextCursor;
    const without = list.filter(({ id }) => id !== 'b:n0');
    expect(namesIn(new ListPages('tools', without).page(cursor)?.json ?? '')[0]).toBe('n1');
    const withoutServer = list.filter(({ server }) => server !== 'b');
    expect(namesIn(new ListPages('tools', withoutServer).page(cursor)?.json ?? '')).toEqual(['n0']);
  });

  it('take no cursor of another list or maker', () => {
    const pages = new ListPages('tools', many('a', 2_000));
    const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const mine = { v: 1, list: 'tools', server: 'a', last: 'a:n3' };
    expect(pages.page(encoded(mine))).toBeDefined();
    const foreign = [
      '',
      'x',
      7,
      null,
      {},
      encoded(null),
      encoded([]),
      encoded({ ...mine, v: 2 }),
      encoded({ ...mine, list: 'prompts' }),
      encoded({ ...mine, more: 1 }),
      encoded({ ...mine, last: 'x'.repeat(20_000) }),
    ];
    for (const cursor of foreign) expect(pages.page(cursor)).toBeUndefined();
    fc.assert(fc.property(fc.string(), (cursor) => void expect(pages.page(cursor)).toBeUndefined()));
  });
});

describe('The mark of a list', () => {
  it('differs when an entry, its definition, its place or its name here does', () => {
    const [a, b] = [entry('a', 'x'), entry('a', 'y')];
    const lists = [
      [],
      [a],
      [a, b],
      [b, a],
      [{ ...a, mark: 'other' }],
      [{ ...a, shownAs: { member: 'name' as const, value: 'z' } }],
    ];
    const marks = lists.map((list) => new ListPages('tools', list).mark());
    expect(new Set(marks).size).toBe(lists.length);
    expect(new ListPages('tools', [a, b]).mark()).toBe(marks[2]);
  });
});
