import { describe, expect, it } from 'vitest';
import { inputsOf } from '../../../src/main/cli/catalog.ts';
import { consentLines } from '../../../src/main/cli/consent.ts';
import { filterOf } from '../../../src/main/cli/log.ts';

const input = { label: '', required: false, description: '', type: 'text', multiple: false } as const;

describe('catalog inputs', () => {
  const item = {
    inputs: [
      { ...input, key: 'dir', type: 'directory', multiple: true } as const,
      { ...input, key: 'mode' },
      { ...input, key: 'token', type: 'secret' } as const,
    ],
  };

  it('collect every value where several are taken, and the last one elsewhere', () => {
    const given: [string, string][] = [
      ['dir', '/a'],
      ['dir', '/b'],
      ['mode', 'x'],
      ['mode', 'y'],
    ];
    expect(inputsOf(item, given)).toEqual({ dir: ['/a', '/b'], mode: 'y' });
  });

  it('refuse a secret on the command line, where other programs can read it', () => {
    expect(() => inputsOf(item, [['token', 'abc']])).toThrowError(/Use --secret token/);
  });
});

describe('the log filter', () => {
  it('understands server:tool and a bare tool name', () => {
    expect(filterOf({ tool: 'files:read:all' })).toMatchObject({ server: 'files', tool: 'read:all' });
    expect(filterOf({ tool: 'read' })).toEqual({ search: undefined, app: undefined, tool: 'read' });
  });
});

describe('the consent text', () => {
  const plan = {
    name: 'evil',
    launch: {
      kind: 'stdio',
      command: 'sh',
      args: ['-c', 'x'.repeat(300)],
      cwd: null,
      envNames: ['A'],
      url: null,
      headerNames: [],
      secretNames: ['evil.A'],
      valuesDigest: null,
    },
    argv: [],
    commandLine: `sh -c '${'x'.repeat(300)}\u001b[2K'`,
    resolvedCommand: '/bin/sh',
    isolation: 'none',
    warnings: ['It runs a shell.'],
    replaces: false,
    consentHash: '',
  } as const;
  const text = consentLines({
    ...plan,
    launch: { ...plan.launch, args: [], envNames: ['A'], headerNames: [], secretNames: ['evil.A'], valuesDigest: null },
    argv: [],
    warnings: [...plan.warnings],
  }).join('\n');

  it('shows the whole command line, with nothing that could rewrite it on the screen', () => {
    expect(text).toContain('x'.repeat(300));
    expect(text).toContain('\\u{1b}[2K');
  });

  it('says plainly that nothing isolates the server, and what else it gets', () => {
    expect(text).toContain('not sandboxed');
    expect(text).toContain('evil.A');
    expect(text).toContain('Careful: It runs a shell.');
  });
});
