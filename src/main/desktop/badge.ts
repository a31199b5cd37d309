import { app, type BrowserWindow, nativeImage } from 'electron';

/** Shows how much waits on the dock or launcher icon, and on Windows as a mark on the window's task bar button. */
export function showBadge(count: number, window: BrowserWindow | undefined, markFile: string): void {
  if (process.platform !== 'win32') {
    app.setBadgeCount(count);
    return;
  }
  if (count > 0) window?.setOverlayIcon(nativeImage.createFromPath(markFile), `${count} waiting for you`);
  else window?.setOverlayIcon(null, '');
}
