import { join } from 'node:path';
import type { TrayIcon } from './tray-view.ts';

/**
 * The image file of a tray state. macOS takes a template (black and alpha) and colours it itself; Windows and Linux
 * need one for light and one for dark bars. Electron finds the `@2x` file next to it.
 */
export function trayIconFile(folder: string, icon: TrayIcon, platform: NodeJS.Platform, darkBar: boolean): string {
  if (platform === 'darwin') return join(folder, `${icon}Template.png`);
  return join(folder, `${icon}-${darkBar ? 'onDark' : 'onLight'}.png`);
}
