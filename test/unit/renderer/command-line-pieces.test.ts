import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { piecesOf } from '../../../src/renderer/components/ui/command-block.tsx';
import { shellQuote } from '../../../src/renderer/lib/shell-quote.ts';

describe('A command line cut at its arguments', () => {
  it('keeps quoted arguments whole', () => {
    expect(piecesOf(`node 'it'\\''s mine' "two \\" words" plain`)).toEqual([
      'node',
      ` 'it'\\''s mine'`,
      ` "two \\" words"`,
      ' plain',
    ]);
  });

  it('loses no character of any line, quoted well or badly', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (line) => piecesOf(line).join('') === line));
    expect(piecesOf(`a 'b`).join('')).toBe(`a 'b`);
  });

  it('gives as many pieces as there are arguments', () => {
    const argv = fc.array(fc.string(), { minLength: 1 });
    fc.assert(fc.property(argv, (words) => piecesOf(words.map(shellQuote).join(' ')).length === words.length));
  });
});
