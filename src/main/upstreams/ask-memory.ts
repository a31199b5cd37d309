/** Subjects that are remembered; more stay unknown, which only costs waiting. */
const MOST_SUBJECTS = 10_000;

/**
 * What is known of a subject (a tool's name, else a method): `unknown`, `quiet` when it finished without asking back and
 * never asked, `asks` when it did.
 */
export type Habit = 'unknown' | 'quiet' | 'asks';

/** Which tools of one launch of a server ask their caller back. Outlives connections, not launches. */
export class AskMemory {
  readonly #habits = new Map<string, 'quiet' | 'asks'>();
  #holdsBack = false;

  /**
   * True once the server asked outside of any response stream while several could have been meant: from then on its
   * calls wait for each other as on transports without such streams.
   */
  get holdsBack(): boolean {
    return this.#holdsBack;
  }

  holdBack(): void {
    this.#holdsBack = true;
  }

  habitOf(subject: string): Habit {
    return this.#habits.get(subject) ?? 'unknown';
  }

  /** It finished its work and asked nothing. */
  finishedQuietly(subject: string): void {
    if (this.#habits.has(subject) || this.#habits.size >= MOST_SUBJECTS) return;
    this.#habits.set(subject, 'quiet');
  }

  /** It asked, or was one of several that may have. */
  asked(subject: string): void {
    if (this.#habits.has(subject) || this.#habits.size < MOST_SUBJECTS) this.#habits.set(subject, 'asks');
  }

  /** It may have asked: that it was quiet once counts no more. */
  doubt(subject: string): void {
    if (this.#habits.get(subject) === 'quiet') this.#habits.delete(subject);
  }
}
