/** Settings of the headless mode. */
import Conf from 'conf';
import type { SettingsLog, SettingsStore } from './index.ts';
import { settingsOn } from './settings-on.ts';

export interface SettingsOptions {
  /** The data folder, absolute; holds settings.json. */
  readonly dir: string;
  readonly log: SettingsLog;
}

/** Opens settings.json, or makes one without any settings where there is none. */
export function createSettings({ dir, log }: SettingsOptions): SettingsStore {
  return settingsOn((options) => new Conf({ ...options, cwd: dir, configName: 'settings' }), log);
}
