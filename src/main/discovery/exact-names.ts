/** Who writes a tool's name means that tool: `name`, `server name`, `server:name`, in any case and any separators. */
import type { PreparedTool } from './prepared-tool.ts';
import { spacedWordsOf } from './terms.ts';

/** Longer texts are no names. */
const longestName = 512;

export interface ExactMatch {
  /** Position of the tool in the list. */
  readonly number: number;
  /** 4: the id itself, 3: the name itself, 2 and 1: the same words written differently. */
  readonly closeness: number;
}

export class ExactNames {
  readonly #byText = new Map<string, ExactMatch[]>();

  constructor(tools: readonly PreparedTool[]) {
    for (const [number, { exact }] of tools.entries()) {
      const keys = new Map<string, number>();
      // The closest reading of a text wins when several are the same text.
      keys.set(exact.spacedName, 1).set(exact.spacedId, 2).set(exact.name, 3).set(exact.id, 4);
      for (const [text, closeness] of keys) this.#add(text, { number, closeness });
    }
  }

  /** Tools the text names; empty for an ordinary question. */
  find(text: string): readonly ExactMatch[] {
    if (text.length > longestName) return [];
    const written = text.trim().toLowerCase();
    const spaced = spacedWordsOf(text);
    const found = new Map<number, ExactMatch>();
    for (const key of new Set([spaced, written])) {
      for (const match of this.#byText.get(key) ?? []) {
        const known = found.get(match.number);
        if (known === undefined || known.closeness < match.closeness) found.set(match.number, match);
      }
    }
    return [...found.values()];
  }

  #add(text: string, match: ExactMatch): void {
    if (text === '') return;
    const matches = this.#byText.get(text);
    if (matches === undefined) this.#byText.set(text, [match]);
    else matches.push(match);
  }
}
