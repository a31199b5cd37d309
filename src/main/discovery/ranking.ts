/**
 * The order of candidates: BM25F with its own length normalisation per field, related words, and a bonus for pairs
 * that stand together. What depends on a tool alone is worked out when the index is built.
 */
import { type FieldName, fieldNames, type PreparedTool } from './prepared-tool.ts';
import type { ReadQuery } from './query-terms.ts';

interface FieldRule {
  readonly weight: number;
  /** 0: length does not matter, 1: it matters fully. */
  readonly b: number;
  /** Terms past which a field counts as long, whatever the other tools are like. */
  readonly honestLength: number;
}

const fieldRules: Readonly<Record<FieldName, FieldRule>> = {
  server: { weight: 1.2, b: 0.4, honestLength: 4 },
  name: { weight: 3, b: 0.5, honestLength: 6 },
  lead: { weight: 1.6, b: 0.6, honestLength: 16 },
  rest: { weight: 0.7, b: 0.75, honestLength: 60 },
  parameters: { weight: 0.5, b: 0.75, honestLength: 16 },
  parameterText: { weight: 0.35, b: 0.75, honestLength: 48 },
};
/** Saturation: how fast a repeated term stops counting. */
const k1 = 1.2;
/** Occurrences of a term that count in one field: saying it again is not saying more. */
const mostRepeats = 3;
const pairFields: readonly FieldName[] = ['name', 'lead'];
const pairBonus = 0.25;

/** The vocabulary of an index: terms by number, and how telling each is. */
export interface Vocabulary {
  numberOf(term: string): number | undefined;
  /** Inverse document frequency of a term's number. */
  idfOf(term: number): number;
}

/** One tool's terms with their saturated weight over all fields. */
interface Profile {
  readonly terms: Uint32Array;
  readonly weights: Float32Array;
}

/** A query translated into the numbers of one vocabulary. */
export interface RankedQuery {
  /** By term number: which concept of the query it speaks for, and how well. */
  readonly slots: ReadonlyMap<number, readonly { readonly concept: number; readonly factor: number }[]>;
  readonly concepts: number;
  readonly pairs: readonly { readonly first: string; readonly second: string; readonly bonus: number }[];
}

export class Ranking {
  readonly #tools: readonly PreparedTool[];
  readonly #vocabulary: Vocabulary;
  readonly #profiles: readonly Profile[];

  constructor(tools: readonly PreparedTool[], vocabulary: Vocabulary) {
    this.#tools = tools;
    this.#vocabulary = vocabulary;
    const usual = usualLengthsOf(tools);
    this.#profiles = tools.map((tool) => profileOf(tool, usual, vocabulary));
  }

  /** Translates a query once, for all candidates. */
  read(query: ReadQuery): RankedQuery {
    const slots = new Map<number, { concept: number; factor: number }[]>();
    const speak = (term: string, concept: number, closeness: number): void => {
      const number = this.#vocabulary.numberOf(term);
      if (number === undefined) return;
      const slot = { concept, factor: closeness * this.#vocabulary.idfOf(number) };
      const slotsOfTerm = slots.get(number);
      if (slotsOfTerm === undefined) slots.set(number, [slot]);
      else slotsOfTerm.push(slot);
    };
    for (const [concept, { term, weight, related }] of query.terms.entries()) {
      speak(term, concept, weight);
      for (const [other, closeness] of related) speak(other, concept, weight * closeness);
    }
    const idf = (term: string): number => {
      const number = this.#vocabulary.numberOf(term);
      return number === undefined ? 0 : this.#vocabulary.idfOf(number);
    };
    const pairs = query.pairs
      .map(([first, second]) => ({ first, second, bonus: pairBonus * (idf(first) + idf(second)) }))
      .filter(({ first, second }) => idf(first) > 0 && idf(second) > 0);
    return { slots, concepts: query.terms.length, pairs };
  }

  /** How well a tool fits; a concept of the query counts once, by its best word. */
  score(number: number, query: RankedQuery): number {
    const tool = this.#tools[number];
    const profile = this.#profiles[number];
    if (tool === undefined || profile === undefined) return 0;
    const best = new Float64Array(query.concepts);
    for (let at = 0; at < profile.terms.length; at += 1) {
      const slots = query.slots.get(profile.terms[at] ?? -1);
      if (slots === undefined) continue;
      for (const { concept, factor } of slots) {
        best[concept] = Math.max(best[concept] ?? 0, factor * (profile.weights[at] ?? 0));
      }
    }
    let sum = 0;
    for (const each of best) sum += each;
    for (const { first, second, bonus } of query.pairs) {
      if (pairFields.some((field) => standTogether(tool.terms[field], first, second))) sum += bonus;
    }
    return sum;
  }
}

function profileOf(tool: PreparedTool, usual: Readonly<Record<FieldName, number>>, vocabulary: Vocabulary): Profile {
  const frequencies = new Map<number, number>();
  for (const field of fieldNames) {
    const terms = tool.terms[field];
    const { weight, b } = fieldRules[field];
    const perOccurrence = weight / (1 - b + (b * terms.length) / usual[field]);
    for (const [term, count] of countsOf(terms)) {
      const number = vocabulary.numberOf(term);
      if (number === undefined) continue;
      frequencies.set(number, (frequencies.get(number) ?? 0) + perOccurrence * Math.min(count, mostRepeats));
    }
  }
  const weights = Float32Array.from(frequencies.values(), (frequency) => (frequency * (k1 + 1)) / (k1 + frequency));
  return { terms: Uint32Array.from(frequencies.keys()), weights };
}

function countsOf(terms: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1);
  return counts;
}

function standTogether(terms: readonly string[], first: string, second: string): boolean {
  for (let at = 0; at + 1 < terms.length; at += 1) if (terms[at] === first && terms[at + 1] === second) return true;
  return false;
}

/** The median length of each field: one server's endless texts cannot make long texts usual. */
function usualLengthsOf(tools: readonly PreparedTool[]): Record<FieldName, number> {
  const usual: Record<FieldName, number> = { server: 1, name: 1, lead: 1, rest: 1, parameters: 1, parameterText: 1 };
  for (const field of fieldNames) {
    const lengths = Uint32Array.from(tools, (tool) => tool.terms[field].length)
      .filter((length) => length > 0)
      .sort();
    usual[field] = Math.min(lengths[lengths.length >> 1] ?? 1, fieldRules[field].honestLength);
  }
  return usual;
}
