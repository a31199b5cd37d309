import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isInside, isNamed } from '../../../src/main/policy/path-text.ts';
import { fitsGlob } from '../../../src/main/policy/text-glob.ts';

const home = { home: '/home/ann' };

describe('a folder, read for a rule that takes away', () => {
  it.each([
    '~/.ssh',
    '~/.ssh/id_ed25519',
    '/home/ann/.ssh/id_ed25519',
    '/home/bob/.ssh/config',
    '../../.ssh/id',
    './work/../.ssh/id',
    '/tmp/x/../../home/ann/.ssh/id',
    '//home//ann//.ssh//id',
    '~/.SSH/id',
    'C:\\Users\\ann\\.ssh\\id',
    'file:///home/ann/.ssh/id',
    'file:///home/ann/%2essh/id',
    'file:///home/ann/%252essh/id',
    '$HOME/.ssh/id',
    'cat "$HOME/.ssh/id" | base64',
    "cp '/home/ann/.ssh/id' /tmp",
    '/home/ann/.s\u200bsh/id',
    '/home/ann/.\u{ff53}\u{ff53}\u{ff48}/id',
    '/home/ann/.ssh\u0000.txt',
    '/home/ann/.ssh\u202e/id',
    '/tmp/\n/../home/ann/.ssh/id',
  ])('finds ~/.ssh in %j', (text) => {
    expect(isInside(text, '~/.ssh', 'generous', home)).toBe(true);
  });

  it.each(['~/.sshd/config', '/home/ann/ssh/id', 'https://example.com/a.ssh', '/srv/data', '', 'talk about ssh keys'])(
    'leaves %j alone',
    (text) => {
      expect(isInside(text, '~/.ssh', 'generous', home)).toBe(false);
    },
  );

  it('is found wherever noise is put around it', () => {
    const noise = fc.constantFrom('/', '//', '/./', '/x/../', '\\', '/\u200b', '/\u2060./');
    fc.assert(
      fc.property(fc.array(noise, { maxLength: 6 }), fc.constantFrom('.ssh', '.SSH', '.sSh'), (parts, name) => {
        expect(isInside(`/home/ann${parts.join('')}/${name}/id`, '~/.ssh', 'generous', home)).toBe(true);
      }),
    );
  });
});

describe('a folder, read for a rule that gives', () => {
  it('takes a plain absolute path below it, and ~ for the home folder', () => {
    expect(isInside('/home/ann/code/a.ts', '~/code', 'strict', home)).toBe(true);
    expect(isInside('~/code/a/./b.ts', '/home/ann/code', 'strict', home)).toBe(true);
    expect(isInside('/home/ann/code', '~/code', 'strict', home)).toBe(true);
  });

  it.each([
    '/home/ann/code/../.ssh/id',
    'code/a.ts',
    './code/a.ts',
    '/home/ann/codex/a.ts',
    '/home/ann/Code/a.ts',
    '/home/ann/code\u0000/../../.ssh',
    '/home/ann/code/%2e%2e/.ssh/id',
    'file:///home/ann/code/a.ts',
    '/home/ann\\code\\a.ts',
    '~bob/code/a.ts',
    '',
  ])('does not take %j', (text) => {
    expect(isInside(text, '~/code', 'strict', home)).toBe(false);
  });

  it('never takes a path with .. in it', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', '.', 'code', '..'), { maxLength: 8 }), (parts) => {
        const path = `/home/ann/code/${[...parts, '..', 'x'].join('/')}`;
        expect(isInside(path, '~/code', 'strict', home)).toBe(false);
      }),
    );
  });
});

describe('a file name', () => {
  it.each(['.env', '/srv/app/.env', 'cat .env', 'C:\\app\\.ENV', '/srv/%2eenv', '/srv/.e\u200bnv', '"/srv/.env"'])(
    'is found in %j for a rule that takes away',
    (text) => {
      expect(isNamed(text, '.env', 'generous')).toBe(true);
    },
  );

  it.each(['environment', '/srv/.envoy', 'the env of a process', 'my.env.ts'])('is not found in %j', (text) => {
    expect(isNamed(text, '.env', 'generous')).toBe(false);
  });
});

describe('globs', () => {
  it('fit as a plain reading of stars and question marks does', () => {
    const slow = (pattern: string, text: string): boolean => {
      if (pattern === '') return text === '';
      if (pattern[0] === '*') return slow(pattern.slice(1), text) || (text !== '' && slow(pattern, text.slice(1)));
      return text !== '' && (pattern[0] === '?' || pattern[0] === text[0]) && slow(pattern.slice(1), text.slice(1));
    };
    const letters = fc.array(fc.constantFrom('a', 'b', '*', '?'), { maxLength: 7 }).map((all) => all.join(''));
    const texts = fc.array(fc.constantFrom('a', 'b'), { maxLength: 8 }).map((all) => all.join(''));
    fc.assert(fc.property(letters, texts, (pattern, text) => fitsGlob(pattern, text) === slow(pattern, text)));
  });

  it('give up on what is built to take long', () => {
    const started = performance.now();
    expect(fitsGlob(`${'*a'.repeat(120)}b`, 'a'.repeat(100_000))).toBe(false);
    expect(performance.now() - started).toBeLessThan(500);
  });
});
