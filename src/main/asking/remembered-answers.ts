/** What a person allowed beyond one call: looked up at every call, ended by time, withdrawal, session, or a changed tool. */
import type { Actor } from '@shared/words.ts';
import type { Grant } from '../policy/index.ts';
import type { OwedWrites } from '../storage/index.ts';
import type { AnswerRows, KeptAnswer } from './answer-rows.ts';
import { AskingError } from './asking-error.ts';

/** More than a person can oversee. */
const MOST_ANSWERS = 1_000;
/** The longest a Node timer can wait; later ends are reached in several steps. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Why a remembered answer is gone. */
export type AnswerEnd = 'withdrawn' | 'expired' | 'used' | 'session-ended' | 'tool-changed' | 'app-removed';

export interface RememberedOptions {
  readonly rows: AnswerRows;
  readonly clock: () => number;
  readonly after: (ms: number, work: () => void) => Disposable;
  readonly owed: OwedWrites;
  readonly onEnded: (answer: KeptAnswer, why: AnswerEnd, by: Actor) => void;
}

const NONE: readonly Grant[] = [];

export class RememberedAnswers implements Disposable {
  readonly #options: RememberedOptions;
  readonly #answers = new Map<string, KeptAnswer>();
  // What `decide()` gets, per app, so that a call costs one look-up.
  readonly #grants = new Map<string, readonly Grant[]>();
  readonly #unsealed: number;
  #timer: Disposable | undefined;

  /** Reads what is stored; what has ended meanwhile is ended now. */
  constructor(options: RememberedOptions) {
    this.#options = options;
    const { answers, unsealed } = options.rows.read();
    this.#unsealed = unsealed;
    for (const answer of answers.toSorted((a, b) => a.at - b.at)) this.#answers.set(answer.id, answer);
    for (const app of new Set(answers.map((answer) => answer.app.id))) this.#index(app);
    this.#expire();
  }

  /** Rows that were found without a valid seal; they count for nothing. */
  get unsealed(): number {
    return this.#unsealed;
  }

  grantsFor(appId: string): readonly Grant[] {
    return this.#grants.get(appId) ?? NONE;
  }

  /** Newest first. */
  list(): readonly KeptAnswer[] {
    return [...this.#answers.values()].reverse();
  }

  find(id: string): KeptAnswer | undefined {
    return this.#answers.get(id);
  }

  /** Remembers all or none. Throws when there are too many, or when they cannot be stored. */
  add(answers: readonly KeptAnswer[]): void {
    const { rows } = this.#options;
    if (this.#answers.size + answers.length > MOST_ANSWERS) {
      throw new AskingError('full', `${MOST_ANSWERS} answers are remembered already. Withdraw some first.`);
    }
    const stored: KeptAnswer[] = [];
    try {
      for (const answer of answers) {
        // A session does not survive a restart, so neither does what was allowed in it.
        if (answer.scope === 'session') continue;
        rows.put(answer);
        stored.push(answer);
      }
    } catch (error) {
      for (const { id } of stored) this.#dropRow(id);
      throw error;
    }
    for (const answer of answers) this.#answers.set(answer.id, answer);
    for (const app of new Set(answers.map((answer) => answer.app.id))) this.#index(app);
    this.#schedule();
  }

  /** Ends every answer that fits. In memory first: narrowing works on a full disk too. */
  end(fits: (answer: KeptAnswer) => boolean, why: AnswerEnd, by: Actor = 'system'): number {
    const ended = [...this.#answers.values()].filter(fits);
    for (const answer of ended) {
      this.#answers.delete(answer.id);
      if (answer.scope !== 'session') this.#dropRow(answer.id);
    }
    for (const app of new Set(ended.map((answer) => answer.app.id))) this.#index(app);
    if (ended.length > 0) this.#schedule();
    for (const answer of ended) this.#options.onEnded(answer, why, by);
    return ended.length;
  }

  #dropRow(id: string): void {
    const { owed, rows } = this.#options;
    try {
      rows.drop(id);
    } catch (error) {
      if (!owed.owe(error, `answer ${id}`, () => rows.drop(id))) throw error;
    }
  }

  #index(appId: string): void {
    const own = [...this.#answers.values()].filter((answer) => answer.app.id === appId);
    if (own.length === 0) this.#grants.delete(appId);
    else this.#grants.set(appId, own.map(grantOf));
  }

  #expire(): void {
    const now = this.#options.clock();
    this.end(({ until }) => until !== null && until <= now, 'expired');
    this.#schedule();
  }

  #schedule(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    const ends = [...this.#answers.values()].flatMap(({ until }) => (until === null ? [] : [until]));
    if (ends.length === 0) return;
    const wait = Math.max(ends.reduce((a, b) => Math.min(a, b)) - this.#options.clock(), 0);
    this.#timer = this.#options.after(Math.min(wait, LONGEST_TIMER_MS), () => this.#expire());
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
  }
}

function grantOf(answer: KeptAnswer): Grant {
  const { id, scope, app, offerId, fingerprint, effect, reasons, sessionId, argumentsDigest, until } = answer;
  return {
    id,
    scope: scope === 'next' ? 'once' : scope,
    appId: app.id,
    offerId,
    fingerprint,
    effect,
    reasons: reasons.map(({ key }) => key),
    callId: null,
    sessionId,
    argumentsDigest,
    until,
  };
}
