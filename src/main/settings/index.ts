/** Entry of the settings room: preferences in settings.json. */
import type { Settings } from '@shared/contract/index.ts';
import type { SettingsProblem } from './read-settings.ts';

export { createSettings } from './create-settings.ts';
export type { SettingsProblem } from './read-settings.ts';
export { type SettingsFile, type SharedFileOptions, settingsOn } from './settings-on.ts';

export interface SettingsStore extends Disposable {
  get(): Settings;
  /**
   * Changes the named fields only.
   * @throws Error naming the field when a value is not valid; nothing is changed then.
   */
  set(patch: Partial<Settings>): Settings;
  /** After every change of a value, whoever made it: the window, the command line or an editor. */
  onChange(listener: (settings: Settings) => void): Disposable;
  /** What in settings.json is not used because it is not valid; empty when all is well. */
  problems(): readonly SettingsProblem[];
}

/** What settings write to the log; a pino logger fits. */
export interface SettingsLog {
  warn(facts: object, message: string): void;
}
