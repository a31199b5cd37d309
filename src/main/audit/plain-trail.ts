import type { TrailStep } from '@shared/contract/index.ts';
import type { Redaction } from './stored-text.ts';

/** Notes remembered to hold no secret. Most are the same few sentences at every call. */
const MOST_NOTES = 512;

/** Takes secrets out of the notes of trails, which may quote what a server or an agent said. */
export class PlainTrails {
  readonly #redaction: Redaction;
  readonly #clean = new Set<string>();

  constructor(redaction: Redaction) {
    this.#redaction = redaction;
  }

  of(trail: readonly TrailStep[]): readonly TrailStep[] {
    const isClean = trail.map(({ note }) => this.#isClean(note));
    if (!isClean.includes(false)) return trail;
    return trail.map((step, index) =>
      isClean[index] === true ? step : { ...step, note: this.#redaction.text(step.note) },
    );
  }

  #isClean(note: string): boolean {
    if (this.#clean.has(note)) return true;
    if (this.#redaction.text(note) !== note) return false;
    if (this.#clean.size >= MOST_NOTES) this.#clean.clear();
    this.#clean.add(note);
    return true;
  }
}
