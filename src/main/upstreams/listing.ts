import type { ServerListing } from '../approvals/index.ts';
import { isJsonObject, METHOD_NOT_FOUND } from './json-rpc.ts';
import type { Session } from './negotiation.ts';
import type { RpcConnection } from './rpc-connection.ts';
import { UpstreamError } from './upstream-error.ts';

/** A server that pages without end must not fill memory. */
const MAX_PAGES = 500;
const MAX_ENTRIES = 20_000;
const PAGE_TIMEOUT_MS = 30_000;
const LIST_TIMEOUT_MS = 120_000;

interface ListKind {
  readonly method: string;
  /** The field of the result that holds the entries. */
  readonly field: string;
}

/**
 * Everything a server offers, entries as they were sent. A list that fails leaves its part empty and a note, so that it
 * does not spoil the rest; only a failure of the tool list fails the whole, since "no tools" would read as "all gone".
 *
 * @param note hears one sentence for everything that was left out
 * @throws UpstreamError
 */
export async function listEverything(options: {
  readonly connection: RpcConnection;
  readonly session: Session;
  readonly signal: AbortSignal | undefined;
  readonly now: () => number;
  readonly note: (text: string) => void;
}): Promise<ServerListing> {
  const { connection, session, note } = options;
  const { signal } = options;
  const startedAt = options.now();
  const timeLeft = () => Math.max(0, startedAt + LIST_TIMEOUT_MS - options.now());
  const offers = (capability: string) => isJsonObject(session.capabilities[capability]);
  const all = (kind: ListKind) => pages(connection, kind, { signal, timeLeft }, note);
  const optional = async (capability: string, kind: ListKind): Promise<readonly unknown[]> => {
    if (!offers(capability)) return [];
    try {
      return await all(kind);
    } catch (error) {
      if (error instanceof UpstreamError && (error.code === 'cancelled' || error.code === 'server_down')) throw error;
      if (!isMethodNotFound(error)) note(`${kind.method} failed and was left out: ${textOf(error)}`);
      return [];
    }
  };

  const [tools, resources, resourceTemplates, prompts] = await Promise.all([
    offers('tools') ? all({ method: 'tools/list', field: 'tools' }) : [],
    optional('resources', { method: 'resources/list', field: 'resources' }),
    optional('resources', { method: 'resources/templates/list', field: 'resourceTemplates' }),
    optional('prompts', { method: 'prompts/list', field: 'prompts' }),
  ]);
  return {
    at: options.now(),
    serverInfo: session.serverInfo,
    protocolVersion: session.protocolVersion,
    capabilities: session.capabilities,
    instructions: session.instructions,
    tools,
    resources,
    resourceTemplates,
    prompts,
  };
}

async function pages(
  connection: RpcConnection,
  kind: ListKind,
  limits: { readonly signal: AbortSignal | undefined; readonly timeLeft: () => number },
  note: (text: string) => void,
): Promise<readonly unknown[]> {
  const entries: unknown[] = [];
  const seen = new Set<string>();
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const result = await connection.request(kind.method, cursor === undefined ? undefined : { cursor }, {
      signal: limits.signal,
      timeoutMs: Math.min(PAGE_TIMEOUT_MS, limits.timeLeft()),
    });
    const found = result[kind.field];
    if (!Array.isArray(found)) {
      throw new UpstreamError('upstream_error', `The result of ${kind.method} holds no list of ${kind.field}.`, {
        notSent: false,
      });
    }
    for (const entry of found) {
      if (entries.length === MAX_ENTRIES) {
        note(`${kind.method} gave more than ${MAX_ENTRIES} entries; the rest was left out.`);
        return entries;
      }
      entries.push(entry);
    }
    // An empty string is a valid cursor (specification, pagination); only its absence ends the list.
    const next = result.nextCursor;
    if (typeof next !== 'string') return entries;
    if (seen.has(next)) {
      note(`${kind.method} gave the same cursor twice; the list ends there.`);
      return entries;
    }
    seen.add(next);
    cursor = next;
  }
  note(`${kind.method} has more than ${MAX_PAGES} pages; the rest was left out.`);
  return entries;
}

function isMethodNotFound(error: unknown): boolean {
  return error instanceof UpstreamError && error.rpcError?.code === METHOD_NOT_FOUND;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message.slice(0, 300) : String(error);
}
