import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffWords } from '../../../src/main/approvals/text-diff.ts';

const side = (parts: ReturnType<typeof diffWords>, kind: 'added' | 'removed'): string =>
  parts
    .filter((part) => part.kind === 'same' || part.kind === kind)
    .map((part) => part.text)
    .join('');

const prose = fc.array(fc.constantFrom('the', 'query', 'is', 'run', ' ', '.', '\n', 'é', '😀', 'never'), {
  maxLength: 60,
});

describe('the word-by-word difference of two texts', () => {
  it('shows which words are gone and which are new', () => {
    expect(diffWords('The query is not run.', 'The query is run twice.')).toEqual([
      { kind: 'same', text: 'The query is ' },
      { kind: 'removed', text: 'not ' },
      { kind: 'same', text: 'run' },
      { kind: 'added', text: ' twice' },
      { kind: 'same', text: '.' },
    ]);
  });

  it('gives both texts back, whatever they are', () => {
    fc.assert(
      fc.property(prose, prose, (a, b) => {
        const [before, after] = [a.join(''), b.join('')];
        const parts = diffWords(before, after);
        expect(side(parts, 'removed')).toBe(before);
        expect(side(parts, 'added')).toBe(after);
        expect(parts.every((part) => part.text !== '')).toBe(true);
      }),
    );
  });

  it('gives both texts back for any characters at all', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (before, after) => {
        const parts = diffWords(before, after);
        expect(side(parts, 'removed')).toBe(before);
        expect(side(parts, 'added')).toBe(after);
      }),
    );
  });

  it('compares two different megabytes in bounded time', () => {
    const before = Array.from({ length: 150_000 }, (_, i) => `a${i % 977}`).join(' ');
    const after = Array.from({ length: 150_000 }, (_, i) => `b${i % 991}`).join(' ');
    expect(before.length).toBeGreaterThan(500_000);
    const started = performance.now();
    const parts = diffWords(before, after);
    expect(performance.now() - started).toBeLessThan(2_000);
    expect(side(parts, 'removed')).toBe(before);
    expect(side(parts, 'added')).toBe(after);
  });

  it('compares 4,000 words with 4,000 other words in bounded time', () => {
    const words = (offset: number): string =>
      Array.from({ length: 4_000 }, (_, i) => `w${(i * 7 + offset) % 401}`).join(' ');
    const started = performance.now();
    diffWords(words(0), words(3));
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
