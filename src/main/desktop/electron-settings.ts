import ElectronStore from 'electron-store';
import { type SettingsStore, settingsOn } from '../settings/index.ts';
import type { DesktopLog } from './desktop-log.ts';

/** Preferences on electron-store, in `settings.json` of the data folder: the same schema and rules as headless. */
export function createElectronSettings(dataDir: string, log: DesktopLog): SettingsStore {
  return settingsOn((options) => new ElectronStore({ ...options, cwd: dataDir, name: 'settings' }), log);
}
