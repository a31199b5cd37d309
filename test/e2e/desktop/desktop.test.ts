/**
 * The whole desktop app as a process: real main process, SQLite, command line, MCP server and page; only Electron itself
 * is the double.
 */
import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type DesktopProcess, startDesktop } from '../../fixtures/desktop-process.ts';
import { gatehouse, runCommand, temporaryDir } from '../../fixtures/gatehouse-process.ts';
import { npmServer } from '../../fixtures/npm-servers.ts';
import { until } from '../../fixtures/until.ts';

const waitsForPerson = 5;
const startsWithin = { timeoutMs: 30_000 };

/** A data folder whose port no other test uses. */
function dataFolder() {
  const folder = temporaryDir();
  writeFileSync(join(folder.path, 'settings.json'), JSON.stringify({ port: 0 }));
  return folder;
}

async function trayShows(app: DesktopProcess, icon: 'open' | 'paused' | 'attention' | 'problem') {
  return until(
    async () => {
      const { tray } = await app.state();
      return tray?.image.endsWith(`/${icon}-onLight.png`) ? tray : undefined;
    },
    { ...startsWithin, what: `The tray icon "${icon}"` },
  );
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('the desktop app', () => {
  test('pauses and resumes from the tray, and every front says so', async () => {
    using folder = dataFolder();
    await using app = startDesktop({ dataDir: folder.path });
    await trayShows(app, 'open');
    await app.act({ do: 'see', text: 'Gate open' });

    await app.act({ do: 'click-tray', path: ['Pause all tools'] });
    await trayShows(app, 'paused');
    await app.act({ do: 'see', text: 'Paused' });
    expect(await gatehouse(folder.path, 'status')).toMatchObject({ gate: { paused: true, by: 'tray', until: null } });

    await app.act({ do: 'click-tray', path: ['Resume'] });
    await trayShows(app, 'open');
    expect(await gatehouse(folder.path, 'status')).toMatchObject({ gate: { paused: false } });

    await app.act({ do: 'click-app-menu', path: ['Gate', 'Pause for 15 minutes'] });
    expect((await trayShows(app, 'paused')).menu[0]).toMatch(/^Paused until \d\d:\d\d$/);
    expect((await app.state()).appMenu).toContain('> Resume');
  });

  test('a click in the page reaches the database: the gate stays paused over a restart', async () => {
    using folder = dataFolder();
    {
      await using app = startDesktop({ dataDir: folder.path });
      await trayShows(app, 'open');
      await app.act({ do: 'click', button: 'Pause all tools' });
      await trayShows(app, 'paused');
      await app.act({ do: 'quit' }).catch(() => {});
      expect(await app.ended).toBe(0);
    }
    await using again = startDesktop({ dataDir: folder.path, args: ['--hidden'] });
    await trayShows(again, 'paused');
    expect(await gatehouse(folder.path, 'status')).toMatchObject({ gate: { paused: true, by: 'window' } });
  });

  test('asks the person before the command line adds a server, and stops that server at quit', async () => {
    using folder = dataFolder();
    await using app = startDesktop({ dataDir: folder.path });
    await trayShows(app, 'open');

    const asked = await runCommand(folder.path, ['server', 'add', 'everything', '--', ...npmServer('everything')]);
    expect(asked.code, asked.err + asked.out).toBe(waitsForPerson);
    const tray = await trayShows(app, 'attention');
    const summary = 'The command line wants to add the server everything and run it.';
    expect(tray.menu).toEqual(expect.arrayContaining(['Waiting for you', summary]));
    expect((await app.state()).notifications).toContainEqual({ title: 'Gatehouse waits for you', body: summary });

    await app.act({ do: 'click-notification', title: 'Gatehouse waits for you' });
    await app.act({ do: 'see', text: summary });
    await app.act({ do: 'click', button: 'Confirm' });
    await until(async () => (await app.state()).tray?.menu.some((label) => /^Review \d+ tools$/.test(label)), {
      ...startsWithin,
      what: 'The tools of the new server in the tray',
    });

    const { pid } = (await gatehouse(folder.path, 'server', 'show', 'everything')) as { pid: number | null };
    if (pid === null) throw new Error('The server does not run.');
    expect(isRunning(pid)).toBe(true);
    await app.act({ do: 'quit' }).catch(() => {});
    expect(await app.ended, app.output()).toBe(0);
    expect(isRunning(pid)).toBe(false);
    expect(existsSync(join(folder.path, 'runtime.json'))).toBe(false);
  });

  test('a second start hands over: the first shows its window at the linked place, the second ends', async () => {
    using folder = dataFolder();
    await using first = startDesktop({ dataDir: folder.path, args: ['--hidden'] });
    await trayShows(first, 'open');
    expect((await first.state()).windows).toEqual([]);

    await using second = startDesktop({ dataDir: folder.path, args: ['gatehouse://approvals'] });
    expect(await second.ended).toBe(0);
    expect(second.output()).toContain('Gatehouse runs already');
    const [window] = await until(async () => {
      const { windows } = await first.state();
      return windows[0]?.isVisible ? windows : undefined;
    }, startsWithin);
    expect(window?.url).toBe('app://gatehouse/index.html#/approvals');
    expect((await first.state()).errorBoxes).toEqual([]);
  });

  test('closing the window keeps the gate open and says so once', async () => {
    using folder = dataFolder();
    await using app = startDesktop({ dataDir: folder.path });
    await until(async () => (await app.state()).windows[0]?.isVisible, startsWithin);
    await app.act({ do: 'close-window' });
    await until(async () => (await app.state()).notifications.length === 1);
    expect((await app.state()).notifications[0]?.title).toBe('Gatehouse keeps running');
    await until(() => JSON.parse(readFileSync(join(folder.path, 'settings.json'), 'utf8')).closeNoticeShown === true);
    await app.act({ do: 'click-tray', path: ['Open Gatehouse'] });
    await app.act({ do: 'close-window' });
    expect(await gatehouse(folder.path, 'status')).toMatchObject({ gate: { paused: false } });
    expect((await app.state()).notifications).toHaveLength(1);
  });

  test('the window is sandboxed, isolated, remembers its place, and its page has one bridge and no Node', async () => {
    using folder = dataFolder();
    await using app = startDesktop({ dataDir: folder.path });
    await until(async () => (await app.state()).windows[0]?.isVisible, startsWithin);
    const state = await app.state();
    expect(state.isSandboxed && state.hasPermissionHandlers).toBe(true);
    expect(state.channels).toEqual(['gatehouse:connect']);
    expect(state.windows[0]?.webPreferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
    });
    expect(await app.evaluate(() => Object.keys(window.gatehouse ?? {}).sort())).toEqual(['connect', 'platform']);
    expect(await app.evaluate(() => ['require', 'process', 'module'].filter((name) => name in window))).toEqual([]);
    await app.act({ do: 'close-window' });
    expect(JSON.parse(readFileSync(join(folder.path, 'window.json'), 'utf8'))).toMatchObject({
      window: { width: 1280, height: 832 },
    });
  });

  test('the page cannot load, connect to, frame or navigate to anything else, and obeys its policy', async () => {
    using folder = dataFolder();
    await using app = startDesktop({ dataDir: folder.path });
    await app.act({ do: 'see', text: 'Gate open' });
    const attempts = await app.evaluate(async () => {
      const violated: string[] = [];
      document.addEventListener('securitypolicyviolation', (event) => violated.push(event.effectiveDirective));
      const outcome = (work: () => Promise<unknown>) =>
        work().then(
          () => 'done',
          () => 'refused',
        );
      const element = (tag: string, attributes: Record<string, string>) =>
        new Promise<void>((done, fail) => {
          const node = Object.assign(document.createElement(tag), attributes);
          node.addEventListener('load', () => done());
          node.addEventListener('error', () => fail(new Error('refused')));
          document.body.append(node);
        });
      const results = {
        fetch: await outcome(() => fetch('https://example.org/')),
        loopback: await outcome(() => fetch('http://127.0.0.1:4283/mcp')),
        script: await outcome(() => element('script', { src: 'https://example.org/x.js' })),
        image: await outcome(() => element('img', { src: 'https://example.org/x.png' })),
        evaluated: await outcome(async () => new Function('return 1')()),
      };
      const inline = document.createElement('script');
      inline.textContent = 'window.wasInline = true';
      document.body.append(inline);
      // Violations are reported in tasks of their own.
      while (!violated.includes('script-src')) await new Promise((next) => requestAnimationFrame(next));
      return { ...results, inline: 'wasInline' in window ? 'done' : 'refused', violated };
    });
    expect(attempts).toMatchObject({
      fetch: 'refused',
      loopback: 'refused',
      script: 'refused',
      image: 'refused',
      evaluated: 'refused',
      inline: 'refused',
    });
    expect(attempts.violated).toEqual(
      expect.arrayContaining(['connect-src', 'script-src-elem', 'img-src', 'script-src']),
    );

    const before = await app.evaluate(() => location.href);
    await app.evaluate(() => {
      setTimeout(() => location.assign('https://example.org/docs'));
    });
    await until(async () => (await app.state()).opened.includes('https://example.org/docs'), {
      what: 'The https link in the system browser',
    });
    await app.evaluate(() => {
      setTimeout(() => location.assign('http://example.org/'));
      open('https://example.org/window');
    });
    await until(async () => (await app.state()).opened.includes('https://example.org/window'));
    expect(await app.evaluate(() => location.href)).toBe(before);
    expect((await app.state()).opened).toEqual(['https://example.org/docs', 'https://example.org/window']);
    await app.act({ do: 'see', text: 'Gate open' });
  });

  test('seals the key of the vault with the keychain and keeps its files to itself', async () => {
    using folder = dataFolder();
    chmodSync(folder.path, 0o755);
    await using app = startDesktop({ dataDir: folder.path, args: ['--hidden'] });
    await trayShows(app, 'open');
    expect(readFileSync(join(folder.path, 'vault.key.sealed'), 'utf8')).toMatch(/^sealed:/);
    expect(existsSync(join(folder.path, 'vault.key'))).toBe(false);
    expect(statSync(folder.path).mode & 0o077).toBe(0);
    for (const name of ['gatehouse.db', 'gatehouse.log', 'vault.json', 'vault.key.sealed']) {
      expect(statSync(join(folder.path, name)).mode & 0o077, name).toBe(0);
    }
  });

  test('a taken port leaves the gate down, says so in the tray, and moves on a click', async () => {
    using folder = dataFolder();
    using other = dataFolder();
    await using holder = startDesktop({ dataDir: other.path, args: ['--hidden'] });
    await trayShows(holder, 'open');
    const { port } = (await gatehouse(other.path, 'status')) as { port: number };
    writeFileSync(join(folder.path, 'settings.json'), JSON.stringify({ port }));
    await using app = startDesktop({ dataDir: folder.path, args: ['--hidden'] });

    const tray = await trayShows(app, 'problem');
    expect(tray.menu[0]).toBe('Gate is down');
    expect(tray.menu).toEqual(expect.arrayContaining([`Move to port ${port + 1}`, 'Try again', 'Copy details']));
    await app.act({ do: 'click-tray', path: ['Copy details'] });
    expect((await app.state()).clipboard).toContain(String(port));

    await app.act({ do: 'click-tray', path: [`Move to port ${port + 1}`] });
    await trayShows(app, 'open');
    expect(await gatehouse(folder.path, 'status')).toMatchObject({ port: port + 1 });
  });

  test('a start that cannot succeed says why and ends', async () => {
    using folder = dataFolder();
    writeFileSync(join(folder.path, 'vault.json'), '{"format":"gatehouse-vault","version":99}');
    await using app = startDesktop({ dataDir: folder.path, args: ['--hidden'] });
    expect(await app.ended).toBe(1);
    expect(app.output()).toContain('Gatehouse could not start');
    expect(app.output()).toContain('vault.json');
  });

  test('quitting during the start still ends cleanly', async () => {
    using folder = dataFolder();
    await using app = startDesktop({ dataDir: folder.path });
    await until(() => existsSync(join(folder.path, 'gatehouse.log')), startsWithin);
    app.child.kill('SIGTERM');
    expect(await app.ended, app.output()).toBe(0);
    expect(existsSync(join(folder.path, 'runtime.json'))).toBe(false);
  });

  test('a killed app leaves nothing that stops the next start', async () => {
    using folder = dataFolder();
    await using first = startDesktop({ dataDir: folder.path, args: ['--hidden'] });
    await trayShows(first, 'open');
    first.child.kill('SIGKILL');
    await first.ended;
    // Electron's own lock dies with its process; the double's is a folder.
    rmSync(join(folder.path, 'electron-double-instance'), { recursive: true });
    await using again = startDesktop({ dataDir: folder.path, args: ['--hidden'] });
    await trayShows(again, 'open');
  });
});
