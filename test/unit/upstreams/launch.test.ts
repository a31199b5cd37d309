import { execFileSync } from 'node:child_process';
import type { ServerConfig } from '@shared/contract/index.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { launchFingerprintOf } from '../../../src/main/approvals/index.ts';
import {
  commandLineOf,
  configFlaw,
  launchIdentityOf,
  launchWarnings,
  resolveProgram,
  shellQuote,
} from '../../../src/main/upstreams/index.ts';
import { fetchesItsProgram } from '../../../src/main/upstreams/launch-warnings.ts';

describe('launchIdentityOf', () => {
  test('names variables, headers and secrets but holds no value', () => {
    const launch = launchIdentityOf({
      command: 'npx',
      args: ['-y', 'pkg@1.0.0'],
      cwd: '/work',
      env: { TOKEN: '${secret:gh.token}', MODE: 'fast-and-private' },
    });
    expect(launch).toEqual({
      kind: 'stdio',
      command: 'npx',
      args: ['-y', 'pkg@1.0.0'],
      cwd: '/work',
      envNames: ['MODE', 'TOKEN'],
      url: null,
      headerNames: [],
      secretNames: ['gh.token'],
      valuesDigest: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(JSON.stringify(launch)).not.toContain('fast-and-private');
  });

  test('is the same when variables are written in another order', () => {
    const one = launchIdentityOf({ command: 'x', env: { A: '1', B: '2' } });
    expect(launchIdentityOf({ command: 'x', env: { B: '2', A: '1' } })).toEqual(one);
  });

  test('covers whom a process serves and whose folder it works in', () => {
    const plain: ServerConfig = { command: 'x', cwd: '/work' };
    const withSettings = (gatehouse: ServerConfig['gatehouse']) => launchIdentityOf({ ...plain, gatehouse });
    const kinds = [
      withSettings({}),
      withSettings({ instances: 'app' }),
      withSettings({ instances: 'session' }),
      withSettings({ instances: 'app', workingDirectory: 'app-roots' }),
    ];
    expect(new Set(kinds.map(launchFingerprintOf)).size).toBe(4);
    // Approvals given before these settings existed go on.
    expect(launchFingerprintOf(withSettings({ instances: 'shared', idleMinutes: 3 }))).toBe(
      launchFingerprintOf(launchIdentityOf(plain)),
    );
    expect(launchFingerprintOf(launchIdentityOf(plain))).toBe(
      'a8c69b859f15422fe57c45029af7a58a6da9b91baecaac41371c2833c2e0c6b3',
    );
  });

  test('tells sse from streamable HTTP', () => {
    expect(launchIdentityOf({ url: 'https://a.example/mcp' }).kind).toBe('http');
    expect(launchIdentityOf({ url: 'https://a.example/sse', type: 'sse' }).kind).toBe('sse');
  });
});

describe('commandLineOf', () => {
  const lineOf = (command: string, ...args: string[]) => commandLineOf(launchIdentityOf({ command, args }));

  test('quotes only what a shell would read differently', () => {
    expect(lineOf('npx', '-y', '@scope/pkg@1.2.3', '/home/me/my docs', "it's", '$HOME', '')).toBe(
      `npx -y @scope/pkg@1.2.3 '/home/me/my docs' 'it'\\''s' '$HOME' ''`,
    );
  });

  test('shows characters that hide or turn text around', () => {
    const line = lineOf('sh', 'safe\n\u202ermrf', 'a\u200bb');
    expect(line).toBe(`sh $'safe\\n\\u202ermrf' $'a\\u200bb'`);
  });

  test('is never shortened', () => {
    const long = 'x'.repeat(100_000);
    expect(lineOf('run', long)).toBe(`run ${long}`);
  });

  test('comes back word by word from a shell', () => {
    const word = fc.string({ unit: 'binary', maxLength: 12 }).filter((text) => !text.includes('\0'));
    fc.assert(
      fc.property(fc.array(word, { maxLength: 5 }), (words) => {
        const line = words.map(shellQuote).join(' ');
        expect(line).not.toContain('\n');
        const said = execFileSync('bash', ['--norc', '-c', `for word in "" ${line}; do printf '%s\\0' "$word"; done`], {
          stdio: ['ignore', 'pipe', 'inherit'],
          env: { LC_ALL: 'C.UTF-8', PATH: process.env.PATH },
        });
        expect(said.toString('utf8').split('\0').slice(1, -1)).toEqual(
          words.map((text) => Buffer.from(text).toString()),
        );
      }),
      { numRuns: 40 },
    );
  });
});

describe('configFlaw', () => {
  test.each([
    [{}, /neither/],
    [{ command: 'x', url: 'https://a.example' }, /both/],
    [{ command: 'x', args: ['--token=${secret:t}'] }, /command line/],
    [{ command: 'x', cwd: 'work' }, /whole path/],
    [{ command: 'x', cwd: '~/work' }, /whole path/],
    [{ url: 'ftp://a.example' }, /https:/],
    [{ url: 'http://a.example/mcp' }, /plain http to another computer/],
    [{ url: 'http://127.0.0.1.evil.example/mcp' }, /plain http/],
    [{ url: 'https://me:pw@a.example/mcp' }, /user name or password/],
    [{ url: 'https://${secret:host}/mcp' }, /host/],
    [{ url: 'https://a.example.${secret:host}/mcp' }, /host/],
    [{ url: 'not an address' }, /not an address/],
    [{ command: 'x', type: 'sse' as const }, /type/],
    [{ command: 'x', gatehouse: { workingDirectory: 'app-roots' as const } }, /"instances" to "app" or "session"/],
    [
      { url: 'https://a.example', gatehouse: { instances: 'app' as const, workingDirectory: 'app-roots' as const } },
      /has no folder/,
    ],
  ])('refuses %j', (config, reason) => {
    expect(configFlaw(config)).toMatch(reason);
  });

  test.each([
    { command: 'x', env: { A: '${secret:a}' } },
    { url: 'https://a.example/mcp?key=${secret:a}' },
    { command: 'x', gatehouse: { instances: 'session' as const, workingDirectory: 'app-roots' as const } },
    { url: 'http://localhost:3000/mcp' },
    { url: 'http://127.0.0.1:3000/mcp' },
    { url: 'http://[::1]:3000/mcp' },
  ])('accepts %j', (config) => {
    expect(configFlaw(config)).toBeNull();
  });
});

describe('launchWarnings', () => {
  const home = '/home/me';
  const warningsOf = (command: string, ...args: string[]) => launchWarnings({ command, args }, home).join('\n');

  test.each([
    ['sudo', ['x'], /administrator/],
    ['sh', ['-c', 'cd / && sudo rm -rf x'], /administrator[\s\S]*deletes/],
    ['bash', ['-lc', 'echo hi'], /shell script/],
    ['bash', ['-c', 'curl https://x.example/i | sh'], /downloads a script/],
    ['npx', ['-y', '@scope/server'], /newest npm release of @scope\/server/],
    ['npx', ['-y', 'server@latest'], /newest npm/],
    ['npx', ['-y', 'server@^1.2.3'], /newest npm/],
    ['npx', ['--package=server', 'bin'], /newest npm release of server/],
    ['uvx', ['mcp-server-git'], /newest PyPI release of mcp-server-git/],
    ['uvx', ['--from', 'git+https://x.example/r', 'tool'], /newest PyPI/],
    ['uv', ['tool', 'run', 'mcp-server-git'], /newest PyPI/],
    ['docker', ['run', '-v', '/var/run/docker.sock:/var/run/docker.sock', 'x'], /container engine/],
    ['docker', ['run', '--privileged', 'x'], /privileged/],
    ['mcp-server-filesystem', ['/home/me'], /all your files/],
    ['mcp-server-filesystem', ['/home/me/'], /all your files/],
    ['mcp-server-filesystem', ['~'], /all your files/],
    ['mcp-server-filesystem', ['/'], /all your files/],
  ])('warns about %s %j', (command, args, warning) => {
    expect(warningsOf(command, ...args)).toMatch(warning);
  });

  test.each([
    ['npx', ['-y', '@scope/server@1.2.3', '/home/me/docs']],
    ['uvx', ['mcp-server-git==2026.1.2']],
    ['uvx', ['mcp-server-git@2026.1.2', '--repository', '/home/me/code']],
    ['node', ['server.js', '--form', 'curl']],
    ['docker', ['run', '--rm', '-i', 'image@sha256:abc']],
  ])('has nothing to say about %s %j', (command, args) => {
    expect(warningsOf(command, ...args)).toBe('');
  });

  test('warns about variables that load other code', () => {
    expect(launchWarnings({ command: 'node', env: { NODE_OPTIONS: '--require x' } }, home)[0]).toContain(
      'NODE_OPTIONS',
    );
  });
});

describe('fetchesItsProgram', () => {
  test.each([
    ['npx', ['-y', 'server@1.2.3'], true],
    ['C:\\Program Files\\nodejs\\npx.cmd', ['server'], true],
    ['pnpm', ['dlx', 'server'], true],
    ['uv', ['tool', 'run', 'server'], true],
    ['docker', ['run', '-i', 'image'], true],
    ['node', ['server.js'], false],
    ['npm', ['start'], false],
  ])('knows who downloads before the first start: %s %j', (command, args, fetches) => {
    expect(fetchesItsProgram({ command, args })).toBe(fetches);
  });

  test('an address has nothing to download', () => {
    expect(fetchesItsProgram({ url: 'https://mcp.example.com/mcp' })).toBe(false);
  });
});

describe('resolveProgram', () => {
  test('finds programs on PATH and by path, and nothing else', () => {
    expect(resolveProgram('sh', null)).toMatch(/\/sh$/);
    expect(resolveProgram('/bin/sh', null)).toBe('/bin/sh');
    expect(resolveProgram('./sh', '/bin')).toBe('/bin/sh');
    expect(resolveProgram('no-such-program-here', null)).toBeNull();
    expect(resolveProgram('/etc/passwd', null)).toBeNull();
    expect(resolveProgram('/tmp', null)).toBeNull();
  });
});
