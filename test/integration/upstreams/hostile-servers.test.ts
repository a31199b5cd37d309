import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { until } from '../../fixtures/until.ts';
import { hostile, isRunning, openGate } from './gate.ts';

describe('a hostile stdio server', () => {
  test('that never answers fails within the start timeout, with its last words', async () => {
    await using gate = await openGate({ x: hostile('never-initializes') }, { startTimeoutMs: 700, probeMs: 200 });
    const error = await gate.failure('x', 'echo');
    expect(error).toMatchObject({ code: 'server_down', notSent: true });
    expect(error.message).toBe(
      'x did not answer within 0.7 s of starting. It last wrote: waiting for a database that never comes',
    );
    expect(gate.upstreams.status('x')).toMatchObject({ health: 'failing', problem: error.message, pid: null });
  });

  test('that ends at its start is failing, and its words say why', async () => {
    await using gate = await openGate({ x: hostile('ends-at-start', 'no API key') });
    const error = await gate.failure('x', 'echo');
    expect(error.message).toBe('x could not start: it ended (exit code 3). It last wrote: fatal: no API key');
  });

  test('whose program does not exist gets a sentence with a next step', async () => {
    await using gate = await openGate({
      a: { command: 'no-such-program-here' },
      b: { command: 'node', cwd: '/no/such/folder' },
    });
    expect((await gate.failure('a', 'echo')).message).toBe(
      'a could not start: the program no-such-program-here was not found on PATH. Install it, or write its full path.',
    );
    expect((await gate.failure('b', 'echo')).message).toContain('its folder /no/such/folder does not exist');
  });

  test('that speaks an unknown version is refused in words', async () => {
    await using gate = await openGate({ x: hostile('wrong-version') });
    expect((await gate.failure('x', 'echo')).message).toContain('MCP version 1999-01-01');
  });

  test('that floods stderr costs neither memory nor calls, its own or others’', async () => {
    await using gate = await openGate({ flood: hostile('floods-stderr'), calm: hostile('echo') });
    await gate.call('flood', 'echo', { message: 'warm' });
    await gate.call('calm', 'echo', { message: 'warm' });
    global.gc?.();
    const before = process.memoryUsage().rss;
    const slowest = { flood: 0, calm: 0 };
    for (let n = 0; n < 40; n += 1) {
      for (const server of ['flood', 'calm'] as const) {
        const startedAt = performance.now();
        expect(await gate.call(server, 'echo', { message: `m${n}` })).toBe(`m${n}`);
        slowest[server] = Math.max(slowest[server], performance.now() - startedAt);
      }
    }
    expect(slowest.calm).toBeLessThan(1_000);
    expect(slowest.flood).toBeLessThan(2_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024);
    expect(gate.upstreams.logs('flood').length).toBeLessThanOrEqual(4_001);
    expect(gate.upstreams.logs('flood').some((line) => /were dropped/.test(line.text))).toBe(true);
  });

  test('with an endless log line has it cut and goes on', async () => {
    await using gate = await openGate({ x: hostile('long-stderr-line') });
    await gate.call('x', 'echo');
    const texts = await until(() => {
      const lines = gate.upstreams.logs('x').map((line) => line.text);
      return lines.includes('after the long line') ? lines : undefined;
    });
    expect(Math.max(...texts.map((text) => text.length))).toBeLessThan(5_000);
  });

  test('that writes prose to stdout is answered all the same; the prose is in its log', async () => {
    await using gate = await openGate({ x: hostile('talks-on-stdout') });
    expect(await gate.call('x', 'chatter')).toBe('answered');
    const lines = gate.upstreams.logs('x').filter((line) => line.stream === 'stdout');
    expect(lines.map((line) => line.text)).toEqual([
      'Starting server…',
      '{"level":"info","msg":"structured"}',
      '{not json}',
      '[1,2]',
      'null',
      'about to answer',
    ]);
  });

  test('that sends what is not UTF-8 has it put aside instead of passed on as something else', async () => {
    await using gate = await openGate({ x: hostile('garbled') });
    expect(await gate.call('x', 'garbled')).toBe('right');
    expect(gate.upstreams.logs('x').filter((line) => line.stream === 'stdout')).toHaveLength(1);
  });

  test('cannot send terminal sequences or its secret into the log', async () => {
    await using gate = await openGate(
      {
        colour: hostile('colours-its-log'),
        secret: { ...hostile('prints-its-secret', 'TOKEN'), env: { TOKEN: `\${secret:api.key}` } },
      },
      { resolveSecret: async (name) => (name === 'api.key' ? 'correct-horse' : undefined) },
    );
    await gate.call('colour', 'echo');
    await gate.call('secret', 'echo');
    const wordsOf = (name: string) =>
      gate.upstreams.logs(name).flatMap((line) => (line.stream === 'stderr' ? [line.text] : []));
    await until(() => wordsOf('colour').length > 0 && wordsOf('secret').length > 0);
    expect(wordsOf('colour')).toEqual(['red cleared']);
    expect(wordsOf('secret')).toEqual(['connecting with [secret api.key]']);
  });

  test('that dies in a call fails that call as perhaps executed, and is back for the next', async () => {
    await using gate = await openGate({ x: hostile('dies-mid-call') });
    const error = await gate.failure('x', 'die');
    expect(error).toMatchObject({ code: 'server_down', notSent: false });
    expect(error.message).toContain('exit code 7');
    expect(await gate.call('x', 'echo', { message: 'back' })).toBe('back');
    expect(gate.upstreams.status('x')).toMatchObject({ health: 'ready', problem: null, restarts: 1 });
  });

  test('that sends 100 MB fails the request with the limit, without holding it, and is back for the next', async () => {
    await using gate = await openGate({ x: hostile('huge') });
    await gate.call('x', 'echo');
    const error = await gate.failure('x', 'huge');
    expect(error).toMatchObject({ code: 'upstream_error', notSent: false });
    expect(error.message).toContain('larger than 64 MB');
    expect(await gate.call('x', 'echo', { message: 'back' })).toBe('back');
  });

  test('may send up to the limit', async () => {
    await using gate = await openGate({ x: hostile('huge', '20') });
    expect(String(await gate.call('x', 'huge'))).toHaveLength(20 * 1024 * 1024);
  });

  test('with invalid definitions has them handed over as they are', async () => {
    await using gate = await openGate({ x: hostile('invalid-schemas') });
    const { tools } = await gate.upstreams.list('x');
    expect(tools).toHaveLength(11);
    expect(tools[9]).toBe('not an object');
    expect(tools[4]).toEqual({ name: 'bad-ref', inputSchema: { $ref: '#/$defs/missing' } });
  });

  test('with 5,000 tools is listed completely', async () => {
    await using gate = await openGate({ x: hostile('many-tools') });
    const { tools } = await gate.upstreams.list('x');
    expect(new Set(tools.map((tool) => (tool as { name: string }).name)).size).toBe(5_000);
  });

  test('with endless tools is cut at 20,000 entries, which its log says', async () => {
    await using gate = await openGate({ x: hostile('many-tools', '30000') });
    expect((await gate.upstreams.list('x')).tools).toHaveLength(20_000);
    expect(gate.upstreams.logs('x').at(-1)?.text).toContain('more than 20000 entries');
  });

  test('with two tools of one name has both handed over', async () => {
    await using gate = await openGate({ x: hostile('same-name-twice') });
    expect((await gate.upstreams.list('x')).tools).toHaveLength(3);
  });

  test('that repeats its cursor is listed once', async () => {
    await using gate = await openGate({ x: hostile('repeats-its-cursor') });
    expect((await gate.upstreams.list('x')).tools).toHaveLength(2);
    expect(gate.upstreams.logs('x').at(-1)?.text).toContain('same cursor twice');
  });

  test('whose resources fail is listed without them', async () => {
    await using gate = await openGate({ x: hostile('broken-resources') });
    const listing = await gate.upstreams.list('x');
    expect(listing.tools).toHaveLength(1);
    expect(listing.resources).toEqual([]);
    expect(listing.resourceTemplates).toHaveLength(1);
    expect(listing.prompts).toEqual([]);
    expect(gate.upstreams.logs('x').map((line) => line.text)).toContainEqual(
      expect.stringContaining('resources/list failed'),
    );
  });

  test('is ended with everything it started, in its group and out of it', async () => {
    await using gate = await openGate({ x: hostile('has-grandchildren') });
    const family = (await gate.call('x', 'family')) as Record<string, number>;
    expect(Object.values(family).every(isRunning)).toBe(true);
    await gate.upstreams.stop('x');
    const inside = [family.self ?? 0, family.inside ?? 0];
    expect(inside.filter(isRunning)).toEqual([]);
    if (process.platform === 'linux') expect(isRunning(family.outside ?? 0)).toBe(false);
    else process.kill(family.outside ?? 0, 'SIGKILL');
  });

  test('leaves no grandchild behind when it dies itself', async () => {
    await using gate = await openGate({ x: hostile('has-grandchildren') });
    const family = (await gate.call('x', 'family')) as Record<string, number>;
    await gate.failure('x', 'die');
    await until(() => !Object.values(family).some(isRunning), { what: 'The end of the whole family' });
  });

  test('that ignores the end of stdin and SIGTERM is killed', async () => {
    await using gate = await openGate({ x: hostile('ignores-sigterm') });
    await gate.call('x', 'echo');
    const pid = gate.upstreams.status('x')?.pid ?? 0;
    expect(isRunning(pid)).toBe(true);
    await gate.upstreams.stop('x');
    expect(isRunning(pid)).toBe(false);
    expect(gate.upstreams.status('x')).toMatchObject({ health: 'asleep', pid: null, problem: null });
  });

  test.each(['ends-on-probe', 'silent-on-probe'])('that %s is still reached by the older handshake', async (mode) => {
    await using gate = await openGate({ x: hostile(mode) }, { probeMs: 300 });
    expect(await gate.call('x', 'echo', { message: 'hello' })).toBe('hello');
    expect((await gate.upstreams.list('x')).protocolVersion).toBe('2025-11-25');
    // The finding is kept: the next start goes straight to the handshake.
    await gate.upstreams.stop('x');
    const startedAt = performance.now();
    await gate.call('x', 'echo');
    if (mode === 'silent-on-probe') expect(performance.now() - startedAt).toBeLessThan(1_500);
  });

  test.each(['slow-start', 'modern'])('that is slow and %s is understood late', async (mode) => {
    await using gate = await openGate({ x: hostile(mode, '900') }, { probeMs: 50 });
    const { protocolVersion } = await gate.upstreams.list('x');
    expect(protocolVersion).toBe(mode === 'modern' ? '2026-07-28' : '2025-11-25');
  });

  test('that asks back gets the truth: nothing but ping and empty roots', async () => {
    await using gate = await openGate({ x: hostile('asks-back') });
    const methods = ['ping', 'roots/list', 'sampling/createMessage', 'elicitation/create'];
    expect(await gate.call('x', 'ask', { methods })).toMatchObject([
      { result: {} },
      { result: { roots: [] } },
      { error: { code: -32601 } },
      { error: { code: -32601 } },
    ]);
  });

  test('inherits no variable but the harmless ones', async () => {
    await using gate = await openGate(
      { x: { ...hostile('echo'), env: { EXTRA: 'given' } } },
      {
        env: {
          ...process.env,
          AWS_SECRET_ACCESS_KEY: 'leak',
          NODE_OPTIONS: '--no-warnings',
          HTTPS_PROXY: 'http://me:secret@proxy.example',
        },
      },
    );
    const env = (await gate.call('x', 'env')) as Record<string, string>;
    expect(env.EXTRA).toBe('given');
    expect(env.PATH).toBe(process.env.PATH);
    // A proxy address with a password in it is a secret; the way to trusted certificates is not.
    expect(env.HTTPS_PROXY).toBeUndefined();
    const allowed = /^(HOME|LOGNAME|PATH|SHELL|TERM|USER|LANG|LC_ALL|LC_CTYPE|TMPDIR|TZ|EXTRA|GATEHOUSE_RUN)$/;
    const harmless = /^(NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|SSL_CERT_DIR|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE)$|_proxy$/i;
    expect(Object.keys(env).filter((name) => !allowed.test(name) && !harmless.test(name))).toEqual([]);
  });

  test('never has a shell look at its arguments, or a secret in them', async () => {
    const tricky = ['$(touch /tmp/owned)', '; rm -rf /', '`id`', '* ?', '"quoted"'];
    await using gate = await openGate({
      x: hostile('echo', ...tricky),
      y: hostile('echo', `--key=\${secret:api.key}`),
    });
    const argv = (await gate.call('x', 'argv')) as string[];
    expect(argv.slice(-tricky.length)).toEqual(tricky);
    const pid = gate.upstreams.status('x')?.pid;
    expect(
      readFileSync(`/proc/${pid}/cmdline`, 'utf8')
        .split('\0')
        .slice(-tricky.length - 1, -1),
    ).toEqual(tricky);
    expect((await gate.failure('y', 'echo')).message).toContain('on the command line');
  });

  test('does not start without the secret it needs', async () => {
    await using gate = await openGate({ x: { ...hostile('echo'), env: { TOKEN: `\${secret:api.key}` } } });
    expect((await gate.failure('x', 'echo')).message).toContain('no secret named api.key');
  });

  test('does not start without the sandbox that was asked for', async () => {
    await using gate = await openGate({ x: { ...hostile('echo'), gatehouse: { sandbox: 'docker' } } });
    expect((await gate.failure('x', 'echo')).message).toContain('docker sandbox');
  });
});
