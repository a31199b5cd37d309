/** Entry of the settings room: preferences in settings.json. */
import type { Settings } from '@shared/contract/index.ts';

export interface SettingsStore extends Disposable {
  get(): Settings;
  set(patch: Partial<Settings>): Settings;
  onChange(listener: (settings: Settings) => void): Disposable;
}
