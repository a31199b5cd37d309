/** Signing in at a remote server from the command line, with the browser played by the test. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { gatehouse, out, runCommand, serve, temporaryDir } from '../../fixtures/gatehouse-process.ts';
import { startOAuthServer } from '../../fixtures/oauth-server/oauth-server.ts';

/** Every file below a folder, as text that keeps each byte. */
function everythingIn(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files.map(({ parentPath, name }) => [join(parentPath, name), readFileSync(join(parentPath, name), 'latin1')]),
  );
}

it('signs in, is used, survives a restart, and signs out; no secret is ever to be read', async () => {
  using folder = temporaryDir();
  await using server = await startOAuthServer();
  const json = (...args: string[]) => gatehouse(folder.path, ...args);
  {
    await using _gate = await serve(folder.path);
    expect(await json('server', 'add', 'x', '--url', server.url)).toMatchObject({
      health: 'failing',
      signIn: 'needed',
      problem: expect.stringContaining('gatehouse server sign-in x'),
    });
    const { url, host } = (await json('server', 'sign-in', 'x', '--no-wait')) as { url: string; host: string };
    expect(host).toBe(new URL(server.origin).host);
    // Asked again it is the same sign-in; this time the command waits for it.
    const waiting = spawn(process.execPath, [
      join(out, 'main/cli.js'),
      'server',
      'sign-in',
      'x',
      '--json',
      '--data-dir',
      folder.path,
    ]);
    for await (const line of createInterface({ input: waiting.stderr })) if (line.includes(url)) break;
    expect((await fetch(url)).status).toBe(200);
    let answer = '';
    for await (const chunk of waiting.stdout) answer += String(chunk);
    expect(JSON.parse(answer)).toMatchObject({ health: 'ready', signIn: 'signed-in', tools: { total: 2 } });
  }
  {
    await using _gate = await serve(folder.path);
    expect(await json('server', 'restart', 'x')).toMatchObject({ health: 'ready', signIn: 'signed-in' });
    const shown = JSON.stringify(await json('server', 'show', 'x'));
    for (const secret of server.secrets) expect(shown).not.toContain(secret);
    const files = everythingIn(folder.path);
    expect(files.size).toBeGreaterThan(3);
    for (const [file, text] of files)
      for (const secret of server.secrets) expect(text.includes(secret), file).toBe(false);

    expect(await json('server', 'sign-out', 'x')).toEqual({ signedOut: true });
    expect(await json('server', 'restart', 'x')).toMatchObject({ health: 'failing', signIn: 'needed' });
  }
  expect(server.seenAt('/authorize')).toHaveLength(1);
});

it('refuses a config that would hand the tokens of a sign-in to another server', async () => {
  using folder = temporaryDir();
  await using _gate = await serve(folder.path);
  const header = 'Authorization=Bearer ${secret:oauth/x}';
  const { code, err } = await runCommand(folder.path, [
    'server',
    'add',
    'y',
    '--url',
    'http://127.0.0.1:9/',
    '--header',
    header,
  ]);
  expect(code).toBe(1);
  expect(err).toContain('belongs to a sign-in');
});

it('waits for the person where the command line may not administer', async () => {
  using folder = temporaryDir();
  await using server = await startOAuthServer();
  {
    await using _gate = await serve(folder.path);
    await gatehouse(folder.path, 'server', 'add', 'x', '--url', server.url);
  }
  await using _gate = await serve(folder.path, { cliAdmin: false });
  const { code, err } = await runCommand(folder.path, ['server', 'sign-in', 'x', '--no-wait']);
  expect(code, err).toBe(5);
  expect(err).toContain('wants to begin a sign-in at x');
  expect(server.seenAt('/register')).toHaveLength(0);
});
