/** Whether the desktop app can start here. Plain Node 20, no dependencies. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './setup-install.mjs';

const binaries = {
  darwin: 'Electron.app/Contents/MacOS/Electron',
  win32: 'electron.exe',
  default: 'electron',
};

/** Path of the Electron program, or undefined. The npm package comes without it. */
export function electronBinary(env = process.env, platform = process.platform) {
  const folder = env.ELECTRON_OVERRIDE_DIST_PATH ?? join(root, 'node_modules', 'electron', 'dist');
  const file = join(folder, binaries[platform] ?? binaries.default);
  return existsSync(file) ? file : undefined;
}

/** Why there is nowhere to show a window, or undefined. */
export function displayProblem(env = process.env, platform = process.platform) {
  if (platform === 'darwin' || platform === 'win32' || env.DISPLAY || env.WAYLAND_DISPLAY) return undefined;
  return 'there is no display';
}
