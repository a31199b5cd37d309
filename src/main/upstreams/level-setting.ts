import { LOG_LEVELS } from './log-wanted.ts';
import type { Timers } from './timers.ts';

/** A level nobody asked for any more for this long is lowered with the next request, in milliseconds. */
const LOWER_AFTER_MS = 60_000;

/**
 * The one log level of a legacy connection (`logging/setLevel`): the most verbose that callers want. A caller that wants
 * more is waited for before its request goes out; less is asked for once nobody wanted more for a while. Nothing is
 * sent until somebody wants logs at all.
 */
export class LevelSetting {
  readonly #timers: Timers;
  readonly #set: (level: string) => Promise<void>;
  #severity: number | undefined;
  #wantedAt = 0;
  #setting: Promise<void> | undefined;

  /** @param options.set tells the server; must not reject */
  constructor(options: { readonly timers: Timers; readonly set: (level: string) => Promise<void> }) {
    this.#timers = options.timers;
    this.#set = options.set;
  }

  /** To be awaited before a request whose caller wants this level; undefined when there is nothing to wait for. */
  want(level: string | null | undefined): Promise<void> | undefined {
    if (level == null) return undefined;
    const severity = LOG_LEVELS.indexOf(level);
    if (severity < 0) return undefined;
    if (this.#severity === undefined || severity < this.#severity) {
      this.#change(severity, level);
      return this.#setting;
    }
    const now = this.#timers.now();
    if (severity === this.#severity) this.#wantedAt = now;
    else if (now - this.#wantedAt >= LOWER_AFTER_MS) {
      this.#change(severity, level);
      return undefined;
    }
    // Somebody else's rise may still be under way.
    return this.#setting;
  }

  #change(severity: number, level: string): void {
    this.#severity = severity;
    this.#wantedAt = this.#timers.now();
    const before = this.#setting ?? Promise.resolve();
    const setting = before
      .then(() => this.#set(level))
      .finally(() => {
        if (this.#setting === setting) this.#setting = undefined;
      });
    this.#setting = setting;
  }
}
