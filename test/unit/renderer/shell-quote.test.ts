import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shellQuote } from '../../../src/renderer/lib/shell-quote.ts';

describe('Quoting an argument', () => {
  it('leaves plain words, packages and paths alone', () => {
    for (const plain of ['npx', '-y', '@scope/pkg@1.2.3', '/home/mara/code', '--flag=value']) {
      expect(shellQuote(plain)).toBe(plain);
    }
  });

  it('a shell reads back exactly what was quoted', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0')),
          { maxLength: 4 },
        ),
        (argv) => {
          const line = ['printf', '%s\\0', ...argv].map(shellQuote).join(' ');
          const read = execFileSync('/bin/sh', ['-c', line], { encoding: 'utf8' }).split('\0').slice(0, -1);
          expect(read).toEqual(argv.length === 0 ? [''] : argv);
        },
      ),
      { numRuns: 40 },
    );
  });
});
