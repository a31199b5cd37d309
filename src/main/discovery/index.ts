/** Entry of the discovery room: the tool index and ranking, in a worker thread. */
import type { Effect } from '@shared/words.ts';

export { createDiscovery, type DiscoveryOptions } from './discovery.ts';

/** What discovery writes to the log; a pino logger fits. */
export interface DiscoveryLog {
  debug(facts: object, message: string): void;
  warn(facts: object, message: string): void;
}

/** One searchable tool. Only approved tools are ever handed to the index. */
export interface IndexedTool {
  readonly id: string;
  readonly server: string;
  readonly name: string;
  readonly title: string | null;
  readonly description: string;
  readonly inputSchema: Readonly<Record<string, unknown>> | null;
  readonly effect: Effect;
}

export interface SearchQuery {
  readonly query: string;
  readonly limit: number;
  /** Filters are applied before the cut. */
  readonly servers: readonly string[] | null;
  readonly effects: readonly Effect[] | null;
}

export interface SearchHit {
  readonly id: string;
  /** Higher is better; comparable only within one answer. */
  readonly score: number;
}

export interface Discovery extends AsyncDisposable {
  /**
   * Replaces the documents of one server; an empty list removes them. Searches see the old or the new state. Resolves when
   * they see the new one; the index itself is made when the first search wants it.
   */
  setServer(server: string, tools: readonly IndexedTool[]): Promise<void>;
  search(query: SearchQuery): Promise<SearchHit[]>;
  size(): number;
}
