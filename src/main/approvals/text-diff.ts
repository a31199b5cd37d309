import type { TextDiffPart } from '@shared/contract/index.ts';

/** Cells of the table that compares what is left after common ends: about 20 ms and 8 MiB at most. */
const MOST_CELLS = 4_000_000;
/** Above this many characters the words are not even taken apart one by one. */
const LARGEST_TEXT = 400_000;

/**
 * Word by word, what is the same, gone and new. The parts put together (same and removed; same and added) give both
 * texts back, character for character. Texts too different or too large to compare in time come back as one removal
 * and one addition between their common ends.
 */
export function diffWords(before: string, after: string): TextDiffPart[] {
  if (before === after) return before === '' ? [] : [{ kind: 'same', text: before }];
  const isLarge = before.length + after.length > LARGEST_TEXT;
  const a = isLarge ? linesOf(before) : wordsOf(before);
  const b = isLarge ? linesOf(after) : wordsOf(after);
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end += 1;

  const parts = new Parts();
  parts.add('same', a.slice(0, start));
  const middleA = a.slice(start, a.length - end);
  const middleB = b.slice(start, b.length - end);
  if ((middleA.length + 1) * (middleB.length + 1) > MOST_CELLS) {
    parts.add('removed', middleA);
    parts.add('added', middleB);
  } else {
    alignWords(middleA, middleB, parts);
  }
  parts.add('same', a.slice(a.length - end));
  return parts.all();
}

/** Longest common subsequence by dynamic programming. */
function alignWords(a: readonly string[], b: readonly string[], parts: Parts): void {
  const width = b.length + 1;
  const lengths = new Uint16Array((a.length + 1) * width);
  const at = (i: number, j: number): number => lengths[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      lengths[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const [wordA, wordB] = [a[i], b[j]];
    if (wordA !== undefined && wordA === wordB) {
      parts.add('same', [wordA]);
      i += 1;
      j += 1;
    } else if (wordA !== undefined && (wordB === undefined || at(i + 1, j) >= at(i, j + 1))) {
      parts.add('removed', [wordA]);
      i += 1;
    } else if (wordB !== undefined) {
      parts.add('added', [wordB]);
      j += 1;
    }
  }
}

/** Words, runs of spaces, and every other character alone. */
const wordsOf = (text: string): string[] => text.match(/[\p{L}\p{N}\p{M}_]+|\s+|[^\p{L}\p{N}\p{M}_\s]/gu) ?? [];
const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+/g) ?? [];

/** Puts neighbours of one kind together; between two same parts, what is gone comes before what is new. */
class Parts {
  readonly #parts: TextDiffPart[] = [];
  #removed = '';
  #added = '';

  add(kind: TextDiffPart['kind'], words: readonly string[]): void {
    if (words.length === 0) return;
    const text = words.join('');
    if (kind === 'removed') this.#removed += text;
    else if (kind === 'added') this.#added += text;
    else {
      this.#settle();
      const last = this.#parts.at(-1);
      if (last?.kind === 'same') last.text += text;
      else this.#parts.push({ kind: 'same', text });
    }
  }

  all(): TextDiffPart[] {
    this.#settle();
    return this.#parts;
  }

  #settle(): void {
    if (this.#removed !== '') this.#parts.push({ kind: 'removed', text: this.#removed });
    if (this.#added !== '') this.#parts.push({ kind: 'added', text: this.#added });
    this.#removed = '';
    this.#added = '';
  }
}
