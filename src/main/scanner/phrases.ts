/**
 * Phrases: words in an order with bounded gaps, written as `(send|forward) ~3 (all|every) messages`.
 *
 * A word stands for itself, `(a|b c)` for one of several, `~N` lets up to N other words stand before the next, and `?` after
 * a group makes it optional. All words are in one sentence. What is looked for is a set of places that moves forward, never
 * back, so the time is linear in the text whatever the text is.
 */
import type { Vocabulary, Words } from './words.ts';

interface Step {
  /** Words that may stand before it. */
  readonly gap: number;
  readonly isOptional: boolean;
  /** Each a sequence of word ids. */
  readonly choices: readonly (readonly number[])[];
}

export interface Phrase {
  readonly steps: readonly Step[];
  /** Ids a match can begin with. */
  readonly firsts: readonly number[];
}

/** Throws for text that is no phrase. */
export function compilePhrase(source: string, vocabulary: Vocabulary): Phrase {
  const steps: Step[] = [];
  let gap = 0;
  for (const [whole, group, optional, gapText, word] of source.matchAll(
    /\(([^()]+)\)(\?)?|~(\d+)|([^\s()~?]+)|[()~?]/g,
  )) {
    if (gapText !== undefined) gap = Number(gapText);
    else {
      const choices = (group ?? word)?.split('|').map((choice) => choice.trim().split(/\s+/));
      if (!choices || choices.some((choice) => choice.includes(''))) throw new Error(`"${whole}" in "${source}"`);
      steps.push({
        gap,
        isOptional: optional !== undefined,
        choices: choices.map((it) => it.map((w) => vocabulary.idOf(w))),
      });
      gap = 0;
    }
  }
  const [first] = steps;
  if (!first || first.isOptional || first.gap > 0) throw new Error(`"${source}" does not begin with a word`);
  return { steps, firsts: [...new Set(first.choices.flatMap(([id]) => (id === undefined ? [] : [id])))] };
}

/** False when a text with these words cannot hold the phrase. */
export function mayMatch({ steps }: Phrase, present: ReadonlySet<number>): boolean {
  return steps.every(
    ({ isOptional, choices }) => isOptional || choices.some((ids) => ids.every((id) => present.has(id))),
  );
}

/** Index of the word after the phrase when it begins at word `at`; null when it does not. The shortest match counts. */
export function matchPhrase({ steps }: Phrase, words: Words, at: number): number | null {
  const { sentences } = words;
  const sentence = sentences[at];
  let reached: readonly number[] = [at];
  for (const { gap, isOptional, choices } of steps) {
    const next: number[] = isOptional ? [...reached] : [];
    // Places that overlap are looked at once.
    let from = -1;
    for (const place of reached) {
      from = Math.max(from, place);
      for (; from <= place + gap && sentences[from] === sentence; from += 1) {
        for (const choice of choices) {
          const after = from + choice.length;
          if (standsAt(choice, words, from, sentence) && !next.includes(after)) next.push(after);
        }
      }
    }
    if (next.length === 0) return null;
    reached = next.sort((a, b) => a - b);
  }
  return reached[0] ?? null;
}

function standsAt(
  choice: readonly number[],
  { ids, sentences }: Words,
  from: number,
  sentence: number | undefined,
): boolean {
  for (let index = 0; index < choice.length; index += 1) {
    if (ids[from + index] !== choice[index] || sentences[from + index] !== sentence) return false;
  }
  return true;
}
