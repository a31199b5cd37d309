/**
 * One immutable index over a set of tools: wink's BM25 finds candidates, `rank` puts them in order. A change builds a
 * new index beside the old one; who holds an index sees one state and never half of two.
 */
import bm25 from 'wink-bm25-text-search';
import { ExactNames } from './exact-names.ts';
import type { SearchHit, SearchQuery } from './index.ts';
import { fieldNames, type PreparedTool } from './prepared-tool.ts';
import { type ReadQuery, readQuery } from './query-terms.ts';
import { Ranking, type Vocabulary } from './ranking.ts';

/** How much a term counts by the field it stands in. */
const candidateWeights = { server: 1, name: 3, lead: 1.5, rest: 1, parameters: 0.5, parameterText: 0.5 } as const;
/** Candidates wink hands on for the exact order. */
const candidateCount = 120;
/** Entries of the inverted index read for one search at most, unless a single term has more. */
const candidatePostings = 3_000;
/** wink refuses to work with fewer documents; empty ones fill up. */
const fewestDocuments = 3;
/** Documents added between two looks at the clock while building. */
const documentsPerLook = 32;

type Filter = { readonly servers: ReadonlySet<string> | null; readonly effects: ReadonlySet<string> | null };

export class ToolIndex {
  readonly #tools: readonly PreparedTool[];
  readonly #engine: ReturnType<typeof bm25>;
  readonly #exact: ExactNames;
  readonly #ranking: Ranking;
  readonly #vocabulary: Vocabulary;

  private constructor(tools: readonly PreparedTool[], engine: ReturnType<typeof bm25>) {
    this.#tools = tools;
    this.#engine = engine;
    this.#exact = new ExactNames(tools);
    const tokens = engine.getTokens();
    const idf = engine.getIDF();
    this.#vocabulary = { numberOf: (term) => tokens[term], idfOf: (number) => idf[number] ?? 0 };
    this.#ranking = new Ranking(tools, this.#vocabulary);
  }

  /** Builds an index; calls `breathe` now and then so that its thread can answer searches meanwhile. */
  static async build(tools: readonly PreparedTool[], breathe: () => Promise<void> | undefined): Promise<ToolIndex> {
    const engine = bm25();
    engine.defineConfig({
      fldWeights: candidateWeights,
      bm25Params: { k1: 1.2, b: 0.75, k: 1 },
      ovFldNames: ['owner', 'effect'],
    });
    // Fields come as terms already, the search text as terms joined by spaces.
    engine.definePrepTasks([(text: string) => text.split(' ')]);
    for (const field of fieldNames) engine.definePrepTasks([(terms: readonly string[]) => terms], field);
    for (const [number, tool] of tools.entries()) {
      engine.addDoc({ ...tool.terms, owner: tool.server, effect: tool.effect }, String(number));
      if (number % documentsPerLook === 0) await breathe();
    }
    for (let number = tools.length; number < fewestDocuments; number += 1) engine.addDoc(emptyDocument, String(number));
    engine.consolidate();
    return new ToolIndex(tools, engine);
  }

  get size(): number {
    return this.#tools.length;
  }

  /** Best first. Filters decide what is looked at, so a page is short only when there is nothing more. */
  search(query: SearchQuery): SearchHit[] {
    const filter: Filter = {
      servers: query.servers === null ? null : new Set(query.servers),
      effects: query.effects === null ? null : new Set(query.effects),
    };
    const read = readQuery(query.query);
    const ranked = this.#ranking.read(read);
    const scores = new Map<number, number>();
    for (const [id] of this.#candidates(this.#candidateText(read), Math.max(candidateCount, query.limit), filter)) {
      const number = Number(id);
      scores.set(number, this.#ranking.score(number, ranked));
    }
    const best = Math.max(0, ...scores.values());
    for (const { number, closeness } of this.#exact.find(query.query)) {
      const tool = this.#tools[number];
      if (tool === undefined || !accepts(filter, tool.server, tool.effect)) continue;
      scores.set(number, (scores.get(number) ?? 0) + (best + 1) * closeness);
    }
    return [...scores]
      .sort((a, b) => b[1] - a[1] || a[0] - b[0])
      .slice(0, query.limit)
      .flatMap(([number, score]) => {
        const tool = this.#tools[number];
        return tool === undefined ? [] : [{ id: tool.id, score }];
      });
  }

  /**
   * The terms candidates are looked for with: the rarest first, until together they stand in enough tools. Words that
   * stand nearly everywhere would only make wink slow; they still count when candidates are put in order.
   */
  #candidateText(query: ReadQuery): string {
    const terms = new Map<string, { postings: number; original: boolean }>();
    for (const { term, related } of query.terms) {
      for (const other of related.keys()) {
        if (!terms.has(other)) terms.set(other, { postings: this.#postingsOf(other), original: false });
      }
      terms.set(term, { postings: this.#postingsOf(term), original: true });
    }
    const words: string[] = [];
    let postings = 0;
    for (const [term, { postings: more, original }] of [...terms].sort((a, b) => a[1].postings - b[1].postings)) {
      if (more === 0) continue;
      if (postings > 0 && postings + more > candidatePostings) break;
      postings += more;
      // An agent's own words count double, so that related ones bring tools into the cut and do not lead it.
      words.push(term);
      if (original) words.push(term);
    }
    return words.join(' ');
  }

  /** In how many tools a term stands, from wink's idf = ln((N + 1) / (n + 0.5)) with k = 1. */
  #postingsOf(term: string): number {
    const number = this.#vocabulary.numberOf(term);
    if (number === undefined) return 0;
    const documents = Math.max(fewestDocuments, this.#tools.length);
    return Math.max(1, Math.round((documents + 1) / Math.exp(this.#vocabulary.idfOf(number)) - 0.5));
  }

  #candidates(text: string, count: number, filter: Filter): [id: string, score: number][] {
    if (text === '' || this.#tools.length === 0) return [];
    if (filter.servers === null && filter.effects === null) return this.#engine.search(text, count);
    return this.#engine.search(text, count, (values) => accepts(filter, String(values.owner), String(values.effect)));
  }
}

const emptyDocument = {
  ...Object.fromEntries(fieldNames.map((field) => [field, []])),
  owner: '',
  effect: '',
};

function accepts(filter: Filter, server: string, effect: string): boolean {
  return (filter.servers?.has(server) ?? true) && (filter.effects?.has(effect) ?? true);
}
