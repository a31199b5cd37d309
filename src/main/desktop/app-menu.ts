import type { MenuItemConstructorOptions } from 'electron';
import { shortPauseMs, type TrayAction } from './tray-view.ts';

export interface AppMenuState {
  readonly platform: NodeJS.Platform;
  readonly isDevelopment: boolean;
  readonly isPaused: boolean;
}

/**
 * The application menu. Pausing has no accelerator here: inside the window the page owns that key, and one key must
 * not toggle twice.
 */
export function appMenuTemplate(state: AppMenuState, act: (action: TrayAction) => void): MenuItemConstructorOptions[] {
  const settings: MenuItemConstructorOptions = {
    label: 'Settings…',
    accelerator: 'CmdOrCtrl+,',
    click: () => act({ type: 'open', route: '/settings' }),
  };
  const quit: MenuItemConstructorOptions = {
    label: 'Quit, and stop all servers',
    accelerator: 'CmdOrCtrl+Q',
    click: () => act({ type: 'quit' }),
  };
  const gate: MenuItemConstructorOptions[] = state.isPaused
    ? [{ label: 'Resume', click: () => act({ type: 'resume' }) }]
    : [
        { label: 'Pause all tools', click: () => act({ type: 'pause' }) },
        { label: 'Pause for 15 minutes', click: () => act({ type: 'pause', forMs: shortPauseMs }) },
      ];
  const view: MenuItemConstructorOptions[] = [
    { role: 'resetZoom' },
    { role: 'zoomIn' },
    { role: 'zoomOut' },
    { type: 'separator' },
    { role: 'togglefullscreen' },
  ];
  if (state.isDevelopment) view.push({ type: 'separator' }, { role: 'reload' }, { role: 'toggleDevTools' });

  const middle: MenuItemConstructorOptions[] = [
    { role: 'editMenu' },
    { label: 'Gate', submenu: gate },
    { label: 'View', submenu: view },
    { role: 'windowMenu' },
  ];
  if (state.platform !== 'darwin') {
    return [{ label: 'Gatehouse', submenu: [settings, { type: 'separator' }, quit] }, ...middle];
  }
  const own: MenuItemConstructorOptions[] = [
    { role: 'about' },
    { type: 'separator' },
    settings,
    { type: 'separator' },
    { role: 'services' },
    { type: 'separator' },
    { role: 'hide' },
    { role: 'hideOthers' },
    { role: 'unhide' },
    { type: 'separator' },
    quit,
  ];
  return [{ label: 'Gatehouse', submenu: own }, ...middle];
}
