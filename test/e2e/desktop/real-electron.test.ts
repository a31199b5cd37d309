/**
 * A smoke test on the real Electron, for what the double cannot show: the sandboxed preload script, context isolation,
 * the policy in Electron, tray and menu. Runs wherever Electron's binary is.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { _electron } from 'playwright-core';
import { afterAll, describe, expect, test } from 'vitest';
import { gatehouse, root, temporaryDir } from '../../fixtures/gatehouse-process.ts';
import { until } from '../../fixtures/until.ts';

/** The installed binary, or undefined. `path.txt` is what Electron's own installer leaves. */
function electronBinary(): string | undefined {
  const folder = join(root, 'node_modules/electron');
  const pathFile = join(folder, 'path.txt');
  const override = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  const name = existsSync(pathFile) ? readFileSync(pathFile, 'utf8').trim() : 'electron';
  const file = override ? join(override, name) : join(folder, 'dist', name);
  return existsSync(file) ? file : undefined;
}

function whyNot(): string | undefined {
  if (electronBinary() === undefined) return 'no Electron binary';
  const isHeadlessLinux = process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY;
  return isHeadlessLinux ? 'no display' : undefined;
}

const reason = whyNot();
if (reason) console.warn(`Real Electron: not run: ${reason}.`);

describe.runIf(reason)('real Electron', () => {
  // Named in the report, so that nobody takes a green run for a checked desktop.
  test.skip(`not run: ${reason}`, () => {});
});

describe.skipIf(reason)('real Electron', () => {
  const folder = temporaryDir();
  afterAll(() => folder[Symbol.dispose]());

  test('starts sandboxed, pauses by a click in the page, and resumes by the menu', async () => {
    writeFileSync(join(folder.path, 'settings.json'), JSON.stringify({ port: 0 }));
    const noSandbox = process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    const app = await _electron.launch({
      executablePath: electronBinary(),
      args: [...noSandbox, root, '--data-dir', folder.path],
    });
    try {
      const page = await app.firstWindow();
      await page.getByText('Gate open').first().waitFor();
      expect(page.url()).toMatch(/^app:\/\/gatehouse\/index\.html/);
      expect(await page.evaluate(() => ['require', 'process'].filter((name) => name in window))).toEqual([]);
      const fetched = page.evaluate(() =>
        fetch('https://example.org/')
          .then(() => 'done')
          .catch(() => 'refused'),
      );
      expect(await fetched).toBe('refused');

      await page.getByRole('button', { name: 'Pause all tools' }).first().click();
      await until(async () => {
        const status = (await gatehouse(folder.path, 'status')) as { gate: { paused: boolean } };
        return status.gate.paused;
      });
      await app.evaluate(({ Menu }) => {
        const gate = Menu.getApplicationMenu()?.items.find((item) => item.label === 'Gate');
        gate?.submenu?.items.find((item) => item.label === 'Resume')?.click();
      });
      await page.getByText('Gate open').first().waitFor();
      expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
    } finally {
      await app.close();
    }
  });
});
