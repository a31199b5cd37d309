import { app, BrowserWindow, nativeTheme, screen } from 'electron';
import ElectronStore from 'electron-store';
import type { DesktopPaths } from './paths.ts';
import { type CloseBehaviour, MainWindow } from './window.ts';

export interface NativeWindowOptions {
  readonly paths: DesktopPaths;
  readonly dataDir: string;
  readonly closeBehaviour: () => CloseBehaviour;
  readonly onClosedToTray: () => void;
  readonly onPageGone: (reason: string) => void;
}

/** Gatehouse's window on Electron's own classes; where it was is kept in `window.json`. */
export function createNativeWindow(options: NativeWindowOptions): MainWindow {
  const store = new ElectronStore<{ window?: unknown }>({ name: 'window', cwd: options.dataDir });
  return new MainWindow({
    create: (windowOptions) => new BrowserWindow(windowOptions),
    platform: process.platform,
    preload: options.paths.preload,
    icon: options.paths.appIcon,
    isDevelopment: !app.isPackaged,
    screens: () => screen.getAllDisplays().map((display) => display.workArea),
    isDark: () => nativeTheme.shouldUseDarkColors,
    store: { read: () => store.get('window'), write: (state) => store.set('window', state) },
    closeBehaviour: options.closeBehaviour,
    onClosedToTray: options.onClosedToTray,
    onPageGone: options.onPageGone,
    // The dock shows Gatehouse while it has a window; without one it lives in the menu bar.
    onVisibility: (isVisible) => void (isVisible ? app.dock?.show() : app.dock?.hide()),
  });
}
