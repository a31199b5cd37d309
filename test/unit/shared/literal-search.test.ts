import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LiteralSearch } from '../../../src/shared/literal-search.ts';

/** What a search that takes its time would find. */
function slowly(literals: readonly string[], text: string, ignoreCase: boolean): string[] {
  const fold = (part: string) => (ignoreCase ? part.replace(/[A-Z]/g, (letter) => letter.toLowerCase()) : part);
  const found: string[] = [];
  for (const [index, literal] of literals.entries()) {
    for (let at = 0; at + literal.length <= text.length; at += 1) {
      if (fold(text.slice(at, at + literal.length)) === fold(literal)) found.push(`${index} ${at + literal.length}`);
    }
  }
  return found.sort();
}

function quickly(literals: readonly string[], text: string, ignoreCase: boolean): string[] {
  const found: string[] = [];
  new LiteralSearch(literals, { ignoreCase }).scan(text, (literal, end) => found.push(`${literal} ${end}`));
  return found.sort();
}

const text = (maxLength: number) =>
  fc.string({ unit: fc.constantFrom('a', 'B', 'b', 'é', 'K', '\u212a', '"'), maxLength });

describe('LiteralSearch', () => {
  it('finds what a slow search finds: overlapping, nested, equal and not ASCII', () => {
    fc.assert(
      fc.property(
        fc.array(
          text(4).filter((one) => one !== ''),
          { maxLength: 6 },
        ),
        text(40),
        fc.boolean(),
        (literals, where, ignoreCase) => {
          expect(quickly(literals, where, ignoreCase)).toEqual(slowly(literals, where, ignoreCase));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('refuses an empty literal, which would be everywhere', () => {
    expect(() => new LiteralSearch(['a', ''])).toThrow(/empty/);
  });

  it('takes literals of a thousand different characters', () => {
    const literals = Array.from({ length: 1000 }, (_, n) => String.fromCharCode(0x4e00 + n).repeat(2));
    expect(quickly(literals, `x${literals[999]}`, false)).toEqual(['999 3']);
  });
});
