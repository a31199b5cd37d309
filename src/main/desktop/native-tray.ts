import { Menu, Tray } from 'electron';
import type { NativeTray } from './tray.ts';

/**
 * Electron's tray. On Windows a left click opens the window; macOS opens the menu by itself, and on Linux clicks are
 * not reported reliably, so the menu has everything.
 */
export function createNativeTray(file: string, platform: NodeJS.Platform, onOpen: () => void): NativeTray {
  const tray = new Tray(file);
  if (platform === 'win32') tray.on('click', onOpen);
  return {
    setImage: (next) => tray.setImage(next),
    setToolTip: (text) => tray.setToolTip(text),
    setMenu: (template) => tray.setContextMenu(Menu.buildFromTemplate(template)),
    destroy: () => tray.destroy(),
  };
}
