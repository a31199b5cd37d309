import { join } from 'node:path';

/** Absolute places of what the desktop front loads; inside `app.asar` when packaged. */
export interface DesktopPaths {
  readonly preload: string;
  readonly renderer: string;
  readonly trayIcons: string;
  readonly appIcon: string;
}

/** `root`: Electron's app path, the folder that holds package.json. */
export function desktopPaths(root: string): DesktopPaths {
  return {
    preload: join(root, 'out', 'preload', 'index.cjs'),
    renderer: join(root, 'out', 'renderer'),
    trayIcons: join(root, 'assets', 'icons', 'tray'),
    appIcon: join(root, 'assets', 'icons', 'app-512.png'),
  };
}
