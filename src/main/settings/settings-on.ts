/** Preferences on a conf-like file: conf itself headless, electron-store (built on conf) on the desktop. */
import { copyFileSync, statSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { type Settings, settingsPatchSchema } from '@shared/contract/settings.ts';
import type { SettingsLog, SettingsStore } from './index.ts';
import { type ReadSettings, readSettings, type SettingsProblem } from './read-settings.ts';

/** How often the file is looked at for edits, in milliseconds. */
const LOOK_MS = 500;

/** The options both stores are opened with; the rest (folder, name) is the front's. */
export interface SharedFileOptions {
  readonly fileExtension: 'json';
  /** conf's own watching misses an edit made right after the start, and caches what it read. */
  readonly watch: false;
  readonly configFileMode: 0o600;
  readonly accessPropertiesByDotNotation: false;
  readonly deserialize: (text: string) => Record<string, unknown>;
  readonly serialize: (value: Record<string, unknown>) => string;
}

/** What is used of `Conf` and `ElectronStore`. */
export interface SettingsFile {
  readonly path: string;
  readonly store: Record<string, unknown>;
  set(values: Record<string, unknown>): void;
}

/**
 * Settings kept in a file that a person may edit at any time. An unreadable file or value never stops Gatehouse: the
 * defaults stand in, the problem is logged, and before Gatehouse writes over such a file it is copied to `….bak`.
 * @param open makes the store, e.g. `(options) => new ElectronStore({ ...options, name: 'settings' })`.
 */
export function settingsOn(open: (options: SharedFileOptions) => SettingsFile, log: SettingsLog): SettingsStore {
  return new FileSettings(open, log);
}

class FileSettings implements SettingsStore {
  readonly #file: SettingsFile;
  readonly #log: SettingsLog;
  readonly #listeners = new Set<(settings: Settings) => void>();
  readonly #looking: NodeJS.Timeout;
  /** What the file looked like when it was read last. */
  #seen = '';
  #syntaxProblem: SettingsProblem | undefined;
  #current: ReadSettings = { settings: readSettings({}).settings, problems: [] };

  constructor(open: (options: SharedFileOptions) => SettingsFile, log: SettingsLog) {
    this.#log = log;
    this.#file = open({
      fileExtension: 'json',
      watch: false,
      configFileMode: 0o600,
      accessPropertiesByDotNotation: false,
      deserialize: (text) => this.#parse(text),
      serialize: (value) => `${JSON.stringify(value, null, 2)}\n`,
    });
    this.#reload();
    this.#looking = setInterval(() => {
      if (this.#appearance() !== this.#seen) this.#reload();
    }, LOOK_MS).unref();
  }

  get(): Settings {
    return this.#current.settings;
  }

  set(patch: Partial<Settings>): Settings {
    const checked = settingsPatchSchema.safeParse(patch);
    if (!checked.success) {
      const issue = checked.error.issues[0];
      throw new Error(
        `The setting ${issue?.path.join('.') ?? ''} was not changed: ${issue?.message ?? 'it is not valid'}.`,
      );
    }
    // What a person wrote by hand and Gatehouse could not read is not to be lost by a click elsewhere.
    this.#reload();
    if (this.#current.problems.length > 0) this.#keepCopy();
    const named = Object.entries(checked.data).filter(([, value]) => value !== undefined);
    this.#file.set(Object.fromEntries(named));
    this.#reload();
    return this.#current.settings;
  }

  problems(): readonly SettingsProblem[] {
    return this.#current.problems;
  }

  onChange(listener: (settings: Settings) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  [Symbol.dispose](): void {
    clearInterval(this.#looking);
    this.#listeners.clear();
  }

  #appearance(): string {
    try {
      const { mtimeNs, ctimeNs, size, ino } = statSync(this.#file.path, { bigint: true });
      return `${mtimeNs} ${ctimeNs} ${size} ${ino}`;
    } catch (error) {
      // Gone or not to be looked at: a state like any other, left again when the file comes back.
      return String(error);
    }
  }

  #reload(): void {
    // Before the read: what is written in between is seen as a change at the next look.
    this.#seen = this.#appearance();
    this.#syntaxProblem = undefined;
    const read = this.#readFile();
    const problems = this.#syntaxProblem === undefined ? read.problems : [this.#syntaxProblem];
    const before = this.#current;
    this.#current = { settings: read.settings, problems };
    if (problems.length > 0 && !isDeepStrictEqual(problems, before.problems)) {
      this.#log.warn({ file: this.#file.path, problems }, 'settings.json is not valid; defaults stand in where needed');
    }
    if (isDeepStrictEqual(before.settings, read.settings)) return;
    for (const listener of [...this.#listeners]) listener(read.settings);
  }

  #readFile(): ReadSettings {
    try {
      return readSettings(this.#file.store);
    } catch (error) {
      // The file is there and cannot be read at all, e.g. its rights were taken away: what was known stays in force.
      const message = `It cannot be read: ${error instanceof Error ? error.message : String(error)}`;
      return { settings: this.#current.settings, problems: [{ field: null, message }] };
    }
  }

  #keepCopy(): void {
    const copy = `${this.#file.path}.bak`;
    copyFileSync(this.#file.path, copy);
    this.#log.warn({ file: this.#file.path, copy }, 'settings.json was not valid; a copy was kept before writing');
  }

  /** Never throws: conf would refuse to start. The store then looks empty, and the problem is remembered. */
  #parse(text: string): Record<string, unknown> {
    let content: unknown;
    try {
      content = JSON.parse(text.replace(/^\uFEFF/, ''));
    } catch (error) {
      this.#syntaxProblem = {
        field: null,
        message: `It is not valid JSON: ${error instanceof Error ? error.message : String(error)}`,
      };
      return {};
    }
    if (typeof content === 'object' && content !== null && !Array.isArray(content)) return { ...content };
    this.#syntaxProblem = { field: null, message: 'It is not a JSON object.' };
    return {};
  }
}
