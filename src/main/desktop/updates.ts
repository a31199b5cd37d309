/** Looks for a new version, in an installed app that was built with a place to look. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export interface Updater {
  /** Looks, downloads what is newer and installs it at the next quit. */
  check(): Promise<void>;
}

export interface UpdateParts {
  readonly isPackaged: boolean;
  /** Electron's `process.resourcesPath`. */
  readonly resourcesPath: string;
  readonly isWanted: () => boolean;
  /** Loads electron-updater; only called when there is something to do. */
  readonly loadUpdater: () => Promise<Updater>;
  readonly failed: (error: unknown) => void;
}

/** Once a day, in milliseconds. */
const checkEveryMs = 24 * 60 * 60_000;

/**
 * Looks at once and then once a day while the setting allows it. Without `app-update.yml` (electron-builder writes it
 * when the release names a publisher) nothing is ever contacted.
 */
export function followUpdates(parts: UpdateParts): Disposable {
  const canUpdate = parts.isPackaged && existsSync(join(parts.resourcesPath, 'app-update.yml'));
  if (!canUpdate) return { [Symbol.dispose]() {} };
  const check = async () => {
    if (!parts.isWanted()) return;
    const updater = await parts.loadUpdater();
    await updater.check();
  };
  const checkNow = () => void check().catch(parts.failed);
  checkNow();
  const timer = setInterval(checkNow, checkEveryMs);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** electron-updater behind the two calls that are used. */
export async function loadElectronUpdater(): Promise<Updater> {
  const { default: electronUpdater } = await import('electron-updater');
  const { autoUpdater } = electronUpdater;
  autoUpdater.autoDownload = true;
  autoUpdater.autoInstallOnAppQuit = true;
  autoUpdater.allowDowngrade = false;
  return {
    async check() {
      await autoUpdater.checkForUpdates();
    },
  };
}
