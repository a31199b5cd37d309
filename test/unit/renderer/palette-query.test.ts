import { describe, expect, it } from 'vitest';
import { matchOf, parseQuery } from '../../../src/renderer/features/palette/palette-query.ts';

describe('What is typed into the palette', () => {
  it.each([
    ['pause', { scope: 'everything', text: 'pause' }],
    ['> pause', { scope: 'commands', text: 'pause' }],
    ['@cur', { scope: 'apps', text: 'cur' }],
    ['#git', { scope: 'servers', text: 'git' }],
    [':48,198', { scope: 'call', text: '48,198' }],
  ])('%s', (input, query) => {
    expect(parseQuery(input)).toEqual(query);
  });

  it('words may come in any order, and the first one is marked', () => {
    expect(matchOf('Pause Claude Code', 'code pau')).toEqual({ from: 13, to: 17 });
  });

  it('all words must be there', () => {
    expect(matchOf('Pause Claude Code', 'pause cursor')).toBeNull();
  });
});
