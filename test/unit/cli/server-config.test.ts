import { describe, expect, it } from 'vitest';
import { serverConfigOf } from '../../../src/main/cli/server-config.ts';

describe('server add', () => {
  it('takes the words after -- as program and arguments, unchanged', () => {
    expect(serverConfigOf('files', ['npx', '-y', 'pkg@1', '--json'], { env: ['A=b=c'], cwd: '/w' })).toEqual({
      command: 'npx',
      args: ['-y', 'pkg@1', '--json'],
      env: { A: 'b=c' },
      cwd: '/w',
    });
  });

  it('refers to a secret instead of holding it', () => {
    expect(serverConfigOf('gh', ['run'], { secret: ['TOKEN'] }).env).toEqual({ TOKEN: `\${secret:gh.TOKEN}` });
  });

  it('puts a secret where a given value refers to it', () => {
    const header = [`Authorization=Bearer \${secret:gh.TOKEN}`];
    expect(serverConfigOf('gh', [], { url: 'https://x.test/mcp', header, secret: ['TOKEN'] })).toEqual({
      url: 'https://x.test/mcp',
      headers: { Authorization: `Bearer \${secret:gh.TOKEN}` },
    });
  });

  it.each([
    ['neither a command nor an address', [], {}],
    ['both', ['run'], { url: 'https://x.test' }],
    ['an environment for an address', [], { url: 'https://x.test', env: ['A=b'] }],
    ['a header for a command', ['run'], { header: ['A=b'] }],
    ['an environment variable without a value', ['run'], { env: ['A'] }],
    ['a name as value and as secret', ['run'], { env: ['A=b'], secret: ['A'] }],
  ])('is a usage error with %s', (_what, command, options) => {
    expect(() => serverConfigOf('x', command, options)).toThrowError(expect.objectContaining({ ending: 'usage' }));
  });
});
