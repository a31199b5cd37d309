import { describe, expect, test } from 'vitest';
import type { IndexedTool, SearchQuery } from '../../../src/main/discovery/index.ts';
import { ToolIndex } from '../../../src/main/discovery/tool-index.ts';
import { fleet, prepared, tool } from './tools.ts';

const indexOf = (...tools: readonly IndexedTool[]): Promise<ToolIndex> =>
  ToolIndex.build(prepared(...tools), () => undefined);
const asked = (query: string, rest: Partial<SearchQuery> = {}): SearchQuery => ({
  query,
  limit: 5,
  servers: null,
  effects: null,
  ...rest,
});
const idsFor = (index: ToolIndex, query: string, rest: Partial<SearchQuery> = {}): string[] =>
  index.search(asked(query, rest)).map(({ id }) => id);

describe('the tool index', () => {
  test('finds what was asked for in ordinary words', async () => {
    const index = await indexOf(...fleet);
    expect(idsFor(index, 'open a new issue in my GitHub repo')[0]).toBe('github:create_issue');
    expect(idsFor(index, 'what will the weather be tomorrow')[0]).toBe('weather:get_forecast');
    expect(idsFor(index, 'remove files')[0]).toBe('files:delete_file');
  });

  test.each([
    ['create_issue', 'github:create_issue'],
    ['createIssue', 'jira:createIssue'],
    ['jira create issue', 'jira:createIssue'],
    ['jira:createIssue', 'jira:createIssue'],
    ['JIRA:CREATEISSUE', 'jira:createIssue'],
    ['github create_issue', 'github:create_issue'],
    ['s3 listBuckets2', 's3:listBuckets2'],
  ])('an exact name comes first: %s', async (query, id) => {
    expect(idsFor(await indexOf(...fleet), query)[0]).toBe(id);
  });

  test('an exact name comes first even when all its words are filler or unknown', async () => {
    const index = await indexOf(...fleet, tool('odd:do', 'Acts.'), tool('odd:你', 'Greets.'));
    expect(idsFor(index, 'do')[0]).toBe('odd:do');
    expect(idsFor(index, '你')[0]).toBe('odd:你');
  });

  test('filters decide before the cut: a page is never emptied by better tools elsewhere', async () => {
    const loud = Array.from({ length: 500 }, (_, at) =>
      tool(`loud:search_web_${at}`, 'Search the web. Search web pages.'),
    );
    const index = await indexOf(
      ...loud,
      tool('quiet:lookup', 'May search the web when asked, among other things.', { effect: 'write' }),
    );
    expect(idsFor(index, 'search the web', { servers: ['quiet'] })).toEqual(['quiet:lookup']);
    expect(idsFor(index, 'search the web', { effects: ['write'] })).toEqual(['quiet:lookup']);
    expect(idsFor(index, 'search the web', { servers: ['quiet'], effects: ['read'] })).toEqual([]);
    expect(idsFor(index, 'loud:search_web_7', { servers: ['quiet'] })).not.toContain('loud:search_web_7');
  });

  test('scores fall and the limit holds', async () => {
    const hits = (await indexOf(...fleet)).search(asked('issue repository file', { limit: 3 }));
    expect(hits).toHaveLength(3);
    expect(hits.map(({ score }) => score)).toEqual(hits.map(({ score }) => score).toSorted((a, b) => b - a));
  });

  test.each([0, 1, 2, 3])('works with %i tools', async (count) => {
    const index = await indexOf(...fleet.slice(0, count));
    expect(index.size).toBe(count);
    expect(idsFor(index, 'create an issue')).toHaveLength(Math.min(count, 2));
  });

  test('a question without any telling word finds nothing and breaks nothing', async () => {
    const index = await indexOf(...fleet);
    for (const query of ['', '   ', 'the of and', '!!!', 'zzzqqq', '\u0000', '🦊'.repeat(3_000)]) {
      expect(idsFor(index, query)).toEqual([]);
    }
  });

  test('words named like parts of Object.prototype can be found and searched for', async () => {
    const words = ['constructor', '__proto__', 'hasOwnProperty', 'toString', 'prototype'];
    const index = await indexOf(
      ...fleet,
      ...words.map((word) => tool(`odd:${word}`, `About ${word}.`)),
      tool('__proto__:constructor', 'x'),
    );
    for (const word of words) expect(idsFor(index, word), word).toContain(`odd:${word}`);
    expect(idsFor(index, '__proto__:constructor')[0]).toBe('__proto__:constructor');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test('a tool stuffed with words does not push honest tools out', async () => {
    const stuffing = 'weather forecast issue file github repository create delete read '.repeat(20_000);
    const index = await indexOf(...fleet, tool('spam:do_everything', stuffing));
    expect(idsFor(index, 'weather forecast')[0]).toBe('weather:get_forecast');
    expect(idsFor(index, 'delete a file')[0]).toBe('files:delete_file');
  });

  test('fifty thousand distinct words cost no more than the bound', async () => {
    const many = Array.from({ length: 50_000 }, (_, at) => `word${at.toString(36)}`).join(' ');
    const start = performance.now();
    const index = await indexOf(...fleet, tool('big:words', many));
    expect(idsFor(index, many)).not.toHaveLength(0);
    expect(performance.now() - start).toBeLessThan(1_000);
  });

  test('two tools with one id do not break the index', async () => {
    expect(idsFor(await indexOf(...fleet, ...fleet), 'weather')[0]).toBe('weather:get_forecast');
  });
});
