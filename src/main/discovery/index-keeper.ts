/** Holds the index in use and makes the next one. Runs in the worker; knows nothing of threads. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SearchHit, SearchQuery } from './index.ts';
import { type PreparedTool, prepareTool } from './prepared-tool.ts';
import type { ServerTools } from './protocol.ts';
import { ToolIndex } from './tool-index.ts';

/** Milliseconds of building between two chances for a search to be answered. */
const longestTurn = 4;

export class IndexKeeper {
  readonly #servers = new Map<string, readonly PreparedTool[]>();
  #current: ToolIndex | undefined;
  #building: Promise<void> = Promise.resolve();

  /** Replaces the named servers' tools and swaps the new index in. Updates are made one after the other. */
  async update(servers: readonly ServerTools[]): Promise<{ tools: number; buildMs: number }> {
    const before = this.#building;
    let done: () => void = () => {};
    this.#building = new Promise((resolve) => {
      done = resolve;
    });
    try {
      await before;
      return await this.#build(servers);
    } finally {
      done();
    }
  }

  /** Always answers from one whole index: the newest that is finished. */
  search(query: SearchQuery): SearchHit[] {
    return this.#current?.search(query) ?? [];
  }

  async #build(servers: readonly ServerTools[]): Promise<{ tools: number; buildMs: number }> {
    const start = performance.now();
    const breathe = breather();
    for (const { server, tools } of servers) {
      const prepared: PreparedTool[] = [];
      for (const tool of tools) {
        prepared.push(prepareTool(tool));
        await breathe();
      }
      if (prepared.length === 0) this.#servers.delete(server);
      else this.#servers.set(server, prepared);
    }
    const all = [...this.#servers.values()].flat();
    this.#current = all.length === 0 ? undefined : await ToolIndex.build(all, breathe);
    return { tools: all.length, buildMs: performance.now() - start };
  }
}

/** Gives the thread's event loop a turn once enough time has passed since the last one. */
function breather(): () => Promise<void> | undefined {
  let last = performance.now();
  return () => {
    if (performance.now() - last < longestTurn) return undefined;
    return nextTurn().then(() => {
      last = performance.now();
    });
  };
}
