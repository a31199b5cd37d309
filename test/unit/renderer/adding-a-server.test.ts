import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../../src/renderer/features/servers/command-line.ts';
import { decisiveArguments, shortLaunch } from '../../../src/renderer/features/servers/launch.ts';
import { pastedServers } from '../../../src/renderer/features/servers/pasted-entry.ts';
import {
  addInputOf,
  draftProblems,
  emptyDraft,
  namedValue,
  withEntry,
} from '../../../src/renderer/features/servers/server-draft.ts';
import { shellQuote } from '../../../src/renderer/lib/shell-quote.ts';

const argvOf = (line: string) => {
  const parsed = parseCommandLine(line);
  return parsed.ok ? parsed.argv : parsed.problem;
};

describe('A command line', () => {
  it.each([
    ['npx -y @scope/server@1.2.3', ['npx', '-y', '@scope/server@1.2.3']],
    [`node server.js "/home/mara/My Documents"`, ['node', 'server.js', '/home/mara/My Documents']],
    [`run 'it is "quoted"' a\\ b`, ['run', 'it is "quoted"', 'a b']],
    [`run "" ''`, ['run', '', '']],
    ['docker run \\\n  --rm image', ['docker', 'run', '--rm', 'image']],
    [`run "open`, 'A double quote is not closed.'],
  ])('%s', (line, argv) => {
    expect(argvOf(line)).toEqual(argv);
  });

  it('takes leading assignments as environment, but not quoted ones', () => {
    expect(parseCommandLine('API_KEY=abc MODE="a b" npx server A=1')).toMatchObject({
      argv: ['npx', 'server', 'A=1'],
      env: [
        { name: 'API_KEY', value: 'abc' },
        { name: 'MODE', value: 'a b' },
      ],
    });
  });

  it('points at signs only a shell would understand', () => {
    expect(parseCommandLine(`cd /tmp && npx server "a | b"`)).toMatchObject({ shellSigns: ['&&'] });
  });

  it('says the same when it is entered argument by argument and back', () => {
    const line = `node server.js '/home/mara/My Documents' 'it'\\''s'`;
    const list = withEntry({ ...emptyDraft, commandLine: line }, 'list', shellQuote);
    expect(list.argv).toEqual(['node', 'server.js', '/home/mara/My Documents', "it's"]);
    expect(argvOf(withEntry(list, 'line', shellQuote).commandLine)).toEqual(list.argv);
  });
});

describe('What is sent for a new server', () => {
  it('never holds a secret value in the config', () => {
    const input = addInputOf({
      ...emptyDraft,
      name: 'github',
      commandLine: 'npx -y server@1.0.0',
      env: [namedValue('GITHUB_TOKEN', 'ghp_secret'), namedValue('LOG', 'debug')],
    });
    expect(input).toEqual({
      name: 'github',
      config: {
        command: 'npx',
        args: ['-y', 'server@1.0.0'],
        env: { GITHUB_TOKEN: `\${secret:github.GITHUB_TOKEN}`, LOG: 'debug' },
      },
      secrets: { 'github.GITHUB_TOKEN': 'ghp_secret' },
    });
    expect(JSON.stringify(input.config)).not.toContain('ghp_secret');
  });

  it('treats headers of an address the same way', () => {
    const input = addInputOf({
      ...emptyDraft,
      kind: 'url',
      name: 'docs',
      url: ' https://mcp.example.com/mcp ',
      headers: [namedValue('Authorization', 'Bearer x')],
    });
    expect(input.config).toEqual({
      url: 'https://mcp.example.com/mcp',
      headers: { Authorization: `\${secret:docs.Authorization}` },
    });
  });

  it('is not made while something is missing or wrong', () => {
    expect(draftProblems(emptyDraft)).toMatchObject({ name: 'Give it a name.', command: expect.any(String) });
    expect(draftProblems({ ...emptyDraft, kind: 'url', name: 'a', url: 'mcp.example.com' })).toHaveProperty('url');
    const twice = [namedValue('A', '1'), namedValue('A', '2')];
    expect(draftProblems({ ...emptyDraft, name: 'a', commandLine: 'x', env: twice })).toEqual({
      env: 'A is there twice.',
    });
  });
});

