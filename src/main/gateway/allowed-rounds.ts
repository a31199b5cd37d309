/**
 * Calls a person allowed whose server answered with a question for the app (2026-07-28, `input_required`). The app comes
 * again with the server's own `requestState`; that request goes on with the call, so the person is not asked once more.
 */
import { createHash } from 'node:crypto';
import { memberText } from '@shared/json-text.ts';
import type { Grant } from '../policy/index.ts';
import type { Caller } from './call.ts';
import type { Errand } from './errand.ts';
import { HELD_MS, MOST_HELD } from './held-calls.ts';
import { asksBack } from './outcome.ts';
import type { JsonObject } from './protocol.ts';

interface Round {
  readonly grant: Grant;
  readonly until: number;
}

export class AllowedRounds {
  readonly #clock: () => number;
  // In the order they were noted.
  readonly #rounds = new Map<string, Round>();

  /** `clock` gives milliseconds since epoch. */
  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** Notes that a call allowed by `grant` was answered with this; only a question with a state of the server counts. */
  note(caller: Caller, errand: Errand, result: JsonObject, resultJson: string, grant: Grant): void {
    const state = asksBack(result) ? memberText(resultJson, 'requestState') : undefined;
    if (state === undefined) return;
    const now = this.#clock();
    for (const [key, round] of this.#rounds) {
      if (this.#rounds.size < MOST_HELD && round.until > now) break;
      this.#rounds.delete(key);
    }
    this.#rounds.set(keyOf(caller, errand, state), { grant, until: now + HELD_MS });
  }

  /** The grant of the call this request goes on with; it works once. */
  take(caller: Caller, errand: Errand): Grant | undefined {
    const state = errand.retry?.state;
    if (this.#rounds.size === 0 || state === undefined) return undefined;
    const key = keyOf(caller, errand, JSON.stringify(state));
    const round = this.#rounds.get(key);
    this.#rounds.delete(key);
    return round && this.#clock() < round.until ? round.grant : undefined;
  }
}

/** The same app, path and request with its arguments, and the state that only the server's answer had. */
function keyOf({ app, path }: Caller, errand: Errand, state: string): string {
  const parts = [app.id, path, errand.method, errand.identity(), JSON.parse(state)];
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}
