import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { onWhatOf } from '../../../src/main/audit/on-what.ts';

const picture = (value: unknown): string => onWhatOf(JSON.stringify(value), '/home/ada');

describe('the one-line picture of arguments', () => {
  it.each([
    [{ path: '/home/ada/code/atlas/src/retry.ts' }, '~/code/atlas/src/retry.ts'],
    [{ owner: 'acme', repo: 'atlas', sha: 'main' }, 'acme/atlas, main'],
    [{ query: 'retryBudget', repo: 'acme/atlas' }, '"retryBudget" in acme/atlas'],
    [{ pattern: 'TODO', path: '/srv' }, '"TODO" in /srv'],
    [{ sql: 'delete from sessions\n  where expires_at < now()' }, 'delete from sessions where expires_at < now()'],
    [{ owner: 'acme', repo: 'atlas', pullNumber: 479 }, 'acme/atlas, pullnumber 479'],
    [{ paths: ['/a.txt', '/b.txt'] }, '/a.txt, /b.txt'],
    [{ nested: { deep: { url: 'http://localhost:5173/checkout' } } }, 'http://localhost:5173/checkout'],
    [{}, ''],
    [[], ''],
    [null, ''],
    [{ flag: true }, ''],
  ])('of %j is %j', (value, expected) => {
    expect(picture(value)).toBe(expected);
  });

  it('is one short line of visible characters for any arguments', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = picture(value);
        expect(text.length).toBeLessThanOrEqual(120);
        expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        expect(text.isWellFormed()).toBe(true);
      }),
    );
  });

  it('looks at no part of a hostile text twice', () => {
    // A string of escaped quotes that is cut off inside an escape: every quote in it once began a new search.
    const hostile = `{"a":"x${'\\"'.repeat(9_000)}`;
    const times = Array.from({ length: 5 }, () => {
      const before = performance.now();
      onWhatOf(hostile);
      return performance.now() - before;
    });
    expect(Math.min(...times)).toBeLessThan(20);
  });

  it('takes any text for arguments, also such that is no JSON', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void onWhatOf(text)));
    expect(onWhatOf('{"path":"/cut/off')).toBe('/cut/off');
  });

  it('looks only at the beginning of huge arguments', () => {
    const started = performance.now();
    expect(picture({ path: '/a', content: '\\"'.repeat(2_000_000) })).toMatch(/^\/a/);
    expect(performance.now() - started).toBeLessThan(500);
  });
});
