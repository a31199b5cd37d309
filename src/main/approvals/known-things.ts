import { type ApprovalState, toolIdOf } from '@shared/words.ts';
import type { ServerRecord, ToolRecord } from './index.ts';
import { type KnownServer, recordOfServer } from './known-server.ts';
import { type KnownTool, recordOf } from './known-tool.ts';

/** A server with its tools, vanished ones included. */
export interface ServerEntry {
  server: KnownServer;
  state: ApprovalState;
  record: ServerRecord;
  readonly tools: Map<string, KnownTool>;
}

export interface FoundTool {
  readonly tool: KnownTool;
  readonly entry: ServerEntry;
  readonly record: ToolRecord;
}

/** Everything known, in memory: what a call needs is one lookup away. Maps, because names come from servers. */
export class KnownThings {
  readonly #servers = new Map<string, ServerEntry>();
  /** By id, and only tools that are listed now: nobody can find or call another. */
  readonly #records = new Map<string, ToolRecord>();

  server(name: string): ServerEntry | undefined {
    return this.#servers.get(name);
  }

  servers(): ServerEntry[] {
    return [...this.#servers.values()];
  }

  record(id: string): ToolRecord | undefined {
    return this.#records.get(id);
  }

  putServer(server: KnownServer): ServerEntry {
    const record = recordOfServer(server);
    const { state } = record;
    const known = this.#servers.get(server.name);
    if (known) return Object.assign(known, { server, record, state });
    const entry = { server, record, state, tools: new Map<string, KnownTool>() };
    this.#servers.set(server.name, entry);
    return entry;
  }

  removeServer(name: string): void {
    const entry = this.#servers.get(name);
    if (!entry) return;
    for (const tool of entry.tools.keys()) this.#records.delete(toolIdOf(name, tool));
    this.#servers.delete(name);
  }

  /** Changes one tool of a server; its record follows with `refresh`. */
  putTool(tool: KnownTool): void {
    this.#servers.get(tool.server)?.tools.set(tool.name, tool);
  }

  removeTool({ server, name }: KnownTool): void {
    this.#servers.get(server)?.tools.delete(name);
    this.#records.delete(toolIdOf(server, name));
  }

  /** Makes the records of a server's tools anew after it or they changed. Records handed out before stay as they were. */
  refresh(name: string): void {
    const entry = this.#servers.get(name);
    if (!entry) return;
    for (const tool of entry.tools.values()) {
      const id = toolIdOf(name, tool.name);
      if (tool.present) this.#records.set(id, recordOf(tool, entry.state));
      else this.#records.delete(id);
    }
  }

  find(id: string): FoundTool | undefined {
    const record = this.#records.get(id);
    const entry = record && this.#servers.get(record.server);
    const tool = record && entry?.tools.get(record.name);
    return entry && tool ? { tool, entry, record } : undefined;
  }

  /** Listed tools, by server and in the servers' own order. */
  present({ state, server }: { state?: ApprovalState; server?: string }): FoundTool[] {
    const one = server === undefined ? undefined : this.#servers.get(server);
    const entries = server === undefined ? this.servers() : one ? [one] : [];
    const found: FoundTool[] = [];
    for (const entry of entries) {
      const tools = [...entry.tools.values()].filter((tool) => tool.present).sort((a, b) => a.position - b.position);
      for (const tool of tools) {
        const record = this.#records.get(toolIdOf(tool.server, tool.name));
        if (record && (state === undefined || record.state === state)) found.push({ tool, entry, record });
      }
    }
    return found;
  }
}
