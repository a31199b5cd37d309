/** The parts of the wink packages that discovery uses; neither ships types. */
declare module 'wink-bm25-text-search' {
  interface Bm25Engine {
    defineConfig(config: {
      fldWeights: Record<string, number>;
      bm25Params?: { k1?: number; b?: number; k?: number };
      ovFldNames?: string[];
    }): boolean;
    /** Without a field: the default, which the search text passes through too. */
    definePrepTasks(tasks: readonly ((input: never) => unknown)[], field?: string): number;
    addDoc(document: Readonly<Record<string, unknown>>, id: string): number;
    /** Needs at least three documents. */
    consolidate(): boolean;
    search<P>(
      text: string,
      limit: number,
      filter?: (values: Record<string, unknown>, params: P) => boolean,
      params?: P,
    ): [id: string, score: number][];
    getTokens(): Readonly<Record<string, number>>;
    getIDF(): readonly number[];
  }
  export default function bm25(): Bm25Engine;
}

declare module 'wink-nlp-utils/src/string-stem.js' {
  /** Porter2; expects a lower-case word. */
  export default function stem(word: string): string;
}
