import { describe, expect, it } from 'vitest';
import { hidesText, partsOf } from '../../../src/shared/suspicious-characters.ts';

const hidden = (text: string) => partsOf(text).filter((part) => part.kind === 'hidden');

describe('Characters a person cannot see', () => {
  it('ordinary text stays one part', () => {
    expect(partsOf('Read a file.\nThen stop.')).toEqual([{ kind: 'text', text: 'Read a file.\nThen stop.' }]);
  });

  it('a run of zero-width spaces becomes one token with its length', () => {
    expect(partsOf(`Extract${'\u200b'.repeat(132)} text`)).toEqual([
      { kind: 'text', text: 'Extract' },
      { kind: 'hidden', count: 132, names: 'U+200B zero-width space' },
      { kind: 'text', text: ' text' },
    ]);
  });

  it.each([
    ['a bidi override', '\u202e', 'U+202E right-to-left override'],
    ['a tag character', '\u{e0041}', 'U+E0041'],
    ['an escape', '\u001b', 'U+001B'],
    ['a lone carriage return', '\r', 'U+000D'],
    ['a variation selector after a letter', '\ufe0f', 'U+FE0F'],
  ])('%s is shown', (_, character, name) => {
    expect(hidden(`a${character}b`)).toEqual([{ kind: 'hidden', count: 1, names: name }]);
  });

  it('an emoji in its coloured form is ordinary writing', () => {
    expect(hidden('Warning \u26a0\ufe0f read this')).toEqual([]);
  });

  it('a Windows line end is a line end', () => {
    expect(partsOf('one\r\ntwo')).toEqual([{ kind: 'text', text: 'one\ntwo' }]);
  });

  it('are found wherever a value hides them, also in names of fields', () => {
    expect(hidesText({ description: 'Reads a file 📄', inputSchema: { enum: ['a', 1, null] } })).toBe(false);
    expect(hidesText({ inputSchema: { properties: { a: { description: 'b\u202e' } } } })).toBe(true);
    expect(hidesText({ inputSchema: { properties: { 'a\u200b': {} } } })).toBe(true);
    expect(hidesText({ description: 'a\u001b[8m' })).toBe(true);
  });
});
