import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printable, printableBlock, printableJson } from '../../../src/main/cli/printable.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not get through
const acts = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

describe('text from others on a terminal', () => {
  it('shows escape sequences instead of performing them', () => {
    expect(printable('\u001b]0;owned\u0007\u001b[2J')).toBe('\\u{1b}]0;owned\\u{7}\\u{1b}[2J');
    expect(printable('\u009b31m')).toBe('\\u{9b}31m');
  });

  it('shows direction overrides and invisible characters, which could hide what a command does', () => {
    expect(printable('rm\u202efr\u200b')).toBe('rm\\u{202e}fr\\u{200b}');
    expect(printable('a\u{e0041}b')).toBe('a\\u{e0041}b');
  });

  it('stays one line, and leaves ordinary text of any script alone', () => {
    expect(printable('a\nb\tc')).toBe('a\\nb\\tc');
    expect(printable('Grüße, 世界 🚪')).toBe('Grüße, 世界 🚪');
    expect(printableBlock('a\n\u001bb')).toBe('a\n\\u{1b}b');
  });

  it('never lets a character through that acts', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !acts.test(printable(text))));
  });

  it('keeps the value of JSON while making it harmless', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), fc.constantFrom(undefined, 2), (value, indent) => {
        const text = printableJson(value, indent);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(acts.test(text.replaceAll('\n', ''))).toBe(false);
      }),
    );
  });
});
