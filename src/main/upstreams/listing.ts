import { elementsOf, memberText } from '@shared/json-text.ts';
import { markedArguments } from '@shared/mirrored-headers.ts';
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

const TOOLS: ListKind = { method: 'tools/list', field: 'tools' };

/** The entries of a list and, in the same places, their texts. */
interface Entries {
  readonly values: readonly unknown[];
  readonly texts: readonly string[];
}

const NONE: Entries = { values: [], texts: [] };

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
  const limits = limitsFrom(options.now, options.signal);
  const offers = (capability: string) => isJsonObject(session.capabilities[capability]);
  const all = (kind: ListKind) => pages(connection, kind, limits, note);
  const optional = async (capability: string, kind: ListKind): Promise<Entries> => {
    if (!offers(capability)) return NONE;
    try {
      return await all(kind);
    } catch (error) {
      if (error instanceof UpstreamError && (error.code === 'cancelled' || error.code === 'server_down')) throw error;
      if (!isMethodNotFound(error)) note(`${kind.method} failed and was left out: ${textOf(error)}`);
      return NONE;
    }
  };

  const [tools, resources, resourceTemplates, prompts] = await Promise.all([
    offers('tools') ? all(TOOLS).then((found) => callable(connection, found, note)) : NONE,
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
    tools: tools.values,
    resources: resources.values,
    resourceTemplates: resourceTemplates.values,
    prompts: prompts.values,
    texts: {
      tools: tools.texts,
      resources: resources.texts,
      resourceTemplates: resourceTemplates.texts,
      prompts: prompts.texts,
    },
  };
}

/** Lists the tools once more, only for the connection to learn which arguments headers repeat. @throws UpstreamError */
export async function listTools(
  connection: RpcConnection,
  signal: AbortSignal | undefined,
  now: () => number,
): Promise<void> {
  const { values } = await pages(connection, TOOLS, limitsFrom(now, signal), () => undefined);
  connection.learnTools(values);
}

interface Limits {
  readonly signal: AbortSignal | undefined;
  readonly timeLeft: () => number;
}

function limitsFrom(now: () => number, signal: AbortSignal | undefined): Limits {
  const startedAt = now();
  return { signal, timeLeft: () => Math.max(0, startedAt + LIST_TIMEOUT_MS - now()) };
}

/** Leaves out the tools that a client must leave out, where headers repeat arguments (2026-07-28 over HTTP). */
function callable(connection: RpcConnection, found: Entries, note: (text: string) => void): Entries {
  if (!connection.mirrorsArguments) return found;
  connection.learnTools(found.values);
  const flaws = found.values.map(flawOfMarks);
  if (flaws.every((flaw) => flaw === null)) return found;
  flaws.forEach((flaw, index) => {
    if (flaw === null) return;
    const tool = found.values[index];
    const name = isJsonObject(tool) ? String(tool.name).slice(0, 100) : '';
    note(`The tool ${name} was left out: in its x-mcp-header marks, ${flaw}.`);
  });
  const isKept = (_: unknown, index: number) => flaws[index] === null;
  return { values: found.values.filter(isKept), texts: found.texts.filter(isKept) };
}

/** What is wrong with the marks of a tool; null when nothing is. */
function flawOfMarks(tool: unknown): string | null {
  const marked = isJsonObject(tool) ? markedArguments(tool.inputSchema) : [];
  return typeof marked === 'string' ? marked : null;
}

async function pages(
  connection: RpcConnection,
  kind: ListKind,
  limits: Limits,
  note: (text: string) => void,
): Promise<Entries> {
  const values: unknown[] = [];
  const texts: string[] = [];
  const entries: Entries = { values, texts };
  const seen = new Set<string>();
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const params = cursor === undefined ? undefined : { cursor };
    const result = await connection.request(
      kind.method,
      { params },
      { signal: limits.signal, timeoutMs: Math.min(PAGE_TIMEOUT_MS, limits.timeLeft()) },
    );
    const found = result.value[kind.field];
    if (!Array.isArray(found)) {
      throw new UpstreamError('upstream_error', `The result of ${kind.method} holds no list of ${kind.field}.`, {
        notSent: false,
      });
    }
    const foundTexts = elementsOf(memberText(result.json, kind.field) ?? '');
    for (const [index, value] of found.entries()) {
      if (values.length === MAX_ENTRIES) {
        note(`${kind.method} gave more than ${MAX_ENTRIES} entries; the rest was left out.`);
        return entries;
      }
      values.push(value);
      texts.push(foundTexts[index] ?? JSON.stringify(value));
    }
    // An empty string is a valid cursor (specification, pagination); only its absence ends the list.
    const next = result.value.nextCursor;
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