describe('A pasted config entry', () => {
  it('fills the form, comments and trailing commas included', () => {
    const [draft, other] =
      pastedServers(`{
        // mine
        "mcpServers": {
          "git hub": { "command": "npx", "args": ["-y", "server", 3], "env": { "API_KEY": "k" } },
          "docs": { "type": "http", "url": "https://example.com/mcp", "headers": { "X-Team": "a" } },
        },
      }`) ?? [];
    expect(draft).toMatchObject({ kind: 'command', name: 'git-hub', argv: ['npx', '-y', 'server', '3'] });
    expect(draft?.env).toMatchObject([{ name: 'API_KEY', value: 'k', isSecret: true }]);
    expect(other).toMatchObject({ kind: 'url', name: 'docs', url: 'https://example.com/mcp', type: 'http' });
  });

  it.each([
    ['"files": { "command": "npx" }', 'files'],
    ['{ "servers": { "files": { "command": "npx" } } }', 'files'],
    ['{ "command": "npx" }', ''],
  ])('%s', (text, name) => {
    expect(pastedServers(text)?.map((draft) => draft.name)).toEqual([name]);
  });

  it.each(['files', 'npx -y server', '{ "theme": "dark" }', '[1]', '{'])('is not seen in %s', (text) => {
    expect(pastedServers(text)).toBeUndefined();
  });
});

describe('What a launch is called in a list', () => {
  it.each([
    ['npx -y @scope/name@1.4.2 --flag', 'npm @scope/name 1.4.2'],
    ['uvx postgres-mcp==0.3.1', 'PyPI postgres-mcp 0.3.1'],
    ['https://mcp.linear.app/mcp', 'mcp.linear.app'],
    ['/opt/server --stdio', '/opt/server --stdio'],
  ])('%s', (line, short) => {
    expect(shortLaunch(line)).toBe(short);
  });

  it.each([
    ['npx -y -p pkg@1 bin', ['pkg@1']],
    ['docker run --rm -i ghcr.io/acme/server:1.2', ['ghcr.io/acme/server:1.2']],
    ['node /srv/server.js /data', ['/srv/server.js']],
    ['/opt/server --stdio', ['/opt/server']],
  ])('%s is decided by %j', (line, strong) => {
    expect(decisiveArguments(line.split(' '))).toEqual(strong);
  });
});

describe('Whom a server serves and when it stops', () => {
  const draft = { ...emptyDraft, name: 'git', commandLine: 'git-server' };

  it('an untouched form writes nothing about it', () => {
    expect(addInputOf(draft).config).toEqual({ command: 'git-server', args: [] });
  });

  it('what was chosen is written, the folder only where the process is an app’s own', () => {
    const chosen = { ...draft, serves: 'app' as const, idleMinutes: ' 0 ', inAppFolder: true };
    expect(addInputOf(chosen).config.gatehouse).toEqual({
      instances: 'app',
      idleMinutes: 0,
      workingDirectory: 'app-roots',
    });
    expect(addInputOf({ ...chosen, serves: 'shared' }).config.gatehouse).toEqual({ idleMinutes: 0 });
  });

  it('an address has connections to give, but no process to stop and no folder', () => {
    const remote = { ...draft, kind: 'url' as const, url: 'https://mcp.example.com/mcp', serves: 'session' as const };
    expect(addInputOf({ ...remote, idleMinutes: '5', inAppFolder: true }).config.gatehouse).toEqual({
      instances: 'session',
    });
  });

  it.each(['soon', '-1', '525601', '1e3'])('“%s” is no number of minutes', (idleMinutes) => {
    expect(draftProblems({ ...draft, idleMinutes }).idleMinutes).toBe('Give a number of minutes from 0 to 525,600.');
  });

  it('a pasted entry brings it along', () => {
    const pasted = '{"git": {"command": "g", "gatehouse": {"instances": "session", "idleMinutes": 3}}}';
    expect(pastedServers(pasted)?.[0]).toMatchObject({ serves: 'session', idleMinutes: '3', inAppFolder: false });
  });
});
